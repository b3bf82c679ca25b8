#!/usr/bin/env python3
"""Recomputes a whole reranked.jsonl with NumPy from the cache's files and compares every number.

  python3 scripts/check_scoring.py --cache WORKSPACE/cache --candidates candidate.test.jsonl --reranked reranked.jsonl

The formulas (src/matching, data/README.md) are written out here on their own. Weights, alpha and world are read from
<reranked>.meta.json. Checked, each to --tolerance (1e-6): fused score, persona score, the named persona (it must score as
high as the best), base score and rank, order (scores fall, ties in candidate order), [PAD] positions. With --profiles the
user profiles and persona vectors are also rebuilt from user_item (fp16, so to 2e-3). Exit code 1 where something differs.
"""
import argparse
import json
import math
import pathlib
import sys

import numpy as np

PAD = "[PAD]"
FLAT = 1e-12
MIN_LENGTH = 1e-6


def rows_of(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


class Sparse:
    def __init__(self, folder, name):
        self.begin = np.fromfile(folder / f"{name}.begin.u64.mmap", np.uint64).astype(np.int64)
        self.terms = np.fromfile(folder / f"{name}.terms.u32.mmap", np.uint32)
        self.weights = np.fromfile(folder / f"{name}.weights.f32.mmap", np.float32)

    def row(self, i):
        span = slice(self.begin[i], self.begin[i + 1])
        return self.terms[span], self.weights[span].astype(np.float64)


class Cache:
    def __init__(self, folder, world):
        self.folder = folder
        self.meta = json.loads((folder / "item_persona" / "cache_meta.json").read_text())
        self.dim = self.meta["dim"]
        persona_rows = rows_of(folder / "item_persona" / "personas.jsonl")
        self.persona_ids = [str(row["uid"]) for row in persona_rows]
        self.personas_of = {}
        for k, row in enumerate(persona_rows):
            self.personas_of.setdefault(str(row["item_id"]), []).append(k)
        profile = folder / "user_profile" / world
        self.users = {str(row["user_id"]): i for i, row in enumerate(rows_of(profile / "users.jsonl"))}
        self.items = {str(row["item_id"]): i for i, row in enumerate(rows_of(folder / "words" / "items.jsonl"))}
        of_world = ".valid" if world == "valid" else ""
        self.dense = {"persona": (self.half(profile / "frozen.fp16.mmap"),
                                  self.half(folder / "item_persona" / f"persona_embeds{of_world}.fp16.mmap"))}
        if self.meta["head"]:
            self.dense["head"] = (self.half(profile / "head.fp16.mmap"),
                                  self.half(folder / "item_persona" / f"persona_head{of_world}.fp16.mmap"))
        self.user_words = Sparse(folder / "words", f"users.{world}")
        self.item_words = {"words": Sparse(folder / "words", f"items{of_world}"),
                           "persona_words": Sparse(folder / "words", f"persona_words{of_world}")}

    def half(self, path):
        return np.memmap(path, np.float16, "r").reshape(-1, self.dim) if path.stat().st_size else np.zeros((0, self.dim))


def standardized(values):
    known = np.array([v for v in values if v is not None])
    if len(known) == 0:
        return np.zeros(len(values))
    deviation = known.std()
    if deviation <= FLAT * np.abs(known).max():
        return np.zeros(len(values))
    return np.array([0.0 if v is None else (v - known.mean()) / deviation for v in values])


def words_channel(cache, channel, user, items):
    values = [None] * len(items)
    if user is None:
        return values
    terms, weights = cache.user_words.row(user)
    if len(terms) == 0:
        return values
    mine = dict(zip(terms.tolist(), weights.tolist()))
    for i, item in enumerate(items):
        if item not in cache.items:
            continue
        item_terms, item_weights = cache.item_words[channel].row(cache.items[item])
        if len(item_terms):
            values[i] = sum(mine.get(t, 0.0) * w for t, w in zip(item_terms.tolist(), item_weights.tolist()))
    return values


def persona_channel(cache, name, user, items, alpha):
    """Values and, per item, {persona id: similarity}."""
    values, similarities = [None] * len(items), [{} for _ in items]
    users, personas = cache.dense[name]
    if user is None or not np.any(users[user]):
        return values, similarities
    u = users[user].astype(np.float64)
    for i, item in enumerate(items):
        rows = [k for k in cache.personas_of.get(item, []) if np.any(personas[k])]
        if not rows:
            continue
        s = personas[rows].astype(np.float64) @ u
        best = int(np.argmax(s))
        others = np.delete(s, best)
        values[i] = s[best] if len(others) == 0 else alpha * s[best] + (1 - alpha) * others.mean()
        similarities[i] = dict(zip((cache.persona_ids[k] for k in rows), s.tolist()))
    return values, similarities


class Checker:
    def __init__(self, cache, weights, alpha, tolerance):
        self.cache, self.weights, self.alpha, self.tolerance = cache, weights, alpha, tolerance
        self.worst, self.errors, self.lists, self.numbers = 0.0, [], 0, 0

    def near(self, what, got, expected):
        self.numbers += 1
        if got is None or expected is None:
            if (got is None) != (expected is None):
                self.errors.append(f"{what}: got {got}, expected {expected}")
            return
        difference = abs(got - expected)
        self.worst = max(self.worst, difference)
        if not difference <= self.tolerance * max(1.0, abs(expected)):
            self.errors.append(f"{what}: got {got}, expected {expected}")

    def check_list(self, candidates, reranked):
        self.lists += 1
        name = candidates["user_id"]
        listed = [c for c in candidates["results"] if str(c["item_id"]) != ""]
        free = [i for i, c in enumerate(listed) if c["item_id"] != PAD]
        items = [str(listed[i]["item_id"]) for i in free]
        user = self.cache.users.get(str(name))
        scores = [listed[i].get("score") for i in free]
        base = [-math.log(i + 1) for i in free] if None in scores else scores
        channels = {"base": base}
        for words in ("words", "persona_words"):
            channels[words] = words_channel(self.cache, words, user, items)
        best = [None] * len(items)
        for dense in ("persona", "head"):
            if self.weights[dense] == 0:
                continue
            channels[dense], similarities = persona_channel(self.cache, dense, user, items, self.alpha)
            for i, value in enumerate(channels[dense]):
                if value is not None:
                    best[i] = (value, similarities[i])
        total = np.zeros(len(items))
        for channel, values in channels.items():
            if self.weights[channel] != 0:
                total += self.weights[channel] * standardized(values)
        personal = any(self.weights[c] != 0 and any(v is not None for v in channels.get(c, []))
                       for c in ("words", "persona_words", "persona", "head"))
        self.compare(name, listed, free, total, best, reranked["results"], personal)

    def compare(self, name, listed, free, total, best, results, personal):
        if len(results) != len(listed):
            self.errors.append(f"{name}: {len(results)} results, expected {len(listed)}")
            return
        place = {i: n for n, i in enumerate(free)}
        before = None
        if sorted(r["base_rank"] for r in results) != list(range(1, len(listed) + 1)):
            self.errors.append(f"{name}: is no permutation of the candidates")
            return
        for position, result in enumerate(results):
            source = result["base_rank"] - 1
            where = f"{name} position {position + 1}"
            if str(result["item_id"]) != str(listed[source]["item_id"]):
                self.errors.append(f"{where}: item {result['item_id']} does not stand at base_rank")
                continue
            if listed[source]["item_id"] == PAD:
                if source != position:
                    self.errors.append(f"{where}: [PAD] moved")
                continue
            n = place[source]
            self.near(f"{where} score", result["score"], total[n])
            self.near(f"{where} base_score", result["base_score"], listed[source].get("score"))
            self.near(f"{where} persona_score", result["persona_score"], best[n][0] if best[n] else None)
            if best[n] and best[n][1][str(result["persona_id"])] < max(best[n][1].values()) - self.tolerance:
                self.errors.append(f"{where}: persona {result['persona_id']} is not the best")
            if personal and before is not None and total[n] > before[0] + self.tolerance:
                self.errors.append(f"{where}: stands below a lower score")
            if before is not None and result["score"] == before[1] and source < before[2]:
                self.errors.append(f"{where}: a tie left candidate order")
            before = (total[n], result["score"], source)


def unit(vector):
    length = np.sqrt(np.sum(np.square(vector)))
    return np.zeros_like(vector) if length < MIN_LENGTH else vector / length


def check_profiles(cache, world, options):
    """Profiles and support vectors again from the interaction vectors, to what fp16 keeps."""
    folder = cache.folder / "user_item"
    x = cache.half(folder / "interaction_embeds.fp16.mmap").astype(np.float64)
    rows = rows_of(folder / "rows.jsonl")
    row_of = {row["uid"]: i for i, row in enumerate(rows)}
    of_item = {}
    for i, row in enumerate(rows):
        if row["item_side"]:
            of_item.setdefault(str(row["item"]), []).append(i)
    index = json.loads((folder / "index.json").read_text())
    stored = cache.dense["persona"][0]
    worst = 0.0
    for user, position in cache.users.items():
        liked = [row_of[uid] for uid in index[user]]
        if world == "valid":
            liked = [r for r in liked if rows[r]["world"] == "valid"]
        total = np.zeros(cache.dim)
        for j, r in enumerate(liked[:options["k_recent"]]):
            others = [o for o in of_item.get(str(rows[r]["item"]), []) if str(rows[o]["user"]) != user]
            sides = []
            if options["profile"] != "items":
                sides.append(x[r])
            if options["profile"] != "own" and others:
                sides.append(unit(x[others].sum(axis=0)))
            sides = [s for s in sides if np.any(s)]
            if sides:
                total += options["gamma"] ** j * (unit(sides[0] + sides[1]) if len(sides) == 2 else sides[0])
        worst = max(worst, np.abs(unit(total) - stored[position]).max())
    if options["persona_vectors"] == "support":
        for k, row in enumerate(rows_of(cache.folder / "item_persona" / "personas.jsonl")):
            if row["support"]:
                expected = unit(x[[row_of[uid] for uid in row["support"]]].sum(axis=0))
                worst = max(worst, np.abs(expected - cache.dense["persona"][1][k]).max())
    return worst


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    parser.add_argument("--candidates", type=pathlib.Path, required=True)
    parser.add_argument("--reranked", type=pathlib.Path, required=True)
    parser.add_argument("--tolerance", type=float, default=1e-6)
    parser.add_argument("--profiles", action="store_true", help="also rebuild profiles and persona vectors")
    arguments = parser.parse_args()
    run = json.loads(pathlib.Path(f"{arguments.reranked}.meta.json").read_text())["options"]
    cache = Cache(arguments.cache, run["for"])
    checker = Checker(cache, run["weights"], run["alpha"], arguments.tolerance)
    candidates, reranked = rows_of(arguments.candidates), rows_of(arguments.reranked)
    if [str(c["user_id"]) for c in candidates] != [str(r["user_id"]) for r in reranked]:
        checker.errors.append("the users or their order differ")
    else:
        for listed, result in zip(candidates, reranked):
            checker.check_list(listed, result)
    print(f"{checker.lists} lists, {checker.numbers} numbers, largest difference {checker.worst:.3g}")
    if arguments.profiles:
        options = json.loads(pathlib.Path(f"{arguments.cache}.meta.json").read_text())["options"]
        worst = check_profiles(cache, run["for"], options)
        print(f"profiles and persona vectors rebuilt from fp16, largest difference {worst:.3g}")
        if worst > 2e-3:
            checker.errors.append(f"profiles differ by {worst}")
    for error in checker.errors[:20]:
        print(error, file=sys.stderr)
    if checker.errors:
        print(f"{len(checker.errors)} differences", file=sys.stderr)
    return 1 if checker.errors else 0


if __name__ == "__main__":
    sys.exit(main())
