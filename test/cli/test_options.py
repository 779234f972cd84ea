# SPDX-License-Identifier: MIT
"""The command line: commands, options, files, filters, and what is wrong with them."""

import unittest

import captures
from program import ProgramTest, parse


class Mistakes(ProgramTest):
    def setUp(self):
        super().setUp()
        self.file("good.pcap", captures.pcap(captures.closed()))

    def test_each_is_named_with_its_remedy(self):
        cases = [
            ([], "no capture named"),
            (["trace"], "no capture named"),
            (["trcae", "good.pcap"], 'did you mean "trace"'),
            (["good.pcap", "--losless"], 'did you mean "--lossless"'),
            (["good.pcap", "-z"], 'unknown option "-z"'),
            (["good.pcap", "-qz"], 'unknown option "-z"'),
            (["good.pcap", "-o", "jsn"], 'did you mean "json"'),
            (["good.pcap", "-o", "svg"], 'unknown format "svg"'),
            (["trace", "good.pcap", "-o", "json"], 'unknown format "json"'),
            (["good.pcap", "-o", "json:"], "file name is missing"),
            (["good.pcap", "-o", "json", "-o", "text"], "both go to standard output"),
            (["good.pcap", "-o", "json:a", "-o", "ndjson:a"], "both go to a"),
            (["good.pcap", "-o"], "needs its FORMAT"),
            (["good.pcap", "-c", "0"], "a number from 1"),
            (["good.pcap", "-c", "1x"], "a number from 1"),
            (["good.pcap", "-c", "99999999999999999999"], "a number from 1"),
            (["good.pcap", "--max-flows", "4294967296"], "4294967295"),
            (["good.pcap", "--max-flows", "0"], "a number from 1"),
            (["good.pcap", "--community-id-seed", "65536"], "65535"),
            (["good.pcap", "--fail-on", "ilegal"], 'did you mean "illegal"'),
            (["good.pcap", "--color", "alway"], 'did you mean "always"'),
            (["good.pcap", "--lossless=yes"], "takes no value"),
            (["-r", "good.pcap", "-r", "good.pcap"], "named twice"),
            (["good.pcap", "-f", "tcp", "port", "80"], "give one"),
            (["good.pcap", "-f", "tcp", "-f", "udp"], "given before"),
            (["trace", "-a", "good.pcap"], 'no meaning for "trace"'),
            (["good.pcap", "-S"], 'no meaning for "flows"'),
            (["rules", "data-after-fni"], 'did you mean "data-after-fin"'),
            (["rules", "a", "b"], "one rule at a time"),
            (["states", "CLOSE-WIAT"], 'did you mean "CLOSE-WAIT"'),
            (["states", "-o", "svgg"], 'did you mean "svg"'),
            (["help", "flow"], 'did you mean "flows"'),
            ([], "flowstate - to read standard input"),
            (["states", "TW"], "CLOSED, LISTEN, SYN-SENT"),
            (["rules", "foo"], "see: flowstate rules"),
            (["good.pcap", "--fail-on", "bogus"], "illegal, suspect, anomaly, capture"),
            (["good.pcap", "--color=blue"], "auto, always, never"),
            (["help", "foo"], "flows, trace, explain"),
            (["good.pcap", "good.pcap"], "named twice"),
            (["good.pcap", "tcp.port==80"], '"tcp port 80"'),
            (["good.pcap", "!(ip.addr eq 10.0.0.9) && tcp.dstport == 443"],
             '"not ( host 10.0.0.9 ) and tcp dst port 443"'),
            (["good.pcap", "tcp.flags.syn == 1"], "pcap-filter(7)"),
        ]
        for words, text in cases:
            with self.subTest(words=words):
                self.assertIn(text, self.complaint(2, *words))

    def test_case_does_not_matter(self):
        self.assertEqual(self.expect(0, "rules", "Data-After-FIN"),
                         self.expect(0, "rules", "data-after-fin"))
        self.assertEqual(self.expect(0, "states", "time_wait"),
                         self.expect(0, "states", "TIME-WAIT"))
        self.expect(0, "good.pcap", "--fail-on", "ILLEGAL")

    def test_a_filter_that_does_not_look_behind_vlan_tags(self):
        tagged = [captures.ethernet(packet) for packet in captures.closed()]
        tagged = [frame[:12] + b"\x81\x00\x00\x07" + frame[12:] for frame in tagged]
        self.file("vlan.pcap", captures.pcap_of_frames(tagged))
        hint = '"vlan and (tcp port 443)"'
        self.assertIn(hint, self.run_program("vlan.pcap", "tcp port 443").stderr.decode())
        for words in (["vlan.pcap", "vlan and tcp port 443"], ["good.pcap", "port", "1"]):
            self.assertEqual(self.run_program(*words).stderr, b"")

    def test_hostile_words_reach_no_terminal(self):
        message = self.complaint(2, "good.pcap", "--\033[31m\u202e")
        self.assertNotIn("\033", message)
        self.assertIn("\\x1b[31m\\u202e", message)


class Words(ProgramTest):
    def setUp(self):
        super().setUp()
        self.file("two.pcap", captures.pcap(captures.closed(1111) + captures.closed(2222)))

    def ids(self, *words):
        document = parse(self.expect(0, "-o", "json", *words))
        return [c["client"]["port"] for c in document["connections"]]

    def test_ways_to_name_the_file(self):
        for words in (["two.pcap"], ["-r", "two.pcap"], ["-rtwo.pcap"], ["--read=two.pcap"],
                       ["-n", "two.pcap"],
                      ["--", "two.pcap"]):
            with self.subTest(words=words):
                self.assertEqual(self.ids(*words), [1111, 2222])

    def test_the_command_may_be_named(self):
        text = self.expect(0, "two.pcap")
        for words in (["flows", "two.pcap"], ["flows", "-r", "two.pcap"]):
            self.assertEqual(self.expect(0, *words), text)

    def test_filters(self):
        for words in (["two.pcap", "port", "2222"], ["-r", "two.pcap", "port", "2222"],
                      ["-r", "two.pcap", "port 2222"], ["two.pcap", "-f", "port 2222"],
                      ["two.pcap", "--", "port", "2222"]):
            with self.subTest(words=words):
                self.assertEqual(self.ids(*words), [2222])

    def test_packet_numbers_count_what_the_filter_left_out(self):
        lines = self.expect(0, "trace", "two.pcap", "-o", "ndjson", "port", "2222").splitlines()
        self.assertEqual(parse(lines[0])["packet"], len(captures.CLOSED) + 1)

    def test_count(self):
        for count in (1, 3, 11):
            lines = self.expect(0, "trace", "two.pcap", "-o", "ndjson", "-c", str(count))
            self.assertEqual(len(lines.splitlines()), count)
        document = parse(self.expect(0, "two.pcap", "-c3", "-o", "json"))
        self.assertEqual(document["capture"]["packets"], 3)
        self.assertTrue(document["capture"]["stopped"])

    def test_a_file_named_like_a_command(self):
        self.file("rules", captures.pcap(captures.closed()))
        self.assertIn("1 connection", self.expect(0, "./rules"))
        self.assertIn("1 connection", self.expect(0, "-r", "rules"))

    def test_an_existing_file_is_no_mistyped_command(self):
        self.file("flow", captures.pcap(captures.closed()))
        self.assertIn("1 connection", self.expect(0, "flow"))

    def test_several_outputs_from_one_pass(self):
        text = self.expect(0, "two.pcap", "-o", "text", "-o", "json:a.json", "-o", "ndjson:b.ndjson")
        self.assertIn("2 connections", text)
        with open(self.path("a.json"), "rb") as file:
            self.assertEqual(len(parse(file.read())["connections"]), 2)
        with open(self.path("b.ndjson"), "rb") as file:
            self.assertEqual(len(file.read().splitlines()), 4)

    def test_an_output_file_is_emptied_first(self):
        self.file("a.json", b"x" * 100000)
        self.expect(0, "two.pcap", "-o", "json:a.json")
        with open(self.path("a.json"), "rb") as file:
            parse(file.read())

    def test_max_flows(self):
        document = parse(self.expect(0, "two.pcap", "--max-flows", "1", "-o", "json"))
        self.assertEqual(document["summary"]["evicted"], 1)
        self.assertEqual(len(document["connections"]), 2)

    def test_seed(self):
        seeds = {}
        for seed in ("0", "1"):
            document = parse(self.expect(0, "two.pcap", "--community-id-seed", seed, "-o", "json"))
            seeds[seed] = document["connections"][0]["community_id"]
        self.assertNotEqual(seeds["0"], seeds["1"])


class Help(ProgramTest):
    def test_help_fits_a_screen(self):
        for words in (["--help"], ["-h"], ["help"]):
            lines = self.expect(0, *words).splitlines()
            self.assertLessEqual(len(lines), 24)
            self.assertLessEqual(max(len(line) for line in lines), 80)
        for command in ("flows", "trace", "explain", "report", "annotate", "check", "diff",
                        "record", "live", "devices", "states", "rules", "help"):
            self.assertIn(command, self.expect(0, "--help"))
            page = self.expect(0, "help", command)
            self.assertEqual(page, self.expect(0, command, "--help"))
            self.assertIn("example", page)

    def test_version(self):
        self.assertRegex(self.expect(0, "--version"), r"^flowstate \d+\.\d+\.\d+\n$")


class Rules(ProgramTest):
    def test_list_and_slugs(self):
        slugs = self.expect(0, "rules", "-q").split()
        self.assertEqual(len(slugs), len(set(slugs)))
        self.assertIn("data-after-fin", slugs)
        table = self.expect(0, "rules").splitlines()
        self.assertEqual([line.split()[0] for line in table[1:1 + len(slugs)]], slugs)

    def test_each_rule_has_a_page(self):
        for slug in self.expect(0, "rules", "-q").split():
            page = self.expect(0, "rules", slug)
            for word in (slug, "means", "class", "example"):
                self.assertIn(word, page)


class States(ProgramTest):
    def test_list(self):
        names = self.expect(0, "states", "-q").split()
        self.assertEqual(names, ["CLOSED", "LISTEN", "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED",
                                 "FIN-WAIT-1", "FIN-WAIT-2", "CLOSE-WAIT", "CLOSING", "LAST-ACK",
                                 "TIME-WAIT"])
        page = self.expect(0, "states")
        for name in names:
            self.assertGreaterEqual(page.count(name), 2)

    def test_each_state_has_a_page(self):
        for name in self.expect(0, "states", "-q").split():
            page = self.expect(0, "states", name)
            for word in (name, "means", "entered", "left", "staying", "from", "to"):
                self.assertIn(word, page)

    def test_spelling(self):
        page = self.expect(0, "states", "CLOSE-WAIT")
        for word in ("close-wait", "CLOSE_WAIT", "closewait"):
            self.assertEqual(self.expect(0, "states", word), page)

    def test_ascii(self):
        utf8 = {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin"}
        drawn = self.expect(0, "states", environment=utf8)
        self.assertIn("\u25bc", drawn)
        plain = self.expect(0, "states", "--ascii", environment=utf8)
        self.assertTrue(plain.isascii())
        self.assertEqual(plain, self.expect(0, "states"))
        self.assertEqual([len(line) for line in plain.splitlines()],
                         [len(line) for line in drawn.splitlines()])

    def test_svg(self):
        import xml.etree.ElementTree as tree

        svg = self.expect(0, "states", "-o", "svg")
        self.expect(0, "states", "-o", "svg:states.svg")
        with open(self.path("states.svg"), encoding="utf-8") as file:
            self.assertEqual(file.read(), svg)
        space = "{http://www.w3.org/2000/svg}"
        root = tree.fromstring(svg)
        names = [text.text for text in root.iter(space + "text") if text.get("class") == "name"]
        self.assertEqual(len(names), 12)
        self.assertEqual(len(set(names)), 11)
        arrows = [path for path in root.iter(space + "path") if path.get("marker-end")]
        self.assertEqual(len(arrows), 21)
        self.assertEqual(svg.count('marked"'), 0)
        self.assertEqual(self.expect(0, "states", "LISTEN", "-o", "svg").count('marked"'), 1)


if __name__ == "__main__":
    unittest.main()
