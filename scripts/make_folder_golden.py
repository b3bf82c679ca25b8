#!/usr/bin/env python3
"""Writes tests/golden/encoder/folders.json: what the peers make of model folders of every kind.

A case is a tiny model's folder (scripts/make_encoder_golden.py) with some JSON values changed, and the token ids, or the
vectors, that transformers and sentence-transformers make of the texts there. The test makes the same changes.

    python3 scripts/make_folder_golden.py            # needs: torch, transformers, sentence-transformers
    python3 scripts/make_folder_golden.py --compare  # writes nothing: which cases these versions answer otherwise
"""
import json
import pathlib
import shutil
import sys
import tempfile

import safetensors.numpy
import transformers

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "tests" / "golden" / "encoder"
TEXTS = ["I love The Best Album", "naïve Éric 漢字kanji", "the good.love un loveLove  love , lovelove _love [MASK] x <mask> end",
         "\ufeffbell\u0007 the Album xthe Album\tthe\u00a0Album, ﬁn fine [UNK] cd"]
ABSENT = "(absent)"  # takes a key out

# Nothing of it is what BERT's classes take where tokenizer_config.json is silent.
ODD_NORMALIZER = {"/normalizer/lowercase": False, "/normalizer/strip_accents": False, "/normalizer/handle_chinese_chars": False}


def tokens(*entries):
    """added_tokens of tokenizer.json: (content, flags that are set)."""
    flags = ("single_word", "lstrip", "rstrip", "normalized", "special")
    return [{"id": id, "content": content, **{flag: flag in on for flag in flags}} for id, content, on in entries]


def decoder(*entries):
    """The same as added_tokens_decoder of tokenizer_config.json."""
    return {str(entry.pop("id")): entry for entry in tokens(*entries)}


def bert(file=None, config=None, **more):
    return {"base": "tiny_bert", "changes": {"tokenizer.json": file or {}, "tokenizer_config.json": config or {}} | more}


def xlmr(file=None, config=None, **more):
    return bert(file, config, **more) | {"base": "tiny_xlmr"}


def ids_cases():
    cased = {"/do_lower_case": False}
    cases = {
        "DoLowerCaseAbsent": bert(ODD_NORMALIZER, {"/do_lower_case": ABSENT}),
        "StripAccentsAbsent": bert(ODD_NORMALIZER, {"/strip_accents": ABSENT}),
        "StripAccentsNull": bert(ODD_NORMALIZER),
        "StripAccentsOfACasedModel": bert(ODD_NORMALIZER, cased | {"/strip_accents": True}),
        "StripAccentsAbsentInACasedModel": bert({"/normalizer/strip_accents": True}, cased | {"/strip_accents": ABSENT}),
        "ChineseCharsAbsent": bert(ODD_NORMALIZER, {"/tokenize_chinese_chars": ABSENT}),
        "ChineseCharsOff": bert({}, {"/tokenize_chinese_chars": False}),
        "TokenizerClassFast": bert(ODD_NORMALIZER, {"/tokenizer_class": "BertTokenizerFast", "/do_lower_case": ABSENT}),
        "TokenizerClassDistilBert": bert(ODD_NORMALIZER, {"/tokenizer_class": "DistilBertTokenizer", "/do_lower_case": ABSENT}),
        "TokenizerClassElectra": bert(ODD_NORMALIZER, {"/tokenizer_class": "ElectraTokenizer", "/do_lower_case": ABSENT}),
        "TokenizerClassOfNoModel": bert(ODD_NORMALIZER, {"/tokenizer_class": "PreTrainedTokenizerFast", "/do_lower_case": True}),
        "TokenizerClassAbsent": bert(ODD_NORMALIZER, {"/tokenizer_class": ABSENT, "/do_lower_case": ABSENT}),
        "NoTokenizerConfig": bert(ODD_NORMALIZER) | {"without": ["tokenizer_config.json"]},
        "VocabularyAlone": bert({}, {"/do_lower_case": ABSENT, "/tokenize_chinese_chars": ABSENT}) | {"without": ["tokenizer.json"]},
        "VocabularyWithOldAddedTokens": bert(**{"added_tokens.json": {"/Love": 160, "/[MASK]": 4}}) | {
            "without": ["tokenizer.json"]},
        "VocabularyOfACasedModel": bert({}, cased) | {"without": ["tokenizer.json"]},
    }
    kinds = {"Plain": [], "SingleWord": ["single_word"], "Lstrip": ["lstrip"], "Rstrip": ["rstrip"],
             "Normalized": ["normalized"], "NormalizedSingleWordStripped": ["normalized", "single_word", "lstrip", "rstrip"]}
    for kind, flags in kinds.items():
        for family, make, love, good, special in (("WordPiece", bert, 160, 161, "/added_tokens/4"), ("Unigram", xlmr, 172, 173, "/added_tokens/4")):
            added = [(love, "Love", flags), (good, "the Album", flags)]
            appended = {"/added_tokens/5": tokens(added[0])[0], "/added_tokens/6": tokens(added[1])[0]}
            cases[f"Added{kind}To{family}"] = make(appended, {"/tokenizer_class": "PreTrainedTokenizerFast"})
            cases[f"Added{kind}To{family}ByTheConfig"] = make(
                {}, {"/added_tokens_decoder": decoder(*specials(family), *added)})
    cases["AddedWithoutNormalizedByTheConfig"] = bert({}, {"/added_tokens_decoder": decoder(*specials("WordPiece")) | {
        "160": {"content": "Love"}, "161": {"content": "Album", "special": True}}})
    cases["AddedOfOneCharacterMapToUnigram"] = xlmr(
        {"/added_tokens/5": tokens((172, "ﬁn", ["normalized"]))[0]}, {"/tokenizer_class": "PreTrainedTokenizerFast"})
    cases.update({
        "MaskStripsByTheConfig": bert({}, {"/mask_token": {"__type": "AddedToken", "content": "[MASK]", "lstrip": True, "rstrip": True}}),
        "FlagsByTheConfig": bert({"/added_tokens/5": tokens((160, "Love", []))[0]},
                                 {"/added_tokens_decoder": decoder(*specials("WordPiece"), (160, "Love", ["single_word"]))}),
        "FlagsByTheConfigOfUnigram": xlmr({"/added_tokens/5": tokens((172, "Love", []))[0]},
                                          {"/added_tokens_decoder": decoder(*specials("Unigram"), (172, "Love", ["single_word"]))}),
    })
    return cases


def specials(family):
    if family == "WordPiece":
        return [(i, name, ["special"]) for i, name in enumerate(("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"))]
    names = [(i, name, ["special"]) for i, name in enumerate(("<s>", "<pad>", "</s>", "<unk>"))]
    return [*names, (171, "<mask>", ["special", "lstrip"])]


def config(**changes):
    return bert(**{"config.json": {"/" + key: value for key, value in changes.items()}})


def vector_cases():
    prompts = {"/prompts": {"query": "the best ", "document": "a cd "}}
    cases = {
        "TokenTypesAbsent": config(type_vocab_size=ABSENT),
        "LayerNormEpsAbsent": config(layer_norm_eps=ABSENT),
        "HiddenActAbsent": config(hidden_act=ABSENT),
        "ConfigWithTheLeast": config(**{key: ABSENT for key in (
            "type_vocab_size", "layer_norm_eps", "hidden_act", "pad_token_id", "is_decoder", "add_cross_attention", "use_cache",
            "architectures", "dtype", "initializer_range")}),
        "PadTokenAbsentInXlmr": xlmr(**{"config.json": {"/pad_token_id": ABSENT}}),
        "DefaultPrompt": bert(**{"config_sentence_transformers.json": prompts | {"/default_prompt_name": "query"}}),
        "PromptsWithoutADefault": bert(**{"config_sentence_transformers.json": prompts}),
        "DefaultPromptIsCutWithTheText": bert(**{
            "config_sentence_transformers.json": prompts | {"/default_prompt_name": "document"},
            "sentence_bert_config.json": {"/max_seq_length": 6}}),
        "ModulesInFolders": bert() | {"move": {name: "0_Transformer/" + name for name in (
            "config.json", "model.safetensors", "sentence_bert_config.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt")}},
        "GammaAndBeta": bert() | {"rename": {"LayerNorm.weight": "LayerNorm.gamma", "LayerNorm.bias": "LayerNorm.beta"}},
        "OldNameOfTheTransformersConfig": bert(**{"sentence_bert_config.json": {"/max_seq_length": 8}}) | {
            "move": {"sentence_bert_config.json": "sentence_roberta_config.json"}},
    }
    cases["ModulesInFolders"]["changes"]["modules.json"] = {"/0/path": "0_Transformer"}
    return cases


def rename_tensors(folder, names):
    """model.safetensors with other names of tensors: ends of names, old -> new."""
    tensors = safetensors.numpy.load_file(folder / "model.safetensors")
    for old, new in names.items():
        tensors = {name.removesuffix(old) + new if name.endswith(old) else name: value for name, value in tensors.items()}
    safetensors.numpy.save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def set_value(json_value, pointer, value):
    *parents, last = pointer.strip("/").split("/")
    for key in parents:
        json_value = json_value[int(key) if isinstance(json_value, list) else key]
    if value == ABSENT:
        json_value.pop(last, None)
    elif isinstance(json_value, list):
        json_value[int(last):int(last) + 1] = [value]
    else:
        json_value[last] = value


def make_folder(case, folder):
    shutil.copytree(GOLDEN / case["base"], folder)
    for file, changes in case["changes"].items():
        value = json.loads((folder / file).read_text(encoding="utf-8")) if (folder / file).exists() else {}
        for pointer, new in changes.items():
            set_value(value, pointer, new)
        (folder / file).write_text(json.dumps(value), encoding="utf-8")
    if "rename" in case:
        rename_tensors(folder, case["rename"])
    for file in case.get("without", []):
        (folder / file).unlink()
    for old, new in case.get("move", {}).items():
        (folder / new).parent.mkdir(exist_ok=True)
        (folder / old).rename(folder / new)
    return folder


def ids_of(folder):
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    return [tokenizer(text, truncation=True, max_length=48)["input_ids"] for text in TEXTS]


def vectors_of(folder):
    from sentence_transformers import SentenceTransformer  # not needed, and not of one version, with --compare
    return [[float(f"{value:.7g}") for value in vector] for vector in SentenceTransformer(str(folder), device="cpu").encode(TEXTS)]


def main():
    compare = sys.argv[1:] == ["--compare"]
    golden = json.loads((GOLDEN / "folders.json").read_text(encoding="utf-8")) if compare else None
    out = {"versions": {"transformers": transformers.__version__}, "texts": TEXTS, "ids": {}, "vectors": {}}
    for kind, cases, answer in (("ids", ids_cases(), ids_of), ("vectors", {} if compare else vector_cases(), vectors_of)):
        for name, case in cases.items():
            with tempfile.TemporaryDirectory() as parent:
                case["changes"] = {file: changes for file, changes in case["changes"].items() if changes}
                got = answer(make_folder(case, pathlib.Path(parent) / "model"))
            if compare and got != golden[kind][name]["expected"]:
                print(f"{name}: golden {golden[kind][name]['expected']}\n    {transformers.__version__} {got}")
            out[kind][name] = case | {"expected": got}
    if compare:
        print(f"transformers {transformers.__version__}: compared {len(out['ids'])} folders")
    else:
        lines = json.dumps(out, ensure_ascii=False, indent=1)
        (GOLDEN / "folders.json").write_text(lines + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
