"""Trying a promise on history: what it would have meant, ticket by ticket.

Judged by the same code that judges live tickets.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.sla.evaluation import Observed, evaluate, exempt_words
from sla_console.domain.sla.held_time import promised_time
from sla_console.domain.sla.policy import PolicyTable, SLAPolicy, WhoseHours
from sla_console.domain.sla.sla_clock import ClockState, EvaluatedTicket, SLAClock
from sla_console.domain.tickets.past_tickets import PastTicket
from sla_console.domain.tickets.ticket import StatusPhases, Ticket

_ZERO: Final = timedelta()


@dataclass(frozen=True, slots=True)
class Trial:
    """The promises to try."""

    policies: Sequence[SLAPolicy]
    calendars: Mapping[str, BusinessCalendar]
    calendar: BusinessCalendar
    """The hours of policies that name no calendar."""
    phases: StatusPhases
    stop_at: str = "resolved"
    """``resolved`` or ``closed``: what ends the resolution."""
    no_response_for: frozenset[str] = frozenset()
    """Sources whose tickets owe no first response, as ``folded`` gives them."""

    def calendar_of(
        self, policy: SLAPolicy, target: BreachType = BreachType.RESOLUTION
    ) -> BusinessCalendar:
        """Return the hours that one of a policy's promises counts in."""
        named = policy.hours if target is BreachType.RESOLUTION else policy.response_hours
        if named is WhoseHours.EVERY:
            return BusinessCalendar.always()
        return self.calendars.get(named, self.calendar) if isinstance(named, str) else self.calendar

    def evaluate(
        self, ticket: Ticket, policy: SLAPolicy | None, observed: Observed
    ) -> EvaluatedTicket:
        """Return a ticket of the past judged by one of these promises.

        Raises:
            ValueError: for times that no calendar knows.
        """
        if policy is None:
            return evaluate(ticket, None, self.calendar, self.phases, observed=observed)
        return evaluate(
            ticket,
            policy,
            self.calendar_of(policy),
            self.phases,
            observed=observed,
            response_calendar=self.calendar_of(policy, BreachType.RESPONSE),
            no_response=exempt_words(ticket, self.no_response_for),
        )


@dataclass(frozen=True, slots=True)
class ClockTrial:
    """One clock of one ticket of the past. All times aware UTC."""

    target: BreachType
    due: datetime
    allowed: timedelta
    """Promised time of the target."""
    consumed: timedelta
    """Promised time used, until it stopped or history ends."""
    held: timedelta
    """Open time that holds took out of it."""
    stopped_at: datetime | None
    breached: bool

    @property
    def judged(self) -> bool:
        """Whether it counts: it has stopped, or it is broken already."""
        return self.breached or self.stopped_at is not None


@dataclass(frozen=True, slots=True)
class TicketTrial:
    """One ticket of the past under the promises tried."""

    past: PastTicket
    priority: str | None
    group: str | None
    technician: str | None
    policy: SLAPolicy
    response: ClockTrial | None
    resolution: ClockTrial | None

    @property
    def clocks(self) -> tuple[ClockTrial, ...]:
        """The promised ones of first response and resolution."""
        return tuple(clock for clock in (self.response, self.resolution) if clock is not None)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often the resolution's verdict is the source system's own."""

    compared: int
    agreed: int
    differing: tuple[str, ...]
    """Numbers of the tickets on which they differ, in order."""

    @property
    def percent(self) -> float | None:
        """Share that agrees, 0 to 100; None where nothing could be compared."""
        return 100.0 * self.agreed / self.compared if self.compared else None


@dataclass(frozen=True, slots=True)
class TargetTally:
    """Promises kept, missed and still open."""

    met: int = 0
    missed: int = 0
    open: int = 0

    @property
    def compliance(self) -> float | None:
        """Percent met of those judged; None where none was."""
        judged = self.met + self.missed
        return 100.0 * self.met / judged if judged else None


@dataclass(frozen=True, slots=True)
class Backtest:
    """What the promises would have meant."""

    tickets: tuple[TicketTrial, ...]
    until: datetime
    without_policy: int
    """Tickets that no policy matched."""
    unusable: tuple[tuple[str, str], ...]
    """Tickets that could not be judged, with the reason."""

    def tally(
        self, target: BreachType, key: Callable[[TicketTrial], str]
    ) -> dict[str, TargetTally]:
        """Return one promise's figures by group, in the order of the keys."""
        found: dict[str, Counter[str]] = {}
        for ticket in self.tickets:
            clock = ticket.response if target is BreachType.RESPONSE else ticket.resolution
            if clock is None:
                continue
            what = "missed" if clock.breached else "met" if clock.judged else "open"
            found.setdefault(key(ticket), Counter())[what] += 1
        return {name: TargetTally(**found[name]) for name in sorted(found)}

    def worst(self, most: int) -> list[tuple[TicketTrial, ClockTrial]]:
        """Return the clocks that broke by the most promised time, the worst first."""
        late = [(t, c) for t in self.tickets for c in t.clocks if c.breached]
        late.sort(key=lambda pair: (pair[1].allowed - pair[1].consumed, pair[0].past.number))
        return late[:most]

    def agreement(self, priority: str | None = None) -> Agreement:
        """Compare the resolutions that have stopped with the source's own verdicts.

        Args:
            priority: Of one priority only; None: of all.
        """
        compared, differing = 0, []
        for ticket in self.tickets:
            clock, made = ticket.resolution, ticket.past.made_sla
            if clock is None or made is None or clock.stopped_at is None:
                continue
            if priority is not None and ticket.priority != priority:
                continue
            compared += 1
            if clock.breached is made:
                differing.append(ticket.past.number)
        return Agreement(compared, compared - len(differing), tuple(differing))


def run_backtest(
    history: Iterable[PastTicket], trial: Trial, until: datetime | None = None
) -> Backtest:
    """Judge every ticket of the past by the promises tried.

    One that cannot be judged is listed with its reason and stops nothing.

    Args:
        history: The tickets.
        trial: The promises.
        until: Where history ends, aware UTC; None: after everything that is known.
    """
    past = list(history)
    end = until or max((_last(ticket) for ticket in past), default=datetime.max.replace(tzinfo=UTC))
    table = PolicyTable(trial.policies)
    found: list[TicketTrial] = []
    unusable: list[tuple[str, str]] = []
    without = 0
    for ticket in past:
        if ticket.opened_at > end:
            continue
        try:
            tried = _try(ticket if until is None else ticket.known_until(end), trial, table, end)
        except (ValueError, OverflowError) as error:
            unusable.append((ticket.number, str(error)))
            continue
        if tried is None:
            without += 1
        else:
            found.append(tried)
    return Backtest(tuple(found), end, without, tuple(unusable))


def _try(past: PastTicket, trial: Trial, table: PolicyTable, end: datetime) -> TicketTrial | None:
    ticket, observed = past.as_ticket(trial.phases, trial.stop_at)
    policy = table.policy_of(ticket)
    if policy is None:
        return None
    judged = trial.evaluate(ticket, policy, observed)
    return TicketTrial(
        past,
        ticket.priority,
        ticket.group,
        ticket.technician,
        policy,
        _clock(judged.response, end),
        _clock(judged.resolution, end),
    )


def _clock(clock: SLAClock, end: datetime) -> ClockTrial | None:
    if clock.due is None or clock.allowed is None or clock.started_at is None:
        return None
    # Answers stamped before the opening are an impossible order; they took no time.
    at = max(clock.stopped_at or clock.held_since or end, clock.started_at)
    consumed = promised_time(clock.calendar, clock.started_at, at, clock.holds)
    return ClockTrial(
        target=clock.target,
        due=clock.due,
        allowed=clock.allowed,
        consumed=consumed,
        held=clock.calendar.open_time(clock.started_at, at) - consumed,
        stopped_at=clock.stopped_at,
        breached=clock.state(end) is ClockState.BREACHED,
    )


def _last(past: PastTicket) -> datetime:
    moments = (past.closed_at, past.resolved_at, past.states[-1].at)
    return max(moment for moment in moments if moment is not None)
