#!/usr/bin/env python3
"""Times `rerank` as people run it, JSON Lines to JSON Lines: lists a second, and the time to each answer of a stream.

    bench/rerank_bench.py WORKSPACE [--lists 100000] [--runs 3] [--folder build/bench] [--build build/release]

WORKSPACE has a cache (scripts/run_pipeline.sh makes one). Lists of 20 and of 100 random items of the cache, of random
users, go in on stdin, where a user may come again, and answers into a file: on one thread and on all, whose bytes must
be equal. Then one line at a time through pipes, the next one when the answer to the last is there. Beside it, what the
machine takes for less (io_bench, of a build with -DP4R_BENCH=ON): simdjson's DOM parser over the same lines on two
threads, and the same pipes with `cat` in the program's place. Prints a Markdown table; times are the best of the runs, with the start of the
program in them.
"""
import argparse
import hashlib
import json
import os
import pathlib
import random
import resource
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
WARM_UP = 500
STREAMED = 5000


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=pathlib.Path)
    parser.add_argument("--lists", type=int, default=100_000, help="lists of 20; of those of 100 a fifth as many")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / "build/bench")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    return parser.parse_args()


def ids(path, field):
    with open(path) as lines:
        return [json.loads(line)[field] for line in lines]


def random_list(rng, users, items, length):
    score = rng.uniform(0.3, 0.9)
    results = []
    for item in rng.sample(items, length):
        results.append({"item_id": item, "score": score})
        score *= rng.uniform(0.8, 1)
    return json.dumps({"user_id": rng.choice(users), "results": results}) + "\n"


def command(args, threads):
    return [str(args.build / "persona4rec"), "rerank", "--workspace", str(args.workspace), "--candidates", "-",
            "--threads", str(threads), "--quiet", "--force"]


def through_file(args, threads, lists, answers):
    """Seconds, and processor seconds."""
    walls, processors = [], []
    for _ in range(args.runs):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        with open(lists) as stdin, open(answers, "w") as stdout:
            start = time.perf_counter()
            subprocess.run(command(args, threads), stdin=stdin, stdout=stdout, stderr=subprocess.DEVNULL, check=True)
            walls.append(time.perf_counter() - start)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        processors.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(walls), min(processors)


def read_line(file):
    text = b""
    while not text.endswith(b"\n"):
        text += os.read(file, 1 << 16)
    return text


def through_pipes(words, lines):
    """Milliseconds from each line to its answer."""
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    out, answers = process.stdin.fileno(), process.stdout.fileno()
    times = []
    for line in lines:
        start = time.perf_counter()
        os.write(out, line)
        read_line(answers)
        times.append((time.perf_counter() - start) * 1e3)
    process.stdin.close()
    process.wait()
    return sorted(times[WARM_UP:])


def machine():
    model = next(line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name"))
    return f"{model}, {len(os.sched_getaffinity(0))} processors"


def main():
    args = parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    cache = args.workspace / "cache"
    users = ids(cache / "user_profile/test/users.jsonl", "user_id")
    items = ids(cache / "words/items.jsonl", "item_id")
    meta = json.loads((cache / "item_persona/cache_meta.json").read_text())
    print(f"{machine()}; {len(items)} items, {meta['rows']} personas of {meta['dim']} dimensions\n")
    print("| lists of | threads | lists/s | processor us a list | streamed: median ms a line | p99 |")
    print("|---|---|---|---|---|---|")
    limits = []
    for length, count in ((20, args.lists), (100, args.lists // 5)):
        rng = random.Random(length)
        lists = args.folder / f"rerank-{length}.jsonl"
        with open(lists, "w") as out:
            for _ in range(count):
                out.write(random_list(rng, users, items, length))
        parse = json.loads(subprocess.run([args.build / "bin/io_bench", lists], capture_output=True, text=True,
                                          check=True).stdout)["simdjson DOM, line by line, 2 threads"]
        streamed = [random_list(rng, users, items, length).encode() for _ in range(WARM_UP + STREAMED)]
        digests = set()
        for threads in (1, len(os.sched_getaffinity(0))):
            answers = args.folder / "reranked.jsonl"
            seconds, processors = through_file(args, threads, lists, answers)
            digests.add(hashlib.sha256(answers.read_bytes()).hexdigest())
            times = through_pipes(command(args, threads), streamed)
            print(f"| {length} | {threads} | {count / seconds:,.0f} | {1e6 * processors / count:.1f} | "
                  f"{statistics.median(times):.3f} | {times[len(times) * 99 // 100]:.3f} |")
        echo = statistics.median(through_pipes(["cat"], streamed))
        limits.append(f"lists of {length}: simdjson's DOM parser alone on 2 threads {count / parse:,.0f} lists/s; "
                      f"`cat` answers a line after {echo:.3f} ms")
        if len(digests) > 1:
            sys.exit("the answers depend on the number of threads")
    print("\n" + "\n".join(limits))


if __name__ == "__main__":
    main()
