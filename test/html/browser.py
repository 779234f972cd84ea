# SPDX-License-Identifier: MIT
"""The HTML report in a real browser: browser.py FLOWSTATE PCAPS [SHOTS]

FLOWSTATE is the program, PCAPS the folder of captures; with SHOTS screenshots are left there.
Exit status 77 means that Chromium is missing; CHROMIUM names another one.
"""

import os
import socket
import subprocess
import sys
import tempfile
import unittest

import chromium

SKIPPED = 77
WIDTHS = (320, 390, 600, 768, 1024, 1280, 1440, 1920)
CAPTURES = ("mixed.pcap", "ipv6.pcap", "zero-window.pcap", "scenarios/data-after-fin.pcap",
            "scenarios/unseen-new-life.pcap", "scenarios/rst-out-of-window.pcap")
SCHEMES = ("light", "dark")
FLOWSTATE = PCAPS = SHOTS = BROWSER = FOLDER = None


def report(capture):
    page = os.path.join(FOLDER, f"{os.path.basename(capture)}.html")
    if not os.path.exists(page):
        subprocess.run([FLOWSTATE, "report", "-r", os.path.join(PCAPS, capture), "-o",
                        f"html:{page}"], check=True)
    return page


class PageTest(unittest.TestCase):
    def open(self, capture="mixed.pcap", **settings):
        """A page from disk; at the end of the test the browser has had nothing to complain of."""
        page = BROWSER.open(report(capture), **settings)
        self.addCleanup(page.close)
        self.addCleanup(lambda: self.assertEqual(page.complaints, []))
        with open(os.path.join(os.path.dirname(__file__), "page_checks.js"),
                  encoding="utf-8") as file:
            page.checks = file.read()
        return page

    def check(self, page, *names):
        for name in names:
            self.assertEqual(page.evaluate(f"{page.checks}.{name}()"), [], name)

    def shown(self, page):
        return page.evaluate("""Array.from(document.querySelectorAll("#list > tbody"))
            .filter((body) => body.checkVisibility()).map((body) => body.id)""")


class Filters(PageTest):
    def setUp(self):
        self.page = self.open()
        self.all = self.shown(self.page)

    def test_at_first_all_are_shown(self):
        self.assertEqual(self.all, [f"c{number}" for number in range(1, 9)])
        self.assertEqual(self.page.text("#shown"), "8 of 8 shown")

    def test_by_end_state_and_finding(self):
        for selector, value, expected in (("#ended", "reset", ["c5"]),
                                          ("#state", "SYN-SENT", ["c6"]),
                                          ("#finding", "half-close-data", ["c3"])):
            self.page.choose(selector, value)
            self.assertEqual(self.shown(self.page), expected)
            self.page.choose(selector, "")
        self.assertEqual(self.shown(self.page), self.all)

    def test_words_narrow_further(self):
        self.page.choose("#finding", "anomaly")
        self.page.fill("#text", "8006 no answer")
        self.assertEqual(self.shown(self.page), ["c6"])
        self.assertEqual(self.page.text("#shown"), "1 of 8 shown")
        self.page.fill("#text", "no such thing")
        self.assertEqual(self.shown(self.page), [])
        self.assertTrue(self.page.visible("#none"))

    def test_clear_shows_all_again(self):
        self.page.fill("#text", "8006")
        self.page.click("button[type=reset]")
        self.assertEqual(self.shown(self.page), self.all)


class Unfolding(PageTest):
    def setUp(self):
        self.page = self.open()

    def test_with_the_mouse(self):
        self.assertFalse(self.page.visible("#c1 .ladder"))
        self.page.click("#c1 summary")
        self.assertTrue(self.page.visible("#c1 .ladder"))
        self.assertTrue(self.page.visible("#c1 svg.fsm"))
        self.assertTrue(self.page.visible("#c1 svg.lanes"))

    def test_anywhere_on_the_row(self):
        self.page.click("#c2 td:nth-child(8)")
        self.assertTrue(self.page.visible("#c2 .ladder"))

    def test_with_the_keyboard_alone(self):
        for _ in range(60):
            self.page.press("Tab")
            if self.page.evaluate('document.activeElement.matches("#c1 summary")'):
                break
        self.page.press("Enter")
        self.assertTrue(self.page.visible("#c1 .ladder"))

    def test_a_link_from_what_is_wrong(self):
        self.page.click('.rule a[href="#c3"]')
        self.assertTrue(self.page.visible("#c3 .ladder"))

    def test_a_link_shows_what_the_filter_hid(self):
        self.page.fill("#text", "8006")
        self.page.click('.rule a[href="#c3"]')
        self.assertTrue(self.page.visible("#c3 .ladder"))

    def test_all_that_is_shown(self):
        self.page.fill("#text", "8004")
        self.page.click("#unfold")
        self.page.fill("#text", "")
        self.assertTrue(self.page.visible("#c4 .ladder"))
        self.assertFalse(self.page.visible("#c5 .ladder"))


class Readers(PageTest):
    def test_without_scripts(self):
        page = self.open(scripts=False)
        self.assertFalse(page.visible("#filter"))
        self.assertTrue(page.visible("#c8"))
        page.click("#c1 summary")
        self.assertTrue(page.visible("#c1 .ladder"))

    def test_structure(self):
        for capture in CAPTURES:
            self.check(self.open(capture), "structure")

    def test_everything_to_act_on_has_a_name(self):
        page = self.open()
        page.evaluate('document.querySelectorAll("details").forEach((one) => one.open = true)')
        for node in page.accessibility():
            role, name = (node.get(key, {}).get("value", "") for key in ("role", "name"))
            if role in ("button", "link", "combobox", "searchbox", "image", "DisclosureTriangle",
                        "region", "table", "heading"):
                self.assertNotEqual(name.strip(), "", role)

    def test_the_ladder_says_who_sent_what(self):
        page = self.open()
        page.click("#c1 summary")
        names = [node.get("name", {}).get("value", "") for node in page.accessibility()
                 if node.get("role", {}).get("value") == "cell"]
        self.assertTrue(any(name.startswith("client: SYN") for name in names), names[:60])

    def test_printed(self):
        page = self.open(width=780, height=1100)
        page.click("#c1 summary")
        page.media(media="print")
        self.assertFalse(page.visible("#filter"))
        self.assertTrue(page.visible("#c1 .ladder"))
        self.check(page, "layout")
        self.assertTrue(page.pdf().startswith(b"%PDF-"))

    def test_colours_of_the_user(self):
        page = self.open()
        page.media(forced="active")
        page.click("#c1 summary")
        self.check(page, "layout")


class Looks(PageTest):
    def test_both_themes_at_every_width(self):
        for capture in CAPTURES:
            for width in WIDTHS if capture == CAPTURES[0] else (390, 1280):
                for scheme in SCHEMES:
                    with self.subTest(capture=capture, width=width, scheme=scheme):
                        self.look(capture, width, scheme)

    def test_long_addresses(self):
        """As long as they get, beside findings with long names."""
        with open(os.path.join(PCAPS, "ipv6.pcap"), "rb") as file:
            data = file.read()
        for short, long in (("2001:db8::1", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:1001"),
                            ("2001:db8::2", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:2002")):
            self.assertIn(socket.inet_pton(socket.AF_INET6, short), data)
            data = data.replace(socket.inet_pton(socket.AF_INET6, short),
                                socket.inet_pton(socket.AF_INET6, long))
        capture = os.path.join(FOLDER, "long.pcap")
        with open(capture, "wb") as file:
            file.write(data)
        for width in WIDTHS:
            with self.subTest(width=width):
                self.look(capture, width, "light")

    def look(self, capture, width, scheme):
        page = self.open(capture, width=width, scheme=scheme)
        self.check(page, "layout")
        page.evaluate('document.querySelectorAll("details").forEach((one) => one.open = true)')
        self.check(page, "layout", "contrast")
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
        levels = [int(level) for level in paper[4:-1].split(",")]
        self.assertEqual(sum(levels) > 384, scheme == "light", paper)
        if SHOTS:
            page.screenshot(os.path.join(SHOTS, f"{os.path.basename(capture)}-{width}-{scheme}.png"))


def main():
    global FLOWSTATE, PCAPS, SHOTS, BROWSER, FOLDER
    FLOWSTATE, PCAPS, *shots = sys.argv[1:]
    SHOTS = shots[0] if shots else None
    executable = chromium.find()
    if not executable:
        print("skipped: no chromium (apt-get install chromium, or set CHROMIUM)")
        return SKIPPED
    with tempfile.TemporaryDirectory(prefix="flowstate-html-") as FOLDER:
        with chromium.Browser(executable) as BROWSER:
            program = unittest.main(argv=sys.argv[:1], exit=False)
    return 0 if program.result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
