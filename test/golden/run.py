# SPDX-License-Identifier: MIT
"""Compares what the program prints for recorded captures, byte for byte.

cases.txt has one capture a line: the name of a file of pcaps/. Each is printed by every command
below; the expected bytes are in NAME.SUFFIX beside this file. With --update they are rewritten;
read the diff before you commit it.
"""

import difflib
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PCAPS = os.path.join(HERE, "..", "..", "pcaps")

COMMANDS = {
    "flows.txt": ["flows", "-v"],
    "flows.json": ["flows", "-o", "json"],
    "flows.ndjson": ["flows", "-o", "ndjson"],
    "trace.txt": ["trace"],
    "trace.ndjson": ["trace", "-o", "ndjson"],
    "conn.log": ["flows", "-o", "zeek"],
    "conn.json": ["flows", "-o", "zeek-json"],
    "csv": ["flows", "-o", "csv"],
    "ecs.ndjson": ["flows", "-o", "ecs"],
    "explain.txt": ["explain", "1", "-v"],
    "explain-utf8.txt": ["explain", "1", "--utf8"],
    "packets.txt": ["explain", "1", "--packets"],
    "svg": ["explain", "1", "-o", "svg"],
    "path.svg": ["explain", "1", "-o", "svg-path"],
    "dot": ["explain", "1", "-o", "dot"],
    "mmd": ["explain", "1", "-o", "mermaid"],
    "path.mmd": ["explain", "1", "-o", "mermaid-path"],
}


def cases():
    with open(os.path.join(HERE, "cases.txt"), encoding="utf-8") as file:
        lines = [line.strip() for line in file]
    return [line for line in lines if line and not line.startswith("#")]


def printed(program, words, capture):
    result = subprocess.run([program, *words, "-r", capture], stdout=subprocess.PIPE, cwd=PCAPS,
                            check=False, timeout=60)
    return result.stdout


def expected_path(capture, suffix):
    return os.path.join(HERE, f"{os.path.splitext(capture)[0]}.{suffix}")


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""


def show(path, expected, got):
    lines = [text.decode(errors="replace").splitlines(keepends=True) for text in (expected, got)]
    sys.stdout.writelines(difflib.unified_diff(*lines, fromfile=path, tofile="now", n=1))


def main(program, update):
    failed = 0
    for capture in cases():
        for suffix, words in COMMANDS.items():
            path = expected_path(capture, suffix)
            expected, got = read(path), printed(program, words, capture)
            if expected == got:
                continue
            if update:
                with open(path, "wb") as file:
                    file.write(got)
                print("wrote", os.path.relpath(path))
            else:
                failed += 1
                show(os.path.relpath(path), expected, got)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], "--update" in sys.argv[2:]))
