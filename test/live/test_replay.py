# SPDX-License-Identifier: MIT
"""flowstate live with a file in place of an interface: no right is needed for that."""

import ctypes
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, "..", ".."))
PCAPS = os.path.join(ROOT, "pcaps")
sys.path.insert(0, os.path.join(HERE, "..", "cli"))

import blocks  # noqa: E402
import captures  # noqa: E402
from program import PROGRAM, ProgramTest, clean_environment, parse  # noqa: E402
from schema import Schema  # noqa: E402

FAST = "--speed=1000"


def have_landlock():
    """By the system call that tells its version, which no C library wraps."""
    return ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), ctypes.c_uint32(1)) > 0


def built_with_seccomp():
    libraries = subprocess.run(["ldd", PROGRAM], stdout=subprocess.PIPE, check=False).stdout
    return b"libseccomp" in libraries


# What says where a record stands in the stream, not what it says.
PLACE = ("seq", "event", "schema")


def records(text):
    return [parse(line) for line in text.splitlines()]


def of(event, stream):
    return [record for record in stream if record["event"] == event]


class Replay(ProgramTest):
    streams = {}  # of recorded captures, by path: several tests look at the same

    def live(self, path, *words, status=0):
        if not words and path in self.streams:
            return self.streams[path]
        stream = records(self.expect(status, "live", "-r", path, FAST, *words))
        if not words and os.path.isabs(path):
            self.streams[path] = stream
        return stream

    def several(self):
        """Kinds of connections, and two at a time."""
        paths = [os.path.join(PCAPS, f"{name}.pcap") for name in (
            "mixed", "data-lost", "zero-window", "midstream", "ipv6", "time-wait-reuse-by-client",
            "simultaneous-close")]
        self.file("closed.pcap", captures.pcap(captures.closed(1) + captures.closed(2)))
        return paths + ["closed.pcap"]


class Verdicts(Replay):
    def test_same_as_offline(self):
        for path in self.several():
            with self.subTest(path=os.path.basename(path)):
                offline = records(self.expect(0, "flows", "-r", path, "-o", "ndjson"))
                live = self.live(path)
                self.assertEqual(
                    [{k: v for k, v in r.items() if k not in PLACE} for r in of("end", live)],
                    [{k: v for k, v in r.items() if k not in PLACE} for r in of("end", offline)])
                summary, whole = live[-1], offline[-1]
                self.assertEqual({k: summary[k] for k in whole}, whole)

    def test_findings_same_as_offline(self):
        for path in self.several():
            with self.subTest(path=os.path.basename(path)):
                document = parse(self.expect(0, "flows", "-r", path, "-o", "json"))
                want = sorted((f["rule"], f["packet"], f["by"] or "", f["message"])
                              for c in document["connections"] for f in c["findings"])
                got = sorted((f["rule"], f["packet"], f["by"] or "", f["message"])
                             for f in of("finding", self.live(path)))
                self.assertEqual(got, want)

    def test_filter(self):
        stream = self.live(os.path.join(PCAPS, "mixed.pcap"), "tcp", "port", "8003")
        self.assertEqual({r["server_port"] for r in of("end", stream)}, {8003})

    def test_lossless(self):
        packets = captures.closed()
        self.file("gap.pcap", captures.pcap(packets[:1] + packets[2:]))  # no SYN-ACK
        self.assertEqual(self.live("gap.pcap")[-1]["findings_illegal"], 0)
        self.assertGreater(self.live("gap.pcap", "--lossless")[-1]["findings_illegal"], 0)


class Stream(Replay):
    def test_order(self):
        """meta, then of each connection a start, updates and an end with rising numbers, summary;
        what was found stands behind a record of its connection."""
        for path in self.several():
            stream = self.live(path)
            self.assertEqual(stream[0]["event"], "meta")
            self.assertEqual([r["event"] for r in stream[1:]].count("summary"), 1)
            self.assertEqual(stream[-1]["event"], "summary")
            told = {}
            for record in stream[1:-1]:
                uid = record["uid"]
                if record["event"] == "finding":
                    self.assertIn(uid, told)
                    continue
                self.assertEqual(record["event"] == "start", uid not in told)
                self.assertEqual(record["seq"], told.get(uid, 0) + 1)
                told[uid] = record["seq"]
            self.assertEqual(len(of("end", stream)), len(told))

    def test_schema(self):
        schema = Schema("flowstate.flow-1.json")
        seen = set()
        for path in self.several():
            for record in self.live(path):
                schema.check(record)
                seen.add(record["event"])
        self.assertEqual(seen, {"meta", "start", "end", "finding", "summary"} | (seen & {"update"}))

    def test_before_the_end_no_reason_is_given(self):
        stream = self.live(os.path.join(PCAPS, "mixed.pcap"))
        self.assertTrue(all(r["end_reason"] is None for r in of("start", stream)))
        self.assertTrue(all(r["end_reason"] for r in of("end", stream)))

    def test_lines_come_while_it_runs(self):
        """At the pace of the recording: the first connection is told of long before the last."""
        process = subprocess.Popen(
            [PROGRAM, "live", "-r", os.path.join(PCAPS, "mixed.pcap")], stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env=clean_environment())
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        events = [parse(process.stdout.readline().decode()) for _ in range(2)]
        self.assertEqual([e["event"] for e in events], ["meta", "start"])
        self.assertIsNone(process.poll())

    def test_text(self):
        text = self.expect(0, "live", "-r", os.path.join(PCAPS, "mixed.pcap"), FAST, "-o", "text")
        lines = text.splitlines()
        self.assertTrue(all(re.match(r"\d\d:\d\d:\d\d\.\d{3}  (start|update|end|finding) ", line)
                            for line in lines), lines)
        self.assertRegex(text, r"end .* 192\.0\.2\.1:54820 > 192\.0\.2\.2:8001 +TIME-WAIT +CLOSED +"
                               r"closed, client first")
        self.assertRegex(text, r"finding .* anomaly half-close-data #28 server: ")
        self.assertIn("no answer to 2 SYNs", text)
        self.assertNotIn("\033", text)

    def test_formats_of_the_end(self):
        for name in ("csv", "zeek", "zeek-json", "ecs"):
            path = os.path.join(PCAPS, "normal.pcap")
            self.assertEqual(self.expect(0, "live", "-r", path, FAST, "-o", name),
                             self.expect(0, "flows", "-r", path, "-o", name))

    def test_several_outputs(self):
        self.expect(0, "live", "-r", os.path.join(PCAPS, "normal.pcap"), FAST, "-o", "ndjson:a",
                    "-o", "text:b")
        with open(self.path("a"), "rb") as file:
            self.assertEqual(parse(file.readlines()[-1])["event"], "summary")
        with open(self.path("b"), "rb") as file:
            self.assertIn(b"start", file.read())

    def test_where(self):
        path = os.path.join(PCAPS, "mixed.pcap")
        stream = self.live(path, "--where", "rule rst-abort or server in TIME-WAIT")
        self.assertEqual({r["server_port"] for r in of("end", stream)}, {8002, 8005, 8008})
        self.assertEqual({f["packet"] for f in of("finding", stream)}, {39, 55})
        self.assertIn("--where", self.complaint(2, "live", "-r", path, "--where", "rule no-such"))

    def test_count(self):
        stream = self.live(os.path.join(PCAPS, "mixed.pcap"), "-c", "5")
        self.assertEqual(stream[-1]["packets"], 5)

    def test_counters_are_told(self):
        result = self.run_program("live", "-r", os.path.join(PCAPS, "mixed.pcap"), FAST)
        self.assertEqual(result.stderr.decode(),
                         "flowstate: 57 packets; 8 connections, 8 now\n")
        result = self.run_program("live", "-r", os.path.join(PCAPS, "mixed.pcap"), FAST, "-q")
        self.assertEqual(result.stderr, b"")


class Ages(Replay):
    def spaced(self, *gaps):
        """Closed connections, so many seconds between them."""
        data = captures.pcap(captures.closed(1))
        header, count = data[:24], (len(data) - 24)
        out, base = header, 0
        for number, gap in enumerate((0,) + gaps):
            base += gap
            part = captures.pcap(captures.closed(40000 + number))[24:]
            out += shift(part, base)
        self.assertEqual(len(out) - 24, count * (len(gaps) + 1))
        self.file("spaced.pcap", out)

    def test_what_is_over_leaves(self):
        self.spaced(60, 60, 60)
        stream = self.live("spaced.pcap", "--speed=100", status=0)
        self.assertIn(stream[-1]["expired"], (2, 3))  # the last one comes when the file ends
        ends = [r["first_packet"] for r in of("end", stream)]
        self.assertEqual(ends, [1, 11, 21, 31])
        kept = self.live("spaced.pcap", "--speed=100", "--linger", "1000")
        self.assertEqual(kept[-1]["expired"], 0)

    def test_room(self):
        self.file("many.pcap", captures.pcap([p for port in range(1, 60)
                                              for p in captures.closed(port)]))
        stream = self.live("many.pcap", "--max-flows", "10")
        self.assertEqual(stream[-1]["evicted"], 49)
        self.assertEqual(len(of("start", stream)), 59)
        self.assertEqual(len(of("end", stream)), 59)


def shift(records_, seconds):
    """The same records of a classic pcap file, so much later."""
    out, at = b"", 0
    while at < len(records_):
        length = int.from_bytes(records_[at + 8:at + 12], "little")
        stamp = int.from_bytes(records_[at:at + 4], "little") + seconds
        out += stamp.to_bytes(4, "little") + records_[at + 4:at + 16 + length]
        at += 16 + length
    return out


def packets_of(path):
    with open(path, "rb") as file:
        return [block for block in blocks.blocks(file.read()) if block.kind == 6]


class Files(Replay):
    def test_all_packets_are_written(self):
        path = os.path.join(PCAPS, "mixed.pcap")
        self.live(path, "-w", "out.pcapng", "-o", "ndjson")
        want = parse(self.expect(0, "flows", "-r", path, "-o", "json"))
        got = parse(self.expect(0, "flows", "-r", "out.pcapng", "-o", "json"))
        self.assertEqual(got["connections"], want["connections"])
        self.assertEqual(got["capture"]["format"], "pcapng")

    def test_to_standard_output(self):
        result = self.run_program("live", "-r", os.path.join(PCAPS, "normal.pcap"), FAST, "-w", "-")
        self.assertEqual(result.returncode, 0)
        self.file("out.pcapng", result.stdout)
        self.assertEqual(parse(self.expect(0, "out.pcapng", "-o", "json"))["capture"]["packets"], 11)

    def long(self):
        """4.6 MB, which are five files of one, the last not full."""
        steps = captures.HANDSHAKE + [
            ("client", captures.ACK, 1 + 1200 * number, 1, b"x" * 1200) for number in range(3600)]
        self.file("long.pcap", captures.pcap(captures.connection(
            captures.CLIENT, captures.SERVER, steps)))

    def written(self):
        return sorted(name for name in os.listdir(self.directory) if name.startswith("out"))

    def total(self):
        return sum(len(packets_of(self.path(name))) for name in self.written())

    def test_by_size(self):
        self.long()
        self.live("long.pcap", "-w", "out", "-C", "1", "-o", "ndjson:/dev/null")
        self.assertEqual(self.written(), ["out"] + [f"out{i}" for i in range(1, 5)])
        self.assertEqual(self.total(), 3603)
        for name in self.written()[:-1]:
            size = os.path.getsize(self.path(name))
            self.assertTrue(1_000_000 < size < 1_002_000, size)

    def test_by_size_in_turns(self):
        self.long()
        self.live("long.pcap", "-w", "out", "-C", "1", "-W", "3", "-o", "ndjson:/dev/null")
        self.assertEqual(self.written(), ["out0", "out1", "out2"])
        self.assertLess(self.total(), 3603)

    def test_by_time(self):
        self.file("long.pcap", captures.pcap([p for port in range(1, 401)
                                              for p in captures.closed(port)]))  # 4 s
        self.live("long.pcap", "-w", "out-%H%M%S", "-G", "1", "-o", "ndjson:/dev/null")
        self.assertEqual(self.written(), ["out-091402", "out-091403", "out-091404", "out-091405"])
        self.assertEqual(self.total(), 4000)
        for name in self.written():
            os.unlink(self.path(name))
        self.live("long.pcap", "-w", "out-%H%M%S", "-G", "1", "-W", "2", "-o", "ndjson:/dev/null")
        self.assertEqual(self.written(), ["out-091402", "out-091403"])

    def test_flagged(self):
        path = os.path.join(PCAPS, "mixed.pcap")
        want = {c["id"]: c for c in parse(self.expect(0, path, "-o", "json"))["connections"]}
        flagged = {i for i, c in want.items() if c["findings"]}
        self.live(path, "--write-flagged", "out.pcapng", "-o", "ndjson")
        got = parse(self.expect(0, "out.pcapng", "-o", "json"))["connections"]
        self.assertEqual({c["client"]["port"] for c in got},
                         {want[i]["client"]["port"] for i in flagged})
        for connection in got:
            (source,) = [c for c in want.values() if c["client"]["port"] ==
                         connection["client"]["port"]]
            self.assertEqual(connection["client"]["packets"], source["client"]["packets"])
            self.assertEqual(connection["server"]["packets"], source["server"]["packets"])
        with open(self.path("out.pcapng"), "rb") as file:
            data = file.read()
        for i in flagged:
            for finding in want[i]["findings"]:
                self.assertIn(f"{finding['class']} {finding['rule']} #{finding['packet']}".encode(),
                              data)

    def test_what_the_end_tells_stands_at_the_last_packet(self):
        """Of one that is written already: retransmitted, then left half open."""
        steps = captures.CLOSED[:4] + [captures.CLOSED[3]] + captures.CLOSED[4:8]
        self.file("open.pcap", captures.pcap(captures.connection(
            captures.CLIENT, captures.SERVER, steps)))
        (connection,) = parse(self.expect(0, "open.pcap", "-o", "json"))["connections"]
        rules = {f["rule"]: f["packet"] for f in connection["findings"]}
        self.assertEqual(rules, {"retransmission": 5, "unfinished": 9})
        self.live("open.pcap", "--write-flagged", "out.pcapng", "-o", "ndjson")
        comments = [block.comments() for block in packets_of(self.path("out.pcapng"))]
        self.assertEqual(len(comments), 9)
        self.assertEqual([number for number, text in enumerate(comments, 1) if text], [5, 9])
        self.assertIn("unfinished #9", comments[8][0])

    def test_flagged_from_a_class_on(self):
        self.live(os.path.join(PCAPS, "mixed.pcap"), "--write-flagged", "out.pcapng", "--flag-on",
                  "illegal", "-o", "ndjson")
        self.assertEqual(packets_of(self.path("out.pcapng")), [])

    def test_metrics(self):
        self.live(os.path.join(PCAPS, "mixed.pcap"), "-o", "prom:out.prom", "-o", "ndjson")
        with open(self.path("out.prom"), encoding="utf-8") as file:
            text = file.read()
        self.assertTrue(text.endswith("\n"))
        self.assertEqual(self.written(), ["out.prom"])
        name = os.path.join(PCAPS, "mixed.pcap")
        self.assertIn(f'flowstate_packets_total{{interface="{name}"}} 57\n', text)
        self.assertIn(f'flowstate_rule_hits_total{{interface="{name}",rule="rst-abort"}} 1\n', text)
        names = set()
        for line in text.splitlines():
            head = re.match(r"# (HELP|TYPE) (flowstate_[a-z_]+) (.+)$", line)
            value = re.match(r'(flowstate_[a-z_]+)\{interface="[^"]*"(,[a-z]+="[^"]*")?\} \d+$', line)
            self.assertTrue(head or value, line)
            if value:
                self.assertIn(value.group(1), names)
            else:
                names.add(head.group(2))

    def test_not_writable(self):
        for words in (["-w", "no/dir"], ["--write-flagged", "no/dir"], ["-o", "ndjson:no/dir"],
                      ["-w", "no/%H", "-G", "5"]):
            result = self.run_program("live", "-r", os.path.join(PCAPS, "normal.pcap"), FAST, *words)
            self.assertEqual(result.returncode, 6, words)
            self.assertIn(b"cannot be written", result.stderr)
        result = self.run_program("live", "-r", os.path.join(PCAPS, "normal.pcap"), FAST, "-o",
                                  "prom:no/dir")
        self.assertEqual(result.returncode, 6)


class Ends(Replay):
    def start(self, *words):
        process = subprocess.Popen([PROGRAM, "live", *words], cwd=self.directory,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=clean_environment())
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def waiting(self, *words):
        """One that has told of its first connection; its file has a gap of an hour then."""
        data = captures.pcap(captures.closed(1))
        self.file("gap.pcap", data + shift(captures.pcap(captures.closed(2))[24:], 3600))
        return self.start("-r", "gap.pcap", "--speed", "20", *words)

    def first(self, process):
        return [parse(process.stdout.readline().decode()) for _ in range(2)]

    def test_interrupt_ends_with_all_results(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            process = self.waiting()
            self.first(process)
            process.send_signal(number)
            out, err = process.communicate(timeout=30)
            self.assertEqual(process.returncode, 0)
            rest = records(out.decode())
            self.assertEqual(rest[-1]["event"], "summary")
            self.assertFalse(rest[-1]["complete"])
            self.assertEqual(rest[-1]["tcp_segments"], 10)
            self.assertIn(b"10 packets", err)

    def test_counters_on_demand(self):
        process = self.waiting()
        self.first(process)
        process.send_signal(signal.SIGUSR1)
        self.assertEqual(process.stderr.readline(),
                         b"flowstate: 10 packets; 1 connection, 1 now\n")
        self.assertIsNone(process.poll())

    def test_moved_files_are_opened_anew(self):
        process = self.waiting("-o", "ndjson", "-o", "text:log", "-w", "out.pcapng")
        self.first(process)
        for name in ("log", "out.pcapng"):
            os.rename(self.path(name), self.path(name + ".1"))
        process.send_signal(signal.SIGHUP)
        self.wait_for(lambda: all(os.path.exists(self.path(n)) for n in ("log", "out.pcapng")))
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
        with open(self.path("log.1"), "rb") as file:
            self.assertIn(b" start ", file.read())
        with open(self.path("log"), "rb") as file:
            self.assertIn(b" end ", file.read())
        self.assertEqual(len(packets_of(self.path("out.pcapng.1"))), 10)
        self.assertEqual(packets_of(self.path("out.pcapng")), [])

    def test_what_is_buffered_is_written_on_demand(self):
        process = self.waiting("-o", "ndjson", "-w", "out.pcapng")
        self.first(process)
        process.send_signal(signal.SIGUSR2)
        self.wait_for(lambda: len(packets_of(self.path("out.pcapng"))) == 10)

    def wait_for(self, holds):
        until = time.monotonic() + 30
        while not holds():
            self.assertLess(time.monotonic(), until)
            time.sleep(0.02)

    def test_nothing_else_may_be_done(self):
        """Each of its threads is inside the sandbox, unless that is not wanted, which is told."""
        for words, inside in ((["-o", "ndjson"], True), (["-o", "ndjson", "--no-sandbox"], False)):
            process = self.waiting(*words)
            self.first(process)
            threads = os.listdir(f"/proc/{process.pid}/task")
            self.assertEqual(len(threads), 2)
            for thread in threads:
                with open(f"/proc/{process.pid}/task/{thread}/status", encoding="ascii") as file:
                    status = dict(line.rstrip("\n").split(":\t", 1) for line in file
                                  if ":\t" in line)
                self.assertEqual(status["NoNewPrivs"], "1")
                if built_with_seccomp() or not inside:
                    self.assertEqual(status["Seccomp"], "2" if inside else "0")
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=30)
            self.assertEqual(b"--no-sandbox: packets are read with all rights" in err, not inside)

    @unittest.skipUnless(have_landlock(), "this kernel has no Landlock")
    def test_files_are_made_only_where_outputs_are(self):
        """A directory that leads elsewhere by the time an output is opened anew."""
        for more, status in ([], 6), (["--no-sandbox"], 0):
            for name in ("logs", "moved", "elsewhere"):
                shutil.rmtree(self.path(name), ignore_errors=True)
            os.mkdir(self.path("logs"))
            os.mkdir(self.path("elsewhere"))
            process = self.waiting("-o", "ndjson", "-o", "text:logs/log", *more)
            self.first(process)
            os.rename(self.path("logs"), self.path("moved"))
            os.symlink("elsewhere", self.path("logs"))
            process.send_signal(signal.SIGHUP)
            if status == 0:
                self.wait_for(lambda: os.path.exists(self.path("elsewhere/log")))
                process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=30)
            self.assertEqual(process.returncode, status, err)
            self.assertEqual(b"logs/log: cannot be written: Permission denied" in err, status == 6)
            os.unlink(self.path("logs"))

    def test_a_reader_that_goes_away_ends_it(self):
        process = self.start("-r", os.path.join(PCAPS, "mixed.pcap"), "--speed", "2")
        process.stdout.readline()
        process.stdout.close()
        self.assertEqual(process.wait(timeout=30), 0)

    def test_damage(self):
        self.file("cut.pcap", captures.pcap(captures.closed())[:-3])
        result = self.run_program("live", "-r", "cut.pcap", FAST)
        self.assertEqual(result.returncode, 4)
        stream = records(result.stdout.decode())
        self.assertFalse(stream[-1]["complete"])
        self.assertEqual(stream[-1]["packets"], 9)

    def test_findings_can_fail_it(self):
        self.file("bad.pcap", captures.pcap(captures.connection(captures.CLIENT, captures.SERVER,
                                                                captures.SYN_FIN)))
        self.expect(1, "live", "-r", "bad.pcap", FAST, "--fail-on", "illegal")
        self.expect(0, "live", "-r", os.path.join(PCAPS, "normal.pcap"), FAST, "--fail-on", "illegal")

    def test_findings_of_others_cannot(self):
        """rst-abort is on port 8005."""
        mixed = ("live", "-r", os.path.join(PCAPS, "mixed.pcap"), FAST, "--fail-on", "anomaly",
                 "--where")
        self.expect(1, *mixed, "server port 8005")
        self.expect(0, *mixed, "server port 8001")


class Mistakes(Replay):
    def test_each_is_named_with_its_remedy(self):
        good = os.path.join(PCAPS, "normal.pcap")
        for words, text in (
                ([], "flowstate devices"),
                (["-i", "lo", "-r", good], "not from both"),
                (["-r", good, "-s", "100"], "-s, -B and -p"),
                (["-i", "lo", "--speed", "2"], "--speed is for a file"),
                (["-r", good, "--speed", "0"], "above 0"),
                (["-r", good, "--speed", "1.5.2"], "above 0"),
                (["-r", good, "-C", "5"], "files of -w"),
                (["-r", good, "-w", "x", "-W", "5"], "give one of them"),
                (["-r", good, "-w", "-", "-C", "5"], "need a name"),
                (["-r", good, "-w", "-", "-o", "text"], "standard output"),
                (["-r", good, "-w", "x", "--write-flagged", "x"], "same file"),
                (["-r", good, "--flag-on", "illegal"], "--write-flagged"),
                (["-r", good, "-o", "prom"], "prom:FILE"),
                (["-r", good, "--max-drop", "1x"], "0.1%"),
                (["-r", good, "--max-drop", "101%"], "0.1%"),
                (["-r", good, "--local", "10.0.0.300"], "address"),
                (["-r", good, "tcp", "prot", "9"], "pcap-filter"),
        ):
            self.assertIn(text, self.complaint(2, "live", *words))

    def test_no_such_interface(self):
        self.assertIn("flowstate devices", self.complaint(3, "live", "-i", "no-such-interface"))
        self.complaint(3, "-i", "no-such-interface")
        self.complaint(3, "-ni", "no-such-interface")
        self.complaint(3, "--interface=no-such-interface")

    def test_devices(self):
        names = self.expect(0, "devices", "-q").split()
        self.assertIn("lo", names)
        self.assertEqual(names, sorted(names))
        text = self.expect(0, "devices")
        self.assertRegex(text, r"(?m)^lo .*loopback")
        self.assertEqual(self.expect(0, "-D"), text)
        self.assertEqual(self.expect(0, "live", "-D", "-q").split(), names)
        self.complaint(2, "devices", "lo")


if __name__ == "__main__":
    unittest.main()
