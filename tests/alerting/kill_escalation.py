"""Escalations to be killed: ``python kill_escalation.py FOLDER PACE``; runs the timers of a store.

Its clock stands still while it does not run, moves so many seconds a second, and by a tenth of one
at most between two looks, so that a slow machine makes no gap in which steps would be told together.
"""

import asyncio
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

from sla_console.alerting.groups import Grouping, Groups
from sla_console.alerting.manager import AlertManager
from sla_console.alerting.planner import Planner, Quieting
from sla_console.domain.directory import Directory
from sla_console.domain.risk import RiskThresholds
from sla_console.domain.ticket import StatusPhases
from sla_console.monitoring.board import BoardKeeper
from sla_console.monitoring.episodes import EpisodeWatch
from sla_console.monitoring.judging import Judge
from sla_console.store.key import load_or_create_key
from sla_console.store.store import Store

MOST = 0.1


class Steady:
    """Goes on where the one before it was killed."""

    def __init__(self, file: Path, pace: float) -> None:
        self._file, self._pace = file, pace
        self._at = datetime.fromisoformat(file.read_text())
        self._moved = time.monotonic()

    def now(self) -> datetime:
        return self._at

    def elapsed(self) -> timedelta:
        return timedelta(seconds=time.monotonic() * self._pace)

    def real_seconds(self, span: timedelta) -> float:
        return span.total_seconds()

    def move(self) -> None:
        now = time.monotonic()
        self._at += timedelta(seconds=min(MOST, (now - self._moved) * self._pace))
        self._moved = now
        new = self._file.with_suffix(".new")
        new.write_text(self._at.isoformat())
        new.replace(self._file)


async def main(folder: Path, pace: float) -> None:
    store = await Store.open(
        folder / "data" / "sla.db", load_or_create_key(folder / "key", keyring_entry=None)
    )
    clock = Steady(folder / "clock", pace)
    planner = Planner(("ops",), Directory({}, {}), Groups(Grouping()), Quieting())
    board = BoardKeeper(RiskThresholds())
    board.set_breaches(await store.breaches.load_active())
    judge = Judge(StatusPhases.of((), ("Closed",)))
    manager = AlertManager(store, planner, clock)
    watch = EpisodeWatch(store, manager, board, judge, lambda: None, lambda: asyncio.sleep(0))
    print("ready", flush=True)
    while True:
        clock.move()
        await watch.process(clock.now())
        await asyncio.sleep(0.005)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), float(sys.argv[2])))
