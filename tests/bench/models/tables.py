#!/usr/bin/env python3
"""Latency of a transformer against batch and against sequence, ours beside ONNX Runtime's: does cost grow as work grows?

    tables.py --bin BUILD/bin [--peer ORT_BENCH.mjs] [--threads 2] [--seconds 0.3] [--batches 1,2,...] [--sequences 16,...]

Each row makes the blocks of `make.py`, compiles them, checks the result and times them. `us a token` falls or stays
level while the work of a token does; `growth` is the time over that of the row before, beside the growth of the work:
a row where time grows more than 1.3 times as much as work is marked as a cliff, and the exit code is 1.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
CLIFF = 1.3


def run(*command):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True).stdout


def last_json(text):
    return json.loads(text.strip().splitlines()[-1])


def operations(batch, sequence, layers=4, width=256):
    """Of the products: projections and MLP, and the two of attention."""
    tokens = batch * sequence
    return layers * tokens * (2 * 12 * width * width + 4 * sequence * width)


class Timer:
    def __init__(self, args, folder):
        self.args, self.folder = args, folder

    def measure(self, batch, sequence):
        """Milliseconds of ours and of the peer (None without one): the better of two turns each."""
        model, data = self.folder / "model.onnx", self.folder / "test_data_set_0"
        artifact = self.folder / "model.rdu"
        run(sys.executable, HERE / "make.py", "blocks", self.folder, "--batch", batch, "--sequence", sequence)
        run(self.args.bin / "rducc", model, "-o", artifact)
        run(self.args.bin / "rdu", "verify", artifact, "--device", self.args.device, "--data", data)
        timing = ["--threads", self.args.threads, "--seconds", self.args.seconds, "--data", data]
        ours, peers = [], []
        for _ in range(2):
            if self.args.peer:
                peer = last_json(run("node", self.args.peer, model, *timing))
                peers.append(peer["p10_ms"] - peer["call_overhead_ms"])
            bench = run(self.args.bin / "rdu", "bench", artifact, "--device", self.args.device, "--json", *timing)
            ours.append(last_json(bench)["p10_ms"])
        return min(ours), min(peers) if peers else None


def table(title, rows, timer):
    """Prints a row for each (batch, sequence); returns how many are cliffs."""
    print(f"\n{title}\n| batch | sequence | ms | us a token | GFLOP/s | growth | of work | peer ms | speed |")
    print("|---|---|---|---|---|---|---|---|---|")
    cliffs, before = 0, None
    for batch, sequence in rows:
        ours, peer = timer.measure(batch, sequence)
        work = operations(batch, sequence)
        growth, of_work = (ours / before[0], work / before[1]) if before else (None, None)
        cliff = growth is not None and growth > CLIFF * of_work
        cliffs += cliff
        text = lambda value, form: "" if value is None else format(value, form)
        print(f"| {batch} | {sequence} | {ours:.3f} | {1000 * ours / (batch * sequence):.2f} | {work / ours / 1e6:.0f} "
              f"| {text(growth, '.2f')}{' cliff' if cliff else ''} | {text(of_work, '.2f')} "
              f"| {text(peer, '.3f')} | {text(peer and peer / ours, '.2f')} |", flush=True)
        before = (ours, work)
    return cliffs


def numbers(text):
    return [int(word) for word in text.split(",")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--peer", type=pathlib.Path, help="a script that times ONNX Runtime and prints JSON")
    parser.add_argument("--device", default="cpu:")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=0.3)
    parser.add_argument("--batches", type=numbers, default=[1, 2, 4, 8, 16, 32, 64])
    parser.add_argument("--sequences", type=numbers, default=[16, 32, 64, 128, 256, 512, 1024, 2048])
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        timer = Timer(args, pathlib.Path(folder))
        cliffs = table("Sequence of 32, batch grows", [(b, 32) for b in args.batches], timer)
        cliffs += table("Batch of 1, sequence grows", [(1, s) for s in args.sequences], timer)
    print(f"\ncliffs: {cliffs}")
    return 1 if cliffs else 0


if __name__ == "__main__":
    sys.exit(main())
