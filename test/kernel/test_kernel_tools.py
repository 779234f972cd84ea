#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of the comparison and the mutations themselves, on a connection made up here.

They need no root: no kernel takes part.
"""

import pathlib
import random
import tempfile
import unittest

import compare
import mutate
import truth
import wire
from wire import ACK, FIN, PSH, SYN

CLIENT, SERVER = ("10.9.0.1", 1000), ("10.9.0.2", 2000)
OPTIONS = b"\x02\x04\x05\xb4\x01\x01\x04\x02\x01\x03\x03\x07"
# who, flags, seq, ack, payload; sequence numbers wrap in the middle
ISS_A, ISS_B = 2**32 - 5, 77
SCRIPT = (
    ("a", SYN, 0, 0, 0),
    ("b", SYN | ACK, 0, 1, 0),
    ("a", ACK, 1, 1, 0),
    ("a", PSH | ACK, 1, 1, 20),
    ("b", ACK, 1, 21, 0),
    ("a", FIN | ACK, 21, 1, 0),
    ("b", ACK, 1, 22, 0),
    ("b", FIN | ACK, 1, 22, 0),
    ("a", ACK, 22, 2, 0),
)
STATES = (
    ("SYN-SENT", "LISTEN"),
    ("SYN-SENT", "SYN-RECEIVED"),
    ("ESTABLISHED", "SYN-RECEIVED"),
    ("ESTABLISHED", "ESTABLISHED"),
    ("ESTABLISHED", "ESTABLISHED"),
    ("FIN-WAIT-1", "ESTABLISHED"),
    ("FIN-WAIT-1", "CLOSE-WAIT"),
    ("FIN-WAIT-2", "LAST-ACK"),
    ("TIME-WAIT", "LAST-ACK"),
)


def segments():
    for who, flags, seq, ack, size in SCRIPT:
        mine, peer = (ISS_A, ISS_B) if who == "a" else (ISS_B, ISS_A)
        src, dst = (CLIENT, SERVER) if who == "a" else (SERVER, CLIENT)
        acked = (peer + ack) % wire.MODULUS if flags & ACK else 0
        options = OPTIONS if flags & SYN else b""
        seq = (mine + seq) % wire.MODULUS
        yield wire.Segment(src, dst, seq, acked, flags, 500, options, b"x" * size)


def write_connection(base, what="quiet", states=STATES):
    """BASE.pcap and BASE.truth.tsv: every packet is emitted, seen to be quiet, then delivered."""
    capture, log = wire.PcapWriter(f"{base}.pcap"), truth.TruthWriter(f"{base}.truth.tsv")
    log.write("start:normal", 0, 1, ("CLOSED", "LISTEN"))
    for number, (segment, pair) in enumerate(zip(segments(), states), 1):
        capture.write(number * 1000000, wire.build(segment))
        log.write("emit", number, 1, pair)
        log.write(what, number, 1, pair)
        log.write(f"deliver:{number}", number, 1, pair)
    log.write("quiet", len(SCRIPT), 1, ("TIME-WAIT", "LISTEN"))
    capture.close()
    log.close()


def record(number, client, server, findings=()):
    sender = "client" if SCRIPT[number - 1][0] == "a" else "server"
    sides = {
        name: {"state": states[0], "possible": list(states)}
        for name, states in (("client", client), ("server", server))
    }
    return {"packet": number, "connection": 1, "from": sender, "findings": list(findings), **sides}


def right_records():
    records = {n: record(n, [s[0]], [s[1]]) for n, s in enumerate(STATES, 1)}
    records[9] = record(9, ["TIME-WAIT"], ["CLOSED", "LAST-ACK", "LISTEN"])
    return records


class Comparison(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.base = pathlib.Path(directory.name) / "made-up"
        write_connection(self.base)

    def judge(self, records, lossless=False):
        packets = [wire.parse(packet) for _, packet in wire.read_pcap(f"{self.base}.pcap")]
        flows = truth.read_flows(f"{self.base}.truth.tsv", packets)
        figures = compare.Figures("made-up")
        compare.count_findings(figures, flows, records, lossless)
        for flow in flows:
            compare.compare_flow(figures, flow, records)
        return figures.counts

    def test_what_is_right_is_not_blamed(self):
        counts = self.judge(right_records())
        self.assertEqual((0, 0, 0), tuple(counts[k] for k in ("illegal", "outside", "wrong-state")))
        self.assertEqual(2, counts["exact"])
        self.assertEqual(10, counts["settled"])

    def test_kernel_outside_possible(self):
        records = right_records()
        records[5] = record(5, ["CLOSE-WAIT"], ["ESTABLISHED"])
        self.assertEqual(1, self.judge(records)["outside"])

    def test_wrong_state_counts_only_with_nothing_in_flight(self):
        records = right_records()
        records[5] = record(5, ["CLOSING", "ESTABLISHED"], ["ESTABLISHED"])
        self.assertEqual(0, self.judge(records)["wrong-state"])
        records[9] = record(9, ["CLOSING", "TIME-WAIT"], ["LISTEN"])
        self.assertEqual(1, self.judge(records)["wrong-state"])

    def test_state_outside_its_own_possible(self):
        records = right_records()
        records[4]["client"]["state"] = "CLOSED"
        self.assertEqual(1, self.judge(records)["state-not-possible"])

    def test_illegal_finding(self):
        records = right_records()
        finding = {"rule": "data-after-fin", "class": "illegal", "by": "client"}
        records[3]["findings"].append(finding)
        self.assertEqual(1, self.judge(records)["illegal"])

    def test_suspect_is_wrong_only_where_nothing_was_missed(self):
        records = right_records()
        records[3]["findings"].append({"rule": "r", "class": "suspect", "by": "client"})
        self.assertEqual(0, self.judge(records)["suspect"])
        self.assertEqual(1, self.judge(records, lossless=True)["suspect"])

    def test_findings_go_to_the_packet_they_name(self):
        late = {"rule": "r", "class": "capture", "by": "client", "packet": 2}
        records = [record(n, ["CLOSED"], ["CLOSED"], [late] if n > 3 else ()) for n in range(1, 6)]
        found = compare.by_packet(records)
        self.assertEqual([0, 1, 0, 0, 0], [len(found[n]["findings"]) for n in range(1, 6)])

    def test_closed_but_fin_not_yet_sent(self):
        early = [*STATES[:4], ("FIN-WAIT-1", "ESTABLISHED"), *STATES[5:]]
        write_connection(self.base, states=early)
        self.assertEqual(0, self.judge(right_records())["outside"])
        late = [*STATES[:6], ("FIN-WAIT-1", "CLOSE-WAIT"), *STATES[7:]]
        write_connection(self.base, states=late)
        records = right_records()
        records[7] = record(7, ["ESTABLISHED"], ["CLOSE-WAIT"])
        self.assertEqual(1, self.judge(records)["outside"])

    def test_gone_is_excused_only_after_trouble(self):
        gone = [*STATES[:4], ("ESTABLISHED", "CLOSED"), *STATES[5:]]
        write_connection(self.base, states=gone)
        self.assertEqual(1, self.judge(right_records())["outside"])
        lines = pathlib.Path(f"{self.base}.truth.tsv").read_text(encoding="ascii").splitlines()
        lines.insert(5, "99\twait\t1\t1\tSYN-SENT\tLISTEN")
        pathlib.Path(f"{self.base}.truth.tsv").write_text("\n".join(lines) + "\n", encoding="ascii")
        counts = self.judge(right_records())
        self.assertEqual((0, 1, 0), (counts["outside"], counts["excused"], counts["exact"]))


class Mutation(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.base = pathlib.Path(directory.name) / "made-up"
        write_connection(self.base)

    def mutant(self, seed):
        mutate.mutate(self.base, random.Random(seed))
        mutants = compare.read_mutants(f"{self.base}.mutated.expect.tsv")
        packets = [wire.parse(p) for _, p in wire.read_pcap(f"{self.base}.mutated.pcap")]
        return (mutants[0] if mutants else None), packets

    def test_one_segment_more_and_named(self):
        kinds = set()
        for seed in range(120):
            mutant, packets = self.mutant(seed)
            self.assertEqual(len(SCRIPT) + bool(mutant), len(packets))
            if mutant:
                source = packets[mutant.packet - 1].src
                self.assertEqual(mutant.by, "initiator" if source == CLIENT else "responder")
                del packets[mutant.packet - 1]
                kinds.add(mutant.kind)
            self.assertEqual(list(segments()), packets)
        self.assertGreaterEqual(len(kinds), 20)

    def judge(self, mutant, packets, accused):
        """Judge with an illegal finding at each of {packet: by}."""
        flow = next(iter(compare.plain_flows(packets).values()))
        records = {}
        for number, segment in flow.packets:
            sender = "client" if segment.src == CLIENT else "server"
            side = {"state": "CLOSED", "possible": ["CLOSED"]}
            findings = []
            if number in accused:
                findings.append({"rule": "r", "class": "illegal", "by": accused[number]})
            records[number] = {"from": sender, "client": side, "server": side, "findings": findings}
        figures = compare.Figures("made-up")
        compare.judge_mutant(figures, mutant, flow, records, {mutant.packet})
        return {kind for kind in compare.MUTANT_FAULTS if figures.counts[kind]}

    def test_found_blamed_and_nothing_else(self):
        mutant, packets = next(m for m in map(self.mutant, range(50)) if m[0])
        by = "client" if mutant.by == "initiator" else "server"
        other = "server" if by == "client" else "client"
        at = mutant.packet
        self.assertEqual(set(), self.judge(mutant, packets, {at: by}))
        self.assertEqual({"missed"}, self.judge(mutant, packets, {}))
        self.assertEqual({"wrong-blame"}, self.judge(mutant, packets, {at: other}))
        self.assertEqual({"accused-before"}, self.judge(mutant, packets, {at: by, at - 1: by}))
        self.assertEqual({"missed", "accused-before"}, self.judge(mutant, packets, {1: by}))


class Wire(unittest.TestCase):
    def test_build_and_parse_agree(self):
        for segment in segments():
            self.assertEqual(segment, wire.parse(wire.build(segment)))

    def test_ipv6_and_checksums(self):
        segment = next(segments())
        segment.src, segment.dst, segment.version = ("fd09::1", 1), ("fd09::2", 2), 6
        packet = wire.build(segment)
        self.assertEqual(segment.src, wire.parse(packet).src)
        pseudo = packet[8:40] + len(packet[40:]).to_bytes(4, "big") + b"\0\0\0\6"
        self.assertEqual(0, wire.checksum(pseudo + packet[40:]))

    def test_short_packets_are_nobodys(self):
        packet = wire.build(next(segments()))
        for size in range(len(packet)):
            self.assertIsNone(wire.parse(packet[:size]))

    def test_sequence_space_wraps(self):
        self.assertTrue(wire.seq_after(3, 2**32 - 3))
        self.assertFalse(wire.seq_after(2**32 - 3, 3))
        self.assertFalse(wire.seq_after(7, 7))


if __name__ == "__main__":
    unittest.main()
