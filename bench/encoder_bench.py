#!/usr/bin/env python3
"""Speed of `persona4rec encode` beside sentence-transformers, ONNX Runtime and the machine's own matrix products, and how
near the vectors are to sentence-transformers' in f32: all in one run.

    python3 bench/encoder_bench.py --program build/release/persona4rec --encoder DIR --input reviews.jsonl \\
        [--field text] [--rows 1500] [--threads N] [--rounds 3] [--dtypes f32,bf16,int8] [--onnx DIR]

All take turns, --rounds times; the best round of each counts, as the others saw other load. Two figures each: tokens a
second of wall time, and tokens a second of processor time (less what starting takes), which a busy machine distorts less.
"of GEMM" = the share of the matrix products' own rate on the model's shapes (torch.mm, torch._int_mm for int8; same number
type, same threads). "of best" = beside the faster of the two peers in the same number type.
ONNX Runtime runs the model as torch.onnx.export writes it, int8 as onnxruntime.quantization.quantize_dynamic makes of it,
in batches of 32 texts sorted by length, as sentence-transformers makes them. --onnx keeps the two files for the next run.

Needs: numpy, torch, sentence-transformers, onnx, onnxruntime.
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
import warnings

import numpy as np
import onnxruntime
import torch
from onnxruntime.quantization import quantize_dynamic
from sentence_transformers import SentenceTransformer

BATCH_TOKENS = 2048
BATCH_TEXTS = 32
TORCH = {"f32": torch.float32, "bf16": torch.bfloat16}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, default=pathlib.Path("build/release/persona4rec"))
    parser.add_argument("--encoder", type=pathlib.Path, required=True)
    parser.add_argument("--input", type=pathlib.Path, required=True, help="JSON Lines")
    parser.add_argument("--field", default="text")
    parser.add_argument("--rows", type=int, default=1500)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--dtypes", default="f32,bf16,int8")
    parser.add_argument("--onnx", type=pathlib.Path, help="folder to keep the exported model in")
    return parser.parse_args()


def processor_seconds(who):
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


class Ours:
    def __init__(self, options, folder, dtype):
        self.options, self.folder, self.dtype = options, folder, dtype

    def run(self, texts):
        source, target = self.folder / "texts.jsonl", self.folder / "vectors.npy"
        source.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
        before = processor_seconds(resource.RUSAGE_CHILDREN)
        subprocess.run([self.options.program, "encode", "--encoder", self.options.encoder, "--input", source, "--field", "text",
                        "--output", target, "--threads", str(self.options.threads), "--dtype", self.dtype, "--device", "cpu",
                        "--quiet"], check=True)
        facts = json.loads((self.folder / "vectors.npy.run.json").read_text())
        self.vectors = np.load(target)
        return facts, processor_seconds(resource.RUSAGE_CHILDREN) - before

    def rates(self, texts):
        _, start = self.run(texts[:1])
        facts, processor = self.run(texts)
        self.tokens = facts["tokens"]
        return facts["tokens_per_second"], facts["tokens"] / (processor - start)


class Peer:
    """Counts the seconds of encode(texts), which returns vectors."""

    def rates(self, texts, tokens):
        wall, processor = time.perf_counter(), processor_seconds(resource.RUSAGE_SELF)
        self.vectors = self.encode(texts)
        return tokens / (time.perf_counter() - wall), tokens / (processor_seconds(resource.RUSAGE_SELF) - processor)


class SentenceTransformers(Peer):
    def __init__(self, options, dtype):
        self.model = SentenceTransformer(str(options.encoder), device="cpu", model_kwargs={"dtype": TORCH[dtype]})
        self.model.encode(["warm"])

    def encode(self, texts):
        return self.model.encode(texts, batch_size=BATCH_TEXTS, normalize_embeddings=True, convert_to_tensor=True).float().numpy()


class States(torch.nn.Module):
    """Token ids and mask to the last hidden states; the mask as the model adds it, so that no tracing goes into how it is made."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, ids, mask):
        added = ((1.0 - mask.float()) * -3e4)[:, None, None, :]
        return self.model(input_ids=ids, attention_mask=added).last_hidden_state


def export(options, folder):
    f32, int8 = folder / "model.onnx", folder / "model.int8.onnx"
    if f32.exists() and int8.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    transformer = SentenceTransformer(str(options.encoder), device="cpu", model_kwargs={"attn_implementation": "eager"})[0]
    example = transformer.tokenizer(["one text", "another, longer text"], padding=True, return_tensors="pt")
    axes = {0: "texts", 1: "tokens"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(States(transformer.auto_model).eval(), (example["input_ids"], example["attention_mask"]), str(f32),
                          input_names=["ids", "mask"], output_names=["states"], opset_version=17, dynamo=False,
                          dynamic_axes={"ids": axes, "mask": axes, "states": axes})
    quantize_dynamic(str(f32), str(int8))


class OnnxRuntime(Peer):
    def __init__(self, options, folder, dtype):
        self.tokenizer = SentenceTransformer(str(options.encoder), device="cpu")[0].tokenizer
        self.pooling = json.loads((options.encoder / "1_Pooling" / "config.json").read_text())
        settings = json.loads((options.encoder / "sentence_bert_config.json").read_text())
        self.length = settings["max_seq_length"]
        session = onnxruntime.SessionOptions()
        session.intra_op_num_threads = options.threads
        session.add_session_config_entry("session.intra_op.allow_spinning", "1")
        path = folder / ("model.onnx" if dtype == "f32" else "model.int8.onnx")
        self.session = onnxruntime.InferenceSession(str(path), session, providers=["CPUExecutionProvider"])
        self.encode(["warm"])

    def encode(self, texts):
        ids = self.tokenizer(texts, truncation=True, max_length=self.length)["input_ids"]
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        vectors = None
        for begin in range(0, len(order), BATCH_TEXTS):
            rows = order[begin:begin + BATCH_TEXTS]
            longest = max(len(ids[i]) for i in rows)
            padded = np.full((len(rows), longest), self.tokenizer.pad_token_id, dtype=np.int64)
            mask = np.zeros((len(rows), longest), dtype=np.int64)
            for place, i in enumerate(rows):
                padded[place, :len(ids[i])], mask[place, :len(ids[i])] = ids[i], 1
            states = self.session.run(None, {"ids": padded, "mask": mask})[0]
            if vectors is None:
                vectors = np.empty((len(ids), states.shape[2]), np.float32)
            vectors[rows] = self.pool(states, mask)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def pool(self, states, mask):
        if self.pooling.get("pooling_mode_cls_token"):
            return states[:, 0]
        return np.einsum("tld,tl->td", states, mask.astype(np.float32)) / mask.sum(axis=1, keepdims=True)


def product_of(dtype, inputs, outputs):
    if dtype == "int8":
        a = torch.randint(-127, 127, (BATCH_TOKENS, inputs), dtype=torch.int8)
        b = torch.randint(-127, 127, (inputs, outputs), dtype=torch.int8)
        return lambda: torch._int_mm(a, b)
    a, b = torch.randn(BATCH_TOKENS, inputs).to(TORCH[dtype]), torch.randn(inputs, outputs).to(TORCH[dtype])
    return lambda: torch.mm(a, b)


def gemm_tokens(options, dtype):
    """Tokens a second if the model were its matrix products alone."""
    config = json.loads((options.encoder / "config.json").read_text())
    hidden, inner = config["hidden_size"], config["intermediate_size"]
    products = [product_of(dtype, *shape) for shape in
                ((hidden, 3 * hidden), (hidden, hidden), (hidden, inner), (inner, hidden))]
    best = [float("inf"), float("inf")]
    for _ in range(12):
        wall, processor = time.perf_counter(), processor_seconds(resource.RUSAGE_SELF)
        for product in products:
            product()
        best[0] = min(best[0], time.perf_counter() - wall)
        best[1] = min(best[1], processor_seconds(resource.RUSAGE_SELF) - processor)
    return [BATCH_TOKENS / (seconds * config["num_hidden_layers"]) for seconds in best]


def processor_name():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "unknown processor"


class Results:
    def __init__(self):
        self.best, self.vectors = {}, {}

    def keep(self, name, rates, vectors=None):
        self.best[name] = [max(pair) for pair in zip(self.best.get(name, (0, 0)), rates)]
        if vectors is not None:
            self.vectors[name] = vectors

    def cosines(self, name):
        if name not in self.vectors or "sentence-transformers f32" not in self.vectors:
            return f"{'':>18}"
        a, b = self.vectors[name], self.vectors["sentence-transformers f32"]
        near = (a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
        return f"{near.mean():>9.5f}{near.min():>9.5f}"

    def print(self):
        print(f"{'':28}{'tokens/s':>10}{'of best':>9}{'of GEMM':>9}{'tokens/cpu-s':>14}{'of best':>9}{'of GEMM':>9}"
              f"{'cosine':>9}{'least':>9}")
        for name, rates in self.best.items():
            dtype = name.split()[-1]
            peers = [peer for peer in (f"sentence-transformers {dtype}", f"ONNX Runtime {dtype}") if peer in self.best]
            line = f"{name:28}"
            for column, rate in enumerate(rates):
                base = max(self.best[peer][column] for peer in peers)
                gemm = self.best[f"GEMM {dtype}"][column]
                line += f"{rate:>{10 + 4 * column},.0f}{rate / base:>8.2f}x{100 * rate / gemm:>8.0f}%"
            print(line + self.cosines(name))


def main():
    options = arguments()
    torch.set_num_threads(options.threads)
    with options.input.open(encoding="utf-8") as lines:
        texts = [json.loads(line)[options.field] for line, _ in zip(lines, range(options.rows))]
    results, dtypes = Results(), options.dtypes.split(",")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        onnx = options.onnx or folder
        export(options, onnx)
        with torch.inference_mode():
            peers = {f"sentence-transformers {dtype}": SentenceTransformers(options, dtype) for dtype in dtypes if dtype in TORCH}
            peers |= {f"ONNX Runtime {dtype}": OnnxRuntime(options, onnx, dtype) for dtype in dtypes if dtype != "bf16"}
            for _ in range(options.rounds):
                for dtype in dtypes:
                    ours = Ours(options, folder, dtype)
                    results.keep(f"persona4rec {dtype}", ours.rates(texts), ours.vectors)
                    for peer in (name for name in peers if name.endswith(" " + dtype)):
                        results.keep(peer, peers[peer].rates(texts, ours.tokens), peers[peer].vectors)
                    results.keep(f"GEMM {dtype}", gemm_tokens(options, dtype))
    print(f"{processor_name()}, {options.threads} threads; {len(texts):,} texts, {ours.tokens:,} tokens, best of {options.rounds}")
    results.print()


if __name__ == "__main__":
    sys.exit(main())
