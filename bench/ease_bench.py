#!/usr/bin/env python3
"""Times `candidates --method ease` beside LAPACK's own inverse and one matrix product of the same size, in one run.

    bench/ease_bench.py [--users 14640] [--items 7640] [--repeats 3] [--threads 2] [--folder build/bench]

Makes a seeded set of reviews, runs the whole command (reading, gram matrix, inverse, weights, scores of all users, lists of
100 written), and NumPy's own EASE on a gram matrix of the size: numpy.linalg.inv in f64, as the published code has it, then
users x items times items x items in f32. Also prints what the machine's products reach, the same command with every other
method, and whether one thread writes the same bytes. Seconds are the best of --repeats by the clock, and processor seconds
beside them, which a busy machine leaves alone. Needs NumPy (PyPI).
"""
import argparse
import hashlib
import os
import pathlib
import resource
import subprocess
import time

from ials_bench import ROOT, write_reviews

METHODS = ["popularity", "itemknn", "ials", "text-ease", "bpr", "lightgcn"]


class Best:
    """The best of several runs: seconds by the clock and by the processors."""

    def __init__(self, who, repeats, work):
        self.clock = self.cpu = float("inf")
        for _ in range(repeats):
            start, begun = time.perf_counter(), self.used(who)
            work()
            self.clock = min(self.clock, time.perf_counter() - start)
            self.cpu = min(self.cpu, self.used(who) - begun)

    @staticmethod
    def used(who):
        usage = resource.getrusage(who)
        return usage.ru_utime + usage.ru_stime

    def __str__(self):
        return f"{self.clock:7.2f} s   {self.cpu:7.2f} processor s"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=14640)
    parser.add_argument("--items", type=int, default=7640)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--methods", default=",".join(METHODS), help="further methods to time, once each; empty: none")
    parser.add_argument("--program", default=ROOT / "build/release/persona4rec")
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / "build/bench")
    options = parser.parse_args()
    for name in ["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"]:
        os.environ[name] = str(options.threads)
    import numpy as np

    options.folder.mkdir(parents=True, exist_ok=True)
    aspects, lists = options.folder / f"ease-{options.users}-{options.items}.jsonl", options.folder / "ease-lists.jsonl"
    if not aspects.exists():
        write_reviews(aspects, options.users, options.items)

    def program(method, threads=options.threads, repeats=1):
        run = [options.program, "candidates", "--aspects", aspects, "--output", lists, "--method", method, "--no-fit",
               "--threads", str(threads), "--quiet"]
        return Best(resource.RUSAGE_CHILDREN, repeats, lambda: subprocess.run(run, check=True))

    def product(n, dtype, rows=None):
        a, b = np.ones((rows or n, n), dtype=dtype), np.ones((n, n), dtype=dtype)
        return Best(resource.RUSAGE_SELF, options.repeats, lambda: a @ b), 2e-9 * (rows or n) * n * n

    def digest():
        return hashlib.sha256(lists.read_bytes()).hexdigest()

    n = options.items
    rng = np.random.default_rng(7)
    gram = rng.integers(0, 3, (n, n)).astype(np.float64)
    gram = gram + gram.T + 5 * n * np.eye(n)
    inverse = Best(resource.RUSAGE_SELF, options.repeats, lambda: np.linalg.inv(gram))
    del gram
    scores, operations = product(n, np.float32, options.users)
    own = program("ease", repeats=options.repeats)
    several = digest()
    double, double_operations = product(min(n, 4000), np.float64)

    print(f"{options.users:,} users, {n:,} items, {options.threads} threads, load {os.getloadavg()[0]:.1f}, NumPy {np.__version__}")
    print(f"candidates --method ease, whole command   {own}")
    print(f"numpy.linalg.inv, f64                     {inverse}")
    print(f"users x items x items product, f32        {scores}")
    print(f"ratio to the two together: {own.clock / (inverse.clock + scores.clock):.2f} by the clock, "
          f"{own.cpu / (inverse.cpu + scores.cpu):.2f} by the processors")
    print(f"limit: f64 products {double_operations / double.clock:.0f} GFLOP/s, so the n^3 operations of a symmetric inverse take "
          f"{1e-9 * n ** 3 / (double_operations / double.clock):.2f} s; f32 products {operations / scores.clock:.0f} GFLOP/s")
    one = program("ease", threads=1)
    print(f"one thread: {one}, the same bytes: {'yes' if digest() == several else 'NO'}")
    for method in filter(None, options.methods.split(",")):
        print(f"--method {method:11}                      {program(method)}")


if __name__ == "__main__":
    main()
