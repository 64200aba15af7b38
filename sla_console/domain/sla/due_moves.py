"""Why a due time of SuperOps moved while priority, SLA and client stayed the same.

A ticket that waited and goes on has its due times moved later by the promised time that it waited;
a person who moves a due time picks a round span or a round moment. What neither fits is left open.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.calendar import BusinessCalendar

TOLERANCE: Final = timedelta(minutes=1)
"""Two due times that are no further apart are one."""
_ROUND: Final = timedelta(minutes=5)
_ZERO: Final = timedelta()


@dataclass(frozen=True, slots=True)
class DueMove:
    """A due time that moved while nothing else of the promise changed. Aware UTC."""

    target: BreachType
    at: datetime
    """When it was first seen moved."""
    before: datetime
    after: datetime

    @property
    def by_hand(self) -> bool:
        """Whether it looks like a person's choice: earlier, a round span, or to a round moment."""
        span = self.after - self.before
        return span < _ZERO or _is_round(span) or _is_round(_of_day(self.after))


@dataclass(frozen=True, slots=True)
class RunningDue:
    """One running clock's due time, then and now. Aware UTC."""

    calendar: BusinessCalendar
    """The hours it counts in."""
    before: datetime
    after: datetime
    explained: timedelta = _ZERO
    """Promised time of the waits that are known, by which it moved rightly."""

    @property
    def missing(self) -> timedelta:
        """How much promised time it moved by that nothing explains."""
        return self.calendar.open_time(self.before, self.after) - self.explained


def unseen_wait(
    clocks: Sequence[RunningDue], moves: Sequence[DueMove], read: datetime, changed: datetime
) -> timedelta | None:
    """Return the promised time that a ticket waited unseen; None where the figures show no wait.

    They show one only where all of this holds:

    1. Every clock that runs has moved later, each by the same promised time of its own hours, to
       the minute. A wait moves both; a due time that moves alone was changed by somebody.
    2. That is more than the waits explain that the console saw.
    3. It is no more than the promised time since the ticket was last read, for it did not wait
       then and does not now. Who reads every minute misses no wait of an hour.
    4. No move was a person's: earlier, by whole five minutes, or to a full five minutes, all to
       the second. A wait ends at any second, and so does the due time that it moves.

    Args:
        clocks: The clocks that run, then and now.
        moves: What moved just now.
        read: When the ticket was last read before, and did not wait.
        changed: When it changed, at the latest.
    """
    if not clocks or any(move.by_hand for move in moves):
        return None
    missing = [clock.missing for clock in clocks]
    if max(missing) - min(missing) > TOLERANCE or min(missing) <= TOLERANCE:
        return None
    if any(_is_round(span) for span in missing):
        return None
    room = min(clock.calendar.open_time(read, changed) for clock in clocks)
    return missing[0] if max(missing) <= room + TOLERANCE else None


def _is_round(span: timedelta) -> bool:
    return span % _ROUND == _ZERO


def _of_day(moment: datetime) -> timedelta:
    return timedelta(hours=moment.hour, minutes=moment.minute, seconds=moment.second)
