# SPDX-License-Identifier: MIT
"""Expectation files as people work with them: written, checked, accepted, merged, refused."""

import os
import re
import shutil
import stat
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "cli"))

import captures  # noqa: E402
import formats  # noqa: E402
from program import ProgramTest, clean_environment  # noqa: E402

FIN, SYN, RST, PSH, ACK = captures.FIN, captures.SYN, captures.RST, captures.PSH, captures.ACK

# The server resets instead of closing.
ABORTED = captures.HANDSHAKE + [("client", PSH | ACK, 1, 1, b"hello"),
                                ("server", RST | ACK, 1, 6, b"")]

# Both FINs are on the wire before either is acknowledged.
CROSSED = captures.CLOSED[:-3] + [("client", FIN | ACK, 6, 8, b""),
                                  ("server", FIN | ACK, 8, 6, b""),
                                  ("client", ACK, 7, 9, b""), ("server", ACK, 9, 7, b"")]


def flow(steps, port=51544, server=443):
    return captures.connection((captures.CLIENT[0], port), (captures.SERVER[0], server), steps)


class FileTest(ProgramTest):
    def capture(self, name, *flows):
        return self.file(name, captures.pcap([packet for packets in flows for packet in packets]))

    def text(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def write(self, name, text):
        return self.file(name, text.encode())

    def check(self, status, *words, **options):
        return self.expect(status, "check", *words, **options)

    def exists(self, name):
        return os.path.exists(self.path(name))


class Record(FileTest):
    def test_every_level_passes_its_own_capture(self):
        for steps in (captures.CLOSED, captures.REFUSED, captures.NO_ANSWER, captures.RESET,
                      captures.SYN_FIN, CROSSED, ABORTED):
            self.capture("a.pcap", flow(steps), flow(captures.CLOSED, 40000))
            for level in ("states", "segments", "exact"):
                self.check(0, f"--record={level}", "a.pcap", "a.expect")
                self.assertIn("1 ok, 0 failed", self.check(0, "a.expect"))
                os.unlink(self.path("a.expect"))

    def test_name_and_contents(self):
        os.mkdir(self.path("sub"))
        self.capture("sub/db.v1.pcap", flow(captures.CLOSED))
        self.assertIn("written, 1 flow", self.check(0, "--record", "sub/db.v1.pcap"))
        text = self.text("sub/db.v1.expect")
        self.assertIn("capture  db.v1.pcap\n", text)
        self.assertIn("client 10.0.0.17:*  server 10.0.0.9:443\n", text)
        self.assertNotIn("51544", text)
        self.check(0, "sub")

    def test_capture_elsewhere(self):
        os.mkdir(self.path("sub"))
        self.capture("a.pcap", flow(captures.CLOSED))
        self.check(0, "--record", "a.pcap", "sub/a.expect")
        self.assertIn("capture  ../a.pcap\n", self.text("sub/a.expect"))
        self.check(0, "sub/a.expect")

    def test_existing_file_is_kept(self):
        self.capture("a.pcap", flow(captures.CLOSED))
        self.write("a.expect", "mine")
        self.assertIn("--update", self.complaint(2, "check", "--record", "a.pcap"))
        self.assertEqual(self.text("a.expect"), "mine")

    def test_the_capture_is_found_from_the_files_directory(self):
        os.makedirs(self.path("sub/below"))
        self.capture("a.pcap", flow(captures.CLOSED))
        for path, name in (("sub/below/a.expect", "../../a.pcap"),
                           ("./sub/./b.expect", "../a.pcap"),
                           ("sub/../c.expect", self.path("a.pcap")),
                           (self.path("sub/d.expect"), self.path("a.pcap"))):
            self.check(0, "--record", "./a.pcap", path)
            self.assertIn(f"\ncapture  {name}\n", self.text(path))
            self.check(0, path)

    def test_names_no_line_can_hold(self):
        for name in ("a\nb.pcap", " a.pcap", "a.pcap "):
            self.capture(name, flow(captures.CLOSED))
            self.assertIn("cannot hold", self.complaint(2, "check", "--record", name))
        self.assertEqual(sum(name.endswith(".expect") for name in os.listdir(self.directory)), 0)

    def test_standard_input(self):
        data = captures.pcap(flow(captures.CLOSED))
        self.check(0, "--record", "-", "-f", "tcp\nport 443", stdin=data)
        self.assertTrue(self.text("stdin.expect").startswith(
            "flowstate-expect 1\nonly     tcp port 443\n"))
        self.check(0, "-r", "-", "stdin.expect", stdin=data)
        self.check(2, "stdin.expect")

    def test_standard_output(self):
        self.capture("a.pcap", flow(captures.CLOSED))
        text = self.check(0, "--record", "a.pcap", "-")
        self.assertTrue(text.startswith("flowstate-expect 1\ncapture  a.pcap\n"))

    def test_filter_and_lossless_go_into_the_file(self):
        self.capture("a.pcap", flow(captures.CLOSED), flow(captures.CLOSED, 40000, 80))
        self.check(0, "--record", "a.pcap", "-f", "tcp port 80", "--lossless")
        text = self.text("a.expect")
        self.assertIn("only     tcp port 80\nlossless yes\n", text)
        self.assertEqual(text.count("\nflow "), 1)
        self.check(0, "a.expect")

    def test_without_connections_it_says_so(self):
        self.capture("a.pcap")
        result = self.run_program("check", "--record", "a.pcap")
        self.assertEqual(result.returncode, 0)
        self.assertIn(b"no TCP connection", result.stderr)
        self.assertIn("assert   flows = 0\n", self.text("a.expect"))
        self.check(0, "a.expect")

    def test_damage_is_said_and_written_down(self):
        self.file("a.pcap", captures.pcap(flow(captures.CLOSED))[:-3])
        result = self.run_program("check", "--record", "a.pcap")
        self.assertEqual(result.returncode, 4)
        self.assertIn(b"allow damaged", result.stderr)
        self.assertIn("allow    damaged\n", self.text("a.expect"))
        self.check(0, "a.expect")

    def test_levels(self):
        self.capture("a.pcap", flow(captures.CLOSED))
        self.assertIn('did you mean "exact"', self.complaint(2, "check", "--record=exat", "a.pcap"))


class NothingPasses(FileTest):
    """Each way to check nothing has its status and says so."""

    def setUp(self):
        super().setUp()
        self.capture("a.pcap", flow(captures.CLOSED))
        self.check(0, "--record", "a.pcap")

    def test_directory_without_files(self):
        os.mkdir(self.path("empty"))
        self.assertIn("nothing to check", self.complaint(5, "check", "empty"))

    def test_no_connection(self):
        self.capture("none.pcap")
        self.assertIn("nothing was checked", self.check(5, "-r", "none.pcap"))
        self.assertIn("nothing was checked", self.check(5, "-r", "none.pcap", "a.expect"))

    def test_unreadable(self):
        self.write("text.pcap", "no capture")
        for path in ("missing.pcap", "text.pcap", "."):
            self.assertIn("could not run", self.check(3, "-r", path, "a.expect"))
        self.check(2, "missing.expect")

    def test_worst_status_wins(self):
        self.write("b.expect", "flowstate-expect 1\ncapture a.pcap\nassert flows = 9\n")
        self.check(1, ".")
        self.write("c.expect", "flowstate-expect 1\ncapture missing.pcap\nassert flows = 9\n")
        self.check(3, ".")
        self.write("d.expect", "flowstate-expect 1\ncapture a.pcap\nassret flows = 9\n")
        printed = self.check(2, ".")
        self.assertIn('did you mean "assert"', printed)
        self.assertIn("4 files, 1 ok, 1 failed, 2 could not run", printed)

    def test_files_that_do_not_name_a_capture(self):
        self.write("b.expect", "flowstate-expect 1\nassert flows = 1\n")
        self.assertIn("b.expect:1", self.check(2, "b.expect"))
        self.check(0, "-r", "a.pcap", "b.expect")

    def test_places_and_near_misses(self):
        self.capture("plain.pcap")
        for head, status, place, says in (
                ("capture b.pcap\n", 3, "x.expect:3 ", 'did you mean "a.pcap"?'),
                ("capture nowhere/at/all.pcap\n", 3, "x.expect:3 ", "cannot be opened"),
                ("capture plain.pcap\n", 5, "x.expect:3 ", "nothing was checked"),
                ("capture a.pcap\nonly udp\n", 5, "x.expect:4 ", 'matches "udp"'),
                ("capture a.pcap\nonly udp prot 3\n", 2, "x.expect:4 ", "filter")):
            self.write("x.expect", f"flowstate-expect 1\n\n{head}assert flows = 1\n")
            printed = self.check(status, "x.expect")
            self.assertIn(place, printed)
            self.assertIn(says, printed)
        self.assertIn('did you mean "a.expect"?', self.check(2, "b.expect"))
        self.assertIn('did you mean "a.pcap"?', self.check(3, "-r", "aa.pcap", "a.expect"))
        self.assertIn("ERROR a.expect   aa.pcap", self.check(3, "-r", "aa.pcap", "a.expect"))

    def test_a_capture_is_no_expectation_file(self):
        self.assertIn("this is a capture", self.check(2, "a.pcap"))

    def test_standard_input_is_read_once(self):
        data = captures.pcap(flow(captures.CLOSED))
        shutil.copy(self.path("a.expect"), self.path("b.expect"))
        self.check(0, "-r", "-", "a.expect", stdin=data)
        self.assertIn("once", self.complaint(2, "check", "-r", "-", "a.expect", "b.expect",
                                             stdin=data))

    def test_too_many_connections(self):
        self.capture("many.pcap", *[flow(captures.CLOSED, 40000 + i) for i in range(4)])
        self.assertIn("--max-flows", self.check(4, "-r", "many.pcap", "--max-flows", "2"))


class WithoutFile(FileTest):
    def test_levels(self):
        self.capture("fine.pcap", flow(captures.CLOSED))
        self.capture("refused.pcap", flow(captures.REFUSED))
        self.capture("illegal.pcap", flow(captures.SYN_FIN))
        self.check(0, "-r", "fine.pcap", "--fail-on", "anomaly")
        self.check(0, "-r", "refused.pcap")
        self.check(1, "-r", "refused.pcap", "--fail-on", "anomaly")
        self.assertIn("flags-syn-fin", self.check(1, "-r", "illegal.pcap"))

    def test_lossless(self):
        lost = captures.HANDSHAKE + [("server", ACK, 1, 501, b"")]
        self.capture("lost.pcap", flow(lost))
        self.check(0, "-r", "lost.pcap")
        self.assertIn("ack-of-unseen-data", self.check(1, "-r", "lost.pcap", "--lossless"))


class Update(FileTest):
    def setUp(self):
        super().setUp()
        self.capture("a.pcap", flow(captures.CLOSED))
        self.capture("other.pcap", flow(ABORTED))
        self.check(0, "--record", "a.pcap")
        above, below = self.text("a.expect").split("# ====", 1)
        self.above = above + "# mine \t\nassert  flows   =  1\n\n"
        self.write("a.expect", self.above + "# ====" + below.replace("10.0.0.9:443#1", "web#1"))
        os.chmod(self.path("a.expect"), 0o640)

    def test_only_what_is_recorded_changes(self):
        before = self.text("a.expect")
        self.assertIn("unchanged", self.check(0, "--update", "a.expect"))
        self.assertEqual(self.text("a.expect"), before)
        self.check(1, "-r", "other.pcap", "a.expect")
        self.assertIn("updated", self.check(0, "--update", "-r", "other.pcap", "a.expect"))
        after = self.text("a.expect")
        self.assertTrue(after.startswith(self.above + "# ===="))
        self.assertIn("flow     web#1 ", after)
        self.assertIn("reset by server", after)
        self.assertEqual(stat.S_IMODE(os.stat(self.path("a.expect")).st_mode), 0o640)
        self.check(0, "-r", "other.pcap", "a.expect")
        self.check(1, "a.expect")

    def test_an_assert_is_not_updated_away(self):
        text = self.text("a.expect").replace("flows   =  1", "flows   =  2")
        self.write("a.expect", text)
        self.check(1, "--update", "a.expect")
        self.assertEqual(self.text("a.expect"), text)

    def test_refused_in_ci(self):
        before = self.text("a.expect")
        message = self.complaint(2, "check", "--update", "-r", "other.pcap", "a.expect",
                                 environment=clean_environment(CI="true"))
        self.assertIn("CI", message)
        self.assertEqual(self.text("a.expect"), before)
        self.assertIn("--update", self.complaint(2, "check", "--merge", "a.expect"))
        self.assertIn("names of the files", self.complaint(2, "check", "--update"))

    def test_a_damaged_or_empty_capture_is_not_recorded(self):
        before = self.text("a.expect")
        self.file("cut.pcap", captures.pcap(flow(ABORTED))[:-3])
        self.check(4, "--update", "-r", "cut.pcap", "a.expect")
        self.capture("none.pcap")
        self.check(5, "--update", "-r", "none.pcap", "a.expect")
        self.assertEqual(self.text("a.expect"), before)

    def test_level_can_be_raised(self):
        self.check(0, "--update", "--record=segments", "a.expect")
        self.assertIn("  segments  >SYN <SYN-ACK >data <data >FIN <FIN\n", self.text("a.expect"))
        self.check(0, "--update", "a.expect")
        self.assertIn("  segments  ", self.text("a.expect"))

    def test_asserts_alone_get_no_recorded_part_unasked(self):
        self.write("b.expect", "flowstate-expect 1\ncapture a.pcap\nassert flows = 1")
        self.assertIn("no recorded part", self.check(0, "--update", "b.expect"))
        self.check(0, "--update", "--record", "b.expect")
        self.assertIn("assert flows = 1\n# ==== ", self.text("b.expect"))
        self.check(0, "b.expect")

    def test_merge_accepts_both(self):
        self.capture("crossed.pcap", flow(CROSSED))
        self.check(1, "-r", "crossed.pcap", "a.expect")
        self.check(0, "--update", "--merge", "-r", "crossed.pcap", "a.expect")
        text = self.text("a.expect")
        self.assertIn("FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT\n  or client  ", text.replace(
            "FIN-WAIT-1 TIME-WAIT", "FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT"))
        self.check(0, "a.expect")
        self.check(0, "-r", "crossed.pcap", "a.expect")
        self.check(1, "-r", "other.pcap", "a.expect")
        self.check(0, "--update", "--merge", "-r", "other.pcap", "a.expect")
        for name in ("a.pcap", "crossed.pcap", "other.pcap"):
            self.check(0, "-r", name, "a.expect")
        self.assertIn("unchanged", self.check(0, "--update", "a.expect"))

    def test_merge_keeps_what_was_not_seen(self):
        self.capture("two.pcap", flow(captures.CLOSED), flow(captures.CLOSED, 40000))
        self.check(0, "--record", "two.pcap")
        self.check(1, "--update", "--merge", "-r", "a.pcap", "two.expect")
        self.assertEqual(self.text("two.expect").count("\nflow "), 2)
        self.check(0, "two.expect")


class Beside(FileTest):
    def setUp(self):
        super().setUp()
        self.capture("a.pcap", flow(captures.CLOSED))
        self.capture("other.pcap", flow(ABORTED))
        self.check(0, "--record", "a.pcap")

    def test_written_when_it_fails_gone_when_it_passes(self):
        self.assertIn("a.expect.new", self.check(1, "-r", "other.pcap", "a.expect"))
        shutil.copy(self.path("a.expect.new"), self.path("b.expect"))
        self.check(0, "-r", "other.pcap", "b.expect")
        self.check(0, "a.expect")
        self.assertFalse(self.exists("a.expect.new"))

    def test_not_in_ci(self):
        self.check(1, "-r", "other.pcap", "a.expect", environment=clean_environment(CI="1"))
        self.assertFalse(self.exists("a.expect.new"))

    def test_not_for_asserts(self):
        self.write("b.expect", "flowstate-expect 1\ncapture a.pcap\nassert flows = 2\n")
        self.check(1, "b.expect")
        self.assertFalse(self.exists("b.expect.new"))


class Meaning(FileTest):
    """What varies from run to run is not compared."""

    def test_ports_numbers_and_repetitions(self):
        self.capture("a.pcap", flow(captures.CLOSED))
        self.check(0, "--record=segments", "a.pcap")
        steps = captures.CLOSED[:4] + captures.CLOSED[3:4] + captures.CLOSED[4:]
        self.capture("b.pcap", flow(steps, 40001))
        self.check(0, "-r", "b.pcap", "a.expect")

    def test_order_of_connections_to_one_server(self):
        self.capture("a.pcap", flow(captures.CLOSED, 40001), flow(ABORTED, 40002))
        self.capture("b.pcap", flow(ABORTED, 40003), flow(captures.CLOSED, 40004))
        self.capture("c.pcap", flow(ABORTED, 40003), flow(ABORTED, 40004))
        self.check(0, "--record", "a.pcap")
        self.check(0, "-r", "b.pcap", "a.expect")
        self.check(1, "-r", "c.pcap", "a.expect")
        self.assertIn("unchanged", self.check(0, "--update", "-r", "b.pcap", "a.expect"))

    def test_a_server_named_exactly_gets_its_connections_first(self):
        self.capture("a.pcap", flow(captures.CLOSED, 40001, 80), flow(captures.CLOSED, 40002, 443))
        self.check(0, "--record", "a.pcap")
        first, second = self.text("a.expect").split("\nflow ")[1:]
        head = self.text("a.expect").split("\nflow ")[0]
        anywhere = second.replace("10.0.0.9:443", "*:*")
        for order in ((first, anywhere), (anywhere, first)):
            self.write("b.expect", "\nflow ".join((head, *order)) + "\n")
            self.check(0, "b.expect")

    def test_exact_sees_all(self):
        self.capture("a.pcap", flow(captures.CLOSED))
        self.check(0, "--record=exact", "a.pcap")
        steps = captures.CLOSED[:4] + captures.CLOSED[3:4] + captures.CLOSED[4:]
        self.capture("b.pcap", flow(steps, 40001))
        printed = self.check(1, "-r", "b.pcap", "a.expect")
        self.assertIn("segment 5 of this flow, #5 at ", printed)
        record = self.check(1, "-r", "b.pcap", "a.expect", "-o", "ndjson").splitlines()
        self.assertTrue(any('"kind":"packet"' in line and '"packet":5,' in line
                            for line in record), record)

    def test_where_segments_part(self):
        self.capture("a.pcap", flow(captures.CLOSED))
        self.check(0, "--record=segments", "a.pcap")
        self.capture("b.pcap", flow(ABORTED))
        lines = self.check(1, "-r", "b.pcap", "a.expect").splitlines()
        got = next(i for i, line in enumerate(lines) if "segments  " in line) + 1
        self.assertTrue(lines[got].endswith("got       >SYN <SYN-ACK >data <RST"), lines[got])
        self.assertEqual(lines[got].index("<RST"), lines[got + 1].index("^"))
        self.assertIn("<RST is #5 at ", lines[got + 1])

    def test_the_caret_stands_below_the_word_that_is_too_much(self):
        self.capture("a.pcap", flow(captures.NO_ANSWER))
        self.capture("b.pcap", flow(captures.CLOSED))
        lines = self.expect(1, "diff", "a.pcap", "b.pcap").splitlines()
        second = next(i for i, line in enumerate(lines) if "client path" in line) + 1
        self.assertEqual(lines[second].index("ESTABLISHED"), lines[second + 1].index("^"))

    def test_which_finding_is_missing(self):
        self.capture("a.pcap", flow(captures.REFUSED))
        self.check(0, "--record", "a.pcap")
        self.capture("b.pcap", flow(captures.CLOSED))
        self.assertIn("connection-refused by server was not found",
                      self.check(1, "-r", "b.pcap", "a.expect"))

    def test_names_do_not_vary_from_run_to_run(self):
        """JUnit cases and SARIF fingerprints are followed over time: no client port is in them."""
        self.capture("a.pcap", flow(captures.CLOSED))
        self.check(0, "--record", "a.pcap")
        results = []
        for port in (40001, 40002):
            self.capture("b.pcap", flow(captures.CLOSED, port), flow(captures.SYN_FIN, port, 80),
                         flow(ABORTED, port + 9))
            junit = self.check(1, "-r", "b.pcap", "a.expect", "-o", "junit")
            sarif = self.check(1, "-r", "b.pcap", "a.expect", "-o", "sarif")
            results.append((re.findall(r'<testcase [^>]*', junit),
                            re.findall(r'"partialFingerprints":{[^}]*', sarif)))
        self.assertEqual(results[0], results[1])
        self.assertIn("unexpected flow 10.0.0.9:443#2", "".join(results[0][0]))

    def test_each_finding_is_told_once(self):
        self.capture("a.pcap", flow(captures.SYN_FIN))
        self.check(0, "--record", "a.pcap")
        self.check(0, "a.expect")
        self.write("b.expect", "flowstate-expect 1\ncapture a.pcap\n"
                               "assert some flow: rule flags-syn-fin by client\n")
        self.check(0, "b.expect")
        self.write("c.expect", "flowstate-expect 1\ncapture a.pcap\nassert flows = 1\n")
        self.assertEqual(self.check(1, "c.expect").count("flags-syn-fin"), 1)

    def test_many_unexpected_connections_stay_readable(self):
        self.capture("a.pcap", flow(captures.CLOSED))
        self.check(0, "--record", "a.pcap")
        self.capture("b.pcap", *[flow(captures.REFUSED, 30000 + i, 1000 + i) for i in range(200)])
        printed = self.check(1, "-r", "b.pcap", "a.expect")
        self.assertIn("and 150 more unexpected connections", printed)
        self.assertLess(len(printed.splitlines()), 70)


class GitHub(FileTest):
    def setUp(self):
        super().setUp()
        self.capture("a.pcap", *[flow(captures.CLOSED, 40000 + i, 100 + i) for i in range(20)])
        self.capture("b.pcap", *[flow(ABORTED, 40000 + i, 100 + i) for i in range(20)])
        self.check(0, "--record", "a.pcap")

    def environment(self):
        return clean_environment(CI="true", GITHUB_ACTIONS="true",
                                 GITHUB_STEP_SUMMARY=self.path("summary.md"))

    def annotations(self, printed):
        return "".join(line for line in printed.splitlines(True) if line.startswith("::"))

    def test_detected(self):
        self.write("summary.md", "before\n")
        printed = self.check(1, "-r", "b.pcap", "a.expect", environment=self.environment())
        self.assertIn("FAIL  a.expect:", printed)
        lines = self.annotations(printed)
        formats.github(lines)
        self.assertEqual(len(lines.splitlines()), 10)
        self.assertRegex(lines, r"::error title=flowstate::and \d+ more")
        summary = self.text("summary.md")
        self.assertTrue(summary.startswith("before\n### flowstate check: 0 ok, 1 failed"))
        formats.markdown(summary[len("before\n"):])
        self.assertLess(len(summary), 1 << 20)

    def test_machines_keep_their_standard_output(self):
        result = self.run_program("check", "-r", "b.pcap", "a.expect", "-o", "ndjson",
                                  environment=self.environment())
        formats.ndjson(result.stdout.decode())
        formats.github(result.stderr.decode())

    def test_what_passes_says_little(self):
        printed = self.check(0, "a.expect", environment=self.environment())
        self.assertEqual(self.annotations(printed), "")
        self.assertIn("1 ok", self.text("summary.md"))

    def test_hostile_names_stay_data(self):
        name = "a%0A::error::x,y:z|<b>&\"'.expect"
        shutil.copy(self.path("a.expect"), self.path(name))
        for format_, valid in formats.VALID.items():
            result = self.run_program("check", "-r", "b.pcap", name, "-o", format_)
            self.assertEqual(result.returncode, 1)
            printed = result.stdout.decode()
            valid(printed)
            if format_ == "github":
                self.assertNotIn("\n::error::x", printed)


class Diff(FileTest):
    def setUp(self):
        super().setUp()
        self.capture("a.pcap", flow(captures.CLOSED), flow(captures.CLOSED, 40000, 80))
        self.capture("b.pcap", flow(captures.CLOSED, 40001), flow(ABORTED, 40002, 80))

    def test_as_diff(self):
        self.assertEqual(self.expect(0, "diff", "a.pcap", "a.pcap"), "")
        printed = self.expect(1, "diff", "a.pcap", "b.pcap")
        self.assertIn("flow 10.0.0.9:80#1\n", printed)
        self.assertIn("first     closed by client", printed)
        self.assertIn("second    reset by server", printed)
        self.assertNotIn("10.0.0.9:443", printed)
        self.assertIn("^", printed)

    def test_one_has_more(self):
        self.capture("c.pcap", flow(captures.CLOSED))
        self.assertIn("no such connection", self.expect(1, "diff", "a.pcap", "c.pcap"))
        self.assertIn("unexpected flow", self.expect(1, "diff", "c.pcap", "a.pcap"))

    def test_levels(self):
        steps = captures.CLOSED[:4] + captures.CLOSED[3:4] + captures.CLOSED[4:]
        self.capture("c.pcap", flow(steps, 40001), flow(captures.CLOSED, 40000, 80))
        self.expect(0, "diff", "a.pcap", "c.pcap")
        self.expect(0, "diff", "--level", "segments", "a.pcap", "c.pcap")
        self.expect(1, "diff", "--level", "exact", "a.pcap", "c.pcap")

    def test_troubles(self):
        self.complaint(2, "diff", "a.pcap")
        self.complaint(2, "diff", "a.pcap", "b.pcap", "a.pcap")
        self.complaint(3, "diff", "a.pcap", "missing.pcap")
        self.file("cut.pcap", captures.pcap(flow(captures.CLOSED))[:-3])
        self.complaint(4, "diff", "a.pcap", "cut.pcap")
        self.capture("none.pcap")
        self.complaint(5, "diff", "none.pcap", "none.pcap")
        printed = self.expect(1, "diff", "none.pcap", "a.pcap")
        self.assertNotIn("assert", printed)
        self.assertIn("unexpected flow 10.0.0.9:443#1\n", printed)

    def test_where_to_look_in_each(self):
        self.capture("c.pcap", flow(ABORTED, 40002, 80))
        self.assertIn("look    flowstate explain -r a.pcap 1 'tcp port 80'\n",
                      self.expect(1, "diff", "a.pcap", "c.pcap", "-f", "tcp port 80"))
        lines = self.expect(1, "diff", "a.pcap", "b.pcap").splitlines()
        self.assertEqual([line.strip() for line in lines[-2:]],
                         ["look    flowstate explain -r a.pcap 2",
                          "look    flowstate explain -r b.pcap 2"])

    def test_ndjson(self):
        formats.ndjson(self.expect(1, "diff", "a.pcap", "b.pcap", "-o", "ndjson"))


class RecordWords(FileTest):
    """What `record` says before it captures anything."""

    def test_mistakes(self):
        for words, text in [
                (["record", "--", "true"], "-i says where"),
                (["record", "-i", "lo"], "no command to run"),
                (["record", "-i", "lo", "--", "true"], "nothing to do with the packets"),
                (["record", "-i", "lo", "-w", "-", "--", "true"], "name a file"),
                (["record", "-i", "lo", "-s", "1", "-w", "a", "--", "true"], "from 64"),
                (["record", "-i", "lo", "-B", "0", "-w", "a", "--", "true"], "from 1"),
                (["record", "-i", "lo", "--max-drop", "x", "-w", "a", "--", "true"], "a number of packets")]:
            self.assertIn(text, self.complaint(2, *words))
        self.assertFalse(self.exists("a"))

    def test_the_expectation_is_read_before_the_command_runs(self):
        self.write("a.expect", "flowstate-expect 1\nassert flows = 1\nassret no illegal\n")
        words = ["--", "touch", "ran"]
        self.assertIn('a.expect:3: "assret"', self.complaint(
            2, "record", "-i", "lo", "--expect", "a.expect", *words))
        self.assertIn('b.expect: cannot be read', self.complaint(
            2, "record", "-i", "lo", "--expect", "b.expect", *words))
        self.assertFalse(self.exists("ran"))


if __name__ == "__main__":
    unittest.main()
