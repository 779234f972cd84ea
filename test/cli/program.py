# SPDX-License-Identifier: MIT
"""Runs the program, in a directory of its own that goes away with the test."""

import json
import os
import pty
import struct
import subprocess
import tempfile
import unittest
from fcntl import ioctl
from termios import TIOCSWINSZ

PROGRAM = os.environ["FLOWSTATE"]


def clean_environment(**extra):
    keep = ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LD_LIBRARY_PATH")
    environment = {name: os.environ[name] for name in keep if name in os.environ}
    environment.update(LC_ALL="C", TZ="UTC", **extra)
    return environment


def unique(pairs):
    """json's object_pairs_hook: a key that comes twice is an error."""
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError(f"repeated key in {keys}")
    return dict(pairs)


def no_constant(name):
    raise ValueError(f"{name} is no JSON")


def parse(text):
    value = json.loads(text, object_pairs_hook=unique, parse_constant=no_constant)
    check_numbers(value)
    return value


def check_numbers(value):
    if isinstance(value, dict):
        for inner in value.values():
            check_numbers(inner)
    elif isinstance(value, list):
        for inner in value:
            check_numbers(inner)
    elif isinstance(value, int) and abs(value) > 2**53:
        raise ValueError(f"{value} is above 2^53")


class ProgramTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name

    def file(self, name, data):
        with open(os.path.join(self.directory, name), "wb") as file:
            file.write(data)
        return name

    def path(self, name):
        return os.path.join(self.directory, name)

    def run_program(self, *words, stdin=b"", environment=None, stdout=subprocess.PIPE):
        return subprocess.run([PROGRAM, *words], input=stdin, stdout=stdout,
                              stderr=subprocess.PIPE, cwd=self.directory, check=False, timeout=60,
                              env=environment or clean_environment())

    def expect(self, status, *words, **options):
        """Run, compare the exit status, and give standard output as text."""
        result = self.run_program(*words, **options)
        self.assertEqual(result.returncode, status, (words, result.stderr.decode()))
        return result.stdout.decode() if result.stdout is not None else ""

    def complaint(self, status, *words, **options):
        """Run, compare the exit status, and give standard error; results must be empty."""
        result = self.run_program(*words, **options)
        self.assertEqual(result.returncode, status, (words, result.stderr.decode()))
        self.assertEqual(result.stdout, b"", words)
        self.assertTrue(result.stderr.startswith(b"flowstate: "), result.stderr)
        return result.stderr.decode()

    def on_terminal(self, *words, columns=0, lines=40, **variables):
        """Standard output and error of the program on a terminal; it must succeed."""
        environment = clean_environment(TERM="xterm")
        environment.update(variables)
        pid, terminal = pty.fork()
        if pid == 0:
            ioctl(1, TIOCSWINSZ, struct.pack("4H", lines, columns, 0, 0))
            os.chdir(self.directory)
            os.execve(PROGRAM, [PROGRAM, *words], environment)
        text = b""
        while True:
            try:
                part = os.read(terminal, 65536)
            except OSError:
                break
            if not part:
                break
            text += part
        os.close(terminal)
        _, status = os.waitpid(pid, 0)
        self.assertEqual(os.waitstatus_to_exitcode(status), 0)
        return text.decode().replace("\r\n", "\n")
