#!/usr/bin/env python3
"""Compares the scores of ials, bpr and lightgcn with scripts/first_stage_oracle.py on a whole set of reviews.

    python3 scripts/check_first_stages.py ASPECTS [--program build/release/persona4rec] [--passes 10] [--tolerance 1e-3]

ASPECTS is a 1_aspects.jsonl. Every user gets a list of all items that it lacks, under --split none; prints the largest
difference of a score, as a share of the scores' standard deviation, and ends with 1 where it is above the tolerance (the
program counts in float, NumPy in double). Needs NumPy; dense in users and items: a few thousand of both.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

import first_stage_oracle as oracle

FACTORS, SEED, UNOBSERVED, STEP = 16, 3, 10, 0.005
LAMBDA = {"ials": 0.03, "bpr": 0.03, "lightgcn": 0.01}
METHODS = {
    "ials": lambda had, passes: oracle.ials(had, FACTORS, LAMBDA["ials"], UNOBSERVED, passes, SEED),
    "bpr": lambda had, passes: oracle.pairwise(had, FACTORS, LAMBDA["bpr"], 0, STEP, passes, SEED),
    "lightgcn": lambda had, passes: oracle.pairwise(had, FACTORS, LAMBDA["lightgcn"], 3, STEP, passes, SEED),
}


def read_interactions(path):
    users, items, pairs = {}, {}, []
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            pairs.append((users.setdefault(row["user_id"], len(users)), items.setdefault(row["item_id"], len(items))))
    had = np.zeros((len(users), len(items)))
    had[tuple(np.array(pairs).T)] = 1
    return users, items, had


def lists_of(options, method, folder):
    path = folder / f"{method}.jsonl"
    settings = {"method": method, "factors": FACTORS, "passes": options.passes, "lambda": LAMBDA[method],
                "unobserved": UNOBSERVED, "step": STEP, "seed": SEED, "topk": 1000000, "split": "none"}
    flags = [part for name, value in settings.items() for part in (f"--{name}", str(value))]
    subprocess.run([options.program, "candidates", "--aspects", options.aspects, "--output", path, "--quiet", *flags],
                   check=True)
    with open(path, encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("aspects", type=pathlib.Path)
    parser.add_argument("--program", default="build/release/persona4rec")
    parser.add_argument("--passes", type=int, default=10)
    parser.add_argument("--tolerance", type=float, default=1e-3)
    options = parser.parse_args()
    users, items, had = read_interactions(options.aspects)
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        for method, scores_of in METHODS.items():
            expected = scores_of(had, options.passes)
            worst, count = 0.0, 0
            for row in lists_of(options, method, pathlib.Path(folder)):
                own = expected[users[row["user_id"]]]
                for result in row["results"]:
                    worst = max(worst, abs(own[items[result["item_id"]]] - result["score"]))
                    count += 1
            worst /= expected.std()
            print(f"{method}: {count} scores of {len(users)} users, largest difference {worst:.1e} standard deviations")
            if not count or worst > options.tolerance:
                wrong.append(method)
    return f"not the oracle's: {', '.join(wrong)}" if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
