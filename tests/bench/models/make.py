#!/usr/bin/env python3
"""Writes seeded models that are bound by memory, or grow along batch and sequence, with inputs and expected outputs.

    make.py mlp FOLDER [--layers 4 --width 4096 --batch 1]
    make.py gpt2 FOLDER [--layers 12 --width 768 --heads 12 --vocabulary 50257 --cache 128]
    make.py blocks FOLDER [--layers 4 --width 256 --heads 4 --batch 1 --sequence 128]

Each writes FOLDER/model.onnx and FOLDER/test_data_set_0, which is numpy's result of the same operations. The same
arguments give the same bytes. Nothing of it belongs into the repository: the decoder is half a gigabyte.
"""
import argparse
import math
import pathlib

import numpy as np
import onnx
from onnx import helper, numpy_helper


class Model:
    """A graph and what it computes, side by side: a value is a name, its content is in `of`."""

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.nodes, self.initializers, self.inputs, self.outputs = [], [], [], []
        self.of = {}
        self.constants = {}

    def input(self, name, value):
        self.of[name] = value
        self.inputs.append(name)
        return name

    def weight(self, *shape, scale=0.02, around=0.0):
        value = self.random.standard_normal(shape, dtype=np.float32) * np.float32(scale)
        return self.keep(f"w{len(self.initializers)}", value + np.float32(around))

    def constant(self, value):
        value = np.asarray(value)
        key = (value.dtype.str, value.shape, value.tobytes())
        if key not in self.constants:
            self.constants[key] = self.keep(f"c{len(self.initializers)}", value)
        return self.constants[key]

    def keep(self, name, value):
        self.initializers.append(numpy_helper.from_array(value, name))
        self.of[name] = value
        return name

    def op(self, kind, inputs, value, **attributes):
        name = f"{kind.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], name, **attributes))
        self.of[name] = value
        return name

    def add(self, a, b):
        return self.op("Add", [a, b], self.of[a] + self.of[b])

    def mul(self, a, b):
        return self.op("Mul", [a, b], self.of[a] * self.of[b])

    def relu(self, x):
        return self.op("Relu", [x], np.maximum(self.of[x], 0))

    def matmul(self, a, b):
        return self.op("MatMul", [a, b], np.matmul(self.of[a], self.of[b]))

    def reshape(self, x, *shape):
        target = self.constant(np.array(shape, np.int64))
        return self.op("Reshape", [x, target], self.of[x].reshape(shape))

    def transpose(self, x, *perm):
        return self.op("Transpose", [x], np.ascontiguousarray(self.of[x].transpose(perm)), perm=perm)

    def concat(self, a, b, axis):
        return self.op("Concat", [a, b], np.concatenate([self.of[a], self.of[b]], axis), axis=axis)

    def gather(self, table, rows):
        return self.op("Gather", [table, rows], self.of[table][self.of[rows]])

    def softmax(self, x):
        e = np.exp(self.of[x] - self.of[x].max(-1, keepdims=True))
        return self.op("Softmax", [x], e / e.sum(-1, keepdims=True), axis=-1)

    def normalise(self, x, width):
        scale, bias = self.weight(width, around=1.0), self.weight(width)
        v = self.of[x].astype(np.float64)
        centred = v - v.mean(-1, keepdims=True)
        y = centred / np.sqrt((centred * centred).mean(-1, keepdims=True) + 1e-5)
        y = (y * self.of[scale] + self.of[bias]).astype(np.float32)
        return self.op("LayerNormalization", [x, scale, bias], y, axis=-1, epsilon=1e-5)

    def dense(self, x, inputs, outputs, scale=0.02):
        return self.add(self.matmul(x, self.weight(inputs, outputs, scale=scale)), self.weight(outputs))

    def gelu(self, x):
        """GPT-2's: 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))."""
        number = lambda v: self.constant(np.float32(v))
        cube = self.mul(self.mul(x, x), x)
        inner = self.mul(self.add(x, self.mul(cube, number(0.044715))), number(math.sqrt(2 / math.pi)))
        bent = self.op("Tanh", [inner], np.tanh(self.of[inner]))
        return self.mul(self.mul(x, number(0.5)), self.add(bent, number(1)))

    def write(self, folder, name):
        def info(value):
            kind = helper.mapping.NP_TYPE_TO_TENSOR_TYPE[self.of[value].dtype]
            return helper.make_tensor_value_info(value, kind, self.of[value].shape)

        graph = helper.make_graph(self.nodes, name, [info(v) for v in self.inputs],
                                  [info(v) for v in self.outputs], self.initializers)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8,
                                  producer_name="tests/bench/models")
        data = folder / "test_data_set_0"
        data.mkdir(parents=True, exist_ok=True)
        onnx.save(model, folder / "model.onnx")
        for kind, names in (("input", self.inputs), ("output", self.outputs)):
            for i, value in enumerate(names):
                tensor = numpy_helper.from_array(self.of[value], value)
                (data / f"{kind}_{i}.pb").write_bytes(tensor.SerializeToString())


def split_heads(m, x, batch, rows, heads, width):
    return m.transpose(m.reshape(x, batch, rows, heads, width // heads), 0, 2, 1, 3)


def attend(m, q, k, v, batch, rows, width, heads):
    """softmax(q k' / sqrt(d)) v, its heads side by side again."""
    scale = m.constant(np.float32(1 / math.sqrt(width // heads)))
    scores = m.softmax(m.mul(m.matmul(q, m.transpose(k, 0, 1, 3, 2)), scale))
    return m.reshape(m.transpose(m.matmul(scores, v), 0, 2, 1, 3), batch, rows, width)


def block(m, x, batch, rows, width, heads, cache=None):
    """A block of a transformer that normalises first; `cache` is (layer, length): keys and values join those before."""
    normal = m.normalise(x, width)
    q, k, v = (split_heads(m, m.dense(normal, width, width), batch, rows, heads, width) for _ in "qkv")
    if cache is not None:
        layer, length = cache
        past = lambda: m.random.standard_normal((batch, heads, length, width // heads), dtype=np.float32)
        k = m.concat(m.input(f"past_k{layer}", past()), k, 2)
        v = m.concat(m.input(f"past_v{layer}", past()), v, 2)
        m.outputs += [k, v]
    x = m.add(x, m.dense(attend(m, q, k, v, batch, rows, width, heads), width, width))
    hidden = m.gelu(m.dense(m.normalise(x, width), width, 4 * width))
    return m.add(x, m.dense(hidden, 4 * width, width))


def mlp(args):
    m = Model(1)
    x = m.input("x", m.random.standard_normal((args.batch, args.width), dtype=np.float32))
    for layer in range(args.layers):
        x = m.dense(x, args.width, args.width, scale=1 / math.sqrt(args.width))
        if layer + 1 < args.layers:
            x = m.relu(x)
    m.outputs = [x]
    return m


def gpt2(args):
    m = Model(2)
    token = m.input("token", m.random.integers(0, args.vocabulary, (1, 1)))
    position = m.input("position", np.array([[args.cache]], np.int64))
    words = m.weight(args.vocabulary, args.width)
    x = m.add(m.gather(words, token), m.gather(m.weight(args.cache + 1, args.width), position))
    for layer in range(args.layers):
        x = block(m, x, 1, 1, args.width, args.heads, (layer, args.cache))
    logits = m.matmul(m.normalise(x, args.width), m.transpose(words, 1, 0))
    m.outputs.insert(0, logits)
    return m


def blocks(args):
    m = Model(3)
    shape = (args.batch, args.sequence, args.width)
    x = m.input("x", m.random.standard_normal(shape, dtype=np.float32))
    for _ in range(args.layers):
        x = block(m, x, args.batch, args.sequence, args.width, args.heads)
    m.outputs = [m.normalise(x, args.width)]
    return m


KINDS = {
    "mlp": (mlp, {"layers": 4, "width": 4096, "batch": 1}),
    "gpt2": (gpt2, {"layers": 12, "width": 768, "heads": 12, "vocabulary": 50257, "cache": 128}),
    "blocks": (blocks, {"layers": 4, "width": 256, "heads": 4, "batch": 1, "sequence": 128}),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = parser.add_subparsers(dest="kind", required=True)
    for kind, (_, sizes) in KINDS.items():
        own = kinds.add_parser(kind)
        own.add_argument("folder", type=pathlib.Path)
        for name, size in sizes.items():
            own.add_argument(f"--{name}", type=int, default=size)
    args = parser.parse_args()
    KINDS[args.kind][0](args).write(args.folder, args.kind)


if __name__ == "__main__":
    main()
