#!/usr/bin/env python3
"""Writes src/encoder/tokenizer/bert_unicode.hpp: where the `tokenizers` library classifies a code point otherwise than utf8proc.

The library carries Unicode tables older than utf8proc 2.8's. WordPiece must agree with the library, so the differences
stand in a generated header. Needs: libutf8proc.so.2 of Debian 12, the Python package `tokenizers`.

    python3 scripts/make_bert_unicode.py > src/encoder/tokenizer/bert_unicode.hpp
"""
import ctypes
import sys
import unicodedata

import tokenizers
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

UTF8PROC = ctypes.CDLL("libutf8proc.so.2")
UTF8PROC.utf8proc_category_string.restype = ctypes.c_char_p
UTF8PROC.utf8proc_unicode_version.restype = ctypes.c_char_p
UNICODE = UTF8PROC.utf8proc_unicode_version().decode()


def normalizer(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False):
    return BertNormalizer(clean_text, handle_chinese_chars, strip_accents, lowercase)


CLEAN = normalizer(clean_text=True)
STRIP = normalizer(strip_accents=True)
PRE = BertPreTokenizer()


def ranges(points):
    found = []
    for point in points:
        if found and found[-1][1] == point - 1:
            found[-1][1] = point
        else:
            found.append([point, point])
    return found


def removed(text):
    return len(CLEAN.normalize_str(f"a{text}b")) == 2


def stripped(text):
    return STRIP.normalize_str(f"a{text}") == "a"


def split(text):
    return len(PRE.pre_tokenize_str(f"a{text}b")) == 3


tables = {name: [] for name in ("NotControl", "NotMark", "AlsoMark", "NotPunctuation", "AlsoPunctuation", "NotDecomposed")}
for point in range(0x110000):
    text = chr(point)
    category = UTF8PROC.utf8proc_category_string(point).decode()
    if category == "Cs":
        continue
    if category == "Cf" and not removed(text):
        tables["NotControl"].append(point)
    if category == "Mn" and not stripped(text):
        tables["NotMark"].append(point)
    if category not in ("Mn", "Cn") and stripped(text):
        tables["AlsoMark"].append(point)
    if category[0] == "P" and not split(text):
        tables["NotPunctuation"].append(point)
    if category[0] != "P" and point >= 128 and split(text):
        tables["AlsoPunctuation"].append(point)
    if category != "Mn" and unicodedata.normalize("NFD", text) != text and STRIP.normalize_str(text) == text:
        tables["NotDecomposed"].append(point)

notes = {
    "NotControl": "Cf in utf8proc, kept by the library's clean_text.",
    "NotMark": "Mn in utf8proc, kept by its strip_accents.",
    "AlsoMark": "Not Mn in utf8proc, dropped by its strip_accents.",
    "NotPunctuation": "P* in utf8proc, a letter to its BertPreTokenizer.",
    "AlsoPunctuation": "Not P* in utf8proc, split off by its BertPreTokenizer.",
    "NotDecomposed": "Decomposed by utf8proc, left alone by its NFD.",
}
out = sys.stdout
out.write(f"""// Made by scripts/make_bert_unicode.py with tokenizers {tokenizers.__version__} and utf8proc's Unicode {UNICODE}; do not edit.
// Code points that the tokenizers library classifies otherwise than utf8proc does.
#pragma once

#include <array>

namespace persona4rec {{

struct CodePointRange {{
  char32_t first;
  char32_t last;
}};

// clang-format off
""")
for name, points in tables.items():
    found = ranges(points)
    out.write(f"// {notes[name]}\ninline constexpr std::array<CodePointRange, {len(found)}> k{name} = {{{{\n")
    for i in range(0, len(found), 6):
        row = ", ".join(f"{{0x{a:X}, 0x{b:X}}}" for a, b in found[i:i + 6])
        out.write(f"    {row},\n")
    out.write("}};\n\n")
out.write("// clang-format on\n\n}  // namespace persona4rec\n")
