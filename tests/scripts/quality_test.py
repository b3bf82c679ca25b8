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
import quality_pages as pages  # noqa: E402

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
        names = ["list", pages.DEFAULT, pages.DEALT]
        self.assertEqual(quality.control_faults(names, report(0.3, 0.33, 0.27, -0.2), "w"), [])
        self.assertEqual(len(quality.control_faults(names, report(0.3, 0.33, 0.33, -0.2), "w")), 1)
        self.assertEqual(quality.control_faults(names, report(0.3, 0.33, 0.32, 0.05), "w"), [])  # of a list worse than chance
        self.assertEqual(quality.control_faults(["list", pages.DEFAULT], report(0.3, 0.33, 0.4, 0.1), "w"), [])


class GivenPersonas(unittest.TestCase):
    def setUp(self):
        root = tempfile.TemporaryDirectory()
        self.addCleanup(root.cleanup)
        self.file = pathlib.Path(root.name, "personas.jsonl")
        self.file.write_text(json.dumps({"item_id": "i1", "personas": [{"Name": "N", "Description": "D", "also_enjoys": ["x"]}]}) + "\n")

    def check(self, settings, seeds):
        if settings is not None:
            pathlib.Path(str(self.file) + ".meta.json").write_text(json.dumps(settings))
        one = quality.argparse.Namespace(sources=[quality.Source(), quality.Source(self.file)])
        quality.check_personas([one], quality.argparse.Namespace(seeds=seeds))

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
        quality.take_personas(path, quality.Source(self.file), {})
        first, second = quality.read_jsonl(path)
        self.assertEqual(first["personas"], [{"ID": "P1", "Preference_Rationale": "", "support": [], "Name": "N",
                                              "Description": "D", "also_enjoys": ["x"]}])
        self.assertEqual(second["personas"][0]["Name"], "old")
        meta = json.loads(pathlib.Path(str(path) + ".meta.json").read_text())
        self.assertEqual(meta["sha256"], quality.hashlib.sha256(path.read_bytes()).hexdigest())
        self.assertEqual(meta["model"], "given: personas.jsonl, all")

    def test_of_the_tail_alone_leave_the_others_as_they_were(self):
        items = [f"i{k}" for k in range(10)]
        self.file.write_text(rows({"item_id": item, "personas": [{"Name": "new"}]} for item in items))
        path = self.file.parent / "3_personas.jsonl"
        path.write_text(rows({"item_id": item, "personas": [{"ID": "P1", "Name": "old"}]} for item in items))
        pathlib.Path(str(path) + ".meta.json").write_text("{}")
        quality.take_personas(path, quality.Source(self.file, "tail"), {item: ["r"] * (10 - k) for k, item in enumerate(items)})
        self.assertEqual([row["item_id"] for row in quality.read_jsonl(path) if row["personas"][0]["Name"] == "new"], ["i8", "i9"])

    def test_are_called_and_priced_as_their_sidecar_says(self):
        self.assertEqual(quality.Source(self.file).label, "given personas")
        pathlib.Path(str(self.file) + ".meta.json").write_text(json.dumps({"about": "titles", "options": {"knowledge": "metadata"}}))
        source = quality.Source(self.file, "tail")
        self.assertEqual((source.label, source.knowledge), ("titles, tail only", "metadata"))
        self.assertEqual(source.folder(3), "seed3-titles--tail-only")


def measured(name, low, high):
    table = pages.Table()
    def of(mean, relative, interval):
        value = {"mean": mean, "relative": relative, "relative_interval": interval}
        return {"groups": {"all": {"users": 7, "metrics": {"NDCG@10": value, "HIT@10": value}}}}
    table.add(["its own order", pages.DEFAULT], {"files": [of(0.2, None, None), of(0.3, 0.5, [low, high])]})
    return quality.argparse.Namespace(name=name, folder=pathlib.Path("nowhere"), worlds=list, sources=[]), {(pages.OFFLINE, None): {"ease": table}}


class Page(unittest.TestCase):
    def test_shows_what_the_data_chose_for_each_first_stage(self):
        with tempfile.TemporaryDirectory() as root:
            encoder = pathlib.Path(root, "seed0", "encoder_head")
            encoder.mkdir(parents=True)
            weights = {"base": 0.0, "words": 0.25, "persona_words": 1 / 3, "persona": 0.0, "head": 2.0}
            (encoder / "fusion_weights.json").write_text(json.dumps({**weights, "first_stages": {"popularity": weights}}))
            source = quality.Source()
            worlds = [(source, None, 0, "seed0"), (source, "2006-01-01", 0, "seed0"), (source, None, 1, "seed1")]
            one = quality.argparse.Namespace(name="A", folder=pathlib.Path(root), worlds=lambda: worlds)
            lines = pages.weights_table([(one, {})], quality.argparse.Namespace(seeds=[0, 1]))
            self.assertEqual([line for line in lines if line.startswith("| A")],
                             ["| A | offline provider | popularity | 0 | 0.25 | 0.333 | 0 | 2 |"])

    def test_says_on_which_sets_a_row_gains(self):
        gains, loses, neither = measured("A", 0.1, 0.9), measured("B", -0.9, -0.1), measured("C", -0.1, 0.9)
        self.assertEqual(list(pages.findings([gains])), ["- the default over ease: gains on every set."])
        self.assertEqual(list(pages.findings([loses])), ["- the default over ease: loses on every set."])
        self.assertEqual(list(pages.findings([gains, loses, neither])),
                         ["- the default over ease: gains on A; loses on B; shows nothing on C."])

    def test_has_a_row_with_its_figures(self):
        with tempfile.TemporaryDirectory() as root:
            options = quality.read_options(["folder", "--work", root, "--docs", root])
            one, tables = measured("A", 0.1, 0.9)
            pages.write_summary_page([(one, tables)], options)
            pages.write_set_page(one, tables, options)
            self.assertIn("| A | the default over ease | 0.2000 | 0.3000 | +50.0 % [+10.0, +90.0] |",
                          pathlib.Path(root, f"{pages.PAGE}.md").read_text())
            self.assertIn("7 users", next(pathlib.Path(root, pages.PAGE).iterdir()).read_text())


class Bound(unittest.TestCase):
    def test_is_the_best_of_the_grid_on_test_and_stands_on_the_page(self):
        with tempfile.TemporaryDirectory() as root:
            world = quality.World.__new__(quality.World)
            world.folder = pathlib.Path(root)
            def rerank(name, *_):
                for suffix in ["", ".meta.json", ".run.json"]:
                    write(world.folder / (name + suffix), "")
                return world.folder / name
            world.rerank = rerank
            means = iter([0.2] * 50 + [0.4] + [0.3] * 100)
            world.evaluate = lambda name, files, *flags: {"files": [{"groups": {"all": {"metrics": {"NDCG@10": {"mean": next(means)}}}}}
                                                                    for _ in files]}
            what, best = world.bound("ease", "cache", pathlib.Path(root, "lists.jsonl"))
            self.assertEqual(best, 0.4)
            self.assertEqual(list(world.folder.iterdir()), [], "lists are not kept")
            self.assertEqual(what, "base=1,words=0.75,head=0.75,persona_words=0.33")
        one, tables = measured("A", 0.1, 0.9)
        self.assertEqual(pages.bound_section([(one, tables)]), [])
        tables[pages.OFFLINE, None]["ease"].bound = (what, best)
        self.assertIn(f"| A | offline provider | ease | +50.0 % | +100.0 % | {what} |", pages.bound_section([(one, tables)]))


class OneChannel(unittest.TestCase):
    def test_holm_steps_down_and_never_falls(self):
        self.assertEqual(pages.holm([0.01, 0.04, 0.03]), [0.03, 0.06, 0.06])
        self.assertEqual(pages.holm([0.6, 0.5]), [1.0, 1.0])
        self.assertEqual(pages.holm([]), [])

    def test_is_the_one_that_the_fit_ranks_best(self):
        with tempfile.TemporaryDirectory() as root:
            world = quality.World.__new__(quality.World)
            world.folder = pathlib.Path(root)
            alone = {"words_alone": {"weight": 0.25, "ndcg@10": 0.2}, "head_alone": {"weight": 1.5, "ndcg@10": 0.21}}
            write(world.folder / "encoder_head.meta.json", json.dumps({"options": {"fit": {"ease": {"folds_and_valid": alone}}}}))
            self.assertEqual(world.alone("ease"), {pages.REFITTED: ("words, 0.25", ["--weights", "base=1,words=0.25"]),
                                                   pages.SINGLE: ("head, 1.5", ["--weights", "base=1,head=1.5"])})
            self.assertEqual(world.alone("bpr"), {})

    def test_is_compared_with_the_default_cell_by_cell(self):
        one, tables = measured("A", 0.1, 0.9)
        other = measured("A", 0.1, 0.9)[1][pages.OFFLINE, None]["ease"]
        tables[pages.OFFLINE, None]["popularity"] = other
        def of(mean, p):
            value = {"mean": mean, "relative": mean / 0.2 - 1, "relative_interval": [0.0, 0.1], "p": p}
            return {"groups": {"all": {"metrics": {"NDCG@10": value}}}}
        tables[pages.OFFLINE, None]["ease"].compare(pages.SINGLE, "head, 1", {"files": [of(0.2, 1), of(0.19, 0.02)]})
        other.compare(pages.SINGLE, "words, 3", {"files": [of(0.2, 1), of(0.22, 0.4)]})
        self.assertEqual(list(pages.versus_lines([(one, tables)], pages.SINGLE)), [
            "| A | offline provider, leave-one-out | ease | head, 1 | 0.2000 | 0.1900 | -5.0 % [+0.0, +10.0] | 0.020 | 0.040 |",
            "| A | offline provider, leave-one-out | popularity | words, 3 | 0.2000 | 0.2200 | +10.0 % [+0.0, +10.0] | 0.400 | 0.400 |"])
        self.assertEqual(list(pages.versus_lines([(one, tables)], pages.REFITTED)), [])

    def test_money_stands_beside_the_gain_the_cheapest_first(self):
        one, tables = measured("A", 0.1, 0.9)
        tables["tail", None] = tables[pages.OFFLINE, None]
        self.assertEqual(pages.money_section([(one, tables)], quality.read_options(["A", "--work", "w"])), [])
        one.sources = [quality.argparse.Namespace(label="tail", dollars=0.24), quality.Source()]
        options = quality.read_options(["A", "--work", "w", "--methods", "ease"])
        lines = pages.money_section([(one, tables)], options)
        self.assertEqual([line for line in lines if line.startswith("| A")],
                         ["| A | offline provider | 0.00 | +50.0 % [+10.0, +90.0] |", "| A | tail | 0.24 | +50.0 % [+10.0, +90.0] |"])


if __name__ == "__main__":
    unittest.main()
