#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Parts of a capture, analysed one by one: their records are those of the whole."""

import glob
import os
import struct
import unittest

import captures
from program import ProgramTest

PCAPS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "pcaps")


def fragments(packet, size, ident):
    """An IPv4 packet in fragments of `size` octets."""
    header, data = packet[:20], packet[20:]
    pieces = []
    for at in range(0, len(data), size):
        more = 0x2000 if at + size < len(data) else 0
        piece = data[at:at + size]
        head = header[:2] + struct.pack(">HHH", 20 + len(piece), ident, more | at // 8) + header[8:]
        head = head[:10] + b"\0\0" + head[12:]
        head = head[:10] + struct.pack(">H", captures.checksum(head)) + head[12:]
        pieces.append(head + piece)
    return pieces


def in_tunnel(packet):
    """IP in IP."""
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(packet), 0, 0, 64, 4, 0)
    head += bytes([192, 0, 2, 1, 192, 0, 2, 2])
    return head[:10] + struct.pack(">H", captures.checksum(head)) + head[12:] + packet


class SplitTest(ProgramTest):
    def records(self, *names):
        lines = []
        for name in names:
            lines += self.expect(0, name, "-o", "ndjson").splitlines()
        return sorted(line for line in lines if '"event":"end"' in line)

    def check_all(self, name):
        whole = self.records(name)
        for count in (1, 2, 4, 8, 16):
            self.expect(0, "split", "-r", name, "--shards", str(count), "-w", "part.pcapng")
            parts = sorted(glob.glob(self.path("part-*.pcapng")))
            self.assertEqual(len(parts), count)
            self.assertEqual(self.records(*parts), whole, (name, count))
            for part in parts:
                os.unlink(part)
        return whole

    def test_recorded_captures(self):
        for name in ("mixed", "ipv6", "vlan", "port-scan", "time-wait-reuse-by-client", "one-sided"):
            with self.subTest(name=name):
                self.check_all(os.path.join(PCAPS, name + ".pcap"))

    def test_many_connections_are_spread(self):
        packets = [packet for port in range(200) for packet in captures.closed(2000 + port)]
        self.file("many.pcap", captures.pcap(packets))
        self.assertEqual(len(self.check_all("many.pcap")), 200)
        self.expect(0, "split", "many.pcap", "--shards", "4", "-w", "part")
        for number in range(4):
            share = len(self.records(f"part-{number}.pcapng"))
            self.assertTrue(30 <= share <= 70, share)

    def test_parts_know_when_the_whole_ended(self):
        """States that last are judged by that, and a part may be silent long before."""
        half = captures.HANDSHAKE + [("client", captures.FIN | captures.ACK, 1, 1, b""),
                                     ("server", captures.ACK, 1, 2, b"")]
        packets = []
        for port in range(6000, 6020):
            packets += captures.connection((captures.CLIENT[0], port), captures.SERVER, half)
        first = len(packets)
        for port in range(7000, 7005):
            packets += captures.closed(port)
        data = bytearray(captures.pcap(packets))
        at = 24
        for number in range(len(packets)):
            seconds, _, length = struct.unpack_from("<III", data, at)
            struct.pack_into("<I", data, at, seconds + 100 * (number >= first))
            at += 16 + length
        self.file("lasting.pcap", bytes(data))
        lasting = [line for line in self.check_all("lasting.pcap") if "close-wait-lasts" in line]
        self.assertEqual(len(lasting), 20)

    def test_fragments_go_with_their_connection(self):
        """Also those that come before the first one, which alone has the ports."""
        packets = []
        for port in range(3000, 3040):
            for number, packet in enumerate(captures.closed(port)):
                pieces = fragments(packet, 16, 1000 * number + port)
                order = [pieces, pieces[::-1], pieces[1:] + pieces[:1]][(number + port) % 3]
                packets += order
        self.file("fragments.pcap", captures.pcap(packets))
        self.assertEqual(len(self.check_all("fragments.pcap")), 40)

    def test_fragments_around_connections(self):
        """The pieces of a tunnel's packets, and pieces of pieces: what is inside decides."""
        packets = []
        for port in range(4000, 4020):
            for number, packet in enumerate(captures.closed(port)):
                ident = 100 * (port - 4000) + number
                inner = [packet] if port % 2 else fragments(packet, 16, ident)
                for place, piece in enumerate(inner):
                    packets += fragments(in_tunnel(piece), 24, 10 * ident + place)
        self.file("tunnel.pcap", captures.pcap(packets))
        self.assertEqual(len(self.check_all("tunnel.pcap")), 20)

    def test_packets_keep_number_time_and_interface(self):
        packets = captures.closed(1) + captures.closed(2)
        self.file("two.pcapng", captures.pcapng(
            [(captures.ETHERNET, b"eth0"), (captures.RAW_IP, b"tun0")],
            [(i % 2, packet) for i, packet in enumerate(packets)]))
        self.expect(0, "split", "two.pcapng", "--shards", "16", "-w", "part")
        lines = []
        for part in sorted(glob.glob(self.path("part-*.pcapng"))):
            lines += [line.split('"connection"')[0]
                      for line in self.expect(0, "trace", part, "-o", "ndjson").splitlines()]
        whole = [line.split('"connection"')[0]
                 for line in self.expect(0, "trace", "two.pcapng", "-o", "ndjson").splitlines()]
        self.assertEqual(sorted(lines), sorted(whole))

    def test_a_filter_and_several_files(self):
        self.file("a.pcap", captures.pcap(captures.closed(1)))
        self.file("b.pcap", captures.pcap(captures.closed(2)))
        self.expect(0, "split", "a.pcap", "b.pcap", "--shards", "2", "-w", "part", "tcp port 2")
        self.assertEqual(len(self.records("part-0.pcapng", "part-1.pcapng")), 1)

    def test_damage_and_refusals(self):
        data = captures.pcap(captures.closed())
        self.file("cut.pcap", data[:-5])
        self.complaint(4, "split", "cut.pcap", "--shards", "2", "-w", "part")
        self.assertEqual(len(self.records("part-0.pcapng", "part-1.pcapng")), 1)
        self.file("bad.pcap", b"not a capture, and long enough to say so")
        self.complaint(3, "split", "bad.pcap", "--shards", "2", "-w", "other")
        self.assertEqual(glob.glob(self.path("other*")), [])
        for words in (["--shards", "2"], ["-w", "x"], ["--shards", "0", "-w", "x"],
                      ["--shards", "1025", "-w", "x"]):
            self.complaint(2, "split", "cut.pcap", *words)


if __name__ == "__main__":
    unittest.main()
