"""The forecast over live tickets: learns from the store, and says what is likely to break."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.forecast.feasibility import QueuedWork, QueuePlan, plan_queue, usual_pace
from sla_console.domain.forecast.forecast import (
    Forecast,
    ForecastCoverage,
    Forecaster,
    PastClock,
    RunningClock,
)
from sla_console.domain.forecast.risk import RiskLevel
from sla_console.domain.sla.breach import BreachType, PotentialBreach
from sla_console.domain.sla.evaluation import SEEN_AT_ONCE, Observed
from sla_console.domain.sla.held_time import promised_time
from sla_console.domain.sla.sla_clock import ClockState, EvaluatedTicket, SLAClock
from sla_console.domain.tickets.ticket import Hold, Ticket
from sla_console.monitoring.evaluator import Evaluator

_LIKELY: Final = 0.5
_HARM: Final = {
    RiskLevel.LOW: 1.0,
    RiskLevel.MEDIUM: 2.0,
    RiskLevel.HIGH: 4.0,
    RiskLevel.CRITICAL: 8.0,
}
"""How bad a broken promise is, by the ticket's priority: each step doubles it."""
_YIELD_EVERY: Final = 200


class ForecastKeeper:
    """Knows how long clocks of the past ran, and asks that of those that run.

    Args:
        evaluator: Evaluates tickets.
    """

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._forecaster = Forecaster()
        self.coverage: ForecastCoverage | None = None
        """Number of clocks that the last ``potential_breaches`` rested on; None: not asked yet."""

    async def learn_all(
        self,
        tickets: Sequence[Ticket],
        holds: Mapping[str, tuple[Hold, ...]],
        since: Mapping[str, datetime],
        now: datetime,
        pause: Callable[[], Awaitable[None]],
    ) -> None:
        """Learn from all tickets of the store, open and closed, in place of what was learnt."""
        past: list[PastClock] = []
        for place, ticket in enumerate(tickets, 1):
            seen = since.get(ticket.id)
            observed = Observed(holds.get(ticket.id, ()), seen)
            past += past_clocks(self._evaluator.evaluate(ticket, observed), seen, now)
            if place % _YIELD_EVERY == 0:
                await pause()
        self._forecaster = Forecaster(past)

    def learn(self, judged: EvaluatedTicket, since: datetime | None, now: datetime) -> None:
        """Learn from a ticket that has just ended.

        Args:
            judged: As it ended.
            since: When it was first seen; None: from its start.
            now: The moment.
        """
        for past in past_clocks(judged, since, now):
            self._forecaster.learn(past)

    def of(self, judged: EvaluatedTicket, now: datetime) -> dict[BreachType, Forecast]:
        """Return the forecasts of a ticket's running clocks."""
        found = {}
        for clock in judged.clocks:
            running = running_clock(judged, clock, now)
            if running is not None:
                found[clock.target] = self._forecaster.ask(running)
        return found

    async def potential_breaches(
        self,
        tickets: Sequence[EvaluatedTicket],
        now: datetime,
        pause: Callable[[], Awaitable[None]],
    ) -> list[PotentialBreach]:
        """Return the running clocks that are likely to break, by expected harm.

        Expected harm is the probability times the weight of the priority. Likely is a probability
        of a half; where history does not say one, a risk of HIGH, and those come last.
        """
        found = []
        running = previewed = 0
        for place, judged in enumerate(tickets, 1):
            if place % _YIELD_EVERY == 0:
                await pause()
            running += sum(clock.state(now) is ClockState.RUNNING for clock in judged.clocks)
            for kind, forecast in self.of(judged, now).items():
                previewed += forecast.probability is not None
                clock = judged.response if kind is BreachType.RESPONSE else judged.resolution
                if clock.due is None or clock.state(now) is not ClockState.RUNNING:
                    continue
                risky = judged.risk(now, self._evaluator.thresholds).rank >= RiskLevel.HIGH.rank
                if risky if forecast.probability is None else forecast.probability >= _LIKELY:
                    found.append(_potential(judged, clock.due, kind, forecast))
        self.coverage = ForecastCoverage(running, previewed)
        return sorted(found, key=lambda one: (-harm_of(one), one.due, one.ticket_id))

    def queues(
        self,
        tickets: Sequence[EvaluatedTicket],
        closed: Sequence[Ticket],
        now: datetime,
    ) -> dict[str, QueuePlan]:
        """Return for each technician whether the tickets in hand can be done in time.

        Args:
            tickets: The open ones.
            closed: Those that ended lately, whose pace is the technician's usual one.
            now: The moment.
        """
        ended: dict[str, list[datetime]] = {}
        for ticket in closed:
            if ticket.technician_id is not None and ticket.resolved_at is not None:
                ended.setdefault(ticket.technician_id, []).append(ticket.resolved_at)
        mine: dict[str, list[EvaluatedTicket]] = {}
        for judged in tickets:
            clock = judged.resolution
            if judged.ticket.technician_id is None or clock.due is None:
                continue
            if clock.state(now) is ClockState.RUNNING:
                mine.setdefault(judged.ticket.technician_id, []).append(judged)
        plans = {}
        for technician_id, queue in mine.items():
            calendar = queue[0].resolution.calendar
            takes = usual_pace(ended.get(technician_id, ()), ended, calendar)
            if takes is None:
                continue
            work = [
                QueuedWork(judged.ticket.id, judged.resolution.due, takes)
                for judged in queue
                if judged.resolution.due is not None
            ]
            plans[technician_id] = plan_queue(work, calendar, now)
        return plans


def past_clocks(judged: EvaluatedTicket, since: datetime | None, now: datetime) -> list[PastClock]:
    """Return how long a ticket's clocks ran; those that still run are known until now.

    Args:
        judged: The ticket.
        since: When it was first seen; None: from its start.
        now: The moment.
    """
    ticket, found = judged.ticket, []
    for clock in judged.clocks:
        if clock.started_at is None or (clock.over and clock.stopped_at is None):
            continue  # nobody recorded when it ended, so how long it ran is not known
        until = clock.stopped_at or clock.held_since or now
        lasted = promised_time(clock.calendar, clock.started_at, until, clock.holds)
        entered = timedelta()
        if since is not None and since - clock.started_at > SEEN_AT_ONCE:
            if since >= until:
                continue  # it was over before anybody looked
            entered = promised_time(clock.calendar, clock.started_at, since, clock.holds)
        found.append(
            PastClock(
                ticket_id=ticket.id,
                target=clock.target,
                lasted=lasted.total_seconds(),
                ended=clock.stopped_at is not None,
                entered=entered.total_seconds(),
                priority=ticket.priority,
                group=ticket.group,
                client=ticket.client,
                kind=ticket.request_type,
            )
        )
    return found


def running_clock(judged: EvaluatedTicket, clock: SLAClock, now: datetime) -> RunningClock | None:
    """Return a clock as the forecaster asks about it, None where it does not run."""
    target, share = clock.target_time(), clock.consumed(now)
    if target is None or share is None or clock.state(now) is not ClockState.RUNNING:
        return None
    ticket = judged.ticket
    return RunningClock(
        ticket_id=ticket.id,
        target=clock.target,
        consumed=share * target.total_seconds(),
        allowed=target.total_seconds(),
        priority=ticket.priority,
        group=ticket.group,
        client=ticket.client,
        kind=ticket.request_type,
    )


def harm_of(one: PotentialBreach) -> float:
    """Return the expected harm: probability times weight; zero where there is no probability."""
    return (one.probability or 0.0) * _HARM[one.severity]


def _potential(
    judged: EvaluatedTicket, due: datetime, kind: BreachType, forecast: Forecast
) -> PotentialBreach:
    ticket = judged.ticket
    return PotentialBreach(
        ticket.id,
        kind,
        due,
        judged.severity,
        ticket.display_id,
        ticket.subject,
        ticket.client,
        ticket.technician,
        forecast.probability,
        forecast.words,
    )
