# SPDX-License-Identifier: MIT
"""flowstate live between two network namespaces: what it counts, sees and may do.

Skipped (exit status 77) where no namespace can be made or no packet socket be opened.
"""

import collections
import glob
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
PCAPS = os.path.abspath(os.path.join(HERE, "..", "..", "pcaps"))
sys.path.insert(0, os.path.join(HERE, "..", "cli"))

from program import PROGRAM, ProgramTest, clean_environment, parse  # noqa: E402
from schema import Schema  # noqa: E402

SEND = os.environ.get("FLOWSTATE_SEND", "")
SKIPPED = 77
CLIENT, SERVER, NOBODY_HOME = "10.91.0.1", "10.91.0.2", "10.91.0.77"
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
POSTGRES = max(glob.glob("/usr/lib/postgresql/*/bin"), default="")


def ip(*words):
    subprocess.run(["ip", *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


class Network:
    """Two namespaces and a cable between them. Nothing leaves the machine."""

    def __init__(self):
        self.one, self.other = (f"fst-live-{side}{os.getpid()}" for side in "ab")
        ip("netns", "add", self.one)
        try:
            ip("netns", "add", self.other)
            ip("link", "add", "va", "netns", self.one, "type", "veth", "peer", "name", "vb", "netns",
               self.other)
            for namespace, device, address in ((self.one, "va", CLIENT), (self.other, "vb", SERVER)):
                # Neighbours that look for each other would be counted as well.
                subprocess.run(["ip", "netns", "exec", namespace, "sysctl", "-q", "-w",
                                "net.ipv6.conf.all.disable_ipv6=1"], check=True,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
                ip("-n", namespace, "addr", "add", f"{address}/24", "dev", device)
                ip("-n", namespace, "link", "set", device, "up")
        except (OSError, subprocess.CalledProcessError):
            self.close()
            raise

    def close(self):
        for namespace in (self.one, self.other):
            subprocess.run(["ip", "netns", "del", namespace], check=False, stderr=subprocess.DEVNULL)


network = None


class Host:
    """host.py in a namespace."""

    def __init__(self, namespace):
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", namespace, sys.executable, "-B", os.path.join(HERE, "host.py")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, *words):
        print(*words, file=self.process.stdin, flush=True)
        return self.process.stdout.readline().strip()

    def states(self):
        """(local port, remote port) to state, as the kernel has it."""
        found = {}
        for entry in self("states").split():
            local, remote, state = entry.split(",")
            found[int(local), int(remote)] = state
        return found

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


class Live(ProgramTest):
    """A flowstate live in the second namespace."""

    def start(self, *words, wrapper=(), environment=None, namespace=None):
        process = subprocess.Popen(
            ["ip", "netns", "exec", namespace or network.other, *wrapper, PROGRAM, "live", *words],
            cwd=self.directory, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=environment or clean_environment())
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def started(self, *words, **options):
        """One that captures by now: it has told what it is."""
        process = self.start("-i", "vb", *words, **options)
        self.assertEqual(parse(process.stdout.readline().decode())["event"], "meta")
        return process

    def send(self, count, rate=0, captures_=("mixed.pcap", "normal.pcap")):
        result = subprocess.run(
            ["ip", "netns", "exec", network.one, SEND, "va", str(rate), str(count),
             *(os.path.join(PCAPS, name) for name in captures_)],
            stdout=subprocess.PIPE, check=True)
        return int(result.stdout.split()[0])

    def wait_for(self, holds, what=""):
        until = time.monotonic() + 30
        while not holds():
            self.assertLess(time.monotonic(), until, what)
            time.sleep(0.02)

    def finish(self, process):
        """Interrupt it; its records and what it said last."""
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, err)
        return [parse(line) for line in out.decode().splitlines()], err.decode()


class Counts(Live):
    def test_each_packet_is_seen_or_counted_as_dropped(self):
        process = self.started()
        sent = self.send(20000, rate=50000)
        stream, err = self.finish(process)
        summary = stream[-1]
        self.assertEqual(summary["packets"] + summary["dropped_by_kernel"], sent)
        self.assertRegex(err, r"packets, dropped by the kernel [\d,]+, by the interface (n/a|[\d,]+);")

    def test_a_reader_that_stalls(self):
        """Nobody reads the stream: the buffers fill, the system drops, and all is accounted for."""
        process = self.started("-B", "256", "--linger", "0")
        sent = self.send(150000, rate=150000)
        self.assertIsNone(process.poll())
        parts = []
        reader = threading.Thread(target=lambda: parts.extend(process.stdout.read().splitlines()))
        reader.start()
        process.send_signal(signal.SIGINT)
        reader.join(60)
        self.assertEqual(process.wait(60), 0)
        summary = parse(parts[-1].decode())
        self.assertGreater(summary["dropped_by_kernel"], 0)
        self.assertEqual(summary["packets"] + summary["dropped_by_kernel"], sent)
        for part in parts:
            parse(part.decode())  # each line is whole

    def test_drops_can_fail_it(self):
        for limit, status in (("0", 7), ("0%", 2), ("99.9%", 0)):
            process = self.start("-i", "vb", "-B", "64", "--max-drop", limit, "-o", "ndjson")
            if status == 2:
                self.assertEqual(process.wait(30), status)
                continue
            process.stdout.readline()
            self.send(60000, rate=0)
            reader = threading.Thread(target=process.stdout.read)
            reader.start()
            process.send_signal(signal.SIGINT)
            reader.join(60)
            self.assertEqual(process.wait(60), status)

    def test_count_and_filter(self):
        process = self.started("-c", "30", "tcp", "port", "8001")
        self.send(2000)
        out, _ = process.communicate(timeout=60)
        stream = [parse(line) for line in out.decode().splitlines()]
        self.assertEqual(stream[-1]["packets"], 30)
        self.assertEqual({r["server_port"] for r in stream if r["event"] == "end"}, {8001})


class Verdicts(Live):
    def test_same_as_offline(self):
        """What was seen live, written and read again gives the same connections and findings."""
        names = ["mixed.pcap", "normal.pcap", "data-lost.pcap", "zero-window.pcap",
                 "time-wait-reuse-by-client.pcap", "simultaneous-close.pcap"]
        process = self.started("-s", "65535", "-w", "all.pcapng", "-o", "ndjson")
        self.send(3000, rate=20000, captures_=names)
        stream, _ = self.finish(process)
        offline = parse(self.expect(0, "all.pcapng", "-o", "json"))
        self.assertEqual(stream[-1]["dropped_by_kernel"], 0)
        ends = {r["first_packet"]: r for r in stream if r["event"] == "end"}
        self.assertEqual(len(ends), len(offline["connections"]))
        for connection in offline["connections"]:
            live = ends[connection["first_packet"]]
            for side in ("client", "server"):
                self.assertEqual(live[f"{side}_state"], connection[side]["state"])
                self.assertEqual(live[f"{side}_possible"], connection[side]["possible"])
                self.assertEqual(live[f"{side}_path"], connection[side]["path"])
                self.assertEqual(live[f"{side}_packets"], connection[side]["packets"])
            self.assertEqual(live["history"], connection["history"])
        count = collections.Counter
        self.assertEqual(
            count((r["rule"], r["packet"]) for r in stream if r["event"] == "finding"),
            count((f["rule"], f["packet"]) for c in offline["connections"]
                  for f in c["findings"]))
        schema = Schema("flowstate.flow-1.json")
        for record in stream:
            schema.check(record)
        info = offline["capture"]["interfaces"][0]
        self.assertEqual((info["name"], info["snap_len"], info["received"], info["os_dropped"]),
                         ("vb", 65535, 3000, 0))

    def test_snapped_packets_give_the_same(self):
        process = self.started("-w", "short.pcapng", "-o", "ndjson", "-o", "text:text")
        self.send(500, rate=20000)
        stream, _ = self.finish(process)
        offline = parse(self.expect(0, "short.pcapng", "-o", "json"))
        self.assertEqual(offline["capture"]["interfaces"][0]["snap_len"], 128)
        self.assertEqual({(r["first_packet"], r["client_state"]) for r in stream
                          if r["event"] == "end"},
                         {(c["first_packet"], c["client"]["state"]) for c in offline["connections"]})
        with open(self.path("text"), encoding="utf-8") as file:
            self.assertEqual(sum(line[14:17] == "end" for line in file), len(offline["connections"]))


class Kernels(Live):
    """Real connections: what is shown agrees with both kernels, in /proc/net/tcp."""

    def setUp(self):
        super().setUp()
        self.client, self.server = Host(network.one), Host(network.other)
        self.addCleanup(self.client.close)
        self.addCleanup(self.server.close)
        self.process = self.started()
        self.newest = {}
        self.thread = threading.Thread(target=self.read)
        self.thread.start()
        self.addCleanup(self.thread.join)
        self.addCleanup(self.process.kill)

    def read(self):
        for line in self.process.stdout:
            record = parse(line.decode())
            if "client_port" in record:
                self.newest[record["client_port"], record["server_port"]] = record

    def shown(self, port, to=8080):
        record = self.newest.get((port, to))
        return (record["client_state"], record["server_state"]) if record else None

    def kernels(self, port, to=8080):
        return (self.client.states().get((port, to), "CLOSED"),
                self.server.states().get((to, port), "CLOSED"))

    def agree_with(self, port, to, *want):
        self.wait_for(lambda: self.shown(port, to) == want and self.kernels(port, to) == want,
                      (self.shown(port, to), self.kernels(port, to), want))

    def agree(self, port, *want):
        self.agree_with(port, 8080, *want)

    def open(self, name):
        self.client("connect", name, SERVER, 8080)
        self.server("accept", name)
        return int(self.client("port", name))

    def test_an_orderly_life(self):
        self.server("listen", 8080)
        port = self.open("a")
        self.agree(port, "ESTABLISHED", "ESTABLISHED")
        self.client("send", "a", "hello")
        self.server("receive", "a")
        self.client("finish", "a")
        self.agree(port, "FIN-WAIT-2", "CLOSE-WAIT")
        self.server("send", "a", "bye")  # half closed: one way goes on
        self.client("receive", "a")
        self.agree(port, "FIN-WAIT-2", "CLOSE-WAIT")
        self.server("close", "a")
        self.agree(port, "TIME-WAIT", "CLOSED")
        self.wait_for(lambda: self.newest[port, 8080]["end_kind"] == "closed")

    def test_the_server_closes_first(self):
        self.server("listen", 8080)
        port = self.open("a")
        self.server("close", "a")
        self.agree(port, "CLOSE-WAIT", "FIN-WAIT-2")
        self.client("close", "a")
        self.agree(port, "CLOSED", "TIME-WAIT")

    def test_a_reset(self):
        self.server("listen", 8080)
        port = self.open("a")
        self.client("reset", "a")
        self.agree(port, "CLOSED", "CLOSED")
        self.assertEqual(self.newest[port, 8080]["end_kind"], "reset")

    def test_many_at_once(self):
        self.server("listen", 8080)
        ports = [self.open(f"c{i}") for i in range(40)]
        for i in range(0, 40, 2):
            self.client("finish", f"c{i}")
        for i, port in enumerate(ports):
            self.agree(port, *(("ESTABLISHED",) * 2 if i % 2 else ("FIN-WAIT-2", "CLOSE-WAIT")))

    def test_a_port_scan(self):
        self.assertEqual(self.client("scan", SERVER, 2001, 2060), "60")
        self.wait_for(lambda: sum(record["end_kind"] == "refused" and record["server_port"] in
                                  range(2001, 2061) for record in list(self.newest.values())) == 60)

    def test_nobody_answers(self):
        ip("-n", network.one, "neigh", "replace", NOBODY_HOME, "lladdr", "02:00:00:00:00:99", "dev",
           "va")
        self.client("connect", "a", NOBODY_HOME, 8080)
        port = int(self.client("port", "a"))
        self.wait_for(lambda: self.shown(port) is not None)
        record = self.newest[port, 8080]
        self.assertEqual((record["client_state"], record["end_kind"]), ("SYN-SENT", "no-answer"))
        self.assertEqual(self.client.states()[port, 8080], "SYN-SENT")

    def test_http(self):
        server = subprocess.Popen(
            ["ip", "netns", "exec", network.other, sys.executable, "-m", "http.server", "--bind",
             SERVER, "8000"], cwd=self.directory, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        self.file("page", b"x" * 20000)
        fetch = ("import time, urllib.request as r\n"
                 "for i in range(500):\n"
                 "    try:\n"
                 f"        assert len(r.urlopen('http://{SERVER}:8000/page').read()) == 20000\n"
                 "        break\n"
                 "    except OSError: time.sleep(0.02)\n"
                 "for i in range(9):\n"
                 f"    assert len(r.urlopen('http://{SERVER}:8000/page').read()) == 20000\n")
        subprocess.run(["ip", "netns", "exec", network.one, sys.executable, "-c", fetch], check=True)

        def closed():
            return [r for r in list(self.newest.values()) if r["end_kind"] == "closed"]

        self.wait_for(lambda: len(closed()) == 10)
        for record in closed():
            self.assertGreater(record["server_payload_bytes"], 20000)
            self.assertEqual(record["view"], "complete")


    @unittest.skipUnless(POSTGRES and shutil.which("psql") and shutil.which("setpriv"),
                         "PostgreSQL is not installed")
    def test_a_database_session(self):
        """Opened, used, and left by its client: both kernels say the same at each stage."""
        os.chmod(self.directory, 0o755)
        data = self.path("data")
        os.mkdir(data)
        os.chown(data, 65534, 65534)
        subprocess.run([*NOBODY, f"{POSTGRES}/initdb", "-D", data, "-A", "trust", "-N", "-U",
                        "postgres"], check=True, stdout=subprocess.DEVNULL, cwd=data)
        with open(os.path.join(data, "pg_hba.conf"), "a", encoding="ascii") as file:
            file.write(f"host all all {CLIENT}/32 trust\n")

        def still_open():
            return [port for (port, to), record in list(self.newest.items())
                    if to == 5432 and record["end_kind"] == "open"]

        server = subprocess.Popen(
            ["ip", "netns", "exec", network.other, *NOBODY, f"{POSTGRES}/postgres", "-D", data,
             "-h", SERVER, "-k", "", "-F"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(server.wait)
        self.addCleanup(server.send_signal, signal.SIGINT)
        psql = ["ip", "netns", "exec", network.one, "psql", "-X", "-q", "-t", "-h", SERVER, "-U",
                "postgres"]
        environment = clean_environment(HOME=self.directory)
        self.wait_for(lambda: subprocess.run([*psql, "-c", ""], check=False, env=environment,
                                             stderr=subprocess.DEVNULL).returncode == 0)
        session = subprocess.Popen(psql, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                   env=environment)
        self.addCleanup(session.stdout.close)
        print("SELECT repeat('x', 3000) FROM generate_series(1, 10);", file=session.stdin, flush=True)
        self.assertIn("xxx", session.stdout.readline())
        self.wait_for(lambda: len(still_open()) == 1, self.newest)
        (port,) = still_open()
        self.agree_with(port, 5432, "ESTABLISHED", "ESTABLISHED")
        session.communicate()
        self.agree_with(port, 5432, "TIME-WAIT", "CLOSED")
        self.assertGreater(self.newest[port, 5432]["server_payload_bytes"], 30000)


class Rights(Live):
    def status_of(self, process):
        with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
            return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)

    def check_none_left(self, process):
        status = self.status_of(process)
        for kind in ("CapEff", "CapPrm", "CapInh", "CapAmb"):
            self.assertEqual(int(status[kind], 16), 0, kind)
        self.assertEqual(status["NoNewPrivs"], "1")
        return status

    def test_root_gives_up_everything(self):
        self.check_none_left(self.started())

    def test_sudo_gives_up_being_root(self):
        os.chmod(self.directory, 0o777)
        process = self.started("-w", "a.pcapng", "-o", "ndjson", environment=clean_environment(
            SUDO_UID="65534", SUDO_GID="65534"))
        status = self.check_none_left(process)
        self.assertEqual(status["Uid"].split(), ["65534"] * 4)
        self.assertEqual(status["Gid"].split(), ["65534"] * 4)
        self.assertEqual(status["Groups"].strip(), "")
        self.assertEqual(os.stat(self.path("a.pcapng")).st_uid, 65534)

    @unittest.skipUnless(shutil.which("setpriv"), "setpriv is not installed")
    def test_one_right_is_enough(self):
        process = self.started(wrapper=(*NOBODY, "--inh-caps=-all,+net_raw",
                                        "--ambient-caps=-all,+net_raw"))
        self.check_none_left(process)
        self.send(100)
        stream, _ = self.finish(process)
        self.assertEqual(stream[-1]["packets"], 100)

    @unittest.skipUnless(shutil.which("setpriv"), "setpriv is not installed")
    def test_a_refusal_says_what_to_run(self):
        process = self.start("-i", "vb", wrapper=NOBODY)
        _, err = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 3)
        self.assertEqual(err.decode(), "flowstate: vb: you may not capture here. Run: sudo setcap "
                                       f"cap_net_raw=ep {os.path.realpath(PROGRAM)}\n")
        result = subprocess.run(["ip", "netns", "exec", network.other, *NOBODY, PROGRAM,
                                 "devices"], stdout=subprocess.PIPE, check=True,
                                env=clean_environment())
        self.assertRegex(result.stdout.decode(), r"(?m)^vb .* no .*\n +you may not capture here\. "
                                                 r"Run: sudo setcap cap_net_raw=ep /")


class Interfaces(Live):
    def test_devices(self):
        result = subprocess.run(["ip", "netns", "exec", network.other, PROGRAM, "devices"],
                                stdout=subprocess.PIPE, check=True, env=clean_environment())
        text = result.stdout.decode()
        self.assertRegex(text, r"(?m)^vb +up(, running)? +yes")
        self.assertRegex(text, r"(?m)^lo +down +loopback +no")
        self.assertIn("Run: sudo ip link set lo up", text)
        self.assertRegex(text, r"(?m)^any ")

    def test_any(self):
        process = self.start("-i", "any")
        self.assertEqual(parse(process.stdout.readline().decode())["file"], "any")
        self.send(100)
        stream, err = self.finish(process)
        self.assertEqual(stream[-1]["packets"], 100)
        self.assertIsNone(stream[-1]["dropped_by_interface"])
        self.assertIn("by the interface n/a", err)

    def test_one_that_is_down(self):
        process = self.start("-i", "lo")
        _, err = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 3)
        self.assertIn(b"Run: sudo ip link set lo up", err)

    def test_one_that_goes_away(self):
        ip("-n", network.other, "link", "add", "gone", "type", "veth", "peer", "name", "end")
        ip("-n", network.other, "link", "set", "end", "up")
        ip("-n", network.other, "link", "set", "gone", "up")
        process = self.start("-i", "gone")
        self.assertEqual(parse(process.stdout.readline().decode())["event"], "meta")
        ip("-n", network.other, "link", "del", "gone")
        out, err = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 4, err)
        self.assertFalse(parse(out.decode().splitlines()[-1])["complete"])
        self.assertRegex(err.decode(), re.compile(r"gone: the capture broke off", re.M))


def main():
    global network
    try:
        network = Network()
    except (OSError, subprocess.CalledProcessError) as error:
        reason = getattr(error, "stderr", b"") or str(error).encode()
        print(f"skipped: no network namespaces here: {reason.decode().strip()}")
        return SKIPPED
    try:
        probe = subprocess.run(["ip", "netns", "exec", network.other, PROGRAM, "live", "-i", "vb",
                                "-c", "1", "-w", "/dev/null", "-r", "x"], check=False,
                               stderr=subprocess.DEVNULL, env=clean_environment())
        if probe.returncode != 2:
            print("skipped: the program cannot be run in a namespace here")
            return SKIPPED
        return 0 if unittest.main(exit=False).result.wasSuccessful() else 1
    finally:
        network.close()


if __name__ == "__main__":
    sys.exit(main())
