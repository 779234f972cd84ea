# SPDX-License-Identifier: MIT
"""Annotated captures: comments where something happened, and nothing else changed."""

import gzip
import os
import shutil
import subprocess
import unittest

import captures
from blocks import COMMENT, ENHANCED, SECTION, blocks, pcap_packets
from program import PROGRAM, ProgramTest, clean_environment, parse

PCAPS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "pcaps")


def packets_of(data):
    return [block for block in blocks(data) if block.is_packet()]


def is_ours(comment):
    return comment.startswith("flowstate: connection ")


def commented(data):
    return {number for number, block in enumerate(packets_of(data), 1)
            if any(is_ours(comment) for comment in block.comments())}


class Annotated(ProgramTest):
    def annotated(self, *words, status=0, **options):
        self.expect(status, "annotate", *words, "-w", "out.pcapng", **options)
        with open(self.path("out.pcapng"), "rb") as file:
            return file.read()

    def worth_a_comment(self, *words):
        numbers = set()
        for line in self.expect(0, "trace", *words, "-o", "ndjson").splitlines():
            record = parse(line)
            if record["changes"]:
                numbers.add(record["packet"])
            numbers.update(finding["packet"] for finding in record["findings"])
        return numbers


class Annotate(Annotated):
    def test_recorded_captures(self):
        names = sorted(name for name in os.listdir(PCAPS) if name.endswith(".pcap"))
        self.assertGreater(len(names), 20)
        for name in names:
            path = os.path.join(PCAPS, name)
            with open(path, "rb") as file:
                before = pcap_packets(file.read())
            data = self.annotated(path)
            self.assertEqual(commented(data), self.worth_a_comment(path), name)
            after = [block.fixed()[20:20 + len(packet[3])]
                     for block, packet in zip(packets_of(data), before)]
            self.assertEqual(after, [packet[3] for packet in before], name)

    def test_summary_stands_in_the_section(self):
        path = os.path.join(PCAPS, "mixed.pcap")
        section = blocks(self.annotated(path))[0]
        self.assertEqual(section.kind, SECTION)
        lines = section.comments()[0].splitlines()
        self.assertRegex(lines[0], r"^flowstate \d+\.\d+\.\d+: 57 packets, 57 TCP segments, "
                                   r"8 connections$")
        self.assertIn("4 closed", lines[1])
        self.assertIn("1 connection-refused", lines[2])

    def test_text_of_a_comment(self):
        self.file("a.pcap", captures.pcap(captures.closed()))
        comments = packets_of(self.annotated("a.pcap"))[0].comments()
        self.assertEqual(len(comments), 1)
        lines = comments[0].splitlines()
        self.assertEqual(lines[0], "flowstate: connection 1")
        self.assertTrue(lines[1].startswith("client CLOSED > SYN-SENT: "))
        self.assertTrue(lines[1].endswith(")"))

    def own_blocks(self):
        """A pcapng with everything that must survive: options, comments, blocks nobody knows."""
        data = captures.block(SECTION, b"\x4d\x3c\x2b\x1a\x01\0\0\0" + b"\xff" * 8 +
                              captures.option(COMMENT, b"mine") + captures.option(0, b""))
        data += captures.block(1, b"\x01\0\0\0\0\0\x04\0" + captures.option(2, b"eth0") +
                               captures.option(0, b""))
        data += captures.block(0x0BAD, b"whatever it is, it stays")
        body = captures.pcapng([(captures.ETHERNET, b"")],
                               [(0, packet) for packet in captures.closed()])
        for number, block in enumerate(packets_of(body)):
            options = captures.option(2, b"\0\0\0\x01")
            if number == 0:
                options += captures.option(COMMENT, "grüß dich".encode())
            data += captures.block(ENHANCED, block.body + options + captures.option(0, b""))
        return data + captures.block(5, bytes(12))

    def test_every_block_and_option_is_kept(self):
        before = self.own_blocks()
        self.file("a.pcapng", before)
        after = self.annotated("a.pcapng")
        self.assertEqual(len(blocks(after)), len(blocks(before)))
        changed = 0
        for old, new in zip(blocks(before), blocks(after)):
            if old == new:
                continue
            changed += 1
            self.assertEqual(old.kind, new.kind)
            self.assertEqual(old.fixed(), new.fixed())
            self.assertEqual(new.options()[:len(old.options())], old.options())
            self.assertEqual(len(new.options()), len(old.options()) + 1)
        self.assertEqual(changed, 1 + len(self.worth_a_comment("a.pcapng")))

    def test_sources(self):
        data = captures.pcap(captures.closed())
        self.file("a.pcap", data)
        self.file("a.pcap.gz", gzip.compress(data, mtime=0))
        reference = self.annotated("a.pcap")
        self.assertEqual(self.annotated("a.pcap.gz"), reference)
        self.assertEqual(self.annotated("-", stdin=data), reference)
        with open(self.path("a.pcap"), "rb") as file:
            result = subprocess.run([PROGRAM, "annotate", "-r", "-", "-w", "-"], stdin=file,
                                    stdout=subprocess.PIPE, check=True, timeout=60,
                                    env=clean_environment())
        self.assertEqual(result.stdout, reference)

    def test_no_temporary_file_stays(self):
        environment = clean_environment(TMPDIR=self.directory)
        data = captures.pcap(captures.closed())
        self.expect(0, "annotate", "-", "-w", "out.pcapng", stdin=data, environment=environment)
        self.assertEqual(os.listdir(self.directory), ["out.pcapng"])
        environment = clean_environment(TMPDIR=self.path("missing"))
        self.assertIn("temporary file",
                      self.complaint(6, "annotate", "-", "-w", "o", stdin=data,
                                     environment=environment))

    def test_filter_and_count(self):
        packets = captures.closed(1001) + captures.closed(1002)
        self.file("a.pcap", captures.pcap(packets))
        self.assertEqual(len(packets_of(self.annotated("a.pcap", "port", "1002"))), 10)
        self.assertEqual(len(packets_of(self.annotated("a.pcap", "-c", "3"))), 3)

    def test_damaged(self):
        data = captures.pcap(captures.closed())
        self.file("cut.pcap", data[:-5])
        self.assertEqual(len(packets_of(self.annotated("cut.pcap", status=4))), 9)

    def test_complaints(self):
        self.file("a.pcap", captures.pcap(captures.closed()))
        self.assertIn("needs -w", self.complaint(2, "annotate", "a.pcap"))
        self.assertIn("is the input", self.complaint(2, "annotate", "a.pcap", "-w", "a.pcap"))
        self.assertIn("cannot be opened", self.complaint(3, "annotate", "no.pcap", "-w", "o"))
        self.assertFalse(os.path.exists(self.path("o")))
        self.assertIn("-w", self.complaint(2, "flows", "a.pcap", "-w", "o"))
        self.assertIn("could not be written",
                      self.complaint(6, "annotate", "a.pcap", "-w", "/dev/full"))


@unittest.skipUnless(shutil.which("tshark"), "tshark is not installed")
class ReadBack(Annotated):
    """What Wireshark makes of an annotated capture."""

    NAMES = ("mixed", "ipv6", "vlan", "zero-window", "half-open", "simultaneous-open", "fast-open",
             "midstream", "port-scan", "data-lost")
    PACKET = ("frame.number", "frame.time_epoch", "frame.len", "frame.cap_len", "frame.encap_type",
              "frame.md5_hash")

    def tshark(self, path):
        """Of each packet, what must not change, and its comments."""
        fields = [word for name in (*self.PACKET, "frame.comment") for word in ("-e", name)]
        result = subprocess.run(
            ["tshark", "-n", "-r", path, "-o", "frame.generate_md5_hash:TRUE", "-T", "fields", *fields],
            cwd=self.directory, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True,
            timeout=300, env={**clean_environment(), "HOME": self.directory}, text=True)
        rows = [line.split("\t") for line in result.stdout.splitlines()]
        return [row[:-1] for row in rows], [row[-1] for row in rows]

    def test_comments_where_something_happened_and_packets_as_they_were(self):
        for name in self.NAMES:
            path = os.path.join(PCAPS, f"{name}.pcap")
            self.annotated(path)
            packets, comments = self.tshark("out.pcapng")
            self.assertEqual({number for number, comment in enumerate(comments, 1) if comment},
                             self.worth_a_comment(path), name)
            self.assertEqual(packets, self.tshark(path)[0], name)

    @unittest.skipUnless(shutil.which("capinfos"), "capinfos is not installed")
    def test_summary(self):
        self.annotated(os.path.join(PCAPS, "mixed.pcap"))
        result = subprocess.run(["capinfos", "out.pcapng"], cwd=self.directory, check=True,
                                stdout=subprocess.PIPE, timeout=300, text=True)
        self.assertRegex(result.stdout, r"Number of packets:\s+57\n")
        self.assertRegex(result.stdout, r"Capture comment:\s+flowstate \S+: 57 packets")


if __name__ == "__main__":
    unittest.main()
