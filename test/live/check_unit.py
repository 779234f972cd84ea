# SPDX-License-Identifier: MIT
"""check_unit.py UNIT PROGRAM: the systemd unit is confined as much as a capture can be (an exposure of
at most 1.5 of 10), and starts the program with words it understands. Skipped (77) without systemd."""

import re
import shutil
import subprocess
import sys

UNIT, PROGRAM = sys.argv[1:]

if not shutil.which("systemd-analyze"):
    print("skipped: systemd-analyze is not installed")
    sys.exit(77)
result = subprocess.run(["systemd-analyze", "security", "--offline=true", UNIT], text=True,
                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
found = re.search(r"exposure level for .*: (\d+\.\d+)", result.stdout)
if not found:
    print(f"skipped: systemd-analyze cannot look at units by themselves here: {result.stdout[:200]}")
    sys.exit(77)
exposure = float(found.group(1))
print(f"exposure {exposure}")
with open(UNIT, encoding="utf-8") as file:
    command = re.search(r"(?m)^ExecStart=\S+ (.*)$", file.read()).group(1)
# An interface that is not there: the words are fine if that is all that is wrong.
words = command.replace("%I", "no-such-if").replace("%i", "no-such-if").split()
started = subprocess.run([PROGRAM, *words], stderr=subprocess.PIPE, text=True, check=False)
print(started.stderr)
sys.exit(not (exposure <= 1.5 and started.returncode == 3 and "no such interface" in started.stderr))
