"""ials, bpr and lightgcn in NumPy for the scripts that compare with them, written out from docs/method.md (8.6, 8.7).

The random numbers are those of src/base/rng.hpp; all arithmetic is in double, where the program's is in float.
"""
import hashlib

import numpy as np

MASK = (1 << 64) - 1


class Rng:
    """SplitMix64, as src/base/rng.cpp seeds it from a seed and a text."""

    def __init__(self, seed, salt):
        self.state = int.from_bytes(hashlib.sha256(f"{seed}|{salt}".encode()).digest()[:8], "big")

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def uniform(self):
        return (self.next() >> 11) * 2.0 ** -53

    def below(self, bound):
        limit = MASK - MASK % bound
        value = self.next()
        while value >= limit:
            value = self.next()
        return value % bound

    def shuffle(self, values):
        for i in range(len(values), 1, -1):
            k = self.below(i)
            values[i - 1], values[k] = values[k], values[i - 1]


def random_factors(rows, factors, deviation, rng):
    half = deviation * np.sqrt(3)
    return np.array([np.float32(half * (2 * rng.uniform() - 1)) for _ in range(rows * factors)], dtype=np.float64).reshape(rows, factors)


def ials(had, factors, l2, unobserved, passes, seed):
    """had: the binary matrix [users, items]. Returns the scores [users, items]."""
    weight = unobserved * had.sum() / had.size
    items = random_factors(had.shape[1], factors, 0.1 / np.sqrt(factors), Rng(seed, "ials"))

    def solved(others, matrix):
        rows = np.zeros((len(matrix), factors))
        gram = weight * others.T @ others
        for row, taken in zip(rows, matrix):
            chosen = others[taken.nonzero()[0]]
            own_l2 = l2 * (len(chosen) + weight * len(others))
            row[:] = np.linalg.solve(chosen.T @ chosen + gram + own_l2 * np.eye(factors), chosen.sum(0))
        return rows

    for _ in range(passes):
        items = solved(solved(items, had), had.T)
    return solved(items, had) @ items.T


def pairwise(had, factors, l2, layers, step, passes, seed):
    """bpr (layers = 0: only what stands in a batch moves) and lightgcn. Returns the scores [users, items]."""
    users = len(had)
    rng = Rng(seed, "pairwise")
    vectors = random_factors(users + had.shape[1], factors, 0.1, rng)
    degrees = np.concatenate([had.sum(1), had.sum(0)])
    scale = np.divide(1, np.sqrt(degrees), out=np.zeros(len(degrees)), where=degrees > 0)
    joint = np.zeros((len(degrees), len(degrees)))
    joint[:users, users:] = had
    joint[users:, :users] = had.T
    joint *= np.outer(scale, scale)

    def averaged(rows):
        total, layer = rows.copy(), rows
        for _ in range(layers):
            layer = joint @ layer
            total += layer
        return total / (layers + 1)

    pairs = [(int(u), int(i)) for u, i in zip(*had.nonzero())]
    had_items = [int(i) for i in had.any(0).nonzero()[0]]
    size = max(1024, -(-len(pairs) // 16))
    mean, square, steps = np.zeros_like(vectors), np.zeros_like(vectors), 0
    for _ in range(passes):
        rng.shuffle(pairs)
        for begin in range(0, len(pairs), size):
            batch = []
            for user, item in pairs[begin:begin + size]:
                other = had_items[rng.below(len(had_items))]
                while had[user].sum() < len(had_items) and had[user, other]:
                    other = had_items[rng.below(len(had_items))]
                batch.append((user, users + item, users + other))
            u, i, j = np.array(batch).T
            seen = averaged(vectors)
            apart = seen[i] - seen[j]
            pull = (1 / (1 + np.exp((seen[u] * apart).sum(1))) / len(batch))[:, None]
            slope = np.zeros_like(vectors)
            np.add.at(slope, u, -pull * apart)
            np.add.at(slope, i, -pull * seen[u])
            np.add.at(slope, j, pull * seen[u])
            slope = averaged(slope)
            for nodes in (u, i, j):
                np.add.at(slope, nodes, l2 / len(batch) * vectors[nodes])
            steps += 1
            moved = np.arange(len(vectors)) if layers else np.unique(np.concatenate([u, i, j]))
            mean[moved] = 0.9 * mean[moved] + 0.1 * slope[moved]
            square[moved] = 0.999 * square[moved] + 0.001 * slope[moved] ** 2
            rate = step / (1 - 0.9 ** steps)
            vectors[moved] -= rate * mean[moved] / (np.sqrt(square[moved] / (1 - 0.999 ** steps)) + 1e-8)
    seen = averaged(vectors)
    scores = seen[:users] @ seen[users:].T
    scores[had.sum(1) == 0] = 0
    return scores
