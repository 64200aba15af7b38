"""One door to a ticket's data: SuperOps where it can be asked, the store where it cannot."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sla_console.domain.clock import Clock
from sla_console.domain.errors import SuperOpsError
from sla_console.domain.performance import TechnicianMetrics, technician_metrics
from sla_console.domain.policy import SLAPolicy
from sla_console.domain.ticket import TicketSLAData
from sla_console.monitoring.judging import Judge
from sla_console.monitoring.ports import Records, ServiceDesk

PERIOD: Final = timedelta(days=30)


class SLADataAccess:
    """Policies, tickets and technicians' figures.

    Args:
        desk: SuperOps.
        records: The store.
        judge: Judges tickets for the figures.
        clock: The moment.
        policies: The promises of the configuration; SuperOps gives no targets.
    """

    def __init__(
        self,
        desk: ServiceDesk,
        records: Records,
        judge: Judge,
        clock: Clock,
        policies: Sequence[SLAPolicy] = (),
    ) -> None:
        self.desk = desk
        self.records = records
        self._judge = judge
        self._clock = clock
        self._policies = tuple(policies)

    async def fetch_sla_policies_from_api(self) -> list[SLAPolicy]:
        """Return SuperOps' SLAs that the configuration does not describe, by name only.

        The API gives no targets (schema type ``SLA``), so the configuration's come first.

        Raises:
            SuperOpsError: if SuperOps cannot be asked.
        """
        described = {(p.sla_name or p.name).casefold() for p in self._policies}
        named = [
            SLAPolicy(id=identity, name=name, sla_name=name)
            for identity, name in await self.desk.sla_names()
            if name.casefold() not in described
        ]
        return [*self._policies, *named]

    async def get_cached_sla_policies(self) -> list[SLAPolicy]:
        """Return the promises as last stored, those of the configuration before the first sync."""
        return await self.records.policies.load() or list(self._policies)

    async def update_sla_cache(self, policies: list[SLAPolicy]) -> None:
        """Store the promises."""
        await self.records.policies.save(policies)

    async def fetch_ticket_sla_data(self, ticket_id: str) -> TicketSLAData:
        """Return a ticket from SuperOps, or as last seen where SuperOps cannot be asked.

        Raises:
            SuperOpsError: if it can be had from neither.
            KeyError: if there is no such ticket.
        """
        try:
            ticket = await self.desk.ticket(ticket_id)
        except SuperOpsError:
            ticket = await self.records.tickets.get(ticket_id)
            if ticket is None:
                raise
        if ticket is None:
            raise KeyError(ticket_id)
        return ticket

    async def fetch_technician_metrics(self, technician_id: str) -> TechnicianMetrics:
        """Return one technician's figures of the last thirty days, from the store.

        Raises:
            KeyError: if there is no such technician.
        """
        for metrics in await self.all_metrics():
            if metrics.technician_id == technician_id:
                return metrics
        raise KeyError(technician_id)

    async def all_metrics(self) -> list[TechnicianMetrics]:
        """Return every technician's figures; best compliance first, without any last."""
        now = self._clock.now()
        since = now - PERIOD
        tickets = await self.records.tickets.load_open()
        tickets += await self.records.tickets.load_closed_since(since)
        by_technician: dict[str, list[TicketSLAData]] = {}
        for ticket in tickets:
            if ticket.technician_id is not None:
                by_technician.setdefault(ticket.technician_id, []).append(ticket)
        names = {t.id: t.name for t in await self.records.people.technicians()}
        for technician_id, mine in by_technician.items():
            names.setdefault(technician_id, mine[0].technician or technician_id)
        found = []
        for technician_id, name in names.items():
            await asyncio.sleep(0)  # thousands of tickets: deadlines go first
            judged = [self._judge.judge(t) for t in by_technician.get(technician_id, ())]
            at_risk = sum(
                not j.breached(now) and j.risk(now, self._judge.thresholds).rank >= 2
                for j in judged
            )
            found.append(technician_metrics(technician_id, name, judged, since, now, at_risk))
        found.sort(
            key=lambda m: (
                m.compliance_rate is None,
                -(m.compliance_rate or 0.0),
                m.breach_count,
                m.technician_name,
            )
        )
        return found
