"""Escalations to be killed: ``python kill_escalation.py FOLDER``; runs the timers of a store."""

import asyncio
import sys
from pathlib import Path

from sla_console.alerting.groups import Grouping, Groups
from sla_console.alerting.manager import AlertManager
from sla_console.alerting.planner import Planner, Quieting
from sla_console.cli.clock import SystemClock
from sla_console.domain.directory import Directory
from sla_console.domain.risk import RiskThresholds
from sla_console.domain.ticket import StatusPhases
from sla_console.monitoring.board import BoardKeeper
from sla_console.monitoring.episodes import EpisodeWatch
from sla_console.monitoring.judging import Judge
from sla_console.store.key import load_or_create_key
from sla_console.store.store import Store


async def main(folder: Path) -> None:
    store = await Store.open(
        folder / "data" / "sla.db", load_or_create_key(folder / "key", keyring_entry=None)
    )
    clock = SystemClock()
    planner = Planner(("ops",), Directory({}, {}), Groups(Grouping()), Quieting())
    board = BoardKeeper(RiskThresholds())
    board.set_breaches(await store.breaches.load_active())
    judge = Judge(StatusPhases.of((), ("Closed",)))
    manager = AlertManager(store, planner, clock)
    watch = EpisodeWatch(store, manager, board, judge, lambda: None, lambda: asyncio.sleep(0))
    print("ready", flush=True)
    while True:
        await watch.process(clock.now())
        await asyncio.sleep(0.005)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
