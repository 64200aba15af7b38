"""Logs of tickets on the command line: the map that they are read by, and what is said of them."""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sla_console.config.load import load_log_map
from sla_console.config.settings import Settings
from sla_console.domain.tickets.log_map import LogMap
from sla_console.domain.tickets.ticket import Phase
from sla_console.reporting.backtest import Trial

if TYPE_CHECKING:
    from sla_console.simulator.incident_log import IncidentLog

_STATUSES_SHOWN = 12


def map_wanted(args: argparse.Namespace) -> bool:
    """Return whether the map is only to be printed: ``--map`` without a file."""
    return bool(args.map == "")


def print_map(args: argparse.Namespace, settings: Settings | None) -> int:
    """Print the table ``[log]`` by which a log would be read, ready to paste.

    Raises:
        UserError: if there is nothing in the log that names its columns.
    """
    from sla_console.simulator.incident_log import load_log
    from sla_console.simulator.logs.guess import UnnamedColumnsError

    try:
        log = load_log(Path(args.log), _plan(args, settings))
    except UnnamedColumnsError as guess:
        print(guess.map, end="")
    else:
        print(log.map, end="")
    return 0


def read_log(args: argparse.Namespace, settings: Settings | None) -> "IncidentLog":
    """Return a log; how it was read and what was left out is said on standard error.

    A map that is only guessed is printed and asked for; without a terminal it is refused.

    Args:
        args: With ``log`` and ``map``.
        settings: The policy file, whose tables ``[log]`` and ``[statuses]`` count; None: there is
            none.

    Raises:
        UserError: if the log or its map cannot be read or used.
    """
    from sla_console.simulator.incident_log import load_log
    from sla_console.simulator.logs.guess import UnnamedColumnsError

    path = Path(args.log)
    try:
        log = load_log(path, _plan(args, settings))
    except UnnamedColumnsError as guess:
        print(guess.map, file=sys.stderr)
        if guess.doubt is not None or not _agreed(path):
            raise
        log = load_log(path, guess.plan)
    for line in _lines(log, args.log):
        print(line, file=sys.stderr)
    return log


def trial_on(trial: Trial, log: "IncidentLog") -> Trial:
    """Return the promises in the form that judges a log: by its statuses and the facts in it."""
    policies = trial.policies
    if not log.answers:
        policies = [replace(policy, response_time_minutes=None) for policy in policies]
    return replace(trial, phases=log.plan.phases(), policies=policies)


def limits_of(log: "IncidentLog") -> Iterator[str]:
    """Say in words which facts a log does not hold."""
    if not log.answers:
        yield (
            "It does not say when tickets were first answered, so targets of the first response "
            "are not judged."
        )
    if log.plan.rows == "tickets" and log.plan.phases().hold:
        yield (
            "It has no history of statuses, so no time on hold is taken out: what is missed here "
            "may have waited."
        )


def _plan(args: argparse.Namespace, settings: Settings | None) -> LogMap | None:
    if args.map:
        return load_log_map(Path(args.map), {} if settings is None else settings.own_statuses())
    return None if settings is None else settings.log_as_domain()


def _agreed(path: Path) -> bool:
    """Return whether the person at the terminal says that a guess is right; False without one."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    print(f"{path}: this is a guess. Read the log so? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().casefold() in {"y", "yes"}


def _lines(log: "IncidentLog", name: str) -> Iterator[str]:
    first, *faults = log.report.lines()
    yield f"{name}: {first}"
    yield f"  read as {log.how}"
    phases, found = log.plan.phases(), log.statuses()
    for what, phase in (
        ("on hold", Phase.HOLD), ("ended", Phase.CLOSED), ("running", Phase.ACTIVE)
    ):  # fmt: skip
        names = [status for status in found if phases.phase(status) is phase]
        if names:
            more = ", …" if len(names) > _STATUSES_SHOWN else ""
            yield f"  {what}: {', '.join(names[:_STATUSES_SHOWN])}{more}"
    for line in (*faults, *limits_of(log)):
        yield f"  {line}"
