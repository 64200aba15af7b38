"""A year of 100,000 tickets reported as HTML, against a bare SELECT of the rows: aim, 100 times.

Both read the encrypted store. The report runs in a process of its own, so that its memory is its
own: its peak is printed for 25,000 and for 100,000 tickets.
"""

import asyncio
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.sla.policy import SLAPolicy
from sla_console.domain.tickets.sighting import Sighting
from sla_console.domain.tickets.ticket import Hold, StatusPhases, Ticket
from sla_console.monitoring.evaluator import Evaluator
from sla_console.reporting.forms import render
from sla_console.reporting.period import period_of
from sla_console.service.report_service import ReportRequest, ReportRules, ReportService
from sla_console.store.key import load_or_create_key
from sla_console.store.store import Store

NOW = datetime(2027, 1, 5, 8, 0, tzinfo=UTC)
START = datetime(2026, 1, 1, tzinfo=UTC)
REPEATS = 3
PHASES = StatusPhases.of(("On Hold",), ("Closed",))
OFFICE = BusinessCalendar(
    "Europe/Berlin", {day: [("08:00", "18:00")] for day in ("mon", "tue", "wed", "thu", "fri")}
)
POLICY = SLAPolicy("p", "Gold", response_time_minutes=60, resolution_time_hours=16, default=True,
                   calendar="office")  # fmt: skip


class Now:
    def now(self) -> datetime:
        return NOW


def life(number: int, chance: random.Random):
    created = START + timedelta(minutes=chance.randrange(365 * 1440))
    ended = created + timedelta(seconds=int(chance.expovariate(1 / 150_000)))
    who = [f"Technician {chance.randrange(25)}" for _ in range(chance.choice((1, 1, 2)))]
    ticket = Ticket(
        id=f"{number:07}", display_id=str(number), subject=f"Ticket {number}", status="Closed",
        priority=chance.choice(("Critical", "High", "Medium", "Low")),
        request_type=chance.choice(("Incident", "Request")),
        client=f"Client {chance.randrange(40)}", requester=f"Person {chance.randrange(3000)}",
        technician=who[-1], technician_id=who[-1], group=f"Group {chance.randrange(5)}",
        created_at=created, updated_at=ended, resolved_at=ended,
        responded_at=created + (ended - created) * chance.random() / 20,
    )  # fmt: skip
    seen = [
        Sighting(created + (ended - created) * place / len(who), "Open", technician_id=name,
                 technician=name)
        for place, name in enumerate(who)
    ]  # fmt: skip
    holds = []
    if chance.random() < 0.15:
        holds = [Hold(created + (ended - created) / 3, created + (ended - created) / 2)]
    return ticket, seen, holds


async def opened(folder: Path) -> Store:
    key = load_or_create_key(folder / "key", keyring_entry=None, environ={})
    return await Store.open(folder / "sla.db", key)


async def fill(folder: Path, count: int) -> None:
    store, chance = await opened(folder), random.Random(1)
    for first in range(0, count, 5000):
        lives = [life(number, chance) for number in range(first, min(first + 5000, count))]
        await store.tickets.save([one for one, _, _ in lives], {one.id for one, _, _ in lives})
        await store.lives.add_sightings([(one.id, s) for one, seen, _ in lives for s in seen])
        await store.holds.add([(one.id, hold) for one, _, holds in lives for hold in holds])
    await store.close()


async def select(folder: Path) -> float:
    """Return the seconds of reading the same rows, and nothing else."""
    store = await opened(folder)
    began = time.perf_counter()
    for table in ("ticket", "sighting", "hold"):
        await store._database.rows(f"SELECT * FROM {table}")
    taken = time.perf_counter() - began
    await store.close()
    return taken


async def report(folder: Path) -> None:
    store = await opened(folder)
    evaluator = Evaluator(PHASES, [POLICY], {"office": OFFICE})
    desk = ReportService(store, evaluator, Now(), ReportRules())
    began = time.perf_counter()
    found = await desk.report(ReportRequest(period_of("2026", "Europe/Berlin")), "benchmark")
    render(found, "html")
    taken = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(taken, peak, len(found.promises))
    await store.close()


def measured(folder: Path) -> tuple[float, float, int]:
    command = [sys.executable, __file__, "report", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    taken, peak, promises = done.stdout.split()
    return float(taken), float(peak), int(promises)


def main() -> None:
    print(
        f"{'tickets':>8} {'promises':>9} {'SELECT':>8} {'report':>8} {'ratio':>6} {'peak memory':>12}"
    )
    for count in (25_000, 100_000):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            asyncio.run(fill(folder, count))
            pairs = []
            for _ in range(REPEATS):
                bare = asyncio.run(select(folder))
                taken, peak, promises = measured(folder)
                pairs.append((taken / bare, bare, taken, peak))
        ratio, bare, taken, peak = sorted(pairs)[REPEATS // 2]
        print(
            f"{count:>8,} {promises:>9,} {bare:>7.2f}s {taken:>7.2f}s {ratio:>6.1f} {peak:>8.0f} MiB"
        )
    print("aim: a ratio of at most 100")


if __name__ == "__main__":
    if sys.argv[1:2] == ["report"]:
        asyncio.run(report(Path(sys.argv[2])))
    else:
        main()
