#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A SYN flood with real connections in it: none of them is lost or wrong, and what is given up is
counted exactly.

    flood.py FLOWSTATE MAKE_CAPTURE [--syns N] [--real N] [--max-flows N] [--memory MIB] [--folder DIR]

    flood.py FLOWSTATE MAKE_CAPTURE --collide BITS [--syns N]

As many connections as a tenth of the table take turns, so that a real one goes on while the table is
filled nearly twice over. With --memory the program may have so much resident, and its speed is told.

With --collide the SYNs are of tuples that would come to lie close together in the connection table,
were its hash not keyed; how fast they are is told beside a flood of any tuples.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

EXCHANGES = 3
PACKETS = 3 + 4 * EXCHANGES + 4  # of a real connection
TEXT = 100

ROUNDS = 5
LEAST_SPEED = 0.8


def make(generator, path, syns, real, alive):
    one_in = syns // real + 1
    with open(path, "wb") as out:
        subprocess.run([generator, f"connections={real * one_in}", f"one_in={one_in}",
                        f"alive={alive}", f"exchanges={EXCHANGES}", f"text={TEXT}", "snap=96"],
                       stdout=out, check=True)
    return real * one_in


def is_right(row):
    return (row["end_kind"] == "closed" and row["end_by"] == "client" and
            row["conn_state"] == "SF" and not row["findings"] and row["oriented_by"] == "syn" and
            row["client_packets"] + row["server_packets"] == PACKETS and
            row["client_payload_bytes"] == row["server_payload_bytes"] == EXCHANGES * TEXT)


def account(program, path, max_flows):
    """Rows, evicted rows, real rows that are right; the summary."""
    rows = evicted = right = wrong = 0
    with subprocess.Popen([program, path, "--max-flows", str(max_flows), "-o", "ndjson"],
                          stdout=subprocess.PIPE, text=True) as run:
        for line in run.stdout:
            rows += '"event":"end"' in line
            evicted += '"end_reason":"evicted"' in line
            if '"server_packets":0,' in line and '"client_packets":1,' in line:
                continue
            row = json.loads(line)
            if row["event"] == "end":
                right += is_right(row)
                wrong += not is_right(row)
    assert run.returncode == 0, run.returncode
    return rows, evicted, right, wrong, row


def measure(program, path, max_flows):
    """MiB resident, and seconds of processor time."""
    pid = os.posix_spawn(program, [program, path, "--max-flows", str(max_flows)], os.environ,
                         file_actions=[(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)])
    _, status, usage = os.wait4(pid, 0)
    assert status == 0, status
    return usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime


def collide(wanted, folder):
    """Both floods in turn: the fastest of each counts."""
    used = {}
    for bits in (0, wanted.collide):
        path = f"{folder}/{bits}.pcap"
        with open(path, "wb") as out:
            subprocess.run([wanted.generator, f"connections={wanted.syns}", "answered=0", "alive=2",
                            f"collide={bits}", "snap=96"], stdout=out, check=True)
    for _ in range(ROUNDS):
        for bits in (0, wanted.collide):
            _, seconds = measure(wanted.program, f"{folder}/{bits}.pcap", wanted.max_flows)
            used[bits] = min(used.get(bits, seconds), seconds)
    print(f"{wanted.syns} SYNs alike in {wanted.collide} bits: "
          f"{100 * used[0] / used[wanted.collide]:.0f} % of the speed of any others")
    return used[0] / used[wanted.collide] >= LEAST_SPEED


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("generator")
    parser.add_argument("--syns", type=int, default=60000)
    parser.add_argument("--real", type=int, default=60)
    parser.add_argument("--max-flows", type=int, default=10000)
    parser.add_argument("--memory", type=int)
    parser.add_argument("--collide", type=int)
    parser.add_argument("--folder", default=tempfile.gettempdir())
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=wanted.folder) as folder:
        if wanted.collide:
            return 0 if collide(wanted, folder) else 1
        path = str(pathlib.Path(folder) / "flood.pcap")
        opened = make(wanted.generator, path, wanted.syns, wanted.real, wanted.max_flows // 10)
        rows, evicted, right, wrong, summary = account(wanted.program, path, wanted.max_flows)
        print(f"{summary['packets']} packets, {summary['connections']} connections opened, "
              f"{rows} told, {summary['evicted']} evicted; real ones: {right} right, {wrong} wrong")
        # One goes for each that comes once the table is full, and none before.
        good = (summary["connections"] == rows == opened and right == wanted.real and wrong == 0 and
                summary["evicted"] == max(0, opened - wanted.max_flows) and
                0 <= summary["evicted"] - evicted <= right)  # those had ended by themselves
        if wanted.memory:
            resident, used = measure(wanted.program, path, wanted.max_flows)
            print(f"{resident:.0f} MiB resident; {summary['packets'] / used / 1e6:.2f} million "
                  f"packets a second of processor time")
            good = good and resident <= wanted.memory
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
