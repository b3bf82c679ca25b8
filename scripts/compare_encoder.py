#!/usr/bin/env python3
"""Compares `persona4rec encode` with sentence-transformers on the same model folder and the same texts.

    python3 scripts/compare_encoder.py --program build/release/persona4rec --encoder DIR \\
        --input reviews.jsonl --field text [--rows 2000] [--heads]

Prints, for f32 and bf16: the smallest and the mean cosine to sentence-transformers' f32 vectors, and the largest
difference between a text alone and the same text in the batch. Token ids must be identical. --heads compares encode_query
and encode_document where the folder has a router. Exit status 1 when f32 is not within --cosine (0.99999) or the tokens
differ. (Speed: bench/encoder_bench.py.)

Needs: numpy, torch, sentence-transformers.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy
import torch
from sentence_transformers import SentenceTransformer


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, default=pathlib.Path("build/release/persona4rec"))
    parser.add_argument("--encoder", type=pathlib.Path, required=True)
    parser.add_argument("--input", type=pathlib.Path, required=True, help="JSON Lines")
    parser.add_argument("--field", default="text")
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--cosine", type=float, default=0.99999)
    parser.add_argument("--heads", action="store_true")
    return parser.parse_args()


def read_texts(options):
    texts = []
    with options.input.open(encoding="utf-8") as lines:
        for line in lines:
            texts.append(json.loads(line)[options.field])
            if len(texts) == options.rows:
                break
    return texts


class Ours:
    """Runs the program on texts; remembers what it said."""

    def __init__(self, options, folder):
        self.options, self.folder = options, folder

    def encode(self, texts, *flags):
        source, target, ids = (self.folder / name for name in ("texts.jsonl", "vectors.npy", "ids.jsonl"))
        with source.open("w", encoding="utf-8") as out:
            out.writelines(json.dumps({"text": text}) + "\n" for text in texts)
        command = [self.options.program, "encode", "--encoder", self.options.encoder, "--input", source, "--field", "text",
                   "--output", target, "--token-ids", ids, "--threads", str(self.options.threads), "--log-level", "error", *flags]
        done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            sys.exit(done.stderr)
        self.ids = [json.loads(line) for line in ids.read_text().splitlines()]
        self.meta = json.loads((self.folder / "vectors.npy.meta.json").read_text())
        return numpy.load(target)


def cosines(a, b):
    return (a * b).sum(1) / numpy.maximum(numpy.linalg.norm(a, axis=1) * numpy.linalg.norm(b, axis=1), 1e-30)


def compare_tokens(ours, model, texts):
    """Token ids as the program wrote them against those that the model is fed with."""
    expected = model.tokenizer(texts, truncation=True, max_length=model.max_seq_length)["input_ids"]
    differ = sum(a != b for a, b in zip(ours.ids, expected, strict=True))
    print(f"token ids: {len(texts) - differ:,} of {len(texts):,} texts identical, {sum(map(len, ours.ids)):,} tokens, "
          f"{ours.meta['counts']['truncated']:,} texts cut")
    return differ == 0


def alone(ours, texts, vectors):
    """Largest difference of some texts encoded one at a time."""
    chosen = range(0, len(texts), max(1, len(texts) // 8))
    return max(float(abs(ours.encode([texts[i]], "--dtype", "f32")[0] - vectors[i]).max()) for i in chosen)


def main():
    options = arguments()
    torch.set_num_threads(options.threads)
    texts = read_texts(options)
    model = SentenceTransformer(str(options.encoder), device="cpu")
    # A folder with heads: its encoder alone, which is what we write without --side.
    plain = SentenceTransformer(modules=[m for m in model if type(m).__name__ != "Router"], device="cpu")
    expected = plain.encode(texts, batch_size=32)
    fine = True
    with tempfile.TemporaryDirectory() as folder:
        ours = Ours(options, pathlib.Path(folder))
        for dtype in ("f32", "bf16"):
            vectors = ours.encode(texts, "--dtype", dtype)
            near = cosines(vectors, expected)
            print(f"{dtype}: cosine min {near.min():.7f} mean {near.mean():.7f}, "
                  f"largest difference {abs(vectors - expected).max():.2e}", flush=True)
            if dtype == "f32":
                fine = near.min() >= options.cosine and compare_tokens(ours, plain, texts)
                print(f"f32: a text alone differs from the batch by at most {alone(ours, texts, vectors):.2e}", flush=True)
        if options.heads:
            for side, peer in (("query", model.encode_query), ("document", model.encode_document)):
                near = cosines(ours.encode(texts, "--dtype", "f32", "--side", side), peer(texts, batch_size=32))
                print(f"f32 --side {side}: cosine min {near.min():.7f}")
                fine = fine and near.min() >= options.cosine
    sys.exit(0 if fine else 1)


if __name__ == "__main__":
    main()
