# SPDX-License-Identifier: MIT
"""Instructions and mispredicted branches a packet, which do not depend on the machine's mood.

    instructions.py FLOWSTATE MAKE_CAPTURE                 of an optimised build
    instructions.py --build SOURCE FOLDER COMPILER TOOL    make one in FOLDER first, with CMake's TOOL

Two captures of the same shape are read under cachegrind; the difference is what packets cost. The
same of smaller ones, printed as NDJSON, tells what a record costs more than the summary. The limits
leave a good margin above what was measured (docs/PERFORMANCE.md), to catch a stage that has
grown, not a compiler that differs.
"""
import re
import shutil
import subprocess
import sys
import tempfile

MOST_INSTRUCTIONS = 1200
MOST_MISPREDICTED = 6
MOST_OF_A_RECORD = 13500

PACKETS_EACH = 11  # of a connection with one exchange


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def build(source, folder, compiler, tool):
    """The program and the generator, as the preset release has them."""
    for words in (["-S", source, "-B", folder, "-G", tool, f"-DCMAKE_C_COMPILER={compiler}",
                   "-DCMAKE_BUILD_TYPE=Release"],
                  ["--build", folder, "--target", "flowstate_cli", "make_capture"]):
        run = subprocess.run(["cmake", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             text=True, check=False)
        if run.returncode != 0:
            sys.exit(run.stdout[-4000:])
    return f"{folder}/src/cli/flowstate", f"{folder}/test/bench/make_capture"


def make(program, connections, path):
    with open(path, "wb") as out:
        subprocess.run([program, f"connections={connections}", "alive=2000", "snap=96"],
                       stdout=out, check=True)


def count(program, path, *options):
    """Instructions and mispredicted branches of the whole run. valgrind asks the system for what
    the sandbox refuses."""
    run = subprocess.run(["valgrind", "--tool=cachegrind", "--cache-sim=no", "--branch-sim=yes",
                          "--cachegrind-out-file=/dev/null", program, "--no-sandbox", "-j", "1",
                          path, *options],
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True)
    found = [re.search(name + r":\s+([\d,]+)", run.stderr) for name in (r"I\s+refs", "Mispredicts")]
    return [int(match.group(1).replace(",", "")) for match in found]


def main():
    if not shutil.which("valgrind"):
        skip("valgrind is not installed")
    program, generator = build(*sys.argv[2:]) if sys.argv[1] == "--build" else sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        def cost(sizes, *options):
            """What one connection more costs."""
            counts = []
            for size in sizes:
                make(generator, size, f"{folder}/{size}.pcap")
                counts.append(count(program, f"{folder}/{size}.pcap", *options))
            return [(b - a) / (sizes[1] - sizes[0]) for a, b in zip(*counts)]

        # Above 65,536 connections the summary prints no row for each.
        summary = cost((66000, 76000))
        record = cost((5000, 10000), "-o", "ndjson")[0] - summary[0]
    instructions, mispredicted = [figure / PACKETS_EACH for figure in summary]
    print(f"instructions a packet: {instructions:.0f}, at most {MOST_INSTRUCTIONS}")
    print(f"mispredicted branches a packet: {mispredicted:.2f}, at most {MOST_MISPREDICTED}")
    print(f"instructions a record of NDJSON: {record:.0f}, at most {MOST_OF_A_RECORD}")
    sys.exit(instructions > MOST_INSTRUCTIONS or mispredicted > MOST_MISPREDICTED
             or record > MOST_OF_A_RECORD)


if __name__ == "__main__":
    main()
