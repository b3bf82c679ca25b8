#!/usr/bin/env python3
"""Writes tests/golden/eval: small random lists and truths, and what independent implementations say of them.

Run from the repository root, in a Python that has them: pip install ranx pytrec-eval-terrier numpy, then
    python3 scripts/make_eval_golden.py

ranx.jsonl and pytrec_eval.jsonl hold each user's values by ranx and by pytrec_eval (trec_eval's own C code). ties.trec is a
run whose scores are often equal: trec_eval orders equal scores by item name, the greater first, and pytrec_eval.jsonl's
"ties" are its values. ranx sorts by score alone and leaves equal ones as its sort finds them, so it has no row there.
lists.json holds what lists are like beside their true items, by NumPy from the formulas of docs/method.md.

Users have one to six true items, lists of no to thirty items, and some have no list; users without one count as 0.
"""
import json
import pathlib
import random

import numpy
import pytrec_eval
from ranx import Qrels, Run, evaluate

USERS, ITEMS, SEED = 40, 60, 7
KS = (1, 5, 10, 20)
RANX = {"HIT": "hit_rate", "MRR": "mrr", "NDCG": "ndcg", "RECALL": "recall", "PRECISION": "precision", "MAP": "map"}
TREC = {"HIT": "success", "NDCG": "ndcg_cut", "RECALL": "recall", "PRECISION": "P", "MAP": "map_cut"}


def make_lists(rng: random.Random):
    truth, lists = {}, {}
    for number in range(USERS):
        user = f"u{number:02}"
        truth[user] = rng.sample(range(ITEMS), rng.randint(1, 6))
        if number % 9 != 8:
            lists[user] = rng.sample(range(ITEMS), rng.randint(0, 30))
    return truth, lists


def ranx_values(truth, lists):
    qrels = Qrels({user: {f"i{item}": 1 for item in items} for user, items in truth.items()})
    run = Run({user: {f"i{item}": float(-rank) for rank, item in enumerate(items)}
               for user, items in lists.items() if items})
    values = {user: {} for user in truth}
    for ours, theirs in RANX.items():
        for k in KS:
            evaluate(qrels, run, f"{theirs}@{k}", make_comparable=True)
            for user, value in run.scores[f"{theirs}@{k}"].items():
                values[user][f"{ours}@{k}"] = round(float(value), 12)
    return values


def trec_values(truth, run):
    """run: {user: {item: score}}. MRR at k is trec_eval's recip_rank of the k best alone."""
    qrels = {user: {f"i{item}": 1 for item in items} for user, items in truth.items()}
    cuts = ",".join(map(str, KS))
    found = pytrec_eval.RelevanceEvaluator(qrels, {f"{name}.{cuts}" for name in TREC.values()}).evaluate(run)
    values = {user: {} for user in truth}
    for user in truth:
        for ours, theirs in TREC.items():
            for k in KS:
                values[user][f"{ours}@{k}"] = round(found.get(user, {}).get(f"{theirs}_{k}", 0.0), 12)
    for k in KS:
        best = {user: dict(sorted(scores.items(), key=lambda one: (one[1], one[0]), reverse=True)[:k])
                for user, scores in run.items()}
        found = pytrec_eval.RelevanceEvaluator(qrels, {"recip_rank"}).evaluate(best)
        for user in truth:
            values[user][f"MRR@{k}"] = round(found.get(user, {}).get("recip_rank", 0.0), 12)
    return values


def gini(counts):
    counts = numpy.sort(numpy.asarray(counts, dtype=float))
    n = len(counts)
    return float(((2 * numpy.arange(1, n + 1) - n - 1) * counts).sum() / (n * counts.sum()))


def list_values(truth, lists, reviews, base_ranks):
    """Means over users, and the two of whole files."""
    users = len({user for user, _ in reviews})
    popularity = {item: sum(1 for _, other in reviews if other == item) for item in range(ITEMS)}
    catalogue = {item for _, item in reviews} | {i for items in lists.values() for i in items} | {
        i for items in truth.values() for i in items}
    judged = {user: items for user, items in lists.items() if items}
    out = {}
    for k in KS:
        novelty = [numpy.mean([-numpy.log2(max(1, popularity[i]) / users) for i in items[:k]])
                   for items in judged.values()]
        moved = [numpy.mean([abs(place - rank) for place, rank in enumerate(base_ranks[user][:k], 1)])
                 for user in judged]
        shown = [i for items in judged.values() for i in items[:k]]
        out[f"NOVELTY@{k}"] = float(numpy.mean(novelty))
        out[f"DISPLACEMENT@{k}"] = float(numpy.mean(moved))
        out[f"COVERAGE@{k}"] = len(set(shown)) / len(catalogue)
        out[f"GINI@{k}"] = gini([shown.count(item) for item in sorted(catalogue)])
    return out


def write_rows(path: pathlib.Path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def main():
    folder = pathlib.Path(__file__).resolve().parent.parent / "tests" / "golden" / "eval"
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(SEED)
    truth, lists = make_lists(rng)
    write_rows(folder / "truth.jsonl",
               [{"user_id": user, "item_id": f"i{item}"} for user, items in truth.items() for item in items])
    write_rows(folder / "lists.jsonl",
               [{"user_id": user, "results": [{"item_id": f"i{item}"} for item in items]}
                for user, items in lists.items()])
    write_rows(folder / "ranx.jsonl",
               [{"user_id": user, "metrics": values} for user, values in ranx_values(truth, lists).items()])

    ordered = {user: {f"i{item}": float(-rank) for rank, item in enumerate(items)}
               for user, items in lists.items() if items}
    tied = {user: {f"i{item}": float(rng.randint(1, 4)) for item in items} for user, items in lists.items() if items}
    plain, ties = trec_values(truth, ordered), trec_values(truth, tied)
    write_rows(folder / "pytrec_eval.jsonl",
               [{"user_id": user, "metrics": plain[user], "ties": ties[user]} for user in truth])
    (folder / "ties.trec").write_text(
        "".join(f"{user} Q0 {item} 0 {score:g} golden\n" for user, scores in tied.items()
                for item, score in scores.items()), encoding="utf-8")

    reviews = sorted({(f"r{rng.randrange(30):02}", int(ITEMS * rng.random() ** 2)) for _ in range(250)})
    base_ranks = {user: rng.sample(range(1, len(items) + 1), len(items)) for user, items in lists.items()}
    write_rows(folder / "reviews.jsonl", [{"user_id": user, "item_id": f"i{item}"} for user, item in reviews])
    write_rows(folder / "moved.jsonl",
               [{"user_id": user, "results": [{"item_id": f"i{item}", "base_rank": rank}
                                              for item, rank in zip(items, base_ranks[user])]}
                for user, items in lists.items()])
    (folder / "lists.json").write_text(json.dumps(list_values(truth, lists, reviews, base_ranks), indent=1) + "\n",
                                       encoding="utf-8")


if __name__ == "__main__":
    main()
