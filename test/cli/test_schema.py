# SPDX-License-Identifier: MIT
"""Every JSON output is what its schema in docs/schema says."""

import os
import unittest

import captures
from program import ProgramTest, parse
from schema import FOLDER, Invalid, Schema

PCAPS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "pcaps")

# What a command prints in one pass, and the schema of each format.
OUTPUTS = {
    "flows": {"json": "flowstate-1.json", "ndjson": "flowstate.flow-1.json",
              "zeek-json": "zeek-conn.json", "ecs": "ecs.json"},
    "trace": {"ndjson": "flowstate.trace-1.json"},
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
        paths = [os.path.join(folder, name) for folder, _, names in sorted(os.walk(PCAPS))
                 for name in sorted(names) if name.endswith(".pcap")]
        self.assertGreater(len(paths), 100)
        self.file("none.pcap", captures.pcap([]))
        self.file("two.pcapng", captures.pcapng([(captures.ETHERNET, b"eth0"), (1234, b"")],
                                                [(0, packet) for packet in captures.closed()]))
        self.file("cut.pcap", captures.pcap(captures.closed())[:-3])
        return paths + ["none.pcap", "two.pcapng", "cut.pcap"]

    def printed(self, command, path):
        """By format, the values that are printed of a capture."""
        formats = OUTPUTS[command]
        words = [word for name in formats for word in ("-o", f"{name}:{name}.out")]
        result = self.run_program(command, "-r", path, *words)
        self.assertIn(result.returncode, (0, 4))
        for name in formats:
            with open(self.path(f"{name}.out"), encoding="utf-8") as file:
                text = file.read()
            yield name, [parse(part) for part in ([text] if name == "json" else text.splitlines())]

    def test_every_output_of_every_capture(self):
        schemas = {name: Schema(name) for formats in OUTPUTS.values() for name in formats.values()}
        seen = {name: set() for name in schemas}
        for path in self.captures():
            for command, formats in OUTPUTS.items():
                for name, values in self.printed(command, path):
                    for value in values:
                        schemas[formats[name]].check(value)
                        seen[formats[name]].update(keys_of(value))
        for name, keys in seen.items():
            self.assertGreater(len(keys), 10, name)

    def test_every_schema_is_used(self):
        used = {name for formats in OUTPUTS.values() for name in formats.values()}
        used.add("flowstate.check-1.json")  # test/check holds what check and diff print against it
        self.assertEqual(set(os.listdir(FOLDER)), used)


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
