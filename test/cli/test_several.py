#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Several captures as one stream: given by -r, by a pattern, or by a shell that expanded one."""

import json
import os
import unittest

import captures
from program import ProgramTest, parse


class SeveralTest(ProgramTest):
    def setUp(self):
        super().setUp()
        packets = captures.closed()
        self.whole = self.file("whole.pcap", captures.pcap(packets))
        # Packets are a millisecond apart: every other one in either file, times kept.
        for name, rest in (("even.pcap", 0), ("odd.pcap", 1)):
            data = self.read("whole.pcap")
            parts, at, index = [data[:24]], 24, 0
            while at < len(data):
                end = at + 16 + int.from_bytes(data[at + 8:at + 12], "little")
                if index % 2 == rest:
                    parts.append(data[at:end])
                at, index = end, index + 1
            self.file(name, b"".join(parts))

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def connections(self, *words):
        return parse(self.expect(0, *words, "-o", "json"))["connections"]

    def test_halves_make_the_whole(self):
        whole = self.connections("whole.pcap")
        self.assertEqual(len(whole), 1)
        for words in (["-r", "odd.pcap", "-r", "even.pcap"], ["even.pcap", "odd.pcap"],
                      ["-r", "odd.pcap", "even.pcap"], ["-r", "[eo]*.pcap"], ["[eo]*.pcap"],
                      ["-r", "even.pcap", "odd.pcap", "tcp", "port", "443"]):
            with self.subTest(words=words):
                self.assertEqual(self.connections(*words), whole)

    def test_every_command_reads_several(self):
        files = ["-r", "odd.pcap", "-r", "even.pcap"]
        self.assertEqual(self.expect(0, "explain", "-q", "even.pcap", "odd.pcap", "1"),
                         self.expect(0, "explain", "-q", "whole.pcap", "1"))
        self.assertEqual(self.expect(0, "trace", "-q", *files),
                         self.expect(0, "trace", "-q", "whole.pcap"))
        self.expect(0, "report", *files, "-o", "html:page.html")
        self.expect(0, "annotate", *files, "-w", "all.pcapng")
        self.assertEqual(self.expect(0, "trace", "-q", "all.pcapng"),
                         self.expect(0, "trace", "-q", "whole.pcap"))
        self.expect(0, "check", *files, "--fail-on", "illegal")
        self.expect(0, "check", "--record", *files, "both.expect")
        self.expect(0, "check", *files, "both.expect")
        self.expect(1, "check", "-r", "even.pcap", "both.expect")

    def test_the_file_of_a_packet_is_told(self):
        lines = self.expect(0, "trace", "even.pcap", "odd.pcap", "-o", "ndjson").splitlines()
        self.assertEqual([parse(line)["file"] for line in lines],
                         ["even.pcap", "odd.pcap"] * (len(lines) // 2))
        self.assertNotIn('"file"', self.expect(0, "trace", "whole.pcap", "-o", "ndjson"))

    def test_the_files_are_told(self):
        capture = parse(self.expect(0, "even.pcap", "odd.pcap", "-o", "json"))["capture"]
        self.assertEqual(capture["file"], "even.pcap and 1 more")
        self.assertEqual([f["file"] for f in capture["files"]], ["even.pcap", "odd.pcap"])
        self.assertEqual(sum(f["packets"] for f in capture["files"]), capture["packets"])
        meta = json.loads(self.expect(0, "even.pcap", "odd.pcap", "-o", "ndjson").split("\n")[0])
        self.assertEqual(meta["files"], ["even.pcap", "odd.pcap"])
        self.assertIn("even.pcap and 1 more", self.expect(0, "even.pcap", "odd.pcap"))

    def test_damage_in_one(self):
        data = self.read("odd.pcap")
        self.file("odd.pcap", data[:-3])
        result = self.run_program("even.pcap", "odd.pcap", "-o", "json")
        self.assertEqual(result.returncode, 4)
        self.assertIn(b"odd.pcap: at byte", result.stderr)
        files = parse(result.stdout.decode())["capture"]["files"]
        self.assertEqual([f["truncated"] for f in files], [False, True])

    def test_what_is_refused(self):
        self.assertIn("no file has such a name", self.complaint(3, "-r", "none*.pcap"))
        self.assertIn("gone.pcap", self.complaint(3, "-r", "even.pcap", "-r", "gone.pcap"))
        self.assertIn("named twice", self.complaint(2, "even.pcap", "e*.pcap"))
        self.file("empty.pcap", b"")
        self.assertIn("empty.pcap", self.complaint(3, "even.pcap", "empty.pcap"))
        self.assertIn("is the input", self.complaint(2, "even.pcap", "odd.pcap", "-o",
                                                     "json:odd.pcap"))

    def test_a_name_that_looks_like_a_pattern(self):
        os.rename(self.path("whole.pcap"), self.path("a[1].pcap"))
        self.assertEqual(len(self.connections("-r", "a[1].pcap")), 1)

    def test_more_files_than_descriptors(self):
        data = self.read("whole.pcap")
        for i in range(300):
            self.file(f"ring{i:03}.pcap", data[:24] if i else data)
        self.assertEqual(len(self.connections("-r", "ring*.pcap")), 1)


if __name__ == "__main__":
    unittest.main()
