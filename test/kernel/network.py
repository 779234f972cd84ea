# SPDX-License-Identifier: MIT
"""The network between the two hosts: taps every packet, then does with it as it is told.

It decides nothing. Every step is written to the truth file with both kernels' states after it; a
step ends when both hosts have nothing more to say for a moment.
"""

import select
import time
from dataclasses import dataclass

import host
import truth
import wire

SETTLE_MS = 1
ADDRESSES = {4: ("10.9.0.1", "10.9.0.2"), 6: ("fd09::1", "fd09::2")}


@dataclass
class InFlight:
    """A packet on its way. `flow` is the connection in whose rows it was tapped."""

    number: int
    to: object
    packet: bytes
    flow: int
    fin_or_rst: bool


class Network:
    def __init__(self, capture_path, truth_path):
        (a4, b4), (a6, b6) = ADDRESSES[4], ADDRESSES[6]
        self.a = host.Host("a", a4, a6)
        self.b = host.Host("b", b4, b6)
        self.tap = wire.PcapWriter(capture_path)
        self.log = truth.TruthWriter(truth_path)
        self.in_flight = []
        self.flow = 0
        self.poll = select.poll()
        for end in (self.a, self.b):
            self.poll.register(end.kernel.tun, select.POLLIN)

    @property
    def steps(self):
        return self.log.step

    def peer(self, end):
        return self.b if end is self.a else self.a

    def states(self):
        return (self.a.state(), self.b.state())

    def _row(self, what):
        self.log.write(what, self.tap.count, self.flow, self.states())

    # -- what happens to a connection --------------------------------------------------------

    def begin(self, kind, version, ports):
        """A connection of this kind begins; nothing has been sent."""
        (a_ip, b_ip), (a_port, b_port) = ADDRESSES[version], ports
        self.flow += 1
        self.a.begin((a_ip, a_port), (b_ip, b_port))
        self.b.begin((b_ip, b_port), (a_ip, a_port))
        self.kind = kind

    def started(self):
        """The row that begins the connection, when listeners are in place."""
        self._row(f"start:{self.kind}")

    def act(self, end, action, *arguments, **settings):
        """A program acts; what its kernel emits at once is tapped."""
        refused = getattr(end, action)(*arguments, **settings)
        self._row(f"{end.name}.{action}" + (f"({refused})" if refused else ""))
        self.settle()

    def crash(self, end):
        """A host forgets the connection; what its kernel says while it dies is not heard."""
        end.crash()
        self.discard(end)
        self._row(f"{end.name}.crash")
        self.settle()

    def deliver(self, flight):
        self.in_flight.remove(flight)
        self._hand_over(flight, "deliver")

    def duplicate(self, flight):
        self._hand_over(flight, "duplicate")

    def drop(self, flight):
        self.in_flight.remove(flight)
        self._row(f"drop:{flight.number}")

    def wait(self, seconds):
        """Timers run. What they send is tapped as it comes."""
        deadline = time.monotonic() + seconds
        emitted = self.tap.count
        while self.tap.count == emitted and time.monotonic() < deadline:
            if self.poll.poll(max(1, int(1000 * (deadline - time.monotonic())))):
                break
        self._row("wait")
        self.settle()

    def end(self):
        self._row("end")

    def _hand_over(self, flight, what):
        flight.to.kernel.write_packet(flight.packet)
        flight.to.accept()
        self._row(f"{what}:{flight.number}")
        self.settle()

    # -- the tap -----------------------------------------------------------------------------

    def _tap(self, end, packet):
        """Record a packet as its sender emits it. Only TCP is carried."""
        segment = wire.parse(packet)
        if segment is None:
            return False
        self.tap.write(time.time_ns(), packet)
        closing = bool(segment.flags & (wire.FIN | wire.RST))
        self.in_flight.append(InFlight(self.tap.count, self.peer(end), packet, self.flow, closing))
        self._row("emit")
        return True

    def _drain(self):
        """Tap everything both hosts have sent; True if there was anything."""
        heard = False
        for end in (self.a, self.b):
            while (packet := end.kernel.read_packet()) is not None:
                heard = self._tap(end, packet) or heard
        return heard

    def settle(self):
        """Tap until both hosts are quiet, then say so.

        The states of the quiet row are read between two looks at the hosts that found nothing.
        """
        while True:
            while self._drain() or self.poll.poll(SETTLE_MS):
                pass
            states = self.states()
            if not self.poll.poll(0):
                break
        self.log.write("quiet", self.tap.count, self.flow, states)

    def discard(self, end):
        """Throw away, unheard, what a host has sent."""
        while end.kernel.read_packet() is not None or self._stirs(end):
            pass

    def _stirs(self, end):
        return any(handle == end.kernel.tun for handle, _ in self.poll.poll(SETTLE_MS))

    def close(self):
        for end in (self.a, self.b):
            end.shut_down()
        self.tap.close()
        self.log.close()
