# SPDX-License-Identifier: MIT
"""docs/examples/ci does what its README says; docs/CI.md's shell lines run as written."""

import os
import re
import shutil
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
DOCS = os.path.join(HERE, "..", "..", "docs")
EXAMPLE = os.path.join(DOCS, "examples", "ci")
sys.path.insert(0, os.path.join(HERE, "..", "cli"))

from program import PROGRAM, ProgramTest, clean_environment  # noqa: E402


class Example(ProgramTest):
    def setUp(self):
        super().setUp()
        for name in os.listdir(EXAMPLE):
            shutil.copy(os.path.join(EXAMPLE, name), self.path(name))

    def test_handshake_passes(self):
        self.assertIn("ok    handshake.expect   1 flow, 5 asserts\n",
                      self.expect(0, "check", "handshake.expect"))

    def test_leak_fails_as_shown(self):
        printed = self.expect(1, "check", "leak.expect")
        with open(os.path.join(EXAMPLE, "README.md"), encoding="utf-8") as file:
            shown = re.search(r"FAIL  leak.expect.*", file.read()).group(0)
        self.assertIn(shown + "\n", printed)

    def test_both_differ_in_one_line(self):
        with open(self.path("handshake.expect"), encoding="utf-8") as file:
            text = file.read()
        with open(self.path("leak.expect"), encoding="utf-8") as file:
            self.assertEqual(file.read(), text.replace("handshake.pcapng", "leak.pcapng"))

    def test_whole_directory(self):
        self.assertIn("2 files, 1 ok, 1 failed", self.expect(1, "check"))

    def test_recording_can_be_made_anew(self):
        self.expect(0, "check", "--record", "handshake.pcapng", "new.expect")
        self.expect(0, "check", "new.expect")


class Documents(ProgramTest):
    """Blocks marked `sh` in docs/CI.md that hold only flowstate commands run in the example."""

    def blocks(self):
        with open(os.path.join(DOCS, "CI.md"), encoding="utf-8") as file:
            return re.findall(r"<!-- run: exit (\d+) -->\n```sh\n(.*?)```", file.read(), re.S)

    def test_shell_lines(self):
        blocks = self.blocks()
        self.assertGreaterEqual(len(blocks), 3)
        binary = self.path("bin")
        os.mkdir(binary)
        os.symlink(PROGRAM, os.path.join(binary, "flowstate"))
        environment = clean_environment()
        environment["PATH"] = binary + ":" + environment.get("PATH", "/usr/bin:/bin")
        for number, (status, script) in enumerate(blocks):
            directory = self.path(f"example{number}")
            shutil.copytree(EXAMPLE, directory)
            with self.subTest(script=script):
                import subprocess
                result = subprocess.run(["sh", "-c", script], cwd=directory, check=False,
                                        env=environment, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, timeout=60)
                self.assertEqual(result.returncode, int(status), result.stdout.decode())


if __name__ == "__main__":
    unittest.main()
