# SPDX-License-Identifier: MIT
"""Formats of other tools: Zeek's log, its JSON, CSV, the Elastic Common Schema."""

import csv
import io
import unittest

import captures
from program import ProgramTest, parse


def read_zeek(text):
    """As Zeek's documentation says: the header gives separator, names and types."""
    header, rows = {}, []
    for line in text.splitlines():
        if line.startswith("#separator "):
            separator = line.split(" ")[1].encode().decode("unicode_escape")
        elif line.startswith("#"):
            name, *values = line[1:].split(separator)
            header[name] = values
        else:
            values = line.split(separator)
            assert len(values) == len(header["fields"]) == len(header["types"])
            rows.append({name: convert(kind, value, header) for name, kind, value in
                         zip(header["fields"], header["types"], values)})
    return header, rows


def convert(kind, value, header):
    if value == header["unset_field"][0]:
        return None
    if value == header["empty_field"][0]:
        return ""
    return {"count": int, "port": int, "time": float, "interval": float}.get(kind, str)(value)


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
