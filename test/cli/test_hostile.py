#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Names and comments that are made to hurt, through every format: what comes out is only text."""

import os
import unittest

import captures
from program import ProgramTest

NASTY = b"\x1b]0;x\x07\x1b[31m<script>alert(1)</script>&\"'`|\r\n::error file=a::b%0A\t\x7f\xc2\x9b\xff"
NAME = NASTY.replace(b"/", b"_").replace(b"\0", b"")

FORMATS = {
    "flows": ("text", "json", "ndjson", "zeek", "zeek-json", "csv", "ecs", "html"),
    "trace": ("text", "ndjson"),
    "explain": ("text", "svg", "svg-path", "dot", "mermaid", "mermaid-path"),
    "report": ("html",),
    "check": ("text", "junit", "tap", "sarif", "github", "markdown", "ndjson"),
    "diff": ("text", "ndjson"),
}


class HostileTest(ProgramTest):
    def setUp(self):
        super().setUp()
        data = captures.block(0x0A0D0D0A, captures.struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) +
                              captures.option(1, NASTY) + captures.option(4, NASTY) +
                              captures.option(0, b""))
        data += captures.pcapng([(captures.ETHERNET, NASTY)],
                                [(0, packet) for packet in captures.closed()])[28:]
        self.name = os.path.join(os.fsencode(self.directory), b"h" + NAME)
        with open(self.name, "wb") as file:
            file.write(data)
        self.relative = b"h" + NAME

    def check_clean(self, text, form):
        for octet in set(text):
            self.assertTrue(octet >= 0x20 and octet != 0x7f or octet in b"\n\t", (form, octet))
        text.decode("utf-8")
        self.assertNotIn(b"\xc2\x9b", text, form)
        self.assertNotIn(b"\t\x7f", text, form)
        for line in text.split(b"\n"):
            if form != "github":
                self.assertFalse(line.startswith(b"::"), (form, line))
            self.assertNotIn(b"::error file=a::b%0A", line if form == "github" else b"")
        if form in ("html", "svg", "svg-path", "junit", "markdown"):
            self.assertNotIn(b"<script>alert", text, form)

    def test_every_format(self):
        for command, forms in FORMATS.items():
            words = {"diff": [self.relative, self.relative],
                     "check": ["-r", self.relative]}.get(command, [self.relative])
            for form in forms:
                with self.subTest(command=command, form=form):
                    result = self.run_program(command, *words, "-o", form)
                    self.assertIn(result.returncode, (0, 1, 2), result.stderr)
                    self.check_clean(result.stdout, form)
                    self.check_clean(result.stderr, "text")

    def test_messages(self):
        for words, status in (([self.relative + b"gone"], 3), ([self.relative, NAME], 2),
                              ([self.relative, "-o", b"json:" + NAME + b"/x"], 6),
                              (["--" + os.fsdecode(NAME)], 2)):
            result = self.run_program(*words)
            self.assertEqual(result.returncode, status, result.stderr)
            self.assertEqual(result.stdout, b"")
            self.check_clean(result.stderr, "text")


if __name__ == "__main__":
    unittest.main()
