"""Finds tickets by what people call them."""

from dataclasses import replace
from datetime import datetime

from sla_console.domain.board import TicketDetail
from sla_console.domain.errors import NotFound, UserError
from sla_console.domain.names import nearest
from sla_console.domain.sla.evaluation import Observed
from sla_console.domain.sla.sla_clock import EvaluatedTicket
from sla_console.domain.sla.what_if import WhatIf
from sla_console.domain.text import clean
from sla_console.domain.tickets.reference import only_one, referred
from sla_console.domain.tickets.ticket import Ticket
from sla_console.monitoring.engine import SLAMonitoringEngine
from sla_console.monitoring.explanation import Supposition, forecast_notes, suppose


class TicketFinder:
    """Looks on the board, then in the store.

    Args:
        engine: The engine.
    """

    def __init__(self, engine: SLAMonitoringEngine) -> None:
        self._engine = engine
        self._records = engine.data.records

    async def judged(self, ticket_id: str) -> EvaluatedTicket:
        """Return how a ticket stands.

        Raises:
            NotFound: if it is not known.
        """
        judged = self._engine.tracker.board.get(ticket_id)
        if judged is not None:
            return judged
        ticket = await self._records.tickets.get(ticket_id)
        if ticket is None:
            raise NotFound(f"There is no ticket with the id {clean(ticket_id, 60)}.")
        return self._engine.tracker.evaluator.evaluate(
            ticket, await self._engine.data.observed(ticket_id)
        )

    async def detail(self, ticket_id: str) -> TicketDetail:
        """Return what the console itself knows about a ticket.

        Raises:
            NotFound: if it is not known.
        """
        records = self._records
        judged = await self.judged(ticket_id)
        return TicketDetail(
            judged=judged,
            forecasts=await self._engine.forecasts_of(judged),
            holds=await records.holds.for_ticket(ticket_id),
            breaches=tuple(await records.breaches.for_ticket(ticket_id)),
            messages=tuple(await records.outbox.for_ticket(ticket_id)),
            history=tuple(await records.audit.for_subject(ticket_id)),
            operations=tuple(await records.operations.for_ticket(ticket_id)),
        )

    async def found(self, ticket_ref: str) -> tuple[Ticket, Observed]:
        """Return the ticket of a number or an id, with what was seen of it.

        Raises:
            UserError: if no such ticket is known, with the nearest number; or if several carry it.
        """
        tickets = [judged.ticket for judged in self._engine.tracker.board.tickets()]
        stored = await self._records.tickets.find(ticket_ref.strip().removeprefix("#").strip())
        # What the board has is newer than what the store has of the same ticket.
        known = {one.id: one for one in (*stored, *referred(ticket_ref, tickets))}
        found = only_one(ticket_ref, referred(ticket_ref, known.values()))
        if found is None:
            near = nearest(ticket_ref, (one.display_id for one in tickets))
            advice = f"did you mean {near}?" if near else "sla-console status lists them"
            raise UserError(f"ticket {ticket_ref[:60]!a} is not known here; {advice}")
        return found, await self._engine.data.observed(found.id)

    async def suppose(self, ticket_ref: str, change: WhatIf, now: datetime) -> Supposition:
        """Return what a change would make of a ticket, and how tickets like that fared.

        Raises:
            UserError: if the ticket, or a client, technician or calendar it names, is not known.
        """
        ticket, observed = await self.found(ticket_ref)
        people, evaluator = self._records.people, self._engine.tracker.evaluator
        clients = {client.name: client.id for client in await people.clients()}
        technicians = [one.name for one in await people.technicians()]
        found = suppose(evaluator, ticket, observed, change, now, clients, technicians)
        before = await self._engine.forecasts_of(found.before)
        after = await self._engine.forecasts_of(found.after)
        return replace(found, notes=(*found.notes, *forecast_notes(before, after)))
