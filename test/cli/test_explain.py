# SPDX-License-Identifier: MIT
"""The ladder of one connection: which one, how wide, in which formats."""

import os
import re
import unittest
import xml.etree.ElementTree

import captures
from program import ProgramTest


def two():
    packets = captures.closed(1001)
    return captures.pcap(packets + captures.connection((captures.CLIENT[0], 1002), captures.SERVER,
                                                       captures.RESET))


class Choice(ProgramTest):
    def setUp(self):
        super().setUp()
        self.file("two.pcap", two())
        self.file("one.pcap", captures.pcap(captures.closed()))

    def test_by_number(self):
        for words in (["two.pcap", "2"], ["-r", "two.pcap", "2"], ["2", "-r", "two.pcap"]):
            text = self.expect(0, "explain", *words)
            self.assertIn("connection 2: 5 packets", text)
            self.assertIn("10.0.0.17:1002", text)
            self.assertNotIn("1001", text)

    def test_the_only_one(self):
        self.assertIn("connection 1: ", self.expect(0, "explain", "one.pcap"))

    def test_a_filter_comes_after_it(self):
        text = self.expect(0, "explain", "two.pcap", "1", "port", "1002")
        self.assertIn("10.0.0.17:1002", text)
        self.assertIn("10.0.0.17:1002", self.expect(0, "explain", "two.pcap", "port", "1002"))

    def test_several(self):
        self.assertIn("2 connections; choose one by its number in: flowstate two.pcap",
                      self.complaint(2, "explain", "two.pcap"))

    def test_none(self):
        self.file("none.pcap", captures.pcap([]))
        self.assertIn("no TCP connection", self.complaint(2, "explain", "none.pcap"))
        self.assertIn("there is no connection 3, only 2",
                      self.complaint(2, "explain", "two.pcap", "3"))
        for number in ("0", "99999999999"):
            self.assertIn("a number from 1", self.complaint(2, "explain", "two.pcap", number))

    def test_several_formats_at_once(self):
        text = self.expect(0, "explain", "two.pcap", "2", "-o", "text", "-o", "svg:x.svg")
        self.assertIn("connection 2", text)
        self.assertTrue(os.path.getsize(self.path("x.svg")) > 1000)


class Picture(ProgramTest):
    def setUp(self):
        super().setUp()
        self.file("two.pcap", two())

    def test_shape(self):
        lines = self.expect(0, "explain", "two.pcap", "1").splitlines()
        self.assertTrue(all(line.isascii() for line in lines))
        rungs = [line for line in lines if "#" in line]
        self.assertEqual(len(rungs), 8)
        for line in rungs:
            self.assertRegex(line[15], r"[|:]")
            self.assertRegex(line[64], r"[|:]")
        self.assertTrue(rungs[0].startswith("SYN-SENT       |---- SYN  seq 0 "))
        self.assertTrue(rungs[0].endswith("#1  0.000000 ->: SYN-RECEIVED ~"))
        self.assertTrue(rungs[1].startswith("ESTABLISHED ~  :<--- SYN ACK "))

    def test_packets(self):
        lines = self.expect(0, "explain", "two.pcap", "1", "--packets").splitlines()
        self.assertEqual(sum("#" in line for line in lines), 10)

    def test_reasons(self):
        quiet = self.expect(0, "explain", "two.pcap", "1")
        text = self.expect(0, "explain", "two.pcap", "1", "-v")
        self.assertNotIn("RFC 9293", quiet)
        self.assertEqual(text.count("RFC"), 10)
        self.assertIn("client CLOSED > SYN-SENT: ", text)

    def test_findings_stand_at_their_packet(self):
        lines = self.expect(0, "explain", "two.pcap", "2").splitlines()
        at = [i for i, line in enumerate(lines) if "^ anomaly " in line]
        self.assertEqual(len(at), 1)
        self.assertIn("RST ACK", lines[at[0] - 1])

    def test_of_a_kind_three_are_told(self):
        steps = list(captures.HANDSHAKE)
        for number in range(6):  # each captured twice
            steps += [("client", captures.ACK, 1 + number, 1, b"x")] * 2
        self.file("twice.pcap", captures.pcap(captures.connection(
            captures.CLIENT, captures.SERVER, steps)))
        found = re.findall(r"\^ \w+ ([a-z-]+) #", self.expect(0, "explain", "twice.pcap"))
        self.assertEqual(len(found), 3)
        self.assertEqual(len(set(found)), 1)
        self.assertRegex(self.expect(0, "explain", "twice.pcap"), r"3\s*(:\s+:\s+)?times more")
        every = self.expect(0, "explain", "twice.pcap", "--packets")
        self.assertEqual(every.count(f"{found[0]} #"), 6)

    def test_the_rules_of_findings_are_told(self):
        text = self.expect(0, "explain", "two.pcap", "2")
        self.assertIn("\nhandshake-reset: a RST before the handshake was known to be finished (RFC "
                      "9293\n  3.5.2)\n", text)
        self.assertNotIn("handshake-reset", self.expect(0, "explain", "two.pcap", "1"))
        self.assertNotIn("reset: a RST", self.expect(0, "explain", "two.pcap", "2", "-q"))

    def test_what_it_tells_that_an_end_stays(self):
        self.file("half.pcap", captures.pcap(captures.connection(
            captures.CLIENT, captures.SERVER, captures.HANDSHAKE + [
                ("client", captures.FIN | captures.ACK, 1, 1, b""),
                ("server", captures.ACK, 1, 2, b"")])))
        text = self.expect(0, "explain", "half.pcap")
        self.assertIn("unfinished #5 client: left in", text)
        self.assertIn("\nFIN-WAIT-2, if the client stays there: The peer's program", text)
        self.assertIn("\nCLOSE-WAIT, if the server stays there: The local program", text)
        self.assertNotIn("stays there", self.expect(0, "explain", "two.pcap", "1"))

    def test_absolute_numbers(self):
        self.assertIn("seq 1000 ", self.expect(0, "explain", "two.pcap", "1", "-S"))

    def test_as_wide_as_the_terminal(self):
        for columns, want in ((60, 80), (80, 80), (100, 100), (300, 132)):
            lines = self.on_terminal("explain", "two.pcap", "1", "--color=never",
                                     columns=columns).splitlines()
            names = [line for line in lines if line.startswith("CLIENT")]
            self.assertEqual(len(names[0]), want)
            self.assertTrue(all(len(line) <= want for line in lines))

    def test_a_long_heading_is_folded(self):
        steps = captures.HANDSHAKE[:2]
        self.file("long.pcap", captures.pcap(
            captures.connection(("10.0.0.17", 1), captures.SERVER, steps) * 300 +
            captures.connection(("10.0.0.17", 2), captures.SERVER, captures.CLOSED)))
        lines = self.expect(0, "explain", "long.pcap", "1", "--packets").splitlines()
        self.assertTrue(lines[0].startswith("connection 1: 600 packets, view complete, open: "))
        self.assertEqual(lines[1], "  ms")
        self.assertTrue(all(len(line) <= 80 for line in lines))

    def test_terminal_has_colour_and_lines(self):
        text = self.on_terminal("explain", "two.pcap", "1", LC_ALL="C.UTF-8")
        self.assertIn("\033[1;32mESTABLISHED", text)
        self.assertIn("──── ", text)
        ascii_text = self.on_terminal("explain", "two.pcap", "1", "--ascii", LC_ALL="C.UTF-8")
        self.assertTrue(ascii_text.isascii())

    def test_utf8_when_asked(self):
        self.assertIn("┃──── ", self.expect(0, "explain", "two.pcap", "1", "--utf8"))


class Formats(ProgramTest):
    def setUp(self):
        super().setUp()
        self.file("two.pcap", two())

    def test_svg_is_whole(self):
        for form in ("svg", "svg-path"):
            for number in ("1", "2"):
                text = self.expect(0, "explain", "two.pcap", number, "-v", "-o", form)
                root = xml.etree.ElementTree.fromstring(text)
                self.assertEqual(root.tag, "{http://www.w3.org/2000/svg}svg")
                words = " ".join(root.itertext())
                self.assertIn("ESTABLISHED", words)
                self.assertIn(f"onnection {number}", words)

    def test_graphs(self):
        dot = self.expect(0, "explain", "two.pcap", "1", "-o", "dot")
        self.assertEqual(dot.count(" -> "), 10)
        self.assertEqual(dot.count("{"), dot.count("}"))
        path = self.expect(0, "explain", "two.pcap", "1", "-o", "mermaid-path")
        self.assertEqual(path.count(" --> "), 10)
        self.assertEqual(path.count("{"), path.count("}"))

    def test_sequence_diagram(self):
        lines = self.expect(0, "explain", "two.pcap", "2", "-o", "mermaid").splitlines()
        self.assertEqual(lines[0], "sequenceDiagram")
        self.assertEqual(sum("->>" in line for line in lines), 4)
        self.assertEqual(sum("server-xclient" in line for line in lines), 1)
        for line in lines:  # a bare # or ; has a meaning of its own
            self.assertNotRegex(line, r"#(?!\d+;)")


if __name__ == "__main__":
    unittest.main()
