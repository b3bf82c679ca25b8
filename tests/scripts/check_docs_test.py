#!/usr/bin/env python3
"""scripts/check_docs.py finds each kind of wrong citation, in a tree made here, and nothing in a right one."""

import contextlib
import importlib.util
import io
import os
import tempfile
import unittest

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts", "check_docs.py")
SPEC = importlib.util.spec_from_file_location("check_docs", SCRIPT)
check_docs = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(check_docs)

RIGHT = {
    "README.md": "# Tool\n\nSee [the method](docs/method.md#31-words) and [src](src).\n",
    "docs/method.md": "# Method\n\n## 3 Texts\n\n### 3.1 Words\n\n## Pace\n\n1. `src/a/b.cpp`, `run()`: begins.\n",
    "src/a/b.cpp": '#include "a/b.hpp"\n// (docs/method.md, 3.1\n// Words), as b.hpp says; "docs/method.md", (docs/method.md, "Pace").\nvoid run() {}\n',
    "src/a/b.hpp": "// The module's <name>_test.cpp is no file.\n",
    "scripts/go.sh": "# docs/method.md has it; src/a/b.cpp too.\n",
}


def breaches(changes):
    """What the check prints for the right tree with some files changed."""
    with tempfile.TemporaryDirectory() as root:
        for path, text in {**RIGHT, **changes}.items():
            os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                file.write(text)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            status = check_docs.Checker(root).run()
    return status, printed.getvalue()


class CheckDocs(unittest.TestCase):
    def test_right_tree_passes(self):
        self.assertEqual((0, ""), breaches({}))

    def expect(self, changes, line):
        self.assertEqual((1, line + "\n"), breaches(changes))

    def test_missing_document(self):
        self.expect({"src/a/b.hpp": "//\n// (encoder.md)\n"}, "src/a/b.hpp:2: cites encoder.md, which does not exist")

    def test_missing_section_by_number(self):
        self.expect({"src/a/b.hpp": "// docs/method.md, 3.2 Words\n"},
                    'src/a/b.hpp:1: cites docs/method.md, which has no section "3.2 Words"')

    def test_renamed_section(self):
        self.expect({"src/a/b.hpp": "// docs/method.md, 3.1 Terms\n"},
                    'src/a/b.hpp:1: cites docs/method.md, which has no section "3.1 Terms"')

    def test_missing_section_by_name(self):
        self.expect({"src/a/b.hpp": '// (docs/method.md, "Race")\n'},
                    'src/a/b.hpp:1: cites docs/method.md, which has no section "Race"')

    def test_missing_source(self):
        self.expect({"scripts/go.sh": "# see src/a/c.cpp and docs/method.md\n"},
                    "scripts/go.sh:1: names src/a/c.cpp, which does not exist")

    def test_missing_script(self):
        self.expect({"src/a/b.hpp": "// made by scripts/gone.py\n"},
                    "src/a/b.hpp:1: names scripts/gone.py, which does not exist")

    def test_missing_link_target(self):
        self.expect({"README.md": "[a](docs/method.md) [b](docs/gone.md)\n"},
                    "README.md:1: links to docs/gone.md, which does not exist")

    def test_missing_anchor(self):
        self.expect({"README.md": "[a](docs/method.md#32-words)\n"},
                    "README.md:1: links to docs/method.md#32-words: it has no such heading")

    def test_readme_without_link(self):
        self.expect({"README.md": "See `docs/method.md`.\n"}, "README.md:1: names docs/method.md without a link")

    def test_function_that_moved(self):
        self.expect({"docs/method.md": RIGHT["docs/method.md"].replace("run()", "walk()")},
                    "docs/method.md:9: names walk(), which is not in the step's files")


if __name__ == "__main__":
    unittest.main()
