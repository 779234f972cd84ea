# SPDX-License-Identifier: MIT
"""Takes pcapng and pcap files apart, independently of the program."""

import struct
from typing import NamedTuple

SECTION, INTERFACE, OLD_PACKET, SIMPLE, ENHANCED = 0x0A0D0D0A, 1, 2, 3, 6
FIXED = {SECTION: 16, INTERFACE: 8, OLD_PACKET: 20, SIMPLE: 4, ENHANCED: 20}
COMMENT = 1


class Block(NamedTuple):
    kind: int
    order: str  # of struct: "<" or ">"
    body: bytes  # between the lengths

    def data_len(self):
        """Octets of packet data, with padding."""
        if self.kind not in (OLD_PACKET, ENHANCED):
            return 0
        return (struct.unpack_from(self.order + "I", self.body, 12)[0] + 3) & ~3

    def fixed(self):
        """All but the options."""
        if self.kind == SIMPLE:
            return self.body
        return self.body[:FIXED[self.kind] + self.data_len()]

    def options(self):
        """(code, value) of each option, without the end mark."""
        found, at = [], len(self.fixed())
        while at + 4 <= len(self.body):
            code, size = struct.unpack_from(self.order + "HH", self.body, at)
            if code == 0:
                break
            found.append((code, self.body[at + 4:at + 4 + size]))
            at += 4 + (size + 3) // 4 * 4
        return found

    def comments(self):
        if self.kind not in FIXED or self.kind == SIMPLE:
            return []
        return [value.decode() for code, value in self.options() if code == COMMENT]

    def is_packet(self):
        return self.kind in (OLD_PACKET, SIMPLE, ENHANCED)


def blocks(data):
    """The blocks of a pcapng file, up to the first that is damaged."""
    found, at, order = [], 0, "<"
    while at + 12 <= len(data):
        if data[at:at + 4] == b"\x0a\x0d\x0d\x0a":
            order = ">" if data[at + 8:at + 12] == b"\x1a\x2b\x3c\x4d" else "<"
        kind, size = struct.unpack_from(order + "II", data, at)
        if size < 12 or at + size > len(data):
            break
        if struct.unpack_from(order + "I", data, at + size - 4)[0] != size:
            break
        found.append(Block(kind, order, data[at + 8:at + size - 4]))
        at += size
    return found


def pcap_packets(data):
    """(seconds, fraction, original length, octets) of each packet of a classic file."""
    order = "<" if data[0] in (0xD4, 0x4D, 0x34) else ">"
    found, at = [], 24
    head = 24 if struct.unpack(order + "I", data[:4])[0] == 0xA1B2CD34 else 16
    while at + head <= len(data):
        seconds, fraction, captured, original = struct.unpack_from(order + "4I", data, at)
        if at + head + captured > len(data):
            break
        found.append((seconds, fraction, original, data[at + head:at + head + captured]))
        at += head + captured
    return found
