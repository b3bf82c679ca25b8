#!/usr/bin/env python3
"""Puts real output into README.md and data/README.md, so that no example is typed by hand.

    scripts/run_pipeline.sh && scripts/update_docs.py [--check]

Replaces what follows each of these marks:
    <!-- example FILE -->    a row of FILE (of the repository, or of build/workspace/tiny), long texts and lists cut
    <!-- output COMMAND -->  what COMMAND, run by bash in the repository's folder, prints on stdout
--check writes nothing and ends with 1 when a document is out of date. Standard library only.
"""

import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
WORKSPACE = os.path.join(ROOT, "build", "workspace", "tiny")
TEXT_LIMIT = 100
LIST_LIMIT = 2
MARK = re.compile(r"<!-- (example|output) (.+?) -->\n(\n?```[a-z]*\n.*?\n```\n)?", re.DOTALL)


def shortened(value):
    if isinstance(value, str):
        return value if len(value) <= TEXT_LIMIT else value[: TEXT_LIMIT - 1].rstrip() + "…"
    if isinstance(value, list):
        kept = [shortened(one) for one in value[:LIST_LIMIT]]
        return kept + (["…"] if len(value) > LIST_LIMIT else [])
    if isinstance(value, dict):
        return {key: shortened(one) for key, one in value.items()}
    return value


def example(name):
    path = os.path.join(ROOT, name)
    if not os.path.exists(path):
        path = os.path.join(WORKSPACE, name)
    with open(path, encoding="utf-8") as source:
        if name.endswith(".jsonl"):
            return "json", json.dumps(shortened(json.loads(source.readline())), ensure_ascii=False)
        return "json", json.dumps(shortened(json.load(source)), ensure_ascii=False, indent=2)


def output(command):
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit("update_docs: %s ended with %d:\n%s" % (command, done.returncode, done.stderr))
    return "text", "$ " + command + "\n" + done.stdout.rstrip("\n")


def filled(match):
    kind, what = match.group(1), match.group(2)
    language, text = example(what) if kind == "example" else output(what)
    return "<!-- %s %s -->\n\n```%s\n%s\n```\n" % (kind, what, language, text)


def main():
    check = sys.argv[1:] == ["--check"]
    stale = False
    for name in ("README.md", os.path.join("data", "README.md")):
        path = os.path.join(ROOT, name)
        with open(path, encoding="utf-8") as source:
            old = source.read()
        new = MARK.sub(filled, old)
        if new == old:
            continue
        stale = True
        if check:
            print("update_docs: %s is out of date" % name)
        else:
            with open(path, "w", encoding="utf-8", newline="\n") as out:
                out.write(new)
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
