#!/usr/bin/env python3
"""Writes tests/golden/encoder: a tiny random BERT folder and what transformers and sentence-transformers make of texts.

Everything is drawn from fixed seeds, so the files only change with the libraries' versions, which golden.json names.
Needs: torch, transformers, sentence-transformers.

    python3 scripts/make_encoder_golden.py
"""
import json
import pathlib
import shutil
import string

import numpy
import sentence_transformers
import tokenizers
import torch
import transformers
from sentence_transformers import SentenceTransformer
from sentence_transformers.models import Dense, Normalize, Pooling, Router, Transformer

ROOT = pathlib.Path(__file__).resolve().parent.parent / "tests" / "golden" / "encoder"
HIDDEN = 32
MAX_LENGTH = 48

WORDS = ("the a an and of to in is it this was for with not love great good bad album song music jazz piano voice sound "
         "best ever disc track guitar soul enya bach cd mp3 un able play ##ing ##ed ##s ##ly ##er ##able").split()
TEXTS = [
    "I love this album!",
    "The best jazz piano ever played, and the worst sound.",
    "",
    "   ",
    "Unplayable",
    "Bach's B-minor; 24/7 (remastered)...",
    "naïve café Ångström Éric Zoë",
    "e\u0301 a\u0308 combining, \u1e69 decomposes twice",
    "İstanbul straße ẞ ΣΊΣΥΦΟΣ",
    "日本語のテキスト 漢字kanji漢 한국어 ไทย العربية हिन्दी",
    "zero\u200bwidth soft\u00adhyphen bell\u0007 nbsp\u00a0em\u2003line\u2028para\u2029nel\u0085end",
    "\ufeffbom \ufffd replaced \ue000 private",
    "quotes “curly” ‘single’ – — … • ™ © €",
    "emoji 😀👩\u200d👩\u200d👧 ❤️ fin",
    "[SEP] inside [MASK]ed [sep] [CLS][PAD] text [UNK]",
    "tab\tnew\nline\r\nreturn",
    "ﬁ ligature ½ Ⅷ １２３ ｆｕｌｌ",
    "a" * 100 + " " + "b" * 101,
    "!?" * 40,
    "the music " * 40,
    "ǅ ǈ titlecase \u1734 \U00011938 \u0e33 \u2e52 \u166d",
]


def vocabulary():
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    letters = string.ascii_lowercase + string.digits
    tokens += list(letters) + ["##" + letter for letter in letters]
    tokens += list("!?.,;:'\"()/-&[]…“”‘’–—") + list("日本語漢字のß½ñσς한ไथ😀") + ["##ß", "##σ", "##ก", "##ᅡ"]
    return list(dict.fromkeys(tokens + WORDS))


def write_model():
    folder = ROOT / "tiny_bert"
    shutil.rmtree(ROOT, ignore_errors=True)
    folder.mkdir(parents=True)
    tokens = vocabulary()
    (folder / "vocab.txt").write_text("".join(f"{token}\n" for token in tokens), encoding="utf-8")
    tokenizer = transformers.BertTokenizerFast(vocab={token: i for i, token in enumerate(tokens)}, model_max_length=64)
    torch.manual_seed(7)
    config = transformers.BertConfig(vocab_size=len(tokens), hidden_size=HIDDEN, num_hidden_layers=2,
                                     num_attention_heads=2, intermediate_size=64, max_position_embeddings=64,
                                     initializer_range=0.2)
    model = transformers.BertModel(config, add_pooling_layer=False)
    with torch.no_grad():
        for name, parameter in model.named_parameters():  # biases and norms are constants at first: move them
            if parameter.dim() == 1:
                parameter.add_(torch.randn_like(parameter) * 0.1)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def write_sentence_model(folder):
    transformer = Transformer(str(folder), max_seq_length=MAX_LENGTH)
    model = SentenceTransformer(modules=[transformer, Pooling(HIDDEN, "mean"), Normalize()], device="cpu")
    model.save(str(folder), create_model_card=False)
    # The file that versions before 6 wrote, which rules where it is there.
    config = json.loads((folder / "sentence_bert_config.json").read_text())
    config["max_seq_length"] = MAX_LENGTH
    (folder / "sentence_bert_config.json").write_text(json.dumps(config, indent=2))
    return SentenceTransformer(str(folder), device="cpu")


def dense(bias):
    return Dense(HIDDEN, HIDDEN, bias=bias, activation_function=torch.nn.Identity())


def route():
    shift, mapping = dense(True), dense(False)
    with torch.no_grad():
        shift.linear.weight.copy_(torch.eye(HIDDEN))
        shift.linear.bias.normal_(0, 0.1)
    return [shift, Normalize(), mapping, Normalize()]


def write_router(folder):
    """3_Router and modules.json of the same model with heads."""
    torch.manual_seed(8)
    model = SentenceTransformer(str(folder), device="cpu")
    model.append(Router.for_query_document(route(), route(), default_route="document"))
    whole = ROOT / "whole"
    model.save(str(whole), create_model_card=False)
    target = ROOT / "router"
    target.mkdir()
    shutil.copytree(whole / "3_Router", target / "3_Router")
    shutil.copy(whole / "modules.json", target / "modules.json")
    shutil.rmtree(whole)
    return model


def rounded(values):
    return [float(f"{value:.8g}") for value in numpy.asarray(values, dtype=numpy.float64).ravel()]


def write_checkpoints():
    """torch.save files: one as the Hub has them, one with an object that is no tensor."""
    state = torch.nn.Linear(3, 2).state_dict()  # an OrderedDict with metadata
    with torch.no_grad():
        state["weight"].copy_(torch.arange(6.0).reshape(2, 3))
        state["bias"].copy_(torch.tensor([0.5, -0.5]))
    state["half"] = torch.tensor([1.0, 2.5], dtype=torch.float16)
    state["part"] = torch.arange(10.0)[4:7]
    torch.save(state, ROOT / "plain.bin")
    torch.save({"weight": torch.ones(2), "when": numpy.float64(3)}, ROOT / "not_plain.bin")
    torch.save({"weight": torch.arange(6.0).reshape(2, 3).t()}, ROOT / "transposed.bin")


def main():
    torch.set_num_threads(1)
    folder = write_model()
    model = write_sentence_model(folder)
    ids = [model.tokenizer(text, truncation=True, max_length=MAX_LENGTH)["input_ids"] for text in TEXTS]
    with torch.inference_mode():
        hidden = [model[0].auto_model(torch.tensor([row])).last_hidden_state[0] for row in ids]
    heads = write_router(folder)
    golden = {
        "versions": {"torch": torch.__version__, "transformers": transformers.__version__,
                     "tokenizers": tokenizers.__version__, "sentence_transformers": sentence_transformers.__version__},
        "max_length": MAX_LENGTH,
        "texts": TEXTS,
        "ids": ids,
        "hidden": {str(i): rounded(hidden[i]) for i in (0, 4)},
        "vectors": [rounded(vector) for vector in model.encode(TEXTS)],
        "query_vectors": [rounded(vector) for vector in heads.encode_query(TEXTS[:3])],
        "document_vectors": [rounded(vector) for vector in heads.encode_document(TEXTS[:3])],
    }
    (ROOT / "golden.json").write_text(json.dumps(golden, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    write_checkpoints()


if __name__ == "__main__":
    main()
