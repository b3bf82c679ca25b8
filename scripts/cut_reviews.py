#!/usr/bin/env python3
"""A set of reviews with less text in it: how much text does a result need?

    scripts/cut_reviews.py FOLDER CHARACTERS OUTPUT

Copies reviews.jsonl and meta.jsonl of FOLDER (the amazon shape) into OUTPUT; of each review the first so many characters are
left, up to the last whole word, and no title. scripts/quality.py and scripts/train_study.py then take OUTPUT as any other set.
"""
import json
import shutil
import sys
from pathlib import Path


def cut(text, characters):
    if len(text) <= characters:
        return text
    whole = text[:characters + 1].rsplit(None, 1)
    return whole[0] if len(whole) > 1 else text[:characters]


def main():
    if len(sys.argv) != 4 or not sys.argv[2].isdigit():
        sys.exit(__doc__)
    source, output = Path(sys.argv[1]), Path(sys.argv[3])
    output.mkdir(parents=True, exist_ok=True)
    with open(source / "reviews.jsonl", encoding="utf-8") as rows, open(output / "reviews.jsonl", "w", encoding="utf-8") as out:
        for line in rows:
            row = json.loads(line)
            row.update(title="", text=cut(row.get("text") or "", int(sys.argv[2])))
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    shutil.copy(source / "meta.jsonl", output / "meta.jsonl")


if __name__ == "__main__":
    main()
