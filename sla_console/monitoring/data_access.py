"""One door to a ticket's data: SuperOps where it can be asked, the store where it cannot."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.clock import Clock
from sla_console.domain.credit import NOBODY, holders_of
from sla_console.domain.errors import NotFound, SuperOpsError
from sla_console.domain.judgement import Observed
from sla_console.domain.performance import TechnicianMetrics, technician_metrics
from sla_console.domain.policy import SLAPolicy
from sla_console.domain.risk import RiskLevel
from sla_console.domain.sla_clock import JudgedTicket
from sla_console.domain.text import clean
from sla_console.domain.ticket import TicketSLAData
from sla_console.monitoring.figure_cache import FigureCache
from sla_console.monitoring.judging import Judge
from sla_console.monitoring.policies import dated, in_force
from sla_console.monitoring.ports import Records, ServiceDesk

PERIOD: Final = timedelta(days=30)
_YIELD_EVERY: Final = 200


class SLADataAccess:
    """Policies, tickets and technicians' figures.

    Args:
        desk: SuperOps.
        records: The store.
        judge: Judges tickets for the figures.
        clock: The moment.
        policies: The policies of the configuration, as SuperOps gives no targets; None: the judge's.
    """

    def __init__(
        self,
        desk: ServiceDesk,
        records: Records,
        judge: Judge,
        clock: Clock,
        policies: Sequence[SLAPolicy] | None = None,
    ) -> None:
        self.desk = desk
        self.records = records
        self._judge = judge
        self._clock = clock
        self.figures = FigureCache(clock)
        """Figures that were worked out lately."""
        self._policies = judge.policies if policies is None else tuple(policies)

    async def fetch_sla_policies_from_api(self) -> list[SLAPolicy]:
        """Return the policies in force now: the configuration's, then SuperOps' other SLAs.

        The API gives no targets (schema type ``SLA``), so of an SLA that the configuration does not
        describe only the name is known.

        Raises:
            SuperOpsError: if SuperOps cannot be asked.
        """
        named = [
            SLAPolicy(id=identity, name=name, sla_name=name)
            for identity, name in await self.desk.sla_names()
        ]
        known = await self.records.policies.load()
        return in_force(self._policies, named, known, self._clock.now())

    async def get_cached_sla_policies(self) -> list[SLAPolicy]:
        """Return the policies in force as last read, without asking SuperOps.

        The configuration's are those of now, though it has changed since the last reading.
        """
        known = await self.records.policies.load()
        return in_force(self._policies, known, known, self._clock.now())

    async def update_sla_cache(self, policies: list[SLAPolicy]) -> None:
        """Store the policies, with the dates since when each is known and as it is."""
        known = await self.records.policies.load()
        wanted = dated(policies, known, self._clock.now())
        if wanted != known:
            await self.records.policies.save(wanted)

    async def read_policies(self) -> list[SLAPolicy]:
        """Read the policies from SuperOps and store them; return them.

        Raises:
            SuperOpsError: if SuperOps cannot be asked.
        """
        policies = await self.fetch_sla_policies_from_api()
        await self.update_sla_cache(policies)
        return policies

    async def fetch_ticket_sla_data(self, ticket_id: str) -> TicketSLAData:
        """Return a ticket from SuperOps, or as last seen where SuperOps cannot be asked.

        Raises:
            SuperOpsError: if it can be had from neither.
            NotFound: if there is no such ticket.
        """
        try:
            ticket = await self.desk.ticket(ticket_id)
        except SuperOpsError:
            ticket = await self.records.tickets.get(ticket_id)
            if ticket is None:
                raise
        if ticket is None:
            raise NotFound(f"There is no ticket with the id {clean(ticket_id, 60)}.")
        return ticket

    async def observed(self, ticket_id: str) -> Observed:
        """Return what the console saw of a ticket."""
        seen = await self.records.lives.sightings(ticket_id)
        verdicts = (await self.records.lives.verdicts()).get(ticket_id, ())
        holds = await self.records.holds.for_ticket(ticket_id)
        return Observed(holds, seen[0].at if seen else None, verdicts)

    async def fetch_technician_metrics(self, technician_id: str) -> TechnicianMetrics:
        """Return one technician's figures of the last thirty days, from the store.

        Raises:
            NotFound: if there is no such technician.
        """
        for metrics in await self.figures.get("metrics", self.all_metrics):
            if metrics.technician_id == technician_id:
                return metrics
        raise NotFound(f"There is no technician with the id {clean(technician_id, 60)}.")

    async def judged_since(self, since: datetime) -> list[JudgedTicket]:
        """Return the tickets that are open, or ended at this moment or later, as they stand."""
        records = self.records
        tickets = await records.tickets.load_open()
        tickets += await records.tickets.load_closed_since(since)
        holds = await records.holds.load(since)
        judged = []
        for place, ticket in enumerate(tickets, 1):
            if place % _YIELD_EVERY == 0:
                await asyncio.sleep(0)  # thousands of tickets: deadlines go first
            judged.append(self._judge.judge(ticket, Observed(holds.get(ticket.id, ()))))
        return judged

    async def all_metrics(
        self, start: datetime | None = None, end: datetime | None = None
    ) -> list[TechnicianMetrics]:
        """Return every technician's figures; best compliance first, without any last.

        What was not assigned to anybody stands at the very end, under the id ``NOBODY``.

        Args:
            start: Promises settled before it do not count; None: those of the last thirty days do.
            end: Promises settled then or later do not count; None: all do, up to now.
        """
        now = self._clock.now()
        since = start or now - PERIOD
        hands = await self.records.lives.changed_hands(since)
        first_seen = await self.records.lives.first_seen(since)
        by_technician: dict[str, list[JudgedTicket]] = {}
        names = {t.id: t.name for t in await self.records.people.technicians()}
        for judged in await self.judged_since(since):
            for technician_id, name in holders_of(judged, hands).items():
                by_technician.setdefault(technician_id, []).append(judged)
                names.setdefault(technician_id, name)
        found = []
        for technician_id, name in names.items():
            await asyncio.sleep(0)
            mine = by_technician.get(technician_id, [])
            at_risk = sum(
                (judged.ticket.technician_id or NOBODY) == technician_id
                and not judged.breached(now)
                and judged.risk(now, self._judge.thresholds).rank >= RiskLevel.HIGH.rank
                for judged in mine
            )
            found.append(
                technician_metrics(
                    technician_id, name, mine, since, now, at_risk, hands, first_seen,
                    end, min(first_seen.values(), default=None),
                )
            )  # fmt: skip
        found.sort(
            key=lambda m: (
                m.technician_id == NOBODY,
                m.compliance_rate is None,
                -(m.compliance_rate or 0.0),
                m.breach_count,
                m.technician_name,
            )
        )
        return found
