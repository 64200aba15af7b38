"""Running escalations at 10,000: a tick with nothing due, and one with a thousand steps due.

The same tick with 100 of them beside it, and 1,000 rows put into a bare SQLite table in one
transaction with the same durability, so that the figures are ratios of one run. Aims: a tick with
nothing due costs the same at any size, and under 50 ms; a thousand steps are planned, stored and
queued in at most 150 ms of CPU, all threads counted, where nothing else runs. The least of a few
rounds is the one that was disturbed least.
"""

import asyncio
import sqlite3
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aims import settle

from sla_console.alerting.room import AlertingRoom, AlertingSettings
from sla_console.alerting.wording import Composer
from sla_console.domain.alerts.escalation import EscalationPlan, EscalationStep
from sla_console.domain.alerts.escalation_state import EscalationState
from sla_console.domain.alerts.route import Route
from sla_console.domain.forecast.risk import RiskLevel
from sla_console.domain.sla.breach import BreachType, SLABreach
from sla_console.store.key import load_or_create_key
from sla_console.store.store import Store

START = datetime(2026, 11, 23, 9, tzinfo=UTC)
DUE = 1_000
LIMIT = 0.15
"""Seconds of CPU for that many."""
ROUNDS = 5
PLAN = EscalationPlan(
    "standard",
    tuple(EscalationStep(timedelta(minutes=m), Route(("ops",))) for m in (15, 30, 60)),
)


class Moment:
    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at

    def elapsed(self) -> timedelta:
        return self.at - START

    def real_seconds(self, span: timedelta) -> float:
        return span.total_seconds()


def breaches(count: int) -> list[SLABreach]:
    """The first thousand are due in fifteen minutes, the others a second later each."""
    return [
        SLABreach(
            f"b{n}", str(n), BreachType.RESPONSE, START, None, None, RiskLevel.HIGH, "x",
            escalation_required=True, client=f"Client {n % 50}",
            escalation_state=EscalationState.open(PLAN, START + timedelta(seconds=max(0, n - DUE + 1))),
        )
        for n in range(count)
    ]  # fmt: skip


async def measured(count: int) -> tuple[float, float]:
    """Return the seconds of a tick with nothing due, and those of CPU of one with a thousand due."""
    clock = Moment()
    with tempfile.TemporaryDirectory() as folder:
        key = load_or_create_key(Path(folder) / "key", keyring_entry=None)
        store = await Store.open(Path(folder) / "data" / "sla.db", key)
        made = breaches(count)
        for start in range(0, count, 1000):
            await store.record_breaches([(b, [], None) for b in made[start : start + 1000]], None)
        room = AlertingRoom(store, {}, clock, Composer(), AlertingSettings(("ops",)))
        await room.manager.configure_alert_rules([])
        room.incidents.replace_all(made)
        tracker = room.timers
        await tracker.process(clock.at)
        idle = []
        for _ in range(200):
            begun = time.perf_counter()
            await tracker.process(clock.at)
            idle.append(time.perf_counter() - begun)
        clock.at = START + timedelta(minutes=15)
        begun = time.process_time()
        done = await tracker.process(clock.at)
        busy = time.process_time() - begun
        assert done == min(count, DUE), done
        await store.close()
    return sorted(idle)[len(idle) // 2], busy


def bare() -> float:
    """Return the seconds of CPU of a thousand rows in one transaction of a bare table."""
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder) / "x.db", isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE t (k TEXT PRIMARY KEY, a TEXT, b TEXT, c INTEGER)")
        rows = [(f"k{n}", "x" * 400, "y" * 100, n) for n in range(1_000)]
        begun = time.process_time()
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", rows)
        connection.execute("COMMIT")
        took = time.process_time() - begun
        connection.close()
    return took


def main() -> None:
    small, _ = asyncio.run(measured(100))
    rounds = [(*asyncio.run(measured(10_000)), bare()) for _ in range(ROUNDS)]
    idle, busy, table = (min(column) for column in zip(*rounds, strict=True))
    ratio = sorted(busy / table for _, busy, table in rounds)[ROUNDS // 2]
    print(
        f"tick with nothing due: {idle * 1e6:.1f} us at 10,000 escalations, {small * 1e6:.1f} us at "
        f"100; ratio {idle / small:.2f} (aim: 1)"
    )
    print(
        f"tick with {DUE} steps due: {busy * 1000:.0f} ms of CPU, planned, stored and queued (aim: "
        f"{LIMIT * 1000:.0f} on a quiet machine); 1,000 bare rows: {table * 1000:.1f} ms; ratio "
        f"{ratio:.0f}"
    )
    settle(
        {
            "a tick with nothing due under 50 ms": idle < 0.05,
            "and as quick at 10,000 as at 100": idle < 2 * small,
            f"{DUE} steps in {LIMIT * 1000:.0f} ms of CPU": busy <= LIMIT,
        }
    )


if __name__ == "__main__":
    main()
