# SPDX-License-Identifier: MIT
"""docs/examples/ci does what its README says; docs/CI.md, the manual page and the action as well."""

import os
import re
import shutil
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
DOCS = os.path.join(HERE, "..", "..", "docs")
EXAMPLE = os.path.join(DOCS, "examples", "ci")
ACTION = os.path.abspath(os.path.join(HERE, "..", "..", "tools", "action"))
sys.path.insert(0, os.path.join(HERE, "..", "cli"))

import formats  # noqa: E402
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
    def environment(self, **extra):
        """The program in the PATH, as documents call it."""
        binary = self.path("bin")
        os.mkdir(binary)
        os.symlink(PROGRAM, os.path.join(binary, "flowstate"))
        environment = clean_environment(**extra)
        environment["PATH"] = binary + ":" + environment.get("PATH", "/usr/bin:/bin")
        return environment

    def run_in_example(self, name, words, environment):
        directory = self.path(name)
        shutil.copytree(EXAMPLE, directory)
        return subprocess.run(words, cwd=directory, check=False, env=environment, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def test_shell_lines(self):
        """Blocks of docs/CI.md below `run: exit N` do as written, in the example."""
        with open(os.path.join(DOCS, "CI.md"), encoding="utf-8") as file:
            blocks = re.findall(r"<!-- run: exit (\d+) -->\n```sh\n(.*?)```", file.read(), re.S)
        self.assertGreaterEqual(len(blocks), 5)
        environment = self.environment()
        for number, (status, script) in enumerate(blocks):
            with self.subTest(script=script):
                result = self.run_in_example(f"example{number}", ["sh", "-c", script], environment)
                self.assertEqual(result.returncode, int(status), result.stdout)

    def test_gitlab_lines(self):
        """The script of the job that checks, in a project with a directory of tests."""
        with open(os.path.join(DOCS, "CI.md"), encoding="utf-8") as file:
            jobs = re.search(r"```yaml\n(stages:.*?)```", file.read(), re.S).group(1)
        job = jobs[jobs.index("connections:"):]
        lines = re.findall(r"^    - (.*)$", job[job.index("script:"):job.index("artifacts:")], re.M)
        self.assertTrue(lines[0].startswith("apt-get update && apt-get install -y ./build/"))
        self.assertIn("      junit: junit.xml\n", job)
        environment = self.environment(CI="true")
        apt = os.path.join(self.path("bin"), "apt-get")
        with open(apt, "w", encoding="utf-8") as file:  # nothing is installed for a test
            file.write("#!/bin/sh\n")
        os.chmod(apt, 0o755)
        shutil.copytree(EXAMPLE, self.path("tests"))
        result = subprocess.run(["bash", "-eo", "pipefail", "-c", "\n".join(lines)],
                                cwd=self.directory, check=False, env=environment, timeout=60,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(result.returncode, 1, result.stdout)
        self.assertIn("FAIL  tests/leak.expect:10 ", result.stdout)
        with open(self.path("junit.xml"), encoding="utf-8") as file:
            text = file.read()
        formats.junit(text)
        self.assertIn('classname="tests.leak"', text)

    def test_manual_page_shows_a_good_file(self):
        with open(os.path.join(DOCS, "man", "flowstate-expect.5.scd"), encoding="utf-8") as file:
            text = re.search(r"```\n(flowstate-expect 1\n.*?)```", file.read(), re.S).group(1)
        self.file("page.expect", text.encode())
        self.assertIn("db-handshake.pcapng.gz: cannot be opened",
                      self.expect(3, "check", "page.expect"))

    def test_action(self):
        environment = self.environment(
            CI="true", GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=self.path("summary.md"),
            FLOWSTATE_FILES="handshake.expect leak.expect", FLOWSTATE_LOSSLESS="true",
            FLOWSTATE_FAIL_ON="suspect", FLOWSTATE_JUNIT="junit.xml", FLOWSTATE_SARIF="s.sarif")
        result = self.run_in_example("action", [ACTION], environment)
        self.assertEqual(result.returncode, 1, result.stdout)
        self.assertIn("2 files, 1 ok, 1 failed", result.stdout)
        self.assertIn("::error file=leak.expect,line=10,", result.stdout)
        for name in ("summary.md", "action/junit.xml", "action/s.sarif"):
            self.assertTrue(os.path.exists(self.path(name)), name)

    def test_action_hands_over_its_inputs(self):
        with open(os.path.join(os.path.dirname(ACTION), "..", "action.yml"),
                  encoding="utf-8") as file:
            text = file.read()
        inputs = re.search(r"inputs:\n(.*?)\nruns:", text, re.S).group(1)
        names = re.findall(r"^  ([a-z-]+):$", inputs, re.M)
        with open(ACTION, encoding="utf-8") as file:
            script = file.read()
        for name in names:
            variable = "FLOWSTATE_" + name.upper().replace("-", "_")
            self.assertIn(f"{variable}: ${{{{ inputs.{name} }}}}", text)
            self.assertIn(variable, script)


if __name__ == "__main__":
    unittest.main()
