"""Whether the tickets in somebody's hands can be done by their due times, and which must move.

Nobody records how long a ticket is really worked on. What is known is the pace: how much open time
passes between one ticket that a technician finishes and the next. That pace, and not the time a
ticket lies open, is what a queue moves by.
"""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Final

from sla_console.domain.sla.calendar import BusinessCalendar

_ENOUGH: Final = 5
"""Gaps between endings that somebody must have to be judged by their own pace."""


@dataclass(frozen=True, slots=True)
class QueuedWork:
    """One ticket in somebody's hands."""

    ticket_id: str
    due: datetime
    takes: timedelta
    """Open time until it is done, once it is begun."""


@dataclass(frozen=True, slots=True)
class PlannedWork:
    """When a ticket would be done. UTC."""

    work: QueuedWork
    starts: datetime
    ends: datetime
    late_by: timedelta
    """Open time; zero if it is in time."""


@dataclass(frozen=True, slots=True)
class QueuePlan:
    """A queue worked off one after the other, the earliest due first."""

    planned: tuple[PlannedWork, ...] = ()
    must_move: tuple[str, ...] = ()
    """Tickets without which all others are in time, as few as can be; in order of due time."""

    @property
    def is_feasible(self) -> bool:
        """Whether everything is done in time."""
        return not self.must_move


def plan_queue(work: Sequence[QueuedWork], calendar: BusinessCalendar, now: datetime) -> QueuePlan:
    """Return how a queue would be worked off from now on.

    The order of earliest due times makes the greatest lateness as small as can be (J. R. Jackson,
    1955). Which tickets must move is found by Moore and Hodgson's rule, which leaves as few late as
    can be (J. M. Moore, "An n Job, One Machine Sequencing Algorithm", 1968): whenever one would be
    late, the longest so far goes.

    Raises:
        ValueError: for times that the calendar does not know.
    """
    ordered = sorted(work, key=lambda one: (one.due, one.ticket_id))
    planned: list[PlannedWork] = []
    at = now
    for one in ordered:
        ends = calendar.add(at, one.takes)
        planned.append(PlannedWork(one, at, ends, calendar.open_time(one.due, ends)))
        at = ends
    return QueuePlan(tuple(planned), _must_move(ordered, calendar, now))


def _must_move(
    ordered: Sequence[QueuedWork], calendar: BusinessCalendar, now: datetime
) -> tuple[str, ...]:
    kept: list[tuple[timedelta, int]] = []
    gone: set[int] = set()
    spent = timedelta()
    for number, one in enumerate(ordered):
        heapq.heappush(kept, (-one.takes, number))
        spent += one.takes
        if spent > calendar.open_time(now, one.due):
            negative, longest = heapq.heappop(kept)
            spent += negative
            gone.add(longest)
    return tuple(ordered[number].ticket_id for number in sorted(gone))


def usual_pace(
    mine: Iterable[datetime],
    everybody: Mapping[str, Iterable[datetime]],
    calendar: BusinessCalendar,
) -> timedelta | None:
    """Return the open time that usually passes between two tickets that somebody finishes.

    The median of the gaps; where somebody has few of them, that of everybody's.

    Args:
        mine: When the technician's tickets ended.
        everybody: The same of each technician.
        calendar: The hours in which people work.

    Returns:
        None where hardly any ticket has ended yet.
    """
    own = _gaps(mine, calendar)
    if len(own) >= _ENOUGH:
        return timedelta(seconds=median(own))
    all_gaps = [gap for ended in everybody.values() for gap in _gaps(ended, calendar)]
    return timedelta(seconds=median(all_gaps)) if len(all_gaps) >= _ENOUGH else None


def _gaps(ended: Iterable[datetime], calendar: BusinessCalendar) -> list[float]:
    """Return the open seconds between endings; two within one moment are no pace."""
    gaps = (calendar.open_time(one, other) for one, other in pairwise(sorted(ended)))
    return [gap.total_seconds() for gap in gaps if gap]
