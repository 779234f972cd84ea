# SPDX-License-Identifier: MIT
"""Realistic cases of `flowstate check`: what each format prints, byte for byte, and the exit status.

cases/NAME.expect is checked; cases/NAME.golden has the exit status and one section a format. Names
begin with what must come of it. With --update the golden files are rewritten: read that diff.
"""

import difflib
import os
import re
import subprocess
import sys
import tempfile

import formats

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = os.path.join(HERE, "cases")


def environment():
    """CI is set: nothing is written beside the cases."""
    kept = ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LD_LIBRARY_PATH")
    return {**{name: os.environ[name] for name in kept if name in os.environ},
            "CI": "true", "LC_ALL": "C", "TZ": "UTC"}


def run(program, *words):
    return subprocess.run([program, "check", *words], cwd=CASES, env=environment(), check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)


def without_version(text):
    return re.sub(r'"version":"\d+\.\d+\.\d+"', '"version":"VERSION"', text)


def printed(program, name):
    """The golden text of a case; complains if a format is not well made or the verdicts differ."""
    statuses, sections = set(), []
    for format_, valid in formats.VALID.items():
        result = run(program, f"{name}.expect", "-o", format_)
        text = result.stdout.decode()
        statuses.add(result.returncode)
        if result.stderr:
            raise ValueError(f"{format_}: {result.stderr.decode()}")
        if valid(text) != (result.returncode != 0):
            raise ValueError(f"{format_} does not tell the verdict")
        sections.append(f"==== {format_}\n{without_version(text)}")
    if len(statuses) != 1:
        raise ValueError(f"exit status depends on the format: {statuses}")
    status = statuses.pop()
    if (status == 0) != name.startswith("pass-") or (status == 1) != name.startswith("fail-"):
        raise ValueError(f"exit status {status}")
    return f"==== exit status {status}\n" + "".join(sections)


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def several_at_once(program, names):
    """All files in one run, all formats from it: the same as one by one."""
    files = [f"{name}.expect" for name in names]
    with tempfile.TemporaryDirectory() as directory:
        others = [f"{name}:{directory}/{name}" for name in formats.VALID if name != "ndjson"]
        result = run(program, *files, "-o", "ndjson",
                     *[word for other in others for word in ("-o", other)])
        for name, valid in formats.VALID.items():
            if name != "ndjson":
                with open(f"{directory}/{name}", encoding="utf-8") as file:
                    valid(file.read())
    if result.returncode != 2:
        raise ValueError(f"errors in files decide the exit status, but it is {result.returncode}")
    formats.ndjson(result.stdout.decode())
    passed = [name for name in names if name.startswith("pass-")]
    if run(program, *[f"{name}.expect" for name in passed]).returncode != 0:
        raise ValueError("what passes one by one passes together")


def main(program, update):
    names = sorted(file[:-len(".expect")] for file in os.listdir(CASES)
                   if file.endswith(".expect"))
    failed = 0
    for name in names:
        path = os.path.join(CASES, f"{name}.golden")
        try:
            expected, got = read(path), printed(program, name)
        except (ValueError, KeyError) as error:
            print(f"{name}: {error}")
            failed += 1
            continue
        if expected != got and update:
            with open(path, "w", encoding="utf-8") as file:
                file.write(got)
        elif expected != got:
            failed += 1
            sys.stdout.writelines(difflib.unified_diff(
                expected.splitlines(True), got.splitlines(True), path, "now", n=1))
    several_at_once(program, names)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1]), "--update" in sys.argv[2:]))
