#!/usr/bin/env python3
"""How often a gate fails, by simulation with the real program: docs/ci.md has what it prints.

    scripts/simulate_gate.py [--pairs 1000] [--users 500] [--program build/release/persona4rec]

Each pair is two files of lists over the same users, whose true item stands at some rank of 20 or is absent. A third of
the users is moved: to an independent rank where nothing is lost; for a true drop of d, towards the end of the list with
a chance solved for so that the population's mean of NDCG@10 falls by exactly d. d is a multiple of what so many users
resolve: 2.8 standard errors of the paired difference, in that same population.

Every line gates at X = 0: `NDCG@10 drop <= 0%`, or all nine metrics (HIT, MRR, NDCG at 5, 10, 20) at once, where the
family fails when one gate does. The range is the binomial 95 % interval (Wilson) of the rate. Standard library only.
"""
import argparse
import concurrent.futures
import json
import math
import os
import random
import subprocess
import tempfile

RANKS = 21  # 1 to 20; 21 = not in the list
FIRST = [1 / (rank + 3) for rank in range(1, RANKS)] + [0.25]
MOVED = 1 / 3
NINE = [f"{name}@{k} drop <= 0%" for name in ("HIT", "MRR", "NDCG") for k in (5, 10, 20)]


def normalised(weights):
    return [weight / sum(weights) for weight in weights]


def gain(rank):
    return 1 / math.log2(rank + 1) if rank <= 10 else 0.0


def second_ranks(loss):
    """Where a moved user's item comes to stand: anywhere as before, with chance `loss` at the end."""
    base = normalised(FIRST)
    return [(1 - loss) * share + (loss if rank == RANKS else 0) for rank, share in enumerate(base, 1)]


def moments(loss):
    """Mean and standard deviation of a user's difference in NDCG@10."""
    mean = square = 0.0
    second = second_ranks(loss)
    for a, share in enumerate(normalised(FIRST), 1):
        for b, chance in enumerate(second, 1):
            d = gain(b) - gain(a)
            mean += share * MOVED * chance * d
            square += share * MOVED * chance * d * d
    return mean, math.sqrt(square - mean * mean)


def loss_for(multiple, users):
    """The chance at which the mean falls by `multiple` of what so many users resolve."""
    if multiple == 0:
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        mean, deviation = moments(middle)
        low, high = (middle, high) if -mean < multiple * 2.8 * deviation / math.sqrt(users) else (low, middle)
    return low


def list_row(user, rank):
    items = [{"item_id": "t" if place == rank else f"i{place}"} for place in range(1, RANKS)]
    return json.dumps({"user_id": user, "results": items}) + "\n"


def run_pair(job):
    number, loss, gates, users, program = job
    rng = random.Random(f"{number} {loss}")
    first = rng.choices(range(1, RANKS + 1), normalised(FIRST), k=users)
    moved = rng.choices(range(1, RANKS + 1), second_ranks(loss), k=users)
    second = [b if rng.random() < MOVED else a for a, b in zip(first, moved)]
    with tempfile.TemporaryDirectory() as folder:
        for name, ranks in (("first", first), ("second", second)):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
                out.writelines(list_row(f"u{user}", rank) for user, rank in enumerate(ranks))
        with open(os.path.join(folder, "truth"), "w", encoding="utf-8") as out:
            out.writelines(json.dumps({"user_id": f"u{user}", "item_id": "t"}) + "\n" for user in range(users))
        words = [program, "eval", "second", "--baseline", "first", "--ground-truth", "truth", "--seed", str(number),
                 "--threads", "1", "--quiet"]
        for gate in gates:
            words += ["--gate", gate]
        code = subprocess.run(words, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
    if code not in (0, 5):
        raise SystemExit(f"simulate_gate: eval ended with {code}")
    return code == 5


def wilson(failed, pairs, z=1.96):
    rate = failed / pairs
    middle = (rate + z * z / (2 * pairs)) / (1 + z * z / pairs)
    half = z * math.sqrt(rate * (1 - rate) / pairs + z * z / (4 * pairs * pairs)) / (1 + z * z / pairs)
    return middle - half, middle + half


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=1000)
    parser.add_argument("--users", type=int, default=500)
    parser.add_argument("--program", default="build/release/persona4rec")
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    one = ["NDCG@10 drop <= 0%"]
    print(f"{options.pairs} pairs of {options.users} users, X = 0")
    print(f"{'true drop of NDCG@10':24}{'gates':>7}{'failed':>9}{'95 % range':>18}")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for multiple, gates in ((0, one), (1, one), (1.5, one), (0, NINE)):
            loss = loss_for(multiple, options.users)
            jobs = [(number, loss, gates, options.users, program) for number in range(options.pairs)]
            failed = sum(pool.map(run_pair, jobs))
            low, high = wilson(failed, options.pairs)
            name = "none" if multiple == 0 else f"{multiple:g} x resolvable"
            print(f"{name:24}{len(gates):>7}{failed / options.pairs:>9.1%}{f'{low:.1%} to {high:.1%}':>18}", flush=True)


if __name__ == "__main__":
    main()
