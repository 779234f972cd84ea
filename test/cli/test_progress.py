# SPDX-License-Identifier: MIT
"""How far a long file has been read: for a terminal only, and gone in the end."""

import os
import pty
import subprocess
import time
import unittest

import captures
from program import PROGRAM, ProgramTest, clean_environment

HEADER = captures.pcap([])
MANY = captures.pcap(captures.closed() * 200)[len(HEADER):]
LONG_S = 1.5  # progress is shown of what takes more than a second
NEVER_S = 60


class Progress(ProgramTest):
    def begin(self, errors):
        """The program with a capture that comes slowly."""
        program = subprocess.Popen([PROGRAM, "-r", "-", "-o", "json"], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=errors,
                                   env=clean_environment(TERM="xterm"))
        self.addCleanup(program.stdout.close)
        program.stdin.write(HEADER)
        return program

    def feed(self, program):
        program.stdin.write(MANY)
        program.stdin.flush()
        time.sleep(0.05)

    def end(self, program):
        program.stdin.close()
        self.assertTrue(program.stdout.read().endswith(b"}\n"))
        self.assertEqual(program.wait(), 0)

    def everything_on(self, terminal):
        text = b""
        os.set_blocking(terminal, True)
        while True:
            try:
                text += os.read(terminal, 4096)
            except OSError:  # nobody has it open any more
                return text

    def test_on_a_terminal(self):
        terminal, errors = pty.openpty()
        program = self.begin(errors)
        os.close(errors)
        os.set_blocking(terminal, False)
        text, deadline = b"", time.monotonic() + NEVER_S
        while b"/s" not in text and time.monotonic() < deadline:
            self.feed(program)
            try:
                text += os.read(terminal, 4096)
            except BlockingIOError:
                pass
        self.assertRegex(text, rb"^\r\d+\.\d [kM]B read  \d+\.\d [kM]B/s\x1b\[K")
        self.end(program)
        self.assertTrue(self.everything_on(terminal).endswith(b"\r\x1b[K"))
        os.close(terminal)

    def test_not_elsewhere(self):
        program = self.begin(subprocess.PIPE)
        begin = time.monotonic()
        while time.monotonic() - begin < LONG_S:
            self.feed(program)
        self.end(program)
        self.assertEqual(program.stderr.read(), b"")
        program.stderr.close()


if __name__ == "__main__":
    unittest.main()
