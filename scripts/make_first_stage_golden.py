#!/usr/bin/env python3
"""Writes tests/golden/first_stage.json: a small seeded data set and the scores of the first-stage recommenders.

Run from the repository root: python3 scripts/make_first_stage_golden.py (needs NumPy and scikit-learn; made with 2.4.6
and 1.9.1). The closed forms are written out here on their own, straight from src/first_stage/first_stage.hpp; those that learn vectors in scripts/first_stage_oracle.py.
"""
import json
import pathlib

import numpy as np
import first_stage_oracle as oracle
from sklearn.feature_extraction.text import TfidfVectorizer

SEED = 20250211
USERS, ITEMS, PAIRS = 40, 18, 260
LAMBDA, ALPHA = 7.5, 3.0
NEIGHBOURS, SHRINK = 4, 2.0
# With 8 factors some rows of ials have fewer interactions and some have more.
LEARNT = {"ials": {"factors": 8, "lambda": 0.02, "passes": 3}, "bpr": {"factors": 6, "lambda": 0.1, "passes": 20},
          "lightgcn": {"factors": 6, "lambda": 0.05, "passes": 20}}
UNOBSERVED, STEP, LEARNT_SEED = 0.6, 0.02, 5
WORDS = [f"word{i}" for i in range(30)]


def interactions(rng):
    """(user, item) pairs; a few stand twice, item 17 is nobody's."""
    taste = rng.normal(size=(USERS, 3)) @ rng.normal(size=(3, ITEMS)) + rng.normal(size=ITEMS)
    taste[:, ITEMS - 1] = -np.inf
    pairs = []
    while len(pairs) < PAIRS:
        user, item = int(rng.integers(USERS)), int(rng.integers(ITEMS))
        if taste[user, item] > 0.3:
            pairs.append([user, item])
    return pairs


def reviews(rng, pairs):
    topics = rng.dirichlet([0.15] * len(WORDS), size=ITEMS)
    texts = [" ".join(rng.choice(WORDS, size=8, p=topics[item])) for _, item in pairs]
    held_out = (rng.random(len(pairs)) < 0.2).tolist()
    return texts, held_out


def item_vectors(pairs, texts, held_out):
    documents = [[] for _ in range(ITEMS)]
    for (_, item), text, out in zip(pairs, texts, held_out):
        if not out:
            documents[item].append(text)
    with_text = [i for i in range(ITEMS) if documents[i]]
    model = TfidfVectorizer(token_pattern=r"(?u)\b\w\w+\b", sublinear_tf=True, smooth_idf=True, min_df=2, max_df=0.3)
    model.fit([" ".join(documents[i]) for i in with_text])
    return model.transform([" ".join(document) for document in documents]).toarray()


def ease(gram, penalty, kernel=0.0):
    inverse = np.linalg.inv(gram + penalty * np.eye(ITEMS) + kernel)
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    return weights


def item_knn(gram):
    users = np.diag(gram)
    similarity = gram / (np.sqrt(np.outer(users, users)) + SHRINK)
    np.fill_diagonal(similarity, 0)
    for item in range(ITEMS):  # column = target item: keeps its nearest neighbours alone
        far = np.argsort(-similarity[:, item], kind="stable")[NEIGHBOURS:]
        similarity[far, item] = 0
    return similarity


def main():
    rng = np.random.default_rng(SEED)
    pairs = interactions(rng)
    texts, held_out = reviews(rng, pairs)
    had = np.zeros((USERS, ITEMS))
    for user, item in pairs:
        had[user, item] = 1
    gram = had.T @ had
    vectors = item_vectors(pairs, texts, held_out)
    centre = np.eye(ITEMS) - 1 / ITEMS
    kernel = centre @ (vectors @ vectors.T) @ centre
    golden = {
        "made_by": "scripts/make_first_stage_golden.py",
        "users": USERS, "items": ITEMS, "pairs": pairs,
        "texts": texts, "held_out": held_out,
        "lambda": LAMBDA, "alpha": ALPHA, "neighbours": NEIGHBOURS, "shrink": SHRINK,
        "text_cosines": (vectors @ vectors.T).tolist(),
        "text_kernel": kernel.tolist(),
        "popularity": np.tile(had.sum(0), (USERS, 1)).tolist(),
        "itemknn": (had @ item_knn(gram)).tolist(),
        "ease": (had @ ease(gram, LAMBDA)).tolist(),
        "text-ease": (had @ ease(gram, LAMBDA, ALPHA * kernel)).tolist(),
    }
    def of(name):
        return LEARNT[name]["factors"], LEARNT[name]["lambda"]
    golden |= {
        "learnt": LEARNT, "unobserved": UNOBSERVED, "step": STEP, "seed": LEARNT_SEED,
        "ials": oracle.ials(had, *of("ials"), UNOBSERVED, LEARNT["ials"]["passes"], LEARNT_SEED).tolist(),
        "bpr": oracle.pairwise(had, *of("bpr"), 0, STEP, LEARNT["bpr"]["passes"], LEARNT_SEED).tolist(),
        "lightgcn": oracle.pairwise(had, *of("lightgcn"), 3, STEP, LEARNT["lightgcn"]["passes"], LEARNT_SEED).tolist(),
    }
    path = pathlib.Path("tests/golden/first_stage.json")
    path.write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
