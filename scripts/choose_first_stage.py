#!/usr/bin/env python3
"""Prints NDCG@10 of ease and text-ease over a grid of settings, by folds of the training positives alone.

Run: python3 scripts/choose_first_stage.py WORKSPACE   (needs NumPy and scikit-learn; `prepare` has run there)

Reads 3.5_history.jsonl and 3.5_targets.jsonl. The data are the item side: everything before each tested user's valid
target, so neither valid nor test targets are seen. A fold's positives leave the interactions, the item texts and the
document frequencies; their users keep their other history; each left-out item is ranked among all that its user lacks.
The defaults of include/persona4rec/first_stage.hpp were chosen on such a table (digital-music: 382 items).
"""
import argparse
import json
import pathlib

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

FOLDS = 8
LAMBDAS = [20, 50, 100, 200, 300]
ALPHAS = [0, 25, 50, 75, 100, 150]
POSITIVE = 3.0


def read_rows(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def item_side(workspace):
    """(user, item, positive, text) of everything before the valid target."""
    valid = {(row["user_id"], row["review_id"]) for row in read_rows(workspace / "3.5_targets.jsonl")
             if row["split"] == "valid"}
    rows = []
    for history in read_rows(workspace / "3.5_history.jsonl"):
        for review in history["reviews"]:
            if (history["user_id"], review["review_id"]) in valid:
                break
            text = review["review_title"] + "\n" + review["review_text"]
            rows.append((history["user_id"], review["item_id"], review["rating"] >= POSITIVE, text))
    return rows


class Fold:
    def __init__(self, rows, users, items, held_out):
        self.had = np.zeros((len(users), len(items)))
        documents = [[] for _ in items]
        self.targets = []
        for (user, item, _, text), out in zip(rows, held_out):
            if out:
                self.targets.append((users[user], items[item]))
                continue
            self.had[users[user], items[item]] = 1
            documents[items[item]].append(text)
        self.targets = [(u, i) for u, i in self.targets if self.had[u].any() and not self.had[u, i]]
        model = TfidfVectorizer(token_pattern=r"(?u)\b\w\w+\b", stop_words="english", sublinear_tf=True, min_df=2,
                                max_df=0.3)
        model.fit(["\n".join(texts) for texts in documents if texts])
        vectors = model.transform(["\n".join(texts) for texts in documents])
        centre = np.eye(len(items)) - 1 / len(items)
        self.kernel = centre @ (vectors @ vectors.T).toarray() @ centre
        self.gram = self.had.T @ self.had

    def ndcg(self, penalty, alpha):
        inverse = np.linalg.inv(self.gram + alpha * self.kernel + penalty * np.eye(len(self.gram)))
        weights = -inverse / np.diag(inverse)
        np.fill_diagonal(weights, 0)
        scores = np.where(self.had > 0, -np.inf, self.had @ weights)
        ranks = np.array([1 + np.sum(scores[user] > scores[user, item]) for user, item in self.targets])
        return np.where(ranks <= 10, 1 / np.log2(ranks + 1), 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("workspace", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()

    rows = item_side(arguments.workspace)
    users = {user: i for i, user in enumerate(dict.fromkeys(row[0] for row in rows))}
    items = {item: i for i, item in enumerate(dict.fromkeys(row[1] for row in rows))}
    fold_of = np.random.default_rng(arguments.seed).integers(0, FOLDS, len(rows))
    found = {}
    for fold in range(FOLDS):
        data = Fold(rows, users, items, [f == fold and row[2] for f, row in zip(fold_of, rows)])
        for penalty in LAMBDAS:
            for alpha in ALPHAS:
                found.setdefault((penalty, alpha), []).append(data.ndcg(penalty, alpha))

    print("NDCG@10     " + "".join(f"alpha {alpha:<5}" for alpha in ALPHAS) + "(alpha 0 = ease)")
    for penalty in LAMBDAS:
        cells = [np.concatenate(found[penalty, alpha]).mean() for alpha in ALPHAS]
        print(f"lambda {penalty:<5}" + "".join(f"{cell:<11.4f}" for cell in cells))


if __name__ == "__main__":
    main()
