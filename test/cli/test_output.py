# SPDX-License-Identifier: MIT
"""What the formats promise: keys, one record a line, the same bytes everywhere, safe strings."""

import os
import unittest

import captures
from program import ProgramTest, clean_environment, parse

STATES = {"CLOSED", "LISTEN", "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED", "FIN-WAIT-1",
          "FIN-WAIT-2", "CLOSE-WAIT", "CLOSING", "LAST-ACK", "TIME-WAIT"}
CLASSES = {"illegal", "suspect", "anomaly", "capture"}
TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$"


def mixed():
    """A connection of each kind, one after the other."""
    packets = captures.closed(1001)
    for port, steps in ((1002, captures.REFUSED), (1003, captures.NO_ANSWER),
                        (1004, captures.RESET), (1005, captures.HANDSHAKE),
                        (1006, captures.SYN_FIN)):
        packets += captures.connection((captures.CLIENT[0], port), captures.SERVER, steps)
    return captures.pcap(packets)


class ManyRows(ProgramTest):
    """More connections than anybody reads: the worst are shown, the rest counted, unless asked."""

    CONNECTIONS = 65_600

    def setUp(self):
        super().setUp()
        server = captures.octets("10.9.9.9")
        syn = bytearray(captures.ip_packet(captures.CLIENT, captures.SERVER, captures.SYN, 1, 0))
        syn[10:12] = syn[36:38] = b"\0\0"
        syn[16:20] = server
        packets = []
        for number in range(self.CONNECTIONS):
            syn[20:22] = (1 + number % 60_000).to_bytes(2, "big")
            syn[15] = 1 + number // 60_000
            # The last ones are wrong, so they are the worst.
            syn[33] = captures.SYN | (captures.FIN if number >= self.CONNECTIONS - 7 else 0)
            packets.append(bytes(syn))
        self.file("many.pcap", captures.pcap(packets))

    def rows(self, output):
        return [line for line in output.splitlines() if "10.9.9.9" in line]

    def test_unasked(self):
        output = self.expect(0, "many.pcap")
        rows = self.rows(output)
        self.assertEqual(len(rows), 1000)
        self.assertEqual([int(row.split()[0]) for row in rows if "illegal" in row or "flags" in row],
                         list(range(self.CONNECTIONS - 6, self.CONNECTIONS + 1)))
        self.assertIn("64,600 more", output)

    def test_asked(self):
        self.assertEqual(len(self.rows(self.expect(0, "-a", "many.pcap"))), self.CONNECTIONS)


class Json(ProgramTest):
    def setUp(self):
        super().setUp()
        self.file("mixed.pcap", mixed())
        self.document = parse(self.expect(0, "mixed.pcap", "-o", "json"))

    def test_capture(self):
        capture = self.document["capture"]
        self.assertEqual(self.document["schema"], "flowstate/1")
        self.assertEqual(capture["file"], "mixed.pcap")
        self.assertEqual(capture["format"], "pcap")
        self.assertEqual(capture["link_types"], ["EN10MB"])
        self.assertEqual(capture["packets"], capture["tcp_segments"])
        self.assertRegex(capture["ts_first"], TIME)
        self.assertRegex(capture["ts_last"], TIME)
        self.assertIs(capture["truncated"], False)

    def test_summary(self):
        summary = self.document["summary"]
        self.assertEqual(summary["connections"], 6)
        self.assertEqual(set(summary["findings"]), CLASSES)
        self.assertGreaterEqual(summary["findings"]["illegal"], 1)
        self.assertIn("flags-syn-fin", summary["by_rule"])
        self.assertEqual(sum(summary["findings"].values()), sum(summary["by_rule"].values()))

    def test_connections(self):
        connections = self.document["connections"]
        self.assertEqual([c["id"] for c in connections], [1, 2, 3, 4, 5, 6])
        for connection in connections:
            for key in ("community_id", "incarnation", "ts_first", "ts_last", "oriented_by",
                        "conn_state", "history", "vlan", "view"):
                self.assertIn(key, connection)
            self.assertRegex(connection["community_id"], r"^1:[A-Za-z0-9+/]{27}=$")
            self.assertEqual(set(connection["end"]), {"kind", "by", "reason"})
            for side in ("client", "server"):
                self.check_endpoint(connection[side])
            for finding in connection["findings"]:
                self.check_finding(finding)

    def check_endpoint(self, endpoint):
        self.assertIn(endpoint["state"], endpoint["possible"])
        self.assertLessEqual(set(endpoint["possible"]), STATES)
        self.assertLessEqual(set(endpoint["path"]), STATES)
        self.assertEqual(endpoint["path"][-1], endpoint["state"])
        self.assertEqual(len(endpoint["path_packets"]), len(endpoint["path"]) - 1)
        for key in ("ip", "port", "packets", "payload_bytes"):
            self.assertIn(key, endpoint)

    def check_finding(self, finding):
        for key in ("rule", "class", "packet", "by", "message", "because_packet", "rfc"):
            self.assertIn(key, finding)
        self.assertIn(finding["class"], CLASSES)
        self.assertIn(finding["by"], ("client", "server", None))
        self.assertFalse(finding["rfc"].startswith("RFC"))

    def test_the_path_of_an_orderly_life(self):
        client = self.document["connections"][0]["client"]
        self.assertEqual(client["path"], ["CLOSED", "SYN-SENT", "ESTABLISHED", "FIN-WAIT-1",
                                          "FIN-WAIT-2", "TIME-WAIT"])
        self.assertEqual(client["path_packets"][:3], [1, 2, 8])

    def test_how_each_ended(self):
        kinds = [c["end"]["kind"] for c in self.document["connections"]]
        self.assertEqual(kinds[:5], ["closed", "refused", "no-answer", "reset", "open"])
        self.assertEqual(self.document["connections"][0]["end"],
                         {"kind": "closed", "by": "client", "reason": "fin"})
        self.assertEqual(self.document["connections"][3]["end"]["by"], "server")


class Ndjson(ProgramTest):
    KEYS = {"schema", "event", "uid", "seq", "sensor", "ts_first", "ts_last", "community_id",
            "incarnation", "client_ip", "client_port", "server_ip", "server_port", "vlan",
            "oriented_by", "client_state", "server_state", "client_path", "client_path_frames",
            "server_path", "server_path_frames", "end_kind", "end_by", "end_reason",
            "handshake_us", "client_packets", "client_payload_bytes", "client_retransmits",
            "server_packets", "server_payload_bytes", "server_retransmits", "conn_state",
            "history", "findings", "worst", "view", "capture_dups", "bad_checksums"}

    def setUp(self):
        super().setUp()
        self.file("mixed.pcap", mixed())

    def test_records(self):
        text = self.expect(0, "mixed.pcap", "-o", "ndjson")
        self.assertTrue(text.endswith("\n"))
        records = [parse(line) for line in text.splitlines()]
        self.assertEqual([r["event"] for r in records], ["meta"] + ["end"] * 6 + ["summary"])
        self.assertEqual({r["schema"] for r in records}, {"flowstate.flow/1"})
        for record in records[1:-1]:
            self.assertLessEqual(self.KEYS, set(record))
            self.assertEqual(record["uid"], f"{record['community_id']}@{record['ts_first']}")
        self.assertEqual(records[1]["handshake_us"], 2000)
        self.assertIsNone(records[2]["handshake_us"])
        self.assertEqual(records[6]["worst"], "illegal")
        self.assertIs(records[-1]["complete"], True)
        self.assertEqual(records[-1]["connections"], 6)

    def test_no_record_nests(self):
        for line in self.expect(0, "mixed.pcap", "-o", "ndjson").splitlines():
            for value in parse(line).values():
                self.assertNotIsInstance(value, dict)


class Where(ProgramTest):
    """Only the connections that are meant, in every format; the exit status is theirs too."""

    def setUp(self):
        super().setUp()
        self.file("mixed.pcap", mixed())
        self.all = [parse(line) for line in
                    self.expect(0, "mixed.pcap", "-o", "ndjson").splitlines()[1:-1]]

    def ports(self, expression):
        lines = self.expect(0, "mixed.pcap", "-o", "ndjson", "--where", expression).splitlines()
        return [parse(line)["client_port"] for line in lines[1:-1]]

    def test_keeps_what_is_meant(self):
        for flow in self.all:
            port = flow["client_port"]
            self.assertEqual(self.ports(f"client port {port}"), [port])
        illegal = [flow["client_port"] for flow in self.all if flow["worst"] == "illegal"]
        self.assertTrue(illegal)
        self.assertEqual(self.ports("illegal"), illegal)
        self.assertEqual(self.ports("illegal or not illegal"),
                         [flow["client_port"] for flow in self.all])
        self.assertEqual(self.ports("port 1 and port 2"), [])

    def test_heading_says_how_many(self):
        text = self.expect(0, "mixed.pcap", "--where", "not illegal")
        self.assertIn(f"  {len(self.all) - 1} of {len(self.all)} connections  ",
                      text.splitlines()[0])

    def test_exit_status(self):
        self.expect(1, "mixed.pcap", "-q", "--where", "illegal", "--fail-on", "illegal")
        self.expect(0, "mixed.pcap", "-q", "--where", "not illegal", "--fail-on", "illegal")

    def test_what_is_wrong(self):
        self.assertIn('did you mean "CLOSE-WAIT"?',
                      self.complaint(2, "mixed.pcap", "--where", "server in CLOSEWAIT"))
        self.assertIn('join them with "and"',
                      self.complaint(2, "mixed.pcap", "--where", "ended", "--where", "port 1"))


class Trace(ProgramTest):
    def setUp(self):
        super().setUp()
        self.file("mixed.pcap", mixed())
        text = self.expect(0, "trace", "mixed.pcap", "-o", "ndjson")
        self.records = [parse(line) for line in text.splitlines()]

    def test_one_record_a_segment(self):
        self.assertEqual([r["packet"] for r in self.records],
                         list(range(1, len(self.records) + 1)))
        for record in self.records:
            self.assertRegex(record["ts"], TIME)
            self.assertIn(record["from"], ("client", "server"))
            for side in ("client", "server"):
                self.assertIn(record[side]["state"], record[side]["possible"])
                self.assertLessEqual(set(record[side]["possible"]), STATES)
            for finding in record["findings"]:
                for key in ("rule", "class", "by", "packet", "message", "because_packet", "rfc"):
                    self.assertIn(key, finding)

    def test_the_handshake(self):
        first = [(r["flags"], r["seq"], r["ack"], r["len"], r["from"]) for r in self.records[:4]]
        self.assertEqual(first, [("S", 0, 0, 0, "client"), ("S.", 0, 1, 0, "server"),
                                 (".", 1, 1, 0, "client"), ("P.", 1, 1, 5, "client")])
        self.assertEqual(self.records[0]["client"]["state"], "SYN-SENT")
        self.assertEqual(self.records[3]["server"]["state"], "ESTABLISHED")
        change = self.records[0]["changes"][0]
        for key in ("side", "from", "to", "inferred", "why", "rfc"):
            self.assertIn(key, change)

    def test_endpoints_and_window(self):
        record = self.records[1]
        self.assertEqual((record["client"]["ip"], record["client"]["port"]), ("10.0.0.17", 1001))
        self.assertEqual((record["server"]["ip"], record["server"]["port"]), ("10.0.0.9", 443))
        self.assertEqual(record["window"], 64240)

    def test_one_connection(self):
        text = self.expect(0, "trace", "mixed.pcap", "--connection", "4", "-o", "ndjson")
        self.assertEqual([parse(line) for line in text.splitlines()],
                         [r for r in self.records if r["connection"] == 4])
        rows = self.expect(0, "trace", "mixed.pcap", "--connection", "4", "-q").splitlines()
        self.assertIn("10.0.0.17:1004 >", rows[0])
        text = self.expect(0, "trace", "mixed.pcap", "--connection=1", "-o", "ndjson",
                           "port", "1004")
        self.assertEqual({parse(line)["client"]["port"] for line in text.splitlines()}, {1004})
        self.assertIn("there is no connection 7",
                      self.run_program("trace", "mixed.pcap", "--connection", "7").stderr.decode())

    def test_a_new_initial_number_is_visible(self):
        self.file("isn.pcap", captures.pcap(captures.connection(
            captures.CLIENT, captures.SERVER,
            [("client", captures.SYN, 0, 0, b""), ("client", captures.SYN, 500_000, 0, b"")])))
        self.assertRegex(self.expect(0, "trace", "isn.pcap"), r":443 +S +500000 ")

    def test_lines_fit_the_terminal(self):
        for columns in (80, 100, 120, 140, 180):
            text = self.on_terminal("trace", "mixed.pcap", "--color=never", columns=columns)
            self.assertLessEqual(max(map(len, text.splitlines())), columns)
            self.assertEqual(" OR\n" in text, columns >= 150)

    def test_every_finding_is_printed_once(self):
        document = parse(self.expect(0, "mixed.pcap", "-o", "json"))
        listed = sorted((f["rule"], f["packet"], c["id"])
                        for c in document["connections"] for f in c["findings"])
        traced = sorted((f["rule"], f["packet"], f["connection"])
                        for r in self.records for f in r["findings"])
        self.assertEqual(sorted(set(traced)), sorted(set(listed)))
        self.assertEqual(len(traced), len(set(traced)))
        text = self.expect(0, "trace", "mixed.pcap")
        for rule, packet, _ in listed:
            self.assertIn(f"{rule} #{packet}", text)

    def test_absolute_numbers(self):
        line = self.expect(0, "trace", "-S", "mixed.pcap", "-o", "ndjson").splitlines()[1]
        self.assertEqual((parse(line)["seq"], parse(line)["ack"]), (900000, 1001))
        self.assertIn("900000", self.expect(0, "trace", "-S", "mixed.pcap"))

    def test_text(self):
        text = self.expect(0, "trace", "mixed.pcap")
        self.assertIn("2026-03-01 UTC", text)
        self.assertIn("10.0.0.17:1001 > 10.0.0.9:443", text)
        self.assertNotRegex(text, r" \n")
        lines = self.expect(0, "trace", "-q", "mixed.pcap").splitlines()
        rows = [line for line in lines if not line.startswith("       ")]
        self.assertEqual(len(rows), len(self.records))


class Determinism(ProgramTest):
    FORMATS = (["flows"], ["flows", "-o", "json"], ["flows", "-o", "ndjson"], ["flows", "-v"],
               ["trace"], ["trace", "-v"], ["trace", "-o", "ndjson"])

    def test_locale_and_time_zone(self):
        self.file("mixed.pcap", mixed())
        for words in self.FORMATS:
            reference = self.expect(0, *words, "mixed.pcap")
            self.assertTrue(reference.isascii())
            for locale, zone in (("C.UTF-8", "Asia/Kathmandu"), ("de_DE.UTF-8", "EST5EDT"),
                                 ("tr_TR", "Pacific/Apia")):
                environment = clean_environment(LANG=locale)
                environment.update(LC_ALL=locale, TZ=zone)
                self.assertEqual(self.expect(0, *words, "mixed.pcap", environment=environment),
                                 reference)

    def test_standard_input(self):
        data = mixed()
        self.file("mixed.pcap", data)
        for words in self.FORMATS:
            from_file = self.expect(0, *words, "mixed.pcap").replace('"mixed.pcap"', '"-"')
            from_input = self.expect(0, *words, "-", stdin=data)
            from_file = from_file.replace("mixed.pcap", "standard input")
            self.assertEqual(from_input, from_file, words)
        self.assertEqual(self.expect(0, "trace", "-r", "-", stdin=data),
                         self.expect(0, "trace", "mixed.pcap"))


class Text(ProgramTest):
    def setUp(self):
        super().setUp()
        packets = []
        for port in range(60):
            packets += captures.closed(2000 + port)
        packets += captures.connection((captures.CLIENT[0], 3000), captures.SERVER,
                                       captures.SYN_FIN)
        self.file("many.pcap", captures.pcap(packets))

    @staticmethod
    def rows(text):
        return [line for line in text.splitlines() if "10.0.0.17:" in line and "next" not in line]

    def test_piped(self):
        text = self.expect(0, "many.pcap")
        self.assertEqual(len(self.rows(text)), 61)
        self.assertNotIn("\033", text)
        self.assertNotRegex(text, r" \n")
        for word in ("ended", "next", "findings "):
            self.assertNotIn(word, text)
        self.assertIn("10.0.0.17:2000", self.rows(text)[0])

    def test_quiet_prints_rows_only(self):
        text = self.expect(0, "many.pcap", "-q")
        self.assertEqual(len(self.rows(text)), len(text.splitlines()))

    def test_terminal_shows_the_worst(self):
        text = self.on_terminal("many.pcap")
        self.assertEqual(len(self.rows(text)), 29)
        self.assertEqual(len(text.splitlines()), 39)
        self.assertIn("10.0.0.17:3000", self.rows(text)[0])
        self.assertIn("flags-syn-fin", self.rows(text)[0])
        self.assertIn("... 32 more (-a for all)", text)
        self.assertIn("60 closed (client first 60)", text)
        self.assertIn("next      flowstate explain -r many.pcap 61\n", text)
        self.assertIn("\033[", text)
        self.assertTrue(text.isascii())

    def test_as_many_rows_as_the_terminal_has_room_for(self):
        for lines, rows in ((24, 13), (50, 39), (5, 5)):
            text = self.on_terminal("many.pcap", lines=lines)
            self.assertEqual(len(self.rows(text)), rows)
            self.assertIn("flags-syn-fin", self.rows(text)[0])
            self.assertIn(f"... {61 - rows} more", text)
        self.assertEqual(len(self.rows(self.on_terminal("many.pcap", lines=200))), 61)
        text = self.on_terminal("many.pcap", "-v", lines=24)
        self.assertLess(len(text.splitlines()), 40)

    def test_rows_fit_the_width(self):
        self.file("wide.pcap", captures.pcap(captures.closed() + captures.connection(
            ("192.168.100.100", 65000), ("192.168.200.200", 65001), captures.SYN_FIN)))
        for columns in (80, 100, 120, 140):
            for words in (["wide.pcap"], ["-v", "many.pcap"]):
                for line in self.on_terminal(*words, "--color=never", columns=columns).split("\n"):
                    self.assertLessEqual(len(line), columns, line)

    def test_columns_give_way_in_order(self):
        one = captures.connection(captures.CLIENT, captures.SERVER, captures.HANDSHAKE + [
            ("client", captures.SYN | captures.FIN | captures.ACK, 1, 1, b""),
            ("client", captures.FIN | captures.ACK, 1, 1, b""),
            ("server", captures.ACK, 1, 2, b"")])
        self.file("one.pcap", captures.pcap(one + captures.closed(1001)))

        def row(columns):
            text = self.on_terminal("one.pcap", "--color=never", columns=columns)
            return [line for line in text.splitlines() if "10.0.0.17:51544" in line][0]
        widths = {}
        for columns in range(80, 160):
            shape = ("09:14:02." in row(columns), "09:14:02" in row(columns),
                     ".." in row(columns), "FIN-WAIT-2" in row(columns))
            widths.setdefault(shape, columns)
            self.assertIn("flags-syn-fin", self.on_terminal("one.pcap", columns=columns))
        order = [shape for shape, _ in sorted(widths.items(), key=lambda item: -item[1])]
        self.assertEqual(order[0], (True, True, False, True))
        self.assertEqual(order[1], (False, True, False, True))
        self.assertEqual(order[2], (False, False, False, True))
        self.assertEqual(order[3], (False, False, True, True))
        self.assertEqual(order[-1], (True, True, False, False))

    def test_what_to_do_next_where_nothing_was_found(self):
        self.file("closed.pcap", captures.pcap(captures.closed()))
        self.assertIn("next      flowstate explain -r closed.pcap 1\n",
                      self.on_terminal("closed.pcap"))

    def test_terminal_shows_all_when_asked(self):
        text = self.on_terminal("-a", "many.pcap")
        self.assertEqual(len(self.rows(text)), 61)
        self.assertIn("10.0.0.17:2000", self.rows(text)[0])

    def test_colour(self):
        self.assertNotIn("\033", self.on_terminal("many.pcap", NO_COLOR="1"))
        self.assertIn("\033", self.on_terminal("many.pcap", NO_COLOR=""))
        self.assertNotIn("\033", self.on_terminal("many.pcap", TERM="dumb"))
        self.assertNotIn("\033", self.on_terminal("many.pcap", "--color=never"))
        self.assertIn("\033", self.on_terminal("many.pcap", "--color=always", NO_COLOR="1"))
        self.assertIn("\033", self.expect(0, "many.pcap", "--color", "always"))

    def test_utf8_only_where_the_terminal_has_it(self):
        utf8 = {"LC_ALL": "C.UTF-8"}
        self.assertIn("\u2026 32 more", self.on_terminal("many.pcap", **utf8))
        self.assertTrue(self.on_terminal("many.pcap", "--ascii", **utf8).isascii())
        self.assertTrue(self.on_terminal("many.pcap", LC_ALL="C", LANG="C.UTF-8").isascii())

    def test_verbose(self):
        text = self.expect(0, "many.pcap", "-v")
        self.assertRegex(text, r"client  CLOSED > SYN-SENT #1 > ESTABLISHED #2 >")
        self.assertIn("illegal flags-syn-fin #601 client: ", text)

    def test_verbose_tells_what_is_sure(self):
        self.file("syn.pcap", captures.pcap(captures.connection(
            captures.CLIENT, captures.SERVER, captures.HANDSHAKE)))
        text = self.expect(0, "syn.pcap", "-v")
        self.assertRegex(text, r"server  .* > ESTABLISHED~ #3   or .*SYN-RECEIVED\n")
        self.assertRegex(text, r"client  .* > ESTABLISHED #2\n")


class View(ProgramTest):
    """What limits the view is said, and "complete" only where nothing does."""

    def view(self, *words, status=0):
        lines = self.expect(status, *words).splitlines()
        return [line for line in lines if line.startswith("view")][0]

    def test_complete(self):
        self.file("a.pcap", captures.pcap(captures.closed()))
        self.assertEqual(self.view("a.pcap"), "view  complete")
        self.assertEqual(self.view("a.pcap", "tcp"), "view  complete")

    def test_filter(self):
        self.file("a.pcap", captures.pcap(captures.closed(1001) + captures.closed(1002)))
        view = self.view("a.pcap", "port", "1002")
        self.assertIn("only what the filter let through", view)
        self.assertNotIn("complete", view)

    def test_stopped_or_cut(self):
        data = captures.pcap(captures.closed())
        self.file("a.pcap", data)
        self.file("cut.pcap", data[:-10])
        self.assertNotIn("complete", self.view("-c", "5", "a.pcap"))
        self.assertNotIn("complete", self.view("cut.pcap", status=4))

    def test_only_a_reset(self):
        self.file("a.pcap", captures.pcap(captures.connection(
            captures.CLIENT, captures.SERVER, [("client", captures.RST, 1, 0, b"")])))
        text = self.expect(0, "a.pcap")
        self.assertIn(" 1?  ", text)
        self.assertIn("complete for 0 of 1 (others marked ?)", text)

    def test_next_command_has_the_filter(self):
        self.file("a.pcap", mixed())
        text = self.on_terminal("a.pcap", "port", "1006")
        self.assertIn("next      flowstate explain -r a.pcap 1 'port 1006'\n", text)


class HostileNames(ProgramTest):
    NAMES = (b"\x1b[31mred.pcap", b"quo\"te\\.pcap", b"not\xffutf8.pcap", b"new\nline.pcap",
             "dir\u202ercs.pcap".encode(), "c1\u009b31m.pcap".encode(), b"sp ace'.pcap")

    def test_file_names(self):
        data = captures.pcap(captures.closed())
        for name in self.NAMES:
            path = os.path.join(self.directory.encode(), name)
            with open(path, "wb") as file:
                file.write(data)
            for words in ([], ["-o", "json"], ["-o", "ndjson"]):
                result = self.run_program(b"-r", name, *words)
                self.assertEqual(result.returncode, 0)
                self.check_safe(result.stdout)
                if words:
                    for line in result.stdout.splitlines()[:1 if "ndjson" in words else 0]:
                        parse(line)
            parse(self.run_program(b"-r", name, "-o", "json").stdout)
            os.remove(path)
            result = self.run_program(b"-r", name)
            self.assertEqual(result.returncode, 3)
            self.assertEqual(result.stderr.count(b"\n"), 1)
            self.check_safe(result.stderr)

    def test_interface_names(self):
        name = b"eth\x1b[31m\xff\xc2\x9b"
        self.file("a.pcapng", captures.pcapng([(captures.ETHERNET, name)],
                                              [(0, packet) for packet in captures.closed()]))
        for words in ([], ["-o", "json"], ["-o", "ndjson"]):
            self.check_safe(self.run_program("a.pcapng", *words).stdout)
        document = parse(self.expect(0, "a.pcapng", "-o", "json"))
        self.assertEqual(document["capture"]["interfaces"][0]["name"], "eth\x1b[31m\ufffd\x9b")

    def check_safe(self, octets):
        text = octets.decode()  # it is UTF-8
        for character in text:
            code = ord(character)
            self.assertFalse(code < 0x20 and character != "\n", text)
            self.assertFalse(0x7F <= code <= 0x9F or 0x202A <= code <= 0x202E, text)


if __name__ == "__main__":
    unittest.main()
