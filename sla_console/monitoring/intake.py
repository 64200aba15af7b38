"""Decides which answer about a ticket is the newest, and dates the changes that it shows.

``updatedTime`` is a claim of SuperOps. What is newest is decided by when it was asked for; the claim
only helps where two requests were on their way at the same time, and to date a change between two
reads.
"""

from collections import OrderedDict
from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from collections.abc import Set as AbstractSet
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Final

from sla_console.domain import fault_points
from sla_console.domain.clock import Clock
from sla_console.domain.sla.sla_clock import EvaluatedTicket
from sla_console.domain.tickets.ticket import Ticket
from sla_console.monitoring.board import BoardKeeper
from sla_console.monitoring.ports import StorePort

SWEEP_BEGAN: Final = "sweep began"
"""Under this name the store keeps when the last complete sweep began."""
_SECOND: Final = timedelta(seconds=1)
_AHEAD: Final = timedelta(hours=1)
"""Lead that SuperOps' clock may have over this machine's without its times being impossible."""
_STAMPS: Final = (
    "created_at",
    "updated_at",
    "response_due",
    "responded_at",
    "resolution_due",
    "resolved_at",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that is on its way."""

    number: int
    """Its place among all requests and all answers that were taken; below 0: not known."""
    at: datetime
    """When it left at the earliest; what it says was so at that moment or later."""


OnTickets = Callable[[list[Ticket], Asked], Awaitable[None]]
"""Takes tickets as an answer has them, with the request that brought it."""


class ReadingOrder:
    """Puts requests and the answers that were taken into one order, which no wall clock can change.

    Args:
        clock: The moment of each request.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._numbers = count()
        self._on_their_way: set[int] = set()
        self._taken: OrderedDict[str, int] = OrderedDict()
        """When tickets were taken last, in that order; only since the oldest request on its way."""

    def ask(self) -> Asked:
        """Note that a request is about to leave."""
        asked = Asked(next(self._numbers), self._clock.now())
        self._on_their_way.add(asked.number)
        return asked

    def done(self, asked: Asked) -> None:
        """Note that a request's answer was taken, or that there was none."""
        self._on_their_way.discard(asked.number)
        oldest = min(self._on_their_way, default=None)
        if oldest is None:
            self._taken.clear()
            return
        while self._taken and next(iter(self._taken.values())) < oldest:
            self._taken.popitem(last=False)

    @contextmanager
    def asking(self) -> Iterator[Asked]:
        """Give the request that is sent, and whose answer is taken, within the block."""
        asked = self.ask()
        try:
            yield asked
        finally:
            self.done(asked)

    async def pages(
        self, listed: AsyncGenerator[list[Ticket], None]
    ) -> AsyncGenerator[tuple[list[Ticket], Asked], None]:
        """Yield each page of a list with the request that brought it."""
        async with aclosing(listed):
            asked = self.ask()
            try:
                async for page in listed:
                    yield page, asked
                    self.done(asked)
                    asked = self.ask()
            finally:
                self.done(asked)

    def is_newest(self, ticket: Ticket, known: Ticket, asked: Asked) -> bool:
        """Return whether an answer about a ticket counts in place of what is known of it.

        Args:
            ticket: As the answer has it.
            known: As it was taken last.
            asked: The request that brought the answer.
        """
        taken = self._taken.get(ticket.id)
        if asked.number >= 0 and (taken is None or taken < asked.number):
            return True
        # Both were on their way at the same time; SuperOps' own stamps are the best hint there is.
        if known.updated_at is None or ticket.updated_at is None:
            return True
        return _whole(ticket.updated_at) >= _whole(known.updated_at)

    def taken(self, tickets: Iterable[Ticket]) -> None:
        """Note that tickets were taken in just now."""
        if not self._on_their_way:
            return
        number = next(self._numbers)
        for ticket in tickets:
            self._taken[ticket.id] = number
            self._taken.move_to_end(ticket.id)


class LastReads:
    """Knows when each open ticket was last read as it is, also after a restart.

    Nothing is stored for a ticket that every sweep lists: the moment of the last complete sweep
    stands for all of them.
    """

    def __init__(self, records: StorePort) -> None:
        self._records = records
        self._at: dict[str, datetime] = {}
        self._changed: dict[str, datetime] = {}
        self._missing: set[str] = set()
        self._sweep: datetime | None = None

    async def restore(self) -> set[str]:
        """Take over what is stored; return the tickets that are missing now or were before.

        Raises:
            StoreError: if it cannot be read.
        """
        text = await self._records.meta.get(SWEEP_BEGAN)
        self._sweep = datetime.fromisoformat(text) if text else None
        self._changed = await self._records.lives.last_changed()
        missing = await self._records.tickets.missing()
        before, self._missing = self._missing, set(missing)
        self._at = dict(missing)
        return before ^ self._missing

    def of(self, ticket_id: str) -> datetime | None:
        """Return the last moment at which a ticket was read as it is known; None: not known."""
        if (at := self._at.get(ticket_id)) is not None:
            return at
        known = [at for at in (self._sweep, self.changed(ticket_id)) if at is not None]
        return max(known, default=None)

    def changed(self, ticket_id: str) -> datetime | None:
        """Return from when on a ticket has been as it was last seen; None: never seen."""
        return self._changed.get(ticket_id)

    def is_missing(self, ticket_id: str) -> bool:
        """Return whether SuperOps left a ticket out when it was asked for by id."""
        return ticket_id in self._missing

    def note(self, ticket_id: str, at: datetime) -> None:
        """Note that a ticket was read as it is known."""
        before = self._at.get(ticket_id)
        self._at[ticket_id] = at if before is None else max(before, at)
        self._missing.discard(ticket_id)

    def found(self, ticket_ids: Iterable[str]) -> None:
        """Note that tickets are no longer missing."""
        self._missing.difference_update(ticket_ids)

    def note_change(self, ticket_id: str, at: datetime) -> None:
        """Note from when on a ticket is as it was seen now."""
        self._changed[ticket_id] = at

    def note_missing(self, ticket_id: str, since: datetime) -> None:
        """Note that a ticket was last read at a moment, and has been left out since."""
        self._at[ticket_id] = since
        self._missing.add(ticket_id)

    def forget(self, ticket_id: str) -> None:
        """Drop a ticket that is over."""
        self._at.pop(ticket_id, None)
        self._changed.pop(ticket_id, None)
        self._missing.discard(ticket_id)


@dataclass(frozen=True, slots=True)
class News:
    """The changes that an answer brought."""

    asked: Asked
    newest: tuple[Ticket, ...]
    """Its tickets about which nothing newer was taken."""
    changed: tuple[Ticket, ...]
    """Those of them that are other than known."""
    away: Mapping[str, Ticket]
    """As they were last seen, by id, those that are stored and not on the board.

    They have ended, or left it, or another console has put them on its own.
    """


class Intake:
    """Finds what in an answer is newer than the known state.

    Args:
        records: The store.
        board: The tickets as they are known.
        clock: The moment.
    """

    def __init__(self, records: StorePort, board: BoardKeeper, clock: Clock) -> None:
        self._records, self._board, self._clock = records, board, clock
        self.order = ReadingOrder(clock)
        self.reads = LastReads(records)

    async def sift(self, tickets: Sequence[Ticket], asked: Asked) -> News:
        """Return what an answer brought.

        Args:
            tickets: What it says.
            asked: The request that brought it.

        Raises:
            StoreError: if the store cannot be read.
        """
        fault_points.hit("ticket.take")
        unknown = [ticket.id for ticket in tickets if ticket.id not in self._board]
        away = {ticket.id: ticket for ticket in await self._records.tickets.among(unknown)}
        newest: list[Ticket] = []
        changed: list[Ticket] = []
        read_at = self._clock.now()
        for ticket in (without_coming_stops(one, read_at) for one in tickets):
            judged = self._board.get(ticket.id)
            known = away.get(ticket.id) if judged is None else judged.ticket
            if known is not None and not self.order.is_newest(ticket, known, asked):
                continue
            now = ticket if known is None else steady(ticket, known)
            newest.append(now)
            if judged is None or now != judged.ticket or self.reads.is_missing(ticket.id):
                changed.append(now)
        return News(asked, tuple(newest), tuple(changed), away)

    def taken(self, news: News, closed: AbstractSet[str]) -> None:
        """Note that an answer was taken in.

        Args:
            news: What it brought.
            closed: The ids of the tickets that it says are closed; of the others it is remembered
                when they were read open.
        """
        self.order.taken(news.newest)
        for ticket in news.newest:
            if ticket.id not in closed:
                self.reads.note(ticket.id, news.asked.at)

    def ended_at(self, ticket: Ticket, now: datetime) -> datetime:
        """Return when a closed ticket ended: as it says, but not before it was last read open."""
        opened = self.reads.of(ticket.id) if ticket.id in self._board else None
        return dated(ticket.resolved_at or ticket.updated_at or ticket.created_at, opened, now)

    async def mark_missing(self, ticket_ids: Sequence[str], now: datetime) -> list[EvaluatedTicket]:
        """Store that SuperOps leaves tickets out; return those of which that is new.

        Raises:
            StoreError: if it cannot be stored.
        """
        rows = [self._board.get(one) for one in ticket_ids if not self.reads.is_missing(one)]
        found = [judged for judged in rows if judged is not None]
        since = {one.ticket.id: self.reads.of(one.ticket.id) or now for one in found}
        if since:
            await self._records.tickets.set_missing(since)
        for ticket_id, at in since.items():
            self.reads.note_missing(ticket_id, at)
        return found


def dated(claim: datetime | None, earliest: datetime | None, now: datetime) -> datetime:
    """Return when a change came about: as SuperOps says, but between two reads.

    Args:
        claim: What SuperOps says; None: nothing.
        earliest: The last moment at which it was read to be as before; None: not known.
        now: The moment at which it was read to be as it is.
    """
    at = now if claim is None else min(claim, now)
    return at if earliest is None else min(max(at, earliest), now)


def steady(ticket: Ticket, known: Ticket) -> Ticket:
    """Return a ticket with the known stamps where they differ by less than a second.

    SuperOps tells the same moment with milliseconds in one answer and without them in the next.
    """
    if ticket == known:
        return known
    same: dict[str, Any] = {}
    for name in _STAMPS:
        old, new = getattr(known, name), getattr(ticket, name)
        if old is not None and new is not None and old != new and abs(new - old) < _SECOND:
            same[name] = old
    return replace(ticket, **same) if same else ticket


def without_coming_stops(ticket: Ticket, now: datetime) -> Ticket:
    """Return a ticket without the stops that SuperOps dates in the future: nothing stopped then.

    Args:
        ticket: As SuperOps tells it.
        now: The moment at which it was read.
    """
    reasons: list[str] = []
    coming: dict[str, Any] = {}
    for name, words in (("responded_at", "answered"), ("resolved_at", "resolved")):
        at = getattr(ticket, name)
        if at is not None and at - now > _AHEAD:
            coming[name] = None
            reasons.append(
                f"SuperOps says it was {words} on {at:%Y-%m-%d %H:%M} UTC, which is yet to come"
            )
    if not coming:
        return ticket
    return replace(ticket, degraded=(*ticket.degraded, *reasons), **coming)


def _whole(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
