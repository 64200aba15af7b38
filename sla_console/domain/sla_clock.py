"""The two clocks of a ticket: first response and resolution.

SuperOps' own due times win where present. Where they are absent, the due time is computed from
the policy's target, the calendar, and the holds that the console itself observed. A promise is
broken only when promised time *exceeds* the target: what is due at closing time on Friday does not
break over the weekend. Everything that changes with time is a method that takes ``now``, so a
judged ticket stays true until the ticket itself changes.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sla_console.domain.breach import BreachType
from sla_console.domain.calendar import BusinessCalendar
from sla_console.domain.disagreement import Disagreement
from sla_console.domain.held_time import due_after, promised_time, waits_within
from sla_console.domain.policy import SLAPolicy
from sla_console.domain.risk import RiskLevel, RiskThresholds, risk_of
from sla_console.domain.ticket import Hold, Phase, Ticket

_ZERO: Final = timedelta()


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
class Verdict:
    """How a promise ended before the ticket was opened again. All times aware UTC."""

    target: BreachType
    due: datetime
    stopped_at: datetime
    kept: bool


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
    allowed: timedelta | None = None
    """The policy's target in promised time; None where no policy says so."""
    holds: tuple[Hold, ...] = ()
    """Holds known to the console; only ended ones move a due time."""
    disagreement: Disagreement | None = None
    """How SuperOps' due time differs from ours."""
    earlier: tuple[Verdict, ...] = ()
    """How it ended before the ticket was opened again, oldest first."""
    exempt: str = ""
    """Why nothing is owed, whatever SuperOps or the policy says; empty: that is not so."""

    def state(self, now: datetime) -> ClockState:
        """Return what this clock is doing at ``now``."""
        if self.due is None:
            return ClockState.NONE
        if self.stopped_at is not None:
            return ClockState.BREACHED if self.is_late(self.stopped_at) else ClockState.MET
        if self.over:
            return ClockState.BREACHED if self.violated else ClockState.MET
        if self.held_since is not None:
            late = self.violated or self.is_late(self.held_since)
            return ClockState.BREACHED if late else ClockState.HELD
        # SuperOps' own verdict stands, unless its due time has been moved into the future since.
        late = now > self.due and (self.violated or self.is_late(now))
        return ClockState.BREACHED if late else ClockState.RUNNING

    def is_late(self, at: datetime) -> bool:
        """Return whether promised time has passed between the due time and a moment."""
        return (
            self.due is not None
            and at > self.due
            and promised_time(self.calendar, self.due, at, self.holds) > _ZERO
        )

    def ended(self) -> bool:
        """Return whether the clock has stopped for good, kept or broken."""
        return self.stopped_at is not None or self.over

    def breaks_at(self) -> datetime | None:
        """Return when the promise breaks if nothing happens: the first moment that is too late.

        That is the due time itself, or the next opening where it is due at closing time. A promise
        that waits breaks at no moment, unless it was broken before it began to wait.
        """
        if self.due is None or self.ended():
            return None
        if self.held_since is not None and not (self.violated or self.is_late(self.held_since)):
            return None
        if self.violated:
            return self.due
        at = self.cycle()
        for begin, finish in waits_within(self.holds, self.due, None):
            if at is not None and begin <= at < finish:
                # It waits over its due time; what follows is the first promised time after it.
                at = self.calendar.next_opening(finish)
        return at

    def cycle(self) -> datetime | None:
        """Return what tells one round of this promise from the next: when it breaks by its hours.

        A due time that moves begins a new round, and so do hours that change what it means.
        """
        if self.due is None:
            return None
        try:
            return self.calendar.next_opening(self.due)
        except ValueError:
            return self.due  # nothing opens any more

    def remaining(self, now: datetime) -> timedelta | None:
        """Return the promised time left, negative when late; None without a due time.

        A held clock shows what was left when the hold began, a stopped one what was left then.
        """
        if self.due is None:
            return None
        at = self.stopped_at or self.held_since or now
        if self.started_at is not None and at < self.started_at:
            # An answer before the creation is an impossible order; it took no time.
            at = self.started_at
        if at <= self.due:
            return promised_time(self.calendar, at, self.due, self.holds)
        return -promised_time(self.calendar, self.due, at, self.holds)

    def target_time(self) -> timedelta | None:
        """Return the promised time from start to due, None if it is not known.

        Where no policy says it, it follows from SuperOps' due time.
        """
        if self.allowed is not None and self.source is DueSource.COMPUTED:
            return self.allowed
        if self.due is None or self.started_at is None:
            return None
        return promised_time(self.calendar, self.started_at, self.due, self.holds)

    def consumed(self, now: datetime) -> float | None:
        """Return the share of the target used up (1.0 is due), or None if it is not known."""
        target, left = self.target_time(), self.remaining(now)
        if not target or left is None:
            return None
        return 1.0 - left / target

    def moment_of(self, share: float) -> datetime | None:
        """Return when ``share`` of the target will be used up, if the clock runs on.

        None where the target is unknown, or the clock is held or has ended.
        """
        if share >= 1.0 and self.due is not None and self.breaks_at() is not None:
            return self.due
        target = self.target_time()
        return None if not target else self.moment_with(target * (1.0 - share))

    def moment_with(self, left: timedelta) -> datetime | None:
        """Return when so much promised time will be left, if the clock runs on.

        None where that is more than the target, or the clock is held or has ended.
        """
        if self.due is None or self.held_since is not None or self.ended():
            return None
        target = self.target_time()
        if self.started_at is None or not target or left > target:
            return None
        return due_after(self.calendar, self.started_at, target - left, self.holds)


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
    observed_since: datetime | None = None
    """When the console first saw the ticket, where holds before that could matter."""
    severity: RiskLevel = RiskLevel.CRITICAL
    """How bad a broken target would be, by the ticket's priority."""

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
