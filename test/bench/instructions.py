# SPDX-License-Identifier: MIT
"""Instructions and mispredicted branches a packet, which do not depend on the machine's mood.

    instructions.py FLOWSTATE MAKE_CAPTURE plain|sanitized

Two captures of the same shape are read under cachegrind; the difference is what packets cost. The
limits leave a good margin above what was measured (docs/PERFORMANCE.md), to catch a stage that has
grown, not a compiler that differs.
"""
import re
import shutil
import subprocess
import sys
import tempfile

MOST_INSTRUCTIONS = 2200
MOST_MISPREDICTED = 12

PACKETS_EACH = 11  # of a connection with one exchange


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def make(program, connections, path):
    with open(path, "wb") as out:
        subprocess.run([program, f"connections={connections}", "alive=2000", "snap=96"],
                       stdout=out, check=True)


def count(program, path):
    """Instructions and mispredicted branches of the whole run. valgrind asks the system for what
    the sandbox refuses."""
    run = subprocess.run(["valgrind", "--tool=cachegrind", "--cache-sim=no", "--branch-sim=yes",
                          "--cachegrind-out-file=/dev/null", program, "--no-sandbox",
                          path],
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True)
    found = [re.search(name + r":\s+([\d,]+)", run.stderr) for name in (r"I\s+refs", "Mispredicts")]
    return [int(match.group(1).replace(",", "")) for match in found]


def main():
    program, generator, kind = sys.argv[1:4]
    if kind == "sanitized":
        skip("the build has sanitizers; use the preset release")
    if not shutil.which("valgrind"):
        skip("valgrind is not installed")
    # Above 65,536 connections the summary prints no row for each.
    sizes = (66000, 76000)
    with tempfile.TemporaryDirectory() as folder:
        counts = []
        for size in sizes:
            make(generator, size, f"{folder}/{size}.pcap")
            counts.append(count(program, f"{folder}/{size}.pcap"))
    packets = (sizes[1] - sizes[0]) * PACKETS_EACH
    instructions, mispredicted = [(b - a) / packets for a, b in zip(*counts)]
    print(f"instructions a packet: {instructions:.0f}, at most {MOST_INSTRUCTIONS}")
    print(f"mispredicted branches a packet: {mispredicted:.2f}, at most {MOST_MISPREDICTED}")
    sys.exit(instructions > MOST_INSTRUCTIONS or mispredicted > MOST_MISPREDICTED)


if __name__ == "__main__":
    main()
