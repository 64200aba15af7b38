"""Watching the lives of tickets, since the API keeps no history.

What is seen is collected, and stored once for many tickets; ``flush`` says when.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain import fault_points
from sla_console.domain.sla.disagreement import Disagreement
from sla_console.domain.sla.due_moves import DueMove, RunningDue, unseen_wait
from sla_console.domain.sla.evaluation import Observed
from sla_console.domain.sla.held_time import waits_within
from sla_console.domain.sla.sla_clock import EvaluatedTicket
from sla_console.domain.tickets.sighting import Sighting, moves_of
from sla_console.domain.tickets.ticket import Hold, HoldReason, Phase, Ticket
from sla_console.monitoring.evaluator import Evaluator
from sla_console.monitoring.intake import LastReads, dated
from sla_console.monitoring.ports import HistoryRecord, HoldRecord

_LEAST: Final = timedelta(milliseconds=1)
"""The store keeps no moments that are closer."""
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


class HistoryRecorder:
    """Knows what was seen of each open ticket, and stores it.

    Args:
        holds: Where holds are kept.
        lives: Where sightings and disagreements are kept.
        evaluator: Knows the statuses and the hours of each ticket.
        reads: Knows when each ticket was last read.
    """

    def __init__(
        self, holds: HoldRecord, lives: HistoryRecord, evaluator: Evaluator, reads: LastReads
    ) -> None:
        self._hold_record, self._lives, self._evaluator = holds, lives, evaluator
        self.reads = reads
        self._holds: dict[str, tuple[Hold, ...]] = {}
        self._since: dict[str, datetime] = {}
        self._disagreements: dict[str, tuple[Disagreement, ...]] = {}
        self._moves: dict[str, tuple[DueMove, ...]] = {}
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
        self._moves = await self._lives.due_moves()
        moved = await self.reads.restore()
        return moved | _differing(holds, self._holds)

    def of(self, ticket_id: str) -> Observed:
        """Return what was seen of a ticket."""
        return Observed(
            self._holds.get(ticket_id, ()),
            self._since.get(ticket_id),
            read_at=self.reads.of(ticket_id),
            missing=self.reads.is_missing(ticket_id),
            moves=self._moves.get(ticket_id, ()),
        )

    async def recall(self, ticket_id: str) -> None:
        """Take over what is stored of a ticket that had left the board and is there again."""
        seen = await self._lives.sightings(ticket_id)
        self._holds[ticket_id] = await self._hold_record.for_ticket(ticket_id)
        if seen:
            self._since[ticket_id] = seen[0].at
            self.reads.note_change(ticket_id, seen[-1].at)
            self._moves[ticket_id] = moves_of(seen)

    async def observe(self, before: Ticket | None, after: Ticket, now: datetime) -> None:
        """Note what changed.

        A change is dated by SuperOps' own time of it, but no earlier than the last moment at which
        the ticket was read as it was before.

        Args:
            before: As it was known, None if it was not.
            after: As it is.
            now: The moment at which it was read.
        """
        known = self.reads.of(after.id) if before is not None else after.created_at
        at = dated(after.updated_at, known, now)
        self._watch_holds(before, after, at)
        self._sight(before, after, at, now)
        if before is not None:
            await self._infer(before, after, at, known or at)

    def reopened(
        self, closed: EvaluatedTicket, observed: Observed, after: Ticket, at: datetime
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
        start, created = ticket.resolved_at, ticket.created_at
        if start is not None and start < now and (created is None or created <= start):
            self._since.setdefault(ticket.id, now)
            self._was_closed(ticket.id, Hold(start, now, HoldReason.CLOSED))
            self._news.sightings.append((ticket.id, Sighting.of(ticket, now)))

    def ended_again(self, ticket: Ticket, observed: Observed, stopped: datetime) -> Observed:
        """Note that a ticket had ended, was opened and has ended again while nobody looked.

        No work is counted in the cycle that nobody saw.

        Args:
            ticket: As it is now, with the time of its resolution.
            observed: What had been seen of it.
            stopped: When it had ended before.
        """
        end = (ticket.resolved_at or stopped) - _LEAST
        hold = Hold(stopped, end, HoldReason.CLOSED, ticket.resolution_due)
        self._holds[ticket.id] = observed.holds
        self._was_closed(ticket.id, hold)
        return replace(observed, holds=(*observed.holds, hold))

    def _was_closed(self, ticket_id: str, hold: Hold) -> None:
        self._holds[ticket_id] = (*self._holds.get(ticket_id, ()), hold)
        self._news.holds.append((ticket_id, hold))

    def compare(self, judged: EvaluatedTicket) -> None:
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
        fault_points.hit("ticket.seen")
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
        for known in (self._holds, self._since, self._disagreements, self._moves):
            known.pop(ticket_id, None)
        self.reads.forget(ticket_id)

    def _sight(self, before: Ticket | None, after: Ticket, at: datetime, now: datetime) -> None:
        if before is None or after.id not in self._since:
            # What was before the first sight is not known, whatever SuperOps says it changed.
            self._since.setdefault(after.id, now)
            at = now
        elif Sighting.of(before, at).same_as(Sighting.of(after, at)):
            return
        last = self.reads.changed(after.id)
        if last is not None and at <= last:
            if any(
                one == after.id and self._same(seen, after) for one, seen in self._news.sightings
            ):
                return  # it could not be stored the last time
            at = last + _LEAST  # two changes never take each other's place
        self.reads.note_change(after.id, at)
        self._news.sightings.append((after.id, Sighting.of(after, at)))

    def _watch_holds(self, before: Ticket | None, after: Ticket, at: datetime) -> None:
        phases = self._evaluator.phases
        was = None if before is None else phases.phase(before.status)
        phase = phases.phase(after.status)
        holds = self._holds.get(after.id, ())
        on = bool(holds) and holds[-1].end is None
        # A status that holds only since the configuration says so has held from its last change.
        long = was is Phase.HOLD and not on and before is not None
        start = self._unchanged_since(before, at) if long and before is not None else at
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

    @staticmethod
    def _same(seen: Sighting, ticket: Ticket) -> bool:
        return Sighting.of(ticket, seen.at) == seen

    def _unchanged_since(self, ticket: Ticket, now: datetime) -> datetime:
        """Return from when on a ticket has been as it is known."""
        seen, first = self.reads.changed(ticket.id), self._since.get(ticket.id)
        if seen is None or seen == first:
            # As it was at the first sight it may have been for longer.
            return dated(ticket.updated_at, ticket.created_at, min(seen or now, now))
        return min(seen, now)

    async def _infer(self, before: Ticket, after: Ticket, at: datetime, read: datetime) -> None:
        """Note how due times moved, and a hold that nobody saw where the figures show one.

        ``unseen_wait`` says when they do. Compared is how far the due times have moved since
        priority, SLA and client are what they are, or since somebody moved one, with all holds
        known since then; so a due time that follows a hold late is explained.

        Args:
            before: The ticket as it was known.
            after: As it is.
            at: When it changed.
            read: When it was last known to be as it was.
        """
        now = Sighting.of(after, at)
        moves = moves_of((Sighting.of(before, read), now))
        if not moves:
            return
        self._moves[after.id] = (*self._moves.get(after.id, ()), *moves)
        phases = self._evaluator.phases
        active = {phases.phase(one.status) for one in (before, after)} == {Phase.ACTIVE}
        base = await self._base(after, now) if active else None
        if base is None:
            return
        observed = self.of(after.id)
        judged = self._evaluator.evaluate(after, observed)
        # A hold that was on at the first sight has moved the due time by all of it.
        since = min((h.start for h in observed.holds if _covers(h, base.at)), default=base.at)
        waits = waits_within(observed.holds, since, None)
        clocks = [
            RunningDue(
                clock.calendar,
                old,
                new,
                sum((clock.calendar.open_time(begin, end) for begin, end in waits), timedelta()),
            )
            for clock, old, new in (
                (judged.resolution, base.resolution_due, after.resolution_due),
                (judged.response, base.response_due, after.response_due),
            )
            if old is not None and new is not None and not clock.ended()
        ]
        missing = unseen_wait(clocks, moves, max(read, since), at)
        if missing is not None:
            start = _before(clocks[0].calendar.open_time, at, missing, base.at)
            hold = Hold(start, at, HoldReason.INFERRED)
            self._holds[after.id] = (*self._holds.get(after.id, ()), hold)
            self._news.holds.append((after.id, hold))

    async def _base(self, after: Ticket, now: Sighting) -> Sighting | None:
        """Return the sighting from which due times are moved by holds alone, None if there is none.

        That is the first one of this priority, SLA and client; where these changed before their
        due time did, the first after that too has followed; and no due time was moved by a person
        since.
        """
        pending = [s for ticket_id, s in self._news.sightings if ticket_id == after.id]
        alike: list[Sighting] = []
        unlike: Sighting | None = None
        for seen in reversed([*await self._lives.sightings(after.id), *pending]):
            if not seen.promised_like(now):
                unlike = seen
                break
            # The sighting of this very move says nothing about what was before it.
            if not alike and _dues(seen) == _dues(now):
                continue
            if alike and any(move.by_hand for move in moves_of((seen, alike[-1]))):
                break
            alike.append(seen)
        alike.reverse()
        if unlike is not None:
            while alike and _dues(alike[0]) == _dues(unlike):
                alike.pop(0)
        return alike[0] if alike else None


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
