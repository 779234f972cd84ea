# SPDX-License-Identifier: MIT
"""Which connections there are, what their programs want to do, and how the network treats them.

Everything is drawn from one random generator. A connection is played by giving, step by step,
either the network or one of the two programs its turn, until all is said or patience runs out.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Weather:
    """How the network treats packets: shares of 1 for each packet it looks at."""

    loss: float = 0.0
    duplication: float = 0.0
    overtaking: float = 0.0
    crash: float = 0.0  # of a connection, not of a packet
    leftovers: float = 0.0  # of connections that end while packets are still on their way


NETWORKS = {
    "clean": Weather(),
    "lossy": Weather(loss=0.06, duplication=0.04, overtaking=0.08),
    "wild": Weather(loss=0.15, duplication=0.08, overtaking=0.25, crash=0.15, leftovers=0.3),
}

# How often each kind of connection is drawn.
KINDS = {
    "normal": 30,
    "half-close": 10,
    "abort": 8,
    "refused": 4,
    "unanswered": 1,
    "simultaneous": 10,
    "simultaneous-close": 8,
    "keep-alive": 2,
    "zero-window": 6,
    "fast-open": 8,
    "cookies": 6,
    "crash": 12,
}
REUSE_SHARE = 0.5  # of the connections that leave something to reuse

DATA_SIZES = (1, 64, 500, 1448, 3000)
HASTE = 0.15  # of the programs that go on before they are connected
WRAPPING = 0.15  # of the connects whose sequence numbers soon pass 2^32
PATIENCE = 90  # steps of one connection
AT_REST = ("CLOSED", "LISTEN", "TIME-WAIT", "FIN-WAIT-2")  # no timer of theirs will send
WAITS = 6  # timers waited for in one connection


@dataclass
class Plan:
    """What the two programs will do, in order, and what the network must know."""

    a: list = field(default_factory=list)
    b: list = field(default_factory=list)
    deaf: bool = False  # nothing reaches b
    listens: bool = True
    settings: dict = field(default_factory=dict)
    listen_with: dict = field(default_factory=dict)
    crossing: bool = False  # b connects before a's SYN arrives
    delay_b: bool = False  # b acts only when a has little left to do


def talk(rng, least=0, most=3):
    """A program that sends and reads a little."""
    wishes = []
    for _ in range(rng.randint(least, most)):
        sends = rng.random() < 0.6
        wishes.append(("send", rng.choice(DATA_SIZES)) if sends else ("recv",))
    return wishes


def leave(rng):
    """How a program takes its leave: mostly in good order."""
    way = rng.random()
    if way < 0.45:
        return [("close",)]
    if way < 0.85:
        return [("shutdown",), ("recv",), ("close",)]
    return [("abort",)] if way < 0.95 else []


def plan_normal(rng):
    return Plan([("connect",), *talk(rng), *leave(rng)], [*talk(rng), *leave(rng)])


def plan_half_close(rng):
    early = [*talk(rng, 0, 1), ("shutdown",)]
    late = [("recv",), ("send", rng.choice(DATA_SIZES)), *talk(rng, 1, 3), *leave(rng)]
    if rng.random() < 0.5:
        return Plan([("connect",), *early, ("recv",), ("recv",), ("close",)], late, delay_b=True)
    return Plan([("connect",), ("recv",), *late], [*early, ("recv",), ("recv",), ("close",)])


def plan_abort(rng):
    a, b = [("connect",), *talk(rng)], talk(rng)
    (a if rng.random() < 0.5 else b).append(("abort",))
    return Plan(a, [*b, *leave(rng)])


def plan_refused(rng):
    return Plan([("connect",), *leave(rng)], listens=False)


def plan_unanswered(rng):
    return Plan([("connect",), *leave(rng)], deaf=True, listens=rng.random() < 0.5)


def plan_simultaneous(rng):
    """Both connect; now and then the one whose SYN arrives too early is refused."""
    a = [("connect",), *talk(rng), *leave(rng)]
    plan = Plan(a, [("connect",), *talk(rng), *leave(rng)], listens=False)
    plan.crossing = rng.random() < 0.9
    return plan


def plan_simultaneous_close(rng):
    a, b = [("connect",), *talk(rng, 0, 1)], talk(rng, 0, 1)
    plan = Plan([*a, ("together",), ("shutdown",), ("recv",), ("close",)])
    plan.b = [*b, ("together",), ("shutdown",), ("recv",), ("close",)]
    return plan


def plan_keep_alive(rng):
    a = [("connect",), *talk(rng, 0, 2), ("wait", 1.05), *leave(rng)]
    plan = Plan(a, [*talk(rng), *leave(rng)])
    plan.settings = {"keep_alive": True}
    return plan


def plan_zero_window(rng):
    """The receiver's buffer is small and nobody reads it; the close may have to wait behind it."""
    sending = [("send", 6000)] * rng.randint(2, 4)
    reading = [("wait", 0.05), ("wait", 0.05)] + [("recv",)] * rng.randint(2, 6)
    small = {"receive_buffer": 2304}
    if rng.random() < 0.5:
        plan = Plan([("connect",), *sending, *leave(rng)], [*reading, *leave(rng)], delay_b=True)
        plan.listen_with = small
        return plan
    plan = Plan([("connect",), *reading, *leave(rng)], [*sending, *leave(rng)])
    plan.settings = small
    return plan


def plan_fast_open(rng):
    opening = [("fastopen", rng.choice(DATA_SIZES))]
    plan = Plan([*opening, *talk(rng), *leave(rng)], [*talk(rng, 1, 3), *leave(rng)])
    plan.listen_with = {"fast_open": True}
    return plan


def plan_cookies(rng):
    return plan_normal(rng)


def plan_crash(rng):
    """Both talk, then one host forgets everything; the other goes on talking, or keeps silent."""
    a, b = [("connect",), *talk(rng, 0, 2)], talk(rng, 0, 2)
    victim, other = (a, b) if rng.random() < 0.6 else (b, a)
    victim.append(("crash",))
    if rng.random() < 0.5:
        other += [*talk(rng, 1, 2), *leave(rng)]
    return Plan(a, b)


def plan_for(rng, kind):
    return globals()["plan_" + kind.replace("-", "_")](rng)


class Player:
    """Plays connections over a network, one after another."""

    def __init__(self, network, weather, rng, kind=None):
        self.network, self.weather, self.rng = network, weather, rng
        self.kind = kind  # the only one to be drawn, if there is one
        self.ports = (20000, 40000)
        self.version = 4
        self.reuse_next = False
        self.cookies = False  # both kernels keep handshakes in SYN cookies

    def play(self):
        """One connection, from its start row to its end row."""
        kind = self._choose_kind()
        plan = plan_for(self.rng, "normal" if kind == "reuse" else kind)
        self._prepare(kind, plan)
        self._run(plan)
        self.network.end()
        self._clear_away()

    def _choose_kind(self):
        if self.reuse_next:
            return "reuse"
        if self.kind:
            return self.kind
        kinds = [kind for kind in KINDS if kind != "crash" or self.weather.crash]
        return self.rng.choices(kinds, [KINDS[kind] for kind in kinds])[0]

    def _prepare(self, kind, plan):
        rng, network = self.rng, self.network
        if kind != "reuse":
            a_port, b_port = self.ports
            self.ports = (self._next_port(20000, a_port), self._next_port(40000, b_port))
            self.version = 6 if rng.random() < 0.4 else 4
            self._configure(kind)
        if rng.random() < self.weather.crash:
            # A host that crashes forgets the secret too that its cookies are made with.
            wishes = plan.a if self.cookies else rng.choice((plan.a, plan.b))
            wishes.insert(rng.randint(min(1, len(wishes)), len(wishes)), ("crash",))
        network.begin(self._label(kind), self.version, self.ports)
        if plan.listens:
            network.b.listen(**plan.listen_with)
        network.started()

    def _label(self, kind):
        """Ports used again find the settings of the connection before."""
        return "cookies" if kind == "reuse" and self.cookies else kind

    def _next_port(self, low, last):
        """Another port; it is long before one comes round again."""
        return low + (last - low + self.rng.randint(1, 97)) % 20000

    def _configure(self, kind):
        """Settings of both kernels that are drawn anew for each connection."""
        rng = self.rng
        self.cookies = kind == "cookies"
        for end in (self.network.a, self.network.b):
            end.kernel.set(
                {
                    "tcp_syncookies": 2 if self.cookies else 1,
                    "tcp_timestamps": 1 if rng.random() < 0.8 else 0,
                    "tcp_sack": 1 if rng.random() < 0.9 else 0,
                    "tcp_window_scaling": 1 if rng.random() < 0.9 else 0,
                    "tcp_ecn": 1 if rng.random() < 0.3 else 0,
                    "tcp_invalid_ratelimit": 0 if rng.random() < 0.5 else 500,
                }
            )

    # -- one connection ----------------------------------------------------------------------

    def _run(self, plan):
        self.waits = WAITS
        self.plan = plan
        for _ in range(PATIENCE):
            if not self._turn():
                return
        while self.network.in_flight and not self.weather.leftovers:
            self._carry(self.network.in_flight[0])

    def _turn(self):
        """One step by the network or a program; False when there is nothing left to do."""
        rng, network = self.rng, self.network
        able = [end for end in (network.a, network.b) if self._able(end)]
        if self.plan.crossing and network.a.sock and not network.b.sock and able:
            self.plan.crossing = False
            self._fulfil(network.b)
            return True
        if network.in_flight and (not able or rng.random() < 0.6):
            self._carry(self._pick())
            return True
        if able:
            self._fulfil(rng.choice(able))
            return True
        return self._wait_for_timers()

    def _wishes(self, end):
        return self.plan.a if end is self.network.a else self.plan.b

    def _able(self, end):
        """Whether this program has something to do and can do it now."""
        wishes = self._wishes(end)
        if not wishes:
            return False
        wish = wishes[0][0]
        if end is self.network.b and self._held_back():
            return False
        if wish == "together":
            other = self._wishes(self.network.peer(end))
            return not other or other[0][0] == "together"
        if wish in ("connect", "fastopen"):
            return end is self.network.a or not self.plan.a or self.plan.a[0][0] != "connect"
        if end.sock and end.state() == "SYN-SENT":
            return self.rng.random() < HASTE
        return wish in ("crash", "wait") or end.sock is not None

    def _held_back(self):
        """Whether b's program lets a's have its say first."""
        return self.plan.delay_b and self.network.a.sock and len(self.plan.a) > 1

    def _fulfil(self, end):
        wish, *arguments = self._wishes(end).pop(0)
        if wish == "together":
            self._close_together()
        elif wish == "crash":
            self.network.crash(end)
        elif wish == "wait":
            self.network.wait(*arguments)
        else:
            self.network.act(end, wish, *arguments, **self._settings(end, wish))

    def _settings(self, end, wish):
        """How a socket is to be set up before it connects."""
        if wish not in ("connect", "fastopen"):
            return {}
        settings = dict(self.plan.settings) if end is self.network.a else {}
        if self.rng.random() < WRAPPING and not self.reuse_next:
            settings["iss"] = (1 << 32) - self.rng.randint(1, 5000)
        return settings

    def _close_together(self):
        """Both programs close before either hears of it."""
        network = self.network
        for end in (network.a, network.b):
            wishes = self._wishes(end)
            if wishes and wishes[0][0] == "together":
                wishes.pop(0)
            if end.sock and wishes and wishes[0][0] == "shutdown":
                wishes.pop(0)
                network.act(end, "shutdown")

    def _pick(self):
        """The packet that is looked at next: the oldest, unless the network lets one overtake."""
        in_flight = self.network.in_flight
        if self.rng.random() < self.weather.overtaking:
            return self.rng.choice(in_flight)
        to = self.rng.choice(in_flight).to
        return next(flight for flight in in_flight if flight.to is to)

    def _carry(self, flight):
        """Deliver, duplicate or lose one packet."""
        chance = self.rng.random()
        if self.plan.deaf and flight.to is self.network.b:
            self.network.drop(flight)
        elif chance < self.weather.loss:
            self.network.drop(flight)
        elif chance < self.weather.loss + self.weather.duplication:
            self.network.duplicate(flight)
        else:
            self.network.deliver(flight)

    def _wait_for_timers(self):
        """Nothing is on its way and no program can act: perhaps a timer brings news."""
        states = self.network.states()
        unfinished = any(state not in AT_REST for state in states)
        wishes = self.plan.a or self.plan.b
        stuck = "ESTABLISHED" in states and not wishes
        if not unfinished or stuck or not self.waits or self.rng.random() < 0.15:
            return False
        self.waits -= 1
        handshake = any(state in ("SYN-SENT", "SYN-RECEIVED") for state in states)
        self.network.wait(1.1 if handshake else 0.1)
        return True

    # -- between two connections -------------------------------------------------------------

    def _clear_away(self):
        """Leave nothing behind that would be taken for the next connection's, save what may be.

        A successor on the same ports finds what this connection left: a TIME-WAIT, a peer that
        has not heard that this side crashed, packets still on their way. On a network that leaves
        leftovers, sockets can also go on retransmitting into the next connection's rows.
        """
        network, rng = self.network, self.rng
        a_state, b_state = network.states()
        half_open = a_state == "CLOSED" and b_state not in ("CLOSED", "LISTEN")
        reusable = half_open or a_state == "TIME-WAIT"
        self.reuse_next = reusable and rng.random() < REUSE_SHARE
        linger = not self.reuse_next and rng.random() < self.weather.leftovers
        for end in (network.a, network.b):
            if self.reuse_next:
                end.set_aside()
                continue
            end.forget()
            if not linger:
                if end.state() != "TIME-WAIT":
                    end.crash()
                network.discard(end)
        if network.b.listener:
            network.b.stoplisten()
        if not linger and not (self.reuse_next and self.weather.leftovers):
            network.in_flight.clear()
        network.in_flight[:] = network.in_flight[-6:]
