"""From tickets, one by one, to the records that a report is made of."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.errors import UserError
from sla_console.domain.hands import Hand, shares_of
from sla_console.domain.held_time import promised_time
from sla_console.domain.judgement import SEEN_AT_ONCE
from sla_console.domain.ledger import LedgerLine, ledger
from sla_console.domain.life import Life
from sla_console.domain.names import folded
from sla_console.domain.report import DateRange
from sla_console.domain.settling import verdict_of
from sla_console.domain.sighting import Sighting, hands_of
from sla_console.domain.sla_clock import JudgedTicket, SLAClock
from sla_console.domain.ticket import Hold, HoldReason, Ticket
from sla_console.reporting.period import Period
from sla_console.reporting.records import (
    NONE,
    UNASSIGNED,
    UNWATCHED,
    Breach,
    Credit,
    Exclusion,
    InHand,
    LateHold,
    Outcome,
    Part,
    Promise,
    Records,
)
from sla_console.reporting.versions import Versions

SHORTLY: Final = timedelta(minutes=30)
"""A hold that begins with so little promised time left is shortly before the due time."""
SHORTLY_SHARE: Final = 0.1
"""Or with so little of the target left, if that is more."""

_Stretch = tuple[datetime, datetime, str, str]
"""From, to, in whose hands, in which status."""


class NothingDue(UserError):  # noqa: N818 - reads as what it is
    """No promise was due in a period."""


class Gatherer:
    """Takes tickets in any order and keeps what a report needs of them.

    Args:
        wide: The due times that matter at all: of the period, of the one before, of the trend.
        period: The due times that the report is about.
        now: The moment up to which what is owed is judged.
        exclusions: Tickets that shall not count, by their numbers in lower case: reason and who.
        ledgers: Whether each missed promise keeps its ledger, for evidence.
        known_from: From when on all tickets that ended are known; None: since the first was seen.
    """

    def __init__(
        self,
        wide: DateRange,
        period: DateRange,
        now: datetime,
        exclusions: Mapping[str, tuple[str, str]] | None = None,
        *,
        ledgers: bool = False,
        known_from: datetime | None = None,
    ) -> None:
        self._wide, self._period, self._now = wide, period, now
        self._exclusions = exclusions or {}
        self._ledgers, self._known_from = ledgers, known_from
        self._versions = Versions()
        self._credits: dict[str, tuple[Credit, ...]] = {}
        self._first_seen: datetime | None = None
        self._dues: tuple[datetime, datetime] | None = None
        self.records = Records()

    def add(self, lives: Iterable[Life]) -> None:
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

    def finish(self) -> Records:
        """Return everything, in an order that does not depend on that of the tickets."""
        records = self.records
        records.promises.sort(key=lambda one: (one.due, one.number, one.target))
        records.exclusions.sort(key=lambda one: one.number)
        records.breaches.sort(key=lambda one: (one.due, one.number, one.target))
        records.in_hand.sort(key=lambda one: (one.number, one.technician))
        records.late_holds.sort(key=lambda one: (one.began, one.number))
        records.policies, records.calendars = self._versions.policies(), self._versions.calendars()
        return records

    def _add(self, life: Life) -> None:
        ticket, judged = life.ticket, life.judged
        if life.sightings and (self._first_seen is None or life.sightings[0].at < self._first_seen):
            self._first_seen = life.sightings[0].at
        if judged is None:
            self._exclude(ticket, f"cannot be judged: {life.fault}")
            return
        dues = [clock.due for clock in judged.clocks if clock.due is not None]
        if not dues:
            self._exclude(ticket, "no promise applies to it")
            return
        known = (*dues, *(self._dues or ()))
        self._dues = min(known), max(known)
        if not any(self._in(self._wide, due) for due in dues):
            return
        here = any(self._in(self._period, due) for due in dues)
        numbers = (folded(ticket.display_id), folded(ticket.id))
        excluded = next((self._exclusions[n] for n in numbers if n in self._exclusions), None)
        if excluded is not None:
            if here:
                reason, by = excluded
                self.records.exclusions.append(
                    Exclusion(ticket.display_id, ticket.client or NONE, reason, by)
                )
            return
        hands = hands_of(life.sightings)
        for clock in judged.clocks:
            if clock.due is not None and self._in(self._wide, clock.due):
                self._promise(life, judged, clock, hands)
        if here:
            self._versions.note(judged)
            self._in_hand(life, judged)
            self._late_holds(life, judged)

    @staticmethod
    def _in(span: DateRange, moment: datetime) -> bool:
        return span.start <= moment < span.end

    def _exclude(self, ticket: Ticket, reason: str) -> None:
        """Exclude a ticket that has no due time; it belongs to the day of its creation."""
        created = ticket.created_at or ticket.updated_at
        if created is not None and self._in(self._period, created):
            self.records.exclusions.append(
                Exclusion(ticket.display_id, _name(ticket.client), reason)
            )

    def _promise(
        self, life: Life, judged: JudgedTicket, clock: SLAClock, hands: Sequence[Hand]
    ) -> None:
        ticket, due = life.ticket, clock.due
        assert due is not None  # noqa: S101 - asked by the caller
        outcome = _outcome(clock, self._now)
        target, taken, degraded = clock.target_time(), None, judged.degraded
        started, stopped = clock.started_at, clock.stopped_at
        if started is not None and stopped is not None:
            taken = promised_time(clock.calendar, started, stopped, clock.holds).total_seconds()
            if stopped < started:
                degraded = (*degraded, "it ended before it was created; that took no time")
        elif clock.ended():
            degraded = (*degraded, "nobody recorded when this ended")
        margin = None
        if outcome is not Outcome.OPEN and (stopped is not None or not clock.ended()):
            left = clock.remaining(self._now)
            margin = None if left is None else left.total_seconds()
        found = Promise(
            number=ticket.display_id,
            target=clock.target,
            outcome=outcome,
            due=due,
            client=_name(ticket.client),
            policy=_name(judged.policy.name if judged.policy else ticket.sla_name),
            priority=_name(ticket.priority),
            group=_name(ticket.group),
            request_type=_name(ticket.request_type),
            credit=self._credit(ticket, clock, hands),
            requester=ticket.requester,
            started_at=started,
            stopped_at=stopped,
            allowed=None if target is None else target.total_seconds(),
            taken=taken,
            margin=margin,
            degraded=degraded,
        )
        self.records.promises.append(found)
        if outcome is Outcome.MISSED and self._in(self._period, due):
            self._breach(life, clock, found)

    def _credit(self, ticket: Ticket, clock: SLAClock, hands: Sequence[Hand]) -> tuple[Credit, ...]:
        names = {hand.technician_id: hand.technician for hand in hands}
        names.setdefault(ticket.technician_id, ticket.technician)
        start = clock.started_at
        if len(hands) <= 1 or start is None:
            holder = hands[-1].technician_id if hands else ticket.technician_id
            name = _holder(holder, names.get(holder))
            if name not in self._credits:
                self._credits[name] = (Credit(name, 1.0),)
            return self._credits[name]
        shares = shares_of(hands, clock.calendar, start, self._stop(clock), clock.holds)
        by_name: dict[str, float] = {}
        for holder, share in shares.items():
            name = _holder(holder, names.get(holder))
            by_name[name] = by_name.get(name, 0.0) + share
        return tuple(Credit(name, by_name[name]) for name in sorted(by_name))

    def _stop(self, clock: SLAClock) -> datetime:
        return clock.stopped_at or (clock.due if clock.over else None) or self._now

    def _breach(self, life: Life, clock: SLAClock, promise: Promise) -> None:
        late = None if promise.margin is None else max(0.0, -promise.margin)
        lines = ledger(clock, self._now) if self._ledgers else []
        self.records.breaches.append(
            Breach(
                number=promise.number,
                target=promise.target,
                due=promise.due,
                client=promise.client,
                late=late,
                parts=self._parts(life, clock),
                ledger=tuple(map(_ledger_words, lines)),
            )
        )

    def _parts(self, life: Life, clock: SLAClock) -> tuple[Part, ...]:
        start, stop = clock.started_at, self._stop(clock)
        if start is None:
            return ()
        holds, calendar = _ended(clock.holds, stop), clock.calendar
        spent: dict[tuple[str, str, bool], float] = {}
        for begin, end, technician, status in _stretches(life, start, stop):
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

    def _in_hand(self, life: Life, judged: JudgedTicket) -> None:
        clock = judged.resolution if judged.resolution.due is not None else judged.response
        start, stop = clock.started_at, self._stop(clock)
        if start is None:
            return
        holds, calendar = _ended(clock.holds, stop), clock.calendar
        spent: dict[str, tuple[float, float]] = {}
        for begin, end, technician, status in _stretches(life, start, stop):
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

    def _late_holds(self, life: Life, judged: JudgedTicket) -> None:
        clock, ticket = judged.resolution, life.ticket
        due = clock.due
        if due is None or not clock.holds or not self._in(self._period, due):
            return
        target = clock.target_time() or timedelta()
        limit = max(SHORTLY, target * SHORTLY_SHARE)
        for hold in clock.holds:
            if hold.why is HoldReason.CLOSED or hold.start >= due:
                continue
            left = promised_time(clock.calendar, hold.start, due, clock.holds)
            if not timedelta() < left <= limit:
                continue
            seen = _seen_at(life, hold.start)
            lasted = None if hold.end is None else clock.calendar.open_time(hold.start, hold.end)
            self.records.late_holds.append(
                LateHold(
                    number=ticket.display_id,
                    client=_name(ticket.client),
                    technician=_holder(seen.technician_id, seen.technician),
                    status=seen.status,
                    began=hold.start,
                    left=left.total_seconds(),
                    lasted=None if lasted is None else lasted.total_seconds(),
                    outcome=_outcome(clock, self._now),
                )
            )


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


def _outcome(clock: SLAClock, now: datetime) -> Outcome:
    kept = verdict_of(clock, now)
    if kept is None:
        return Outcome.OPEN
    return Outcome.MET if kept else Outcome.MISSED


def _name(value: str | None) -> str:
    # A hundred thousand tickets share a few names; each is kept once.
    return sys.intern(value) if value else NONE


def _holder(identity: str | None, name: str | None) -> str:
    return sys.intern(name or identity or UNASSIGNED)


def _ended(holds: Sequence[Hold], stop: datetime) -> tuple[Hold, ...]:
    """Return the holds, one that is still on ended at a moment."""
    return tuple(replace(h, end=max(stop, h.start)) if h.end is None else h for h in holds)


def _stretches(life: Life, start: datetime, stop: datetime) -> Iterator[_Stretch]:
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
            yield begin, end, _holder(one.technician_id, one.technician), one.status or NONE


def _seen_at(life: Life, moment: datetime) -> Sighting:
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
