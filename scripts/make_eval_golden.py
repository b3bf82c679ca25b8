#!/usr/bin/env python3
"""Writes tests/golden/eval: small random lists and truths, and what ranx (an independent implementation) says of them.

Run from the repository root, in a Python that has ranx (pip install ranx): python3 scripts/make_eval_golden.py

Users have one to six true items, lists of no to thirty items, and some have no list; users without one count as 0.
"""
import json
import pathlib
import random

from ranx import Qrels, Run, evaluate

USERS, ITEMS, SEED = 40, 60, 7
KS = (1, 5, 10, 20)
NAMES = {"HIT": "hit_rate", "MRR": "mrr", "NDCG": "ndcg"}


def make_lists(rng: random.Random):
    truth, lists = {}, {}
    for number in range(USERS):
        user = f"u{number:02}"
        truth[user] = rng.sample(range(ITEMS), rng.randint(1, 6))
        if number % 9 != 8:
            lists[user] = rng.sample(range(ITEMS), rng.randint(0, 30))
    return truth, lists


def per_user_values(truth, lists):
    qrels = Qrels({user: {f"i{item}": 1 for item in items} for user, items in truth.items()})
    run = Run({user: {f"i{item}": float(-rank) for rank, item in enumerate(items)}
               for user, items in lists.items() if items})
    values = {user: {} for user in truth}
    for ours, theirs in NAMES.items():
        for k in KS:
            evaluate(qrels, run, f"{theirs}@{k}", make_comparable=True)
            for user, value in run.scores[f"{theirs}@{k}"].items():
                values[user][f"{ours}@{k}"] = round(float(value), 12)
    return values


def write_rows(path: pathlib.Path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def main():
    folder = pathlib.Path(__file__).resolve().parent.parent / "tests" / "golden" / "eval"
    folder.mkdir(parents=True, exist_ok=True)
    truth, lists = make_lists(random.Random(SEED))
    write_rows(folder / "truth.jsonl",
               [{"user_id": user, "item_id": f"i{item}"} for user, items in truth.items() for item in items])
    write_rows(folder / "lists.jsonl",
               [{"user_id": user, "results": [{"item_id": f"i{item}"} for item in items]}
                for user, items in lists.items()])
    write_rows(folder / "ranx.jsonl",
               [{"user_id": user, "metrics": values} for user, values in per_user_values(truth, lists).items()])


if __name__ == "__main__":
    main()
