# SPDX-License-Identifier: MIT
"""Every JSON output is what its schema in docs/schema says."""

import os
import unittest

import captures
from program import ProgramTest, parse
from schema import Invalid, Schema

PCAPS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "pcaps")

LINES = {
    "flowstate.flow-1.json": ["flows", "-o", "ndjson"],
    "flowstate.trace-1.json": ["trace", "-o", "ndjson"],
    "zeek-conn.json": ["flows", "-o", "zeek-json"],
    "ecs.json": ["flows", "-o", "ecs"],
}


def keys_of(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from keys_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys_of(inner)


class Outputs(ProgramTest):
    def captures(self):
        paths = [os.path.join(PCAPS, name) for name in sorted(os.listdir(PCAPS))
                 if name.endswith(".pcap")]
        self.file("none.pcap", captures.pcap([]))
        self.file("two.pcapng", captures.pcapng([(captures.ETHERNET, b"eth0"), (1234, b"")],
                                                [(0, packet) for packet in captures.closed()]))
        self.file("cut.pcap", captures.pcap(captures.closed())[:-3])
        return paths + ["none.pcap", "two.pcapng", "cut.pcap"]

    def printed(self, words, path):
        result = self.run_program(*words, "-r", path)
        self.assertIn(result.returncode, (0, 4))
        return result.stdout.decode()

    def test_document(self):
        schema = Schema("flowstate-1.json")
        for path in self.captures():
            schema.check(parse(self.printed(["flows", "-o", "json"], path)))

    def test_lines(self):
        for name, words in LINES.items():
            schema = Schema(name)
            seen = set()
            for path in self.captures():
                for line in self.printed(words, path).splitlines():
                    record = parse(line)
                    schema.check(record)
                    seen.update(keys_of(record))
            self.assertGreater(len(seen), 10, name)


class Validator(unittest.TestCase):
    """The validator finds what is wrong; else the tests above would prove nothing."""

    RECORD = {"packet": 1, "ts": "2026-03-01T09:14:02.340000000Z", "connection": 1,
              "from": "client", "flags": "S", "seq": 0, "ack": 0, "len": 0, "window": 64240,
              "client": {"ip": "10.0.0.17", "port": 1001, "state": "SYN-SENT",
                         "possible": ["SYN-SENT"], "inferred": False},
              "server": {"ip": "10.0.0.9", "port": 443, "state": "LISTEN",
                         "possible": ["LISTEN"], "inferred": True},
              "changes": [], "findings": []}

    def test_a_right_record(self):
        Schema("flowstate.trace-1.json").check(self.RECORD)

    def test_wrong_records(self):
        schema = Schema("flowstate.trace-1.json")
        for change in ({"packet": "1"}, {"packet": True}, {"packet": -1}, {"packet": 2**53 + 1},
                       {"ts": "yesterday"}, {"from": "nobody"}, {"flags": "X"}, {"more": 1},
                       {"changes": [{}]}, {"server": {"state": "OPEN"}}):
            with self.assertRaises(Invalid, msg=change):
                schema.check({**self.RECORD, **change})
        for key in self.RECORD:
            with self.assertRaises(Invalid):
                schema.check({k: v for k, v in self.RECORD.items() if k != key})

    def test_alternatives(self):
        schema = Schema("flowstate.flow-1.json")
        with self.assertRaises(Invalid):
            schema.check({"schema": "flowstate.flow/1", "event": "meta"})


if __name__ == "__main__":
    unittest.main()
