# SPDX-License-Identifier: MIT
"""Put into most connections of a capture one segment that no conforming endpoint could have sent.

Writes NAME.mutated.pcap and NAME.mutated.expect.tsv: packet, by (initiator or responder), kind,
needs (`always`: illegal whatever was lost, `lossless`: illegal once nothing was).

Each kind proves itself from what the capture holds before it. The tap sees every packet as it is
emitted, so numbers are those of the life that the first SYN began; connections in which a host
crashed or whose ports served twice are left alone, and those of servers with SYN cookies left out,
since such a server may use its numbers twice.
"""

import csv
import struct
from dataclasses import dataclass, field, replace

import truth
import wire
from wire import ACK, FIN, MODULUS, PSH, RST, SYN, URG, seq_after

MSS_OPTION = b"\x02\x04\x05\xb4"
WINDOW_SCALE_7 = b"\x01\x03\x03\x07"
OPTION_WINDOW_SCALE, OPTION_SACK_PERMITTED, OPTION_SACK, OPTION_TIMESTAMP = 3, 4, 5, 8
FAST_OPEN = (34, 254)
COOKIE_SLACK = 3  # the cookie holds one of four sizes in the same sum
SHARE = 0.8  # of the connections that can carry a mutation


def options_of(segment):
    """{kind: value} of a segment's options; the kernels send well-formed ones."""
    found, at, raw = {}, 0, segment.options
    while at < len(raw) and raw[at] != 0:
        if raw[at] == 1:
            at += 1
            continue
        found[raw[at]] = raw[at + 2 : at + raw[at + 1]]
        at += raw[at + 1]
    return found


def option(kind, value):
    return bytes((kind, len(value) + 2)) + value


@dataclass
class Side:
    """What one endpoint has put on the wire before the place of the mutation."""

    syn: object = None
    nxt: int = 0  # after the last octet, SYN or FIN it sent
    ack: int = None  # the highest it acknowledged
    fin: int = None
    rst: bool = False
    edge: int = None  # the highest right edge it offered
    recalled: int = None  # where it begins again once it is over, if it kept a SYN cookie
    reborn: bool = False  # it may have done so
    closed_last: bool = False  # its FIN acknowledges the peer's
    again: bool = False  # it has sent older numbers again with its newest acknowledgment
    data: int = 0  # octets of text sent
    last: object = None

    def take(self, segment, peer):
        self.last = segment
        if segment.flags & RST:
            self.rst = True
            return
        if segment.flags & SYN:
            self.syn = self.syn or segment
            self.nxt = self.nxt or segment.end
        self._take_again(segment, peer)
        self.again = self.again or bool(self.ack and seq_after(self.nxt, segment.seq))
        if seq_after(segment.end, self.nxt):
            self.nxt = segment.end
        if segment.flags & FIN:
            self.fin = (segment.seq + segment.seq_len - 1) % MODULUS
            self.closed_last = peer.fin is not None and seq_after(segment.ack, peer.fin)
        self.data += len(segment.payload)
        if segment.flags & ACK:
            if self.ack is None or seq_after(segment.ack, self.ack):
                self.ack = segment.ack
            self._offer(segment, peer)

    def _take_again(self, segment, peer):
        if segment.seq_len and not segment.flags & SYN and self.may_begin_at(segment.seq, peer):
            self.reborn = True

    def may_begin_at(self, seq, peer):
        """Whether a server that a SYN cookie has brought back begins with this number."""
        if not self.syn or not self.syn.flags & ACK or not peer.syn:
            return False
        if seq == self.recalled:
            return True
        if not self._may_be_over(peer):
            return False
        leads_there = seq == peer.ack and self._carries_cookie(peer.nxt, seq, peer)
        return seq == (self.syn.seq + 1) % MODULUS or leads_there

    def _may_be_over(self, peer):
        acked = self.fin is not None and peer.ack == (self.fin + 1) % MODULUS
        return peer.rst or self.rst or (acked and self.closed_last)

    def _carries_cookie(self, seq, ack, peer):
        """It acknowledges about as many octets as precede it: Linux compares no closer."""
        octets, before = ack - self.syn.seq, seq - peer.syn.seq
        return (octets - before + COOKIE_SLACK) % MODULUS <= 2 * COOKIE_SLACK

    def hear(self, segment, peer):
        """The peer's segment may bring a server back."""
        if not self.syn or not self.syn.flags & ACK or segment.flags & (SYN | RST) or not peer.syn:
            return
        brings = self._carries_cookie(segment.seq, segment.ack, peer)
        if brings and seq_after(self.nxt, segment.ack) and self.recalled is None:
            self.recalled = segment.ack

    def _offer(self, segment, peer):
        edge = (segment.ack + (segment.window << self._shift(segment, peer))) % MODULUS
        if self.edge is None or seq_after(edge, self.edge):
            self.edge = edge

    def _shift(self, segment, peer):
        return 0 if segment.flags & SYN else self.scale(peer)

    def scale(self, peer):
        scaled = self.offers(OPTION_WINDOW_SCALE) and peer.offers(OPTION_WINDOW_SCALE)
        return options_of(self.syn)[OPTION_WINDOW_SCALE][0] if scaled else 0

    def offers(self, kind):
        return self.syn is not None and kind in options_of(self.syn)


@dataclass
class Place:
    """After one packet of a connection, seen from the side that is to misbehave."""

    mine: Side
    peer: Side
    src: tuple
    dst: tuple
    version: int
    by_initiator: bool
    newest: object = field(default=None)

    @property
    def handshake(self):
        """Both opened, the usual way round, and this side knows it."""
        client, server = (self.mine, self.peer) if self.by_initiator else (self.peer, self.mine)
        if not client.syn or not server.syn or client.ack is None:
            return False
        return not client.syn.flags & ACK and bool(server.syn.flags & ACK)

    @property
    def fast_open(self):
        return any(side.offers(kind) for side in (self.mine, self.peer) for kind in FAST_OPEN)

    @property
    def open(self):
        return self.handshake and self.mine.ack is not None and not (self.mine.rst or self.peer.rst)

    @property
    def synack_just_sent(self):
        """The server's first SYN-ACK is the newest packet."""
        return not self.by_initiator and self.newest is self.mine.syn and self.newest.flags & ACK

    def begins_again(self, seq):
        """Whether this side may be a server that a SYN cookie has brought back, or that is by now.

        Then it uses its numbers again: see Side.
        """
        return self.mine.reborn or self.mine.may_begin_at(seq % MODULUS, self.peer)

    def both_offer(self, kind):
        return self.mine.offers(kind) and self.peer.offers(kind)

    def timestamp(self):
        """The timestamp option as this side last sent it, padded; empty where not negotiated."""
        value = options_of(self.mine.last).get(OPTION_TIMESTAMP) if self.mine.last else None
        return b"\x01\x01" + option(OPTION_TIMESTAMP, value) if value else b""

    def segment(self, flags, seq=None, ack=None, payload=b"", options=None):
        mine = self.mine
        return wire.Segment(
            self.src,
            self.dst,
            (mine.nxt if seq is None else seq) % MODULUS,
            ((mine.ack or 0) if ack is None else ack) % MODULUS if flags & ACK else 0,
            flags,
            mine.last.window if mine.last else 0,
            self.timestamp() if options is None else options,
            payload,
            0,
            self.version,
        )


# -- kinds: each takes a Place, returns the segment or None where it would prove nothing ----------


def syn_fin(at):
    return at.segment(SYN | FIN) if at.mine.syn else None


def rst_syn(at):
    return at.segment(SYN | RST | ACK) if at.open else None


def fin_rst(at):
    return at.segment(FIN | RST | ACK) if at.open else None


def null_flags(at):
    return at.segment(0, payload=b"n" * 9) if at.open else None


def data_without_ack(at):
    return at.segment(PSH, payload=b"p" * 5) if at.open else None


def xmas(at):
    return at.segment(FIN | PSH | URG) if at.open else None


def fin_without_ack(at):
    return at.segment(FIN) if at.open else None


def data_after_fin(at):
    """Also after the peer's reset; after its own, a SYN cookie may have brought a server back."""
    if not at.handshake or at.mine.fin is None or at.mine.rst:
        return None
    if at.begins_again(at.mine.fin + 1):
        return None
    return at.segment(PSH | ACK, at.mine.fin + 1, payload=b"l" * 40)


def data_over_fin(at):
    if not at.open or at.mine.fin is None or at.begins_again(at.mine.fin):
        return None
    return at.segment(PSH | ACK, at.mine.fin, payload=b"o" * 10)


def second_fin(at):
    if not at.open or at.mine.fin is None or at.begins_again(at.mine.fin + 1):
        return None
    return at.segment(FIN | ACK, at.mine.fin + 1)


def fin_before_data(at):
    if not at.open or at.mine.fin is not None or at.mine.data < 2:
        return None
    if at.begins_again(at.mine.nxt - 2):
        return None
    return at.segment(FIN | ACK, at.mine.nxt - 2)


def mss_outside_syn(at):
    return at.segment(ACK, options=at.timestamp() + MSS_OPTION) if at.open else None


def window_scale_outside_syn(at):
    return at.segment(ACK, options=at.timestamp() + WINDOW_SCALE_7) if at.open else None


def bad_option_length(at):
    return at.segment(ACK, options=b"\x01\x01\xfd\x01") if at.open and not at.timestamp() else None


def window_scale_15(at):
    """A SYN again, alike but for a shift that no SYN may carry."""
    if at.newest is not at.mine.syn or not at.mine.offers(OPTION_WINDOW_SCALE):
        return None
    raw = bytearray(at.mine.syn.options)
    raw[raw.index(b"\x03\x03") + 2] = 15
    return replace(at.mine.syn, options=bytes(raw))


def ack_unsent(at):
    return at.segment(ACK, ack=at.peer.nxt + 1000) if at.open else None


def ack_unsent_fin(at):
    return at.segment(ACK, ack=at.peer.nxt + 1) if at.open and at.peer.fin is None else None


def synack_wrong_ack(at):
    if not at.synack_just_sent or at.fast_open:
        return None
    return replace(at.mine.syn, ack=(at.mine.syn.ack + 7) % MODULUS)


def ack_unsent_syn(at):
    """The client acknowledges a SYN that the server has not sent."""
    if at.mine.syn is not at.newest or at.peer.last or at.fast_open:
        return None
    return at.segment(ACK, ack=at.mine.nxt + 4000, options=b"")


def data_in_syn_received(at):
    if not at.synack_just_sent or at.fast_open or at.peer.ack is not None:
        return None
    return at.segment(PSH | ACK, payload=b"e" * 20)


def beyond_window(at):
    """Beyond every window that can count.

    Where the peer has sent older numbers again, its widest window may count from the newest
    acknowledgment on. With Fast Open, a server that forgot the connection and took a copy of the
    SYN sends text before anybody acknowledged its own: then it may be that.
    """
    if not at.open or at.peer.edge is None or at.mine.fin is not None or at.fast_open:
        return None
    edge = at.peer.edge
    if at.mine.syn and at.peer.syn:  # what the SYN offered counts from the own one
        offered = (at.mine.syn.seq + 1 + at.peer.syn.window) % MODULUS
        edge = offered if seq_after(offered, edge) else edge
    if at.peer.again:
        edge = at.peer.ack + 65536 + (65535 << at.peer.scale(at.mine))
    if at.begins_again(edge + 100):
        return None
    return at.segment(PSH | ACK, edge + 100, payload=b"w" * 50)


def sack_unsent(at):
    if not at.open or not at.both_offer(OPTION_SACK_PERMITTED):
        return None
    edges = struct.pack("!II", (at.peer.nxt + 10) % MODULUS, (at.peer.nxt + 20) % MODULUS)
    return at.segment(ACK, options=at.timestamp() + b"\x01\x01" + option(OPTION_SACK, edges))


def timestamp_missing(at):
    if not at.open or not at.both_offer(OPTION_TIMESTAMP):
        return None
    return at.segment(ACK, options=b"")


def option_not_offered(at):
    """A SYN-ACK again, now with a window scale that the SYN had not offered."""
    if not at.synack_just_sent:
        return None
    if at.peer.offers(OPTION_WINDOW_SCALE):
        return None
    return replace(at.mine.syn, options=at.mine.syn.options + WINDOW_SCALE_7)


ALWAYS = (
    syn_fin,
    rst_syn,
    fin_rst,
    null_flags,
    data_without_ack,
    xmas,
    fin_without_ack,
    data_after_fin,
    data_over_fin,
    second_fin,
    fin_before_data,
    mss_outside_syn,
    window_scale_outside_syn,
    bad_option_length,
    window_scale_15,
)
LOSSLESS = (
    ack_unsent,
    ack_unsent_fin,
    synack_wrong_ack,
    ack_unsent_syn,
    data_in_syn_received,
    beyond_window,
    sack_unsent,
    timestamp_missing,
    option_not_offered,
)


def places(flow):
    """Every place of a connection, once for each side: (packet number before it, Place)."""
    sides = {end: Side() for end in flow.ends}
    for number, segment in flow.packets:
        sides[segment.src].take(segment, sides[segment.dst])
        sides[segment.dst].hear(segment, sides[segment.src])
        for src, dst in (flow.ends, flow.ends[::-1]):
            mine, peer = (replace(sides[end]) for end in (src, dst))
            by_initiator = src == flow.ends[0]
            yield number, Place(mine, peer, src, dst, segment.version, by_initiator, segment)


def simple(flow, twice):
    """One life a side, and no host that forgot it."""
    if not flow.packets or flow.packets[0][1].pair in twice or flow.kind in ("reuse", "cookies"):
        return False
    if any(row.what.partition("(")[0].endswith(".crash") for row in flow.rows):
        return False
    first = {}
    return all(
        first.setdefault(segment.src, segment.seq) == segment.seq
        for _, segment in flow.packets
        if segment.flags & SYN
    )


def choose(flow, rng):
    """(packet number before it, the segment, side, kind, needs) of one mutation, or None."""
    kinds = [(kind, "always") for kind in ALWAYS] + [(kind, "lossless") for kind in LOSSLESS]
    spots = list(places(flow))
    for kind, needs in rng.sample(kinds, len(kinds)):
        found = [(number, kind(place), place) for number, place in spots]
        found = [spot for spot in found if spot[1] is not None]
        if found:
            number, segment, place = rng.choice(found)
            by = "initiator" if place.by_initiator else "responder"
            return number, segment, by, kind.__name__.replace("_", "-"), needs
    return None


def mutate(base, rng):
    """Write BASE.mutated.pcap and BASE.mutated.expect.tsv from BASE.pcap and BASE.truth.tsv."""
    packets = wire.read_pcap(f"{base}.pcap")
    flows = truth.read_flows(f"{base}.truth.tsv", [wire.parse(packet) for _, packet in packets])
    left_out = {number for flow in flows if flow.kind == "cookies" for number, _ in flow.packets}
    pairs = [flow.packets[0][1].pair for flow in flows if flow.packets]
    twice = {pair for pair in pairs if pairs.count(pair) > 1}
    chosen = {}
    for flow in flows:
        if simple(flow, twice) and rng.random() < SHARE:
            mutation = choose(flow, rng)
            if mutation:
                chosen.setdefault(mutation[0], mutation)
    writer = wire.PcapWriter(f"{base}.mutated.pcap")
    with open(f"{base}.mutated.expect.tsv", "w", encoding="ascii", newline="") as file:
        table = csv.writer(file, delimiter="\t", lineterminator="\n")
        table.writerow(("packet", "by", "kind", "needs"))
        for number, (time_ns, packet) in enumerate(packets, 1):
            if number in left_out:
                continue
            writer.write(time_ns, packet)
            if number in chosen:
                _, segment, by, kind, needs = chosen[number]
                writer.write(time_ns + 1000, wire.build(segment))
                table.writerow((writer.count, by, kind, needs))
    writer.close()
