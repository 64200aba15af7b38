"""Watching the lives of tickets, since the API keeps no history.

What is seen is collected, and stored once for many tickets; ``flush`` says when.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.disagreement import TOLERANCE, Disagreement
from sla_console.domain.held_time import waits_within
from sla_console.domain.judgement import Observed
from sla_console.domain.sighting import Sighting
from sla_console.domain.sla_clock import JudgedTicket
from sla_console.domain.ticket import Hold, HoldReason, Phase, Ticket
from sla_console.monitoring.judging import Judge
from sla_console.monitoring.ports import HoldRecord, LifeRecord

_LONGEST: Final = timedelta(days=60)
"""A hold inferred from a due time is looked for within so much time."""


@dataclass(slots=True)
class _News:
    """What was seen and is not stored yet."""

    sightings: list[tuple[str, Sighting]] = field(default_factory=list)
    begun: dict[str, datetime] = field(default_factory=dict)
    ended: dict[str, datetime] = field(default_factory=dict)
    holds: list[tuple[str, Hold]] = field(default_factory=list)
    disagreements: list[tuple[str, tuple[Disagreement, ...]]] = field(default_factory=list)


class LifeWatch:
    """Knows what was seen of each open ticket, and stores it.

    Args:
        holds: Where holds are kept.
        lives: Where sightings and disagreements are kept.
        judge: Knows the statuses and the hours of each ticket.
    """

    def __init__(self, holds: HoldRecord, lives: LifeRecord, judge: Judge) -> None:
        self._hold_record, self._lives, self._judge = holds, lives, judge
        self._holds: dict[str, tuple[Hold, ...]] = {}
        self._since: dict[str, datetime] = {}
        self._open_until: dict[str, datetime] = {}
        self._disagreements: dict[str, tuple[Disagreement, ...]] = {}
        self._news = _News()

    async def restore(self) -> set[str]:
        """Take over what is stored; return the ids of tickets of which more or less is known now.

        Raises:
            StoreError: if it cannot be read.
        """
        # What was not stored is not forgotten: its ticket was not stored either, and is news again.
        self._news = _News()
        holds = self._holds
        self._holds = await self._hold_record.load()
        self._since = await self._lives.first_seen()
        self._disagreements = await self._lives.disagreements()
        return _differing(holds, self._holds)

    def of(self, ticket_id: str) -> Observed:
        """Return what was seen of a ticket."""
        return Observed(
            self._holds.get(ticket_id, ()),
            self._since.get(ticket_id),
            open_until=self._open_until.get(ticket_id),
        )

    def read_open(self, ticket_ids: Iterable[str], now: datetime) -> None:
        """Note that tickets were read just now and are open."""
        self._open_until |= dict.fromkeys(ticket_ids, now)

    async def observe(self, before: Ticket | None, after: Ticket, now: datetime) -> None:
        """Note what changed. What happened is dated by SuperOps' own time of the change.

        Args:
            before: As it was known, None if it was not.
            after: As it is.
            now: The moment at which it was read.
        """
        at = min(after.updated_at or now, now)
        self._sight(before, after, at, now)
        self._watch_holds(before, after, at)
        if before is not None:
            await self._infer(before, after, at)

    def reopened(
        self, closed: JudgedTicket, observed: Observed, after: Ticket, at: datetime
    ) -> None:
        """Note that a ticket that had ended is open again.

        Args:
            closed: As it was judged when it ended.
            observed: What had been seen of it.
            after: As it is now.
            at: When it was opened again.
        """
        ticket_id = after.id
        stopped = closed.resolution.end() or closed.ticket.updated_at
        self._holds[ticket_id] = observed.holds
        if observed.since is not None:
            self._since[ticket_id] = observed.since
        if stopped is not None and stopped < at:
            self._was_closed(
                ticket_id, Hold(stopped, at, HoldReason.CLOSED, closed.ticket.resolution_due)
            )

    def seen_after_end(self, ticket: Ticket, now: datetime) -> None:
        """Note that a ticket that is open at the first sight was resolved before.

        When it was opened again is not known; what was before the first sight is not counted as
        work.
        """
        start = ticket.resolved_at
        if start is not None and start < now:
            self._since.setdefault(ticket.id, now)
            self._was_closed(ticket.id, Hold(start, now, HoldReason.CLOSED))
            self._news.sightings.append((ticket.id, Sighting.of(ticket, now)))

    def _was_closed(self, ticket_id: str, hold: Hold) -> None:
        self._holds[ticket_id] = (*self._holds.get(ticket_id, ()), hold)
        self._news.holds.append((ticket_id, hold))

    def compare(self, judged: JudgedTicket) -> None:
        """Note where SuperOps' due times are not ours, if that is news."""
        found = tuple(c.disagreement for c in judged.clocks if c.disagreement is not None)
        ticket_id = judged.ticket.id
        if found != self._disagreements.get(ticket_id, ()):
            self._disagreements[ticket_id] = found
            self._news.disagreements.append((ticket_id, found))

    async def flush(self, now: datetime) -> None:
        """Store what was seen since the last time.

        Raises:
            StoreError: if it could not be stored; it is kept for the next time.
        """
        news = self._news
        if news.sightings:
            await self._lives.add_sightings(news.sightings)
            news.sightings = []
        if news.begun or news.ended:
            await self._hold_record.change(news.begun, news.ended)
            news.begun, news.ended = {}, {}
        if news.holds:
            await self._hold_record.add(news.holds)
            news.holds = []
        if news.disagreements:
            await self._lives.note_disagreements(news.disagreements, now)
            news.disagreements = []

    def forget(self, ticket_id: str) -> None:
        """Drop a ticket that is over."""
        for known in (self._holds, self._since, self._open_until, self._disagreements):
            known.pop(ticket_id, None)

    def _sight(self, before: Ticket | None, after: Ticket, at: datetime, now: datetime) -> None:
        if before is None or after.id not in self._since:
            # What was before the first sight is not known, whatever SuperOps says it changed.
            self._since.setdefault(after.id, now)
            self._news.sightings.append((after.id, Sighting.of(after, now)))
        elif not Sighting.of(before, at).same_as(Sighting.of(after, at)):
            self._news.sightings.append((after.id, Sighting.of(after, at)))

    def _watch_holds(self, before: Ticket | None, after: Ticket, at: datetime) -> None:
        phases = self._judge.phases
        was = None if before is None else phases.phase(before.status)
        phase = phases.phase(after.status)
        holds = self._holds.get(after.id, ())
        on = bool(holds) and holds[-1].end is None
        # A status that holds only since the configuration says so has held from its last change.
        long = was is Phase.HOLD and not on and before is not None and before.updated_at is not None
        start = min(before.updated_at, at) if long and before and before.updated_at else at
        if phase is Phase.HOLD and not on:
            self._news.begun[after.id] = start
            self._holds[after.id] = (*holds, Hold(start))
        elif phase is not Phase.HOLD and long and start < at:
            hold = Hold(start, at)
            self._news.holds.append((after.id, hold))
            self._holds[after.id] = (*holds, hold)
        elif phase is not Phase.HOLD and on:
            end = max(at, holds[-1].start)
            if self._news.begun.pop(after.id, None) is not None:
                self._news.holds.append((after.id, Hold(holds[-1].start, end)))
            else:
                self._news.ended[after.id] = end
            self._holds[after.id] = (*holds[:-1], Hold(holds[-1].start, end))

    async def _infer(self, before: Ticket, after: Ticket, at: datetime) -> None:
        """Note a hold that nobody saw: a due time moved later, and nothing else explains it.

        Compared is how far the due time has moved since priority, policy and client are what they
        are, with all holds known since then; so a due time that follows a hold late is explained.
        """
        if self._judge.phases.phase(after.status) is not Phase.ACTIVE:
            return
        for moved in (
            (before.resolution_due, after.resolution_due),
            (before.response_due, after.response_due if after.responded_at is None else None),
        ):
            if None not in moved and moved[1] - moved[0] > TOLERANCE:  # type: ignore[operator]
                break
        else:
            return
        base = await self._base(after, at)
        if base is None:
            return
        observed = self.of(after.id)
        calendar = self._judge.judge(after, observed).resolution.calendar
        # A hold that was on at the first sight has moved the due time by all of it.
        since = min((h.start for h in observed.holds if _covers(h, base.at)), default=base.at)
        for old, new in (
            (base.resolution_due, after.resolution_due),
            (base.response_due, after.response_due),
        ):
            if old is None or new is None:
                continue
            known = sum(
                (
                    calendar.open_time(begin, end)
                    for begin, end in waits_within(observed.holds, since, None)
                ),
                timedelta(),
            )
            missing = calendar.open_time(old, new) - known
            if missing > TOLERANCE:
                start = _before(calendar.open_time, at, missing, base.at)
                hold = Hold(start, at, HoldReason.INFERRED)
                self._holds[after.id] = (*self._holds.get(after.id, ()), hold)
                self._news.holds.append((after.id, hold))
            return

    async def _base(self, after: Ticket, at: datetime) -> Sighting | None:
        """Return the sighting from which due times are moved by holds alone, None if there is none.

        That is the first one of this priority, policy and client; where these changed before their
        due time did, the first after that too has followed.
        """
        pending = [s for ticket_id, s in self._news.sightings if ticket_id == after.id]
        now = Sighting.of(after, at)
        alike: list[Sighting] = []
        unlike: Sighting | None = None
        for seen in reversed([*await self._lives.sightings(after.id), *pending]):
            if not seen.promised_like(now):
                unlike = seen
                break
            alike.append(seen)
        alike.reverse()
        if unlike is not None:
            while alike and _dues(alike[0]) == _dues(unlike):
                alike.pop(0)
        # The sighting of this very move says nothing about what was before it.
        return alike[0] if alike and _dues(alike[0]) != _dues(now) else None


def _dues(seen: Sighting) -> tuple[datetime | None, datetime | None]:
    return seen.response_due, seen.resolution_due


def _covers(hold: Hold, at: datetime) -> bool:
    return hold.start < at and (hold.end is None or hold.end > at)


def _differing(old: Mapping[str, object], new: Mapping[str, object]) -> set[str]:
    return {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}


def _before(
    open_time: Callable[[datetime, datetime], timedelta],
    end: datetime,
    wanted: timedelta,
    earliest: datetime,
) -> datetime:
    """Return the moment from which just so much open time passes until ``end``."""
    low, high = max(earliest, end - _LONGEST), end
    if open_time(low, end) <= wanted:
        return low
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if open_time(middle, end) > wanted:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)
