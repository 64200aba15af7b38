"""``sla-console replay``: the console on a recorded incident log, live, at the chosen speed."""

import argparse
import sys
from pathlib import Path

from sla_console.cli.clock import ScaledClock
from sla_console.cli.demo import show_desk
from sla_console.cli.log_reading import map_wanted, print_map, read_log
from sla_console.domain.tickets.log_map import UCI


def run(args: argparse.Namespace) -> int:
    """Load the log, say what was wrong with it, and show the console on it."""
    from sla_console.simulator.replay import build_replay_desk

    if map_wanted(args):
        return print_map(args, None)
    log = read_log(args, None)
    if log.plan.preset != UCI.preset:
        print("  its targets are examples, by the names of the priorities", file=sys.stderr)
    start = log.require(args.start) if args.start else log.default_start()
    desk = build_replay_desk(log, start)
    return show_desk(desk, ScaledClock(start, args.speed), args, title=Path(args.log).name)
