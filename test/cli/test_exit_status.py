# SPDX-License-Identifier: MIT
"""The exit status for every kind of input, and what is said with it."""

import gzip
import os
import shutil
import subprocess
import unittest

import captures
from program import PROGRAM, ProgramTest, clean_environment, parse


class Input(ProgramTest):
    def test_good_file(self):
        self.file("good.pcap", captures.pcap(captures.closed()))
        result = self.run_program("good.pcap")
        self.assertEqual(result.returncode, 0)
        self.assertEqual(result.stderr, b"")
        self.assertIn(b"closed, client first", result.stdout)

    def test_header_only(self):
        self.file("empty.pcap", captures.pcap([]))
        self.assertIn("no packets", self.expect(0, "empty.pcap"))
        document = parse(self.expect(0, "empty.pcap", "-o", "json"))
        self.assertEqual(document["connections"], [])
        self.assertIsNone(document["capture"]["ts_first"])

    def test_zero_bytes(self):
        self.file("zero", b"")
        self.assertIn("zero", self.complaint(3, "zero"))

    def test_not_a_capture(self):
        self.file("text", b"this is not a capture\n" * 10)
        self.assertEqual(self.complaint(3, "text").count("\n"), 1)

    def test_cut_inside_the_last_packet(self):
        data = captures.pcap(captures.closed())
        self.file("cut.pcap", data[:-10])
        result = self.run_program("cut.pcap", "-o", "json")
        self.assertEqual(result.returncode, 4)
        self.assertEqual(result.stderr.count(b"\n"), 1)
        self.assertIn(b"cut.pcap", result.stderr)
        document = parse(result.stdout)
        self.assertEqual(document["capture"]["packets"], len(captures.CLOSED) - 1)
        self.assertTrue(document["capture"]["truncated"])
        result = self.run_program("trace", "-o", "ndjson", "cut.pcap")
        self.assertEqual(result.returncode, 4)
        self.assertEqual(result.stdout.count(b"\n"), len(captures.CLOSED) - 1)
        summary = parse(self.run_program("cut.pcap", "-o", "ndjson").stdout.splitlines()[-1])
        self.assertFalse(summary["complete"])

    def test_damage_is_never_a_pass_nor_a_finding(self):
        packets = captures.connection(captures.CLIENT, captures.SERVER, captures.SYN_FIN * 2)
        self.file("cut.pcap", captures.pcap(packets)[:-1])
        self.assertEqual(self.run_program("cut.pcap", "--fail-on", "illegal").returncode, 4)

    def test_pcapng_with_two_link_types(self):
        first, second = captures.closed(1111), captures.closed(2222)
        data = captures.pcapng([(captures.ETHERNET, b"eth0"), (captures.RAW_IP, b"tun0")],
                               [(0, packet) for packet in first] +
                               [(1, packet) for packet in second])
        self.file("two.pcapng", data)
        document = parse(self.expect(0, "two.pcapng", "-o", "json"))
        self.assertEqual(len(document["connections"]), 2)
        self.assertEqual(document["capture"]["link_types"], ["EN10MB", "RAW"])
        self.assertEqual([i["name"] for i in document["capture"]["interfaces"]], ["eth0", "tun0"])

    def test_gzip(self):
        self.file("good.pcap.gz", gzip.compress(captures.pcap(captures.closed())))
        self.assertIn("1 connection", self.expect(0, "good.pcap.gz"))

    @unittest.skipUnless(shutil.which("zstd"), "no zstd here")
    def test_zstd(self):
        self.file("good.pcap", captures.pcap(captures.closed()))
        subprocess.run(["zstd", "-q", self.path("good.pcap")], check=True)
        self.assertIn("1 connection", self.expect(0, "good.pcap.zst"))

    def test_missing(self):
        message = self.complaint(3, "-r", "missing.pcap")
        self.assertIn("missing.pcap", message)
        self.assertEqual(message.count("\n"), 1)

    def test_directory(self):
        self.complaint(3, "-r", self.directory)

    def test_filter_that_matches_nothing(self):
        self.file("good.pcap", captures.pcap(captures.closed()))
        self.assertIn("filter", self.expect(0, "good.pcap", "port", "9"))

    def test_bad_filter(self):
        self.file("good.pcap", captures.pcap(captures.closed()))
        self.complaint(2, "good.pcap", "prot", "443")
        self.complaint(2, "good.pcap", "-f", "port port")

    def test_no_output_file_is_made_for_a_missing_input(self):
        self.complaint(3, "-r", "missing.pcap", "-o", "json:out.json")
        self.assertFalse(os.path.exists(self.path("out.json")))


class FailOn(ProgramTest):
    def setUp(self):
        super().setUp()
        self.file("good.pcap", captures.pcap(captures.closed()))
        packets = captures.connection(captures.CLIENT, captures.SERVER, captures.SYN_FIN)
        self.file("bad.pcap", captures.pcap(packets))
        refused = captures.connection(captures.CLIENT, captures.SERVER, captures.REFUSED)
        self.file("refused.pcap", captures.pcap(refused))

    def test_only_this_class_or_worse(self):
        self.expect(0, "bad.pcap")
        self.expect(1, "bad.pcap", "--fail-on", "illegal")
        self.expect(1, "bad.pcap", "--fail-on", "suspect")
        self.expect(0, "good.pcap", "--fail-on", "illegal")
        self.expect(0, "refused.pcap", "--fail-on", "suspect")
        self.expect(1, "refused.pcap", "--fail-on=anomaly")
        self.expect(1, "trace", "refused.pcap", "--fail-on", "capture")


class Output(ProgramTest):
    def setUp(self):
        super().setUp()
        self.file("good.pcap", captures.pcap(captures.closed()))

    @unittest.skipUnless(os.path.exists("/dev/full"), "no /dev/full here")
    def test_full_disk(self):
        with open("/dev/full", "wb") as full:
            for words in (["good.pcap"], ["good.pcap", "-o", "json"], ["trace", "good.pcap"],
                          ["states"], ["states", "-o", "svg"], ["rules"], ["help"], ["--version"]):
                result = self.run_program(*words, stdout=full)
                self.assertEqual(result.returncode, 6, words)
                self.assertEqual(result.stderr.count(b"\n"), 1, words)
        message = self.complaint(6, "good.pcap", "-o", "ndjson:/dev/full")
        self.assertIn("/dev/full", message)

    def test_closed_streams(self):
        for words, status in ((["good.pcap"], 6), (["good.pcap", "-o", "json:out.json"], 0)):
            result = subprocess.run(["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", PROGRAM, *words],
                                    cwd=self.directory, check=False, env=clean_environment())
            self.assertEqual(result.returncode, status, words)
        with open(self.path("out.json"), "rb") as file:
            parse(file.read())

    def test_file_that_cannot_be_made(self):
        self.complaint(6, "good.pcap", "-o", "json:no/such/directory/out.json")

    def test_the_input_is_not_overwritten(self):
        with open(self.path("good.pcap"), "rb") as file:
            before = file.read()
        self.complaint(2, "good.pcap", "-o", "json:good.pcap")
        with open(self.path("good.pcap"), "rb") as file:
            self.assertEqual(file.read(), before)

    def test_a_reader_that_leaves_is_no_error(self):
        many = []
        for port in range(600):
            many += captures.closed(10000 + port)
        self.file("many.pcap", captures.pcap(many))
        for words in (["trace", "many.pcap"], ["many.pcap", "-o", "ndjson"], ["many.pcap"],
                      ["many.pcap", "-o", "json"], ["states"]):
            reading, writing = os.pipe()
            os.close(reading)
            result = subprocess.run([PROGRAM, *words], stdout=writing, stderr=subprocess.PIPE,
                                    cwd=self.directory, check=False, env=clean_environment())
            os.close(writing)
            self.assertEqual((result.returncode, result.stderr), (0, b""), words)

    def test_the_status_of_a_result_nobody_reads(self):
        packets = captures.closed() + captures.connection(captures.CLIENT, ("10.0.0.1", 5),
                                                          captures.SYN_FIN)
        self.file("bad.pcap", captures.pcap(packets))
        reading, writing = os.pipe()
        os.close(reading)
        result = self.run_program("trace", "bad.pcap", "--fail-on", "illegal", stdout=writing)
        os.close(writing)
        self.assertEqual((result.returncode, result.stderr), (1, b""))

    def test_link_types_without_tcp_are_refused_by_name(self):
        """USB, for one; packets of it among others are counted and no reason to refuse."""
        usb = captures.pcap_of_frames([b"\0" * 64], 189)
        self.file("usb.pcap", usb)
        for words in (["usb.pcap"], ["trace", "usb.pcap"]):
            result = self.run_program(*words)
            self.assertEqual(result.returncode, 3)
            self.assertIn(b"USB_LINUX (189)", result.stderr)
        self.expect(3, "check", "-r", "usb.pcap", "--fail-on", "illegal")
        self.file("both.pcapng", captures.pcapng([(captures.ETHERNET, b""), (189, b"")],
                                                 [(0, captures.closed()[0]), (1, b"\0" * 64)]))
        self.assertIn("1 packet of a link type", self.expect(0, "both.pcapng"))


if __name__ == "__main__":
    unittest.main()
