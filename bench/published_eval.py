#!/usr/bin/env python3
"""The published code's eval.py by its formulas: HIT, MRR and NDCG at 5, 10 and 20 of the first true item of each list.

    bench/published_eval.py CANDIDATES GROUND_TRUTH

Users are those with a list of at least one item and ground truth; items with an empty id are passed over, "[PAD]" takes
a position. bench/eval_bench.py runs it beside `persona4rec eval`; it is written for that, from the description of the
published code, and does nothing that a straightforward program would not do.
"""
import json
import math
import sys

KS = (5, 10, 20)


def read_truth(path):
    truth = {}
    with open(path) as lines:
        for line in lines:
            row = json.loads(line)
            truth.setdefault(row["user_id"], set()).add(row["item_id"])
    return truth


def first_rank(items, true_items):
    for rank, item in enumerate(items, 1):
        if item in true_items:
            return rank
    return 0


def main():
    truth = read_truth(sys.argv[2])
    sums = {(name, k): 0.0 for name in ("HIT", "MRR", "NDCG") for k in KS}
    users = 0
    with open(sys.argv[1]) as lines:
        for line in lines:
            row = json.loads(line)
            items = [result["item_id"] for result in row["results"] if result.get("item_id")]
            if not items or row["user_id"] not in truth:
                continue
            users += 1
            rank = first_rank(items, truth[row["user_id"]])
            for k in KS:
                if 0 < rank <= k:
                    sums["HIT", k] += 1
                    sums["MRR", k] += 1 / rank
                    sums["NDCG", k] += 1 / math.log2(rank + 1)
    print(json.dumps({"users": users, **{f"{name}@{k}": total / users for (name, k), total in sums.items()}}))


if __name__ == "__main__":
    main()
