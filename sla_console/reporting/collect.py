"""From tickets, one by one, to the records that a report is made of."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.errors import UserError
from sla_console.domain.figures.names import Names
from sla_console.domain.figures.record import NONE, UNASSIGNED, TargetRecord
from sla_console.domain.figures.records import RecordMaker
from sla_console.domain.figures.report import DateRange
from sla_console.domain.names import folded
from sla_console.domain.sla.evaluation import SEEN_AT_ONCE
from sla_console.domain.sla.held_time import promised_time
from sla_console.domain.sla.ledger import LedgerLine, ledger
from sla_console.domain.sla.sla_clock import EvaluatedTicket, SLAClock
from sla_console.domain.sla.verdict import Outcome
from sla_console.domain.tickets.sighting import Sighting
from sla_console.domain.tickets.ticket import Hold, HoldReason, Ticket
from sla_console.domain.tickets.ticket_history import TicketHistory
from sla_console.reporting.period import Period
from sla_console.reporting.records import (
    UNWATCHED,
    Breach,
    Exclusion,
    InHand,
    LateHold,
    Part,
    ReportRecords,
)
from sla_console.reporting.scope import Scope, ScopeFilter
from sla_console.reporting.versions import Versions

SHORTLY: Final = timedelta(minutes=30)
"""A hold that begins with so little promised time left is shortly before the due time."""
SHORTLY_SHARE: Final = 0.1
"""Or with so little of the target left, if that is more."""

_Stretch = tuple[datetime, datetime, str, str]
"""From, to, in whose hands, in which status."""


class NothingDue(UserError):  # noqa: N818 - reads as what it is
    """No target was due in a period."""


class Collector:
    """Takes tickets in any order and keeps what a report needs of them.

    Args:
        wide: The due times that matter at all: of the period, of the one before, of the trend.
        period: The due times that the report is about.
        now: The moment up to which what is owed is judged.
        exclusions: Tickets that shall not count, by their numbers in lower case: reason and who.
        wanted: The records that are wanted; None: all.
        names: The names of clients and technicians.
        ledgers: Whether each missed target keeps its ledger, for evidence.
        known_from: From when on all tickets that ended are known; None: since the first was seen.
    """

    def __init__(
        self,
        wide: DateRange,
        period: DateRange,
        now: datetime,
        exclusions: Mapping[str, tuple[str, str]] | None = None,
        wanted: ScopeFilter | None = None,
        names: Names | None = None,
        *,
        ledgers: bool = False,
        known_from: datetime | None = None,
    ) -> None:
        self._wide, self._period, self._now = wide, period, now
        self._exclusions = exclusions or {}
        self._wanted = wanted or ScopeFilter(Scope())
        self._names = names or Names()
        self._maker = RecordMaker(now, self._names)
        self._ledgers, self._known_from = ledgers, known_from
        self._versions = Versions()
        self._first_seen: datetime | None = None
        self._dues: tuple[datetime, datetime] | None = None
        self.records = ReportRecords()

    def add(self, lives: Iterable[TicketHistory]) -> None:
        """Take some tickets."""
        for life in lives:
            self._add(life)

    @property
    def empty(self) -> bool:
        """Whether there is nothing in the period."""
        return not self.records.exclusions and not any(
            self._in(self._period, one.due) for one in self.records.promises
        )

    @property
    def dues(self) -> tuple[datetime, datetime] | None:
        """The first and the last due time of the tickets that were taken; None: there is none."""
        return self._dues

    def notes(self) -> tuple[str, ...]:
        """Return what a reader must know beside the figures."""
        first, known = self._first_seen, self._known_from
        if first is None or first <= self._period.start:
            return ()
        watched = (
            f"Tickets are watched since {first:%Y-%m-%d %H:%M} UTC: holds and hands before that are "
            f"not known"
        )
        if known is not None and known <= self._period.start:
            return (f"{watched}.",)
        since = min(known or first, first)
        missing = f"what was closed before {since:%Y-%m-%d %H:%M} UTC is missing here"
        return (f"{watched}, and {missing}.",)

    def finish(self) -> ReportRecords:
        """Return everything, in an order that does not depend on that of the tickets."""
        records = self.records
        records.promises.sort(key=lambda one: (one.due, one.number, one.target, one.cycle))
        records.exclusions.sort(key=lambda one: one.number)
        records.breaches.sort(key=lambda one: (one.due, one.number, one.target, one.cycle))
        records.in_hand.sort(key=lambda one: (one.number, one.technician))
        records.late_holds.sort(key=lambda one: (one.began, one.number))
        records.policies, records.calendars = self._versions.policies(), self._versions.calendars()
        return records

    def _add(self, life: TicketHistory) -> None:
        if life.sightings and (self._first_seen is None or life.sightings[0].at < self._first_seen):
            self._first_seen = life.sightings[0].at
        found = self._maker.records_of(life)
        if not found:
            why = (
                "no promise applies to it"
                if life.judged is not None
                else f"cannot be judged: {life.fault}"
            )
            self._exclude(life.ticket, why)
            return
        found = self._wanted.pick(found)
        dues = [one.due for one in found]
        if not dues:
            return
        known = (*dues, *(self._dues or ()))
        self._dues = min(known), max(known)
        wide = [one for one in found if self._in(self._wide, one.due)]
        here = [one for one in wide if self._in(self._period, one.due)]
        numbers = (folded(life.ticket.display_id), folded(life.ticket.id))
        excluded = next((self._exclusions[n] for n in numbers if n in self._exclusions), None)
        if excluded is not None:
            if here:
                reason, by = excluded
                self.records.exclusions.append(
                    Exclusion(life.ticket.display_id, here[0].client, reason, by)
                )
            return
        self.records.promises.extend(wide)
        if here and life.judged is not None:
            self._versions.note(life.judged, here[0].client)
            self._in_hand(life, life.judged)
            self._late_holds(life, life.judged, here)
        for one in here:
            if one.outcome is Outcome.MISSED:
                self._breach(life, one)

    @staticmethod
    def _in(span: DateRange, moment: datetime) -> bool:
        return span.start <= moment < span.end

    def _exclude(self, ticket: Ticket, reason: str) -> None:
        """Exclude a ticket that has no due time; it belongs to the day of its creation."""
        created = ticket.created_at or ticket.updated_at
        if created is None or not self._in(self._period, created):
            return
        client = self._names.clients.shown(ticket.client_id, ticket.client) or NONE
        if self._wanted.fits_ticket(ticket, client):
            self.records.exclusions.append(Exclusion(ticket.display_id, client, reason))

    def _stop(self, clock: SLAClock) -> datetime:
        return clock.stopped_at or (clock.due if clock.over else None) or self._now

    def _breach(self, life: TicketHistory, one: TargetRecord) -> None:
        clock = None
        if life.judged is not None:
            clock = next(c for c in life.judged.clocks if c.target is one.target)
        whole = clock is not None and clock.due == one.due and self._ledgers
        lines = ledger(clock, self._now) if clock is not None and whole else []
        self.records.breaches.append(
            Breach(
                number=one.number,
                target=one.target,
                due=one.due,
                client=one.client,
                late=None if one.margin is None else max(0.0, -one.margin),
                parts=() if clock is None else self._parts(life, clock, one),
                ledger=tuple(map(_ledger_words, lines)),
                cycle=one.cycle,
            )
        )

    def _parts(self, life: TicketHistory, clock: SLAClock, one: TargetRecord) -> tuple[Part, ...]:
        start, stop = one.started_at, one.stopped_at or self._stop(clock)
        if start is None:
            return ()
        holds, calendar = _ended(clock.holds, stop), clock.calendar
        spent: dict[tuple[str, str, bool], float] = {}
        for begin, end, technician, status in self._stretches(life, start, stop):
            counted = promised_time(calendar, begin, end, holds)
            waited = calendar.open_time(begin, end) - counted
            for seconds, waiting in (
                (counted.total_seconds(), False),
                (waited.total_seconds(), True),
            ):
                if seconds:
                    key = technician, status, waiting
                    spent[key] = spent.get(key, 0.0) + seconds
        return tuple(
            Part(technician, status, seconds, waiting)
            for (technician, status, waiting), seconds in spent.items()
        )

    def _in_hand(self, life: TicketHistory, judged: EvaluatedTicket) -> None:
        clock = judged.resolution if judged.resolution.due is not None else judged.response
        start, stop = clock.started_at, self._stop(clock)
        if start is None:
            return
        holds, calendar = _ended(clock.holds, stop), clock.calendar
        spent: dict[str, tuple[float, float]] = {}
        for begin, end, technician, status in self._stretches(life, start, stop):
            if status == UNWATCHED:
                continue  # whether it was on hold is not known, so it would dilute the share
            whole = calendar.open_time(begin, end)
            counted = promised_time(calendar, begin, end, holds) if holds else whole
            held, total = spent.get(technician, (0.0, 0.0))
            spent[technician] = (
                held + (whole - counted).total_seconds(),
                total + whole.total_seconds(),
            )
        self.records.in_hand.extend(
            InHand(life.ticket.display_id, technician, held, total)
            for technician, (held, total) in spent.items()
            if total
        )

    def _late_holds(
        self, life: TicketHistory, judged: EvaluatedTicket, here: Sequence[TargetRecord]
    ) -> None:
        clock, ticket = judged.resolution, life.ticket
        if not clock.holds:
            return
        for one in here:
            if one.target is not clock.target:
                continue
            limit = max(SHORTLY, timedelta(seconds=one.allowed or 0.0) * SHORTLY_SHARE)
            for hold in clock.holds:
                if hold.why is HoldReason.CLOSED or hold.start >= one.due:
                    continue
                left = promised_time(clock.calendar, hold.start, one.due, clock.holds)
                if not timedelta() < left <= limit:
                    continue
                seen = _seen_at(life, hold.start)
                lasted = (
                    None if hold.end is None else clock.calendar.open_time(hold.start, hold.end)
                )
                self.records.late_holds.append(
                    LateHold(
                        number=ticket.display_id,
                        client=one.client,
                        technician=self._holder(seen.technician_id, seen.technician),
                        status=seen.status,
                        began=hold.start,
                        left=left.total_seconds(),
                        lasted=None if lasted is None else lasted.total_seconds(),
                        outcome=one.outcome,
                    )
                )

    def _stretches(
        self, life: TicketHistory, start: datetime, stop: datetime
    ) -> Iterator[_Stretch]:
        """Give who had a ticket and in which status, oldest first.

        Before the first sight it was with whoever had it then, and its status is not known: what is
        first seen when it is closed has not been closed all the time.
        """
        seen = life.sightings or (Sighting.of(life.ticket, start),)
        if seen[0].at - start > SEEN_AT_ONCE:
            seen = (replace(seen[0], at=start, status=UNWATCHED), *seen)
        for place, one in enumerate(seen):
            begin = start if place == 0 else max(one.at, start)
            end = stop if place == len(seen) - 1 else min(seen[place + 1].at, stop)
            if begin < end:
                holder = self._holder(one.technician_id, one.technician)
                yield begin, end, holder, one.status or NONE

    def _holder(self, identity: str | None, name: str | None) -> str:
        return sys.intern(self._names.technicians.shown(identity, name) or identity or UNASSIGNED)


def nothing_due(period: Period, known: tuple[datetime, datetime] | None) -> NothingDue:
    """Return what to tell of a period in which nothing was due.

    Args:
        period: The period.
        known: The first and the last due time that are known; None: there is none.
    """
    if known is None:
        return NothingDue(
            f"{period.label}: there is nothing to report, since no ticket with a promise is known; "
            f"let the console run a while, or choose other tickets"
        )
    first, last = known
    return NothingDue(
        f"{period.label}: no promise was due in it; known are promises due between "
        f"{first:%Y-%m-%d} and {last:%Y-%m-%d}"
    )


def _ended(holds: Sequence[Hold], stop: datetime) -> tuple[Hold, ...]:
    """Return the holds, one that is still on ended at a moment."""
    return tuple(replace(h, end=max(stop, h.start)) if h.end is None else h for h in holds)


def _seen_at(life: TicketHistory, moment: datetime) -> Sighting:
    """Return how a ticket was at a moment; before it was first seen, as then."""
    current = life.sightings[0] if life.sightings else Sighting.of(life.ticket, moment)
    for seen in life.sightings:
        if seen.at > moment:
            break
        current = seen
    return current


def _ledger_words(line: LedgerLine) -> str:
    counted = "counts" if line.counted else "does not count"
    late = " LATE" if line.late else ""
    return (
        f"{line.start:%Y-%m-%d %H:%M:%S} to {line.end:%Y-%m-%d %H:%M:%S} UTC  {counted:<14}"
        f"  {_hours(line.passed):>10}  in all {_hours(line.total):>10}{late}  {line.why}"
    )


def _hours(span: timedelta) -> str:
    seconds = round(span.total_seconds())
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
