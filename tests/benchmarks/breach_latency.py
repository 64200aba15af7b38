"""How long after its due time a breach is stored and its alert queued, at 10,000 open tickets.

The real engine with the real store on disk; only SuperOps is played. Sixty promises run out over
twenty seconds, while sweeps of all tickets go on. Aim: within one second.
"""

import asyncio
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from sla_console.alerting.room import AlertingRoom, AlertingSettings
from sla_console.alerting.wording import Composer
from sla_console.cli.clock import SystemClock
from sla_console.domain.alerts.warning import WarningLevel
from sla_console.domain.forecast.risk import RiskThresholds
from sla_console.domain.tickets.ticket import StatusPhases, Ticket
from sla_console.monitoring.data_access import SLADataAccess
from sla_console.monitoring.engine import SLAMonitoringEngine
from sla_console.monitoring.engine_settings import EngineSettings
from sla_console.monitoring.evaluator import Evaluator
from sla_console.monitoring.sync import SyncPlan
from sla_console.store.key import load_or_create_key
from sla_console.store.store import Store

TICKETS, BREACHES, SECONDS = 10_000, 60, 20


class PlayedDesk:
    """Answers every sweep with the same tickets."""

    per_minute = 60

    def __init__(self, tickets: list[Ticket]) -> None:
        self.budget = self
        self._tickets = tickets

    def left(self) -> int:
        return self.per_minute

    async def changed_ticket_pages(self, since):
        for page in ():
            yield page

    async def open_ticket_pages(self, closed):
        for start in range(0, len(self._tickets), 100):
            yield self._tickets[start : start + 100]

    async def tickets_by_id(self, ids):
        wanted = set(ids)
        return [ticket for ticket in self._tickets if ticket.id in wanted]

    def clock_offset(self):
        return None

    def clock_heard(self):
        return None

    def limited_until(self):
        return None

    async def sla_names(self):
        return []

    async def technicians(self, odd=None):
        return []

    clients = sites = technicians


class Timed(Store):
    """The store, noting when each breach was committed together with its message."""

    late: list[float] = []

    async def record_breaches(self, found, term):
        new = await super().record_breaches(found, term)
        now = datetime.now(UTC)
        for breach, messages, _ in found:
            assert messages, "nobody is told"
            self.late.append((now - breach.breach_time).total_seconds())
        return new


def tickets() -> list[Ticket]:
    now = datetime.now(UTC)
    found = []
    for number in range(TICKETS):
        due = now + timedelta(hours=2, seconds=number)
        if number < BREACHES:
            due = now + timedelta(seconds=8 + SECONDS * number / BREACHES)
        found.append(
            Ticket(
                str(number),
                f"T-{number}",
                "Printer down",
                status="Open",
                priority="High",
                created_at=now - timedelta(hours=3),
                updated_at=now,
                response_due=due,
                resolution_due=now + timedelta(days=1),
                technician_id=f"t{number % 40}",
                technician=f"Technician {number % 40}",
            )
        )
    return found


async def main() -> None:
    clock = SystemClock()
    with tempfile.TemporaryDirectory() as folder:
        key = load_or_create_key(Path(folder) / "key", keyring_entry=None)
        store = await Timed.open(Path(folder) / "data" / "sla.db", key)
        evaluator = Evaluator(
            StatusPhases.of((), ("Closed",)),
            thresholds=RiskThresholds(),
            warn_at=(WarningLevel(percent=75), WarningLevel(percent=90)),
        )
        plan = SyncPlan(hot=timedelta(seconds=5), open=timedelta(seconds=5))
        engine = SLAMonitoringEngine(
            SLADataAccess(PlayedDesk(tickets()), store, evaluator, clock),
            AlertingRoom(store, {}, clock, Composer(), AlertingSettings(("ops",))),
            evaluator,
            clock,
            EngineSettings(closed=("Closed",), plan=plan),
        )
        await engine.start_monitoring()
        for _ in range(60):
            await asyncio.sleep(1)
            if len(store.late) >= BREACHES:
                break
        await engine.stop_monitoring()
        await store.close()
    late = sorted(store.late)
    print(
        f"{len(late)} breaches among {TICKETS} open tickets, stored and queued after due: "
        f"median {median(late) * 1000:.0f} ms, worst {late[-1] * 1000:.0f} ms (aim: within 1000 ms)"
    )


if __name__ == "__main__":
    asyncio.run(main())
