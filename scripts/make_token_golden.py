#!/usr/bin/env python3
"""Makes tests/golden/review_tokens.json: how many tokens real tokenizers count in real reviews.

The test compares base/token_estimate with these counts; the reviews themselves are not committed, so it needs the data
set beside the checkout. Needs `pip install bpe-openai` (OpenAI's tokenizers, offline) and, for the third tokenizer, a
llama.cpp server with any SmolLM2 model: llama-server -m SmolLM2-135M-Instruct.Q4_1.gguf --port 18080

    scripts/make_token_golden.py ../shared/data/digital-music/reviews.jsonl http://127.0.0.1:18080
"""
import json
import pathlib
import sys
import urllib.request

import bpe_openai

EVERY = 20  # of the rows


def server_tokens(url, text):
    request = urllib.request.Request(url + "/tokenize", json.dumps({"content": text}).encode(),
                                     {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as reply:
        return len(json.load(reply)["tokens"])


def main():
    reviews, url = pathlib.Path(sys.argv[1]), sys.argv[2]
    encodings = {name: bpe_openai.get_encoding(name) for name in ("cl100k_base", "o200k_base")}
    golden = {"dataset": reviews.parent.name, "every": EVERY, "tokens": {name: [] for name in (*encodings, "smollm2")}}
    for index, line in enumerate(reviews.read_text(encoding="utf-8").splitlines()):
        if index % EVERY:
            continue
        row = json.loads(line)
        text = row["title"] + "\n" + row["text"]
        for name, encoding in encodings.items():
            golden["tokens"][name].append(len(encoding.encode(text)))
        golden["tokens"]["smollm2"].append(server_tokens(url, text))
    target = pathlib.Path(__file__).resolve().parent.parent / "tests/golden/review_tokens.json"
    target.write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
