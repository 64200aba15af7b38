"""The forecast over live tickets: learns from the store, and says what is likely to break."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sla_console.domain.forecast.bands import LIKELY_FROM
from sla_console.domain.forecast.feasibility import QueuedWork, QueuePlan, plan_queue, usual_pace
from sla_console.domain.forecast.forecast import Forecast, ForecastCoverage
from sla_console.domain.forecast.lesson import STAGES
from sla_console.domain.forecast.model import ForecastModel
from sla_console.domain.forecast.moment import ClockMoment, moment_of
from sla_console.domain.forecast.record import ForecastRecord, GivenAnswer
from sla_console.domain.forecast.risk import RiskLevel
from sla_console.domain.sla.breach import BreachType, PotentialBreach
from sla_console.domain.sla.sla_clock import ClockState, EvaluatedTicket
from sla_console.domain.tickets.past_tickets import PastTicket
from sla_console.domain.tickets.sighting import Sighting, past_of
from sla_console.domain.tickets.ticket import Ticket
from sla_console.monitoring.evaluator import Evaluator

_HARM: Final = {
    RiskLevel.LOW: 1.0,
    RiskLevel.MEDIUM: 2.0,
    RiskLevel.HIGH: 4.0,
    RiskLevel.CRITICAL: 8.0,
}
"""How bad a broken promise is, by the ticket's priority: each step doubles it."""


class ForecastKeeper:
    """Asks what was learned about the targets that run.

    Args:
        evaluator: Evaluates tickets.
    """

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self.model: ForecastModel | None = None
        """The model in use; None: there is none yet."""
        self.unsaved = False
        """Whether it was learned since the model was last stored."""
        self.record = ForecastRecord()
        """How the forecast has done here."""
        self.seen: Mapping[str, tuple[Sighting, ...]] = {}
        """How the open tickets were seen, by ticket id, oldest first."""
        self.given: set[tuple[str, BreachType, int]] = set()
        """The stages of targets that something was said at."""
        self.coverage: ForecastCoverage | None = None
        """Number of clocks that the last ``potential_breaches`` rested on; None: not asked yet."""
        self.chances: Mapping[str, float] = {}
        """Greatest probability that a running target of a ticket breaks, by ticket id."""
        self._notes: tuple[str, ...] = ()
        self._answers: list[GivenAnswer] = []

    def take(self, model: ForecastModel, taught: int, unseen: int) -> None:
        """Take over what was learned.

        Args:
            model: That.
            taught: How many targets it was learned from.
            unseen: How many tickets among them were first seen after their end.
        """
        self.model, self.unsaved = model, True
        notes = [f"It was learned from {taught} targets."] if taught else []
        if unseen:
            notes.append(
                f"{unseen} tickets were first seen after their end, so it does not know their "
                f"statuses, groups and technicians on the way, nor how long anybody left them alone."
            )
        self._notes = tuple(notes)

    def of(self, judged: EvaluatedTicket, now: datetime) -> dict[BreachType, Forecast]:
        """Return the forecasts of a ticket's running clocks, each with its reasons."""
        model, found = self.model or ForecastModel(now, {}), {}
        for moment in self._moments(judged, now):
            if self.record.is_withdrawn:
                found[moment.target] = Forecast(None, 0, 0, self.record.words())
                continue
            (chance,) = model.chances([moment])
            found[moment.target] = model.explained(moment, chance)
        return found

    async def potential_breaches(
        self, tickets: Sequence[EvaluatedTicket], now: datetime
    ) -> list[PotentialBreach]:
        """Return the running clocks that are likely to break, by expected harm.

        Expected harm is the probability times the weight of the priority. Likely is a probability
        of a half; where history does not say one, a risk of HIGH, and those come last. It is worked
        out beside the loop, since it looks at every ticket.
        """
        return await asyncio.to_thread(self._potential_breaches, tickets, now)

    def _potential_breaches(
        self, tickets: Sequence[EvaluatedTicket], now: datetime
    ) -> list[PotentialBreach]:
        asked = [(judged, moment) for judged in tickets for moment in self._moments(judged, now)]
        running = sum(
            clock.state(now) is ClockState.RUNNING for judged in tickets for clock in judged.clocks
        )
        model = self.model or ForecastModel(now, {})
        chances = model.chances([moment for _, moment in asked])
        self._note(model, [moment for _, moment in asked], chances)
        if self.record.is_withdrawn:
            chances = [None] * len(asked)
        found, greatest = [], dict[str, float]()
        for (judged, moment), chance in zip(asked, chances, strict=True):
            if chance is not None:
                ticket_id = judged.ticket.id
                greatest[ticket_id] = max(greatest.get(ticket_id, 0.0), chance)
            risky = judged.risk(now, self._evaluator.thresholds).rank >= RiskLevel.HIGH.rank
            clock = judged.clock(moment.target)
            if clock.due is not None and (risky if chance is None else chance >= LIKELY_FROM):
                forecast = (
                    Forecast(None, 0, 0, self.record.words())
                    if self.record.is_withdrawn
                    else model.explained(moment, chance)
                )
                found.append(_potential(judged, clock.due, moment.target, forecast))
        self.chances = greatest
        known = sum(chance is not None for chance in chances)
        self.coverage = ForecastCoverage(running, known, self.record, self._notes)
        return sorted(found, key=lambda one: (-harm_of(one), one.due, one.ticket_id))

    def new_answers(self) -> list[GivenAnswer]:
        """Return what was said at stages at which nothing had been said; once each."""
        found, self._answers = self._answers, []
        return found

    def _note(
        self,
        model: ForecastModel,
        moments: Sequence[ClockMoment],
        chances: Sequence[float | None],
    ) -> None:
        """Remember what is said of targets that have come to a new stage, withdrawn or not."""
        for moment, chance in zip(moments, chances, strict=True):
            target = model.targets.get(moment.target)
            base = None if target is None else target.base_rate
            stage = sum(share <= moment.share + 1e-9 for share in STAGES) - 1
            key = (moment.ticket_id, moment.target, stage)
            if chance is None or base is None or key in self.given:
                continue
            self.given.add(key)
            self._answers.append(
                GivenAnswer(*key, moment.at, moment.due, probability=chance, base_rate=base)
            )

    def _moments(self, judged: EvaluatedTicket, now: datetime) -> list[ClockMoment]:
        """Return what is known of a ticket's running clocks; none of one that is late already."""
        found = []
        past: PastTicket | None = None
        for clock in judged.clocks:
            if clock.state(now) is not ClockState.RUNNING:
                continue
            if past is None:
                past = self._past(judged)
            if past is None:
                return []
            try:
                moment = moment_of(past, clock, max(now, past.opened_at))
            except (ValueError, OverflowError):
                continue  # a ticket with impossible times stops no other
            if moment is not None:
                found.append(moment)
        return found

    def _past(self, judged: EvaluatedTicket) -> PastTicket | None:
        ticket = judged.ticket
        if ticket.created_at is None:
            return None
        past = past_of(ticket, self.seen.get(ticket.id, ()), self._evaluator.phases)
        last = past.states[-1]
        now = replace(
            last,
            priority=ticket.priority,
            group=ticket.group,
            technician=ticket.technician,
            client=ticket.client,
        )
        # What a change would make of it stands in the ticket, not in what was seen.
        return replace(past, number=ticket.id, states=(*past.states[:-1], now))

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
