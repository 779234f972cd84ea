#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Record connections between two real TCP stacks and hold flowstate against what they say.

Two network namespaces, joined by a program that is the network. Needs root (CAP_SYS_ADMIN and
CAP_NET_ADMIN), /dev/net/tun and Linux. Same seed, same decisions; the kernels' timers and initial
sequence numbers are their own, so two runs are alike, not equal.

Exit status: 0 all as it must be, 1 an offence, 2 the comparison could not be made, 77 this
machine does not let us make namespaces or TUN devices.
"""

import argparse
import multiprocessing
import pathlib
import random
import sys
import tempfile
import time

import compare
import connections
import mutate
import netns
import network

SKIPPED = 77


def record(directory, name, seed, flows, max_steps, kind):
    """One capture with its truth file, and its mutated twin."""
    base = pathlib.Path(directory) / name
    world = network.Network(f"{base}.pcap", f"{base}.truth.tsv")
    weather = connections.NETWORKS[name.partition("-")[0]]
    rng = random.Random(f"{seed}/{name}")
    player = connections.Player(world, weather, rng, kind)
    while world.flow < flows and (not max_steps or world.steps < max_steps):
        player.play()
    steps = world.steps
    world.close()
    mutate.mutate(base, rng)
    return steps


def record_job(arguments):
    return record(*arguments)


def jobs(options, directory):
    """Split the connections over captures, each with its own pair of kernels."""
    names = [options.network] if options.network else list(connections.NETWORKS)
    parts = max(1, options.parts)
    share = max(1, options.flows // (len(names) * parts))
    for name in names:
        for part in range(parts):
            base = f"{name}-{part + 1}"
            yield directory, base, options.seed, share, options.max_steps, options.kind


def run(options, directory):
    began = time.monotonic()
    work = list(jobs(options, directory))
    with multiprocessing.Pool(min(options.jobs, len(work))) as pool:
        steps = sum(pool.map(record_job, work, chunksize=1))
    print(f"recorded {steps} steps in {time.monotonic() - began:.0f} s", flush=True)
    if options.record_only:
        return True
    options.paths = [directory]
    return compare.run(options)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--flows", type=int, default=60, help="connections in all (60)")
    parser.add_argument("--seed", type=int, default=1, help="what all decisions are drawn from (1)")
    parser.add_argument("--network", choices=connections.NETWORKS, help="only this one")
    parser.add_argument("--kind", choices=connections.KINDS, help="only such connections")
    parser.add_argument("--keep", metavar="DIR", help="keep captures and truth files there")
    parser.add_argument("--parts", type=int, default=1, help="captures per network (1)")
    parser.add_argument("--jobs", type=int, default=3, help="pairs of kernels at a time (3)")
    parser.add_argument("--max-steps", type=int, default=0, help="per capture, 0 is no limit (0)")
    parser.add_argument("--record-only", action="store_true", help="record, compare nothing")
    compare.add_arguments(parser)
    return parser.parse_args()


def available():
    """Raises netns.Unavailable where this machine gives us no two kernels."""
    netns.Namespace("10.9.0.1", "fd09::1").close()


def main():
    options = arguments()
    try:
        available()
        if options.keep:
            pathlib.Path(options.keep).mkdir(parents=True, exist_ok=True)
            return 0 if run(options, options.keep) else 1
        with tempfile.TemporaryDirectory(prefix="kernel-truth-") as directory:
            return 0 if run(options, directory) else 1
    except netns.Unavailable as reason:
        print(f"kernel-truth: skipped: {reason}", file=sys.stderr)
        return SKIPPED
    except compare.Trouble as trouble:
        print(f"kernel-truth: {trouble}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
