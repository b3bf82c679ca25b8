#!/usr/bin/env python3
"""Measures what lifts rankings on a dataset, and writes the tables of docs/quality.md.

    python3 scripts/quality.py CONFIG --raw-reviews FILE --raw-meta FILE --work FOLDER --output docs/quality.md

Everything is the program's own doing: candidate lists, caches, heads, reranked lists and `eval --json`. This script only
chains the commands, makes the controls that are no option of the program, and averages over tie seeds (and training
seeds). Needs Python 3.9 and NumPy (for one control: k-means centroids). What a step has written is not made again, so a
stopped run goes on.

Controls:
  item mean           one persona an item, standing on all its item-side reviews
  cluster centroids   personas = k-means clusters of the item's review vectors, k = ceil(n / 3) from 2 to 7
  text-ease rescores  the same list in the order of text-ease: a text-aware recommender without personas
  dealt               every item gets the personas and words of another one: must lose against the default and must not
                      beat the list; the script ends with exit code 1 where it does

Ideas (rows that begin with "idea:"), for the question what beats a text-aware recommender:
  aspects, summary    the encoder reads the extracted aspects, or the summary, instead of the review
  text-ease rescores  the rescored list reranked as usual: its score takes the place of the list's own
  text-ease added     z(list's score) + z(text-ease's score) as the list's score, reranked as usual
  heads               heads over word vectors and over both together (scripts/head_ideas.py, with --ideas: needs PyTorch)
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

from check_scoring import standardized

HEAD_IDEAS = {  # of scripts/head_ideas.py
    "lsa_frozen": "idea: + words + LSA, no head",
    "encoder_head": "idea: + words + head on one mean vector an item",
    "lsa_head": "idea: + words + head over LSA",
    "two_heads": "idea: + words + both heads",
    "joint_head": "idea: + words + one head over encoder and LSA",
    "joint_no_words": "idea: + one head over encoder and LSA, no words",
}
METHODS = ["popularity", "itemknn", "ease", "text-ease"]
METRICS = ["HIT@10", "NDCG@10"]
DEFAULT = "+ both (the default)"
HEAD_DEFAULT = "+ words + head (the default with a head)"
DEALT = "control: personas and words dealt to other items, + both"


class Program:
    def __init__(self, options):
        self.options = options
        self.log = open(Path(options.work) / "quality.log", "a", encoding="utf-8")

    def run(self, command, *flags):
        line = [self.options.program, command, "--config", self.options.config, "--quiet", *map(str, flags)]
        self.log.write(" ".join(line) + "\n")
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


class World:
    """One workspace: a split policy and a tie seed."""

    def __init__(self, program, name, split_flags, seed):
        self.program = program
        self.options = program.options
        self.folder = Path(self.options.work) / name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.split = [*split_flags, "--seed", seed, "--targets-per-user", 0]
        self.seed = seed

    def do(self, output, command, *flags, split=True):
        """Runs a command unless what it writes (with its meta file) is there."""
        if Path(str(output) + ".meta.json").exists():
            return output
        workspace = ["--workspace", self.folder]
        self.program.run(command, *workspace, *(self.split if split else []), *flags)
        return output

    def prepare(self):
        shared = Path(self.options.work)
        for name, command, flags in [
            ("1_aspects.jsonl", "extract-aspects", ["--raw-reviews", self.options.raw_reviews]),
            ("2_summary.jsonl", "summarize", ["--raw-reviews", self.options.raw_reviews, "--raw-meta", self.options.raw_meta]),
        ]:
            if not (shared / (name + ".meta.json")).exists():
                self.program.run(command, "--workspace", shared, *flags)
            for suffix in ["", ".meta.json"]:
                if not (self.folder / (name + suffix)).exists():
                    shutil.copy(shared / (name + suffix), self.folder / (name + suffix))
        self.do(self.folder / "3_personas.jsonl", "personas")
        self.do(self.folder / "3.5_persona_with_summary.jsonl", "prepare")
        self.do(self.folder / "4_selected_personas.jsonl", "select")

    def candidates(self, method, topk, world="test"):
        path = self.folder / f"candidate.{method}.{topk}.{world}.jsonl"
        return self.do(path, "candidates", "--method", method, "--topk", topk, "--for", world, "--output", path)

    def train(self, name, *flags):
        folder = self.folder / f"encoder_{name}"
        valid = self.candidates("ease", 100, "valid")
        self.do(folder, "train", "--encoder", self.options.encoder, "--output", folder, "--valid-candidates", valid, *flags)
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

    def rescored(self, candidates, with_base=False):
        """The list with text-ease's scores for its items, or (`with_base`) with the sum of both z-scores."""
        name = "text_ease_added" if with_base else "text_ease_rescored"
        path = self.folder / "lists" / f"{candidates.stem}.{name}.jsonl"
        path.parent.mkdir(exist_ok=True)
        if not path.exists():
            scores = {row["user_id"]: {r["item_id"]: r["score"] for r in row["results"]}
                      for row in read_jsonl(self.candidates("text-ease", 1000000))}
            rows = []
            for row in read_jsonl(candidates):
                known = scores.get(row["user_id"], {})
                row["results"] = [r for r in row["results"] if r["item_id"] in known]
                text = [known[r["item_id"]] for r in row["results"]]
                new = standardized(text) + standardized([r["score"] for r in row["results"]]) if with_base else np.array(text)
                for result, score in zip(row["results"], new):
                    result["score"] = float(score)
                row["results"].sort(key=lambda r: -r["score"])
                rows.append(row)
            write_jsonl(path, rows)
        return path


    def head_ideas(self, cache, candidates, method, topk):
        """[(row name, list, None)] of scripts/head_ideas.py."""
        folder = self.folder / "ideas"
        files = {row: folder / f"{candidates.stem}.{row}.jsonl" for row in HEAD_IDEAS}
        if not all(path.exists() for path in files.values()):
            script = Path(__file__).parent / "head_ideas.py"
            subprocess.run([sys.executable, script, "--workspace", self.folder, "--cache", cache, "--candidates", candidates,
                            "--valid-candidates", self.candidates(method, topk, "valid"), "--output", folder,
                            "--seed", str(self.seed)], check=True, stdout=self.program.log)
        return [(name, files[row], None) for row, name in HEAD_IDEAS.items()]


def deal_items(cache, target, seed):
    """The same cache with each item's personas and words in the hands of another item, in the files that rerank reads."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(cache, target)
    for suffix in [".meta.json", ".run.json"]:
        if Path(str(cache) + suffix).exists():
            shutil.copy(str(cache) + suffix, str(target) + suffix)
    personas, words = target / "item_persona" / "personas.jsonl", target / "words" / "items.jsonl"
    items = sorted({str(row["item_id"]) for row in read_jsonl(personas)})
    random.Random(seed).shuffle(items)
    dealt = dict(zip(items, items[1:] + items[:1]))  # one cycle: nobody keeps anything
    for path in [personas, words]:
        rows = list(read_jsonl(path))
        write_jsonl(path, [{**row, "item_id": dealt.get(str(row["item_id"]), row["item_id"])} for row in rows])
    index = target / "item_persona" / "business_id_to_uids.json"
    if index.exists():
        table = json.loads(index.read_text(encoding="utf-8"))
        index.write_text(json.dumps({dealt[item]: uids for item, uids in table.items()}, ensure_ascii=False), encoding="utf-8")


def control_faults(names, report, where):
    """What is wrong with a table whose dealt items do not lose; an empty list where they do."""
    if DEALT not in names or DEFAULT not in names:
        return []
    ndcg = {name: file["groups"]["all"]["metrics"]["NDCG@10"] for name, file in zip(names, report["files"])}
    faults = []
    if ndcg[DEALT]["mean"] >= ndcg[DEFAULT]["mean"]:
        faults.append(f"{where}: \"{DEALT}\" does not lose against \"{DEFAULT}\"")
    interval = ndcg[DEALT].get("relative_interval")
    if interval and interval[0] is not None and interval[0] > 0:
        faults.append(f"{where}: \"{DEALT}\" beats the list")
    return faults


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


# ---- rows of the tables ----------------------------------------------------------------------------------------------


def frozen_rows(world, full):
    """[(row name, cache, rerank flags)] without any training."""
    base = world.cache("support")
    rows = [
        ("persona order alone", base, ["--persona-only"]),
        ("+ personas", base, ["--weights", "1,0,0.5"]),
        ("+ words", base, ["--weights", "1,0.75,0"]),
        (DEFAULT, base, []),
    ]
    if not full:
        return rows
    for kind in ["text", "readers", "mix"]:
        cache = world.cache(kind, "--persona-vectors", kind)
        rows += [(f"+ personas, vectors from {kind}", cache, ["--weights", "1,0,0.5"]),
                 (f"+ both, vectors from {kind}", cache, [])]
    for side in ["own", "items"]:
        cache = world.cache(side, "--profile", side)
        rows += [(f"+ personas, profile {side}", cache, ["--weights", "1,0,0.5"]), (f"+ both, profile {side}", cache, [])]
    for text in ["aspects", "summary"]:
        cache = world.cache(f"text_{text}", "--interaction-text", text)
        rows += [(f"idea: {text} as text, + personas", cache, ["--weights", "1,0,0.5"]),
                 (f"idea: {text} as text, + both", cache, [])]
    cache = world.cache("words_personas", "--words-from", "personas")
    rows += [("+ words from persona texts", cache, ["--weights", "1,0.75,0"]), ("+ both, words from persona texts", cache, [])]
    mean = world.cache("item_mean", personas=world.item_mean())
    centroids = world.cache("centroids", personas=world.centroids(base))
    rows += [
        ("control: item mean of reviews, + personas", mean, ["--weights", "1,0,0.5", "--force"]),
        ("control: item mean of reviews, + both", mean, ["--force"]),
        ("control: cluster centroids, + personas", centroids, ["--weights", "1,0,0.5", "--force"]),
        ("control: cluster centroids, + both", centroids, ["--force"]),
        (DEALT, world.dealt_cache(base), ["--force"]),
    ]
    return rows


def head_rows(world, train_seed, full):
    encoder = world.train(f"head{train_seed}", "--train-seed", train_seed)
    cache = world.cache(f"head{train_seed}", encoder=encoder)
    rows = [
        ("head order alone", cache, ["--persona-only"]),
        ("+ head", cache, ["--weights", "1,0,0,1"]),
        (HEAD_DEFAULT, cache, []),
    ]
    if not full:
        return rows
    for kind in ["text", "readers", "mix"]:
        encoder = world.train(f"head{train_seed}_{kind}", "--train-seed", train_seed, "--persona-vectors", kind)
        cache = world.cache(f"head{train_seed}_{kind}", "--persona-vectors", kind, encoder=encoder)
        rows += [(f"+ words + head, vectors from {kind}", cache, [])]
    encoder = world.train(f"reference{train_seed}", "--train-seed", train_seed, "--preset", "reference")
    cache = world.cache(f"reference{train_seed}", "--profile", "own", encoder=encoder)
    rows += [("reference preset: + head", cache, ["--weights", "1,0,0,1"]), ("reference preset: + words + head", cache, [])]
    for name, flags in [("temperature 0.1", ["--temperature", "0.1"]), ("temperature 0.02", ["--temperature", "0.02"]),
                        ("no logQ", ["--no-log-q"]), ("no masks", ["--no-mask-user", "--no-mask-item", "--no-mask-persona"]),
                        ("symmetric", ["--symmetric"]), ("shared map", ["--shared-map"]),
                        ("hard negatives 2", ["--hard-negatives", "2"])]:
        encoder = world.train(f"head{train_seed}_{name.replace(' ', '_')}", "--train-seed", train_seed, *flags)
        rows += [(f"ablation: {name}", world.cache(f"head{train_seed}_{name.replace(' ', '_')}", encoder=encoder), [])]
    return rows


def fitted_row(world, train_seed, method):
    encoder = world.train(f"fitted{train_seed}_{method}", "--train-seed", train_seed, "--first-stage",
                                   method)
    weights = json.loads((encoder / "fusion_weights.json").read_text())["first_stages"][method]
    return ("+ words + head, weights fitted on folds", world.cache(f"fitted{train_seed}_{method}", encoder=encoder), []), weights


class Table:
    """Rows of one first stage and list length: means over seeds."""

    def __init__(self):
        self.values = {}  # row -> metric -> list of (mean, relative, low, high)
        self.users = []

    def add(self, names, report, group="all"):
        for position, (name, file) in enumerate(zip(names, report["files"])):
            metrics = file["groups"][group]["metrics"]
            for metric in METRICS:
                m = metrics[metric]
                interval = m.get("relative_interval") or [None, None]
                self.values.setdefault(name, {}).setdefault(metric, []).append(
                    (m["mean"], m.get("relative") if position else None, *interval))
        self.users.append(report["files"][0]["groups"][group]["users"])

    def mean(self, row, metric, at):
        values = [v[at] for v in self.values[row][metric] if v[at] is not None]
        return sum(values) / len(values) if values else None

    def lines(self):
        yield "| order | runs | HIT@10 | NDCG@10 | NDCG@10 against the list [95 % interval] |"
        yield "|---|---|---|---|---|"
        for row in self.values:
            relative, low, high = (self.mean(row, "NDCG@10", at) for at in (1, 2, 3))
            delta = "" if relative is None else f"{100 * relative:+.1f} % [{100 * low:+.1f}, {100 * high:+.1f}]"
            strong = row in (DEFAULT, HEAD_DEFAULT)
            name = f"**{row}**" if strong else row
            yield f"| {name} | {len(self.values[row]['NDCG@10'])} | {self.mean(row, 'HIT@10', 0):.4f} | {self.mean(row, 'NDCG@10', 0):.4f} | {delta} |"


def measure(world, tables, slices, fitted, options):
    """Fills the tables; returns what is wrong with the controls."""
    faults = []
    world.prepare()
    full = options.rows == "full"
    frozen = frozen_rows(world, full)
    heads = [head_rows(world, t, full and t == 0) for t in range(options.train_seeds)]
    for method in options.methods:
        for topk in options.topk:
            base = world.candidates(method, topk)
            specs = list(frozen)
            if method != "text-ease":
                rescored, added = world.rescored(base), world.rescored(base, with_base=True)
                specs.insert(0, ("control: text-ease rescores the list", rescored, None))
                if full:
                    specs += [("idea: text-ease rescores the list, + both", frozen[0][1], [], rescored),
                              ("idea: text-ease added to the list's score", added, None),
                              ("idea: text-ease added to the list's score, + both", frozen[0][1], [], added)]
            head_specs = [(f"{name}#{t}" if t else name, *rest) for t, rows in enumerate(heads) for name, *rest in rows]
            if full and options.ideas and method == "ease":
                head_specs += world.head_ideas(frozen[0][1], base, method, topk)
            fit_specs = []
            if method in options.fit:
                row, weights = fitted_row(world, 0, method)
                fit_specs = [row]
                fitted.setdefault(method, []).append(weights)
            specs += head_specs + fit_specs
            names, files = [f"{method}, top {topk}: its own order"], [base]
            for name, cache, flags, *other_list in specs:
                safe = "".join(c if c.isalnum() else "_" for c in name)
                files.append(cache if flags is None else world.rerank(safe, cache, *(other_list or [base]), *flags))
                names.append(name.split("#")[0])
            report = world.evaluate(f"{method}.{topk}", files)
            faults += control_faults(names, report, f"{world.folder.name}, {method}, top {topk}")
            tables.setdefault((method, topk), Table()).add(names, report)
            if method == "ease" and topk == max(options.topk):
                keep = [i for i, name in enumerate(names) if name in (names[0], DEFAULT, HEAD_DEFAULT) and "#" not in name]
                sliced = world.evaluate(f"{method}.{topk}.slices", [files[i] for i in keep], "--scenarios")
                for group in sliced["groups"]:
                    slices.setdefault(group, Table()).add([names[i] for i in keep], sliced, group)
    return faults


def write_report(options, tables, slices, fitted, temporal):
    lines = [f"# What lifts rankings: {options.name}", "",
             "Made by `scripts/quality.py` from the program's own outputs; nothing here is typed by hand. "
             f"{next(iter(tables.values())).users[0]} test users; means over tie seeds {options.seeds}"
             f" and {options.train_seeds} training seed(s); an interval is the mean of the seeds' paired bootstrap intervals "
             f"({options.bootstrap} resamples of the users). Language model: {options.model}. "
             "Settings were chosen on world valid and on folds of the training positives, not on these figures. "
             "`runs` counts the tie seeds (times training seeds) behind a row: variants of the head were run with the first training "
             "seed alone. "
             "Differences of 1 to 2 % between rows are noise. docs/training.md says what to read out of the tables.", ""]
    for (method, topk), table in tables.items():
        lines += [f"## {method}, top {topk}", "", *table.lines(), ""]
    if fitted:
        lines += ["## Weights fitted on folds", "", "| first stage | base | words | head |", "|---|---|---|---|"]
        for method, weights in fitted.items():
            mean = {k: sum(w[k] for w in weights) / len(weights) for k in ("base", "words", "head")}
            lines.append(f"| {method} | {mean['base']:.2f} | {mean['words']:.2f} | {mean['head']:.2f} |")
        lines.append("")
    if slices:
        lines += [f"## Slices of users and items (ease, top {max(options.topk)})", ""]
        for group, table in slices.items():
            lines += [f"### {group}: {table.users[0]} users", "", *table.lines(), ""]
    for cutoff, tables_of in temporal.items():
        users = next(iter(tables_of.values())).users[0]
        lines += [f"## A strict split in time: cutoff {cutoff}, {users} test users", ""]
        for (method, topk), table in tables_of.items():
            lines += [f"### {method}, top {topk}", "", *table.lines(), ""]
    Path(options.output).write_text("\n".join(lines), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config")
    parser.add_argument("--raw-reviews", required=True)
    parser.add_argument("--raw-meta", required=True)
    parser.add_argument("--work", required=True, help="folder of workspaces; kept, so that a stopped run goes on")
    parser.add_argument("--output", required=True, help="the Markdown report")
    parser.add_argument("--name", default="", help="what the dataset is called in the report")
    parser.add_argument("--program", default="build/release/persona4rec")
    parser.add_argument("--encoder", default="build/deps/models/all-MiniLM-L6-v2")
    parser.add_argument("--methods", default=",".join(METHODS))
    parser.add_argument("--topk", default="20,100")
    parser.add_argument("--seeds", default="0,1,2", help="tie seeds")
    parser.add_argument("--train-seeds", type=int, default=1, help="training seeds for each tie seed; 0 = no head")
    parser.add_argument("--rows", choices=["full", "short"], default="full")
    parser.add_argument("--fit", default="", help="first stages with weights fitted on folds: ease,text-ease")
    parser.add_argument("--cutoff", default="", help="also temporal splits with these cutoffs (dates or ms, with commas)")
    parser.add_argument("--ideas", action="store_true", help="also the rows of scripts/head_ideas.py, over ease")
    parser.add_argument("--bootstrap", type=int, default=2000)
    options = parser.parse_args()
    options.methods = options.methods.split(",")
    options.fit = options.fit.split(",") if options.fit else []
    options.cutoffs = options.cutoff.split(",") if options.cutoff else []
    options.topk = [int(k) for k in options.topk.split(",")]
    options.seeds = [int(s) for s in options.seeds.split(",")]
    options.name = options.name or Path(options.config).stem
    Path(options.work).mkdir(parents=True, exist_ok=True)
    program = Program(options)
    started = time.time()
    tables, slices, fitted, temporal = {}, {}, {}, {}
    faults = []
    for seed in options.seeds:
        faults += measure(World(program, f"seed{seed}", [], seed), tables, slices, fitted, options)
        print(f"seed {seed} done after {time.time() - started:.0f} s", file=sys.stderr)
    for cutoff in options.cutoffs:
        short = argparse.Namespace(**{**vars(options), "rows": "short", "methods": ["popularity", "ease", "text-ease"], "fit": [],
                                      "topk": [max(options.topk)]})
        flags = ["--split", "temporal", "--cutoff", cutoff]
        tables_of = temporal.setdefault(cutoff, {})
        for seed in options.seeds:
            faults += measure(World(program, f"temporal-{cutoff}-{seed}", flags, seed), tables_of, {}, {}, short)
    meta = json.loads((Path(options.work) / "1_aspects.jsonl.meta.json").read_text())
    options.model = meta["model"] + (" (no model was used)" if meta["model"] == "offline" else "")
    write_report(options, tables, slices, fitted, temporal)
    print(options.output)
    if faults:
        sys.exit("\n".join(["quality: a control does not lose, so the figures are not to be trusted", *faults]))


if __name__ == "__main__":
    main()
