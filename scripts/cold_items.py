#!/usr/bin/env python3
"""What can be said of items that nobody has reviewed: metadata, knowledge of a model, or counted names.

    python3 scripts/cold_items.py CONFIG --raw-reviews FILE --raw-meta FILE --work FOLDER [--personas FILE]

Holds out a share of the items with all their reviews (`--split cold-items`, one draw a seed), makes personas for them and
ranks two lists a user: the cold items alone, and the first stage's top 100 with the cold items behind it. Lists, targets and
personas are the program's; the order is that of words alone, computed here by the program's formulas (docs/method.md,
3.2 Words): an item's words are those of its row's text, a user's those of the newest 10 liked reviews and of these items. Writes a table
in Markdown to stdout. Needs Python 3.9 and NumPy, no encoder.

Rows, by what a cold item's text is made of:
  metadata            title, description and summary
  counted names       the offline provider's affinities of items without reviews, beside the metadata (no model)
  knowledge           the personas of --personas FILE: of a model that saw metadata alone (rows {item_id, personas:
                      [{Name, Description, Affinities or also_enjoys}]})
  both                metadata and knowledge in one text
  names dealt         control: metadata, and the names of another cold item: must lose against both
  anonymous           control, with --anonymous FILE: as both, from a model that was shown titles made anonymous

A model may have read about an item, even its reviews, wherever it learned: what it knows of an old album it may not know of
tomorrow's. --write-anonymous FILE writes the metadata with titles and what repeats them replaced by "Item N", to ask a model
about those; the difference between both and anonymous is what titles tell it.
"""
import argparse
import collections
import json
import math
import random
import re
import subprocess
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
WORD = re.compile(r"\w\w+")
NEWEST = 10
GAMMA = 0.65
RESAMPLES = 1000
ADDED_WEIGHT = 0.75  # of words beside the first stage's score


def read(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def stop_words():
    """The program's own English list."""
    source = (ROOT / "src/lexical/stop_words.cpp").read_text(encoding="utf-8")
    return set(re.search(r'"english", R"\((.*?)\)"', source, re.S).group(1).split())


class Words:
    """Unit TF-IDF vectors, as rows of a dense matrix; document frequencies over reviews and item texts."""

    def __init__(self, documents, texts, stop):
        self.stop = stop
        frequency = collections.Counter()
        for text in list(documents) + list(texts):
            frequency.update(set(self.tokens(text)))
        count = len(documents) + len(texts)
        kept = sorted(term for term, df in frequency.items() if 2 <= df <= 0.3 * count)
        self.index = {term: i for i, term in enumerate(kept)}
        self.idf = np.array([math.log((1 + count) / (1 + frequency[term])) + 1 for term in kept])

    def tokens(self, text):
        return [word for word in WORD.findall(text.lower()) if word not in self.stop]

    def vector(self, text):
        out = np.zeros(len(self.index))
        for term, count in collections.Counter(self.tokens(text)).items():
            at = self.index.get(term)
            if at is not None:
                out[at] = (1 + math.log(count)) * self.idf[at]
        return unit(out)


def unit(vector):
    length = np.linalg.norm(vector)
    return vector / length if length > 0 else vector


def z(values):
    spread = values.std()
    return (values - values.mean()) / spread if spread > 0 else np.zeros(len(values))


def ndcg(scores, at, k=10):
    """(HIT@k, NDCG@k) of the item at a place; equal scores share their places."""
    above, equal = (scores > scores[at]).sum(), (scores == scores[at]).sum()
    rank = 1 + above + (equal - 1) / 2
    return (1.0, 1 / math.log2(1 + rank)) if rank <= k else (0.0, 0.0)


def persona_text(persona):
    names = persona.get("Affinities") or persona.get("affinities") or persona.get("also_enjoys") or []
    return " ".join([persona.get("Name", ""), persona.get("Description", ""), ", ".join(names)])


class Draw:
    """One seed: what the program makes of it."""

    def __init__(self, options, seed):
        self.options, self.seed = options, seed
        self.folder = Path(options.work) / f"seed-{seed}"
        common = Path(options.work) / "common"
        self.program("extract-aspects", common, "--raw-reviews", options.raw_reviews)
        self.program("summarize", common, "--raw-reviews", options.raw_reviews, "--raw-meta", options.raw_meta)
        self.inputs = ["--aspects", common / "1_aspects.jsonl", "--summary", common / "2_summary.jsonl"]
        self.split = ["--split", "cold-items", "--cold-share", options.share, "--seed", seed]
        self.program("personas", self.folder, *self.inputs, *self.split)
        self.program("prepare", self.folder, *self.inputs, *self.split)
        self.lists = {}
        for cold in ["alone", "added"]:
            path = self.folder / f"candidate.{cold}.jsonl"
            self.program("candidates", self.folder, *self.inputs[:2], *self.split, "--method", options.first_stage,
                         "--cold", cold, "--output", path)
            self.lists[cold] = {row["user_id"]: row["results"] for row in read(path)}
        self.load()

    def program(self, command, folder, *flags):
        folder.mkdir(parents=True, exist_ok=True)
        line = [self.options.program, command, "--config", self.options.config, "--workspace", folder, "--quiet",
                "--if-stale", *flags]
        subprocess.run(list(map(str, line)), check=True)

    def load(self):
        rows = read(self.folder / "3_personas.jsonl")
        self.metadata = {row["item_id"]: " ".join([row["item_title"], row["item_description"], row["item_summary"]])
                         for row in rows}
        self.counted = {row["item_id"]: ", ".join(name for persona in row["personas"]
                                                  for name in persona.get("Affinities", []))
                        for row in rows if row["review_count"] == 0}
        self.cold = [entry["item_id"] for entry in next(iter(self.lists["alone"].values()))]
        self.target = {row["user_id"]: row["item_id"] for row in read(self.folder / "3.5_gt.jsonl")}
        grouped = read(self.folder / "2.5_grouped.jsonl")
        self.reviews = [text_of(review) for row in grouped for review in row["aspects"]]
        cold = set(self.cold)
        self.history = {row["user_id"]: [review for review in row["reviews"] if review["item_id"] not in cold]
                        for row in read(self.folder / "3.5_history_loo.jsonl")}

    def judge(self, texts, stop):
        """{list: [(HIT, NDCG) of each user]} where items have these texts."""
        words = Words(self.reviews, texts.values(), stop)
        vectors = {item: words.vector(text) for item, text in texts.items()}
        found = {"alone": [], "added": []}
        for user, target in self.target.items():
            profile = self.profile(user, words, vectors)
            for kind, lists in self.lists.items():
                items = [entry["item_id"] for entry in lists[user]]
                scores = np.array([vectors[item] @ profile for item in items])
                if kind == "added":
                    base = np.array([entry["score"] for entry in lists[user]])
                    scores = z(base) + ADDED_WEIGHT * z(scores)
                found[kind].append(ndcg(scores, items.index(target)))
        return found

    def profile(self, user, words, vectors):
        own, items = np.zeros(len(words.index)), np.zeros(len(words.index))
        liked = [review for review in reversed(self.history.get(user, [])) if review["rating"] >= 3][:NEWEST]
        for j, review in enumerate(liked):
            own += GAMMA**j * words.vector(text_of(review))
            items += GAMMA**j * vectors[review["item_id"]]
        return unit(unit(own) + unit(items))


def text_of(review):
    return f"{review.get('review_title', '')}\n{review.get('review_text', '')}"


def rows_of(draw, knowledge, anonymous):
    """{row: {item: text}}"""
    def both(names):
        return {item: f"{text} {names.get(item, '')}" for item, text in draw.metadata.items()}

    rows = {"metadata": draw.metadata, "counted names": both(draw.counted)}
    if knowledge:
        rows["knowledge"] = {item: knowledge.get(item) or text for item, text in draw.metadata.items()}
        rows["both"] = both(knowledge)
    dealt = knowledge or draw.counted
    cold = list(draw.cold)
    random.Random(draw.seed).shuffle(cold)
    other = dict(zip(cold, cold[1:] + cold[:1]))
    rows["names dealt"] = both({item: dealt.get(other.get(item, item), "") for item in draw.metadata})
    if anonymous:
        rows["anonymous"] = both(anonymous)
    return rows


def interval(values, base):
    """Relative difference of means and its 95 % interval, users drawn with replacement."""
    rng = np.random.default_rng(0)
    drawn = rng.integers(0, len(values), (RESAMPLES, len(values)))
    differences = values[drawn].mean(axis=1) / base[drawn].mean(axis=1) - 1
    low, high = np.percentile(differences, [2.5, 97.5])
    return f"{100 * (values.mean() / base.mean() - 1):+.1f} % [{100 * low:+.1f}, {100 * high:+.1f}]"


def table(title, results, kind):
    first = np.array(results["metadata"][kind])
    print(f"\n## {title}\n\n| text of a cold item | queries | HIT@10 | NDCG@10 | NDCG@10 against metadata [95 % interval] |")
    print("|---|---|---|---|---|")
    for row, found in results.items():
        values = np.array(found[kind])
        against = "" if row == "metadata" else interval(values[:, 1], first[:, 1])
        print(f"| {row} | {len(values)} | {values[:, 0].mean():.3f} | {values[:, 1].mean():.3f} | {against} |")


def write_anonymous(raw_meta, output):
    """Titles, and words of them in descriptions, become "Item N"."""
    with open(output, "w", encoding="utf-8") as out:
        for number, row in enumerate(read(raw_meta)):
            title = row.get("title") or ""
            text = json.dumps({**row, "title": f"Item {number}"}, ensure_ascii=False)
            if len(title) > 2:
                text = re.sub(re.escape(json.dumps(title, ensure_ascii=False)[1:-1]), lambda _: f"Item {number}", text,
                              flags=re.I)
            out.write(text + "\n")


def given_texts(path):
    return {str(row["item_id"]): " ".join(map(persona_text, row["personas"])) for row in read(path)} if path else {}


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config")
    parser.add_argument("--raw-reviews", required=True)
    parser.add_argument("--raw-meta", required=True)
    parser.add_argument("--work", help="folder for everything in between")
    parser.add_argument("--personas", help="personas of a model that saw metadata alone")
    parser.add_argument("--anonymous", help="the same, of titles made anonymous")
    parser.add_argument("--write-anonymous", metavar="FILE", help="write anonymous metadata and end")
    parser.add_argument("--share", type=float, default=0.3)
    parser.add_argument("--seeds", default="0,1,2,3,4")
    parser.add_argument("--first-stage", default="ease")
    parser.add_argument("--program", default=str(ROOT / "build/release/persona4rec"))
    options = parser.parse_args()
    if not options.write_anonymous and not options.work:
        parser.error("--work FOLDER is missing")
    return options


def main():
    options = parse()
    if options.write_anonymous:
        return write_anonymous(options.raw_meta, options.write_anonymous)
    knowledge, anonymous = given_texts(options.personas), given_texts(options.anonymous)
    stop = stop_words()
    results = {}
    for seed in options.seeds.split(","):
        draw = Draw(options, int(seed))
        for row, texts in rows_of(draw, knowledge, anonymous).items():
            found = results.setdefault(row, {"alone": [], "added": []})
            for kind, values in draw.judge(texts, stop).items():
                found[kind] += values
        print(f"seed {seed}: {len(draw.cold)} cold items, {len(draw.target)} queries", file=sys.stderr)
    table("Among the cold items alone", results, "alone")
    table(f"Behind the top 100 of {options.first_stage}", results, "added")


if __name__ == "__main__":
    sys.exit(main())
