"""A monitor that runs for days holds no more than it did after some hours.

By hand: ``SLA_LIFE_HOURS=72 SLA_LIFE_TICKETS=40 pytest -s tests/simulation/test_long_life.py``, which
prints what there is every three hours, and where memory was taken if ``SLA_LIFE_TRACE`` is set.
"""

import gc
import os
import threading
import tracemalloc
from collections import Counter
from pathlib import Path
from typing import Any

from sla_console.simulator.life import build_desk
from tests.simulation.world import START

HOURS = int(os.environ.get("SLA_LIFE_HOURS", "12"))
EARLY = int(os.environ.get("SLA_LIFE_EARLY", "6"))
TICKETS = int(os.environ.get("SLA_LIFE_TICKETS", "12"))
PACE = float(os.environ.get("SLA_LIFE_PACE", "120"))
TRACE = bool(os.environ.get("SLA_LIFE_TRACE"))
KEPT = {
    "sla_console.domain.alerts.alert.OutboxMessage": 700,
    "sla_console.domain.alerts.notification.Notification": 1000,
}
"""What a board shows of the latest 300 messages, for this board and the one before."""
PER_TICKET = {
    "sla_console.monitoring.deadlines.Deadline": 14,
    "sla_console.domain.forecast.forecast.PastClock": 2,
}
"""What there is for each ticket that is open, or that ended and teaches the forecast."""
MINE = ("sla_console.simulator", "sla_console.cli")


def held() -> Counter[str]:
    """Return how many objects of the product's own kinds there are, the simulator's left out."""
    gc.collect()
    kinds = Counter(type(one) for one in gc.get_objects())
    names = {f"{kind.__module__}.{kind.__qualname__}": count for kind, count in kinds.items()}
    return Counter(
        {
            name: count
            for name, count in names.items()
            if name.startswith("sla_console.") and not name.startswith(MINE)
        }
    )


def descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 1e6


def tell(world, hour: int, objects: Counter[str]) -> None:
    folder = world.folder / "data"
    sizes = {path.name: path.stat().st_size // 1024 for path in folder.iterdir()}
    tickets = world.checks.rows("SELECT COUNT(*), SUM(closed_at IS NULL) FROM ticket")
    print(
        f"hour {hour}: {resident():.1f} MB resident, {objects.total()} objects, "
        f"{descriptors()} descriptors, {threading.active_count()} threads, "
        f"{len(world.monitors[0].tasks)} tasks, kB {sizes}, tickets and open {tickets}",
        flush=True,
    )


def test_what_is_held_does_not_grow(simulated) -> None:
    """Twelve hours at a desk with a dozen open tickets, against its first six.

    The desk breathes with the day, so a twentieth more of one kind, or a hundred, is no growth: the
    history of what ended is the store's, and the monitor keeps none of it.
    """
    world = simulated(0, pace=PACE, desk=build_desk(7, TICKETS, START))
    found: dict[str, Any] = {}

    async def story() -> None:
        if TRACE:
            tracemalloc.start(8)
        await world.keep_up(1)
        first = None
        for hour in range(1, HOURS + 1):
            await world.live(hours=1)
            if hour == EARLY:
                found["early"] = held()
                found["outside"] = Counter(fd=descriptors(), threads=threading.active_count())
                if TRACE:
                    first = tracemalloc.take_snapshot()
            if hour % 3 == 0:
                tell(world, hour, held())
        found["late"] = held()
        ((found["tickets"],),) = world.checks.rows("SELECT COUNT(*) FROM ticket")
        now = Counter(fd=descriptors(), threads=threading.active_count())
        assert now["threads"] == found["outside"]["threads"]
        assert now["fd"] <= found["outside"]["fd"] + 1
        if first is not None:
            show(first)

    world.run(story())
    grown = {
        kind: (found["early"][kind], count)
        for kind, count in found["late"].items()
        if count > 1.05 * found["early"][kind] + 100
        and count > KEPT.get(kind, PER_TICKET.get(kind, 0) * found["tickets"])
    }
    assert not grown, f"held before and after: {grown}"


def show(first) -> None:
    keep = tracemalloc.Filter(True, "*/sla_console/*")
    leave = tracemalloc.Filter(False, "*/simulator/*")
    late = tracemalloc.take_snapshot()
    before, after = (one.filter_traces([keep, leave]) for one in (first, late))
    for line in after.compare_to(before, "lineno")[:25]:
        print(line)
