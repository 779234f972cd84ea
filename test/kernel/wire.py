# SPDX-License-Identifier: MIT
"""Packets of the kernel truth: read and write a nanosecond RAW-link pcap, take TCP/IP apart.

Only what the two kernels send: IPv4 without options and IPv6 without extension headers. A packet
that is anything else is None to parse(), and the caller leaves it alone.
"""

import socket
import struct
from dataclasses import dataclass, field

PCAP_NSEC_MAGIC = 0xA1B23C4D
LINKTYPE_RAW = 101
SNAP_LEN = 262144

FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32
FLAG_LETTERS = ((FIN, "F"), (SYN, "S"), (RST, "R"), (PSH, "P"), (ACK, "."), (URG, "U"))
MODULUS = 1 << 32


def seq_after(left, right):
    """True when `left` comes after `right` in sequence space, modulo 2^32 (RFC 9293 3.4)."""
    return left != right and (left - right) % MODULUS < MODULUS // 2


@dataclass
class Segment:
    """One TCP segment with the addresses of its packet; sequence numbers are absolute."""

    src: tuple
    dst: tuple
    seq: int
    ack: int
    flags: int
    window: int
    options: bytes = b""
    payload: bytes = b""
    urgent: int = 0
    version: int = 4
    pair: frozenset = field(init=False, repr=False)

    def __post_init__(self):
        self.pair = frozenset((self.src, self.dst))

    @property
    def seq_len(self):
        """SEG.LEN: payload plus one each for SYN and FIN."""
        return len(self.payload) + bool(self.flags & SYN) + bool(self.flags & FIN)

    @property
    def end(self):
        return (self.seq + self.seq_len) % MODULUS

    def flag_text(self):
        return "".join(letter for bit, letter in FLAG_LETTERS if self.flags & bit) or "none"


def parse(packet):
    """The Segment in a raw IP packet, or None when it is not a plain TCP packet."""
    if len(packet) < 20:
        return None
    version = packet[0] >> 4
    if version == 4:
        header_len = (packet[0] & 15) * 4
        total_len, protocol = struct.unpack_from("!H", packet, 2)[0], packet[9]
        family, addresses, size = socket.AF_INET, 12, 4
    elif version == 6 and len(packet) >= 40:
        header_len = 40
        total_len, protocol = 40 + struct.unpack_from("!H", packet, 4)[0], packet[6]
        family, addresses, size = socket.AF_INET6, 8, 16
    else:
        return None
    tcp = packet[header_len:total_len]
    if protocol != socket.IPPROTO_TCP or len(tcp) < 20:
        return None
    source = socket.inet_ntop(family, packet[addresses : addresses + size])
    target = socket.inet_ntop(family, packet[addresses + size : addresses + 2 * size])
    sport, dport, seq, ack, offset, flags, window, _, urgent = struct.unpack_from("!HHIIBBHHH", tcp)
    data = (offset >> 4) * 4
    if data < 20 or data > len(tcp):
        return None
    src, dst, options, text = (source, sport), (target, dport), tcp[20:data], tcp[data:]
    return Segment(src, dst, seq, ack, flags, window, options, text, urgent, version)


def checksum(data):
    """The Internet checksum of RFC 1071."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def build(segment):
    """The raw IP packet of a Segment, with right lengths and checksums."""
    options = segment.options + b"\0" * (-len(segment.options) % 4)
    tcp_len = 20 + len(options) + len(segment.payload)
    header = struct.pack(
        "!HHIIBBHHH",
        segment.src[1],
        segment.dst[1],
        segment.seq % MODULUS,
        segment.ack % MODULUS,
        (20 + len(options)) // 4 << 4,
        segment.flags,
        segment.window,
        0,
        segment.urgent,
    )
    family = socket.AF_INET if segment.version == 4 else socket.AF_INET6
    ends = socket.inet_pton(family, segment.src[0]) + socket.inet_pton(family, segment.dst[0])
    tcp = header + options + segment.payload
    pseudo = ends + struct.pack("!IBBBB", tcp_len, 0, 0, 0, socket.IPPROTO_TCP)
    tcp = tcp[:16] + struct.pack("!H", checksum(pseudo + tcp)) + tcp[18:]
    if segment.version == 6:
        return struct.pack("!IHBB", 0x60000000, tcp_len, socket.IPPROTO_TCP, 64) + ends + tcp
    size, do_not_fragment = 20 + tcp_len, 0x4000
    ip = struct.pack("!BBHHHBBH", 0x45, 0, size, 0, do_not_fragment, 64, socket.IPPROTO_TCP, 0)
    ip += ends
    return ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:] + tcp


class PcapWriter:
    """A nanosecond pcap with link type RAW."""

    def __init__(self, path):
        self.file = open(path, "wb")
        header = struct.pack("<IHHiIII", PCAP_NSEC_MAGIC, 2, 4, 0, 0, SNAP_LEN, LINKTYPE_RAW)
        self.file.write(header)
        self.count = 0

    def write(self, time_ns, packet):
        seconds, nanoseconds = divmod(time_ns, 1_000_000_000)
        size = len(packet)
        self.file.write(struct.pack("<IIII", seconds, nanoseconds, size, size) + packet)
        self.count += 1

    def close(self):
        self.file.close()


def read_pcap(path):
    """[(time_ns, packet)] of a capture that PcapWriter wrote."""
    with open(path, "rb") as file:
        data = file.read()
    magic, _, _, _, _, _, link = struct.unpack_from("<IHHiIII", data)
    if magic != PCAP_NSEC_MAGIC or link != LINKTYPE_RAW:
        raise ValueError(f"{path}: not a nanosecond pcap of raw IP")
    packets, at = [], 24
    while at < len(data):
        seconds, nanoseconds, size, _ = struct.unpack_from("<IIII", data, at)
        packets.append((seconds * 1_000_000_000 + nanoseconds, data[at + 16 : at + 16 + size]))
        at += 16 + size
    return packets
