#!/usr/bin/env python3
"""Head training on synthetic users beside the matrix products that its steps cannot do without, in the same run.

    bench/train_bench.py [--build build/release] [--threads 2] [train_bench's arguments: users, interactions each, ...]

Runs train_bench (cmake -DP4R_BENCH=ON), which says how long it took, then times the products of one step with torch.mm: two maps
forward and their slopes, the batch's scores and the slopes of both sides. Needs Python 3.9 and PyTorch. On a quiet machine.
"""
import argparse
import os
import re
import subprocess
import time
from pathlib import Path

import torch


def seconds_a_step(batch, dimensions, rounds):
    rows, other = torch.randn(batch, dimensions), torch.randn(batch, dimensions)
    weight, scores = torch.randn(dimensions, dimensions), torch.randn(batch, batch)
    best = float("inf")
    for _ in range(rounds):
        begun = time.perf_counter()
        for _ in range(2):
            torch.mm(rows, weight)
            torch.mm(rows.t(), other)
        torch.mm(rows, other.t())
        torch.mm(scores, other)
        torch.mm(scores.t(), rows)
        best = min(best, time.perf_counter() - begun)
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=Path("build/release"))
    parser.add_argument("--threads", type=int, default=2)
    options, words = parser.parse_known_args()
    shape = dict(zip(["users", "interactions", "items", "dimensions", "batch", "epochs"], map(int, words)))
    spin = {"GOMP_SPINCOUNT": "20000", **os.environ}  # as the program has it
    said = subprocess.run([options.build / "bin/train_bench", *words], check=True, stdout=subprocess.PIPE, text=True, env=spin).stdout
    print(said, end="")
    torch.set_num_threads(options.threads)
    step = seconds_a_step(shape.get("batch", 1024), shape.get("dimensions", 384), 50)
    steps = int(re.search(r"(\d+) steps", said).group(1))
    print(f"products alone  {steps * step:8.1f} s  ({1000 * step:.1f} ms a step, torch.mm, {options.threads} threads)")


if __name__ == "__main__":
    main()
