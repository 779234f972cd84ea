#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The program really enters its sandbox, before it reads, for every command that reads."""

import os
import subprocess
import time
import unittest

import captures
from program import PROGRAM, ProgramTest, clean_environment


def status_of(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


def built_with_seccomp():
    maps = subprocess.run(["ldd", PROGRAM], stdout=subprocess.PIPE, check=False).stdout
    return b"libseccomp" in maps


class SandboxTest(ProgramTest):
    def state_while_reading(self, *words):
        """/proc/PID/status of the program while it waits for the first octet on a pipe."""
        with subprocess.Popen([PROGRAM, *words], stdin=subprocess.PIPE, cwd=self.directory,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=clean_environment()) as process:
            deadline = time.monotonic() + 20
            while time.monotonic() < deadline:
                with open(f"/proc/{process.pid}/wchan", encoding="utf-8") as file:
                    waiting = "pipe" in file.read()
                with open(f"/proc/{process.pid}/syscall", encoding="utf-8") as file:
                    reading = file.read().startswith("0 0x0 ")
                if waiting or reading:
                    break
                time.sleep(0.01)
            state = status_of(process.pid)
            _, errors = process.communicate(captures.pcap(captures.closed()))
            return state, process.returncode, errors.decode()

    def test_before_the_first_octet(self):
        for words in (["-"], ["trace", "-"], ["explain", "-"], ["report", "-", "-o", "html:r"],
                      ["check", "-r", "-", "--fail-on", "illegal"]):
            with self.subTest(words=words):
                state, status, errors = self.state_while_reading(*words)
                self.assertEqual((status, errors), (0, ""))
                self.assertEqual(state["NoNewPrivs"], "1")
                if built_with_seccomp():
                    self.assertEqual(state["Seccomp"], "2")
                if words[0] != "check" and os.geteuid() == 0:
                    self.assertEqual(int(state["CapEff"], 16), 0)
                    self.assertEqual(int(state["CapPrm"], 16), 0)

    def test_no_sandbox_says_so(self):
        state, status, errors = self.state_while_reading("--no-sandbox", "-")
        self.assertEqual(status, 0)
        self.assertIn("--no-sandbox", errors)
        self.assertEqual(state["Seccomp"], "0")

    def test_what_works_inside(self):
        """Every way of output, filters with names the system's tables have, all compressions."""
        self.file("a.pcap", captures.pcap(captures.closed()))
        os.mkdir(self.path("sub"))
        self.expect(0, "a.pcap", "-o", "json:sub/a.json", "-o", "ndjson:sub/a.ndjson", "-o",
                    "text:/dev/null", "tcp port https")
        self.assertEqual(sorted(os.listdir(self.path("sub"))), ["a.json", "a.ndjson"])
        self.expect(0, "annotate", "a.pcap", "-w", "sub/a.pcapng", "port https")
        self.expect(0, "check", "--record", "a.pcap", "sub/a.expect")
        self.expect(0, "check", "sub", "-o", "junit:sub/junit.xml", "-o", "text:/dev/stdout")
        self.expect(0, "diff", "a.pcap", "a.pcap", "-o", "ndjson:sub/diff")
        os.symlink("a.json", self.path("sub/link.json"))
        self.expect(0, "a.pcap", "-o", "json:sub/link.json")
        self.assertTrue(os.path.islink(self.path("sub/link.json")))

    def test_names_are_not_looked_up(self):
        self.file("a.pcap", captures.pcap(captures.closed()))
        self.assertIn("unknown host", self.complaint(2, "a.pcap", "host", "no-such.invalid"))


if __name__ == "__main__":
    unittest.main()
