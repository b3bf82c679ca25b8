#!/usr/bin/env python3
"""Speed of training the encoder beside sentence-transformers' trainer with MultipleNegativesRankingLoss, in one run.

    cmake -DP4R_BENCH=ON build/release && ninja -C build/release training_bench
    python3 bench/training_bench.py --encoder DIR --reviews reviews.jsonl [--lengths 128,256] [--batch 64] [--steps 4]
        [--rounds 2] [--threads N]
    python3 bench/training_bench.py --memory [--steps 1]      LoRA on a random model of bge-m3's size: peak memory

A sample is two reviews of one user. Both sides take the same pairs in the same order, f32, the model's own dropout, AdamW,
clipping, the same threads; both tokenise while they train. They take turns, --rounds times; the best round of each counts,
as the others saw other load. Two figures each: samples a second of wall time, and of processor time, which a busy machine
distorts less. The first step is not timed.

Needs: torch, sentence-transformers with its trainer (datasets, accelerate).
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


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, default=pathlib.Path("build/release/bin/training_bench"))
    parser.add_argument("--encoder", type=pathlib.Path)
    parser.add_argument("--reviews", type=pathlib.Path)
    parser.add_argument("--lengths", default="128,256")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--theirs", nargs=2, metavar=("PAIRS", "LENGTH"), help=argparse.SUPPRESS)
    return parser.parse_args()


def write_pairs(options, path):
    """Two reviews each of as many users as the steps need."""
    by_user, count = {}, options.batch * (options.steps + 1)
    pairs = []
    with options.reviews.open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            text = f"{row['title']} {row['text']}".strip()
            if row["user_id"] in by_user:
                pairs.append({"anchor": by_user.pop(row["user_id"]), "positive": text})
            else:
                by_user[row["user_id"]] = text
            if len(pairs) == count:
                break
    path.write_text("".join(json.dumps(pair) + "\n" for pair in pairs), encoding="utf-8")


def ours(options, pairs, length, *more):
    line = subprocess.run([options.program, f"encoder={options.encoder}", f"pairs={pairs}", f"length={length}",
                           f"batch={options.batch}", f"steps={options.steps}", f"threads={options.threads}", *more],
                          check=True, capture_output=True, text=True).stdout
    return json.loads(line)


def theirs(options, pairs, length):
    """In a process of its own, as ours is."""
    line = subprocess.run([sys.executable, __file__, "--encoder", options.encoder, "--batch", str(options.batch), "--steps",
                           str(options.steps), "--threads", str(options.threads), "--theirs", pairs, str(length)],
                          check=True, capture_output=True, text=True).stdout
    return json.loads(line.splitlines()[-1])


def train_theirs(options):
    import datasets
    import torch
    from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer, SentenceTransformerTrainingArguments
    from sentence_transformers.losses import MultipleNegativesRankingLoss
    from transformers import TrainerCallback

    def processor():
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return usage.ru_utime + usage.ru_stime

    class Clock(TrainerCallback):
        def on_step_end(self, args, state, control, **kwargs):
            if state.global_step == 1:
                self.begin = time.perf_counter(), processor()
            self.end = time.perf_counter(), processor()

    class InOrder(SentenceTransformerTrainer):
        def get_batch_sampler(self, dataset, batch_size, drop_last, **kwargs):
            sampler = torch.utils.data.SequentialSampler(dataset)
            return torch.utils.data.BatchSampler(sampler, batch_size, drop_last)

    torch.set_num_threads(options.threads)
    model = SentenceTransformer(str(options.encoder), device="cpu")
    model.max_seq_length = int(options.theirs[1])
    with open(options.theirs[0], encoding="utf-8") as lines:
        rows = datasets.Dataset.from_list([json.loads(line) for line in lines])
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        settings = SentenceTransformerTrainingArguments(
            output_dir=folder, max_steps=options.steps + 1, per_device_train_batch_size=options.batch, learning_rate=2e-5,
            use_cpu=True, report_to=[], save_strategy="no", logging_steps=1000, disable_tqdm=True)
        InOrder(model=model, args=settings, train_dataset=rows, loss=MultipleNegativesRankingLoss(model),
                callbacks=[clock]).train()
    samples = options.steps * options.batch
    wall, cpu = (after - before for before, after in zip(clock.begin, clock.end))
    print(json.dumps({"samples_per_second": samples / wall, "samples_per_cpu_second": samples / cpu,
                      "peak_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20}))


def compare(options, folder):
    pairs = folder / "pairs.jsonl"
    write_pairs(options, pairs)
    best = {}
    for length in options.lengths.split(","):
        for _ in range(options.rounds):
            for name, measure in (("persona4rec", ours), ("sentence-transformers", theirs)):
                facts = measure(options, pairs, length)
                kept = best.setdefault((length, name), facts)
                for figure in ("samples_per_second", "samples_per_cpu_second"):
                    kept[figure] = max(kept[figure], facts[figure])
    print(f"batch {options.batch}, {options.steps} steps, {options.threads} threads, best of {options.rounds}")
    print(f"{'tokens':>6} {'':24}{'samples/s':>10}{'ratio':>7}{'samples/cpu-s':>15}{'ratio':>7}{'peak GiB':>10}")
    for (length, name), facts in best.items():
        base = best[length, "sentence-transformers"]
        wall, cpu = facts["samples_per_second"], facts["samples_per_cpu_second"]
        print(f"{length:>6} {name:24}{wall:>10.2f}{wall / base['samples_per_second']:>6.2f}x{cpu:>15.2f}"
              f"{cpu / base['samples_per_cpu_second']:>6.2f}x{facts['peak_gib']:>10.2f}")


def write_large_model(folder):
    """XLM-R of bge-m3's shape with random weights, and any tokenizer: BERT's letters."""
    import torch
    import transformers
    config = transformers.XLMRobertaConfig(vocab_size=250002, hidden_size=1024, num_hidden_layers=24, num_attention_heads=16,
                                           intermediate_size=4096, max_position_embeddings=8194, type_vocab_size=1)
    torch.manual_seed(0)
    transformers.XLMRobertaModel(config, add_pooling_layer=False).save_pretrained(folder)
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + [chr(c) for c in range(33, 127)]
    (folder / "vocab.txt").write_text("".join(f"{token}\n" for token in tokens))
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "BertTokenizer", "do_lower_case": True}))
    (folder / "pairs.jsonl").write_text(json.dumps({"anchor": "a " * 400, "positive": "b c " * 200}) + "\n")


def measure_memory(options, folder):
    subprocess.run([sys.executable, "-c", f"import sys; sys.path.insert(0, {str(pathlib.Path(__file__).parent)!r}); "
                    f"import pathlib, training_bench; training_bench.write_large_model(pathlib.Path({str(folder)!r}))"],
                   check=True)
    options.encoder, options.batch = folder, 4
    facts = ours(options, folder / "pairs.jsonl", 256, "lora=16")
    print(f"LoRA, 24 layers of 1024, 250,002 words, 8 texts of 256 tokens: peak {facts['peak_gib']:.2f} GiB, "
          f"{1 / facts['samples_per_second'] * options.batch:.1f} s a step")


def main():
    options = arguments()
    if options.theirs:
        return train_theirs(options)
    with tempfile.TemporaryDirectory() as folder:
        (measure_memory if options.memory else compare)(options, pathlib.Path(folder))
    return None


if __name__ == "__main__":
    main()
