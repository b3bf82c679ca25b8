#!/usr/bin/env python3
"""Times `eval` beside the published eval.py, and what the machine allows.

    bench/eval_bench.py [--users 200000] [--lists 20] [--runs 5] [--folder build/bench] [--build build/release]
    bench/eval_bench.py --gate [--users 1000000] ...

Alone: one file in the published layout (about 1.3 kB a list) against bench/published_eval.py on the same file, whose
means must be equal; then what reading it costs on this machine (io_bench, of a build with -DP4R_BENCH=ON): read(2),
SHA-256, and simdjson's DOM parser line by line on one and on two threads. With a second file like it, `eval` compares
both with 2,000 resamples. --gate: many users against a baseline, with bootstrap, randomisation test and one gate.

Inputs are written into the folder (250 MB each at 200,000 users), where they stay for the next run. Prints a Markdown
table; times are the best of the runs, their processor time beside it.
"""
import argparse
import json
import os
import pathlib
import random
import resource
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int)
    parser.add_argument("--lists", type=int, default=20, help="items a list")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / "build/bench")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("--gate", action="store_true")
    args = parser.parse_args()
    args.users = args.users or (1_000_000 if args.gate else 200_000)
    return args


def published_list(user, number, order, rng):
    score = rng.uniform(0.3, 0.9)
    results = []
    for item in order:
        results.append('{"item_id": "%s", "score": %r}' % (item, score))
        score *= rng.uniform(0.8, 1)
    return (
        '{"user_id": "%s", "topk": %d, "filter_scope": "train_valid", "results": [%s], "context": {"uid_field": '
        '"user_id", "iid_field": "item_id", "uid_internal": %d, "num_items": 30000, "filter_scope": "train_valid"}}\n'
        % (user, len(order), ", ".join(results), number)
    )


def short_list(user, number, order, rng):
    return '{"user_id":"%s","results":[%s]}\n' % (user, ",".join('{"item_id":"%s"}' % item for item in order))


def write_inputs(folder, users, length, write_list):
    """Ground truth and two files of lists; in the second, two items of every other list have changed places."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(1)
    items = ["B0" + "".join(rng.choices(LETTERS, k=8)) for _ in range(30000)]
    with open(folder / "gt.jsonl", "w") as truth, open(folder / "a.jsonl", "w") as first, open(
        folder / "b.tmp", "w"
    ) as second:
        for number in range(users):
            user = "A" + "".join(rng.choices(LETTERS, k=27))
            order = rng.sample(items, length)
            taken = order[min(length - 1, int(rng.expovariate(0.2)))] if rng.random() < 0.8 else "elsewhere"
            truth.write('{"user_id": "%s", "item_id": "%s"}\n' % (user, taken))
            for out in (first, second):
                out.write(write_list(user, number, order, rng))
                if rng.random() < 0.5:
                    a, b = rng.randrange(length), rng.randrange(length)
                    order[a], order[b] = order[b], order[a]
    (folder / "b.tmp").rename(folder / "b.jsonl")


def timed(words):
    """Seconds, processor seconds and output of one run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    run = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, run


def best(words, runs, ok=(0,)):
    done = [timed(words) for _ in range(runs)]
    for _, _, run in done:
        if run.returncode not in ok:
            sys.exit(run.stderr)
    return min(wall for wall, _, _ in done), min(cpu for _, cpu, _ in done), done[0][2].stdout


def peak_mib(words):
    """Of one run, in a process of its own: the largest resident set."""
    code = "import resource,subprocess,sys;subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL,check=True);"
    code += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    out = subprocess.run([sys.executable, "-c", code, *map(str, words)], capture_output=True, text=True, check=True)
    return int(out.stdout) / 1024


def means(text):
    report = json.loads(text)
    return {name: entry["mean"] for name, entry in report["files"][0]["groups"]["all"]["metrics"].items()}


def machine():
    model = next(line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name"))
    return f"{model}, {len(os.sched_getaffinity(0))} processors"


def bench_gate(args):
    folder = args.folder / f"eval-gate-{args.users}-{args.lists}"
    if not (folder / "b.jsonl").exists():
        write_inputs(folder, args.users, args.lists, short_list)
    print(f"{machine()}; {args.users:,} users, lists of {args.lists}")
    words = [args.build / "persona4rec", "eval", folder / "b.jsonl", "--baseline", folder / "a.jsonl"]
    words += ["--ground-truth", folder / "gt.jsonl", "--gate", "NDCG@10 drop <= 1%", "--quiet"]
    wall, cpu, out = best(words, args.runs, ok=(0, 5))
    print(f"{wall:.2f} s, {cpu:.2f} s of processors")
    print(next(line.strip() for line in out.splitlines() if line.startswith("  NDCG@10 drop")))


def bench_alone(args):
    folder = args.folder / f"eval-{args.users}-{args.lists}"
    if not (folder / "b.jsonl").exists():
        write_inputs(folder, args.users, args.lists, published_list)
    size = (folder / "a.jsonl").stat().st_size
    print(f"{machine()}; {args.users:,} lists of {args.lists}, {size / 1e6:.0f} MB\n")
    ours = [args.build / "persona4rec", "eval", folder / "a.jsonl", "--ground-truth", folder / "gt.jsonl", "--quiet"]
    both = [*ours, "--baseline", folder / "b.jsonl"]
    peer = [sys.executable, ROOT / "bench/published_eval.py", folder / "a.jsonl", folder / "gt.jsonl"]
    peer_wall, peer_cpu, peer_out = best(peer, max(1, args.runs // 2))
    rows = [("published eval.py", peer_wall, peer_cpu)]
    wall, cpu, _ = best(ours, args.runs)
    rows.append(("persona4rec eval", wall, cpu))
    rows.append(("the same, one thread", *best([*ours, "--threads", "1"], args.runs)[:2]))
    rows.append(("persona4rec eval, two files, 2,000 resamples", *best(both, args.runs)[:2]))
    limits = json.loads(subprocess.run([args.build / "bin/io_bench", folder / "a.jsonl"], capture_output=True,
                                       text=True, check=True).stdout)
    rows += [(name, seconds, None) for name, seconds in limits.items()]
    print("| | s | s of processors | of eval.py |\n|---|---|---|---|")
    for name, seconds, processors in rows:
        shown = f"{processors:.2f}" if processors else ""
        print(f"| {name} | {seconds:.3f} | {shown} | {peer_wall / seconds:.1f} x |")
    theirs = json.loads(peer_out)
    mine = means(subprocess.run([*ours, "--json", "-"], capture_output=True, text=True, check=True).stdout)
    worst = max(abs(theirs[name] - value) for name, value in mine.items())
    limit = limits["simdjson DOM, line by line, 2 threads"]
    print(f"\nlargest difference of a mean: {worst:.1e}")
    print(f"{100 * limit / wall:.0f} % of what simdjson's DOM parser allows on 2 threads")
    truth = (folder / "gt.jsonl").stat().st_size / 2**20
    print(f"largest resident set: {peak_mib(ours):.0f} MiB; the ground truth's file: {truth:.0f} MiB")


if __name__ == "__main__":
    arguments = parse_args()
    (bench_gate if arguments.gate else bench_alone)(arguments)
