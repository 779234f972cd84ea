#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Files of results: whole or not at all; line by line where a line stands for itself."""

import json
import os
import random
import resource
import signal
import stat
import subprocess
import time
import unittest

import captures
from program import PROGRAM, ProgramTest, clean_environment

# Formats that are one document, with a command that prints them.
WHOLE = [("flows", "json"), ("flows", "text"), ("flows", "html"), ("explain", "svg")]
LINES = [("flows", "ndjson"), ("flows", "csv"), ("flows", "zeek-json"), ("flows", "ecs"),
         ("trace", "ndjson"), ("trace", "text")]


def many(count):
    """Short connections, enough for more output than a buffer holds."""
    packets = []
    for port in range(count):
        packets += captures.closed(1024 + port)
    return captures.pcap(packets)


class FilesTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.file("good.pcap", captures.pcap(captures.closed()))

    def content(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def leftovers(self):
        return [name for name in os.listdir(self.directory) if "result." in name]

    def test_a_failed_run_changes_nothing(self):
        self.file("bad.pcap", b"this is no capture at all, but long enough to be looked at")
        for command, form in WHOLE + LINES:
            for words, status in ((["bad.pcap"], 3), (["good.pcap", "tcp prot 80"], 2)):
                with self.subTest(form=form, words=words):
                    self.file("result", b"as before\n")
                    self.complaint(status, command, "-r", *words, "-o", f"{form}:result")
                    self.assertEqual(self.content("result"), "as before\n")
                    os.unlink(self.path("result"))
                    self.complaint(status, command, "-r", *words, "-o", f"{form}:result")
                    self.assertFalse(os.path.exists(self.path("result")))
                    self.assertEqual(self.leftovers(), [])

    def test_the_new_file_has_the_rights_of_the_old(self):
        for command, form in WHOLE + LINES:
            with self.subTest(form=form):
                self.file("result", b"x" * 100000)
                os.chmod(self.path("result"), 0o640)
                self.expect(0, command, "good.pcap", "-o", f"{form}:result")
                mode = stat.S_IMODE(os.stat(self.path("result")).st_mode)
                self.assertEqual(mode, 0o640)
                self.assertNotIn("xxx", self.content("result"))

    def test_a_document_appears_at_once(self):
        """While the capture is still being read, the old one is there."""
        for command, form in WHOLE:
            with self.subTest(form=form):
                self.file("result", b"as before\n")
                with subprocess.Popen([PROGRAM, command, "-", "-o", f"{form}:result"],
                                      stdin=subprocess.PIPE, cwd=self.directory,
                                      env=clean_environment()) as process:
                    process.stdin.write(captures.pcap(captures.closed()))
                    process.stdin.flush()
                    self.assertEqual(self.content("result"), "as before\n")
                    process.communicate()
                self.assertEqual(process.returncode, 0)
                self.assertNotIn("as before", self.content("result"))
                self.assertEqual(self.leftovers(), [])

    def test_a_full_disk_leaves_the_old_one(self):
        result = self.run_program("good.pcap", "-o", "json:/dev/full")
        self.assertEqual(result.returncode, 6)

    def check_lines(self, text):
        """Whole lines. A kill in the middle of a write(2) may end it early, between two pages."""
        if not text.endswith("\n"):
            self.assertEqual(len(text) % 4096, 0, text[-80:])
            text = text[:text.rfind("\n") + 1]
        for line in text.splitlines():
            json.loads(line)

    def test_lines_are_whole_after_a_kill(self):
        data = many(600)
        random.seed(7)
        for command in ["flows", "trace"] * 10:
            with subprocess.Popen([PROGRAM, command, "-", "-o", "ndjson:result"],
                                  stdin=subprocess.PIPE, cwd=self.directory,
                                  env=clean_environment()) as process:
                end = random.randrange(len(data) // 2, len(data))
                process.stdin.write(data[:end])
                process.stdin.flush()
                time.sleep(random.random() / 50)
                process.send_signal(signal.SIGKILL)
            if os.path.exists(self.path("result")):
                self.check_lines(self.content("result"))

    def test_no_room_at_any_octet(self):
        """A file system that is full after so many octets: short writes, then failures."""
        for command, form in WHOLE + LINES:
            self.expect(0, command, "good.pcap", "-o", f"{form}:whole")
            size = os.path.getsize(self.path("whole"))
            for room in sorted({0, 1, size // 2, size - 1}):
                with self.subTest(form=form, room=room):
                    self.file("result", b"as before\n")
                    result = self.with_room(room, command, "good.pcap", "-o", f"{form}:result")
                    self.assertEqual(result.returncode, 6, result.stderr)
                    self.assertEqual(result.stderr.count(b"\n"), 1)
                    if (command, form) in WHOLE:
                        self.assertEqual(self.content("result"), "as before\n")
                        self.assertEqual(self.leftovers(), [])
            self.assertEqual(self.with_room(size, command, "good.pcap", "-o",
                                            f"{form}:result").returncode, 0)

    def with_room(self, octets, *words):
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (octets, octets))
        return subprocess.run([PROGRAM, *words], cwd=self.directory, env=clean_environment(),
                              preexec_fn=limit, stderr=subprocess.PIPE, check=False)

    def test_no_room_for_packets(self):
        self.expect(0, "annotate", "good.pcap", "-w", "whole")
        size = os.path.getsize(self.path("whole"))
        for room in range(0, size, 37):
            self.file("result", b"as before\n")
            result = self.with_room(room, "annotate", "good.pcap", "-w", "result")
            self.assertEqual(result.returncode, 6, result.stderr)
            self.assertEqual(self.content("result"), "as before\n")
        self.assertEqual(self.with_room(size, "annotate", "good.pcap", "-w",
                                        "result").returncode, 0)


if __name__ == "__main__":
    unittest.main()
