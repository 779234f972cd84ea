# SPDX-License-Identifier: MIT
"""The live screen in a real terminal: sizes, keys, resizing, what is left when it ends.

A capture is replayed, so no rights are needed. Nothing is timed: each check waits for what must come.
"""

import os
import pathlib
import shlex
import subprocess
import sys
import time
import unittest

import tmux

PROGRAM = os.environ["FLOWSTATE"]
PCAPS = pathlib.Path(__file__).resolve().parents[2] / "pcaps"
SKIPPED = 77
END = "END OF FILE"

# What the connections of mixed.pcap are in the end: port of the server, states of client and server.
MIXED = {8001: ("TIME-WAIT", "CLOSED"), 8002: ("CLOSED", "TIME-WAIT"), 8003: ("TIME-WAIT", "CLOSED"),
         8004: ("CLOSED", "CLOSED"), 8005: ("CLOSED", "CLOSED"), 8006: ("SYN-SENT", "–"),
         8007: ("FIN-WAIT-2", "CLOSE-WAIT"), 8008: ("TIME-WAIT", "TIME-WAIT")}


def live(*words, capture="mixed.pcap", speed=50):
    return shlex.join([PROGRAM, "live", "-r", str(PCAPS / capture), "--speed", str(speed), *words])


class TerminalTest(unittest.TestCase):
    def terminal(self, columns, lines, **environment):
        terminal = tmux.Terminal(columns, lines, **environment)
        self.addCleanup(terminal.close)
        return terminal

    def shown(self, columns, lines, *words, **options):
        """A terminal in which the whole capture has been replayed, all of it listed."""
        terminal = self.terminal(columns, lines)
        terminal.run(live(*words, **options))
        terminal.wait_for(END)
        terminal.type("e")
        return terminal

    def check_edges(self, screen, columns, lines):
        rows = screen.splitlines()
        self.assertEqual(len(rows), lines)
        for row in rows:
            self.assertLessEqual(len(row), columns)


class Sizes(TerminalTest):
    def states_on_one_line(self, screen, port):
        for row in screen.splitlines():
            words = row.replace("▶", " ").split()
            if len(words) > 4 and words[2].endswith(f":{port}"):
                return words[3], words[4]
        return None

    def test_one_line_a_row(self):
        for columns, lines in ((100, 30), (200, 50)):
            terminal = self.shown(columns, lines)
            screen = terminal.wait_for("8001", "8008", "quit")
            self.check_edges(screen, columns, lines)
            found = {port: self.states_on_one_line(screen, port) for port in MIXED}
            if columns >= 200:  # states have their age beside them
                screen = "\n".join(row.replace("TIME-WAIT ", "TIME-WAIT") for row in
                                   screen.splitlines())
                for port, (client, server) in MIXED.items():
                    row = [row for row in screen.splitlines() if f":{port} " in row][0]
                    self.assertLess(row.index(client), row.rindex(server) + 1, row)
            else:
                self.assertEqual(found, MIXED)

    def test_two_lines_a_row(self):
        terminal = self.shown(80, 24)
        screen = terminal.wait_for("8007", "quit")
        self.check_edges(screen, 80, 24)
        rows = screen.splitlines()
        at = [i for i, row in enumerate(rows) if ":8007" in row][0]
        self.assertIn("FIN-WAIT-2", rows[at + 1])
        self.assertIn("CLOSE-WAIT", rows[at + 1])
        self.assertIn("server owes FIN", rows[at + 1])

    def test_very_small(self):
        terminal = self.shown(40, 10)
        screen = terminal.wait_for("8008", "quit")
        self.check_edges(screen, 40, 10)
        self.assertIn("drop ", screen)

    def test_drop_figures_are_always_there(self):
        for columns, lines in ((40, 10), (80, 24), (200, 50)):
            terminal = self.shown(columns, lines)
            for keys in ("", "?", "q", "\r"):
                terminal.type(keys)
                self.assertRegex(terminal.wait_for("drop").splitlines()[0], r"drop (\d|n/a)")


class Keys(TerminalTest):
    def test_cursor_ladder_and_back(self):
        terminal = self.shown(100, 30)
        terminal.press("End")
        terminal.wait(lambda screen: any(row.startswith("▶") and ":8001" in row
                                         for row in screen.splitlines()))
        terminal.press("Up")
        terminal.wait(lambda screen: any(row.startswith("▶") and ":8002" in row
                                         for row in screen.splitlines()))
        terminal.press("Enter")
        terminal.wait_for("SERVER 192.0.2.2:8002", "CLIENT 192.0.2.1:35366", "SYN-SENT", "why")
        terminal.type("v")
        terminal.press("Home")
        terminal.wait_for("client CLOSED > SYN-SENT: sent a SYN to open (RFC 9293 3.10.1)")
        terminal.type("q")
        terminal.wait_for("CLIENT NOW", "8008")

    def test_help_explains_both_states(self):
        terminal = self.shown(100, 50)
        terminal.type("/8007")
        terminal.press("Enter")
        terminal.wait_without("8006")
        terminal.type("?")
        screen = terminal.wait_for("Keys")
        self.assertIn("The client 192.0.2.1:34028 is in FIN-WAIT-2", screen)
        self.assertIn("The server 192.0.2.2:8007 is in CLOSE-WAIT", screen)
        self.assertIn("nearly always a leak in that program", " ".join(screen.split()))

    def test_filter(self):
        terminal = self.shown(100, 30)
        terminal.type("/server in close-wait")
        screen = terminal.wait(lambda screen: ":8007" in screen and ":8006" not in screen)
        self.assertIn("/server in close-wait", screen.splitlines()[-1])
        terminal.press("Escape")
        terminal.wait_for(":8006")
        terminal.type("/server in CLOSEWAIT")
        terminal.wait_for('did you mean "CLOSE-WAIT')
        terminal.press("Enter")
        terminal.wait_for("no such filter")

    def test_sort(self):
        terminal = self.shown(100, 30)
        terminal.type("s")
        screen = terminal.wait_for("CLIENT▼", "sorted by left address")
        clients = [row[8:30].split(":")[1].split()[0] for row in screen.splitlines()
                   if "192.0.2.1:" in row and "→" not in row]
        self.assertEqual(clients, sorted(clients, key=int))

    def test_copy(self):
        terminal = self.shown(100, 30)
        terminal.type("/8007")
        terminal.press("Enter")
        terminal.type("y")
        terminal.wait_for("copied: tcp and host 192.0.2.1 and port 34028 and host 192.0.2.2 and "
                          "port 8007")
        self.assertEqual(terminal.clipboard(), "tcp and host 192.0.2.1 and port 34028 and host "
                                               "192.0.2.2 and port 8007")

    def test_pause(self):
        terminal = self.shown(100, 30)
        terminal.type("p")
        terminal.wait_for("PAUSED")
        terminal.type("p")
        terminal.wait_without("PAUSED")

    def test_findings_only(self):
        terminal = self.shown(100, 30)
        terminal.type("f")
        terminal.wait(lambda screen: "findings only" in screen.splitlines()[0] and
                      ":8001" not in screen and ":8005" in screen)


class Resizing(TerminalTest):
    def test_pages_follow(self):
        terminal = self.shown(120, 30)
        terminal.wait(lambda screen: "NOTE" in screen.splitlines()[3])
        for columns, lines in ((80, 24), (40, 10), (200, 50), (100, 30)):
            terminal.resize(columns, lines)
            screen = terminal.wait(lambda screen, columns=columns, lines=lines:
                                   len(screen.splitlines()) == lines and
                                   "quit" in screen.splitlines()[-1] and
                                   (columns == 40 or "─" * columns in screen))
            self.check_edges(screen, columns, lines)

    def test_ladder_follows(self):
        terminal = self.shown(120, 30)
        terminal.press("Enter")
        terminal.wait_for("SYN-SENT")
        terminal.resize(80, 24)
        terminal.wait(lambda screen: len(screen.splitlines()) == 24 and "SYN-SENT" in screen and
                      any(len(row) > 74 for row in screen.splitlines()))


class Looks(TerminalTest):
    def colours(self, terminal):
        return [code for code in terminal.screen(attributes=True).split("\033[")
                if code.split("m")[0].split(";")[-1] in ("31", "32", "33", "36")]

    def test_colour(self):
        self.assertTrue(self.colours(self.shown(100, 30)))

    def test_no_colour(self):
        terminal = self.terminal(100, 30, NO_COLOR="1")
        terminal.run(live())
        terminal.wait_for(END, "▶")
        self.assertFalse(self.colours(terminal))
        self.assertRegex(terminal.screen(attributes=True), r"\033\[[0-9;]*7m(\033\[[0-9;]*m)*▶")  # still seen

    def test_ascii(self):
        for words, environment in ((["--ascii"], {}), ([], {"LANG": "C"})):
            terminal = self.terminal(100, 30, **environment)
            terminal.run(live(*words))
            terminal.wait_for(END)
            for keys, text in (("", "AGEv"), ("\r", "SYN-SENT"), ("?", "Keys")):
                terminal.type(keys)
                self.assertTrue(terminal.wait_for(text).isascii())

    def test_hostile_name(self):
        terminal = self.terminal(100, 30)
        name = os.path.join(terminal.folder.name, "a\033[31m\u202eb.pcap")
        os.symlink(PCAPS / "mixed.pcap", name)
        terminal.run(f"cd {terminal.folder.name}; {PROGRAM} live --speed 50 -r a*.pcap")
        screen = terminal.wait_for(END)
        self.assertIn(r"a\x1b[31m\u202eb.pcap", screen)


class Ending(TerminalTest):
    def ends(self, terminal, *keys, status=0):
        terminal.run("stty -g > before; PS1='again> '")
        terminal.wait_for("again>")
        terminal.run(live() + "; echo status $?; stty -g | cmp - before && echo restored")
        terminal.wait_for(END)
        terminal.press(*keys)
        screen = terminal.wait_for(f"status {status}")
        self.assertIn("again>", screen)  # what was there before
        terminal.wait_for("restored")

    def home(self, columns=100, lines=30):
        terminal = self.terminal(columns, lines)
        terminal.run(f"cd {terminal.folder.name}")
        return terminal

    def test_quit(self):
        self.ends(self.home(), "q")

    def test_interrupt(self):
        self.ends(self.home(), "C-c")

    def test_suspend(self):
        terminal = self.home()
        terminal.run("set -m; " + live())
        terminal.wait_for(END)
        terminal.press("C-z")
        terminal.wait(lambda screen: END not in screen and "ready>" in screen)
        terminal.run("fg")
        terminal.wait_for(END, "quit")
        terminal.type("q")
        terminal.wait_without(END)

    def test_terminal_goes_away(self):
        terminal = self.home()
        terminal.run("echo $$ > shell; " + live())
        terminal.wait_for(END)
        shell = pathlib.Path(terminal.folder.name, "shell").read_text().strip()
        child = pathlib.Path(f"/proc/{shell}/task/{shell}/children").read_text().split()[0]
        terminal.tmux("kill-server")
        end = time.monotonic() + tmux.PATIENCE
        while os.path.exists(f"/proc/{child}") and time.monotonic() < end:
            time.sleep(0.1)
        self.assertFalse(os.path.exists(f"/proc/{child}"))

    def test_capture_on_standard_input(self):
        terminal = self.home()
        terminal.run(f"cat {PCAPS / 'mixed.pcap'} | {PROGRAM} live --speed 50 -r -; echo status $?")
        terminal.wait_for(END, "standard input")
        terminal.type("?")
        terminal.wait_for("Keys")
        terminal.type("qq")
        terminal.wait_for("status 0")

    def test_unknown_terminal(self):
        terminal = self.terminal(100, 30)
        terminal.run(f"TERM=nosuch {live()}; echo status $?")
        terminal.wait(lambda screen: "not known" in screen and "status 2" in screen)


def main():
    if not tmux.available():
        print("skipped: tmux is not installed (scripts/setup test)")
        sys.exit(SKIPPED)
    build = subprocess.run([PROGRAM, "help", "live"], capture_output=True, check=False)
    if build.returncode != 0:
        print("skipped: this build has no live screen")
        sys.exit(SKIPPED)
    unittest.main()


main()
