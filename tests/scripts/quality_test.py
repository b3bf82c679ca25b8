#!/usr/bin/env python3
"""scripts/quality.py: a cache whose items were dealt to each other loses, in the files that rerank reads; personas that were
made elsewhere are taken for their own split and seed alone; the page says where a row gains."""

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
        self.assertEqual(quality.control_faults(names, report(0.3, 0.33, 0.32, 0.05), "w"), [])  # of a list worse than chance
        self.assertEqual(quality.control_faults(["list", quality.DEFAULT], report(0.3, 0.33, 0.4, 0.1), "w"), [])


class GivenPersonas(unittest.TestCase):
    def setUp(self):
        root = tempfile.TemporaryDirectory()
        self.addCleanup(root.cleanup)
        self.file = pathlib.Path(root.name, "personas.jsonl")
        self.file.write_text(json.dumps({"item_id": "i1", "personas": [{"Name": "N", "Description": "D", "also_enjoys": ["x"]}]}) + "\n")
        self.one = quality.argparse.Namespace(personas=self.file)

    def check(self, settings, seeds):
        if settings is not None:
            pathlib.Path(str(self.file) + ".meta.json").write_text(json.dumps(settings))
        quality.check_personas([self.one], quality.argparse.Namespace(seeds=seeds))

    def test_are_refused_without_a_sidecar_that_names_split_and_seed(self):
        for settings in [None, {}, {"settings": {"split": "leave-one-out"}}, []]:
            with self.assertRaisesRegex(SystemExit, "has to say for which split and seed"):
                self.check(settings, [0])

    def test_are_refused_for_another_split_or_seed(self):
        for split, seed in [("leave-one-out", 1), ("temporal", 0), ("any", 1)]:
            with self.assertRaisesRegex(SystemExit, "know held-out reviews"):
                self.check({"settings": {"split": split, "seed": seed}}, [0])

    def test_are_taken_for_their_own_seed_or_for_any(self):
        for split, seed in [("leave-one-out", 0), ("any", "any")]:
            self.check({"settings": {"split": split, "seed": seed}}, [0, 1])
        self.assertTrue(quality.fits(self.file, "leave-one-out", 7))

    def test_take_the_place_of_those_that_were_there(self):
        path = self.file.parent / "3_personas.jsonl"
        path.write_text(rows([{"item_id": item, "personas": [{"ID": "P1", "Name": "old"}]} for item in ["i1", "i2"]]))
        pathlib.Path(str(path) + ".meta.json").write_text(json.dumps({"sha256": "old", "model": "offline"}))
        quality.take_personas(path, self.file)
        first, second = quality.read_jsonl(path)
        self.assertEqual(first["personas"], [{"ID": "P1", "Preference_Rationale": "", "support": [], "Name": "N",
                                              "Description": "D", "also_enjoys": ["x"]}])
        self.assertEqual(second["personas"][0]["Name"], "old")
        meta = json.loads(pathlib.Path(str(path) + ".meta.json").read_text())
        self.assertEqual(meta["sha256"], quality.hashlib.sha256(path.read_bytes()).hexdigest())
        self.assertEqual(meta["model"], "given: personas.jsonl")


def measured(name, low, high):
    table = quality.Table()
    def of(mean, relative, interval):
        value = {"mean": mean, "relative": relative, "relative_interval": interval}
        return {"groups": {"all": {"users": 7, "metrics": {"NDCG@10": value, "HIT@10": value}}}}
    table.add(["its own order", quality.DEFAULT], {"files": [of(0.2, None, None), of(0.3, 0.5, [low, high])]})
    return quality.argparse.Namespace(name=name, folder=pathlib.Path("nowhere"), worlds=list), {(quality.OFFLINE, None): {"ease": table}}


class Page(unittest.TestCase):
    def test_shows_what_the_data_chose_for_each_first_stage(self):
        with tempfile.TemporaryDirectory() as root:
            encoder = pathlib.Path(root, "seed0", "encoder_head")
            encoder.mkdir(parents=True)
            weights = {"base": 0.0, "words": 0.25, "persona_words": 1 / 3, "persona": 0.0, "head": 2.0}
            (encoder / "fusion_weights.json").write_text(json.dumps({**weights, "first_stages": {"popularity": weights}}))
            worlds = [("offline", None, 0, "seed0"), ("offline", "2006-01-01", 0, "seed0"), ("offline", None, 1, "seed1")]
            one = quality.argparse.Namespace(name="A", folder=pathlib.Path(root), worlds=lambda: worlds)
            lines = quality.weights_table([(one, {})], quality.argparse.Namespace(seeds=[0, 1]))
            self.assertEqual([line for line in lines if line.startswith("| A")],
                             ["| A | offline | popularity | 0 | 0.25 | 0.333 | 0 | 2 |"])

    def test_says_on_which_sets_a_row_gains(self):
        gains, loses, neither = measured("A", 0.1, 0.9), measured("B", -0.9, -0.1), measured("C", -0.1, 0.9)
        self.assertEqual(list(quality.findings([gains])), ["- the default over ease: gains on every set."])
        self.assertEqual(list(quality.findings([loses])), ["- the default over ease: loses on every set."])
        self.assertEqual(list(quality.findings([gains, loses, neither])),
                         ["- the default over ease: gains on A; loses on B; shows nothing on C."])

    def test_has_a_row_with_its_figures(self):
        with tempfile.TemporaryDirectory() as root:
            options = quality.read_options(["folder", "--work", root, "--docs", root])
            one, tables = measured("A", 0.1, 0.9)
            quality.write_summary_page([(one, tables)], options)
            quality.write_set_page(one, tables, options)
            self.assertIn("| A | the default over ease | 0.2000 | 0.3000 | +50.0 % [+10.0, +90.0] |",
                          pathlib.Path(root, f"{quality.PAGE}.md").read_text())
            self.assertIn("7 users", next(pathlib.Path(root, quality.PAGE).iterdir()).read_text())


if __name__ == "__main__":
    unittest.main()
