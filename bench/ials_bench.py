#!/usr/bin/env python3
"""Compares `candidates --method ials` with the `implicit` library: NDCG@10 and time.

    bench/ials_bench.py [--users 20000] [--items 40000] [--factors 64] [--threads 2] [--reviews FILE] [--folder build/bench]

Makes a seeded set of users with tastes (or takes 1_aspects.jsonl from --reviews, where days that tie are in file order here
and in a seeded one there), holds out each user's last item, and runs both with as many threads. Both get the settings of a
grid that are best on the items before the last. What is timed is the fit: for the program a whole run less one with a
single pass, by what its share of the passes is. Needs NumPy, SciPy and implicit (PyPI).
"""
import argparse
import json
import os
import pathlib
import random
import subprocess
import time

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
DEPTH = 10


def write_reviews(path, users, items):
    """Users with two of 200 kinds of items; a kind's items and the kinds are more and less popular."""
    rng = random.Random(7)
    of_kind = [[] for _ in range(200)]
    for item in range(items):
        of_kind[rng.randrange(200)].append(item)
    with open(path, "w") as out:
        number = 0
        for user in range(users):
            kinds = [of_kind[min(199, int(rng.expovariate(0.02)))] for _ in range(2)]
            taken = set()
            for _ in range(4 + int(rng.expovariate(0.08))):
                kind = rng.choice(kinds) if rng.random() < 0.8 else of_kind[rng.randrange(200)]
                taken.add(kind[int(len(kind) * rng.random() ** 2.5)])
            for day, item in enumerate(rng.sample(sorted(taken), len(taken))):
                out.write(json.dumps({"review_id": str(number), "item_id": f"i{item}", "user_id": f"u{user}", "rating": 5,
                                      "timestamp": day * 86400000, "review_title": "", "review_text": "", "extracted_aspects": {},
                                      "status": "ok"}) + "\n")
                number += 1


def worlds(path):
    """Interactions in time, split as --split leave-one-out does: (train, valid, test) item lists by user."""
    rows = {}
    with open(path) as lines:
        for line in map(json.loads, lines):
            rows.setdefault(line["user_id"], []).append((line["timestamp"], line["item_id"], line["rating"] >= 3))
    return rows


def run_program(options, aspects, world, lists, *flags):
    start = time.perf_counter()
    subprocess.run([options.program, "candidates", "--aspects", aspects, "--output", lists, "--method", "ials", "--for", world, "--topk",
                    str(DEPTH), "--threads", str(options.threads), "--quiet", *map(str, flags)], check=True)
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=20000)
    parser.add_argument("--items", type=int, default=40000)
    parser.add_argument("--factors", type=int, default=64)
    parser.add_argument("--passes", type=int, default=16)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--reviews", type=pathlib.Path)
    parser.add_argument("--program", default=ROOT / "build/release/persona4rec")
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / "build/bench")
    options = parser.parse_args()
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    import scipy.sparse as sparse
    from implicit.als import AlternatingLeastSquares

    options.folder.mkdir(parents=True, exist_ok=True)
    aspects = options.reviews or options.folder / f"ials-{options.users}-{options.items}.jsonl"
    if not aspects.exists():
        write_reviews(aspects, options.users, options.items)
    histories = worlds(aspects)
    items = {}
    for rows in histories.values():
        for _, item, _ in rows:
            items.setdefault(item, len(items))

    def matrix_and_targets(world):
        """Of the users whom the program lists, what it has fitted on and who is to find what, by its own lists."""
        back = 2 if world == "valid" else 1
        had, targets = [], {}
        for number, (user, rows) in enumerate(histories.items()):
            rows = sorted(rows, key=lambda row: row[0])
            liked = [k for k, row in enumerate(rows) if row[2]]
            cut = len(rows)
            if len(liked) >= 3 and user in listed[world]:
                cut = liked[-back]
                targets[number] = items[rows[cut][1]]
            had += [(number, items[row[1]]) for row in rows[:cut]]
        users, columns = np.array(sorted(set(had))).T
        shape = (len(histories), len(items))
        return sparse.csr_matrix((np.ones(len(users), dtype=np.float32), (users, columns)), shape=shape), targets

    def ndcg(lists, targets):
        found = [list(lists[user][:DEPTH]).index(item) if item in lists[user][:DEPTH] else None for user, item in targets.items()]
        return sum(1 / np.log2(place + 2) for place in found if place is not None) / len(targets)

    lists, listed, own = options.folder / "ials-lists.jsonl", {}, {}
    numbers = {user: number for number, user in enumerate(histories)}

    def run(world, unobserved, penalty, passes):
        seconds = run_program(options, aspects, world, lists, "--factors", options.factors, "--passes", passes, "--unobserved",
                              unobserved, "--lambda", penalty)
        rows = [json.loads(line) for line in open(lists)]
        listed[world] = {row["user_id"] for row in rows}
        own[world] = {numbers[row["user_id"]]: [items[r["item_id"]] for r in row["results"]] for row in rows}
        return seconds

    def fit(matrix, alpha, regularization):
        model = AlternatingLeastSquares(factors=options.factors, regularization=regularization, alpha=alpha, iterations=options.passes,
                                        num_threads=options.threads, random_state=0)
        start = time.perf_counter()
        model.fit(matrix, show_progress=False)
        return model, time.perf_counter() - start

    def lists_of(model, matrix, targets):
        users = np.array(list(targets))
        ids, _ = model.recommend(users, matrix[users], N=DEPTH, filter_already_liked_items=True)
        return dict(zip(users.tolist(), ids.tolist()))

    tried, own_tried = {}, {}
    for settings in [(10, 0.03), (10, 0.01), (30, 0.01), (30, 0.003), (3, 0.03), (3, 0.1)]:
        run("valid", *settings, options.passes)
        matrix, targets = matrix_and_targets("valid")
        own_tried[settings] = ndcg(own["valid"], targets)
    for settings in [(alpha, regularization) for alpha in [1, 5, 20, 80] for regularization in [0.01, 0.3, 3, 30]]:
        tried[settings] = ndcg(lists_of(fit(matrix, *settings)[0], matrix, targets), targets)
    own_best, best = max(own_tried, key=own_tried.get), max(tried, key=tried.get)
    one_pass = run("test", *own_best, 1)
    seconds = (run("test", *own_best, options.passes) - one_pass) * options.passes / (options.passes - 1)
    matrix, targets = matrix_and_targets("test")
    model, peer_seconds = fit(matrix, *best)
    print(f"{len(histories):,} users, {len(items):,} items, {matrix.nnz:,} interactions, {options.factors} factors, "
          f"{options.passes} passes, {options.threads} threads")
    print(f"ials      fit {seconds:6.1f} s   NDCG@10 valid {own_tried[own_best]:.4f}   test {ndcg(own['test'], targets):.4f}   "
          f"(unobserved {own_best[0]}, lambda {own_best[1]}, best of {len(own_tried)} on valid)")
    print(f"implicit  fit {peer_seconds:6.1f} s   NDCG@10 valid {tried[best]:.4f}   test "
          f"{ndcg(lists_of(model, matrix, targets), targets):.4f}   (alpha {best[0]}, regularization {best[1]}, best of "
          f"{len(tried)} on valid)")


if __name__ == "__main__":
    main()
