#!/usr/bin/env python3
"""The page of `eval --report` is valid HTML, loads nothing, and looks as it should in light, dark, on a phone and in print.

Validity needs html5lib, the pictures Chromium; where one is absent its tests skip. P4R_PICTURES=FOLDER keeps the pictures.
"""

import html.parser
import os
import re
import shutil
import struct
import subprocess
import tempfile
import unittest
import zlib

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
PROGRAM = os.environ.get("P4R_PROGRAM", os.path.join(ROOT, "build", "release", "persona4rec"))
CHROMIUM = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)
VOID = {"meta", "br", "hr", "img", "link", "input", "col"}


class Outline(html.parser.HTMLParser):
    """Elements that are closed in order, their attributes, and the text of what must not be empty."""

    def __init__(self):
        super().__init__()
        self.open, self.wrong, self.elements = [], [], []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


def pixel(path, x, y):
    """Red, green and blue of a pixel of an 8-bit PNG without interlace."""
    with open(path, "rb") as file:
        data = file.read()
    chunks, at = {}, 8
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        chunks[kind] = chunks.get(kind, b"") + data[at + 8:at + 8 + length]
        at += length + 12
    width, _, _, kind = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    size = {2: 3, 6: 4}[kind]
    raw = zlib.decompress(chunks[b"IDAT"])
    row = bytearray(width * size)
    for line in range(y + 1):
        begin = line * (width * size + 1)
        how, old = raw[begin], row
        row = bytearray(raw[begin + 1:begin + 1 + width * size])
        for i in range(len(row) if how else 0):
            left, up = (row[i - size] if i >= size else 0), old[i]
            corner = old[i - size] if i >= size else 0
            guess = left + up - corner
            paeth = min((left, up, corner), key=lambda value: abs(guess - value))
            row[i] = (row[i] + (0, left, up, (left + up) // 2, paeth)[how]) & 255
    return tuple(row[x * size:x * size + 3])


class ReportLook(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        workspace = os.path.join(cls.folder.name, "workspace")
        shutil.copytree(os.path.join(ROOT, "tests", "golden", "workspace-0.1.0"), workspace)
        for name, text in cls.more_files().items():
            with open(os.path.join(workspace, name), "w", encoding="utf-8") as file:
                file.write(text)
        cls.page = os.path.join(cls.folder.name, "report.html")
        subprocess.run([PROGRAM, "eval", "--workspace", workspace, "--report", cls.page, "--quiet", "--review",
                        os.path.join(workspace, "3.5_history.jsonl"), "--names", "candidates,reranked </style>"],
                       check=True, stdout=subprocess.DEVNULL)
        with open(cls.page, encoding="utf-8") as file:
            cls.html = file.read()

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @staticmethod
    def more_files():
        """Titles that try to do something, reviews to look at, and counts for the funnel."""
        title = "<script>document.title='owned'</script><img src=http://x/ onerror=\\\"document.title='owned'\\\">"
        return {
            "2_summary.jsonl": "".join('{"item_id":"g%02d","item_title":"%s"}\n' % (item, title) for item in range(1, 41)),
            "1_aspects.jsonl": "".join('{"user_id":"u%02d","item_id":"g01","rating":%d,"timestamp":%d}\n'
                                       % (user, user % 5 + 1, 1500000000 + user * 9000000) for user in range(1, 41)),
            "1_aspects.jsonl.meta.json": '{"command":"extract-aspects","model":"m","settings":{"time_unit":"s"},'
                                         '"counts":{"reviews":40,"answered":38,"no_text":2,"requests":38}}',
            "1_aspects.jsonl.run.json": '{"wall_s":2.5,"llm":{"requests_sent":38,"from_store":0,"retries":1,'
                                        '"prompt_tokens":12345,"completion_tokens":678,"cost_usd":0.0123}}',
        }

    def test_every_element_is_closed(self):
        outline = Outline()
        outline.feed(self.html)
        self.assertEqual([], outline.wrong)
        self.assertEqual([], outline.open)
        ids = [attributes["id"] for _, attributes in outline.elements if "id" in attributes]
        self.assertEqual(len(ids), len(set(ids)))

    def test_it_is_valid_html(self):
        try:
            import html5lib
        except ImportError:
            self.skipTest("html5lib is not installed")
        html5lib.HTMLParser(strict=True).parse(self.html)

    def test_nothing_is_loaded_and_nothing_runs(self):
        outline = Outline()
        outline.feed(self.html)
        for tag, attributes in outline.elements:
            self.assertNotIn(tag, {"script", "link", "img", "iframe", "object", "embed", "base", "form", "image", "use"})
            for name, value in attributes.items():
                self.assertFalse(name.startswith("on"), name)
                self.assertNotIn(name, {"src", "srcset", "style", "xlink:href"})
                self.assertTrue(name != "href" or value.startswith("#"), value)
        style = re.search(r"<style>(.*?)</style>", self.html, re.DOTALL).group(1)
        self.assertIsNone(re.search(r"url\(|@import|//", style))

    def test_links_within_the_page_lead_somewhere(self):
        for target in re.findall(r'href="#([^"]*)"', self.html):
            self.assertIn('id="%s"' % target, self.html)

    def test_charts_and_tables_have_words(self):
        charts = re.findall(r'<svg class="chart"[^>]*>(?:<title>[^<]+</title><desc>[^<]+</desc>)?', self.html)
        self.assertGreaterEqual(len(charts), 6)
        for chart in charts:
            self.assertIn("<desc>", chart)
        self.assertEqual(self.html.count("<table>"), self.html.count("<table><caption>"))
        self.assertEqual([], re.findall(r"<th(?! scope=)(?:\s|>)", self.html))

    def chromium(self, *words):
        if CHROMIUM is None:
            self.skipTest("Chromium is not installed")
        return subprocess.run([CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                               "--force-device-scale-factor=1", "--user-data-dir=" + os.path.join(self.folder.name, "profile"),
                               *words], capture_output=True, timeout=120, check=True).stdout.decode()

    def picture(self, name, *words, page=None):
        path = os.path.join(self.folder.name, name)
        self.chromium(*words, "file://" + (page or self.page))
        self.assertGreater(os.path.getsize(path), 10000)
        if os.environ.get("P4R_PICTURES"):
            os.makedirs(os.environ["P4R_PICTURES"], exist_ok=True)
            shutil.copy(path, os.environ["P4R_PICTURES"])
        return path

    def screenshot(self, name, width, scheme, page=None):
        target = "--screenshot=" + os.path.join(self.folder.name, name)
        return self.picture(name, target, "--window-size=%d,3000" % width,
                            "--blink-settings=preferredColorScheme=%d" % scheme, page=page)

    def test_light_and_dark_differ(self):
        light = pixel(self.screenshot("light.png", 1280, 1), 4, 4)
        dark = pixel(self.screenshot("dark.png", 1280, 0), 4, 4)
        self.assertGreater(min(light), 230)
        self.assertLess(max(dark), 50)

    def test_prints(self):
        path = self.picture("report.pdf", "--print-to-pdf=" + os.path.join(self.folder.name, "report.pdf"), "--no-pdf-header-footer")
        with open(path, "rb") as file:
            self.assertTrue(file.read().startswith(b"%PDF"))

    def measured(self, width):
        """Title and widths of the page in a frame of that width, by a copy in which a script may say so."""
        copy = self.html.replace("default-src 'none'; ", "default-src 'none'; script-src 'unsafe-inline'; ")
        tell = "<script>parent.postMessage([document.title, document.documentElement.scrollWidth, innerWidth].join('|'), '*')</script>"
        inner = os.path.join(self.folder.name, "inner.html")
        outer = os.path.join(self.folder.name, "outer.html")
        with open(inner, "w", encoding="utf-8") as file:
            file.write(copy.replace("</body>", tell + "</body>"))
        with open(outer, "w", encoding="utf-8") as file:
            file.write("<!DOCTYPE html><body style='margin:0'><script>onmessage=e=>{document.title=e.data}</script>"
                       "<iframe src='inner.html' style='border:0;width:%dpx;height:3000px'></iframe>" % width)
        return outer, re.search(r"<title>(.*?)</title>", self.chromium("--dump-dom", "--virtual-time-budget=3000", "file://" + outer)).group(1)

    def test_a_phone_need_not_scroll_sideways(self):
        outer, told = self.measured(360)
        title, needed, there = told.split("|")
        self.assertEqual("Recommendation report", title)  # nothing of the reviews ran, even where scripts may
        self.assertEqual(there, needed)
        self.screenshot("phone.png", 500, 1, page=outer)


if __name__ == "__main__":
    unittest.main()
