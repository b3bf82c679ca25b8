#!/usr/bin/env python3
"""scripts/quality.py: a cache whose items were dealt to each other loses, in the files that rerank reads."""

import importlib.util
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest

try:
    import numpy  # noqa: F401
except ImportError:
    print("skipped: quality.py needs NumPy")
    sys.exit(0)

SCRIPTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts")
PROGRAM = os.environ.get("P4R_PROGRAM", "")
sys.path.insert(0, SCRIPTS)
SPEC = importlib.util.spec_from_file_location("quality", os.path.join(SCRIPTS, "quality.py"))
quality = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(quality)

COUNT = 8  # items, users, dimensions and terms: user k is like item k alone


def write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())


def rows(values):
    return "".join(json.dumps(value) + "\n" for value in values)


def write_cache(folder):
    one_hot = b"".join(struct.pack("<e", float(i == k)) for k in range(COUNT) for i in range(COUNT))
    meta = {"dim": COUNT, "build": "B", "encoder": "E"}
    write(folder / "user_item" / "cache_meta.json", json.dumps({**meta, "rows": 0}))
    write(folder / "user_item" / "interaction_embeds.fp16.mmap", b"")
    write(folder / "item_persona" / "cache_meta.json", json.dumps({**meta, "rows": COUNT, "head": False}))
    write(folder / "item_persona" / "persona_embeds.fp16.mmap", one_hot)
    write(folder / "item_persona" / "personas.jsonl",
          rows({"uid": f"i{k}_P1", "item_id": f"i{k}", "name": f"n{k}", "support": []} for k in range(COUNT)))
    write(folder / "item_persona" / "business_id_to_uids.json", json.dumps({f"i{k}": [f"i{k}_P1"] for k in range(COUNT)}))
    write(folder / "user_profile" / "cache_meta.json", json.dumps({**meta, "rows_valid": COUNT, "rows_test": COUNT}))
    write(folder / "words" / "cache_meta.json", json.dumps({**meta, "rows": COUNT, "terms": COUNT}))
    write(folder / "words" / "items.jsonl", rows({"item_id": f"i{k}"} for k in range(COUNT)))
    write(folder / "words" / "terms.txt", "".join(f"t{k}\n" for k in range(COUNT)))
    for name in ["items", "users.valid", "users.test"]:
        write(folder / "words" / f"{name}.begin.u64.mmap", struct.pack(f"<{COUNT + 1}Q", *range(COUNT + 1)))
        write(folder / "words" / f"{name}.terms.u32.mmap", struct.pack(f"<{COUNT}I", *range(COUNT)))
        write(folder / "words" / f"{name}.weights.f32.mmap", struct.pack(f"<{COUNT}f", *[1.0] * COUNT))
    for world in ["valid", "test"]:
        write(folder / "user_profile" / world / "users.jsonl", rows({"user_id": f"u{k}"} for k in range(COUNT)))
        write(folder / "user_profile" / world / "frozen.fp16.mmap", one_hot)
    write(pathlib.Path(str(folder) + ".meta.json"), json.dumps(
        {"artifact": "cache", "command": "cache", "sha256": "S", "lineage": {"encoder": "E"}, "settings": {},
         "options": {"build": "B", "has_head": False, "weights": None, "k_recent": 10, "uid_with_text": False}}))


def first_items(cache, *flags):
    """user -> the item that rerank puts first, the candidates all in one order."""
    lists = rows({"user_id": f"u{k}", "results": [{"item_id": f"i{i}", "score": 0.0} for i in range(COUNT)]} for k in range(COUNT))
    done = subprocess.run([PROGRAM, "rerank", "--cache", cache, "--candidates", "-", "--reranked", "-", "--quiet", *flags],
                          input=lists.encode(), stdout=subprocess.PIPE, check=True)
    return {row["user_id"]: row["results"][0]["item_id"] for row in map(json.loads, done.stdout.splitlines())}


def report(list_ndcg, default, dealt, low):
    def of(mean, relative):
        return {"groups": {"all": {"metrics": {"NDCG@10": {"mean": mean, "relative_interval": relative}}}}}
    return {"files": [of(list_ndcg, None), of(default, [0.0, 0.1]), of(dealt, [low, 0.2])]}


class Dealt(unittest.TestCase):
    @unittest.skipUnless(os.path.exists(PROGRAM), "the program is not built")
    def test_the_permuted_control_loses_by_its_personas_and_by_its_words(self):
        with tempfile.TemporaryDirectory() as root:
            cache, dealt = pathlib.Path(root, "cache"), pathlib.Path(root, "dealt")
            write_cache(cache)
            quality.deal_items(cache, dealt, 0)
            for flags in [["--persona-only"], ["--weights", "1,1,0"], []]:
                self.assertEqual(first_items(cache, *flags), {f"u{k}": f"i{k}" for k in range(COUNT)}, flags)
                firsts = first_items(dealt, *flags)
                self.assertEqual([u for u in firsts if firsts[u] == "i" + u[1:]], [], flags)
                self.assertEqual(len(set(firsts.values())), COUNT, "a deal, not a loss")
            index = json.loads((dealt / "item_persona" / "business_id_to_uids.json").read_text())
            for row in quality.read_jsonl(dealt / "item_persona" / "personas.jsonl"):
                self.assertEqual(index[row["item_id"]], [row["uid"]])

    def test_a_control_that_does_not_lose_is_a_fault(self):
        names = ["list", quality.DEFAULT, quality.DEALT]
        self.assertEqual(quality.control_faults(names, report(0.3, 0.33, 0.27, -0.2), "w"), [])
        self.assertEqual(len(quality.control_faults(names, report(0.3, 0.33, 0.33, -0.2), "w")), 1)
        self.assertEqual(len(quality.control_faults(names, report(0.3, 0.33, 0.32, 0.05), "w")), 1)
        self.assertEqual(quality.control_faults(["list", quality.DEFAULT], report(0.3, 0.33, 0.4, 0.1), "w"), [])


if __name__ == "__main__":
    unittest.main()
