"""``sla-console demo``: the console on a simulated desk; no account, no configuration."""

import argparse
import asyncio
import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sla_console.cli.clock import ScaledClock, SystemClock
from sla_console.cli.configuration import Configuration
from sla_console.cli.hosting import SUBDOMAIN, TOKEN, hosted_simulator
from sla_console.config.paths import resolve_paths
from sla_console.config.settings import StatusSettings
from sla_console.domain.clock import Clock
from sla_console.simulator.desk import SimulatedDesk

if TYPE_CHECKING:
    from sla_console.config.alerts import AlertSettings


def run(args: argparse.Namespace) -> int:
    """Make a desk and show the console on it."""
    from sla_console.simulator.life import build_desk

    clock = ScaledClock(SystemClock().now(), args.speed)
    desk = build_desk(seed=args.seed, tickets=args.tickets, start=clock.now())
    return show_desk(desk, clock, args, title="demo")


def show_desk(desk: SimulatedDesk, clock: Clock, args: argparse.Namespace, title: str) -> int:
    """Serve a desk on loopback and show the console on it; print the board once without a terminal.

    Settings come from the configuration that ``--config`` or ``SLA_CONSOLE_CONFIG`` names, so alerts
    can be tried on it; without one, nothing is read. What is kept is kept in a folder that goes when
    the console does, unless ``--data-dir`` names one.
    """
    from sla_console.cli.console import show
    from sla_console.cli.status import board_once, print_board

    with hosted_simulator(desk, clock) as server, _folder(args.data_dir) as folder:
        configuration = configuration_for(server.url, desk, folder, args.config)
        if args.once or not _on_terminal():
            board = asyncio.run(board_once(configuration, clock, sync=True))
            print_board(configuration, board, clock, as_json=False)
            return 0
        wall = getattr(args, "wall", False)
        return show(configuration, clock, title=title, ascii_only=args.ascii, wall=wall)


def _on_terminal() -> bool:
    return all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))


def configuration_for(
    url: str, desk: SimulatedDesk, folder: Path, named: str | None
) -> Configuration:
    """Return the configuration for a simulated desk: its statuses, and its own folder and key.

    Args:
        url: Address of the simulator.
        desk: The desk it serves.
        folder: Where everything is kept.
        named: The configuration that ``--config`` names, if any.

    Raises:
        UserError: for a fault in that configuration.
    """
    from sla_console.config.load import load_settings
    from sla_console.config.paths import find_config
    from sla_console.domain.tickets.ticket import USUAL_CLOSED

    os.environ |= {
        "SLA_CONSOLE_SUPEROPS__URL": url,
        "SLA_CONSOLE_SUPEROPS__SUBDOMAIN": SUBDOMAIN,
        "SLA_CONSOLE_SUPEROPS__TOKEN_ENV": "SLA_CONSOLE_TOKEN",
        "SLA_CONSOLE_TOKEN": TOKEN,
    }
    asked = named or os.environ.get("SLA_CONSOLE_CONFIG")
    settings = load_settings(find_config(named, os.environ) if asked else None, os.environ)
    # A log in which nothing ends names no status that does; the usual ones do no harm then.
    closed = sorted(desk.closed_statuses) or list(USUAL_CLOSED)
    statuses = StatusSettings(hold=sorted(desk.hold_statuses), closed=closed)
    store = settings.store.model_copy(update={"key_file": folder / "store.key"})
    changed: dict[str, object] = {"statuses": statuses, "store": store}
    if not asked:
        changed["alerts"] = _told_on_screen()
    settings = settings.model_copy(update=changed)
    paths = resolve_paths(folder / "config.toml", folder, folder / "store.key")
    return Configuration(settings, paths)


def _told_on_screen() -> "AlertSettings":
    """Return alerts that reach nobody but this terminal's title, so that there is something to see."""
    from sla_console.config.alerts import AlertSettings

    steps = [{"after_minutes": minutes, "channels": ["screen"]} for minutes in (5, 15, 45)]
    return AlertSettings.model_validate(
        {
            "channels": {"screen": {"service": "terminal", "signals": ["title"]}},
            "escalations": {"standard": {"steps": steps}},
            "escalation": "standard",
            "canary_at": "never",
        }
    )


@contextlib.contextmanager
def _folder(chosen: str | None) -> Iterator[Path]:
    if chosen is not None:
        yield Path(chosen).expanduser().absolute()
        return
    with tempfile.TemporaryDirectory(prefix="sla-console-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)
