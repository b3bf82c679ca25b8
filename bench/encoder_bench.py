#!/usr/bin/env python3
"""Speed of `persona4rec encode` beside sentence-transformers and the machine's own matrix products, in one run.

    python3 bench/encoder_bench.py --program build/release/persona4rec --encoder DIR --input reviews.jsonl \\
        [--field text] [--rows 1500] [--threads N] [--rounds 3]

All take turns, --rounds times; the best round of each counts, as the others saw other load. Two figures each: tokens a
second of wall time, and tokens a second of processor time (less what starting takes), which a busy machine distorts less.
"of GEMM" = the share of the matrix products' own rate on the model's shapes (torch.mm, same dtype, same threads).

Needs: numpy, torch, sentence-transformers.
"""
import argparse
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

import torch
from sentence_transformers import SentenceTransformer

BATCH_TOKENS = 2048


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, default=pathlib.Path("build/release/persona4rec"))
    parser.add_argument("--encoder", type=pathlib.Path, required=True)
    parser.add_argument("--input", type=pathlib.Path, required=True, help="JSON Lines")
    parser.add_argument("--field", default="text")
    parser.add_argument("--rows", type=int, default=1500)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


def processor_seconds(who):
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


class Ours:
    def __init__(self, options, folder, dtype):
        self.options, self.folder, self.dtype = options, pathlib.Path(folder), dtype

    def run(self, texts):
        source, target = self.folder / "texts.jsonl", self.folder / "vectors.npy"
        source.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
        before = processor_seconds(resource.RUSAGE_CHILDREN)
        subprocess.run([self.options.program, "encode", "--encoder", self.options.encoder, "--input", source, "--field", "text",
                        "--output", target, "--threads", str(self.options.threads), "--dtype", self.dtype, "--quiet"], check=True)
        facts = json.loads((self.folder / "vectors.npy.run.json").read_text())
        return facts, processor_seconds(resource.RUSAGE_CHILDREN) - before

    def rates(self, texts):
        _, start = self.run(texts[:1])
        facts, processor = self.run(texts)
        return facts["tokens"], facts["tokens_per_second"], facts["tokens"] / (processor - start)


class Theirs:
    def __init__(self, options, dtype):
        self.model = SentenceTransformer(str(options.encoder), device="cpu", model_kwargs={"dtype": dtype})
        self.model.encode(["warm"])

    def rates(self, texts, tokens):
        wall, processor = time.perf_counter(), processor_seconds(resource.RUSAGE_SELF)
        self.model.encode(texts, batch_size=32)
        return tokens / (time.perf_counter() - wall), tokens / (processor_seconds(resource.RUSAGE_SELF) - processor)


def gemm_tokens(options, dtype):
    """Tokens a second if the model were its matrix products alone."""
    config = json.loads((options.encoder / "config.json").read_text())
    hidden, inner = config["hidden_size"], config["intermediate_size"]
    pairs = [(torch.randn(BATCH_TOKENS, a).to(dtype), torch.randn(a, b).to(dtype))
             for a, b in ((hidden, 3 * hidden), (hidden, hidden), (hidden, inner), (inner, hidden))]
    best = [float("inf"), float("inf")]
    for _ in range(12):
        wall, processor = time.perf_counter(), processor_seconds(resource.RUSAGE_SELF)
        for a, b in pairs:
            torch.mm(a, b)
        best[0] = min(best[0], time.perf_counter() - wall)
        best[1] = min(best[1], processor_seconds(resource.RUSAGE_SELF) - processor)
    return [BATCH_TOKENS / (seconds * config["num_hidden_layers"]) for seconds in best]


def main():
    options = arguments()
    torch.set_num_threads(options.threads)
    with options.input.open(encoding="utf-8") as lines:
        texts = [json.loads(line)[options.field] for line, _ in zip(lines, range(options.rows))]
    dtypes = {"f32": torch.float32, "bf16": torch.bfloat16}
    best = {}

    def keep(name, rates):
        best[name] = [max(pair) for pair in zip(best.get(name, (0, 0)), rates)]

    with tempfile.TemporaryDirectory() as folder, torch.inference_mode():
        for _ in range(options.rounds):
            for name, dtype in dtypes.items():
                tokens, *rates = Ours(options, folder, name).rates(texts)
                keep(f"persona4rec {name}", rates)
                keep(f"sentence-transformers {name}", Theirs(options, dtype).rates(texts, tokens))
                keep(f"GEMM {name}", gemm_tokens(options, dtype))
    print(f"{len(texts):,} texts, {tokens:,} tokens, {options.threads} threads, best of {options.rounds}")
    print(f"{'':28}{'tokens/s':>10}{'of s-t f32':>12}{'of GEMM':>9}{'tokens/cpu-s':>15}{'of s-t f32':>12}{'of GEMM':>9}")
    for name, rates in best.items():
        line = f"{name:28}"
        for column, rate in enumerate(rates):
            base, gemm = best["sentence-transformers f32"][column], best["GEMM " + name.split()[-1]][column]
            line += f"{rate:>{10 + 5 * column},.0f}{rate / base:>11.2f}x{100 * rate / gemm:>8.0f}%"
        print(line)


if __name__ == "__main__":
    sys.exit(main())
