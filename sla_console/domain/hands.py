"""In whose hands a ticket was, and how its promises are credited to them.

The rule: a promise is credited by the share of its promised time, from start to stop or until now,
in which each technician had the ticket. Time in which nobody had it is credited to nobody. What was
before the console first saw the ticket is credited to whoever had it then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sla_console.domain.calendar import BusinessCalendar
from sla_console.domain.held_time import promised_time
from sla_console.domain.ticket import Hold


@dataclass(frozen=True, slots=True)
class Hand:
    """A span in which somebody, or nobody, had a ticket. UTC; ``end`` None: still."""

    technician_id: str | None
    technician: str | None
    start: datetime
    end: datetime | None = None


def shares_of(
    hands: Sequence[Hand],
    calendar: BusinessCalendar,
    start: datetime,
    stop: datetime,
    holds: Sequence[Hold] = (),
) -> dict[str | None, float]:
    """Return the share of a promise's time that each technician had the ticket; they add up to 1.

    Somebody who had it for no promised time at all is left out. Where no promised time has passed,
    all of it goes to whoever has it in the end.

    Args:
        hands: Oldest first, at least one.
        calendar: The hours that count.
        start: When the clock started.
        stop: When it stopped, or now.
        holds: What does not count.
    """
    spent: dict[str | None, float] = {}
    for place, hand in enumerate(hands):
        begin = start if place == 0 else max(hand.start, start)
        last = place == len(hands) - 1
        end = stop if last or hand.end is None else min(hand.end, stop)
        passed = promised_time(calendar, begin, end, holds).total_seconds()
        if passed:
            spent[hand.technician_id] = spent.get(hand.technician_id, 0.0) + passed
    whole = sum(spent.values())
    if not whole:
        return {holder_at(hands, stop): 1.0}
    return {technician: passed / whole for technician, passed in spent.items()}


def assumed_share(
    hands: Sequence[Hand],
    calendar: BusinessCalendar,
    start: datetime,
    stop: datetime,
    holds: Sequence[Hold] = (),
) -> float:
    """Return the share of a promise's time before anybody saw who had the ticket, 0 to 1.

    Args:
        hands: Oldest first, at least one; the first begins when the ticket was first seen.
        calendar: The hours that count.
        start: When the clock started.
        stop: When it stopped, or now.
        holds: What does not count.
    """
    seen = hands[0].start
    if seen <= start:
        return 0.0
    if seen >= stop:
        return 1.0
    whole = promised_time(calendar, start, stop, holds)
    return promised_time(calendar, start, seen, holds) / whole if whole else 0.0


def holder_at(hands: Sequence[Hand], moment: datetime) -> str | None:
    """Return the id of whoever had the ticket at a moment; before the first hand, the first."""
    holder = hands[0].technician_id
    for hand in hands:
        if hand.start > moment:
            break
        holder = hand.technician_id
    return holder
