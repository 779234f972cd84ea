# SPDX-License-Identifier: MIT
"""Formats of other tools: Zeek's log, its JSON, CSV, the Elastic Common Schema."""

import csv
import io
import ipaddress
import os
import re
import unittest

import captures
from program import ProgramTest, parse


# Zeek's documentation of its ASCII logs: what a field of each type looks like.
ZEEK_TYPES = {
    "time": (float, r"\d+\.\d{6}"),
    "interval": (float, r"\d+\.\d{6}"),
    "count": (int, r"\d+"),
    "port": (int, r"\d{1,5}"),
    "bool": ({"T": True, "F": False}.get, r"[TF]"),
    "enum": (str, r"[a-z]+"),
    "addr": (lambda text: str(ipaddress.ip_address(text)), r"[0-9a-f.:]+"),
    "string": (str, r"[ -~]*"),
}
ZEEK_HEADER = ("separator", "set_separator", "empty_field", "unset_field", "path", "open", "fields",
               "types")


def read_zeek(text):
    """Header and rows of a log, read as strictly as Zeek's documentation of the format allows."""
    lines = text.split("\n")
    assert lines.pop() == "", "the last line has no end"
    assert lines[0] == "#separator \\x09"
    header, rows, names = {}, [], []
    for number, line in enumerate(lines):
        if not line.startswith("#"):
            assert tuple(names) == ZEEK_HEADER, names
            assert number < len(lines) - 1, "a row after #close"
            values = line.split("\t")
            assert len(values) == len(header["fields"]) == len(header["types"]), line
            rows.append({name: convert(kind, value, header) for name, kind, value in
                         zip(header["fields"], header["types"], values)})
            continue
        name, *values = re.split("[ \t]", line[1:])
        if name == "close":
            assert number == len(lines) - 1, "#close is not the last line"
        else:
            names.append(name)
        header[name] = values
    for name in ("open", "close"):
        assert re.fullmatch(r"\d{4}(-\d\d){5}", header[name][0]), header[name]
    assert len(set(header["fields"])) == len(header["fields"])
    return header, rows


def convert(kind, value, header):
    if value == header["unset_field"][0]:
        return None
    if value == header["empty_field"][0]:
        assert kind.startswith(("set[", "vector[")) or kind == "string", kind
        return ""
    inner = re.fullmatch(r"(?:set|vector)\[(.*)\]", kind)
    if inner:
        return [convert(inner[1], one, header) for one in value.split(header["set_separator"][0])]
    convert_to, pattern = ZEEK_TYPES[kind]
    assert re.fullmatch(pattern, value), (kind, value)
    return convert_to(value)


class Formats(ProgramTest):
    def setUp(self):
        super().setUp()
        packets = captures.closed(1001)
        for port, steps in ((1002, captures.REFUSED), (1003, captures.NO_ANSWER[:1]),
                            (1004, captures.SYN_FIN)):
            packets += captures.connection((captures.CLIENT[0], port), captures.SERVER, steps)
        self.file("a.pcap", captures.pcap(packets))
        document = parse(self.expect(0, "a.pcap", "-o", "json"))
        self.connections = document["connections"]

    def test_zeek(self):
        header, rows = read_zeek(self.expect(0, "a.pcap", "-o", "zeek"))
        self.assertEqual(header["path"], ["conn"])
        self.assertEqual(header["open"], ["2026-03-01-09-14-02"])
        self.assertEqual(header["close"], ["2026-03-01-09-14-02"])
        self.assertEqual(len(rows), 4)
        for row, connection in zip(rows, self.connections):
            self.assertEqual(row["id.orig_h"], connection["client"]["ip"])
            self.assertEqual(row["id.resp_p"], connection["server"]["port"])
            self.assertEqual(row["conn_state"], connection["conn_state"])
            self.assertEqual(row["history"], connection["history"])
            self.assertEqual(row["orig_pkts"], connection["client"]["packets"])
            self.assertEqual(row["community_id"], connection["community_id"])
            self.assertEqual(row["proto"], "tcp")
        self.assertEqual(rows[0]["ts"], 1772356442.0)
        self.assertEqual((rows[0]["duration"], rows[0]["orig_bytes"], rows[0]["resp_bytes"]),
                         (0.009, 5, 7))
        self.assertIsNone(rows[2]["duration"])
        self.assertIsNone(rows[2]["orig_bytes"])

    def test_zeek_of_every_recorded_capture(self):
        folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "pcaps")
        names = sorted(name for name in os.listdir(folder) if name.endswith(".pcap"))
        self.assertGreater(len(names), 20)
        for name in names:
            path = os.path.join(folder, name)
            header, rows = read_zeek(self.expect(0, path, "-o", "zeek"))
            document = parse(self.expect(0, path, "-o", "json"))
            self.assertEqual(len(rows), document["summary"]["connections"], name)
            for row in rows:
                self.assertRegex(row["history"], r"\A\^?[ShAaDdFfRrCcTtWwGgQqIiHs]*\Z")
                self.assertIn(row["conn_state"], ("S0", "S1", "SF", "REJ", "S2", "S3", "RSTO",
                                                  "RSTR", "RSTOS0", "RSTRH", "SH", "SHR", "OTH"))

    def test_zeek_without_connections(self):
        self.file("none.pcap", captures.pcap([]))
        header, rows = read_zeek(self.expect(0, "none.pcap", "-o", "zeek"))
        self.assertEqual(rows, [])
        self.assertIn("fields", header)

    def test_zeek_json(self):
        _, rows = read_zeek(self.expect(0, "a.pcap", "-o", "zeek"))
        lines = self.expect(0, "a.pcap", "-o", "zeek-json").splitlines()
        for line, row in zip(lines, rows):
            self.assertEqual(parse(line), {k: v for k, v in row.items() if v is not None})

    def test_csv(self):
        rows = list(csv.DictReader(io.StringIO(self.expect(0, "a.pcap", "-o", "csv"))))
        self.assertEqual(len(rows), 4)
        for row, connection in zip(rows, self.connections):
            self.assertNotIn(None, row)
            self.assertNotIn(None, row.values())
            self.assertEqual(row["client_path"].split(), connection["client"]["path"])
            self.assertEqual(row["server_state"], connection["server"]["state"])
            self.assertEqual(row["end_by"] or None, connection["end"]["by"])
            self.assertEqual(set(row["findings"].split()),
                             {finding["rule"] for finding in connection["findings"]})
        self.assertEqual(rows[0]["handshake_us"], "2000")
        self.assertEqual(rows[1]["handshake_us"], "")

    def test_ecs(self):
        lines = self.expect(0, "a.pcap", "-o", "ecs").splitlines()
        for line, connection in zip(lines, self.connections):
            record = parse(line)
            self.assertEqual(record["source"]["ip"], connection["client"]["ip"])
            self.assertEqual(record["destination"]["port"], connection["server"]["port"])
            self.assertEqual(record["network"]["community_id"], connection["community_id"])
            self.assertEqual(record["@timestamp"], connection["ts_last"])
            self.assertEqual(record["event"]["category"], ["network"])
            self.assertEqual(record["flowstate"]["client"]["state"],
                             connection["client"]["state"])
        self.assertEqual(parse(lines[0])["event"]["duration"], 9_000_000)
        self.assertEqual(parse(lines[0])["event"]["type"], ["connection", "end"])
        self.assertEqual(parse(lines[2])["event"]["type"], ["connection", "info"])


if __name__ == "__main__":
    unittest.main()
