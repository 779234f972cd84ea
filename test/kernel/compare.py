#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Hold `flowstate trace` against what two kernels said of themselves.

For each NAME.truth.tsv with its NAME.pcap: no finding is illegal; in every settled row the state
of each kernel is in `possible`; in quiet rows of an undisturbed connection with nothing in flight
`state` is the kernel's. For each NAME.mutated.expect.tsv with its NAME.mutated.pcap: the packet
named carries an illegal finding blamed on its sender, and no earlier packet of its connection does.

Prints one line of figures per capture, and each offence with the segments that led to it.
Exit status: 0 all as it must be, 1 an offence, 2 the comparison could not be made.
"""

import argparse
import json
import pathlib
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field

import truth
import wire

# The program has closed and its FIN has not been sent yet: what the wire can know of it.
BEFORE_FIN = {
    "FIN-WAIT-1": ("ESTABLISHED", "SYN-RECEIVED"),
    "LAST-ACK": ("CLOSE-WAIT",),
    "CLOSING": ("CLOSE-WAIT",),
}
# The peer's FIN was received while the own one was still queued (RFC 9293 3.10.4: FIN-WAIT-1 "in
# any case"). What is then sent is, to the octet, what an endpoint sends that closed afterwards.
AFTER_QUEUED_FIN = {"CLOSING": ("LAST-ACK",), "TIME-WAIT": ("CLOSED", "LAST-ACK")}
GONE = ("CLOSED", "LISTEN")
BEGINNINGS = (*GONE, "TIME-WAIT")  # otherwise a crash of the connection before left it half-open
SIDES = ("a", "b")


class Trouble(Exception):
    """The comparison cannot be made: no program, no records, a damaged file."""


@dataclass
class Figures:
    """What one comparison counted, and the offences it met."""

    name: str
    counts: Counter = field(default_factory=Counter)
    rules: Counter = field(default_factory=Counter)
    offences: list = field(default_factory=list)

    def offend(self, kind, text):
        self.counts[kind] += 1
        self.offences.append(f"{self.name}: {kind}: {text}")

    def mean_size(self):
        return self.counts["size"] / self.counts["judged"] if self.counts["judged"] else 0.0

    def add(self, other):
        self.counts.update(other.counts)
        self.rules.update(other.rules)


def trace(program, capture, lossless):
    """{packet number: record} of `flowstate trace -o ndjson`."""
    command = [program, "trace", "-r", str(capture), "-o", "ndjson"]
    if lossless:
        command.append("--lossless")
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except OSError as error:
        raise Trouble(f"{program}: {error.strerror}") from error
    if done.returncode not in (0, 1):
        said = done.stderr.decode(errors="replace").strip()
        raise Trouble(f"{' '.join(command)}: exit status {done.returncode}: {said}")
    try:
        records = [json.loads(line) for line in done.stdout.splitlines() if line.strip()]
    except ValueError as error:
        raise Trouble(f"{' '.join(command)}: {error}") from error
    return by_packet([record for record in records if "packet" in record])


def by_packet(records):
    """{packet number: record}; each finding once, at the packet it names.

    One that had to wait for later segments is printed with a later record.
    """
    found = {record["packet"]: record for record in records}
    findings = {}
    for record in records:
        for finding in record["findings"]:
            packet = finding.get("packet", record["packet"])
            findings.setdefault((packet, finding["rule"], finding["by"]), finding)
        record["findings"] = []
    for (packet, _, _), finding in findings.items():
        if packet in found:
            found[packet]["findings"].append(finding)
    return found


def side_names(record, segment, flow):
    """The record's names ("client", "server") of sides a and b of the flow."""
    sender = record["from"]
    receiver = "server" if sender == "client" else "client"
    return (sender, receiver) if segment.src == flow.ends[0] else (receiver, sender)


def relative(number, base):
    return (number - base) % wire.MODULUS if base is not None else number


def describe(flow, records, upto):
    """The connection's segments up to a packet, with what flowstate made of each."""
    base, lines = {}, []
    for number, segment in flow.packets:
        if number > upto:
            break
        if segment.flags & wire.SYN or segment.src not in base:
            base[segment.src] = segment.seq
        side = SIDES[segment.src != flow.ends[0]]
        seq = relative(segment.seq, base[segment.src])
        end = relative(segment.seq + len(segment.payload), base[segment.src])
        text = f"    #{number} {side} > {segment.flag_text()} {seq}:{end}({len(segment.payload)})"
        if segment.flags & wire.ACK:
            text += f" ack {relative(segment.ack, base.get(segment.dst))}"
        record = records.get(number)
        if record is None:
            lines.append(text + "  (no record)")
            continue
        for name, label in zip(SIDES, side_names(record, segment, flow)):
            said = record[label]
            text += f"  {name}={said['state']}{{{'|'.join(said['possible'])}}}"
        for finding in record["findings"]:
            text += f"  !{finding['class']} {finding['rule']}@{finding['by']}"
        lines.append(text)
    return "\n".join(lines)


def steps(flow, row, last=30):
    """The rows of the truth up to one, without those that only say that nothing happened."""
    rows = [r for r in flow.rows if r.step <= row.step and (r.verb != "quiet" or r is row)]
    return "    " + " ".join(f"{r.what}[{r.states[0]},{r.states[1]}]" for r in rows[-last:])


@dataclass
class Progress:
    """What has happened to a connection by a row, as far as it decides how strict we can be."""

    excused: bool = False  # a crash, a drop, a wait, a cookie: a socket can be gone unheard
    disturbed: bool = False  # the same: prompt delivery is no longer what happened
    in_flight: set = field(default_factory=set)
    fin_sent: set = field(default_factory=set)
    newest: int = 0
    fin_queued: set = field(default_factory=set)  # sides in CLOSING before their FIN was sent
    opened: set = field(default_factory=set)  # sides that have sent a SYN
    old_life: list = field(default_factory=lambda: [False, False])
    kernel: list = field(default_factory=lambda: ["", ""])  # "open", "over", "revived"

    def take(self, row, flow, own, later):
        """`own` are the flow's packets; `later` those that speak of this life of its ports."""
        self._meet_old_lives(row, flow)
        action = row.what.partition("(")[0]
        if row.verb == "emit" and row.tap_index in own:
            segment = own[row.tap_index]
            self.newest = row.tap_index if row.tap_index in later else self.newest
            self.in_flight.add(row.tap_index)
            if segment.flags & wire.FIN:
                self.fin_sent.add(segment.src)
            if segment.flags & wire.SYN:
                self.opened.add(segment.src)
        elif row.verb in ("deliver", "drop") and row.packet in own:
            self.in_flight.discard(row.packet)
        lost = row.verb == "drop" and row.packet in own
        if lost or row.verb == "wait" or action.endswith(".crash"):
            self.excused = self.disturbed = True

    def _meet_old_lives(self, row, flow):
        """Where ports are reused, a side's state is the old connection's until it opens anew.

        A SYN cookie lets an old connection come back: the kernel has forgotten it, and a late
        ACK that carries the cookie opens it again. No wire can tell when that happens. Nor does
        the cookie say where the client began: Linux takes the segment that brings it for the first
        and never knows of octets, or a FIN, before it.
        """
        for side, state in enumerate(row.states):
            if state == "CLOSING" and flow.ends and flow.ends[side] not in self.fin_sent:
                self.fin_queued.add(flow.ends[side])
            if row.verb == "start":
                self.old_life[side] = state not in GONE
                self.excused = self.disturbed = self.disturbed or state not in BEGINNINGS
            elif flow.ends and flow.ends[side] in self.opened and self.kernel[side] != "revived":
                self.old_life[side] = False
            before = self.kernel[side]
            comes_back = before == "over" or skips_the_start(flow, row, before)
            if flow.kind == "cookies" and comes_back and state not in GONE:
                self.kernel[side] = "revived"
                self.old_life[side] = True
                # It no longer answers what belongs to the connection before: its peer may give up.
                self.excused = self.disturbed = True
            elif self.kernel[side] == "open" and state in GONE:
                self.kernel[side] = "over"
            elif self.kernel[side] == "" and state not in GONE:
                self.kernel[side] = "open"


def skips_the_start(flow, row, kernel):
    """A segment of a that is not its first after the SYN has just opened b's connection."""
    segment = dict(flow.packets).get(row.packet)
    if kernel or segment is None or row.verb not in ("deliver", "duplicate"):
        return False
    return segment.src == flow.ends[0] and segment.seq != flow.packets[0][1].end


def wire_states(kernel, flow, progress, end):
    """The states a kernel's own may appear as on the wire."""
    names = [kernel]
    if end not in progress.fin_sent:
        names += BEFORE_FIN.get(kernel, ())
    if end in progress.fin_queued:
        names += AFTER_QUEUED_FIN.get(kernel, ())
    if flow.kind == "cookies" and kernel == "LISTEN" and end in progress.opened:
        names.append("SYN-RECEIVED")  # the state is in the cookie, not in the kernel
    return names


def judge_side(figures, flow, row, progress, side, said, exact):
    """Hold one side's kernel state against one record; returns what is wrong, or ""."""
    kernel = row.states[side]
    names = wire_states(kernel, flow, progress, flow.ends[side])
    figures.counts["judged"] += 1
    figures.counts["size"] += len(said["possible"])
    if said["state"] not in said["possible"]:
        return "state-not-possible"
    if not set(names) & set(said["possible"]):
        if kernel in GONE and progress.excused:
            figures.counts["excused"] += 1
            return ""
        return "outside"
    if not exact:
        return ""
    figures.counts["exact"] += 1
    same = (said["state"] in names) or (kernel in GONE and said["state"] in GONE)
    return "" if same else "wrong-state"


def this_life(flow, records):
    """The flow's packets, without those that flowstate gives to an earlier use of the ports."""
    first = records.get(flow.first_packet, {}).get("connection", 0)
    return {
        number
        for number, _ in flow.packets
        if number not in records or records[number].get("connection", first) >= first
    }


def compare_flow(figures, flow, records):
    own, progress = dict(flow.packets), Progress()
    later = this_life(flow, records)
    for row in flow.rows:
        progress.take(row, flow, own, later)
        figures.counts["rows"] += 1
        if not row.settled or not progress.newest:
            continue
        figures.counts["settled"] += 1
        record = records.get(progress.newest)
        if record is None:
            figures.offend("missing", f"packet {progress.newest} has no record")
            continue
        exact = row.verb == "quiet" and not progress.in_flight and not progress.disturbed
        labels = side_names(record, own[progress.newest], flow)
        for side, label in enumerate(labels):
            if progress.old_life[side]:
                figures.counts["old life"] += 1
                continue
            said = record[label]
            wrong = judge_side(figures, flow, row, progress, side, said, exact)
            if wrong:
                figures.offend(
                    wrong,
                    f"row {row.step} ({row.what}), flow {flow.number} {flow.kind}: "
                    f"kernel {SIDES[side]} is in {row.states[side]}, "
                    f"flowstate says {said['state']} of {{{'|'.join(said['possible'])}}}\n"
                    f"{steps(flow, row)}\n{describe(flow, records, progress.newest)}",
                )


def remembers(flow):
    """Neither host forgot a connection of these ports, nor kept it in a cookie."""
    if flow.kind == "cookies" or not set(flow.rows[0].states) <= set(BEGINNINGS):
        return False
    return not any(row.what.partition("(")[0].endswith(".crash") for row in flow.rows)


def count_findings(figures, flows, records, lossless):
    """Count findings by rule; offences are those illegal, or suspect with nothing missed."""
    owner = {number: flow for flow in flows for number, _ in flow.packets}
    for number, record in records.items():
        for finding in record["findings"]:
            kind, flow = finding["class"], owner.get(number)
            figures.rules[f"{kind} {finding['rule']}"] += 1
            if kind == "illegal" or (kind == "suspect" and lossless and flow and remembers(flow)):
                where = describe(flow, records, number) if flow else ""
                what = f"packet {number} {finding['rule']} by {finding['by']}"
                figures.offend(kind, f"{what}\n{where}")


def load_segments(capture):
    try:
        return [wire.parse(packet) for _, packet in wire.read_pcap(capture)]
    except (OSError, ValueError) as error:
        raise Trouble(str(error)) from error


def compare_truth(program, path, lossless):
    """Compare NAME.pcap with NAME.truth.tsv."""
    capture = path.with_name(path.name.replace(".truth.tsv", ".pcap"))
    figures = Figures(capture.stem + (" --lossless" if lossless else ""))
    segments = load_segments(capture)
    flows = truth.read_flows(path, segments)
    records = trace(program, capture, lossless)
    figures.counts["flows"] = len(flows)
    figures.counts["packets"] = len(segments)
    count_findings(figures, flows, records, lossless)
    for flow in flows:
        compare_flow(figures, flow, records)
    return figures


@dataclass
class Mutant:
    packet: int
    by: str
    kind: str
    needs: str


def read_mutants(path):
    with open(path, encoding="ascii") as file:
        header = file.readline().split()
        if header != ["packet", "by", "kind", "needs"]:
            raise Trouble(f"{path}: not a list of mutations")
        rows = [line.split() for line in file]
    return [Mutant(int(packet), by, kind, needs) for packet, by, kind, needs in rows]


def plain_flows(segments):
    """The connections of a capture by their ports alone, as there is no truth file to name them."""
    flows = {}
    for number, segment in enumerate(segments, 1):
        if segment is None:
            continue
        flow = flows.setdefault(segment.pair, truth.Flow(len(flows) + 1, "mutated"))
        flow.ends = flow.ends or (segment.src, segment.dst)
        flow.packets.append((number, segment))
    return flows


def illegal_by(record, sender=None):
    return [
        finding
        for finding in record["findings"]
        if finding["class"] == "illegal" and sender in (None, finding["by"])
    ]


def judge_mutant(figures, mutant, flow, records, others, lossless=False):
    """One mutated connection: the packet is found and rightly blamed; what else is accused."""
    record = records.get(mutant.packet)
    if record is None:
        figures.offend("missing", f"packet {mutant.packet} has no record")
        return
    segment = dict(flow.packets)[mutant.packet]
    side = 0 if mutant.by == "initiator" else 1
    mode = " --lossless" if lossless else ""
    story = f"packet {mutant.packet} {mutant.kind} by {mutant.by}{mode}"
    if not illegal_by(record):
        figures.offend("missed", f"{story}\n{describe(flow, records, mutant.packet)}")
    elif not illegal_by(record, side_names(record, segment, flow)[side]):
        figures.offend("wrong-blame", f"{story}\n{describe(flow, records, mutant.packet)}")
    elif len(illegal_by(record)) > 1:
        figures.counts["said-twice"] += 1
    for number, _ in flow.packets:
        if number in others or number not in records or not illegal_by(records[number]):
            continue
        if number < mutant.packet:
            figures.offend("accused-before", f"{story}\n{describe(flow, records, number)}")
        else:
            figures.offend("accused-after", f"{story}\n{describe(flow, records, number)}")


def compare_mutated(program, path):
    """Compare NAME.mutated.pcap with NAME.mutated.expect.tsv."""
    capture = path.with_name(path.name.replace(".expect.tsv", ".pcap"))
    figures = Figures(capture.stem)
    segments = load_segments(capture)
    flows = plain_flows(segments)
    mutants = read_mutants(path)
    by_mode = {lossless: trace(program, capture, lossless) for lossless in (False, True)}
    others = {mutant.packet for mutant in mutants}
    named = set()
    for mutant in mutants:
        flow = flows[segments[mutant.packet - 1].pair]
        named.add(flow.number)
        for lossless in {True, mutant.needs == "lossless"}:
            judge_mutant(figures, mutant, flow, by_mode[lossless], others, lossless)
        figures.counts["mutants"] += 1
        figures.rules[mutant.kind] += 1
    whole = [flow for flow in flows.values() if flow.number not in named]
    for flow in whole:
        for lossless, number in ((mode, n) for mode in by_mode for n, _ in flow.packets):
            if illegal_by(by_mode[lossless].get(number, {"findings": []})):
                where = describe(flow, by_mode[lossless], number)
                figures.offend("illegal", f"packet {number}\n{where}")
    return figures


TRUTH_FAULTS = ("illegal", "suspect", "outside", "state-not-possible", "missing")
# `state` is a guess: right in 99.9 % of rows. One connection can be guessed wrongly in a few of them.
FEW_ROWS = 6
MUTANT_FAULTS = ("missed", "wrong-blame", "accused-before", "accused-after", "illegal", "missing")


def truth_line(figures):
    counts = figures.counts
    right = counts["exact"] - counts["wrong-state"]
    share = 100.0 * right / counts["exact"] if counts["exact"] else 100.0
    return (
        f"{figures.name}: {counts['flows']} connections, {counts['packets']} packets, "
        f"{counts['rows']} rows, {counts['settled']} settled; illegal {counts['illegal']}, "
        f"suspect {counts['suspect']}, "
        f"outside {counts['outside']} (excused {counts['excused']}), "
        f"state right {right} of {counts['exact']} ({share:.2f} %), "
        f"mean possible {figures.mean_size():.3f}"
    )


def mutant_line(figures):
    counts = figures.counts
    found = counts["mutants"] - counts["missed"] - counts["wrong-blame"] - counts["missing"]
    return (
        f"{figures.name}: {counts['mutants']} mutations, found and rightly blamed {found}, "
        f"missed {counts['missed']}, blamed wrongly {counts['wrong-blame']}, accused before "
        f"{counts['accused-before']}, after {counts['accused-after']}, "
        f"elsewhere {counts['illegal']}, named by two rules {counts['said-twice']}"
    )


def faulty(figures, kinds):
    return any(figures.counts[kind] for kind in kinds)


def guesses_badly(figures):
    return figures.counts["wrong-state"] > max(FEW_ROWS, figures.counts["exact"] // 1000)


def show(figures, line, options):
    print(line, flush=True)
    for offence in figures.offences[: options.show]:
        print(offence)
    if len(figures.offences) > options.show:
        print(f"{figures.name}: and {len(figures.offences) - options.show} more offences")
    if options.rules:
        for rule, count in figures.rules.most_common():
            print(f"    {count:6} {rule}")


def find_inputs(paths):
    """The truth files, then the lists of mutations, under the files and directories given."""
    truths, mutated = [], []
    for path in map(pathlib.Path, paths):
        inside = sorted(path.iterdir()) if path.is_dir() else [path]
        truths += [file for file in inside if file.name.endswith(".truth.tsv")]
        mutated += [file for file in inside if file.name.endswith(".mutated.expect.tsv")]
    return truths, mutated


def run(options):
    """Compare everything; True when nothing offends."""
    truths, mutated = find_inputs(options.paths)
    if not truths and not mutated:
        raise Trouble("no *.truth.tsv and no *.mutated.expect.tsv given")
    clean = True
    for lossless in (False, True):
        total = Figures("all" + (" --lossless" if lossless else ""))
        for path in truths:
            figures = compare_truth(options.flowstate, path, lossless)
            show(figures, truth_line(figures), options)
            clean = clean and not faulty(figures, TRUTH_FAULTS)
            total.add(figures)
        clean = clean and not guesses_badly(total)
        if len(truths) > 1:
            print(truth_line(total), flush=True)
    total = Figures("all mutated")
    for path in mutated:
        figures = compare_mutated(options.flowstate, path)
        show(figures, mutant_line(figures), options)
        clean = clean and not faulty(figures, MUTANT_FAULTS)
        total.add(figures)
    if len(mutated) > 1:
        print(mutant_line(total), flush=True)
    return clean


def add_arguments(parser):
    parser.add_argument("--flowstate", default="flowstate", help="the program to hold to account")
    parser.add_argument("--show", type=int, default=20, help="offences to print per capture (20)")
    parser.add_argument("--rules", action="store_true", help="print how often each rule spoke")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_arguments(parser)
    parser.add_argument("paths", nargs="+", help="*.truth.tsv, *.expect.tsv or directories")
    try:
        return 0 if run(parser.parse_args()) else 1
    except Trouble as trouble:
        print(f"compare: {trouble}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
