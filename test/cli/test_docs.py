# SPDX-License-Identifier: MIT
"""Manual page and completion know every command, option and format that the program has."""

import os
import re
import shutil
import subprocess
import unittest

from program import PROGRAM, ProgramTest, clean_environment

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
COMPLETION = os.path.join(ROOT, "docs", "completion")


def read(*path):
    with open(os.path.join(ROOT, "docs", *path), encoding="utf-8") as file:
        return file.read()


class Known(ProgramTest):
    def commands(self):
        """As --help lists them."""
        lines = self.expect(0, "--help").split("\n\n")[1].splitlines()
        return [line.split()[0] for line in lines]

    def options(self, command):
        """(letter or "", long name) of those that the help page of a command lists."""
        return re.findall(r"^  (?:-(\w),|   ) --([a-z0-9-]+)", self.expect(0, "help", command), re.M)

    def formats(self, command):
        words = {"record": ["-i", "lo", "--expect", "x", "-o", "?", "--", "true"],
                 "states": ["-o", "?"]}.get(command, ["x", "-o", "?"])
        complaint = self.complaint(2, command, *words)
        found = re.search(r"(?:prints|there are:) (.*)$", complaint, re.M)
        return found.group(1).split(", ") if found else []

    def test_manual_page(self):
        page = read("man", "flowstate.1.scd")
        for command in self.commands():
            self.assertTrue(re.search(rf"(?m)^\*{command}\*", page), command)
            for letter, name in self.options(command):
                words = rf"\*-{letter}\*, \*--{name}\*" if letter else rf"\*--{name}\*"
                entry = re.search(rf"(?m)^{words}( _.*)?\n(\t.*\n|\n)*", page)
                self.assertIsNotNone(entry, name)
                self.assertIn("Example: *", entry.group(0))

    def test_formats(self):
        page = read("man", "flowstate.1.scd")
        for command in ("flows", "trace", "explain"):
            formats = self.formats(command)
            self.assertGreater(len(formats), 1)
            for name in formats:
                self.assertTrue(f"*{name}*" in page, name)
                for file in os.listdir(COMPLETION):
                    text = read("completion", file)
                    self.assertTrue(re.search(rf"[ (\"']{name}[ )\"']", text), (file, name))

    def test_words_of_completion(self):
        for file in os.listdir(COMPLETION):
            text = read("completion", file)
            for command in self.commands():
                self.assertTrue(re.search(rf"\b{command}\b", text), (file, command))
                for _, name in self.options(command):
                    self.assertTrue(re.search(rf"(--|-l ){name}\b", text), (file, name))

    def test_completion_offers_nothing_that_is_gone(self):
        known = {name for command in self.commands() for _, name in self.options(command)}
        for file in os.listdir(COMPLETION):
            words = r"(?:[ '({]--|(?<!set) -l )([a-z0-9][a-z0-9-]+)"
            offered = re.findall(words, read("completion", file))
            self.assertGreater(len(offered), 10)
            self.assertEqual(set(offered) - known, set(), file)

    def test_shells_understand_it(self):
        for shell, file in (("bash", "flowstate.bash"), ("zsh", "_flowstate"),
                            ("fish", "flowstate.fish")):
            if shutil.which(shell):
                subprocess.run([shell, "-n", os.path.join(COMPLETION, file)], check=True,
                               timeout=60)

    def completed(self, *words):
        """What bash would offer for the last word."""
        script = (f'source {COMPLETION}/flowstate.bash; COMP_WORDS=("$@"); '
                  'COMP_CWORD=$(($# - 1)); _flowstate; printf "%s\\n" "${COMPREPLY[@]}"')
        path = os.path.dirname(PROGRAM) + os.pathsep + os.environ["PATH"]
        environment = {**clean_environment(), "PATH": path}
        result = subprocess.run(["bash", "-c", script, "bash", "flowstate", *words],
                                stdout=subprocess.PIPE, check=True, timeout=60, env=environment)
        return set(result.stdout.decode().split())

    @unittest.skipUnless(shutil.which("bash"), "bash is not installed")
    def test_bash(self):
        self.assertEqual(self.completed(""), set(self.commands()))
        self.assertEqual(self.completed("ex"), {"explain"})
        for command in self.commands():
            offered = self.completed(command, "-")
            options = self.options(command)
            self.assertEqual(offered, {f"--{name}" for _, name in options} |
                             {f"-{letter}" for letter, _ in options if letter}, command)
            if ("o", "output") in options:
                self.assertEqual(self.completed(command, "-o", ""), set(self.formats(command)),
                                 command)
        self.assertEqual(self.completed("explain", "-o", "d"), {"dot"})
        self.assertEqual(self.completed("--fail-on", "i"), {"illegal"})
        self.assertEqual(self.completed("rules", "data-after-f"), {"data-after-fin"})
        self.assertEqual(self.completed("states", "FIN"), {"FIN-WAIT-1", "FIN-WAIT-2"})


if __name__ == "__main__":
    unittest.main()
