#!/usr/bin/env python3
"""Writes tests/golden/matching.json: small seeded inputs and what NumPy makes of them by the formulas of src/matching.

Run from the repository root: python3 scripts/make_matching_golden.py
The formulas are written out here on their own, straight from their statement in the headers; nothing is imported.
"""
import itertools
import json
import math
import pathlib

import numpy as np

SEED = 20250107
DIMENSIONS = 6
USERS, ITEMS, ROWS = 5, 4, 18
K_RECENT, GAMMA, ALPHA = 3, 0.65, 0.85
MIN_LENGTH = 1e-6


def unit(vector):
    length = np.sqrt(np.sum(np.square(vector)))
    return np.zeros_like(vector) if length < MIN_LENGTH else vector / length


def missing(vector):
    return not np.any(vector)


class Data:
    """x, who wrote which row about what, and which rows the item side may use."""

    def __init__(self, rng):
        self.raw = np.float32(rng.normal(size=(ROWS, DIMENSIONS)) + 0.8)
        self.raw /= np.linalg.norm(self.raw, axis=1, keepdims=True)
        self.raw[7] = 0  # a review without text
        self.user = rng.integers(0, USERS, ROWS)
        self.item = rng.integers(0, ITEMS, ROWS)
        self.item[self.user == 4] = 3  # item 3 is known through user 4 alone
        self.item[(self.user != 4) & (self.item == 3)] = 2
        self.item_side = rng.random(ROWS) < 0.75
        self.item_side[self.user == 4] = True
        self.mean = np.mean([r.astype(np.float64) for r, s in zip(self.raw, self.item_side) if s and not missing(r)], 0)
        self.x = np.array([r if missing(r) else unit(r.astype(np.float64) - self.mean) for r in self.raw])

    def item_mean(self, item, without):
        rows = [r for r in range(ROWS) if self.item[r] == item and self.item_side[r] and self.user[r] not in without
                and not missing(self.x[r])]
        return unit(np.sum(self.x[rows], axis=0)) if rows else np.zeros(DIMENSIONS)

    def profile(self, liked, without, side):
        total = np.zeros(DIMENSIONS)
        for j, row in enumerate(liked[:K_RECENT]):
            parts = []
            if side != "items":
                parts.append(self.x[row])
            if side != "own":
                parts.append(self.item_mean(self.item[row], without))
            parts = [p for p in parts if not missing(p)]
            if len(parts) == 2:
                total += GAMMA**j * unit(parts[0] + parts[1])
            elif parts:
                total += GAMMA**j * parts[0]
        return unit(total)

    def support(self, rows, without=()):
        rows = [r for r in rows if self.user[r] not in without]
        return unit(np.sum(self.x[rows], axis=0)) if rows else np.zeros(DIMENSIONS)

    def readers(self, item, rows, liked, without=()):
        total = np.zeros(DIMENSIONS)
        for writer in dict.fromkeys(int(self.user[r]) for r in rows):
            if writer not in without:
                others = [r for r in liked[writer] if self.item[r] != item]
                total += self.profile(others, {writer, *without}, "both")
        return unit(total)


def score(similarities):
    best = int(np.argmax(similarities))
    others = np.delete(similarities, best)
    value = similarities[best] if len(others) == 0 else ALPHA * similarities[best] + (1 - ALPHA) * others.mean()
    return float(value), best


def standardized(values):
    known = np.array([v for v in values if v is not None], dtype=np.float64)
    if len(known) == 0:
        return [0.0 for _ in values]
    deviation = known.std()
    flat = deviation <= 1e-12 * np.abs(known).max()
    return [0.0 if v is None or flat else (v - known.mean()) / deviation for v in values]


def words_case(rng):
    """Unit rows over eight terms; item vectors from item-side rows; user vectors over both."""
    terms, rows = 8, 6
    x = np.where(rng.random((rows, terms)) < 0.5, rng.random((rows, terms)), 0).astype(np.float32)
    x[5] = 0
    x = np.array([unit(r.astype(np.float64)) for r in x]).astype(np.float32)
    item_of_row = [0, 0, 1, 1, 2, 2]
    item_rows = [[0, 1], [2], [5]]
    items = np.array([unit(x[r].astype(np.float64).sum(axis=0)) for r in item_rows])
    liked = [4, 1, 5, 2]
    own = unit(sum(GAMMA**j * x[r].astype(np.float64) for j, r in enumerate(liked[:K_RECENT])))
    of_items = unit(sum(GAMMA**j * items[item_of_row[r]] for j, r in enumerate(liked[:K_RECENT])))
    return {"x": x.tolist(), "item_of_row": item_of_row, "item_rows": item_rows, "items": items.tolist(),
            "liked": liked, "user": unit(own + of_items).tolist()}


def choice_case(rng):
    """Lists with three channels; NDCG@10 of every combination of a grid, and the choice by gain less two standard errors."""
    lists, size = 60, 14
    z = np.round(rng.normal(size=(lists, size, 3)), 1)  # rounded, so that scores tie
    utility = z @ np.array([0.4, 0.1, 0.9]) + rng.gumbel(size=(lists, size))
    target = utility.argmax(axis=1)
    grid = [[0.0, 1.0], [0.0, 0.5, 1.0], [0.0, 0.5, 1.0, 2.0]]

    def ndcg(w):
        values = []
        for list_z, right in zip(z, target):
            scores = [sum(float(a) * b for a, b in zip(row, w)) for row in list_z]
            rank = 1 + sum(s > scores[right] or (s == scores[right] and i < right) for i, s in enumerate(scores))
            values.append(1 / math.log2(rank + 1) if rank <= 10 else 0.0)
        return np.array(values)

    start = [1.0, 1.0, 0.5]
    from_start = ndcg(start)
    best, chosen = 0.0, start
    for w in itertools.product(*grid):
        gain = ndcg(w) - from_start
        bound = gain.mean() - 2 * gain.std(ddof=1) / math.sqrt(lists)
        if bound > best:
            best, chosen = bound, list(w)
    return {"z": z.tolist(), "target": target.tolist(), "grid": grid, "start": start, "start_ndcg": from_start.tolist(),
            "weights": chosen, "ndcg": ndcg(chosen).tolist()}


def main():
    rng = np.random.default_rng(SEED)
    data = Data(rng)
    order = rng.permutation(ROWS)
    rating_ok = rng.random(ROWS) < 0.8
    liked = {u: [int(r) for r in order if data.user[r] == u and rating_ok[r]] for u in range(USERS)}
    liked_item_side = {u: [r for r in rows if data.item_side[r]] for u, rows in liked.items()}
    personas = []
    for item in range(ITEMS):
        rows = [r for r in range(ROWS) if data.item[r] == item and data.item_side[r]]
        personas.append({"item": item, "support": [int(r) for r in rows[:3]]})
    head = rng.normal(size=(DIMENSIONS, DIMENSIONS)).astype(np.float32)
    similarities = [rng.normal(size=n).astype(np.float32) for n in (1, 2, 7)]
    values = [0.3, None, -1.2, 4.0, None, 0.3, 2.5]
    golden = {
        "made_by": "scripts/make_matching_golden.py",
        "k_recent": K_RECENT, "gamma": GAMMA, "alpha": ALPHA,
        "raw": data.raw.tolist(), "user": data.user.tolist(), "item": data.item.tolist(),
        "item_side": [int(s) for s in data.item_side], "users": USERS, "items": ITEMS,
        "mean": data.mean.tolist(), "x": data.x.tolist(),
        "liked": [liked[u] for u in range(USERS)],
        "liked_item_side": [liked_item_side[u] for u in range(USERS)],
        "item_means": [{"item": i, "without": w, "vector": data.item_mean(i, w).tolist()}
                       for i in range(ITEMS) for w in ([], [0], [4], [0, 1])],
        "profiles": [{"user": u, "side": side, "vector": data.profile(liked[u], {u}, side).tolist()}
                     for u in range(USERS) for side in ("own", "items", "both")],
        "personas": [{**p, "support_vector": data.support(p["support"]).tolist(),
                      "readers_vector": data.readers(p["item"], p["support"], liked_item_side).tolist(),
                      "support_without_0": data.support(p["support"], {0}).tolist(),
                      "readers_without_0": data.readers(p["item"], p["support"], liked_item_side, {0}).tolist()}
                     for p in personas],
        "head": head.tolist(),
        "mapped": [unit(head.astype(np.float64) @ r).tolist() for r in data.x],
        "scores": [{"similarities": s.tolist(), "score": score(s.astype(np.float64))[0], "best": score(s)[1]}
                   for s in similarities],
        "channel": {"values": values, "z": standardized(values)},
        "words": words_case(rng),
        "choice": choice_case(rng),
    }
    path = pathlib.Path(__file__).resolve().parent.parent / "tests" / "golden" / "matching.json"
    path.write_text(json.dumps(golden, indent=1) + "\n")
    print(f"wrote {path.relative_to(path.parent.parent.parent)}")


if __name__ == "__main__":
    main()
