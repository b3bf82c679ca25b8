#!/usr/bin/env python3
"""Makes a set of reviews of any size, with the skew of real ones: few users and items have most of the reviews.

  bench/make_reviews.py FOLDER --reviews 10000000 [--users N] [--items N] [--largest N] [--words MEAN] [--seed N]

Writes FOLDER/reviews.jsonl and FOLDER/meta.jsonl in the amazon shape (configs/amazon.toml). Defaults: a user for every
10 reviews, an item for every 50, one item with 2 % of all reviews (200,000 of ten million), 45 words a review on
average (log-normal). A user's reviews come one after another in time; an item's words come from its own topic (of 200)
for a third, from a common vocabulary with Zipf frequencies else; ratings lean to 5. Equal arguments give equal bytes.
"""

import argparse
from pathlib import Path

import numpy

TOPICS = 200
COMMON = 30000  # words everyone uses
OWN = 400  # words of a topic
AT_ONCE = 100000  # reviews
LIKED = numpy.array([0.05, 0.05, 0.10, 0.25, 0.55])  # of ratings 1 to 5
SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "er", "il", "om", "us")]


def make_words(count, rng):
    """Distinct words of two to four syllables, the frequent ones short."""
    words = {}
    while len(words) < count:
        size = 2 + (len(words) > 2000) + (len(words) > 15000)
        words["".join(SYLLABLES[i] for i in rng.integers(0, len(SYLLABLES), size))] = None
    return numpy.array(list(words))


def zipf(count, exponent):
    weights = 1.0 / numpy.arange(1, count + 1) ** exponent
    return numpy.cumsum(weights / weights.sum())


def draw(cumulative, size, rng):
    return numpy.minimum(numpy.searchsorted(cumulative, rng.random(size)), len(cumulative) - 1)


def shares(count, total, exponent, rng):
    """`total` things given to `count` owners, at least one each, the rest with Zipf weights in random order."""
    extra = rng.multinomial(total - count, numpy.diff(zipf(count, exponent), prepend=0))
    return 1 + rng.permutation(extra)


class Texts:
    def __init__(self, mean, rng):
        self.rng = rng
        self.mean = mean
        words = make_words(COMMON + TOPICS * OWN, rng)
        self.common, self.own = words[:COMMON], words[COMMON:].reshape(TOPICS, OWN)
        self.common_share, self.own_share = zipf(COMMON, 1.0), zipf(OWN, 0.8)

    def make(self, topics):
        """One text for each topic given."""
        rng = self.rng
        lengths = numpy.clip(rng.lognormal(numpy.log(self.mean) - 0.32, 0.8, len(topics)).astype(int), 3, 1500)
        total = lengths.sum()
        words = self.common[draw(self.common_share, total, rng)]
        special = numpy.flatnonzero(rng.random(total) < 1 / 3)
        topic_of_word = numpy.repeat(topics, lengths)[special]
        words[special] = self.own[topic_of_word, draw(self.own_share, len(special), rng)]
        words[numpy.arange(7, total, 9)] = numpy.char.add(words[numpy.arange(7, total, 9)], ".")
        ends = numpy.cumsum(lengths)
        return [" ".join(words[end - size : end]) for end, size in zip(ends, lengths)]


def write_items(path, topics, texts):
    with open(path, "w", encoding="utf-8") as out:
        for item, topic in enumerate(topics):
            title = " ".join(texts.own[topic, (item * 7 + k) % OWN].capitalize() for k in (0, 3))
            out.write(f'{{"parent_asin": "I{item}", "title": "{title} {item}", "categories": ["topic {topic}"]}}\n')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--reviews", type=int, required=True)
    parser.add_argument("--users", type=int)
    parser.add_argument("--items", type=int)
    parser.add_argument("--largest", type=int, help="reviews of one item beside its share")
    parser.add_argument("--words", type=float, default=45)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    users = options.users or max(1, options.reviews // 10)
    items = options.items or max(1, options.reviews // 50)
    largest = options.reviews // 50 if options.largest is None else options.largest
    rng = numpy.random.default_rng(options.seed)
    texts = Texts(options.words, rng)
    options.folder.mkdir(parents=True, exist_ok=True)
    topics = rng.integers(0, TOPICS, items)
    write_items(options.folder / "meta.jsonl", topics, texts)
    user_of_review = numpy.repeat(numpy.arange(users), shares(users, options.reviews, 0.6, rng))
    item_share = zipf(items, 0.9)
    order = rng.permutation(items)  # which item has which share
    big = rng.random(options.reviews) < largest / options.reviews
    with open(options.folder / "reviews.jsonl", "w", encoding="utf-8") as out:
        for begin in range(0, options.reviews, AT_ONCE):
            user = user_of_review[begin : begin + AT_ONCE]
            item = order[draw(item_share, len(user), rng)]
            item[big[begin : begin + AT_ONCE]] = 0
            rating = 1 + rng.choice(5, len(user), p=LIKED)
            time = 1_200_000_000_000 + (begin + numpy.arange(len(user))) * 30_000 % 400_000_000_000
            lines = [
                f'{{"user_id": "U{u}", "parent_asin": "I{i}", "rating": {r}.0, "timestamp": {t}, "title": "", "text": "{text}"}}'
                for u, i, r, t, text in zip(user, item, rating, time, texts.make(topics[item]))
            ]
            out.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
