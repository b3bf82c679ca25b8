#!/usr/bin/env python3
"""Writes tests/golden/trainable: losses and gradients of tests/golden/encoder's tiny models as PyTorch has them, and an
adapter as PEFT writes it with its gradients and vectors.

All is computed in f64, text by text without padding. Needs: torch, transformers, peft, safetensors.

    python3 scripts/make_trainable_golden.py
"""
import json
import pathlib
import shutil

import peft
import torch
import transformers
from safetensors.torch import save_file

TESTS = pathlib.Path(__file__).resolve().parent.parent / "tests" / "golden"
ROOT = TESTS / "trainable"
TEMPERATURE = 0.1
# Rows of golden.json's texts: what each of the first half belongs to stands in the second; lengths repeat.
ROWS = {"tiny_bert": [0, 1, 4, 5, 13, 3, 19, 2, 6, 16, 8, 17], "tiny_xlmr": [0, 1, 4, 5, 22, 3, 19, 2, 6, 24, 8, 17]}
TARGETS = ["query", "value", "output.dense"]


def vectors_of(model, ids, pooling):
    states = [model(torch.tensor([row])).last_hidden_state[0] for row in ids]
    pooled = [state[0] if pooling == "cls" else state.mean(0) for state in states]
    return torch.nn.functional.normalize(torch.stack(pooled), dim=1)


def contrastive_loss(vectors):
    anchors, positives = vectors.chunk(2)
    return torch.nn.functional.cross_entropy(anchors @ positives.t() / TEMPERATURE, torch.arange(len(anchors)))


def case(name, golden):
    ids = (golden if name == "tiny_bert" else golden["xlmr"])["ids"]
    return [ids[row] for row in ROWS[name]], "mean" if name == "tiny_bert" else "cls"


def load(name):
    model = transformers.AutoModel.from_pretrained(TESTS / "encoder" / name, add_pooling_layer=False,
                                                   attn_implementation="eager", dtype=torch.float64)
    return model.eval()


def write_gradients(name, golden):
    ids, pooling = case(name, golden)
    model = load(name)
    loss = contrastive_loss(vectors_of(model, ids, pooling))
    loss.backward()
    save_file({key: parameter.grad.float().contiguous() for key, parameter in model.named_parameters()},
              ROOT / f"{name}.safetensors", {"format": "pt"})
    return {"ids": ids, "temperature": TEMPERATURE, "loss": loss.item()}


def write_adapter(golden):
    name = "tiny_bert"
    ids, pooling = case(name, golden)
    torch.manual_seed(11)
    config = peft.LoraConfig(task_type=peft.TaskType.FEATURE_EXTRACTION, r=4, lora_alpha=6, lora_dropout=0.05,
                             target_modules=TARGETS)
    model = peft.get_peft_model(load(name), config).eval()
    model.peft_config["default"].base_model_name_or_path = "tiny_bert"
    trained = {key: value for key, value in model.named_parameters() if value.requires_grad}
    with torch.no_grad():
        for value in trained.values():
            value.copy_((torch.randn_like(value) * 0.2).float())
    vectors = vectors_of(model, ids, pooling)
    loss = contrastive_loss(vectors)
    loss.backward()
    short = {key.removeprefix("base_model.model.").replace(".default", ""): value.grad.float().contiguous()
             for key, value in trained.items()}
    save_file(short, ROOT / "adapter_gradients.safetensors", {"format": "pt"})
    model.float().save_pretrained(ROOT / "adapter")
    (ROOT / "adapter" / "README.md").unlink(missing_ok=True)
    return {"ids": ids, "temperature": TEMPERATURE, "loss": loss.item(),
            "vectors": [[float(f"{value:.9g}") for value in row] for row in vectors.tolist()]}


def main():
    torch.set_num_threads(1)
    shutil.rmtree(ROOT, ignore_errors=True)
    ROOT.mkdir(parents=True)
    golden = json.loads((TESTS / "encoder" / "golden.json").read_text(encoding="utf-8"))
    out = {"versions": {"torch": torch.__version__, "transformers": transformers.__version__, "peft": peft.__version__}}
    for name in ROWS:
        out[name] = write_gradients(name, golden)
    out["adapter"] = write_adapter(golden)
    (ROOT / "golden.json").write_text(json.dumps(out, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
