# SPDX-License-Identifier: MIT
"""Every capture passes the expectation recorded of it, and no other capture does unless it shows the
same: for each of the three levels, each capture against the recording of each.

    recordings.py PROGRAM [--others N] DIRECTORY...

With --others, each capture is checked against its own recording and N others, not against all.
Whether two captures show the same is decided from the recordings' text alone: the same connections,
whatever their names and their order among those of one server.
"""

import json
import os
import re
import subprocess
import sys
import tempfile

LEVELS = ("states", "segments", "exact")
ENDINGS = re.compile(r"\.(pcap|pcapng|cap)(\.(gz|zst|lz4))?$")
AT_ONCE = 200  # expectation files of one run


def captures_below(directories):
    for directory in directories:
        for path, _, names in sorted(os.walk(directory)):
            for name in sorted(names):
                if ENDINGS.search(name):
                    yield os.path.abspath(os.path.join(path, name))


def environment():
    """CI is set: nothing is written beside what fails."""
    kept = ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LD_LIBRARY_PATH")
    return {**{name: os.environ[name] for name in kept if name in os.environ},
            "CI": "true", "LC_ALL": "C", "TZ": "UTC"}


class Recording:
    """The expectation recorded of a capture, and what it says without names and numbers."""

    def __init__(self, path):
        self.path = path
        with open(path, encoding="utf-8") as file:
            above, _, below = file.read().partition("# ====")
        self.damaged = "\nallow    damaged\n" in above
        flows = below.partition("\n")[2].split("\n\n")
        self.meaning = sorted(re.sub(r"^flow +\S+#\d+ ", "flow ", flow.strip()) for flow in flows)

    def accepts(self, other):
        return self.meaning == other.meaning and (self.damaged or not other.damaged)


def record(program, level, captures, directory):
    """One recording for each capture that can be opened."""
    recordings = {}
    for number, capture in enumerate(captures):
        path = os.path.join(directory, f"{number}.expect")
        result = subprocess.run([program, "check", f"--record={level}", capture, path],
                                env=environment(), check=False, stdout=subprocess.DEVNULL,
                                stderr=subprocess.PIPE, text=True)
        if result.returncode in (0, 4):
            recordings[capture] = Recording(path)
        elif result.returncode != 3:  # what is no capture cannot be recorded
            raise ValueError(f"{capture}: {level}: exit status {result.returncode}: "
                             f"{result.stderr}")
    return recordings


def statuses(program, capture, paths):
    """The status of a capture against each of the expectation files."""
    found = {}
    for at in range(0, len(paths), AT_ONCE):
        output = subprocess.run([program, "check", "-r", capture, "-o", "ndjson",
                                 *paths[at:at + AT_ONCE]], env=environment(), check=False,
                                stdout=subprocess.PIPE, text=True).stdout
        for line in output.splitlines():
            if '"kind":"file"' in line:
                value = json.loads(line)
                found[value["file"]] = value["status"]
    return found


def chosen(paths, own, others):
    """The own recording, and others from everywhere in the list; all if that is not asked for."""
    if others is None:
        return paths
    step = max(1, len(paths) // (others + 1))
    return [paths[(own + i * step) % len(paths)] for i in range(min(others + 1, len(paths)))]


def check_level(program, level, captures, others):
    """@return comparisons made, those that passed, and those that did not do as they should."""
    made = passed = wrong = 0
    with tempfile.TemporaryDirectory() as directory:
        recordings = record(program, level, captures, directory)
        paths = [recording.path for recording in recordings.values()]
        owners = {recording.path: capture for capture, recording in recordings.items()}
        for own, (capture, shown) in enumerate(recordings.items()):
            found = statuses(program, capture, chosen(paths, own, others))
            if shown.path not in found:
                raise ValueError(f"{capture}: its own recording was not checked")
            made += len(found)
            for path, status in found.items():
                same = recordings[owners[path]].accepts(shown)
                passed += status == 0
                if (status == 0) != same or (owners[path] == capture and status != 0):
                    print(f"{level}: {capture}: status {status} against what was recorded of "
                          f"{owners[path]}, which shows {'the same' if same else 'something else'}")
                    wrong += 1
    return len(recordings), made, passed, wrong


def main(program, *words):
    others = int(words[1]) if words[:1] == ("--others",) else None
    directories = words if others is None else words[2:]
    captures = list(captures_below(directories))
    failed = not captures
    for level in LEVELS:
        count, made, passed, wrong = check_level(program, level, captures, others)
        print(f"{level}: {count} captures, {made} comparisons, {passed} passed, {wrong} wrong",
              flush=True)
        failed = failed or wrong > 0 or count == 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1]), *sys.argv[2:]))
