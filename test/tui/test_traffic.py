# SPDX-License-Identifier: MIT
"""The live screen and two kernels: what it shows of real connections is what /proc/net/tcp has.

Skipped (exit status 77) without tmux, or where no network namespace can be made.
"""

import os
import pathlib
import subprocess
import sys
import time
import unittest

import tmux

SKIPPED = 77
LIVE = pathlib.Path(__file__).resolve().parents[1] / "live"
sys.path.insert(0, str(LIVE))

import test_namespaces as namespaces  # noqa: E402

network = None


def row_of(screen, port):
    """The line of the connection from that port, as words: age, client, server, both states ..."""
    for row in screen.splitlines()[3:-4]:
        words = row.replace("▶", " ").split()
        if len(words) > 4 and words[1].endswith(f":{port}"):
            return words
    return None


class Traffic(unittest.TestCase):
    def setUp(self):
        self.client = namespaces.Host(network.one)
        self.server = namespaces.Host(network.other)
        self.addCleanup(self.client.close)
        self.addCleanup(self.server.close)
        self.terminal = tmux.Terminal(100, 30)
        self.addCleanup(self.terminal.close)
        self.terminal.run(f"ip netns exec {network.other} {namespaces.PROGRAM} live -i vb")
        self.terminal.wait_for("waiting for packets on vb")
        self.server("listen", 8080)

    def open(self, name):
        self.client("connect", name, namespaces.SERVER, 8080)
        self.server("accept", name)
        return int(self.client("port", name))

    def kernels(self, port):
        return (self.client.states().get((port, 8080), "CLOSED"),
                self.server.states().get((8080, port), "CLOSED"))

    def agree(self, port, client, server):
        """Both kernels and the screen come to these states."""
        end = time.monotonic() + tmux.PATIENCE
        while True:
            words = row_of(self.terminal.screen(), port)
            shown = tuple(words[3:5]) if words else None
            kernels = self.kernels(port)
            if shown == kernels == (client, server):
                return
            self.assertLess(time.monotonic(), end, (shown, kernels, client, server))
            time.sleep(0.05)

    def test_sessions(self):
        quiet = self.open("quiet")
        self.agree(quiet, "ESTABLISHED", "ESTABLISHED")
        half = self.open("half")
        self.client("send", "half", "hello")
        self.server("receive", "half")
        self.client("finish", "half")
        self.agree(half, "FIN-WAIT-2", "CLOSE-WAIT")
        self.assertIn("owes", row_of(self.terminal.screen(), half))
        self.agree(quiet, "ESTABLISHED", "ESTABLISHED")  # and stays so
        self.server("close", "half")
        self.agree(half, "TIME-WAIT", "CLOSED")
        gone = self.open("gone")
        self.client("reset", "gone")
        self.agree(gone, "CLOSED", "CLOSED")
        self.server("close", "quiet")
        self.agree(quiet, "CLOSE-WAIT", "FIN-WAIT-2")

    def test_a_port_scan(self):
        self.assertEqual(self.client("scan", namespaces.SERVER, 9000, 9009), "10")
        screen = self.terminal.wait(lambda screen: screen.count("refused") >= 10)
        self.assertIn("reset in last 10 s 10", screen)
        self.terminal.wait_for("refused 10")  # folded into the totals

    def test_filter_picks_the_stuck_one(self):
        self.terminal.type("/server in CLOSE-WAIT")
        self.terminal.press("Enter")
        other, stuck = self.open("other"), self.open("stuck")
        self.client("finish", "stuck")
        screen = self.terminal.wait(lambda screen: row_of(screen, stuck))
        self.assertIsNone(row_of(screen, other))
        self.terminal.press("Enter")
        self.terminal.wait_for("SERVER owes a FIN", "now")  # the ladder, still growing
        self.server("close", "stuck")
        self.terminal.wait_for("LAST-ACK")


def main():
    global network
    if not tmux.available():
        print("skipped: tmux is not installed (scripts/setup test)")
        return SKIPPED
    try:
        network = namespaces.Network()
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"skipped: no network namespaces here: {error}")
        return SKIPPED
    try:
        return 0 if unittest.main(exit=False).result.wasSuccessful() else 1
    finally:
        network.close()


sys.exit(main())
