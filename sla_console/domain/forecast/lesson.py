"""A lesson from a target of the past: how it looked on its way, and how it ended.

A target is looked at where it had used up a stage's share of its time. What it was like there is
known at once; whether it broke is certain only when its due time has passed. Until then it teaches
by what the stages after it are expected to end in, see ``teaching``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final

from sla_console.domain.forecast.moment import ClockMoment, moment_of
from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.held_time import due_after, promised_time
from sla_console.domain.sla.sla_clock import SLAClock
from sla_console.domain.tickets.past_tickets import PastTicket

STAGES: Final = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9)
"""Shares of a target at which it is looked at."""

_NEVER: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class StageView:
    """A target at one of the stages."""

    stage: int
    """Place in ``STAGES``."""
    moment: ClockMoment
    until: datetime
    """When it would come to the next stage, or is due."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A target of the past. UTC."""

    ticket_id: str
    target: BreachType
    views: tuple[StageView, ...]
    """In order; only of stages at which it still ran."""
    due: datetime
    ended_at: datetime | None
    """When it stopped; None: it still runs."""
    broke: bool
    """Whether it stopped late, or its due time passed while it ran."""
    unseen: bool = False
    """Nobody saw it before its end, so how it was on its way is not known."""

    def outcome(self, now: datetime) -> bool | None:
        """Return whether it broke, as far as that is certain at a moment; None: it is not yet.

        An early end is certain at once, a breach from the due time on.
        """
        if self.broke:
            return True if self.due <= now else None
        return False if self.ended_at is not None and self.ended_at <= now else None


def lesson_of(past: PastTicket, clock: SLAClock) -> Lesson | None:
    """Return what a target teaches; None where nothing was promised, or it ended unseen.

    Args:
        past: The ticket.
        clock: Its target, with the stop that is known of it.

    Raises:
        ValueError: if its hours never open for so long.
    """
    started, due = clock.started_at, clock.due
    if started is None or due is None or (clock.over and clock.stopped_at is None):
        return None
    allowed = clock.allowed or promised_time(clock.calendar, started, due, clock.holds)
    if not allowed:
        return None
    stop, seen = clock.stopped_at, past.recorded_at or past.opened_at
    moments = [due_after(clock.calendar, started, allowed * s, clock.holds) for s in STAGES]
    views = []
    for stage, (at, until) in enumerate(pairwise([*moments, due])):
        asked = max(at, seen)
        if asked >= until or (stop is not None and stop <= asked):
            continue
        moment = moment_of(past, clock, asked)
        if moment is not None:
            views.append(StageView(stage, moment, until))
    broke = stop is None or clock.is_late(stop)
    if stop is None and clock.held_since is not None and not clock.is_late(clock.held_since):
        due = _NEVER  # it waits, and for how long nobody knows
    return Lesson(past.number, clock.target, tuple(views), due, stop, broke)


def outcomes(lessons: Sequence[Lesson], now: datetime) -> list[bool]:
    """Return how those ended whose due time has passed, whichever way they ended.

    Those that ended early are certain sooner than those that break, so counting them sooner would
    make everything look better than it is.
    """
    certain = (lesson.outcome(now) for lesson in lessons if lesson.due <= now)
    return [broke for broke in certain if broke is not None]
