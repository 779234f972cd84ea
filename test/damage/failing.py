#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""failing.py PROGRAM [--all]: the n-th allocation fails, the n-th write fails or is short, for every
n, in every command that writes results; without --all, in a few of them. Nothing crashes, leaks or
hangs; each run says in one line what is wrong and ends with the right status, or all is as it would
have been; results are whole or not there."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
NORMAL, OTHER = str(ROOT / "pcaps/normal.pcap"), str(ROOT / "pcaps/reset.pcap")
EXPECT = str(ROOT / "test/damage/normal.expect")
BE = str(ROOT / "test/damage/captures/be.pcapng")
OLD = b"as before\n"
OUTPUT, MEMORY = 6, 8

# Words of the command; the files it makes, of which "result*" stands before it begins.
FEW = [
    (["flows", NORMAL, "-o", "json:result"], ["result"]),
    (["flows", NORMAL, OTHER, BE, "tcp", "-o", "ndjson:result"], ["result"]),
    (["split", "--shards", "3", "-w", "result.pcapng", NORMAL, OTHER],
     ["result-0.pcapng", "result-1.pcapng", "result-2.pcapng"]),
    (["annotate", BE, "-w", "result.pcapng"], ["result.pcapng"]),
]
FORMS = {
    "flows": ["text", "csv", "zeek", "zeek-json", "ecs", "html"],
    "trace": ["text", "ndjson"],
    "explain": ["text", "svg", "svg-path", "dot", "mermaid", "mermaid-path"],
}
CHECK_FORMS = ["text", "ndjson", "junit", "tap", "sarif", "github", "markdown"]
# Written line by line, to be read meanwhile: what a failed write left of them are lines.
LINES = {"ndjson", "csv", "zeek", "zeek-json", "ecs", "trace text"}


def everything():
    cases = list(FEW)
    for command, forms in FORMS.items():
        for form in forms:
            cases.append(([command, NORMAL, "-o", f"{form}:result"], ["result"]))
    cases.append((["flows", NORMAL, "-o", "json:result", "-o", "text:result2"],
                  ["result", "result2"]))
    cases.append((["flows", NORMAL], []))
    for form in CHECK_FORMS:
        cases.append((["check", EXPECT, "-o", f"{form}:result"], ["result"]))
    cases.append((["diff", NORMAL, OTHER], []))
    return cases


class Case:
    def __init__(self, program, words, names, directory):
        self.program, self.words, self.names = os.path.abspath(program), words, names
        self.directory = pathlib.Path(directory)
        self.runs = 0
        self.good = self.run(None)
        if self.good[0] not in (0, 1):
            raise SystemExit(f"{words}: {self.good}")

    def run(self, wish):
        """Exit status, complaint, standard output, what became of the files, and whether it failed."""
        for path in self.directory.iterdir():
            path.unlink()
        for name in self.names:
            (self.directory / name).write_bytes(OLD)
        read_end, write_end = os.pipe()
        environment = {"LC_ALL": "C", "TZ": "UTC", "PATH": os.environ["PATH"]}
        if wish:
            environment["FLOWSTATE_FAIL"] = f"{wish}@{write_end}"
        done = subprocess.run([self.program, *self.words], cwd=self.directory, env=environment,
                              capture_output=True, pass_fds=[write_end], timeout=60, check=False)
        os.close(write_end)
        reached = os.read(read_end, 1) == b"x"
        os.close(read_end)
        self.runs += 1
        files = {path.name: path.read_bytes() for path in sorted(self.directory.iterdir())}
        return done.returncode, done.stderr.decode(), done.stdout, files, reached

    def results(self, outcome):
        """What must not change; short of memory a document may have its parts in another order."""
        status, complaint, output, files, _ = outcome
        if "json:result" in self.words:
            files = files | {"result": json.loads(files["result"])}
        return status, complaint, output, files

    def fault(self, kind, outcome):
        """What is wrong with it; empty if nothing is."""
        status, complaint, output, files, _ = outcome
        wanted = MEMORY if kind == "allocation" else OUTPUT
        if status == self.good[0]:
            return "" if self.results(outcome) == self.results(self.good) else "is not as it was"
        if kind == "short" or status != wanted:
            return f"ends with {status}"
        said = "result" in files and files["result"] != OLD and self.words[0] == "check"
        if not said and (complaint.count("\n") != 1 or not complaint.startswith("flowstate: ")):
            return "does not say what is wrong in one line"
        if set(files) - set(self.names):
            return f"leaves {sorted(set(files) - set(self.names))}"
        form = self.words[-1].split(":")[0]
        if self.words[0] == "trace" and form == "text":
            form = "trace text"
        for name, octets in files.items():
            if octets in (OLD, self.good[3][name]) or self.words[0] == "check":
                continue  # a check that could not be made is a result, too
            if form not in LINES or not self.good[3][name].startswith(octets):
                return f"leaves half of {name}"
        if not self.good[2].startswith(output):
            return "prints something else"
        return ""

    def every(self, kind):
        n, faults = 0, []
        while True:
            n += 1
            outcome = self.run(f"{kind}={n}")
            if not outcome[4]:
                return n - 1, faults
            fault = self.fault(kind, outcome)
            if fault:
                faults.append(f"{' '.join(self.words)}: {kind} {n}: {fault}: {outcome[1][:2000]}")


def main():
    cases = everything() if "--all" in sys.argv else FEW
    failures, faults, runs = dict(allocation=0, write=0, short=0), [], 0
    for words, names in cases:
        with tempfile.TemporaryDirectory() as directory:
            case = Case(sys.argv[1], words, names, directory)
            for kind in failures:
                count, found = case.every(kind)
                failures[kind] += count
                faults += found
                print("\n".join(found), end="\n" * bool(found), flush=True)
            runs += case.runs
    print(f"{len(cases)} commands, {runs} runs: {failures['allocation']} allocations failed, "
          f"{failures['write']} writes failed, {failures['short']} were short; "
          f"{len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
