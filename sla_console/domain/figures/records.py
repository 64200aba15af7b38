"""From a ticket to its records: stored verdicts as they fell, else what its clocks say now."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sla_console.domain.figures.attribution import Attribution
from sla_console.domain.figures.names import Names
from sla_console.domain.figures.record import NONE, TargetRecord
from sla_console.domain.sla.held_time import promised_time
from sla_console.domain.sla.sla_clock import EvaluatedTicket, SLAClock
from sla_console.domain.sla.verdict import Outcome, Verdict, in_force
from sla_console.domain.sla.verdict_rules import decide
from sla_console.domain.tickets.assignment import Assignment
from sla_console.domain.tickets.sighting import assignments_of
from sla_console.domain.tickets.ticket import Ticket
from sla_console.domain.tickets.ticket_history import TicketHistory

_GONE = "SuperOps no longer has the ticket, and its time was not over when it was last seen"


class RecordMaker:
    """Makes the records of tickets.

    Args:
        now: The moment up to which what is owed is judged.
        names: The names of clients and technicians.
    """

    def __init__(self, now: datetime, names: Names | None = None) -> None:
        self._now, self._names = now, names or Names()
        self._attribution = Attribution(self._names.technicians)

    def records_of(self, life: TicketHistory) -> list[TargetRecord]:
        """Return one record for each target of a ticket in each cycle."""
        fallen = in_force(life.verdicts)
        assigned = _assigned(life, self._now)
        found = [self._of_verdict(life, one, assigned) for one in fallen.values()]
        if life.judged is None:
            return found
        now = self._now if life.gone_at is None else min(self._now, life.gone_at)
        judged = life.judged.with_verdicts(fallen.values()) if fallen else life.judged
        for clock in judged.clocks:
            if fallen and _is_decided(clock, fallen.values()):
                continue
            verdict = decide(judged, clock.target, now)
            if verdict is None and clock.due is None:
                continue
            found.append(
                self._of_clock(life, judged, clock, assigned)
                if verdict is None
                else self._of_verdict(life, verdict, assigned)
            )
        return found

    def _of_verdict(
        self, life: TicketHistory, verdict: Verdict, assigned: Sequence[Assignment]
    ) -> TargetRecord:
        ticket, judged = life.ticket, life.judged
        clock = None if judged is None else judged.clock(verdict.target)
        latest = clock if clock is not None and clock.cycle == verdict.cycle else None
        running = latest is not None and verdict.stopped_at is None and not latest.ended()
        started = ticket.created_at if clock is None else clock.started_at
        stopped, degraded = verdict.stopped_at, () if judged is None else judged.degraded
        unrecorded = latest is not None and latest.over and latest.stopped_at is None
        if unrecorded and verdict.outcome is not Outcome.IN_DOUBT:
            degraded = (*degraded, "nobody recorded when this ended")
        elif started is not None and stopped is not None and stopped < started:
            degraded = (*degraded, "it ended before it was created; that took no time")
        margin = self._margin(verdict, clock, running=running)
        if unrecorded and verdict.outcome is Outcome.MET:
            margin = (
                None  # it was not over when the ticket was seen to have ended; no more is known
            )
        fell = verdict.due if verdict.outcome is Outcome.MISSED else verdict.fell_at
        return TargetRecord(
            number=ticket.display_id,
            target=verdict.target,
            outcome=verdict.outcome,
            due=verdict.due,
            client=self._client(verdict.client_id, verdict.client),
            policy=_name(verdict.policy or _policy(ticket, judged)),
            priority=_name(verdict.priority),
            group=_name(verdict.group),
            request_type=_name(verdict.request_type),
            credit=self._attribution.credit(assigned, clock, started, fell),
            requester=ticket.requester,
            started_at=started,
            stopped_at=stopped,
            allowed=_seconds(verdict.allowed),
            taken=None if unrecorded else _seconds(verdict.used),
            margin=margin,
            degraded=degraded,
            ticket_id=ticket.id,
            client_id=verdict.client_id,
            cycle=verdict.cycle,
            settled_at=verdict.fell_at,
            assignee=self._attribution.assignee(assigned, fell),
            source=verdict.source,
            reason=verdict.reason,
            gone_at=life.gone_at,
            running=running,
        )

    def _margin(self, verdict: Verdict, clock: SLAClock | None, *, running: bool) -> float | None:
        """Return the counted time that was left at the stop; below zero: late by as much."""
        if (verdict.by_times or verdict.outcome) is Outcome.MET:
            if verdict.allowed is not None and verdict.used is not None:
                return max((verdict.allowed - verdict.used).total_seconds(), 0.0)
            if clock is None or verdict.stopped_at is None:
                return None
            left = promised_time(clock.calendar, verdict.stopped_at, verdict.due, clock.holds)
            return left.total_seconds()
        if verdict.late is not None:
            return -verdict.late.total_seconds()
        if not running or clock is None:
            return None
        # The due time may have moved since; how late it is counts from that of the verdict.
        return -replace(clock, due=verdict.due).late(self._now).total_seconds()

    def _of_clock(
        self,
        life: TicketHistory,
        judged: EvaluatedTicket,
        clock: SLAClock,
        assigned: Sequence[Assignment],
    ) -> TargetRecord:
        """Return the record of a target whose verdict has not fallen."""
        ticket, due, gone = life.ticket, clock.due, life.gone_at
        assert due is not None  # noqa: S101 - asked by the caller
        until = gone or clock.held_since or self._now
        return TargetRecord(
            number=ticket.display_id,
            target=clock.target,
            outcome=Outcome.OPEN if gone is None else Outcome.IN_DOUBT,
            due=due,
            client=self._client(ticket.client_id, ticket.client),
            policy=_name(_policy(ticket, judged)),
            priority=_name(ticket.priority),
            group=_name(ticket.group),
            request_type=_name(ticket.request_type),
            credit=self._attribution.credit(assigned, clock, clock.started_at, until),
            requester=ticket.requester,
            started_at=clock.started_at,
            allowed=_seconds(clock.target_time()),
            degraded=judged.degraded,
            ticket_id=ticket.id,
            client_id=ticket.client_id,
            cycle=clock.cycle,
            settled_at=gone,
            assignee=self._attribution.assignee(assigned, until),
            source=clock.source or "",
            reason="" if gone is None else _GONE,
            gone_at=gone,
            running=True,
        )

    def _client(self, identity: str | None, name: str | None) -> str:
        return _name(self._names.clients.shown(identity, name))


def _is_decided(clock: SLAClock, fallen: Iterable[Verdict]) -> bool:
    """Return whether stored verdicts say all about a clock.

    A resolution that was missed in one cycle is counted once; later cycles owe nothing more.
    """
    return any(
        one.target is clock.target and (one.cycle >= clock.cycle or one.outcome is Outcome.MISSED)
        for one in fallen
    )


def _assigned(life: TicketHistory, now: datetime) -> tuple[Assignment, ...]:
    if life.sightings:
        return assignments_of(life.sightings)
    ticket = life.ticket
    since = ticket.created_at or ticket.updated_at or now
    return (Assignment(ticket.technician_id, ticket.technician, since),)


def _policy(ticket: Ticket, judged: EvaluatedTicket | None) -> str | None:
    if judged is not None and judged.policy is not None:
        return judged.policy.name
    return ticket.sla_name


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()


def _name(value: str | None) -> str:
    # A hundred thousand tickets share a few names; each is kept once.
    return sys.intern(value) if value else NONE
