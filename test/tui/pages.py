# SPDX-License-Identifier: MIT
"""Compares the pages of the live screen with those kept here; --update keeps what is shown now.

cases.txt names them. The pages are made without a terminal, so every character counts.
"""
import difflib
import pathlib
import shlex
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
PCAPS = HERE.parent.parent / "pcaps"


def cases():
    for line in (HERE / "cases.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            name, capture, *steps = shlex.split(line)
            yield name, capture, [unescape(step) for step in steps]


def unescape(step):
    """Octets that a text file should not have are written as \\xNN."""
    return step.encode().decode("unicode_escape").encode("latin-1") if "\\x" in step else step


def page(program, capture, steps):
    run = subprocess.run([program, PCAPS / capture, *steps], capture_output=True, check=False)
    if run.returncode != 0 or run.stderr:
        return f"exit status {run.returncode}\n{run.stderr.decode(errors='replace')}"
    return run.stdout.decode()  # valid UTF-8, whatever the names were


def unprintable(text):
    return sorted({character for character in text if not (character == "\n" or
                                                           character.isprintable())})


def compare(name, got, update):
    kept = HERE / f"{name}.txt"
    if update:
        kept.write_text(got)
        return True
    want = kept.read_text() if kept.exists() else ""
    if got == want:
        return True
    sys.stdout.writelines(difflib.unified_diff(want.splitlines(True), got.splitlines(True),
                                               f"kept/{name}.txt", f"shown/{name}.txt"))
    return False


def check_manual(program):
    """Every key of the help page stands in the manual page."""
    manual = (HERE.parent.parent / "docs/man/flowstate.1.scd").read_text()
    section = manual[manual.index("# LIVE SCREEN"):manual.index("# SIGNALS")]
    shown = page(program, "normal.pcap", ["100x200", "keys=?", "show"])
    keys = shown[shown.index("\nKeys\n"):shown.index("\nMarks\n")].splitlines()[2:-1]
    names = [name for row in keys if row[:1] != " " for name in row[:13].strip().split(", ")]
    missing = [name for name in names if f"*{name}*" not in section]
    if missing or len(names) < 20:
        print(f"keys that the manual page does not have: {missing}, of {names}")
    return not missing and len(names) >= 20


def main():
    program, update = sys.argv[1], "--update" in sys.argv[2:]
    wrong = []
    names = []
    for name, capture, steps in cases():
        got = page(program, capture, steps)
        names.append(f"{name}.txt")
        if unprintable(got):
            print(f"{name}: characters no terminal should see: {unprintable(got)}")
            wrong.append(name)
        elif not compare(name, got, update):
            wrong.append(name)
    stray = {path.name for path in HERE.glob("*.txt")} - {*names, "cases.txt", "CMakeLists.txt"}
    if stray:
        print(f"pages that no case makes: {sorted(stray)}")
    print(f"{len(names) - len(wrong)} of {len(names)} pages as they should be")
    sys.exit(1 if wrong or stray or not check_manual(program) else 0)


main()
