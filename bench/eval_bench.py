#!/usr/bin/env python3
"""Times `eval` of many users against a baseline: bootstrap, randomisation test and one gate.

    bench/eval_bench.py [--users 1000000] [--lists 20] [--folder build/bench]

Writes the ground truth and two files of lists (85 MB for 100,000 users) into the folder, where they stay for the next
run, and prints the processor, the time of each of three runs and the gate's line.
"""
import argparse
import os
import pathlib
import random
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


def write_inputs(folder, users, length):
    rng = random.Random(1)
    items = [f"i{k}" for k in range(2000)]
    with open(folder / "gt.jsonl", "w") as truth, open(folder / "a.jsonl", "w") as first, open(
        folder / "b.jsonl", "w"
    ) as second:
        for user in range(users):
            order = rng.sample(items, length)
            taken = order[min(length - 1, int(rng.expovariate(0.2)))] if rng.random() < 0.8 else "elsewhere"
            truth.write('{"user_id":"u%d","item_id":"%s"}\n' % (user, taken))
            for out in (first, second):
                rows = ",".join('{"item_id":"%s"}' % item for item in order)
                out.write('{"user_id":"u%d","results":[%s]}\n' % (user, rows))
                if rng.random() < 0.5:
                    a, b = rng.randrange(length), rng.randrange(length)
                    order[a], order[b] = order[b], order[a]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--lists", type=int, default=20)
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / "build/bench")
    args = parser.parse_args()
    folder = args.folder / f"eval-{args.users}-{args.lists}"
    if not (folder / "b.jsonl").exists():
        folder.mkdir(parents=True, exist_ok=True)
        write_inputs(folder, args.users, args.lists)
    model = next(line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name"))
    print(f"{model}, {os.cpu_count()} processors; {args.users:,} users, lists of {args.lists}")
    words = [ROOT / "build/release/persona4rec", "eval", folder / "b.jsonl", "--baseline", folder / "a.jsonl"]
    words += ["--ground-truth", folder / "gt.jsonl", "--gate", "NDCG@10 drop <= 1%", "--quiet"]
    for _ in range(3):
        start = time.perf_counter()
        run = subprocess.run(words, capture_output=True, text=True)
        print(f"{time.perf_counter() - start:.1f} s, exit code {run.returncode}")
    print(next((line.strip() for line in run.stdout.splitlines() if line.startswith("  NDCG@10 drop")), run.stderr))


if __name__ == "__main__":
    main()
