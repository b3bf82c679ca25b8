#!/usr/bin/env python3
"""Reranks a list with heads that the program does not have, to learn whether they would be worth building.

    python3 scripts/head_ideas.py --workspace W --cache W/cache --candidates W/candidate.ease.100.test.jsonl \\
        --valid-candidates W/candidate.ease.100.valid.jsonl --output FOLDER [--seed N]

An item is one vector here (the mean of its item-side reviews; docs/quality.md shows that one is as good as several), a
review is

    encoder   the frozen encoder's vector, centred
    lsa       its TF-IDF words in the space of the item-side reviews' first 128 singular vectors (LSA), centred
    joint     both, one behind the other

Profiles, the user's own traces taken out of the training items, loss, logQ, masks, optimiser and settings are those of
`train` (docs/training.md), written out again on their own. The epoch is chosen in world valid by the order of the fused
score. Written: FOLDER/<candidates>.<row>.jsonl, scores = the fused score, for `eval` and scripts/quality.py:

    lsa_frozen      z(list) + .75 z(words) + .5 z(lsa, no head)
    encoder_head    z(list) + .75 z(words) + .75 z(head over encoder)
    lsa_head        z(list) + .75 z(words) + .75 z(head over lsa)
    two_heads       z(list) + .75 z(words) + .375 z(head over encoder) + .375 z(head over lsa)
    joint_head      z(list) + .75 z(words) + .75 z(head over joint)
    joint_no_words  z(list) + z(head over joint): does a joint head make the word channel needless?

Needs NumPy and PyTorch.
"""
import argparse
import collections
import json
import math
import re
from pathlib import Path

import numpy as np
import torch

from check_scoring import Cache, rows_of, standardized, words_channel

K_RECENT, GAMMA = 10, 0.65
TEMPERATURE, LEARNING_RATE, BATCH, EPOCHS = 0.2, 1e-3, 256, 10
LSA_DIMENSIONS = 128
LIKED_FROM = 3  # a rating of at least so much is liked, as everywhere in the program
WORD = re.compile(r"\w\w+")


def unit(x):
    norm = np.linalg.norm(x, axis=-1, keepdims=True)
    return np.divide(x, norm, out=np.zeros_like(x), where=norm > 1e-9)


class Reviews:
    """The interactions that some world may use, with their vectors."""

    def __init__(self, workspace, cache):
        rows = rows_of(cache / "user_item" / "rows.jsonl")
        meta = json.loads((cache / "user_item" / "cache_meta.json").read_text())
        x = np.fromfile(cache / "user_item" / "interaction_embeds.fp16.mmap", "<f2").reshape(-1, meta["dim"])
        self.side = np.array([row["item_side"] for row in rows])
        self.valid = np.array([row["world"] == "valid" for row in rows])  # usable before the valid target
        texts = {row["review_id"]: row for row in rows_of(workspace / "1_aspects.jsonl")}
        found = [texts[row["review_id"]] for row in rows]
        self.time = np.array([row["timestamp"] for row in found])
        self.liked = np.array([row["rating"] >= LIKED_FROM for row in rows])
        self.users = [row["user"] for row in rows]
        self.items = sorted({row["item"] for row in rows})
        self.item_number = {item: i for i, item in enumerate(self.items)}
        self.item = np.array([self.item_number[row["item"]] for row in rows])
        self.of_user = collections.defaultdict(list)
        for i, user in enumerate(self.users):
            self.of_user[user].append(i)
        encoder = x.astype(np.float64)
        lsa = self.lsa([f"{row.get('review_title') or ''} {row.get('review_text') or ''}" for row in found])
        centred = {name: unit(v - v[self.side].mean(0)) for name, v in {"encoder": encoder, "lsa": lsa}.items()}
        self.vectors = {**centred, "joint": unit(np.hstack([centred["encoder"], centred["lsa"]]))}

    def lsa(self, texts):
        tokens = [collections.Counter(WORD.findall(text.lower())) for text in texts]
        documents = collections.Counter()
        for i in np.flatnonzero(self.side):
            documents.update(tokens[i].keys())
        n = int(self.side.sum())
        terms = {t: k for k, t in enumerate(t for t, c in documents.items() if 2 <= c <= 0.3 * n)}
        idf = np.array([math.log((1 + n) / (1 + documents[t])) + 1 for t in terms])
        x = np.zeros((len(texts), len(terms)), np.float32)
        for i, counts in enumerate(tokens):
            for term, count in counts.items():
                if term in terms:
                    x[i, terms[term]] = (1 + math.log(count)) * idf[terms[term]]
        x = unit(x)
        torch.manual_seed(0)
        _, _, v = torch.svd_lowrank(torch.from_numpy(x[self.side]), q=LSA_DIMENSIONS, niter=4)
        return (x @ v.numpy()).astype(np.float64)

    def before(self, user, rows):
        """The newest liked of `rows`, newest first (ties as `train` has them in the cache: file order)."""
        return sorted((i for i in rows if self.liked[i]), key=lambda i: -self.time[i])[:K_RECENT]


class Side:
    """Item vectors and profiles over one kind of vectors."""

    def __init__(self, reviews, kind):
        self.reviews = reviews
        self.x = reviews.vectors[kind]
        self.sum = np.zeros((len(reviews.items), self.x.shape[1]))
        np.add.at(self.sum, reviews.item[reviews.side], self.x[reviews.side])
        self.items = unit(self.sum)

    def item_without(self, item, user):
        own = [i for i in self.reviews.of_user[user] if self.reviews.item[i] == item and self.reviews.side[i]]
        return unit(self.sum[item] - self.x[own].sum(0))

    def profile(self, user, liked):
        total = np.zeros(self.x.shape[1])
        for j, i in enumerate(liked):
            total += GAMMA**j * unit(self.x[i] + self.item_without(self.reviews.item[i], user))
        return unit(total)


class Head:
    """Two linear maps from the identity, trained as `train` trains them; yields one state for each epoch."""

    def __init__(self, users, items, user_ids, item_ids, seed):
        self.users, self.items = (torch.from_numpy(v.astype(np.float32)) for v in (users, items))
        self.user_ids, self.item_ids = torch.from_numpy(user_ids), torch.from_numpy(item_ids)
        counts = np.bincount(item_ids)
        self.log_q = torch.from_numpy(-np.log((counts[item_ids] + 1) / len(item_ids)).astype(np.float32))
        d = users.shape[1]
        self.maps = [torch.eye(d, requires_grad=True), torch.eye(d, requires_grad=True)]
        self.optimiser = torch.optim.Adam(self.maps, lr=LEARNING_RATE)
        self.order = torch.Generator().manual_seed(seed)

    def epochs(self):
        yield self.state()
        for _ in range(EPOCHS):
            batches = max(1, len(self.users) // BATCH)
            for batch in torch.randperm(len(self.users), generator=self.order).tensor_split(batches):
                self.step(batch)
            yield self.state()

    def step(self, batch):
        u = torch.nn.functional.normalize(self.users[batch] @ self.maps[0].T)
        p = torch.nn.functional.normalize(self.items[batch] @ self.maps[1].T)
        logits = u @ p.T / TEMPERATURE + self.log_q[batch][None, :]
        same = self.item_ids[batch][:, None] == self.item_ids[batch][None, :]
        same |= self.user_ids[batch][:, None] == self.user_ids[batch][None, :]
        same.fill_diagonal_(False)
        logits = logits.masked_fill(same, -torch.inf)
        loss = torch.nn.functional.cross_entropy(logits, torch.arange(len(batch)))
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()

    def state(self):
        return [m.detach().numpy().astype(np.float64).copy() for m in self.maps]


class Lists:
    """Candidate lists of one world with the channels that the cache has."""

    def __init__(self, reviews, cache, candidates, world):
        self.rows = rows_of(candidates)
        scorer = Cache(cache, world)
        self.items, self.base, self.words, self.liked = [], [], [], []
        for row in self.rows:
            names = [result["item_id"] for result in row["results"]]
            self.items.append(np.array([reviews.item_number.get(name, -1) for name in names], dtype=int))
            self.base.append(standardized([result["score"] for result in row["results"]]))
            self.words.append(standardized(words_channel(scorer, scorer.users.get(row["user_id"]), names)))
            usable = [i for i in reviews.of_user[row["user_id"]] if world == "test" or reviews.valid[i]]
            self.liked.append(reviews.before(row["user_id"], usable))

    def channel(self, side, maps=None):
        items = side.items if maps is None else unit(side.items @ maps[1].T)
        out = []
        for row, listed, liked in zip(self.rows, self.items, self.liked):
            user = side.profile(row["user_id"], liked)
            if maps is not None:
                user = unit(maps[0] @ user)
            scores = items[listed] @ user
            known = (listed >= 0) & user.any()
            out.append(standardized([score if good else None for score, good in zip(scores, known)]))
        return out

    def fused(self, *channels):
        """channels: (weight, one array a list); the list's own score has weight 1."""
        return [base + sum(weight * channel[i] for weight, channel in channels) for i, base in enumerate(self.base)]

    def write(self, path, fused):
        with open(path, "w", encoding="utf-8") as file:
            for row, scores in zip(self.rows, fused):
                order = np.argsort(-scores, kind="stable")
                results = [{"item_id": row["results"][k]["item_id"], "score": float(scores[k])} for k in order]
                file.write(json.dumps({**row, "results": results}, ensure_ascii=False) + "\n")

    def ndcg(self, fused, truth):
        total = 0.0
        for row, scores in zip(self.rows, fused):
            order = np.argsort(-scores, kind="stable")[:10]
            hits = [row["results"][k]["item_id"] in truth[row["user_id"]] for k in order]
            gain = sum(hit / math.log2(rank + 2) for rank, hit in enumerate(hits))
            ideal = sum(1 / math.log2(rank + 2) for rank in range(min(10, len(truth[row["user_id"]]))))
            total += gain / ideal if ideal else 0.0
        return total / len(self.rows)


def samples(reviews, side, targets):
    users, items, user_ids, item_ids = [], [], [], []
    numbers = {}
    row_of = {(user, reviews.items[reviews.item[i]]): i for i, user in enumerate(reviews.users)}
    for target in targets:
        i = row_of.get((target["user_id"], target["item_id"]))
        if target["split"] != "train" or i is None or not reviews.side[i]:
            continue
        earlier = [j for j in reviews.of_user[reviews.users[i]]
                   if reviews.side[j] and j != i and reviews.time[j] <= reviews.time[i]]
        user = side.profile(reviews.users[i], reviews.before(reviews.users[i], earlier))
        item = side.item_without(reviews.item[i], reviews.users[i])
        if user.any() and item.any():
            users.append(user)
            items.append(item)
            user_ids.append(numbers.setdefault(reviews.users[i], len(numbers)))
            item_ids.append(reviews.item[i])
    return np.array(users), np.array(items), np.array(user_ids), np.array(item_ids)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ["workspace", "cache", "candidates", "valid-candidates", "output"]:
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    reviews = Reviews(options.workspace, options.cache)
    targets = rows_of(options.workspace / "3.5_targets.jsonl")
    truth = collections.defaultdict(set)
    for target in targets:
        if target["split"] == "valid":
            truth[target["user_id"]].add(target["item_id"])
    valid = Lists(reviews, options.cache, options.valid_candidates, "valid")
    test = Lists(reviews, options.cache, options.candidates, "test")
    sides = {kind: Side(reviews, kind) for kind in reviews.vectors}
    heads = {}
    for kind, side in sides.items():
        best = -1.0
        for epoch, maps in enumerate(Head(*samples(reviews, side, targets), options.seed).epochs()):
            now = valid.ndcg(valid.fused((0.75, valid.words), (0.75, valid.channel(side, maps))), truth)
            if now > best:
                best, heads[kind], at = now, maps, epoch
        print(f"{kind}: valid NDCG@10 {best:.4f} at epoch {at}")
    of = {kind: test.channel(sides[kind], heads[kind]) for kind in sides}
    rows = {
        "lsa_frozen": [(0.75, test.words), (0.5, test.channel(sides["lsa"]))],
        "encoder_head": [(0.75, test.words), (0.75, of["encoder"])],
        "lsa_head": [(0.75, test.words), (0.75, of["lsa"])],
        "two_heads": [(0.75, test.words), (0.375, of["encoder"]), (0.375, of["lsa"])],
        "joint_head": [(0.75, test.words), (0.75, of["joint"])],
        "joint_no_words": [(1.0, of["joint"])],
    }
    for name, channels in rows.items():
        test.write(options.output / f"{options.candidates.stem}.{name}.jsonl", test.fused(*channels))


if __name__ == "__main__":
    main()
