# SPDX-License-Identifier: MIT
"""What lnav, which reads Zeek's logs, makes of ours: the records of "-o zeek-json", in the columns
where its users look for them.

FLOWSTATE_CAPTURES='DIRECTORY/**/*.pcap*' has it read other captures.
"""

import glob
import json
import os
import shutil
import subprocess
import unittest

from program import ProgramTest, clean_environment, parse

CAPTURES = os.environ.get("FLOWSTATE_CAPTURES") or os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "..", "pcaps", "*.pcap")
TEXTS = ("id.orig_h", "id.resp_h", "proto", "conn_state", "history", "community_id", "uid")
NUMBERS = ("id.orig_p", "id.resp_p", "duration", "orig_bytes", "resp_bytes", "orig_pkts",
           "resp_pkts")


def number(value):
    """lnav gives some numbers as text, where the first row has none in their column."""
    return None if value is None else float(value)


@unittest.skipUnless(shutil.which("lnav"), "needs lnav")
class Reader(ProgramTest):
    def write_log(self, path):
        """conn.log of a capture. @return the same as records."""
        lines = self.run_program(path, "-o", "zeek:conn.log", "-o", "zeek-json").stdout
        records = [parse(line) for line in lines.decode().splitlines()]
        return [(*(record.get(name) for name in TEXTS),
                 *(number(record.get(name)) for name in NUMBERS)) for record in records]

    def read_log(self):
        """The rows of conn.log as its reader sees them."""
        columns = ", ".join("bro_" + name.replace(".", "_") for name in TEXTS + NUMBERS)
        result = subprocess.run(
            ["lnav", "-n", "-q", "-c", f";SELECT {columns} FROM bro_conn_log",
             "-c", ":write-json-to rows.json", "conn.log"],
            cwd=self.directory, env=clean_environment(HOME=self.directory, TMPDIR=self.directory),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300, check=False)
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        with open(self.path("rows.json"), encoding="ascii") as file:
            rows = json.load(file)
        for row in rows:  # to lnav the log's last line, which is no row, goes on with the row before
            row["bro_community_id"] = row["bro_community_id"].removesuffix("\n#close")
        rows = [list(row.values()) for row in rows]
        return [(*row[:len(TEXTS)], *map(number, row[len(TEXTS):])) for row in rows]

    def test_every_connection_is_read(self):
        read = 0
        for path in sorted(glob.glob(CAPTURES, recursive=True)):
            with self.subTest(capture=path):
                records = self.write_log(path)
                if records:
                    self.assertCountEqual(self.read_log(), records)
                read += len(records)
        self.assertGreater(read, 0)
        print(f"{read} connections read")


if __name__ == "__main__":
    unittest.main()
