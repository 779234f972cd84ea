# SPDX-License-Identifier: MIT
"""Captures made in memory: TCP segments in packets, packets in pcap or pcapng files."""

import struct

START = 1_772_356_442_000_000  # 2026-03-01 09:14:02 UTC, microseconds

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16

ETHERNET, RAW_IP = 1, 101


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def octets(address):
    return bytes(int(part) for part in address.split("."))


def ip_packet(source, target, flags, seq, ack, data=b"", ident=0):
    """One segment in an IPv4 packet, checksums right. An endpoint is (address, port)."""
    tcp = struct.pack(">HHIIBBHHH", source[1], target[1], seq & 0xFFFFFFFF, ack & 0xFFFFFFFF,
                      5 << 4, flags, 64240, 0, 0) + data
    pseudo = octets(source[0]) + octets(target[0]) + struct.pack(">BBH", 0, 6, len(tcp))
    tcp = tcp[:16] + struct.pack(">H", checksum(pseudo + tcp)) + tcp[18:]
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), ident, 0x4000, 64, 6, 0)
    ip += octets(source[0]) + octets(target[0])
    ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
    return ip + tcp


def ethernet(packet):
    return bytes(6) + bytes([2, 0, 0, 0, 0, 1]) + b"\x08\x00" + packet


def connection(client, server, steps):
    """Packets of one connection; a step is (side, flags, relative seq, relative ack, data)."""
    iss = {"client": 1000, "server": 900_000}
    ends = {"client": client, "server": server}
    packets = []
    for ident, (side, flags, seq, ack, data) in enumerate(steps, 1):
        peer = "server" if side == "client" else "client"
        number = iss[peer] + ack if flags & ACK else 0
        packets.append(ip_packet(ends[side], ends[peer], flags, iss[side] + seq, number, data,
                                 ident))
    return packets


HANDSHAKE = [
    ("client", SYN, 0, 0, b""),
    ("server", SYN | ACK, 0, 1, b""),
    ("client", ACK, 1, 1, b""),
]

CLOSED = HANDSHAKE + [
    ("client", PSH | ACK, 1, 1, b"hello"),
    ("server", ACK, 1, 6, b""),
    ("server", PSH | ACK, 1, 6, b"welcome"),
    ("client", ACK, 6, 8, b""),
    ("client", FIN | ACK, 6, 8, b""),
    ("server", FIN | ACK, 8, 7, b""),
    ("client", ACK, 7, 9, b""),
]

REFUSED = [("client", SYN, 0, 0, b""), ("server", RST | ACK, 0, 1, b"")]

NO_ANSWER = [("client", SYN, 0, 0, b"")] * 3

RESET = HANDSHAKE + [("client", PSH | ACK, 1, 1, b"x" * 412), ("server", RST | ACK, 1, 413, b"")]

# No conforming endpoint sends SYN and FIN together.
SYN_FIN = [("client", SYN | FIN, 0, 0, b"")]

CLIENT = ("10.0.0.17", 51544)
SERVER = ("10.0.0.9", 443)


def closed(port=51544):
    return connection((CLIENT[0], port), SERVER, CLOSED)


def pcap_of_frames(frames, link_type=ETHERNET):
    """A classic little-endian file; packets are a millisecond apart."""
    data = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, link_type)]
    for i, frame in enumerate(frames):
        micro = START + 1000 * i
        data.append(struct.pack("<IIII", micro // 1_000_000, micro % 1_000_000, len(frame),
                                len(frame)))
        data.append(frame)
    return b"".join(data)


def pcap(packets, link_type=ETHERNET):
    return pcap_of_frames([ethernet(p) for p in packets] if link_type == ETHERNET else packets,
                          link_type)


def block(kind, body):
    body += b"\0" * (-len(body) % 4)
    return struct.pack("<II", kind, 12 + len(body)) + body + struct.pack("<I", 12 + len(body))


def option(code, value):
    return struct.pack("<HH", code, len(value)) + value + b"\0" * (-len(value) % 4)


def pcapng(interfaces, packets):
    """Interfaces are (link type, name); packets are (interface, packet)."""
    parts = [block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))]
    for link_type, name in interfaces:
        options = option(2, name) + option(0, b"") if name else b""
        parts.append(block(1, struct.pack("<HHI", link_type, 0, 0) + options))
    for i, (interface, packet) in enumerate(packets):
        frame = ethernet(packet) if interfaces[interface][0] == ETHERNET else packet
        micro = START + 1000 * i
        parts.append(block(6, struct.pack("<IIIII", interface, micro >> 32, micro & 0xFFFFFFFF,
                                          len(frame), len(frame)) + frame))
    return b"".join(parts)
