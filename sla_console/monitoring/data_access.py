"""One door to a ticket's data: SuperOps where it can be asked, the store where it cannot."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain import fault_points
from sla_console.domain.clock import Clock
from sla_console.domain.errors import NotFound, SuperOpsError
from sla_console.domain.figures.names import Names
from sla_console.domain.figures.record import Basis, Span
from sla_console.domain.figures.technicians import TechnicianMetrics, metrics_by_technician
from sla_console.domain.sla.evaluation import Observed
from sla_console.domain.sla.policy import SLAPolicy
from sla_console.domain.text import clean
from sla_console.domain.tickets.sighting import observed_of
from sla_console.domain.tickets.ticket import TicketSLAData
from sla_console.monitoring.evaluator import Evaluator
from sla_console.monitoring.figure_cache import FigureCache
from sla_console.monitoring.policies import dated, in_force
from sla_console.monitoring.ports import StorePort, SuperOpsPort
from sla_console.monitoring.stored_histories import TargetRecords, records_between

PERIOD: Final = timedelta(days=30)
_INSTANT: Final = timedelta(milliseconds=1)
"""Added to the present moment, so that a target due right now counts."""


class SLADataAccess:
    """Policies, tickets and technicians' figures.

    Args:
        desk: SuperOps.
        records: The store.
        evaluator: Evaluates tickets for the figures.
        clock: The moment.
        policies: The policies of the configuration, as SuperOps gives no targets; None: the judge's.
    """

    def __init__(
        self,
        desk: SuperOpsPort,
        records: StorePort,
        evaluator: Evaluator,
        clock: Clock,
        policies: Sequence[SLAPolicy] | None = None,
    ) -> None:
        self.desk = desk
        self.records = records
        self._evaluator = evaluator
        self._clock = clock
        self.figures = FigureCache(clock)
        """Figures that were worked out lately."""
        self._policies = evaluator.policies if policies is None else tuple(policies)

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
        verdicts = await self.records.verdicts.for_ticket(ticket_id)
        holds = await self.records.holds.for_ticket(ticket_id)
        return observed_of(seen, holds, verdicts, self._evaluator.phases)

    async def fetch_technician_metrics(self, technician_id: str) -> TechnicianMetrics:
        """Return one technician's figures of the last thirty days, from the store.

        Raises:
            NotFound: if there is no such technician.
        """
        for metrics in await self.figures.get("metrics", self.all_metrics):
            if metrics.technician_id == technician_id:
                return metrics
        raise NotFound(f"There is no technician with the id {clean(technician_id, 60)}.")

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
            self._evaluator,
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
        fault_points.hit("figures.read")
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
