"""When a promise is settled, and what the promises of a ticket make of it.

A promise is settled when it is kept, or when it is broken: a kept one at the moment it was kept, a
missed one at its due time. It belongs to the span of time in which it was settled, so each counts
in one span only, and a span that is looked at again gives the same. Picked by anything else, early
verdicts are looked at against late ones: of tickets created this month, the quick ones are settled
and the slow ones are not.
"""

from dataclasses import dataclass
from datetime import datetime

from sla_console.domain.sla_clock import ClockState, JudgedTicket, SLAClock

Settled = tuple[datetime, bool]
"""When, UTC, and whether it was kept."""


@dataclass(frozen=True, slots=True)
class Span:
    """From ``start`` up to, but not including, ``end``; UTC, None: without a limit."""

    start: datetime | None = None
    end: datetime | None = None

    def __contains__(self, moment: datetime) -> bool:
        return (self.start is None or moment >= self.start) and (
            self.end is None or moment < self.end
        )


ALL_TIME = Span()


def verdict_of(clock: SLAClock, now: datetime) -> bool | None:
    """Return whether a promise was kept; None while it is open.

    One that is still owed and already broken is missed.
    """
    state = clock.state(now)
    if state is ClockState.BREACHED:
        return False
    return True if state is ClockState.MET and clock.ended() else None


def settled_of(judged: JudgedTicket, clock: SLAClock, now: datetime) -> Settled | None:
    """Return when a promise of a ticket was settled and how; None while it is open."""
    kept = verdict_of(clock, now)
    if kept is None or clock.due is None:
        return None
    if not kept:
        return clock.due, False
    if clock.stopped_at is not None:
        return clock.stopped_at, True
    # Nobody recorded what ended it: it was kept by the end of the ticket.
    return min(clock.due, judged.resolution.stopped_at or clock.due), True


def outcome_of(mine: list[Settled], others: list[Settled], *, still_open: bool) -> Settled | None:
    """Return when a ticket was settled as a whole and whether all of the promises were kept.

    The promises of one ticket stand or fall together more often than not, so a trend counts
    tickets: counted one by one they would look like twice the evidence. It fails when the first
    promise is missed; it succeeds when the last one is settled, so that both sorts are known up to
    the same moment.

    Args:
        mine: The settled promises that count.
        others: Settled promises of the ticket that are somebody else's.
        still_open: Whether one is not settled yet.
    """
    missed = [at for at, kept in mine if not kept]
    if missed:
        return min(missed), False
    if still_open or not mine:
        return None
    return max(at for at, _ in (*mine, *others)), True
