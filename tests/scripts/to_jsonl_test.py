#!/usr/bin/env python3
"""scripts/to_jsonl.py writes what JSON has, and says which package is missing."""

import datetime
import decimal
import importlib.util
import os
import subprocess
import sys
import tempfile
import unittest

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts", "to_jsonl.py")
SPEC = importlib.util.spec_from_file_location("to_jsonl", SCRIPT)
to_jsonl = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(to_jsonl)


class ToJsonl(unittest.TestCase):
    def run_script(self, *words, path=""):
        environment = {**os.environ, "PYTHONPATH": path}
        return subprocess.run([sys.executable, SCRIPT, *words], env=environment, capture_output=True, text=True, check=False)

    def test_values_become_what_json_has(self):
        row = {
            "when": datetime.datetime(2021, 1, 2, 3, 4, 5),
            "day": datetime.date(2021, 1, 2),
            "nan": float("nan"),
            "price": decimal.Decimal("5"),
            "half": decimal.Decimal("2.5"),
            "raw": b"caf\xc3\xa9",
            "list": [(1, None)],
        }
        self.assertEqual(
            to_jsonl.plain(row),
            {"when": "2021-01-02T03:04:05", "day": "2021-01-02", "nan": None, "price": 5, "half": 2.5, "raw": "café",
             "list": [[1, None]]},
        )

    def test_names_the_package_that_is_missing(self):
        with tempfile.TemporaryDirectory() as folder:
            for module in ("pyarrow", "datasets"):
                with open(os.path.join(folder, module + ".py"), "w", encoding="utf-8") as file:
                    file.write("raise ImportError\n")
            for words, module in ((("x.parquet",), "pyarrow"), (("--dataset", "a/b"), "datasets")):
                result = self.run_script(*words, path=folder)
                self.assertEqual(result.returncode, 1)
                self.assertIn(f"the Python package {module} is missing: pip install {module}", result.stderr)

    def test_needs_files_or_a_dataset(self):
        self.assertEqual(self.run_script().returncode, 2)
        self.assertEqual(self.run_script("x.parquet", "--dataset", "a/b").returncode, 2)

    def test_parquet_comes_back_row_by_row(self):
        try:
            import pyarrow
            import pyarrow.parquet
        except ImportError:
            self.skipTest("pyarrow is absent")
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "x.parquet")
            pyarrow.parquet.write_table(pyarrow.Table.from_pylist([{"a": "é", "b": 1}, {"a": None, "b": 2}]), path)
            self.assertEqual(self.run_script(path).stdout, '{"a": "é", "b": 1}\n{"a": null, "b": 2}\n')
            self.assertEqual(self.run_script(path, "--columns", "b", "--limit", "1").stdout, '{"b": 1}\n')
            self.assertIn("expected the columns c, got a, b", self.run_script(path, "--columns", "c").stderr)


if __name__ == "__main__":
    unittest.main()
