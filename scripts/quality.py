#!/usr/bin/env python3
"""Measures what reranking gains on sets of reviews, and writes docs/quality/<set>.md each and docs/quality.md.

    python3 scripts/quality.py FOLDER ... --work FOLDER [--personas FOLDER=FILE] [--cutoffs FOLDER=DATE,DATE]

A set is a FOLDER with reviews.jsonl and meta.jsonl (.gz too), called by the folder's name; config.toml in it, else --config,
says what their fields are. Everything is the program's own doing: lists, caches, heads, reranked lists and `eval --json`.
This script only chains the commands, makes the controls that are no option of the program, and averages over tie seeds.
The pages are made from what lies in --work alone: a stopped run goes on, and another one with more sets has them all. Needs
Python 3.9 and NumPy (for one control: k-means centroids).

--personas measures personas that were made elsewhere beside the offline provider's: rows of 3_personas.jsonl, of which
item_id and personas are read. FILE.meta.json beside it says for which split and seed they were written, as the meta file of
a 3_personas.jsonl does: {"settings": {"split": "leave-one-out", "seed": 0}}, or "any" for personas that no review stands
behind. Without it, or where it says otherwise, the file is refused: its personas would know held-out reviews.

Controls, in every table:
  item mean           one persona an item, standing on all its item-side reviews
  cluster centroids   personas = k-means clusters of the item's review vectors, k = ceil(n / 3) from 2 to 7
  text-ease rescores  the same list in the order of text-ease: a text-aware recommender without personas
  dealt               every item gets the personas and words of another one: must lose against the default and must not
                      beat the list; the script ends with exit code 1 where it does
"""
import argparse
import hashlib
import json
import math
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

METHODS = ["ease", "itemknn", "popularity", "text-ease", "ials"]
TEMPORAL_METHODS = ["ease", "popularity", "text-ease"]
TOPK = 100
PAGE = "quality"
METRICS = ["HIT@10", "NDCG@10"]
DEFAULT = "**the default**"
WORDS, PERSONAS, HEAD = "review words alone, 0.75", "personas alone, 0.5", "head alone, 1"
DEALT = "control: personas and words dealt to other items"
RESCORED = "control: text-ease rescores the list"
ITEM_MEAN = "control: one mean vector an item for personas"
CENTROIDS = "control: cluster centroids for personas"
OFFLINE = "offline provider"


class Program:
    def __init__(self, options, config):
        self.options = options
        self.config = config
        self.log = open(options.work / "quality.log", "a", encoding="utf-8")

    def run(self, command, *flags):
        line = [self.options.program, command, "--config", self.config, "--quiet", *map(str, flags)]
        self.log.write(" ".join(map(str, line)) + "\n")
        self.log.flush()
        subprocess.run(line, check=True, stderr=self.log, stdout=self.log)


def read_jsonl(path):
    with open(path, encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def write_jsonl(path, rows):
    with open(path, "w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


class Set:
    """A set of reviews: its raw files, its name and what all its worlds share."""

    def __init__(self, options, folder):
        self.options = options
        self.raw = Path(folder)
        self.name = self.raw.resolve().name
        own = self.raw / "config.toml"
        self.program = Program(options, own if own.exists() else options.config)
        self.folder = options.work / self.name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.personas = options.personas.get(self.name)
        self.cutoffs = options.cutoffs.get(self.name, [])

    def raw_file(self, name):
        plain = self.raw / name
        return plain if plain.exists() else self.raw / (name + ".gz")

    def worlds(self):
        """(source of personas, split flags, seed, name of the folder)"""
        for seed in self.options.seeds:
            yield OFFLINE, None, seed, f"seed{seed}"
            if self.personas and fits(self.personas, "leave-one-out", seed):
                yield "given personas", None, seed, f"seed{seed}-given"
        for cutoff in self.cutoffs:
            for seed in self.options.seeds:
                yield OFFLINE, cutoff, seed, f"temporal-{cutoff}-{seed}"


def written_for(personas):
    """(split, seed) of a file of personas; the script ends where nothing says it."""
    sidecar = Path(str(personas) + ".meta.json")
    try:
        settings = json.loads(sidecar.read_text(encoding="utf-8"))["settings"]
        return settings["split"], settings["seed"]
    except (OSError, ValueError, KeyError, TypeError):
        sys.exit(f"quality: {sidecar} has to say for which split and seed the personas were written: "
                 '{"settings": {"split": "leave-one-out", "seed": 0}}')


def fits(personas, split, seed):
    own_split, own_seed = written_for(personas)
    return own_split in (split, "any") and own_seed in (seed, "any")


def check_personas(sets, options):
    for one in sets:
        if one.personas and not any(fits(one.personas, "leave-one-out", seed) for seed in options.seeds):
            split, seed = written_for(one.personas)
            sys.exit(f"quality: {one.personas} was written for split {split}, seed {seed}, and not for leave-one-out with one of the "
                     f"seeds {options.seeds}: personas of another split know held-out reviews")


class World:
    """One workspace: a split policy, a tie seed and who wrote the personas."""

    def __init__(self, one, source, cutoff, seed, name):
        self.set = one
        self.program = one.program
        self.options = one.options
        self.folder = one.folder / name
        self.folder.mkdir(parents=True, exist_ok=True)
        policy = ["--split", "temporal", "--cutoff", cutoff] if cutoff else []
        self.split = [*policy, "--seed", seed, "--targets-per-user", 0]
        self.given = one.personas if source != OFFLINE else None
        self.methods = TEMPORAL_METHODS if cutoff else self.options.methods
        self.seed = seed

    def do(self, output, command, *flags, split=True):
        """Runs a command unless what it writes (with its meta file) is there."""
        if Path(str(output) + ".meta.json").exists():
            return output
        workspace = ["--workspace", self.folder]
        self.program.run(command, *workspace, *(self.split if split else []), *flags)
        return output

    def prepare(self):
        shared, raw = self.set.folder, self.set.raw_file
        for name, command, flags in [
            ("1_aspects.jsonl", "extract-aspects", ["--raw-reviews", raw("reviews.jsonl")]),
            ("2_summary.jsonl", "summarize", ["--raw-reviews", raw("reviews.jsonl"), "--raw-meta", raw("meta.jsonl")]),
        ]:
            if not (shared / (name + ".meta.json")).exists():
                self.program.run(command, "--workspace", shared, *flags)
            for suffix in ["", ".meta.json"]:
                if not (self.folder / (name + suffix)).exists():
                    shutil.copy(shared / (name + suffix), self.folder / (name + suffix))
        if (shared / "text.store").exists() and not (self.folder / "text.store").exists():
            shutil.copy(shared / "text.store", self.folder / "text.store")  # no text is encoded twice
        self.do(self.folder / "3_personas.jsonl", "personas")
        if self.given and not (self.folder / "given").exists():
            take_personas(self.folder / "3_personas.jsonl", self.given)
            (self.folder / "given").touch()
        self.do(self.folder / "3.5_persona_with_summary.jsonl", "prepare")
        self.do(self.folder / "4_selected_personas.jsonl", "select")

    def keep_texts(self):
        if (self.folder / "text.store").exists():
            shutil.copy(self.folder / "text.store", self.set.folder / "text.store")

    def candidates(self, method, topk, world="test"):
        path = self.folder / f"candidate.{method}.{topk}.{world}.jsonl"
        return self.do(path, "candidates", "--method", method, "--topk", topk, "--for", world, "--output", path)

    def train(self):
        folder = self.folder / "encoder_head"
        self.do(folder, "train", "--encoder", self.options.encoder, "--output", folder, "--valid-candidates",
                self.candidates("ease", TOPK, "valid"))
        return folder

    def cache(self, name, *flags, encoder=None, personas=None):
        folder = self.folder / f"cache_{name}"
        flags = ["--cache", folder, "--encoder", encoder or self.options.encoder, *flags]
        if personas is not None:
            flags += ["--persona-with-summary", personas, "--force"]
        self.do(folder, "cache", *flags)
        return folder

    def rerank(self, name, cache, candidates, *flags):
        path = self.folder / "lists" / f"{candidates.stem}.{name}.jsonl"
        path.parent.mkdir(exist_ok=True)
        return self.do(path, "rerank", "--cache", cache, "--candidates", candidates, "--reranked", path, *flags, split=False)

    def evaluate(self, name, files, *flags):
        path = self.folder / f"eval.{name}.json"
        if not path.exists():
            self.program.run("eval", "--workspace", self.folder, *files, "--ks", "10", "--bootstrap", self.options.bootstrap,
                             "--json", path, "--force", *flags)
        return json.loads(path.read_text(encoding="utf-8"))

    # ---- controls ---------------------------------------------------------------------------------------------------

    def item_rows(self):
        """item id -> ids of its item-side reviews, from 2.5_grouped."""
        return {row["item_id"]: [a["review_id"] for a in row["aspects"]]
                for row in read_jsonl(self.folder / "2.5_grouped.jsonl")}

    def control_personas(self, name, groups_of):
        path = self.folder / f"personas_{name}.jsonl"
        if path.exists():
            return path
        rows = []
        for row in read_jsonl(self.folder / "3.5_persona_with_summary.jsonl"):
            personas = []
            for k, support in enumerate(groups_of(row["item_id"]), 1):
                personas.append({"ID": f"P{k}", "Name": name, "Description": name, "Preference_Rationale": name,
                                 "Item_Summary": "", "unique_persona_id": f"{row['item_id']}_P{k}", "support": support})
            rows.append({"item_id": row["item_id"], "personas": personas})
        write_jsonl(path, rows)
        return path

    def item_mean(self):
        reviews = self.item_rows()
        return self.control_personas("item_mean", lambda item: [reviews[item]] if reviews.get(item) else [])

    def centroids(self, cache):
        reviews = self.item_rows()
        meta = json.loads((cache / "user_item" / "cache_meta.json").read_text())
        vectors = np.fromfile(cache / "user_item" / "interaction_embeds.fp16.mmap", dtype="<f2").reshape(-1, meta["dim"])
        uids = (cache / "user_item" / "uids.txt").read_text().split()
        number = {uid: row for row, uid in enumerate(uids)}
        row_of = {}  # review id -> row, by the published uid
        for row in read_jsonl(self.folder / "2.5_grouped.jsonl"):
            for a in row["aspects"]:
                key = f"{a['user_id']}|{a['item_id']}|{a['timestamp']}|{a['rating']}"
                row_of[a["review_id"]] = number[hashlib.sha1(key.encode()).hexdigest()[:16]]

        def groups(item):
            ids = [i for i in reviews.get(item, []) if i in row_of]
            if not ids:
                return []
            k = min(7, max(2, math.ceil(len(ids) / 3)))
            return cluster(ids, vectors[[row_of[i] for i in ids]].astype(np.float32), k)

        return self.control_personas("centroids", groups)

    def dealt_cache(self, cache):
        target = self.folder / "cache_dealt"
        if not (target / "done").exists():
            deal_items(cache, target, self.seed)
            (target / "done").touch()
        return target

    def rescored(self, candidates):
        """The list with text-ease's scores for its items."""
        path = self.folder / "lists" / f"{candidates.stem}.text_ease_rescored.jsonl"
        path.parent.mkdir(exist_ok=True)
        if not path.exists():
            scores = {row["user_id"]: {r["item_id"]: r["score"] for r in row["results"]}
                      for row in read_jsonl(self.candidates("text-ease", 1000000))}
            rows = []
            for row in read_jsonl(candidates):
                known = scores.get(row["user_id"], {})
                row["results"] = [{**r, "score": known[r["item_id"]]} for r in row["results"] if r["item_id"] in known]
                row["results"].sort(key=lambda r: -r["score"])
                rows.append(row)
            write_jsonl(path, rows)
        return path


def take_personas(path, given):
    """Puts given personas in the place of those in a 3_personas.jsonl, and says so in its meta file."""
    personas = {str(row["item_id"]): row["personas"] for row in read_jsonl(given)}
    rows = list(read_jsonl(path))
    for row in rows:
        if str(row["item_id"]) in personas:
            row["personas"] = [{"ID": f"P{k}", "Preference_Rationale": "", "support": [], **one}
                               for k, one in enumerate(personas[str(row["item_id"])], 1)]
    write_jsonl(path, rows)
    meta_path = Path(str(path) + ".meta.json")
    meta = json.loads(meta_path.read_text(encoding="utf-8"))
    meta["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    meta["model"] = "given: " + Path(given).name
    meta_path.write_text(json.dumps(meta, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def deal_items(cache, target, seed):
    """The same cache with each item's personas and words in the hands of another item, in the files that rerank reads."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(cache, target)
    for suffix in [".meta.json", ".run.json"]:
        if Path(str(cache) + suffix).exists():
            shutil.copy(str(cache) + suffix, str(target) + suffix)
    files = [target / "item_persona" / "personas.jsonl", *sorted(target.glob("*/items.jsonl"))]
    items = sorted({str(row["item_id"]) for path in files for row in read_jsonl(path)})
    random.Random(seed).shuffle(items)
    dealt = dict(zip(items, items[1:] + items[:1]))  # one cycle: nobody keeps anything
    for path in files:
        rows = list(read_jsonl(path))
        write_jsonl(path, [{**row, "item_id": dealt[str(row["item_id"])]} for row in rows])
    index = target / "item_persona" / "business_id_to_uids.json"
    if index.exists():
        table = json.loads(index.read_text(encoding="utf-8"))
        index.write_text(json.dumps({dealt[item]: uids for item, uids in table.items()}, ensure_ascii=False), encoding="utf-8")


def control_faults(names, report, where):
    """What is wrong with a table whose dealt items do not lose; an empty list where they do. They lose against the default:
    over lists whose own order is worse than chance (popularity's, of what the users have already had) they may still win
    against the list."""
    if DEALT not in names or DEFAULT not in names:
        return []
    ndcg = {name: file["groups"]["all"]["metrics"]["NDCG@10"] for name, file in zip(names, report["files"])}
    if ndcg[DEALT]["mean"] >= ndcg[DEFAULT]["mean"]:
        return [f"{where}: \"{DEALT}\" does not lose against \"{DEFAULT}\""]
    return []


def cluster(ids, vectors, k):
    """Spherical k-means, deterministic: starts from the points farthest from each other."""
    norms = np.linalg.norm(vectors, axis=1)
    ids = [i for i, n in zip(ids, norms) if n > 0]
    x = vectors[norms > 0] / norms[norms > 0, None]
    if not ids:
        return []
    chosen = [int(np.argmax(x @ x.sum(0)))]
    while len(chosen) < min(k, len(ids)):
        chosen.append(int(np.argmin((x @ x[chosen].T).max(1))))
    centres = x[chosen]
    labels = np.zeros(len(ids), dtype=int)
    for _ in range(20):
        labels = np.argmax(x @ centres.T, axis=1)
        for c in range(len(centres)):
            if (labels == c).any():
                centre = x[labels == c].sum(0)
                centres[c] = centre / max(np.linalg.norm(centre), 1e-9)
    return [[i for i, label in zip(ids, labels) if label == c] for c in range(len(centres)) if (labels == c).any()]


# ---- the tables ------------------------------------------------------------------------------------------------------


def rows_of(world):
    """[(row name, cache, rerank flags)]; with the head that the program trains by default."""
    frozen = world.cache("frozen")
    head = world.cache("head", encoder=world.train())
    mean = world.cache("item_mean", personas=world.item_mean())
    centroids = world.cache("centroids", personas=world.centroids(frozen))
    return [
        (WORDS, frozen, ["--weights", "1,0.75,0"]),
        (PERSONAS, frozen, ["--weights", "1,0,0.5"]),
        (HEAD, head, ["--weights", "1,0,0,1"]),
        (DEFAULT, head, []),
        (ITEM_MEAN, mean, ["--weights", "1,0,0.5", "--force"]),
        (CENTROIDS, centroids, ["--weights", "1,0,0.5", "--force"]),
        (DEALT, world.dealt_cache(head), ["--force"]),
    ]


class Table:
    """Rows of one first stage: means over seeds."""

    def __init__(self):
        self.values = {}  # row -> metric -> list of (mean, relative, low, high)
        self.users = 0

    def add(self, names, report):
        for position, (name, file) in enumerate(zip(names, report["files"])):
            for metric in METRICS:
                m = file["groups"]["all"]["metrics"][metric]
                interval = m.get("relative_interval") or [None, None]
                self.values.setdefault(name, {}).setdefault(metric, []).append(
                    (m["mean"], m.get("relative") if position else None, *interval))
        self.users = report["files"][0]["groups"]["all"]["users"]

    def mean(self, row, at, metric="NDCG@10"):
        values = [v[at] for v in self.values[row][metric] if v[at] is not None]
        return sum(values) / len(values) if values else None

    def own(self):
        return next(iter(self.values))

    def interval(self, row):
        """(gain, low, high) in percent, or None."""
        found = [self.mean(row, at) for at in (1, 2, 3)]
        return None if None in found else tuple(100 * value for value in found)

    def lines(self):
        yield "| order | HIT@10 | NDCG@10 | NDCG@10 against the list [95 % interval] |"
        yield "|---|---|---|---|"
        for row in self.values:
            yield f"| {row} | {self.mean(row, 0, 'HIT@10'):.4f} | {self.mean(row, 0):.4f} | {percent(self.interval(row))} |"


def percent(interval):
    return "" if interval is None else "{:+.1f} % [{:+.1f}, {:+.1f}]".format(*interval)


def measure(world, tables):
    """Fills tables[method]; returns what is wrong with the controls."""
    faults = []
    world.prepare()
    rows = rows_of(world)
    world.keep_texts()
    for method in world.methods:
        base = world.candidates(method, TOPK)
        names, files = ["its own order"], [base]
        for name, cache, flags in rows:
            safe = "".join(c if c.isalnum() else "_" for c in name)
            names.append(name)
            files.append(world.rerank(safe, cache, base, *flags))
        if method != "text-ease":
            names.append(RESCORED)
            files.append(world.rescored(base))
        report = world.evaluate(method, files)
        faults += control_faults(names, report, f"{world.set.name}, {world.folder.name}, {method}")
        tables.setdefault(method, Table()).add(names, report)
    return faults


def measure_set(one):
    """({(source, cutoff): {method: Table}}, faults)"""
    tables, faults = {}, []
    started = time.time()
    for source, cutoff, seed, name in one.worlds():
        faults += measure(World(one, source, cutoff, seed, name), tables.setdefault((source, cutoff), {}))
        print(f"{one.name}: {name} done after {time.time() - started:.0f} s", file=sys.stderr)
    return tables, faults


# ---- the pages -------------------------------------------------------------------------------------------------------


def made_by(options):
    seeds = f"tie seed {options.seeds[0]}" if len(options.seeds) == 1 else f"means over the tie seeds {options.seeds}"
    return ("Made by `scripts/quality.py` from the program's own outputs; nothing here is typed by hand. The first "
            f"{TOPK} of each list are reranked; {seeds}; an interval is of a paired bootstrap ({options.bootstrap} resamples of the "
            "users).")


def write_set_page(one, tables, options):
    lines = [f"# What reranking gains: {one.name}", "", made_by(options), ""]
    for (source, cutoff), by_method in tables.items():
        when = f"a strict split in time at {cutoff}" if cutoff else "leave-one-out"
        for method, table in by_method.items():
            lines += [f"## {method}, {source}, {when}: {table.users} users", "", *table.lines(), ""]
    folder = options.docs / PAGE
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{one.name}.md").write_text("\n".join(lines), encoding="utf-8")


# (what it is called, first stage, row, the source of personas)
SUMMARY = [*[(f"the default over {method}", method, DEFAULT) for method in METHODS],
           ("the head alone over ease", "ease", HEAD), (RESCORED + " of ease", "ease", RESCORED), (ITEM_MEAN + ", over ease", "ease", ITEM_MEAN),
           (CENTROIDS + ", over ease", "ease", CENTROIDS), (DEALT + ", over ease", "ease", DEALT)]


def summary_rows(tables, source=OFFLINE, cutoff=None):
    """[(name, own NDCG@10, its NDCG@10, interval)] of SUMMARY, of what was measured."""
    by_method = tables.get((source, cutoff), {})
    found = []
    for name, method, row in SUMMARY:
        table = by_method.get(method)
        if table and row in table.values:
            found.append((name, table.mean(table.own(), 0), table.mean(row, 0), table.interval(row)))
    return found


def sets_where(results, name, holds):
    """The sets in which an interval of the row lies where `holds` says."""
    return [one.name for one, tables in results for row, _, _, interval in summary_rows(tables)
            if row == name and interval and holds(interval)]


def findings(results):
    """One line a row of the summary: on which sets it gains, loses or shows nothing."""
    for name, *_ in SUMMARY:
        gains = sets_where(results, name, lambda i: i[1] > 0)
        losses = sets_where(results, name, lambda i: i[2] < 0)
        measured = sets_where(results, name, lambda i: True)
        if not measured:
            continue
        if len(gains) == len(measured):
            verdict = "gains on every set"
        elif len(losses) == len(measured):
            verdict = "loses on every set"
        else:
            open_sets = [one for one in measured if one not in gains + losses]
            parts = [("gains on", gains), ("loses on", losses), ("shows nothing on", open_sets)]
            verdict = "; ".join(f"{what} {', '.join(where)}" for what, where in parts if where)
        yield f"- {name}: {verdict}."


CHANNELS = ["base", "words", "persona_words", "persona", "head"]


def weights_table(results, options):
    """What the data chose for each set and first stage, as the encoder folders of the runs say."""
    lines = ["## The weights that the data chose", "",
             "By folds and world valid of each set (docs/method.md, 7 Choosing the weights); test was not looked at. Lists of other "
             "recommenders get the fixed weights, or those of `rerank --tune`.", "",
             "| set | personas | first stage | " + " | ".join(CHANNELS) + " |", "|---|---|---|" + "---|" * len(CHANNELS)]
    for one, _ in results:
        for source, cutoff, seed, name in one.worlds():
            chosen = one.folder / name / "encoder_head" / "fusion_weights.json"
            if cutoff or seed != options.seeds[0] or not chosen.exists():
                continue
            for method, weights in json.loads(chosen.read_text(encoding="utf-8")).get("first_stages", {}).items():
                numbers = " | ".join(f"{weights[channel]:.3g}" for channel in CHANNELS)
                lines.append(f"| {one.name} | {source} | {method} | {numbers} |")
    return lines


def write_summary_page(results, options):
    lines = ["# What reranking gains", "", made_by(options) + " A page a set: "
             + ", ".join(f"[{one.name}](quality/{one.name}.md)" for one, _ in results) + ". The default's weights are chosen by the data of each set (below)."
             + " The settings of ease and text-ease are chosen by folds on each set, those of ials on world valid of digital-music and "
             "beers together (docs/method.md).", "",
             "## Ten rows a set", "",
             "| set | row | NDCG@10 of the list | NDCG@10 | gain [95 % interval] |", "|---|---|---|---|---|"]
    for one, tables in results:
        for name, own, after, interval in summary_rows(tables):
            lines.append(f"| {one.name} | {name} | {own:.4f} | {after:.4f} | {percent(interval)} |")
    given = [(one, row) for one, tables in results for row in summary_rows(tables, "given personas")[:5]]
    if given:
        lines += ["", "With personas that a language model wrote (`--personas`) instead of the offline provider's:", "",
                  "| set | row | NDCG@10 of the list | NDCG@10 | gain [95 % interval] |", "|---|---|---|---|---|"]
        lines += [f"| {one.name} | {name} | {own:.4f} | {after:.4f} | {percent(interval)} |"
                  for one, (name, own, after, interval) in given]
    dated = [(one, source, cutoff, tables) for one, tables in results for source, cutoff in tables if cutoff]
    if dated:
        lines += ["", "## A strict split in time, beside leave-one-out", "",
                  "| set | cutoff | users | row | NDCG@10 of the list | NDCG@10 | gain [95 % interval] |", "|---|---|---|---|---|---|---|"]
        for one, source, cutoff, tables in dated:
            users = next(iter(tables[source, cutoff].values())).users
            lines += [f"| {one.name} | {cutoff} | {users} | {name} | {own:.4f} | {after:.4f} | {percent(interval)} |"
                      for name, own, after, interval in summary_rows(tables, source, cutoff) if name.startswith("the default")]
    lines += ["", *weights_table(results, options)]
    lines += ["", "## What holds everywhere, and what does not", "",
              "An interval that leaves out 0 is a gain or a loss; leave-one-out, the offline provider.", "", *findings(results), "",
              "## On your own data", "", "```", "scripts/quality.py FOLDER --work build/quality --docs build/quality/docs", "```", "",
              "FOLDER holds reviews.jsonl and meta.jsonl, and a config.toml where their fields are not Amazon's "
              "(configs/generic.toml has every key). `scripts/quality.py --help` says what else it takes: several folders, "
              "personas of a language model, cutoffs. A list of another recommender: README.md, \"A session\".", ""]
    (options.docs / f"{PAGE}.md").write_text("\n".join(lines), encoding="utf-8")


def by_set(values):
    """{"beers": "FILE"} of ["beers=FILE"]; a folder's path stands for its name."""
    pairs = [value.partition("=") for value in values]
    return {Path(name).resolve().name: given for name, _, given in pairs}


def read_options(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", metavar="FOLDER")
    parser.add_argument("--work", type=Path, required=True, help="folder of workspaces; kept, so that a stopped run goes on")
    parser.add_argument("--docs", type=Path, default=Path("docs"), help="where the page and a folder with one for each set go")
    parser.add_argument("--config", default="configs/amazon.toml", help="of the sets without a config.toml")
    parser.add_argument("--personas", action="append", default=[], metavar="SET=FILE")
    parser.add_argument("--cutoffs", action="append", default=[], metavar="SET=DATE,DATE", help="temporal splits beside leave-one-out")
    parser.add_argument("--program", default="build/release/persona4rec")
    parser.add_argument("--encoder", default="build/deps/models/all-MiniLM-L6-v2")
    parser.add_argument("--methods", default=",".join(METHODS))
    parser.add_argument("--seeds", default="0", help="tie seeds, with commas")
    parser.add_argument("--bootstrap", type=int, default=2000)
    options = parser.parse_args(arguments)
    options.methods = options.methods.split(",")
    options.seeds = [int(seed) for seed in options.seeds.split(",")]
    options.personas = by_set(options.personas)
    options.cutoffs = {name: given.split(",") for name, given in by_set(options.cutoffs).items()}
    return options


def main():
    options = read_options(None)
    options.work.mkdir(parents=True, exist_ok=True)
    sets = [Set(options, folder) for folder in options.folders]
    check_personas(sets, options)
    results, faults = [], []
    for one in sets:
        tables, wrong = measure_set(one)
        results.append((one, tables))
        faults += wrong
        write_set_page(one, tables, options)
    write_summary_page(results, options)
    print(options.docs / f"{PAGE}.md")
    if faults:
        sys.exit("\n".join(["quality: a control does not lose, so the figures are not to be trusted", *faults]))


if __name__ == "__main__":
    main()
