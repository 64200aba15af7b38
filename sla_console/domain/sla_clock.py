"""The two clocks of a ticket: first response and resolution.

SuperOps' own due times win where present. Where they are absent, the due time is computed from
the policy's target, the calendar, and the holds that the console itself observed. Everything that
changes with time is a method that takes ``now``, so a judged ticket stays true until the ticket
itself changes.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sla_console.domain.breach import BreachType
from sla_console.domain.calendar import BusinessCalendar
from sla_console.domain.policy import SLAPolicy
from sla_console.domain.risk import RiskLevel, RiskThresholds, risk_of
from sla_console.domain.ticket import Hold, Phase, StatusPhases, Ticket


class ClockState(StrEnum):
    """What a clock is doing."""

    MET = "met"
    RUNNING = "running"
    HELD = "held"
    BREACHED = "breached"
    NONE = "none"


class DueSource(StrEnum):
    """Who said when it is due."""

    SUPEROPS = "superops"
    COMPUTED = "computed"


@dataclass(frozen=True, slots=True)
class SLAClock:
    """One promise on one ticket. All times aware UTC."""

    target: BreachType
    due: datetime | None
    source: DueSource | None
    calendar: BusinessCalendar
    started_at: datetime | None = None
    stopped_at: datetime | None = None
    """When the promise was kept, whether in time or late."""
    held_since: datetime | None = None
    """Set while the ticket waits; promised time does not pass."""
    violated: bool = False
    """SuperOps says that this promise is broken."""
    over: bool = False
    """The ticket is closed although nobody recorded the moment that ended this clock."""

    def state(self, now: datetime) -> ClockState:
        """Return what this clock is doing at ``now``."""
        if self.due is None:
            return ClockState.NONE
        if self.stopped_at is not None:
            return ClockState.BREACHED if self.stopped_at > self.due else ClockState.MET
        if self.over:
            return ClockState.BREACHED if self.violated else ClockState.MET
        if self.held_since is not None:
            late = self.violated or self.held_since > self.due
            return ClockState.BREACHED if late else ClockState.HELD
        return ClockState.BREACHED if now > self.due else ClockState.RUNNING

    def ended(self) -> bool:
        """Return whether the clock has stopped for good, kept or broken."""
        return self.stopped_at is not None or self.over

    def remaining(self, now: datetime) -> timedelta | None:
        """Return the promised time left, negative when late; None without a due time.

        A held clock shows what was left when the hold began, a stopped one what was left then.
        """
        if self.due is None:
            return None
        at = self.stopped_at or self.held_since or now
        if at <= self.due:
            return self.calendar.open_time(at, self.due)
        return -self.calendar.open_time(self.due, at)

    def consumed(self, now: datetime) -> float | None:
        """Return the share of the target used up (1.0 is due), or None if it is not known."""
        if self.due is None or self.started_at is None:
            return None
        target = self.calendar.open_time(self.started_at, self.due)
        left = self.remaining(now)
        if not target or left is None:
            return None
        return 1.0 - left / target

    def moment_of(self, share: float) -> datetime | None:
        """Return when ``share`` of the target will be used up, if the clock runs on.

        None where the target is unknown, or the clock is held or has ended.
        """
        if self.due is None or self.held_since is not None or self.ended():
            return None
        if share >= 1.0:
            return self.due
        if self.started_at is None or self.started_at >= self.due:
            return None
        target = self.calendar.open_time(self.started_at, self.due)
        return self.calendar.add(self.started_at, target * share) if target else None


@dataclass(frozen=True, slots=True)
class JudgedTicket:
    """A ticket with its promise and both clocks: one row of the board."""

    ticket: Ticket
    policy: SLAPolicy | None
    phase: Phase
    response: SLAClock
    resolution: SLAClock
    degraded: tuple[str, ...] = ()
    """Why the clocks cannot be fully trusted, in words."""

    @property
    def clocks(self) -> tuple[SLAClock, SLAClock]:
        """First response, then resolution."""
        return (self.response, self.resolution)

    @property
    def held(self) -> bool:
        """The ticket is in a status that holds its clocks."""
        return self.phase is Phase.HOLD

    def next_clock(self) -> SLAClock | None:
        """Return the clock to watch: the unfinished one with the earliest due time."""
        response, resolution = self.response, self.resolution
        if response.due is None or response.ended():
            return None if resolution.due is None or resolution.ended() else resolution
        if resolution.due is None or resolution.ended() or response.due <= resolution.due:
            return response
        return resolution

    def next_due(self) -> datetime | None:
        """Return the earliest due time of a clock that has not ended."""
        clock = self.next_clock()
        return None if clock is None else clock.due

    def breached(self, now: datetime) -> bool:
        """Return whether a promise that is still owed is broken."""
        return any(
            not clock.ended() and clock.state(now) is ClockState.BREACHED for clock in self.clocks
        )

    def risk(self, now: datetime, thresholds: RiskThresholds) -> RiskLevel:
        """Return the worse risk of the clocks that have not ended; held ones are LOW."""
        worst = RiskLevel.LOW
        for clock in self.clocks:
            if clock.ended():
                continue
            state = clock.state(now)
            if state not in {ClockState.RUNNING, ClockState.BREACHED}:
                continue
            risk = risk_of(
                breached=state is ClockState.BREACHED,
                consumed=clock.consumed(now),
                left=clock.remaining(now),
                thresholds=thresholds,
            )
            if risk.rank > worst.rank:
                worst = risk
        return worst


def judge(
    ticket: Ticket,
    policy: SLAPolicy | None,
    calendar: BusinessCalendar,
    phases: StatusPhases,
    holds: tuple[Hold, ...] = (),
) -> JudgedTicket:
    """Judge one ticket.

    Args:
        ticket: The ticket as last seen.
        policy: The promise it is under, None where nothing matches.
        calendar: The hours in which business-hours promises count.
        phases: What its status means.
        holds: Holds that the console observed, oldest first; the last may still be on.
    """
    phase = phases.phase(ticket.status)
    counting = (
        BusinessCalendar.always()
        if policy is not None and not policy.business_hours_only
        else calendar
    )
    held_since = None
    if phase is Phase.HOLD:
        held_since = next((h.start for h in reversed(holds) if h.end is None), None)
        held_since = held_since or ticket.updated_at or ticket.created_at
    degraded = list(ticket.degraded)
    if policy is None and ticket.response_due is None and ticket.resolution_due is None:
        degraded.append("no due times from SuperOps and no policy matches")

    response = _clock(
        BreachType.RESPONSE,
        ticket,
        policy,
        counting,
        holds,
        held_since,
        phase,
        due=ticket.response_due,
        target=policy.response_target if policy else None,
        stopped=ticket.responded_at,
        violated=bool(ticket.response_violated),
    )
    # A reopened ticket can keep its old resolutionTime, so the status decides, not the time.
    resolution = _clock(
        BreachType.RESOLUTION,
        ticket,
        policy,
        counting,
        holds,
        held_since,
        phase,
        due=ticket.resolution_due,
        target=policy.resolution_target if policy else None,
        stopped=ticket.resolved_at if phase is Phase.CLOSED else None,
        violated=bool(ticket.resolution_violated),
    )
    return JudgedTicket(ticket, policy, phase, response, resolution, tuple(degraded))


def _clock(
    kind: BreachType,
    ticket: Ticket,
    policy: SLAPolicy | None,
    calendar: BusinessCalendar,
    holds: tuple[Hold, ...],
    held_since: datetime | None,
    phase: Phase,
    *,
    due: datetime | None,
    target: timedelta | None,
    stopped: datetime | None,
    violated: bool,
) -> SLAClock:
    source = DueSource.SUPEROPS if due is not None else None
    if due is None and policy is not None and target is not None and ticket.created_at is not None:
        due = calendar.add(ticket.created_at, target)
        for hold in sorted(holds, key=lambda h: h.start):
            # A hold that began after the promise ran out moves nothing.
            if hold.end is not None and hold.start < due:
                waited = calendar.open_time(max(hold.start, ticket.created_at), hold.end)
                due = calendar.add(due, waited)
        source = DueSource.COMPUTED
    ended = phase is Phase.CLOSED and stopped is None
    return SLAClock(
        target=kind,
        due=due,
        source=source,
        calendar=calendar,
        started_at=ticket.created_at,
        stopped_at=stopped,
        held_since=held_since if stopped is None else None,
        violated=violated,
        over=ended,
    )
