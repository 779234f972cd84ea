#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Several threads print what one prints, on a capture that is large enough for them."""

import glob
import gzip
import os
import random
import signal
import subprocess
import time
import unittest

import captures
from program import PROGRAM, ProgramTest, clean_environment

PCAPS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "pcaps")

LARGE = 32 << 20  # octets; below, there is one thread


def strange(random_):
    """Steps of one connection: a usual one with text, then loss, repeats, an end or none."""
    steps = list(captures.HANDSHAKE)
    at = 1
    for _ in range(random_.randrange(1, 30)):
        text = bytes(random_.randrange(1000, 1460))
        steps.append(("client", captures.PSH | captures.ACK, at, 1, text))
        at += len(text)
        steps.append(("server", captures.ACK, 1, at, b""))
    steps.append(random_.choice([("client", captures.FIN | captures.ACK, at, 1, b""),
                                 ("server", captures.RST | captures.ACK, 1, at, b""),
                                 ("client", captures.SYN | captures.FIN, 0, 0, b"")]))
    for _ in range(random_.randrange(3)):
        del steps[random_.randrange(len(steps))]
        steps.insert(random_.randrange(len(steps)), random_.choice(steps))
    return random_.choice([steps, steps, captures.REFUSED, captures.NO_ANSWER, captures.CLOSED])


def large_capture():
    random_ = random.Random(1)
    waiting, packets, size, port = [], [], 0, 1024
    while size < LARGE + (1 << 20):
        if len(waiting) < 50:
            port += 1
            client = (f"10.1.{port >> 13}.7", 1024 + port % 8192)
            waiting.append(captures.connection(client, captures.SERVER, strange(random_))[::-1])
        number = random_.randrange(len(waiting))
        packets.append(waiting[number].pop())
        size += len(packets[-1]) + 30
        if not waiting[number]:
            del waiting[number]
    return captures.pcap(packets)


class ThreadsTest(ProgramTest):
    @classmethod
    def setUpClass(cls):
        cls.large = large_capture()

    def setUp(self):
        super().setUp()
        self.file("large.pcap", self.large)

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def run_with(self, threads, words, **options):
        result = self.run_program("-j", threads, *words, **options)
        return result.returncode, result.stdout, result.stderr

    def assert_same(self, *words, threads=("2",), **options):
        alone = self.run_with("1", words, **options)
        for count in threads:
            self.assertEqual(self.run_with(count, words, **options), alone, (count, words))
        self.assertNotIn(alone[0], (2, 5), alone[2])
        return alone

    def test_outputs(self):
        formats = ("json", "ndjson", "csv", "zeek", "zeek-json", "ecs")
        several = [word for name in formats for word in ("-o", f"{name}:out.{name}")]
        written = []
        for threads in ("1", "2"):
            status, _, errors = self.run_with(threads, ["large.pcap", "--lossless", *several])
            self.assertEqual((status, errors), (0, b""))
            written.append([self.read(f"out.{name}") for name in formats])
        for name, one, two in zip(formats, *written):
            self.assertGreater(len(one), 10000, name)
            self.assertEqual(one, two, name)
        for words in (["-v", "-a", "--fail-on", "illegal"], ["--max-flows", "20", "-o", "ndjson"],
                      ["-c", "8000"], ["-o", "html"], ["-o", "json", "tcp[13] & 1 == 1"]):
            with self.subTest(words=words):
                self.assert_same("large.pcap", *words)

    def test_connections_in_parts(self):
        for words, threads in ((["-a", "--lossless"], "24"), (["-o", "csv"], "3"),
                               (["-c", "20000", "--where", "server in CLOSED"], "2")):
            with self.subTest(words=words):
                self.assert_same("large.pcap", *words, threads=threads)

    def test_inputs(self):
        several = glob.glob(os.path.join(PCAPS, "n*.pcap"))
        self.assert_same("large.pcap", *several, "-o", "ndjson")
        self.file("large.pcap.gz", gzip.compress(self.large, 1))
        self.assert_same("-", stdin=self.read("large.pcap.gz"))

    def test_damaged(self):
        self.file("cut.pcap", self.large[:-7])
        status, _, errors = self.assert_same("cut.pcap", "-o", "json")
        self.assertEqual(status, 4)
        self.assertIn(b"is cut off", errors)

    def while_it_waits(self, threads):
        """The program once it has read all that came through a pipe that stays open."""
        process = subprocess.Popen([PROGRAM, "-j", threads, "-"], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   cwd=self.directory, env=clean_environment())
        process.stdin.write(self.large)
        process.stdin.flush()
        deadline = time.monotonic() + 60
        while len(os.listdir(f"/proc/{process.pid}/task")) < int(threads):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)
        return process

    def test_the_thread_is_inside_the_sandbox(self):
        self.assertEqual(len(self.while_it_waits("1").communicate()), 2)
        with self.while_it_waits("2") as process:
            tasks = f"/proc/{process.pid}/task"
            states = []
            for task in os.listdir(tasks):
                with open(f"{tasks}/{task}/status", encoding="utf-8") as file:
                    states.append([line for line in file
                                   if line.startswith(("NoNewPrivs", "Seccomp", "Cap"))])
            process.communicate()
            self.assertEqual(process.returncode, 0)
        self.assertEqual(len(states), 2)
        self.assertEqual(states[0], states[1])
        self.assertIn("NoNewPrivs:\t1\n", states[0])

    def test_interrupted(self):
        with self.while_it_waits("2") as process:
            process.send_signal(signal.SIGINT)
            output, errors = process.communicate()
            self.assertEqual((process.returncode, errors), (0, b""))
            self.assertIn(b"stopped", output)


if __name__ == "__main__":
    unittest.main()
