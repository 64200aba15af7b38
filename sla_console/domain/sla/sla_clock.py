"""The two clocks of a ticket: first response and resolution.

SuperOps' own due times win where present, measured in the hours they were made of. Where they are
absent, the due time is computed from the policy's target, the calendar, and the holds that the
console itself observed. A target is missed only when counted time *exceeds* it: what is due at
closing time on Friday does not break over the weekend. Everything that changes with time is a
method that takes ``now``, so a judged ticket stays true until the ticket itself changes.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sla_console.domain.forecast.risk import RiskLevel, RiskThresholds, risk_of
from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.sla.disagreement import Disagreement
from sla_console.domain.sla.held_time import due_after, promised_time, waits_within
from sla_console.domain.sla.policy import SLAPolicy
from sla_console.domain.sla.ruling import Ruling, rule_on_stop, rule_without_due, rule_without_stop
from sla_console.domain.sla.verdict import Outcome, Verdict, in_force
from sla_console.domain.tickets.ticket import Hold, HoldReason, Phase, Ticket

_ZERO: Final = timedelta()


class ClockState(StrEnum):
    """What a clock is doing."""

    MET = "met"
    RUNNING = "running"
    HELD = "held"
    BREACHED = "breached"
    IN_DOUBT = "in doubt"
    """It has ended, and the known facts do not say whether in time."""
    NONE = "none"


class DueSource(StrEnum):
    """Who said when it is due."""

    SUPEROPS = "superops"
    COMPUTED = "computed"


_ENDED: Final = {
    Outcome.MET: ClockState.MET,
    Outcome.MISSED: ClockState.BREACHED,
    Outcome.IN_DOUBT: ClockState.IN_DOUBT,
}


@dataclass(frozen=True, slots=True)
class SLAClock:
    """One target of one ticket, in its latest cycle. All times aware UTC."""

    target: BreachType
    due: datetime | None
    source: DueSource | None
    calendar: BusinessCalendar
    """The hours that count: of SuperOps' due time those it was made of."""
    started_at: datetime | None = None
    stopped_at: datetime | None = None
    """When the target was met, whether in time or late."""
    held_since: datetime | None = None
    """Set while the ticket waits; counted time does not pass."""
    violated: bool | None = None
    """SuperOps' flag: whether it calls this target missed; None: it does not say."""
    over: bool = False
    """The ticket has ended although nobody recorded the moment that stopped this clock."""
    allowed: timedelta | None = None
    """The policy's target in counted time; None where no policy says so."""
    holds: tuple[Hold, ...] = ()
    """Holds known to the console; only ended ones move a due time."""
    disagreement: Disagreement | None = None
    """How SuperOps' due time differs from ours."""
    open_until: datetime | None = None
    """Last moment at which the ticket of an ended clock was known to be open."""
    ended_at: datetime | None = None
    """First moment at which the ticket of an ended clock was known to have ended."""
    theirs: datetime | None = None
    """SuperOps' due time as it stands there, closed time not added."""
    hours: str = ""
    """The hours that count, in words."""
    cycle: int = 1
    """1, and one more with each time the ticket was opened after its end."""
    verdict: Verdict | None = None
    """The verdict in force of this cycle; it stays whatever happens to the clock."""
    earlier: tuple[Verdict, ...] = ()
    """The verdicts in force of the cycles before, oldest first."""
    exempt: str = ""
    """Why nothing is owed, whatever SuperOps or the policy says; empty: that is not so."""

    def state(self, now: datetime) -> ClockState:
        """Return what this clock is doing at ``now``."""
        if self.due is None:
            return ClockState.NONE
        if self.ended():
            return _ENDED[self._ruled().outcome]
        if self.broken(now):
            return ClockState.BREACHED
        return ClockState.RUNNING if self.held_since is None else ClockState.HELD

    def broken(self, now: datetime) -> bool:
        """Return whether a clock that has not ended is past its due time.

        SuperOps' own flag counts, unless its due time lies in the future.
        """
        if self.due is None or now <= self.due:
            return False
        return bool(self.violated) or self.is_late(min(self.held_since or now, now))

    def ruling(self, now: datetime) -> Ruling:
        """Return whether the target is met, missed, in doubt, or still open."""
        if self.due is None:
            return rule_without_due(called_missed=bool(self.violated) and self.ended())
        if self.ended():
            return self._ruled()
        return Ruling(Outcome.MISSED if self.broken(now) else Outcome.OPEN)

    def _written(self) -> Verdict | None:
        """Return the verdict that an ended clock goes by: the due time may have moved since."""
        written = self.verdict if self.ended() else None
        return written if written is not None and written.stopped_at is not None else None

    def _ruled(self) -> Ruling:
        if (written := self._written()) is not None:
            return Ruling(written.outcome, written.by_times, written.reason)
        moved, stop = self.due != self.theirs, self.stopped_at
        if stop is not None:
            return rule_on_stop(
                late=self.is_late(stop),
                violated=self.violated,
                after=None if self.theirs is None else stop - self.theirs,
                moved=moved,
                waited=bool(self.violated) and self._waited_at_due(),
            )
        first, last = self.open_until or self.started_at, self.ended_at
        return rule_without_stop(
            late_when_open=first is not None and self.is_late(first),
            late_at_end=None if last is None else self.is_late(last),
            violated=self.violated,
            moved=moved,
        )

    def _waited_at_due(self) -> bool:
        due = self.due
        return due is not None and any(
            hold.start <= due and (hold.end is None or hold.end > due) for hold in self.holds
        )

    def is_late(self, at: datetime) -> bool:
        """Return whether counted time has passed between the due time and a moment."""
        return (
            self.due is not None
            and at > self.due
            and promised_time(self.calendar, self.due, at, self._stopping(by_flag=False)) > _ZERO
        )

    def _stopping(self, *, by_flag: bool) -> list[Hold]:
        """Return the holds in which it does not get later.

        A computed due time is so much counted time after the start, and so is what comes after it.
        SuperOps' own is a moment that passes, held or not: only a hold that had begun by then kept
        it from being reached, and where SuperOps calls it missed, not even that one.
        """
        due = self.due
        if due is None or self.source is DueSource.COMPUTED:
            return list(self.holds)
        return [
            hold
            for hold in self.holds
            if hold.why is HoldReason.CLOSED or (hold.start <= due and not by_flag)
        ]

    def stops_lateness(self, hold: Hold) -> bool:
        """Return whether it does not get later in a hold; one that is still on stops nothing."""
        return hold.end is not None and hold in self._stopping(by_flag=bool(self.violated))

    def late(self, at: datetime) -> timedelta:
        """Return how late it is, counted from its own due time, held or not; else on the wall."""
        if self.due is None or at <= self.due:
            return _ZERO
        holds = self._stopping(by_flag=bool(self.violated))
        late = promised_time(self.calendar, self.due, at, holds)
        return late or (at - self.due if self.violated else _ZERO)

    def ended(self) -> bool:
        """Return whether the clock has stopped for good, met or missed."""
        return self.stopped_at is not None or self.over

    def end(self) -> datetime | None:
        """Return when it stopped, or its ticket was seen to have ended; None: it has not."""
        return self.stopped_at or (self.ended_at if self.over else None)

    def breaks_at(self) -> datetime | None:
        """Return when the target is missed if nothing happens: the first moment that is too late.

        That is the due time itself, or the next opening where it is due at closing time. A target
        that waits is missed at no moment, unless it was before it began to wait, or SuperOps says
        that it is.
        """
        if self.due is None or self.ended():
            return None
        if self.held_since is not None and not (self.violated or self.is_late(self.held_since)):
            return None
        return self.broke_at()

    def broke_at(self) -> datetime | None:
        """Return the first moment that is too late, whatever it does by now."""
        if self.due is None or self.violated:
            return self.due
        at = self.round_at()
        for begin, finish in waits_within(self.holds, self.due, None):
            if at is not None and begin <= at < finish:
                # It waits over its due time; what follows is the first counted time after it.
                at = self.calendar.next_opening(finish)
        return at

    def round_at(self) -> datetime | None:
        """Return when it breaks by its hours, which distinguishes its breach from the next one.

        A due time that moves begins a new round, as do hours that change what it means.
        """
        if self.due is None:
            return None
        try:
            return self.calendar.next_opening(self.due)
        except ValueError:
            return self.due  # nothing opens any more

    def remaining(self, now: datetime) -> timedelta | None:
        """Return the counted time left, negative when late; None where that is not known.

        A held clock shows what was left when the hold began, a stopped one what was left then.
        What is late is counted from the due time to now, or to its end.
        """
        if self.due is None:
            return None
        if self.ended():
            return self._left_at_end()
        if self.broken(now):
            return -self.late(now)
        at = min(self.held_since or now, now)
        if self.started_at is not None and at < self.started_at:
            at = self.started_at
        if at <= self.due:
            return promised_time(self.calendar, at, self.due, self.holds)
        return -promised_time(self.calendar, self.due, at, self.holds)

    def _left_at_end(self) -> timedelta | None:
        at, due = self.end(), self.due
        ruled = self._ruled()
        if at is None or due is None or (ruled.outcome, ruled.by_times) == (Outcome.IN_DOUBT, None):
            return None
        if self.started_at is not None and at < self.started_at:
            # An answer before the creation is an impossible order; it took no time.
            at = self.started_at
        written = self._written()
        if (ruled.by_times or ruled.outcome) is Outcome.MISSED:
            late = self.late(at) if written is None else written.late
            return None if late is None else -late
        if written is not None and written.allowed is not None and written.used is not None:
            return written.allowed - written.used
        if at <= due:
            return promised_time(self.calendar, at, due, self.holds)
        return -promised_time(self.calendar, due, at, self.holds)

    def used(self) -> timedelta | None:
        """Return the counted time from start to end; None where that is not known."""
        end = self.end()
        if end is None or self.started_at is None:
            return None
        return promised_time(self.calendar, self.started_at, end, self.holds)

    def target_time(self) -> timedelta | None:
        """Return the counted time from start to due, None if it is not known.

        Where no policy says it, it follows from SuperOps' due time.
        """
        if self.allowed is not None and self.source is DueSource.COMPUTED:
            return self.allowed
        if self.due is None or self.started_at is None:
            return None
        return promised_time(self.calendar, self.started_at, self.due, self.holds)

    def consumed(self, now: datetime) -> float | None:
        """Return the share of the target used up (1.0 is due), or None if it is not known."""
        target, left, written = self.target_time(), self.remaining(now), self._written()
        target = target if written is None else written.allowed
        if not target or left is None:
            return None
        return 1.0 - left / target

    def moment_of(self, share: float, target: timedelta | None = None) -> datetime | None:
        """Return when ``share`` of the target will be used up, if the clock runs on.

        None where the target is unknown, or the clock is held or has ended; ``target``: if known.
        """
        if share >= 1.0 and self.due is not None and self.breaks_at() is not None:
            return self.due
        target = target or self.target_time()
        return None if not target else self.moment_with(target * (1.0 - share), target)

    def moment_with(self, left: timedelta, target: timedelta | None = None) -> datetime | None:
        """Return when so much counted time will be left, if the clock runs on.

        None where that is more than the target, or the clock is held or has ended.
        """
        if self.due is None or self.held_since is not None or self.ended():
            return None
        target = target or self.target_time()
        if self.started_at is None or not target or left > target:
            return None
        return due_after(self.calendar, self.started_at, target - left, self.holds)


def _with_verdicts(clock: SLAClock, verdicts: Iterable[Verdict]) -> SLAClock:
    mine = [one for one in verdicts if one.target is clock.target]
    return replace(
        clock,
        verdict=next((one for one in mine if one.cycle == clock.cycle), None),
        earlier=tuple(one for one in mine if one.cycle < clock.cycle),
    )


@dataclass(frozen=True, slots=True)
class EvaluatedTicket:
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
    hours: BusinessCalendar = field(default_factory=BusinessCalendar.always)
    """The business hours of its client, in which business-hours promises count."""

    @property
    def clocks(self) -> tuple[SLAClock, SLAClock]:
        """First response, then resolution."""
        return self.response, self.resolution

    def clock(self, target: BreachType) -> SLAClock:
        """Return the clock of one target."""
        return self.response if target is BreachType.RESPONSE else self.resolution

    def with_verdicts(self, verdicts: Iterable[Verdict]) -> "EvaluatedTicket":
        """Return it with each clock carrying the verdicts in force of its target."""
        found = sorted(in_force(verdicts).values(), key=lambda one: one.cycle)
        response, resolution = (_with_verdicts(clock, found) for clock in self.clocks)
        return replace(self, response=response, resolution=resolution)

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
        risks = [
            risk_of(
                breached=state is ClockState.BREACHED,
                consumed=clock.consumed(now),
                left=clock.remaining(now),
                thresholds=thresholds,
            )
            for clock in self.clocks
            if not clock.ended()
            and (state := clock.state(now)) in {ClockState.RUNNING, ClockState.BREACHED}
        ]
        return max(risks, key=lambda risk: risk.rank, default=RiskLevel.LOW)
