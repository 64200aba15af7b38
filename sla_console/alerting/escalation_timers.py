"""Fires the timers of breaches: escalation steps, reminders, acknowledgements and snoozes that end."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sla_console.alerting.incidents import Incidents
from sla_console.alerting.planner import AlertPlanner
from sla_console.alerting.steps import ME, Recorder, Step
from sla_console.domain import fault_points
from sla_console.domain.alerts.alert import OutboxMessage
from sla_console.domain.alerts.timer_events import (
    FiredEvent,
    TimerEvent,
    advance,
    held,
    next_moment,
    worsened,
)
from sla_console.domain.sla.breach import SLABreach
from sla_console.domain.tickets.operation import AuditEntry
from sla_console.domain.timers import Timers

LOG = logging.getLogger(__name__)
_BATCH: Final = 100
"""Breaches that are stored in one transaction."""
_SET: Final = "the clock was set back; its timer goes on"
_MATCHED: Final = ("client", "priority", "group", "technician", "sla_policy")
"""Fields of a breach that a silence or a maintenance window looks at."""
_DONE: Final = {
    TimerEvent.PAGE: "escalate",
    TimerEvent.REMIND: "remind",
    TimerEvent.EXPIRED: "acknowledgement ran out",
    TimerEvent.WOKE: "snooze ended",
    TimerEvent.WORSE: "more urgent",
}


@dataclass(frozen=True, slots=True)
class BreachTimer:
    """When time will next do something to a breach."""

    at: datetime
    name: str
    """Id of the breach."""


class EscalationTimers:
    """Holds every breach's timer against time.

    Args:
        planner: Says who is notified.
        incidents: The breaches that are not over.
        recorder: Stores each step.
        pause: Lets other work go on during a long job.
    """

    def __init__(
        self,
        planner: AlertPlanner,
        incidents: Incidents,
        recorder: Recorder,
        pause: Callable[[], Awaitable[None]],
    ) -> None:
        self._planner, self._incidents, self._recorder = planner, incidents, recorder
        self._pause = pause
        self._timers: Timers[BreachTimer] = Timers()
        self._at: dict[str, datetime] = {}
        """When each timer in the queue ends; one that is read again is queued once."""

    def next(self) -> datetime | None:
        """Return when the next timer ends."""
        self._take_changes()
        return self._timers.next()

    def overdue(self, now: datetime) -> datetime | None:
        """Return when the oldest timer ended that has ended and was not dealt with."""
        at = self.next()
        return at if at is not None and at <= now else None

    async def process(self, now: datetime) -> int:
        """Deal with every timer that has ended; return how many had.

        Raises:
            StoreError: if that could not be stored; it is tried again.
        """
        self._take_changes()
        ended = [timer.name for timer in self._timers.due(now)]
        for breach_id in ended:
            self._at.pop(breach_id, None)
        due = [breach for one in ended if (breach := self._incidents.get(one))]
        for start in range(0, len(due), _BATCH):
            batch = due[start : start + _BATCH]
            try:
                steps = [step for one in batch if (step := self._safely(one, now))]
                fault_points.hit("escalation.step")
                await self._recorder.change(steps)
            except BaseException:
                # What was not stored is still due.
                for breach in due[start:]:
                    self._schedule(breach.id)
                raise
            for breach in batch:
                self._schedule(breach.id)
            await self._pause()
        return len(due)

    async def hasten(self, by: timedelta, now: datetime) -> None:
        """Let nothing wait longer on a clock that was set back; a snooze ends when a person said.

        Args:
            by: How far it was set back.
            now: The moment, by the clock as it is.
        """
        steps = [
            self._step(
                one,
                replace(one, escalation_state=one.escalation_state.earlier(by)),
                [],
                "follow",
                _SET,
                now,
            )
            for one in self._incidents.all()
            # What began by the clock as it is has nothing to catch up with.
            if one.escalation_state is not None and one.escalation_state.base > now
        ]
        for start in range(0, len(steps), _BATCH):
            await self._recorder.change(steps[start : start + _BATCH])
            await self._pause()

    async def follow(self, breach: SLABreach, found: SLABreach, *, waits: bool) -> None:
        """Follow what happened to a breach's ticket: it waits, has another priority, or holder.

        Args:
            breach: As it is known.
            found: As it would be found now.
            waits: Whether its ticket waits.
        """
        now = found.detected_at or breach.breach_time
        after, woke = held(breach, now, waits=waits)
        after, worse = worsened(after, found.severity, found.priority, now)
        fired = worse or woke
        after = _as_found(after, found)
        if after == breach:
            return
        messages = self._messages(after, fired) if fired else []
        detail = "its ticket changed" if fired is None else _detail(after, fired)
        action = _DONE[fired.event] if fired else "follow"
        await self._recorder.change([self._step(breach, after, messages, action, detail, now)])
        if any(getattr(after, name) != getattr(breach, name) for name in _MATCHED):
            self._incidents.moved.add(breach.id)

    def _take_changes(self) -> None:
        for breach_id in self._incidents.take_changed():
            self._schedule(breach_id)

    def _schedule(self, breach_id: str) -> None:
        breach = self._incidents.get(breach_id)
        at = next_moment(breach) if breach is not None else None
        if at is None:
            self._at.pop(breach_id, None)
            self._timers.forget(breach_id)
        elif self._at.get(breach_id) != at:
            self._at[breach_id] = at
            self._timers.set(breach_id, [BreachTimer(at, breach_id)])

    def _safely(self, breach: SLABreach, now: datetime) -> Step | None:
        try:
            return self._advance(breach, now)
        except (ValueError, LookupError, ArithmeticError):
            # One breach whose plan makes no sense never stops the others.
            LOG.exception("the timer of breach %s could not be dealt with", breach.id)
            return None

    def _advance(self, breach: SLABreach, now: datetime) -> Step | None:
        after, fired = advance(breach, now, ME)
        if fired is None:
            return None
        messages = self._messages(after, fired)
        detail = _detail(after, fired)
        return self._step(breach, after, messages, _DONE[fired.event], detail, now)

    def _messages(self, breach: SLABreach, fired: FiredEvent) -> list[OutboxMessage]:
        hours = self._incidents.hours_of(breach.ticket_id)
        return self._planner.plan_stirred(breach, fired, hours)

    def _step(
        self,
        before: SLABreach,
        after: SLABreach,
        messages: list[OutboxMessage],
        action: str,
        detail: str,
        now: datetime,
    ) -> Step:
        if after.revision != before.revision + 1:
            after = replace(after, revision=before.revision + 1)
        entry = AuditEntry(now, ME, action, after.ticket_id, detail)
        return after, before.state, messages, entry


def _as_found(breach: SLABreach, found: SLABreach) -> SLABreach:
    """Return a breach that is about its ticket as it is now."""
    moved = found.client != breach.client
    return replace(
        breach,
        technician_id=found.technician_id,
        technician=found.technician,
        group=found.group,
        client=found.client,
        sla_policy=found.sla_policy if moved else breach.sla_policy,
        customer_impact=found.customer_impact if moved else breach.customer_impact,
        moved_from=(breach.client or "no client") if moved else breach.moved_from,
    )


def _detail(breach: SLABreach, fired: FiredEvent) -> str:
    words = breach.breach_type.words
    if (
        fired.event is TimerEvent.PAGE
        and breach.escalation_state is not None
        and fired.page is not None
    ):
        steps = len(breach.escalation_state.plan.steps)
        return (
            f"{words}: step {fired.page.step + 1} of {steps} of {breach.escalation_state.plan.name}"
        )
    return f"{words}{f', {fired.had} had it' if fired.had else ''}"
