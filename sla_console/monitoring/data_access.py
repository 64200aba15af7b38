"""One door to a ticket's data: SuperOps where it can be asked, the store where it cannot."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.clock import Clock
from sla_console.domain.errors import SuperOpsError
from sla_console.domain.figures.names import Names
from sla_console.domain.figures.record import Basis, Span
from sla_console.domain.figures.technicians import TechnicianMetrics, metrics_by_technician
from sla_console.domain.names import folded
from sla_console.domain.policy import SLAPolicy
from sla_console.domain.ticket import TicketSLAData
from sla_console.monitoring.judging import Judge
from sla_console.monitoring.past_lives import TargetRecords, records_between
from sla_console.monitoring.ports import Records, ServiceDesk

PERIOD: Final = timedelta(days=30)
_INSTANT: Final = timedelta(milliseconds=1)
"""What is due at this very moment counts up to now."""


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
        described = {folded(p.sla_name or p.name) for p in self._policies}
        named = [
            SLAPolicy(id=identity, name=name, sla_name=name)
            for identity, name in await self.desk.sla_names()
            if folded(name) not in described
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

    async def names(self) -> Names:
        """Return all names that clients and technicians have and had."""
        return Names(*await self.records.pages.names())

    async def target_records(
        self,
        start: datetime,
        end: datetime,
        basis: Basis = Basis.DUE,
        names: Names | None = None,
    ) -> TargetRecords:
        """Return the records of all targets of a span of time, and some around it.

        Args:
            start: Its beginning, aware UTC.
            end: Its end.
            basis: By which day a target belongs to it.
            names: The names of clients and technicians; None: as they are now, where they are
                still in the catalogues.
        """
        return await records_between(
            self.records,
            self._judge,
            self._clock.now(),
            (start, end),
            names or await self._present_names(),
            basis,
        )

    async def _present_names(self) -> Names:
        people = self.records.people
        return Names(
            [(one.id, one.name) for one in await people.clients()],
            [(one.id, one.name) for one in await people.technicians()],
        )

    async def all_metrics(
        self, start: datetime | None = None, end: datetime | None = None
    ) -> list[TechnicianMetrics]:
        """Return every technician's figures; best compliance first, without any last.

        What was not assigned to anybody stands at the very end, under the id ``NOBODY``.

        Args:
            start: Targets due before it do not count; None: those of the last thirty days do.
            end: Targets due then or later do not count; None: all do, up to now.
        """
        now = self._clock.now()
        span = Span(start or now - PERIOD, now + _INSTANT if end is None else end)
        found = await self.target_records(span.start or now, span.end or now)
        technicians = {t.id: t.name for t in await self.records.people.technicians()}
        # Beside the engine's loop: a month of a large desk takes its time.
        return await asyncio.to_thread(
            metrics_by_technician,
            found.records,
            span,
            now,
            found.complete_since,
            found.holding,
            technicians,
        )
