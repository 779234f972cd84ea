# SPDX-License-Identifier: MIT
"""The truth file of a capture between two kernels: what was done, and both states after it.

Tab-separated, one row for each step: step, what, tap_index, flow, a_state, b_state. Side `a` is
the one that emits the connection's first packet. `what` is

    start:KIND    a connection begins
    emit          packet tap_index was just tapped
    deliver:N     packet N reached its receiver
    duplicate:N   a copy of packet N reached its receiver, the packet itself is still on its way
    drop:N        packet N was lost
    a.ACTION      a program did something (also b.ACTION), the errno in brackets when refused
    wait          timers ran
    quiet         nothing more was emitted for a moment
    end           the connection is given up

A connection that reuses the ports of an earlier one is a flow of its own.
"""

from dataclasses import dataclass, field

import wire

COLUMNS = ("step", "what", "tap_index", "flow", "a_state", "b_state")
SETTLED = ("quiet", "drop", "end")


@dataclass
class Row:
    step: int
    what: str
    tap_index: int
    flow: int
    states: tuple

    @property
    def verb(self):
        return self.what.partition(":")[0]

    @property
    def packet(self):
        """N of deliver:N and its like, else 0."""
        number = self.what.partition(":")[2]
        return int(number) if number.isdigit() else 0

    @property
    def settled(self):
        return self.verb in SETTLED


class TruthWriter:
    def __init__(self, path):
        self.file = open(path, "w", encoding="ascii")
        self.file.write("\t".join(COLUMNS) + "\n")
        self.step = 0

    def write(self, what, tap_index, flow, states):
        self.step += 1
        self.file.write(f"{self.step}\t{what}\t{tap_index}\t{flow}\t{states[0]}\t{states[1]}\n")

    def close(self):
        self.file.close()


def read_rows(path):
    rows = []
    with open(path, encoding="ascii") as file:
        if tuple(file.readline().rstrip("\n").split("\t")) != COLUMNS:
            raise ValueError(f"{path}: not a truth file")
        for line in file:
            step, what, tap_index, flow, a_state, b_state = line.rstrip("\n").split("\t")
            rows.append(Row(int(step), what, int(tap_index), int(flow), (a_state, b_state)))
    return rows


@dataclass
class Flow:
    """One connection of the truth file, with the packets that are its own."""

    number: int
    kind: str
    rows: list = field(default_factory=list)
    packets: list = field(default_factory=list)  # (number, Segment), in tap order
    ends: tuple = ()  # the address and port of a, of b

    @property
    def first_packet(self):
        return self.packets[0][0] if self.packets else 0


def opens(flow, segment, taken):
    """Whether this packet, tapped in the flow's rows, is the flow's first one.

    It has ports not seen before, or it is a bare SYN of a flow that reuses ports.
    """
    if segment.pair not in taken:
        return True
    return flow.kind.startswith("reuse") and segment.flags & (wire.SYN | wire.ACK) == wire.SYN


def read_flows(truth_path, packets):
    """The flows of a truth file; `packets` are the Segments of its capture, None where not TCP."""
    flows, taken = {}, {}
    for row in read_rows(truth_path):
        if row.verb == "start":
            flows[row.flow] = Flow(row.flow, row.what.partition(":")[2])
        flow = flows[row.flow]
        flow.rows.append(row)
        if row.verb != "emit" or packets[row.tap_index - 1] is None:
            continue
        segment = packets[row.tap_index - 1]
        if not flow.packets and opens(flow, segment, taken):
            taken[segment.pair] = flow
            flow.ends = (segment.src, segment.dst)
        if segment.pair in taken:
            taken[segment.pair].packets.append((row.tap_index, segment))
    return list(flows.values())
