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
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from quality_pages import (CENTROIDS, DEALT, DEFAULT, HEAD, ITEM_MEAN, METHODS, OFFLINE, PAGE, PERSONAS, REFITTED, RESCORED, SINGLE,
                           TEMPORAL_METHODS, TOPK, WORDS, Table, write_set_page, write_summary_page)


# of --bound
BOUND_WORDS, BOUND_HEAD, BOUND_PERSONA_WORDS = (0, 0.25, 0.5, 0.75, 1, 1.5, 2.5), (0, 0.25, 0.5, 0.75, 1, 1.5, 3), (0, 0.33)


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

    def ask(self, command, *flags):
        """What a run says, on either stream, that writes nothing."""
        line = [self.options.program, command, "--config", self.config, *map(str, flags)]
        return subprocess.run(line, check=True, stderr=subprocess.STDOUT, stdout=subprocess.PIPE, text=True).stdout


def read_jsonl(path):
    with open(path, encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def write_jsonl(path, rows):
    with open(path, "w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


class Source:
    """Who wrote the personas: the offline provider, or a file of them, for all items or for those with the fewest reviews."""

    def __init__(self, personas=None, share="all"):
        self.personas = personas
        self.share = share
        self.dollars = 0.0
        sidecar = read_sidecar(personas) if personas else {}
        self.label = OFFLINE if personas is None else sidecar.get("about", "given personas") + ("" if share == "all" else f", {share} only")
        self.knowledge = (sidecar.get("options") or {}).get("knowledge", "open")

    def folder(self, seed):
        slug = "".join(c if c.isalnum() else "-" for c in self.label)
        return f"seed{seed}" if self.personas is None else f"seed{seed}-{slug}"


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
        self.sources = [Source(), *(Source(Path(file), share) for file in options.personas.get(self.name, [])
                                    for share in options.llm_for)]
        self.cutoffs = [date for dates in options.cutoffs.get(self.name, []) for date in dates.split(",")]

    def raw_file(self, name):
        plain = self.raw / name
        return plain if plain.exists() else self.raw / (name + ".gz")

    def worlds(self):
        """(source of personas, cutoff, seed, name of the folder)"""
        for seed in self.options.seeds:
            for source in self.sources:
                if source.personas is None or fits(source.personas, "leave-one-out", seed):
                    yield source, None, seed, source.folder(seed)
        for cutoff in self.cutoffs:
            for seed in self.options.seeds:
                yield self.sources[0], cutoff, seed, f"temporal-{cutoff}-{seed}"


def read_sidecar(personas):
    """{} where it cannot be read."""
    try:
        sidecar = json.loads(Path(str(personas) + ".meta.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return sidecar if isinstance(sidecar, dict) else {}


def written_for(personas):
    """(split, seed) of a file of personas; the script ends where nothing says it."""
    try:
        settings = read_sidecar(personas)["settings"]
        return settings["split"], settings["seed"]
    except (KeyError, TypeError):
        sys.exit(f"quality: {personas}.meta.json has to say for which split and seed the personas were written: "
                 '{"settings": {"split": "leave-one-out", "seed": 0}}')


def fits(personas, split, seed):
    own_split, own_seed = written_for(personas)
    return own_split in (split, "any") and own_seed in (seed, "any")


def check_personas(sets, options):
    for personas in [source.personas for one in sets for source in one.sources if source.personas]:
        if not any(fits(personas, "leave-one-out", seed) for seed in options.seeds):
            split, seed = written_for(personas)
            sys.exit(f"quality: {personas} was written for split {split}, seed {seed}, and not for leave-one-out with one of the "
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
        self.source = source
        self.methods = TEMPORAL_METHODS if cutoff else self.options.methods
        self.seed = seed
        self.is_first = cutoff is None and seed == one.options.seeds[0] and source.share == "all"

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
        if self.source.personas and not (self.folder / "given").exists():
            take_personas(self.folder / "3_personas.jsonl", self.source, self.item_rows())
            (self.folder / "given").touch()
        self.do(self.folder / "3.5_persona_with_summary.jsonl", "prepare")
        self.do(self.folder / "4_selected_personas.jsonl", "select")

    def price(self):
        """US dollars that the personas of the source would take, about."""
        said = self.program.ask("personas", "--workspace", self.folder, *self.split, "--knowledge", self.source.knowledge, "--llm-for",
                                self.source.share, "--llm", "http", "--llm-model", self.options.priced_as, "--estimate")
        return float(re.search(r"^ *cost +about \$([0-9.,]+)", said, re.MULTILINE).group(1).rstrip(".").replace(",", ""))

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

    def fit(self, method):
        """What `train` found out about the weights of a first stage's lists, or None."""
        meta = json.loads((self.folder / "encoder_head.meta.json").read_text(encoding="utf-8"))
        return meta["options"].get("fit", {}).get(method, {}).get("folds_and_valid")

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
            resamples = [] if "--bootstrap" in flags else ["--bootstrap", self.options.bootstrap]
            self.program.run("eval", "--workspace", self.folder, *files, "--ks", "10", "--json", path, "--force", *resamples, *flags)
        return json.loads(path.read_text(encoding="utf-8"))

    def alone(self, method):
        """row -> (what it is, flags of rerank): one channel beside the list's own score, by what the fit found."""
        fit = self.fit(method)
        if not fit:
            return {}
        words, head = (fit[f"{name}_alone"] for name in ["words", "head"])
        refitted = (f"words, {words['weight']:g}", ["--weights", f"base=1,words={words['weight']}"])
        if words["ndcg@10"] >= head["ndcg@10"]:
            return {REFITTED: refitted, SINGLE: refitted}
        return {REFITTED: refitted, SINGLE: (f"head, {head['weight']:g}", ["--weights", f"base=1,head={head['weight']}"])}

    def bound(self, method, cache, candidates):
        """(weights, NDCG@10) of the best of a grid on test itself."""
        grid = [(words, head, persona_words) for words in BOUND_WORDS for head in BOUND_HEAD for persona_words in BOUND_PERSONA_WORDS]
        flags = [f"base=1,words={words},head={head},persona_words={persona_words}" for words, head, persona_words in grid]
        files = []
        if not (self.folder / f"eval.{method}.bound.json").exists():
            files = [self.rerank("bound_" + flag, cache, candidates, "--weights", flag) for flag in flags]
        report = self.evaluate(f"{method}.bound", [candidates, *files], "--bootstrap", 0)
        for path in files:  # gigabytes of them, of no further use
            for suffix in ["", ".meta.json", ".run.json"]:
                Path(str(path) + suffix).unlink()
        means = [file["groups"]["all"]["metrics"]["NDCG@10"]["mean"] for file in report["files"][1:]]
        best = max(range(len(means)), key=means.__getitem__)
        return flags[best], means[best]

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


def with_fewest(reviews):
    """The items with as few reviews on the item side as the fifth with the fewest has, as `personas --llm-for tail` takes them."""
    counts = sorted(len(of_item) for of_item in reviews.values())
    most = counts[(len(counts) + 4) // 5 - 1]
    return {item for item in reviews if len(reviews[item]) <= most}


def take_personas(path, source, reviews):
    """Puts a source's personas in the place of those in a 3_personas.jsonl, and says so in its meta file. `reviews`: of each
    item, for a source that speaks of those with the fewest."""
    personas = {str(row["item_id"]): row["personas"] for row in read_jsonl(source.personas)}
    rows = list(read_jsonl(path))
    if source.share == "tail":
        tail = with_fewest({row["item_id"]: reviews.get(row["item_id"], []) for row in rows})
        personas = {item: given for item, given in personas.items() if item in {str(one) for one in tail}}
    for row in rows:
        if str(row["item_id"]) in personas:
            row["personas"] = [{"ID": f"P{k}", "Preference_Rationale": "", "support": [], **one}
                               for k, one in enumerate(personas[str(row["item_id"])], 1)]
    write_jsonl(path, rows)
    meta_path = Path(str(path) + ".meta.json")
    meta = json.loads(meta_path.read_text(encoding="utf-8"))
    meta["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    meta["model"] = f"given: {source.personas.name}, {source.share}"
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


def measure(world, tables):
    """Fills tables[method]; returns what is wrong with the controls."""
    faults = []
    world.prepare()
    rows = rows_of(world)
    world.keep_texts()
    for method in world.methods:
        base = world.candidates(method, TOPK)
        names, files = ["its own order"], [base]
        alone = world.alone(method)
        for name, cache, flags in [*rows, *((name, rows[2][1], flags) for name, (_, flags) in alone.items())]:
            safe = "".join(c if c.isalnum() else "_" for c in name)
            names.append(name)
            files.append(world.rerank(safe, cache, base, *flags))
        if method != "text-ease":
            names.append(RESCORED)
            files.append(world.rescored(base))
        report = world.evaluate(method, files)
        faults += control_faults(names, report, f"{world.set.name}, {world.folder.name}, {method}")
        table = tables.setdefault(method, Table())
        table.add(names, report)
        if world.options.bound and world.is_first:
            table.bound = world.bound(method, rows[2][1], base)
        for name, (what, _) in alone.items():
            pair = [files[names.index(name)], files[names.index(DEFAULT)]]
            table.compare(name, what, world.evaluate(f"{method}.{names.index(name)}", pair))
    return faults


def measure_set(one):
    """({(source, cutoff): {method: Table}}, faults)"""
    tables, faults = {}, []
    started = time.time()
    for source, cutoff, seed, name in one.worlds():
        world = World(one, source, cutoff, seed, name)
        faults += measure(world, tables.setdefault((source.label, cutoff), {}))
        if source.personas:
            source.dollars = world.price()
        print(f"{one.name}: {name} done after {time.time() - started:.0f} s", file=sys.stderr)
    return tables, faults


def by_set(values):
    """{"beers": ["FILE"]} of ["beers=FILE"]; a folder's path stands for its name."""
    found = {}
    for name, _, given in (value.partition("=") for value in values):
        found.setdefault(Path(name).resolve().name, []).append(given)
    return found


def read_options(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", metavar="FOLDER")
    parser.add_argument("--work", type=Path, required=True, help="folder of workspaces; kept, so that a stopped run goes on")
    parser.add_argument("--docs", type=Path, default=Path("docs"), help="where the page and a folder with one for each set go")
    parser.add_argument("--config", default="configs/amazon.toml", help="of the sets without a config.toml")
    parser.add_argument("--personas", action="append", default=[], metavar="SET=FILE")
    parser.add_argument("--cutoffs", action="append", default=[], metavar="SET=DATE,DATE", help="temporal splits beside leave-one-out")
    parser.add_argument("--llm-for", default="all", metavar="tail,all", help="which items --personas speak of [all]")
    parser.add_argument("--priced-as", default="gpt-4.1-mini", metavar="MODEL", help="whose price their cost is counted at")
    parser.add_argument("--bound", action="store_true", help="also rerank with every weight of a grid: what the best on test would give")
    parser.add_argument("--program", default="build/release/persona4rec")
    parser.add_argument("--encoder", default="build/deps/models/all-MiniLM-L6-v2")
    parser.add_argument("--methods", default=",".join(METHODS))
    parser.add_argument("--seeds", default="0", help="tie seeds, with commas")
    parser.add_argument("--bootstrap", type=int, default=2000)
    options = parser.parse_args(arguments)
    options.methods = options.methods.split(",")
    options.seeds = [int(seed) for seed in options.seeds.split(",")]
    options.personas = by_set(options.personas)
    options.llm_for = options.llm_for.split(",")
    if not set(options.llm_for) <= {"tail", "all"}:
        parser.error(f"--llm-for: expected tail, all or both, got {','.join(options.llm_for)}")
    options.cutoffs = by_set(options.cutoffs)
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
