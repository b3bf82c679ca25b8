#!/usr/bin/env python3
"""What training does to rankings: trains the encoder in several ways on one prepared workspace and compares the orders.

  scripts/train_study.py WORKSPACE --encoder FOLDER [--variants head,full,...] [--lists ease,popularity] [--jobs N]
                         [--work FOLDER] [--train FLAGS] [--config FILE] [--program FILE] [--device NAME] [--json FILE]

WORKSPACE holds what `prepare`, `select` and `candidates` wrote (scripts/quality.py leaves such folders: <work>/<set>/seed0):
3.5_history, 3.5_targets, 3.5_gt, 3.5_persona_with_summary, 4_selected_personas, candidate.<list>.100.{valid,test}.jsonl.
Every variant is validated on candidate.ease.100.valid.jsonl and against all items; nothing looks at test before it ends.
Printed for each: NDCG@10 in world valid at the first and the best look, then on test, over each list, the gain of the
persona order alone and of the fused default, with the 95 % interval of a paired bootstrap over users.
"""

import argparse
import concurrent.futures
import datetime
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# What `train` is told beside the workspace; docs/training.md explains the flags.
VARIANTS = {
    "frozen": None,  # no training: the encoder as it comes
    "head": ["--mode", "head"],
    "full": ["--mode", "full"],
    "full, no maps": ["--mode", "full", "--no-maps"],
    "full, persona texts": ["--mode", "full", "--persona-vectors", "text"],
    "full, own reviews": ["--mode", "full", "--profile", "own"],
    "full, one review a persona": ["--mode", "full", "--support-texts", "1", "--no-rest-of-support"],
    "full, all reviews": ["--mode", "full", "--support-texts", "0"],
    "full, 1,024 negatives": ["--mode", "full", "--catalogue-negatives", "1024"],
    "full, batch 256": ["--mode", "full", "--batch-size", "256", "--learning-rate", "1e-4"],
    "full, rate 2e-4": ["--mode", "full", "--learning-rate", "2e-4"],
    "full, rate 2e-5": ["--mode", "full", "--learning-rate", "2e-5"],
    "full, temperature .05": ["--mode", "full", "--temperature", "0.05"],
    "full, temperature .2": ["--mode", "full", "--temperature", "0.2"],
    "full, 12 epochs": ["--mode", "full", "--epochs", "12"],
    "lora": ["--mode", "lora"],
    "lora, all linears": ["--mode", "lora", "--lora-targets", "all-linear"],
    "lora, rate 2e-3": ["--mode", "lora", "--learning-rate", "2e-3"],
    "reference": ["--mode", "full", "--preset", "reference", "--persona-vectors", "text", "--profile", "own"],
    "paper": ["--preset", "paper", "--persona-vectors", "text", "--profile", "own", "--alpha", "1"],
}


class Study:
    def __init__(self, options):
        self.options = options
        self.work = options.work.resolve()
        self.work.mkdir(parents=True, exist_ok=True)

    def run(self, *words):
        words = [str(self.options.program), *map(str, words)]
        if words[1] != "eval":
            words += ["--config", str(self.options.config)]
        done = subprocess.run(words, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(words)}\n{done.stdout}{done.stderr}")
        return done.stderr

    def split(self):
        """As the workspace was split."""
        settings = json.loads((self.options.workspace / "3.5_gt.jsonl.meta.json").read_text())["settings"]
        words = ["--split", settings["split"], "--seed", settings["seed"], "--targets-per-user", 0]
        for flag, name in [("--cutoff", "cutoff_ms"), ("--valid-cutoff", "valid_cutoff_ms")]:
            if name in settings:
                words += [flag, datetime.datetime.fromtimestamp(settings[name] / 1000, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")]
        return words

    def variant(self, name):
        """Trains and serves one variant: its figures in world valid and its lists."""
        home = self.work / name.replace(",", "").replace(" ", "_")
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir()
        for file in self.options.workspace.iterdir():
            if file.is_file() and file.name != "text.store":
                (home / file.name).symlink_to(file.resolve())
        if (self.options.workspace / "text.store").exists():
            shutil.copy(self.options.workspace / "text.store", home / "text.store")
        flags = VARIANTS[name]
        encoder, valid, seconds = self.options.encoder, [], 0.0
        served = self.serving(flags or [])
        if flags is not None:
            encoder = home / "encoder"
            start = time.monotonic()
            device = ["--device", self.options.device] if self.options.device != "auto" else []
            self.run("train", "--workspace", home, "--encoder", self.options.encoder, "--output", encoder, "--no-fit",
                     "--valid-candidates", home / "candidate.ease.100.valid.jsonl", "--dtype", "f32", *self.split(), *device,
                     *flags, *self.options.train)
            seconds = time.monotonic() - start
            valid = [json.loads(line) for line in (encoder / "train_log.jsonl").read_text().splitlines()]
        self.run("cache", "--workspace", home, "--encoder", encoder, "--cache", home / "cache", "--dtype", "f32",
                 *self.split(), *served, *(["--no-center"] if name in ("reference", "paper") else []))
        lists = {}
        for base in self.options.lists:
            candidates = home / f"candidate.{base}.100.test.jsonl"
            for order, words in [("alone", ["--persona-only"]), ("fused", [])]:
                path = home / f"{base}.{order}.jsonl"
                alpha = ["--alpha", "1"] if name == "paper" else []
                self.run("rerank", "--workspace", home, "--cache", home / "cache", "--candidates", candidates, "--reranked", path,
                         *words, *alpha)
                lists[base, order] = path
        print(f"{name}: {seconds:.0f} s", file=sys.stderr, flush=True)
        return {"name": name, "seconds": seconds, "valid": valid, "lists": lists}

    @staticmethod
    def serving(flags):
        kept = []
        for word in ("--persona-vectors", "--profile"):
            if word in flags:
                kept += [word, flags[flags.index(word) + 1]]
        return kept

    def gains(self, results):
        """{(list, order): {variant: (gain, low, high)}} on test."""
        out = {}
        for base in self.options.lists:
            for order in ("alone", "fused"):
                files = [self.options.workspace / f"candidate.{base}.100.test.jsonl"]
                files += [result["lists"][base, order] for result in results]
                report = self.work / f"eval.{base}.{order}.json"
                self.run("eval", "--workspace", self.options.workspace, *files, "--ks", "10", "--bootstrap", "1000", "--json",
                         report, "--force")
                table = json.loads(report.read_text())["files"]
                rows = {}
                for result, file in zip(results, table[1:]):
                    group = file["groups"]["all"]
                    ndcg = group["metrics"]["NDCG@10"]
                    if ndcg["relative"] is not None:  # of a list without a hit nothing is a gain
                        rows[result["name"]] = [100 * ndcg["relative"], *(100 * end for end in ndcg["relative_interval"]),
                                                group["metrics"]["HIT@10"]["mean"]]
                out[base, order] = rows
        return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--encoder", type=Path, required=True)
    parser.add_argument("--variants", default=",".join(name for name in VARIANTS if "," not in name))
    parser.add_argument("--lists", type=lambda text: text.split(","), default=["ease", "popularity"])
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--work", type=Path, default=Path("build/train_study"))
    parser.add_argument("--program", type=Path, default=ROOT / "build/release/persona4rec")
    parser.add_argument("--config", type=Path, default=ROOT / "configs/amazon.toml")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--train", type=str.split, default=[], help="more flags of train, in one word")
    options = parser.parse_args()
    study = Study(options)
    names = options.variants.split(";") if ";" in options.variants else [options.variants]
    if names == [options.variants] and options.variants not in VARIANTS:
        names = options.variants.split(",")
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        results = list(pool.map(study.variant, names))
    gains = study.gains(results)
    rows = []
    for result in results:
        best = [line for line in result["valid"] if line["best"]]
        look = lambda line: [line[kind] and line[kind]["ndcg@10"] for kind in ("valid_candidates", "valid_all_items")]
        rows.append({"variant": result["name"], "seconds": round(result["seconds"]),
                     "valid_first": look(result["valid"][0]) if result["valid"] else None,
                     "valid_best": look(best[-1]) if best else None, "best_epoch": best[-1]["epoch"] if best else None,
                     "test": {f"{base}, {order}": gain[result["name"]] for (base, order), gain in gains.items()
                              if result["name"] in gain}})
    for row in rows:
        first, best = row["valid_first"] or [None] * 2, row["valid_best"] or [None] * 2
        text = lambda value: "-" if value is None else f"{value:.4f}"
        print(f"{row['variant']:28} {row['seconds']:5} s  valid {text(first[0])} -> {text(best[0])}, all {text(first[1])} -> "
              f"{text(best[1])} (epoch {row['best_epoch']})  " + "  ".join(
                  f"{where} {gain[0]:+.1f} % [{gain[1]:.1f}, {gain[2]:.1f}]" for where, gain in row["test"].items()))
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
