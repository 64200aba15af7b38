"""``sla-console replay``: the console on a recorded incident log, live, at the chosen speed."""

import argparse
import sys
from pathlib import Path

from sla_console.cli.clock import ScaledClock
from sla_console.cli.demo import show_desk


def run(args: argparse.Namespace) -> int:
    """Load the log, say what was wrong with it, and show the console on it."""
    from sla_console.simulator.incident_log import load_log
    from sla_console.simulator.replay import build_replay_desk

    log = load_log(Path(args.log))
    start = log.require(args.start) if args.start else log.default_start()
    print(f"{args.log}: {log.report.lines()[0]}", file=sys.stderr)
    for line in log.report.lines()[1:]:
        print(f"  {line}", file=sys.stderr)
    desk = build_replay_desk(log, start)
    return show_desk(desk, ScaledClock(start, args.speed), args, title=Path(args.log).name)
