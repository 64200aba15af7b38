"""The targets of a log as a forecast may see them at a moment, and the questions asked of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.forecast.lesson import Lesson, lesson_of
from sla_console.domain.forecast.moment import ClockMoment, moment_of
from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.held_time import due_after
from sla_console.domain.sla.policy import PolicyTable
from sla_console.domain.sla.sla_clock import ClockState, SLAClock
from sla_console.domain.tickets.past_tickets import PastTicket
from sla_console.reporting.backtest import Backtest, TicketTrial, Trial

ASKED: Final = (0.0, 0.25, 0.5, 0.75)
"""Shares of the target at which an open ticket is asked about."""
AHEAD: Final = (1, 2, 4, 8)
"""Promised hours before the due time at which it is asked about too, for how early it knows."""


@dataclass(frozen=True, slots=True)
class Question:
    """A target asked about, and what became of it. UTC."""

    number: str
    target: BreachType
    opened_at: datetime
    at: datetime
    stage: float | None
    """The share of the target; None: it is asked for the hours that are left."""
    ahead: int | None
    """The promised hours that are left; None: it is asked at a stage."""
    moment: ClockMoment | None
    """The facts known then; None: no target was known to be given."""
    breached: bool


class LessonBook:
    """All tickets of a log; what came after a moment stays hidden from what is asked at it.

    Args:
        history: The tickets.
        trial: The promises.
    """

    def __init__(self, history: Sequence[PastTicket], trial: Trial) -> None:
        self._trial = trial
        self._table = PolicyTable(trial.policies)
        self._tickets = [
            (past, None if self._varies(past) else self._lessons(past)) for past in history
        ]
        """Each with what it teaches; None: that depends on when it is asked."""

    def known(self, now: datetime) -> list[Lesson]:
        """Return the targets of tickets opened by a moment, in the order of the log.

        A lesson hides by itself what is stamped later. Whether a ticket with another promise later
        is bound to it is not known yet, so those are judged by what was known.
        """
        found: list[Lesson] = []
        for past, lessons in self._tickets:
            if (past.recorded_at or past.opened_at) <= now:
                found += self._lessons(past.known_until(now)) if lessons is None else lessons
        return found

    def questions(self, verdicts: Backtest, opened_from: datetime) -> Iterator[Question]:
        """Give the questions about tickets opened from a moment on, with their ends.

        One that falls due after the end of history shows its end only where it came early, which
        would make every forecast look too dark, so it is not asked about.
        """
        for ticket in verdicts.tickets:
            if ticket.past.opened_at < opened_from:
                continue
            for clock in self._clocks(ticket.past):
                tried = next((c for c in ticket.clocks if c.target is clock.target), None)
                if tried is not None and tried.judged and tried.due <= verdicts.until:
                    yield from self._ask(ticket, clock, breached=tried.breached)

    def _ask(self, ticket: TicketTrial, clock: SLAClock, *, breached: bool) -> Iterator[Question]:
        past, allowed = ticket.past, clock.allowed
        if allowed is None or clock.started_at is None or clock.due is None:
            return
        wanted: list[tuple[float | None, int | None, timedelta]] = [
            (share, None, allowed * share) for share in ASKED
        ]
        hours = [(ahead, timedelta(hours=ahead)) for ahead in AHEAD]
        wanted += [(None, ahead, allowed - left) for ahead, left in hours if left < allowed]
        for stage, ahead, spent in wanted:
            at = due_after(clock.calendar, clock.started_at, spent, clock.holds)
            # Nobody can ask before the source system has the ticket.
            at = max(at, past.recorded_at or at)
            if at < clock.due and (clock.stopped_at is None or clock.stopped_at > at):
                moment = self._moment(past, clock, at)
                yield Question(
                    past.number, clock.target, past.opened_at, at, stage, ahead, moment, breached
                )

    def _moment(self, past: PastTicket, clock: SLAClock, at: datetime) -> ClockMoment | None:
        if not self._varies(past):
            return moment_of(past, clock, at)
        known = past.known_until(at)
        then = next((one for one in self._clocks(known) if one.target is clock.target), None)
        if then is None or then.state(at) not in {ClockState.RUNNING, ClockState.HELD}:
            return None
        return moment_of(known, then, at)

    def _varies(self, past: PastTicket) -> bool:
        """Return whether another policy could match a ticket in the middle of its life."""
        first = past.states[0]
        facts = (first.priority, first.client, first.request_type)
        return any(
            (state.priority, state.client, state.request_type) != facts for state in past.states
        )

    def _clocks(self, past: PastTicket) -> Sequence[SLAClock]:
        ticket, observed = past.as_ticket(self._trial.phases, self._trial.stop_at)
        policy = self._table.policy_of(ticket)
        if policy is None:
            return ()
        try:
            judged = self._trial.evaluate(ticket, policy, observed)
        except (ValueError, OverflowError):
            return ()  # the back-test lists it with its reason
        return [clock for clock in judged.clocks if clock.due is not None]

    def _lessons(self, past: PastTicket) -> list[Lesson]:
        found = [lesson_of(past, clock) for clock in self._clocks(past)]
        return [lesson for lesson in found if lesson is not None and lesson.views]


def stage_words(share: float) -> str:
    """Return a stage in words."""
    return "at creation" if not share else f"at {share:.0%} of the target"
