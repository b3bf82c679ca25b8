#!/usr/bin/env python3
"""Writes tests/golden/encoder: a tiny random BERT and a tiny random XLM-R, and what their peers make of texts.

Everything is drawn from fixed seeds, so the files only change with the libraries' versions, which golden.json names.
Needs: torch, transformers, sentence-transformers, sentencepiece.

    python3 scripts/make_encoder_golden.py
"""
import json
import pathlib
import shutil
import string
import struct

import numpy
import sentence_transformers
import sentencepiece
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


# Normalisation rules of the tiny SentencePiece model: code points in hex, from and to.
RULES = [("9", "20"), ("A", "20"), ("D", "20"), ("A0", "20"), ("200B", "20"), ("2003", "20"), ("65 301", "E9"), ("FB01", "66 69"),
         ("FF41", "61"), ("FF11", "31"), ("2026", "2E 2E 2E"), ("BD", "31 2F 32"), ("7", "")]
XLMR_TEXTS = TEXTS + [
    "........ !!!!!! ................",
    "a  b   c    d ",
    "\u2581literal\u2581mark",
    "text <mask>  with </s><s> specials<unk><pad>",
    "e\u0301e\u0301 ﬁ\u0301n ½½",
    "zz#zz @@ \U0001f600\U0001f600",
]


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        shift += 7
        at += 1
        if data[at - 1] < 128:
            return value, at


def fields(data):
    """Field numbers and contents of a protocol buffer."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        else:
            size, at = (8, at) if key & 7 == 1 else (4, at) if key & 7 == 5 else varint(data, at)
            value, at = data[at:at + size], at + size
        yield key >> 3, value


def train_sentencepiece(folder):
    """A small Unigram model from the texts: (pieces with scores, compiled character map)."""
    corpus, rules = folder / "corpus.txt", folder / "rules.tsv"
    corpus.write_text("\n".join((TEXTS + WORDS) * 4).replace("\u2581", " "), encoding="utf-8")
    rules.write_text("".join(f"{a}\t{b}\n" for a, b in RULES))
    sentencepiece.SentencePieceTrainer.train(
        input=str(corpus), model_prefix=str(folder / "sentencepiece.bpe"), vocab_size=170, model_type="unigram", unk_id=0,
        bos_id=1, eos_id=2, pad_id=-1, normalization_rule_tsv=str(rules), num_threads=1, character_coverage=0.98,
        minloglevel=2)
    for file in (corpus, rules, folder / "sentencepiece.bpe.vocab"):
        file.unlink()
    model = list(fields((folder / "sentencepiece.bpe.model").read_bytes()))
    pieces = [dict(fields(value)) for number, value in model if number == 1]
    pieces = [(piece[1].decode(), struct.unpack("<f", piece[2])[0]) for piece in pieces]
    return pieces, dict(fields(dict(model)[3]))[2]


def write_xlmr():
    folder = ROOT / "tiny_xlmr"
    folder.mkdir()
    pieces, character_map = train_sentencepiece(folder)
    vocab = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)] + pieces[3:] + [("<mask>", 0.0)]
    tokenizer = transformers.XLMRobertaTokenizer(
        vocab=vocab, _spm_precompiled_charsmap=character_map, model_max_length=64,
        mask_token=tokenizers.AddedToken("<mask>", lstrip=True, special=True))
    torch.manual_seed(9)
    config = transformers.XLMRobertaConfig(vocab_size=len(vocab), hidden_size=HIDDEN, num_hidden_layers=1,
                                           num_attention_heads=1, intermediate_size=48, max_position_embeddings=66,
                                           type_vocab_size=1, pad_token_id=1, initializer_range=0.2)
    transformers.XLMRobertaModel(config, add_pooling_layer=False).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    transformer = Transformer(str(folder), max_seq_length=MAX_LENGTH)
    model = SentenceTransformer(modules=[transformer, Pooling(HIDDEN, "cls"), Normalize()], device="cpu")
    model.save(str(folder), create_model_card=False)
    ids = [model.tokenizer(text, truncation=True, max_length=MAX_LENGTH)["input_ids"] for text in XLMR_TEXTS]
    return {"texts": XLMR_TEXTS, "ids": ids, "vectors": [rounded(vector) for vector in model.encode(XLMR_TEXTS)]}


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
                     "tokenizers": tokenizers.__version__, "sentence_transformers": sentence_transformers.__version__,
                     "sentencepiece": sentencepiece.__version__},
        "max_length": MAX_LENGTH,
        "texts": TEXTS,
        "ids": ids,
        "hidden": {str(i): rounded(hidden[i]) for i in (0, 4)},
        "vectors": [rounded(vector) for vector in model.encode(TEXTS)],
        "query_vectors": [rounded(vector) for vector in heads.encode_query(TEXTS[:3])],
        "document_vectors": [rounded(vector) for vector in heads.encode_document(TEXTS[:3])],
    }
    golden["xlmr"] = write_xlmr()
    (ROOT / "golden.json").write_text(json.dumps(golden, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    write_checkpoints()


if __name__ == "__main__":
    main()
