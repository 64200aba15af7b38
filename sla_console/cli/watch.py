"""``sla-console status --watch``: plain lines, and only what changes, for ears, logs and scripts."""

import asyncio
import contextlib
import json
import signal
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sla_console.cli.configuration import Configuration
from sla_console.cli.zone import local_zone
from sla_console.domain.board import Board
from sla_console.domain.clock import Clock
from sla_console.domain.wall_time import fold_mark
from sla_console.service.changes import BoardChange, ChangeReporter

_LOOK = 5.0
"""Seconds after which it is looked at how things are although nothing was heard."""
_SETTLE = 1.0
"""Seconds between two looks: what comes in one burst is told at once."""


async def watch(configuration: Configuration, clock: Clock, *, as_json: bool) -> None:
    """Print how it stands, then each change, until told to stop.

    Monitors if nobody else does, like any console; else it follows.

    Raises:
        BrokenPipeError: when whoever read the output went away.
    """
    from sla_console.cli.compose import open_service

    settings, paths = configuration.settings, configuration.paths
    stop, changed = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, _both, stop, changed)
    name = settings.ui.timezone or local_zone()
    zone = ZoneInfo(name) if name else None
    speaker = Speaker(zone, as_json=as_json)
    teller = ChangeReporter(settings.risk.as_domain())
    async with open_service(settings, paths, clock) as service:
        leave = service.subscribe(lambda _: changed.set())
        try:
            board = await _first(service.board, changed, stop)
            speaker(teller.begin(board, clock.now()), clock.now())
            while not stop.is_set():
                with contextlib.suppress(TimeoutError):
                    # Where nothing comes any more, what was known grows old all the same.
                    await asyncio.wait_for(changed.wait(), _LOOK)
                changed.clear()
                board, now = service.board(), clock.now()
                speaker(teller.next(board, now), now)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), _SETTLE)
        finally:
            leave()


def _both(stop: asyncio.Event, changed: asyncio.Event) -> None:
    stop.set()
    changed.set()


async def _first(
    board_of: Callable[[], Board], changed: asyncio.Event, stop: asyncio.Event
) -> Board:
    """Return the first board that was made; an empty store says nothing yet."""
    while True:
        board = board_of()
        if board.tickets or board.health.last_sync_at is not None or stop.is_set():
            return board
        await changed.wait()
        changed.clear()


class Speaker:
    """Prints changes with their time; the date and zone once a day.

    Args:
        zone: Of the times; None: this machine's.
        as_json: One object a line in place of words.
    """

    def __init__(self, zone: ZoneInfo | None, *, as_json: bool) -> None:
        self._zone, self._as_json = zone, as_json
        self._day: tuple[date, str | None] | None = None

    def __call__(self, changes: Sequence[BoardChange], now: datetime) -> None:
        """Print some changes, each a line."""
        local = now.astimezone(self._zone)
        # Where the clocks change, the day goes on in another time.
        day = local.date(), local.tzname()
        if changes and not self._as_json and day != self._day:
            self._day = day
            print(f"{local:%A %d %B %Y, times in %Z}", flush=True)
        for change in changes:
            if self._as_json:
                print(json.dumps({"at": now.isoformat(), **asdict(change)}), flush=True)
            else:
                print(f"{local:%H:%M}{fold_mark(local)} {change.said}", flush=True)
