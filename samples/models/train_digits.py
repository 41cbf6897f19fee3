#!/usr/bin/python3
"""Trains the sample digit classifier and writes digits.onnx, pictures/ and digits_data/ beside this script.

Needs python3-numpy and python3-onnx; a minute or two on one core. Run it only to change the model: what it writes is committed.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before numpy: one thread adds in one order, so a seed means one result

import argparse
import pathlib
import time

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from digit_strokes import make_digits
from tiny_cnn import Adam, TinyCnn

HERE = pathlib.Path(__file__).resolve().parent
TRAIN_SEED, TEST_SEED, PICTURE_SEED, WEIGHT_SEED, ORDER_SEED = 1, 2, 3, 4, 5


def as_floats(pictures, dtype=np.float32):
    return pictures.astype(dtype) / dtype(255)


def train(count, epochs, batch=64):
    pictures, labels = make_digits(count, TRAIN_SEED)
    net = TinyCnn.random(WEIGHT_SEED)
    adam = Adam(net.parameters)
    order = np.random.default_rng(ORDER_SEED)
    steps = epochs * (count // batch)
    for epoch in range(epochs):
        began, losses = time.monotonic(), []
        for chosen in np.array_split(order.permutation(count), count // batch):
            rate = 2e-3 * (1 + np.cos(np.pi * adam.step_count / steps)) / 2
            loss, gradients = net.gradients(as_floats(pictures[chosen]), labels[chosen])
            adam.step(net.parameters, gradients, rate)
            losses.append(loss)
        print(f"epoch {epoch + 1}/{epochs}: loss {np.mean(losses):.4f}, {time.monotonic() - began:.0f} s", flush=True)
    return net


def accuracy(net, count):
    pictures, labels = make_digits(count, TEST_SEED)
    answers = np.concatenate([net.logits(as_floats(part)).argmax(1) for part in np.array_split(pictures, 50)])
    return (answers == labels).mean()


def write_onnx(net, path):
    def node(op, inputs, output, **attributes):
        return helper.make_node(op, inputs, [output], name=output, **attributes)

    def conv(index, source):
        name = f"conv{index}"
        return [
            node("Conv", [source, f"{name}.weight", f"{name}.bias"], name, kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
            node("Relu", [name], f"relu{index}"),
            node("MaxPool", [f"relu{index}"], f"pool{index}", kernel_shape=[2, 2], strides=[2, 2]),
        ]

    nodes = [
        *conv(1, "image"),
        *conv(2, "pool1"),
        node("Flatten", ["pool2"], "flat", axis=1),
        node("Gemm", ["flat", "dense1.weight", "dense1.bias"], "dense1", transB=1),
        node("Relu", ["dense1"], "relu3"),
        node("Gemm", ["relu3", "dense2.weight", "dense2.bias"], "logits", transB=1),
        node("Softmax", ["logits"], "probabilities", axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        "digits",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 1, 28, 28])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [1, 10])],
        [numpy_helper.from_array(value, name) for name, value in net.parameters.items()],
        doc_string="Handwritten-style digits 0-9, white on black.",
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="train_digits.py", ir_version=7)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString(deterministic=True))


def pick_pictures(exact):
    """From a fresh set: one picture of each digit that the network reads with little doubt, and the most doubtful one."""
    pictures, labels = make_digits(400, PICTURE_SEED)
    probabilities = exact.probabilities(as_floats(pictures, np.float64))
    sure = (probabilities.argmax(1) == labels) & (probabilities.max(1) > 0.9)
    clear = [pictures[np.flatnonzero(sure & (labels == digit))[0], 0] for digit in range(10)]
    return clear, pictures[probabilities.max(1).argmin()]


def write_pgm(picture, path):
    height, width = picture.shape
    path.write_bytes(b"P5\n%d %d\n255\n" % (width, height) + picture.tobytes())


def write_tensor(name, value, path):
    path.write_bytes(numpy_helper.from_array(value.astype(np.float32), name).SerializeToString(deterministic=True))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=30000, help="training pictures")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--out", type=pathlib.Path, default=HERE)
    options = parser.parse_args()

    net = train(options.count, options.epochs)
    print(f"accuracy on 10000 unseen pictures: {accuracy(net, 10000):.2%}")

    data = options.out / "digits_data" / "test_data_set_0"
    data.mkdir(parents=True, exist_ok=True)
    (options.out / "pictures").mkdir(exist_ok=True)
    write_onnx(net, options.out / "digits.onnx")
    exact = TinyCnn({name: value.astype(np.float64) for name, value in net.parameters.items()})
    clear, doubtful = pick_pictures(exact)
    for digit, picture in enumerate(clear):
        write_pgm(picture, options.out / "pictures" / f"{digit}.pgm")
    image = as_floats(doubtful)[None]
    write_tensor("image", image, data / "input_0.pb")
    write_tensor("probabilities", exact.probabilities(image.astype(np.float64)), data / "output_0.pb")


if __name__ == "__main__":
    main()
