#!/usr/bin/env python3
"""Checks that what the code, the scripts and the documents cite exists.

    scripts/check_docs.py [ROOT]        exit 1 with file:line for each breach; ROOT is this repository unless given

- A document that is cited exists, by its path from the root. What stands behind it (docs/method.md, 3.2 Words) or
  (docs/llm.md, "Pace") is one of its headings; a citation may go on in the next line.
- A source file that a comment or a document names exists: by its path from the root, or from src/ or include/, or by
  the end of it (user_profile.hpp).
- A script, config or other file that is named by its path from the root exists.
- Links in documents resolve, files and #anchors. README.md names documents by links alone.
- A numbered step of a document that names source files and `functions()` names functions that stand in those files.
"""

import os
import re
import subprocess
import sys

SOURCES = (".cpp", ".hpp")
SCANNED = SOURCES + (".py", ".sh", ".md", ".toml", ".txt", ".cmake", ".json", ".yml")
# What these name may be gone, or never was.
SKIPPED = ("CHANGELOG.md", "tests/scripts/check_docs_test.py", "tests/golden/", "tests/fuzz/corpus/", "data/tiny/")
PROJECTS = ("llama.cpp",)  # no file of ours
# A path that holds a placeholder (<module>_test.cpp, *.hpp) or is part of a longer word is none.
BEFORE = r"(?<![\w/.<>{}*$~+-])"
BEHIND = r"(?![\w<>{}*]|\.\w)"
DOCUMENT = re.compile(BEFORE + r"((?:[\w.-]+/)*[\w-]+\.md)" + BEHIND)
SOURCE = re.compile(BEFORE + r"((?:\w+/)*\w+\.[ch]pp)" + BEHIND)
ROOTED = re.compile(BEFORE + r"((?:scripts|bench|configs|prompts|cmake|tests|data/tiny)/(?:[\w.-]+/)*[\w-]+\.\w+)" + BEHIND)
SECTION = re.compile(r'\s*,\s+(?:"([^"]+)"|(\d+(?:\.\d+)* \S.*))', re.DOTALL)
LINK = re.compile(r"(?<!!)\[(?:[^\]\[]|\[[^\]]*\])*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^(```|~~~)")


def tracked_files(root):
    listed = subprocess.run(["git", "-C", root, "ls-files", "-co", "--exclude-standard", "-z"], capture_output=True)
    if listed.returncode == 0:
        paths = listed.stdout.decode().split("\0")
    else:
        paths = [os.path.relpath(os.path.join(folder, name), root)
                 for folder, _, names in os.walk(root) for name in names]
    return sorted(path for path in paths if path and os.path.isfile(os.path.join(root, path)))


def without_fences(text):
    """The text with the lines of code blocks blanked; offsets stay."""
    lines, inside = [], False
    for line in text.split("\n"):
        fence = FENCE.match(line)
        inside = inside != bool(fence)
        lines.append(" " * len(line) if inside or fence else line)
    return "\n".join(lines)


def without_links(text):
    return LINK.sub(lambda match: " " * len(match.group()), text)


def headings(text):
    return [match.group(1).strip() for match in re.finditer(r"^#{1,6}\s+(.+?)\s*#*$", without_fences(text), re.MULTILINE)]


def anchors(text):
    """The ids that GitHub gives to headings."""
    found, seen = set(), {}
    for heading in headings(text):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        count = seen.get(slug, 0)
        seen[slug] = count + 1
        found.add(slug if count == 0 else f"{slug}-{count}")
    return found


def comment_joined(text, path):
    """The text with the marks that begin comment lines blanked, so that a citation may go on in the next line."""
    if path.endswith(SOURCES):
        return re.sub(r"^[ \t]*//[/!]?", lambda m: " " * len(m.group()), text, flags=re.MULTILINE)
    if path.endswith((".py", ".sh", ".toml", ".txt", ".cmake")):
        return re.sub(r"^[ \t]*#", lambda m: " " * len(m.group()), text, flags=re.MULTILINE)
    return text


class Checker:
    def __init__(self, root):
        self.root = root
        self.files = tracked_files(root)
        self.known = set(self.files)
        self.folders = {path[:at] for path in self.files for at, letter in enumerate(path) if letter == "/"}
        self.breaches = []
        self.citations = 0
        self.documents = {path: self.read(path) for path in self.files if path.endswith(".md")}

    def read(self, path):
        with open(os.path.join(self.root, path), encoding="utf-8", errors="replace") as file:
            return file.read()

    def complain(self, path, text, at, message):
        self.breaches.append((path, text.count("\n", 0, at) + 1, message))

    def run(self):
        for path in self.files:
            scanned = path.endswith(SCANNED) or path.startswith((".ci/", "scripts/"))
            if not scanned or path.startswith(SKIPPED):
                continue
            text = self.documents.get(path) or self.read(path)
            self.check_documents(path, text)
            self.check_sources(path, text)
            if path in self.documents:
                self.check_links(path, text)
                self.check_steps(path, text)
        for path, line, message in sorted(self.breaches):
            print(f"{path}:{line}: {message}")
        if self.citations == 0:
            print("check_docs: no citation found")
        return 1 if self.breaches or self.citations == 0 else 0

    def check_documents(self, path, text):
        joined = without_links(text) if path in self.documents else comment_joined(text, path)
        for match in DOCUMENT.finditer(joined):
            cited = match.group(1)
            self.citations += 1
            if cited not in self.known:
                self.complain(path, text, match.start(), f"cites {cited}, which does not exist")
                continue
            section = SECTION.match(joined, match.end())
            if section:
                self.check_section(path, text, match, section, cited)

    def check_section(self, path, text, match, section, cited):
        titles = headings(self.documents[cited])
        if section.group(1):
            title = " ".join(section.group(1).split())
            found = title in titles
        else:
            rest = " ".join(section.group(2)[:400].split())
            found = any(rest.startswith(heading) for heading in titles if heading[0].isdigit())
            title = rest[:40]
        if not found:
            self.complain(path, text, match.start(), f'cites {cited}, which has no section "{title}"')

    def check_sources(self, path, text):
        searched = re.sub(r"^[ \t]*#[ \t]*include\b.*$", lambda m: " " * len(m.group()), text, flags=re.MULTILINE)
        for match in SOURCE.finditer(searched):
            self.citations += 1
            named = match.group(1)
            if named not in PROJECTS and not any(file == named or file.endswith("/" + named) for file in self.files):
                self.complain(path, text, match.start(), f"names {named}, which does not exist")
        if path.startswith("tests/"):
            return  # tests name configs and scripts that they write themselves
        for match in ROOTED.finditer(searched):
            self.citations += 1
            if match.group(1) not in self.known and not match.group(1).endswith(SOURCES):
                self.complain(path, text, match.start(), f"names {match.group(1)}, which does not exist")

    def check_links(self, path, text):
        prose = without_fences(text)
        for match in LINK.finditer(prose):
            target, _, anchor = match.group(1).partition("#")
            if re.match(r"[a-z]+:", target):
                continue
            self.citations += 1
            file = os.path.normpath(os.path.join(os.path.dirname(path), target)) if target else path
            if file not in self.known and file not in self.folders and file != ".":
                self.complain(path, text, match.start(), f"links to {target}, which does not exist")
            elif anchor and anchor not in anchors(self.documents.get(file, "")):
                self.complain(path, text, match.start(), f"links to {file}#{anchor}: it has no such heading")
        if path == "README.md":
            for match in DOCUMENT.finditer(without_links(prose)):
                self.complain(path, text, match.start(), f"names {match.group(1)} without a link")

    def check_steps(self, path, text):
        for step in re.finditer(r"^\d+\. (?:.+\n?)+?(?=^\d+\. |^\s*$|\Z)", without_fences(text), re.MULTILINE):
            sources = [self.find_source(name) for name in SOURCE.findall(step.group())]
            content = "\n".join(self.read(source) for source in sources if source)
            for function in re.findall(r"`[\w:]*?(\w+)\(\)`", step.group()) if content else []:
                self.citations += 1
                if not re.search(rf"\b{function}\b", content):
                    self.complain(path, text, step.start(), f"names {function}(), which is not in the step's files")

    def find_source(self, named):
        return next((file for file in self.files if file == named or file.endswith("/" + named)), None)


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
    checker = Checker(os.path.normpath(root))
    status = checker.run()
    if status == 0:
        print(f"check_docs: {checker.citations} citations and links lead somewhere")
    return status


if __name__ == "__main__":
    sys.exit(main())
