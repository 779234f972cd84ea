# SPDX-License-Identifier: MIT
"""The HTML report: well-formed, closed to the world, escaped, bounded, and nothing left out."""

import base64
import hashlib
import os
import pty
import re
import subprocess
import unittest
from xml.etree import ElementTree

import captures
from program import PROGRAM, ProgramTest, clean_environment, parse

SIZE_MAX = 3_000_000


def client(number):
    return f"10.0.{number >> 8}.{number & 255}", 20000 + number


def many(count, *kinds):
    packets = []
    for number in range(count):
        steps = kinds[number % len(kinds)]
        packets += captures.connection(client(number), captures.SERVER, steps)
    return captures.pcap(packets)


ALL = (captures.CLOSED, captures.REFUSED, captures.NO_ANSWER, captures.RESET, captures.HANDSHAKE,
       captures.SYN_FIN)


class Report(ProgramTest):
    def report(self, name, *arguments):
        self.expect(0, "report", "-r", name, "-o", "html:out.html", *arguments)
        with open(self.path("out.html"), encoding="utf-8") as file:
            self.text = file.read()
        return ElementTree.fromstring(self.text)

    def row(self, page, number):
        return page.find(f".//tbody[@id='c{number}']")

    def words(self, element):
        return " ".join("".join(element.itertext()).split())


class Page(Report):
    def setUp(self):
        super().setUp()
        self.file("all.pcap", many(6, *ALL))
        self.page = self.report("all.pcap")

    def test_the_policy_allows_the_one_script_and_nothing_else(self):
        policy = self.page.find(".//meta[@http-equiv='Content-Security-Policy']").get("content")
        scripts = self.page.findall(".//script")
        self.assertEqual(len(scripts), 1)
        digest = hashlib.sha256(scripts[0].text.encode()).digest()
        self.assertEqual(policy, "default-src 'none'; style-src 'unsafe-inline'; script-src "
                         f"'sha256-{base64.b64encode(digest).decode()}'; base-uri 'none'; "
                         "form-action 'none'")

    def test_nothing_points_outside(self):
        for element in self.page.iter():
            self.assertNotIn(element.tag, ("link", "img", "iframe", "object", "embed", "base"))
            for name, value in element.attrib.items():
                self.assertFalse(name.startswith("on"), name)
                if name.endswith(("href", "src", "action")):
                    self.assertTrue(value.startswith("#"), value)
        self.assertEqual(re.findall(r"url\((?!#)", self.text), [])
        self.assertNotIn("@import", self.text)
        self.assertNotIn("://", self.text)

    def test_every_id_is_unique_and_every_link_has_its_target(self):
        ids = [element.get("id") for element in self.page.iter() if element.get("id")]
        self.assertEqual(len(ids), len(set(ids)))
        targets = {element.get("href")[1:] for element in self.page.iter() if element.get("href")}
        targets |= set(re.findall(r"url\(#([a-z-]+)\)", self.text))
        self.assertLessEqual(targets, set(ids))

    def test_every_connection_and_finding_of_the_json_is_there(self):
        document = parse(self.expect(0, "flows", "-r", "all.pcap", "-o", "json"))
        shown = self.words(self.page.find(".//main/section"))
        for connection in document["connections"]:
            row = self.row(self.page, connection["id"])
            self.assertEqual(row.get("data-e"), connection["end"]["kind"])
            self.assertEqual(row.get("data-s").split(),
                             [connection["client"]["state"], connection["server"]["state"]])
            for finding in connection["findings"]:
                self.assertIn(finding["rule"], row.get("data-f").split())
                self.assertIn(finding["class"], row.get("data-f").split())
                self.assertIn(finding["message"], self.words(row))
                self.assertIn(finding["rule"], shown)
            for side in ("client", "server"):
                endpoint = connection[side]
                self.assertIn(f"{endpoint['ip']}:{endpoint['port']}", self.words(row))

    def test_what_is_wrong_comes_first(self):
        self.assertEqual(self.page.find(".//main/section/h2").text, "What is wrong")
        groups = self.page.findall(".//details[@class='group']")
        self.assertEqual(groups[0].find("summary/h3").text, "Against the rules")
        self.assertEqual(groups[0].get("open"), "")
        self.assertIsNone(groups[1].get("open"))

    def test_a_connection_unfolds_to_lanes_ladder_and_diagram(self):
        row = self.row(self.page, 1)
        ladder = row.find(".//table[@class='ladder']")
        sent = [self.words(cell) for cell in ladder.findall(".//td[2]") if cell.text or len(cell)]
        self.assertTrue(sent[0].startswith("client: SYN · seq 0"), sent[0])
        self.assertTrue(sent[1].startswith("server: SYN ACK"), sent[1])
        states = [self.words(cell) for cell in ladder.findall(".//td[1]")]
        self.assertEqual([state for state in states if state and "~" not in state],
                         ["CLOSED", "SYN-SENT", "ESTABLISHED", "FIN-WAIT-1", "TIME-WAIT"])
        lanes = row.find(".//svg[@class='lanes']")
        self.assertIn("client: CLOSED", lanes.get("aria-label").replace("SYN-SENT", "CLOSED"))
        self.assertIn("CLOSE-WAIT", lanes.get("aria-label"))
        figure = row.find(".//svg[@class='fsm']")
        taken = [use.get("class") for use in figure.findall("use") if use.get("class")]
        self.assertEqual(taken.count("way took client"), 5)
        self.assertEqual(taken.count("way took server"), 5)

    def test_endings_are_counted_by_whom(self):
        table = self.page.find(".//section[@aria-labelledby='endings']//tbody")
        rows = {row.find("th").text: self.words(row.find("td")) for row in table}
        self.assertEqual(rows, {"no answer": "1", "refused by server": "1", "open": "1",
                                "closed, client first": "1", "reset by server": "1",
                                "too little captured": "1"})

    def test_handshakes_are_counted(self):
        table = self.page.find(".//section[@aria-labelledby='handshakes']//tbody")
        rows = {row.find("th").text: self.words(row.find("td")) for row in table}
        self.assertEqual(rows, {"up to 3.0 ms": "3", "not seen or not finished": "3"})


class Inputs(Report):
    def test_hostile_file_names_stay_text(self):
        name = "<script>alert(1)</script>\"'&\u202e\x1b[31m.pcap".replace("/", "!")
        self.file(name, many(1, captures.CLOSED))
        page = self.report(name)
        self.assertEqual(len(page.findall(".//script")), 1)
        self.assertNotIn("<script>alert", self.text)
        self.assertNotIn("\u202e", self.text)
        self.assertNotIn("\x1b", self.text)
        self.assertIn("<script>alert(1)", page.find(".//h1").text)

    def test_same_input_same_bytes(self):
        self.file("all.pcap", many(60, *ALL))
        self.report("all.pcap")
        first = self.text
        for zone in ("Asia/Kathmandu", "UTC"):
            result = subprocess.run([PROGRAM, "report", "-r", "all.pcap"], cwd=self.directory,
                                    env={**clean_environment(), "TZ": zone}, capture_output=True)
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertEqual(result.stdout.decode(), first)

    def test_no_packets_and_no_connections(self):
        self.file("empty.pcap", captures.pcap([]))
        page = self.report("empty.pcap")
        self.assertIn("no TCP connection", self.words(page.find(".//main/section")))

    def test_the_filter_of_the_command_line(self):
        self.file("all.pcap", many(6, *ALL))
        page = self.report("all.pcap", "port", "20003")
        self.assertEqual(len(page.findall(".//table[@id='list']/tbody")), 1)

    def test_as_one_of_several_outputs(self):
        self.file("all.pcap", many(6, *ALL))
        self.report("all.pcap")
        self.expect(0, "flows", "all.pcap", "-o", "json", "-o", "html:flows.html")
        with open(self.path("flows.html"), encoding="utf-8") as file:
            self.assertEqual(file.read(), self.text)

    def test_a_terminal_gets_no_page(self):
        self.file("all.pcap", many(1, captures.CLOSED))
        main, terminal = pty.openpty()
        result = subprocess.run([PROGRAM, "report", "-r", "all.pcap"], cwd=self.directory,
                                env=clean_environment(), stdout=terminal, stderr=subprocess.PIPE)
        os.close(terminal)
        os.close(main)
        self.assertEqual(result.returncode, 2)
        self.assertIn(b"-o html:report.html", result.stderr)


class Bounds(Report):
    def test_a_thousand_connections_fit(self):
        for name, kinds in (("closed", [captures.CLOSED]), ("mixed", ALL),
                            ("bad", [captures.SYN_FIN])):
            self.file("many.pcap", many(1000, *kinds))
            page = self.report("many.pcap")
            self.assertLessEqual(len(self.text.encode()), SIZE_MAX, name)
            self.assertEqual(len(page.findall(".//table[@id='list']/tbody")), 1000)
            self.assertEqual(self.row(page, 200).findall("tr")[1].get("class"), "more")

    def test_flagged_ones_are_drawn_also_beyond_the_first(self):
        steps = [captures.CLOSED] * 299 + [captures.SYN_FIN]
        self.file("many.pcap", many(300, *steps))
        page = self.report("many.pcap")
        self.assertEqual(len(self.row(page, 300).findall("tr")), 2)
        self.assertEqual(len(self.row(page, 299).findall("tr")), 1)

    def test_ladders_of_the_worst_outlast_those_of_the_others(self):
        steps = [captures.REFUSED] * 2999 + [captures.SYN_FIN]
        steps[299] = captures.SYN_FIN
        self.file("many.pcap", many(3000, *steps))
        page = self.report("many.pcap")
        self.assertEqual(len(self.row(page, 300).findall("tr")), 2)
        self.assertEqual(len(self.row(page, 3000).findall("tr")), 2)
        self.assertEqual(len(self.row(page, 200).findall("tr")), 2)

    def test_beyond_the_rows_the_worst_stay_and_all_are_counted(self):
        count = 5100
        packets = []
        for number in range(count):
            steps = captures.SYN_FIN if number == count - 1 else captures.NO_ANSWER[:1]
            packets += captures.connection(client(number), captures.SERVER, steps)
        self.file("many.pcap", captures.pcap(packets))
        page = self.report("many.pcap")
        self.assertEqual(len(page.findall(".//table[@id='list']/tbody")), 5000)
        self.assertEqual(len(self.row(page, count).findall("tr")), 2)
        self.assertIn("Of 5,100 connections the 5,000", self.words(page.find(".//main")))
        self.assertEqual(self.words(page.find(".//section[@aria-labelledby='endings']//td")),
                         "5,099")


if __name__ == "__main__":
    unittest.main()
