# SPDX-License-Identifier: MIT
"""flowstate record on the loopback interface of a network namespace of its own, with real packets.

Skipped (exit status 77) where no namespace can be made or no packet socket be opened.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
EXAMPLE = os.path.join(HERE, "..", "..", "docs", "examples", "ci")
sys.path.insert(0, os.path.join(HERE, "..", "cli"))

from program import PROGRAM, ProgramTest, parse  # noqa: E402

INSIDE = "FLOWSTATE_TEST_NAMESPACE"
SKIPPED = 77


class Record(ProgramTest):
    def setUp(self):
        super().setUp()
        for name in os.listdir(EXAMPLE):
            shutil.copy(os.path.join(EXAMPLE, name), self.path(name))

    def exists(self, name):
        return os.path.exists(self.path(name))

    def test_all_of_a_run_is_in_the_file(self):
        self.expect(0, "record", "-i", "lo", "-w", "a.pcapng", "--", sys.executable, "exchange.py")
        document = parse(self.expect(0, "a.pcapng", "-o", "json"))
        self.assertEqual(document["capture"]["format"], "pcapng")
        (connection,) = document["connections"]
        self.assertEqual(connection["end"]["kind"], "closed")
        self.assertEqual(connection["oriented_by"], "syn")
        self.assertEqual(connection["server"]["port"], 18080)
        self.assertEqual(connection["client"]["payload_bytes"], 6)
        self.assertEqual(document["summary"]["findings"]["capture"], 0)

    def test_check_at_once(self):
        words = ("record", "-i", "lo", "--expect", "handshake.expect", "--", sys.executable,
                 "exchange.py")
        self.assertIn("1 ok", self.expect(0, *words))
        self.assertIn("CLOSE-WAIT longer than", self.expect(1, *words, "--leak"))

    def test_shell_lines_of_the_document(self):
        """Blocks of docs/CI.md that ask for a loopback of their own."""
        with open(os.path.join(EXAMPLE, "..", "..", "CI.md"), encoding="utf-8") as file:
            blocks = re.findall(r"<!-- run on a loopback of its own: exit (\d+) -->\n"
                                r"```sh\n(.*?)```", file.read(), re.S)
        self.assertEqual(len(blocks), 2)
        own = subprocess.run(["unshare", "--net", "--map-root-user", "true"], check=False,
                             capture_output=True)
        if own.returncode != 0:
            self.skipTest("no namespace of its own here: " + own.stderr.decode().strip())
        os.mkdir(self.path("bin"))
        os.symlink(PROGRAM, self.path("bin/flowstate"))
        environment = {**os.environ, "PATH": self.path("bin") + ":" + os.environ["PATH"]}
        for status, script in blocks:
            result = subprocess.run(["sh", "-c", script], cwd=self.directory, env=environment,
                                    check=False, timeout=60, stdout=subprocess.PIPE,
                                    stderr=subprocess.STDOUT, text=True)
            self.assertEqual(result.returncode, int(status), result.stdout)
            self.assertIn("ok    handshake.expect", result.stdout)

    def test_formats(self):
        self.expect(0, "record", "-i", "lo", "--expect", "handshake.expect", "-o", "text", "-o",
                    "junit:r.xml", "--", sys.executable, "exchange.py")
        self.assertTrue(self.exists("r.xml"))

    def test_a_run_without_connections_is_no_pass(self):
        self.assertIn("nothing was checked", self.expect(
            5, "record", "-i", "lo", "--expect", "handshake.expect", "--", "true"))

    def test_exit_status_is_the_commands(self):
        for status, command in ((0, "exit 0"), (9, "exit 9"), (128 + signal.SIGKILL, "kill -9 $$")):
            self.expect(status, "record", "-i", "lo", "-w", "a.pcapng", "--", "sh", "-c", command)
        self.expect(127, "record", "-i", "lo", "-w", "a.pcapng", "--", "./no-such-command")

    def test_filter(self):
        self.expect(0, "record", "-i", "lo", "-f", "tcp port 9", "-w", "a.pcapng", "--",
                    sys.executable, "exchange.py")
        self.assertEqual(parse(self.expect(0, "a.pcapng", "-o", "json"))["capture"]["packets"], 0)
        self.complaint(2, "record", "-i", "lo", "-f", "tcp prot 9", "-w", "b.pcapng", "--", "true")
        self.assertFalse(self.exists("b.pcapng"))

    def test_snap_length(self):
        self.expect(0, "record", "-i", "lo", "-s", "66", "-w", "a.pcapng", "--", sys.executable,
                    "exchange.py")
        document = parse(self.expect(0, "a.pcapng", "-o", "json"))
        self.assertEqual(document["connections"][0]["client"]["payload_bytes"], 6)

    def flood(self, *options):
        """A run in which nobody reads what the system has captured, so that its room is used up."""
        script = ('kill -STOP $PPID; python3 -c "import socket; s = socket.socket(socket.AF_INET, '
                  "socket.SOCK_DGRAM); [s.sendto(bytes(9000), ('127.0.0.1', 9)) for _ in "
                  'range(5000)]"; kill -CONT $PPID')
        return self.run_program("record", "-i", "lo", "-B", "64", "-w", "a.pcapng", *options, "--",
                                "sh", "-c", script)

    def test_drops_are_told_and_counted(self):
        result = self.flood()
        self.assertEqual(result.returncode, 7, result.stderr)
        dropped = int(re.search(rb"(\d+) packets were dropped", result.stderr).group(1))
        document = parse(self.expect(0, "a.pcapng", "-o", "json"))
        self.assertEqual(document["capture"]["interfaces"][0]["os_dropped"], dropped)
        self.assertGreaterEqual(dropped + document["capture"]["packets"], 5000)

    def test_max_drop(self):
        result = self.flood("--max-drop", "1000000")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertRegex(result.stderr, rb"packets were dropped")

    def test_what_lost_packets_is_not_lossless(self):
        head = "flowstate-expect 1\ncapture a.pcapng\n"
        self.flood("--max-drop", "1000000")
        self.file("a.expect", (head + "assert flows = 0\n").encode())
        self.expect(0, "check", "a.expect")
        self.assertIn("so it is not lossless", self.expect(4, "check", "--lossless", "a.expect"))
        self.file("a.expect", (head + "lossless yes\nallow damaged\nassert flows = 0\n").encode())
        self.expect(0, "check", "a.expect")

    def test_termination_reaches_the_command(self):
        process = subprocess.Popen(
            [PROGRAM, "record", "-i", "lo", "-w", "a.pcapng", "--", "sh", "-c",
             "trap 'touch told; exit 3' TERM; touch ready; while :; do sleep 0.05; done"],
            cwd=self.directory, stderr=subprocess.DEVNULL)
        while not self.exists("ready"):
            time.sleep(0.01)
        process.terminate()
        self.assertEqual(process.wait(timeout=30), 3)
        self.assertTrue(self.exists("told"))
        self.expect(0, "a.pcapng")

    def test_interfaces_that_cannot_be_opened(self):
        self.assertIn("no such interface", self.complaint(
            3, "record", "-i", "nope0", "-w", "a.pcapng", "--", "touch", "ran"))
        self.assertFalse(self.exists("ran"))
        self.complaint(6, "record", "-i", "lo", "-w", "no/such/a.pcapng", "--", "touch", "ran")
        self.assertFalse(self.exists("ran"))


def may_capture():
    with open(os.devnull, "wb") as nowhere:
        result = subprocess.run([PROGRAM, "record", "-q", "-i", "lo", "-w", os.devnull, "--",
                                 "true"], stdout=nowhere, stderr=subprocess.PIPE, check=False)
    return b"you may not capture" not in result.stderr


def main():
    if os.environ.get(INSIDE):
        if subprocess.run(["ip", "link", "set", "lo", "up"], check=False).returncode != 0 or \
                not may_capture():
            return SKIPPED
        unittest.main()
    if not shutil.which("unshare") or not shutil.which("ip"):
        return SKIPPED
    for options in (["--net"], ["--net", "--map-root-user"]):
        if subprocess.run(["unshare", *options, "true"], stderr=subprocess.DEVNULL,
                          check=False).returncode == 0:
            os.execvpe("unshare", ["unshare", *options, sys.executable, *sys.argv],
                       {**os.environ, INSIDE: "1"})
    return SKIPPED


if __name__ == "__main__":
    sys.exit(main())
