"""From a ticket to its records: stored verdicts as they fell, else the clock as it stands now."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sla_console.domain.assignment import Assignment
from sla_console.domain.breach import BreachType
from sla_console.domain.figures.attribution import Attribution
from sla_console.domain.figures.names import Names
from sla_console.domain.figures.record import NONE, Credit, TargetRecord
from sla_console.domain.held_time import promised_time
from sla_console.domain.life import Life
from sla_console.domain.sighting import assignments_of
from sla_console.domain.sla_clock import JudgedTicket, SLAClock
from sla_console.domain.ticket import HoldReason, Ticket
from sla_console.domain.verdict import Outcome, Verdict, in_force
from sla_console.domain.verdict_rules import decide

_GONE = "SuperOps no longer has the ticket, and its time was not over when it was last seen"


@dataclass(frozen=True, slots=True)
class _Stand:
    """How a clock without a stored verdict stands."""

    outcome: Outcome
    settled_at: datetime | None = None
    reason: str = ""


def _decide(judged: JudgedTicket, clock: SLAClock, now: datetime) -> _Stand:
    """Return how a clock stands that has no stored verdict."""
    fallen = decide(judged, clock.target, now)
    if fallen is None:
        return _Stand(Outcome.OPEN)
    missed = fallen.outcome is Outcome.MISSED
    return _Stand(fallen.outcome, fallen.due if missed else fallen.fell_at, fallen.reason)


class RecordMaker:
    """Makes the records of tickets.

    Args:
        now: The moment up to which what is owed is judged.
        names: The names of clients and technicians.
    """

    def __init__(self, now: datetime, names: Names | None = None) -> None:
        self._now, self._names = now, names or Names()
        self._attribution = Attribution(self._names.technicians)

    def records_of(self, life: Life) -> list[TargetRecord]:
        """Return one record for each target of a ticket in each cycle."""
        fallen = in_force(life.verdicts)
        assigned = _assigned(life, self._now)
        found = [self._of_verdict(life, verdict, assigned) for verdict in fallen.values()]
        if life.judged is not None:
            found += (
                self._of_clock(life, life.judged, clock, assigned)
                for clock in life.judged.clocks
                if clock.due is not None and not _is_decided(clock, fallen.values())
            )
        return found

    def _of_verdict(
        self, life: Life, verdict: Verdict, assigned: Sequence[Assignment]
    ) -> TargetRecord:
        ticket, judged = life.ticket, life.judged
        clock = None if judged is None else _clock(judged, verdict.target)
        running = (
            clock is not None
            and verdict.stopped_at is None
            and not clock.ended()
            and cycle_of(clock) == verdict.cycle
        )
        started = ticket.created_at if clock is None else clock.started_at
        missed = verdict.outcome is Outcome.MISSED
        degraded = () if judged is None else judged.degraded
        if verdict.outcome is not Outcome.MET and verdict.stopped_at is None and not running:
            degraded = (*degraded, "nobody recorded when this ended")
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
            credit=self._attribution.credit(
                assigned, clock, started, verdict.due if missed else verdict.fell_at
            ),
            requester=ticket.requester,
            started_at=started,
            stopped_at=verdict.stopped_at,
            allowed=_seconds(verdict.allowed),
            taken=_seconds(verdict.used),
            margin=self._margin(verdict, clock, running=running),
            degraded=degraded,
            ticket_id=ticket.id,
            client_id=verdict.client_id,
            cycle=verdict.cycle,
            settled_at=verdict.fell_at,
            assignee=self._assignee(assigned, verdict.due if missed else verdict.fell_at),
            source=verdict.source,
            reason=verdict.reason,
            gone_at=life.gone_at,
            running=running,
        )

    def _margin(self, verdict: Verdict, clock: SLAClock | None, *, running: bool) -> float | None:
        """Return the counted time that was left at the stop; below zero: late by as much."""
        if verdict.outcome is Outcome.MET:
            if verdict.allowed is not None and verdict.used is not None:
                return max((verdict.allowed - verdict.used).total_seconds(), 0.0)
            if clock is None or verdict.stopped_at is None:
                return None
            left = promised_time(clock.calendar, verdict.stopped_at, verdict.due, clock.holds)
            return left.total_seconds()
        if verdict.late is not None:
            return -verdict.late.total_seconds()
        if not running or clock is None or self._now <= verdict.due:
            return None
        late = promised_time(clock.calendar, verdict.due, self._now, clock.holds)
        return -late.total_seconds()

    def _of_clock(
        self, life: Life, judged: JudgedTicket, clock: SLAClock, assigned: Sequence[Assignment]
    ) -> TargetRecord:
        ticket, due = life.ticket, clock.due
        assert due is not None  # noqa: S101 - asked by the caller
        now = self._now if life.gone_at is None else min(self._now, life.gone_at)
        stand = _decide(judged, clock, now)
        if stand.outcome is Outcome.OPEN and life.gone_at is not None:
            stand = _Stand(Outcome.IN_DOUBT, life.gone_at, _GONE)
        target, taken, degraded = clock.target_time(), None, judged.degraded
        started, stopped = clock.started_at, clock.stopped_at
        if started is not None and stopped is not None:
            taken = promised_time(clock.calendar, started, stopped, clock.holds).total_seconds()
            if stopped < started:
                degraded = (*degraded, "it ended before it was created; that took no time")
        elif clock.ended():
            degraded = (*degraded, "nobody recorded when this ended")
        margin = None
        if stand.outcome is not Outcome.OPEN and (stopped is not None or not clock.ended()):
            margin = _seconds(clock.remaining(now))
        fell = stand.settled_at or clock.held_since or now
        return TargetRecord(
            number=ticket.display_id,
            target=clock.target,
            outcome=stand.outcome,
            due=due,
            client=self._client(ticket.client_id, ticket.client),
            policy=_name(_policy(ticket, judged)),
            priority=_name(ticket.priority),
            group=_name(ticket.group),
            request_type=_name(ticket.request_type),
            credit=self._attribution.credit(assigned, clock, started, fell),
            requester=ticket.requester,
            started_at=started,
            stopped_at=stopped,
            allowed=_seconds(target),
            taken=taken,
            margin=margin,
            degraded=degraded,
            ticket_id=ticket.id,
            client_id=ticket.client_id,
            cycle=cycle_of(clock),
            settled_at=stand.settled_at,
            assignee=self._assignee(assigned, fell),
            source=clock.source or "",
            reason=stand.reason,
            gone_at=life.gone_at,
            running=not clock.ended(),
        )

    def _assignee(self, assigned: Sequence[Assignment], at: datetime) -> Credit:
        return self._attribution.assignee(assigned, at)

    def _client(self, identity: str | None, name: str | None) -> str:
        return _name(self._names.clients.shown(identity, name))


def cycle_of(clock: SLAClock) -> int:
    """Return in which cycle a clock is: one more with each time the ticket was opened again."""
    if clock.target is BreachType.RESPONSE:
        return 1
    return 1 + sum(hold.why is HoldReason.CLOSED for hold in clock.holds)


def _is_decided(clock: SLAClock, fallen: Iterable[Verdict]) -> bool:
    """Return whether stored verdicts say all about a clock.

    A resolution that was missed in one cycle is counted once; later cycles owe nothing more.
    """
    cycle = cycle_of(clock)
    return any(
        one.target is clock.target and (one.cycle >= cycle or one.outcome is Outcome.MISSED)
        for one in fallen
    )


def _assigned(life: Life, now: datetime) -> tuple[Assignment, ...]:
    if life.sightings:
        return assignments_of(life.sightings)
    ticket = life.ticket
    since = ticket.created_at or ticket.updated_at or now
    return (Assignment(ticket.technician_id, ticket.technician, since),)


def _clock(judged: JudgedTicket, target: BreachType) -> SLAClock:
    return judged.response if target is BreachType.RESPONSE else judged.resolution


def _policy(ticket: Ticket, judged: JudgedTicket | None) -> str | None:
    if judged is not None and judged.policy is not None:
        return judged.policy.name
    return ticket.sla_name


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()


def _name(value: str | None) -> str:
    # A hundred thousand tickets share a few names; each is kept once.
    return sys.intern(value) if value else NONE
