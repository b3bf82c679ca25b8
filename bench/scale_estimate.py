#!/usr/bin/env python3
"""Hours, disk, memory and dollars of a set that is larger than what was run, from bench/scale_bench.sh's figures.

    bench/scale_estimate.py MEASURED SAMPLE [--reviews 1000000000] [--machines 16] [--processors 32]
                            [--tokens-a-second 24663] [--tokens-a-review 60] [--model gpt-4o-mini]

MEASURED/scale.tsv: a large run. SAMPLE: a small workspace of the same script with all stages up to prepare, of which
`--estimate` tells what a language model would cost. Every figure grows with the reviews; a stage that takes --shard or runs
in ranks is shared among the machines, the others run on one. --tokens-a-second is what one processor encodes
(docs/performance.md; MiniLM in int8 unless given).
"""
import argparse
import os
import re
import subprocess
from pathlib import Path

# What of a stage several machines share, and how it uses the processors of one.
SHARED = {"extract-aspects": "shards", "summarize": "shards", "personas": "shards", "select": "shards", "rerank": "parts of the lists"}
NOTES = {"train": "ranks, its encoding", "cache": "ranks, its encoding"}
ALL_PROCESSORS = {"extract-aspects", "summarize", "personas", "select", "rerank", "eval"}
ASKING = ("extract-aspects", "summarize", "personas", "select")


def read_measured(path):
    stages = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        stage, reviews, seconds, processor, peak, mib = line.split("\t")
        stages[stage] = {"reviews": int(reviews), "seconds": float(seconds), "processor": float(processor), "peak": float(peak), "mib": float(mib)}
    return stages


def dollars(program, sample, model):
    """By stage: dollars of the sample, by the service and by its batch interface."""
    found = {}
    raw = ["--raw-reviews", sample / "reviews.jsonl"]
    for stage in ASKING:
        inputs = {"extract-aspects": raw, "summarize": [*raw, "--raw-meta", sample / "meta.jsonl"]}.get(stage, [])
        command = [program, stage, "--config", "configs/amazon.toml", "--workspace", sample, "--quiet", "--estimate"]
        done = subprocess.run([*map(str, [*command, *inputs]), "--llm", "http", "--llm-model", model], check=True, capture_output=True, text=True)
        said = done.stdout + done.stderr
        amounts = [[float(x.replace(",", "")) for x in re.findall(rf"^  {what} +about \$([\d.,]*\d)", said, re.M)] for what in ("cost", "cost by batch")]
        found[stage] = [sum(each) for each in amounts]
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("measured", type=Path)
    parser.add_argument("sample", type=Path)
    parser.add_argument("--reviews", type=float, default=1e9)
    parser.add_argument("--machines", type=int, default=16)
    parser.add_argument("--processors", type=int, default=32)
    parser.add_argument("--tokens-a-second", type=float, default=24663)
    parser.add_argument("--tokens-a-review", type=float, default=60)
    parser.add_argument("--model", default="gpt-4o-mini")
    options = parser.parse_args()
    os.chdir(Path(__file__).resolve().parent.parent)
    program = Path(os.environ.get("P4R", "build/release/persona4rec"))
    print(f"{options.reviews:,.0f} reviews, {options.machines} machines of {options.processors} processors\n")
    print("| stage | shared by | hours | MiB a machine at its peak | GB written |")
    print("|---|---|---|---|---|")
    hours = written = 0.0
    for stage, at in read_measured(options.measured / "scale.tsv").items():
        factor = options.reviews / at["reviews"]
        machines = options.machines if stage in SHARED else 1
        each = at["processor"] / options.processors if stage in ALL_PROCESSORS else at["seconds"]
        took = each * factor / machines / 3600
        gigabytes = at["mib"] * factor * 2**20 / 1e9
        hours, written = hours + took, written + gigabytes
        grows = at["peak"] * factor / machines if at["peak"] > 100 else at["peak"]
        print(f"| {stage} | {SHARED.get(stage, NOTES.get(stage, '-'))} | {took:,.2f} | {grows:,.0f} | {gigabytes:,.0f} |")
    encoded = options.reviews * options.tokens_a_review / options.tokens_a_second / options.processors / options.machines / 3600
    print(f"| encoding, {options.tokens_a_review:g} tokens a review | ranks | {encoded:,.2f} | | |")
    print(f"| in all | | {hours + encoded:,.2f} | | {written:,.0f} |\n")
    reviews = sum(1 for _ in open(options.sample / "reviews.jsonl", encoding="utf-8"))
    print(f"| {options.model} | dollars | by batch |\n|---|---|---|")
    prices = dollars(program, options.sample, options.model)
    for stage, amounts in prices.items():
        print(f"| {stage} | " + " | ".join(f"{x * options.reviews / reviews:,.0f}" for x in amounts) + " |")
    total = [sum(x[i] for x in prices.values()) for i in (0, 1)]
    print("| in all | " + " | ".join(f"{x * options.reviews / reviews:,.0f}" for x in total) + " |")


if __name__ == "__main__":
    main()
