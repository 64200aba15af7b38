"""The stage that looks at a message once more before it leaves: is it still true?"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from sla_console.alerting.alert import Ended
from sla_console.alerting.digest import still_true
from sla_console.alerting.incidents import Incidents
from sla_console.alerting.pipeline import MutedNow
from sla_console.domain.alerts.alert import (
    AlertEvent,
    DeliveryState,
    Notification,
    OutboxMessage,
    WaitReason,
)
from sla_console.domain.sla.breach import BreachState, SLABreach
from sla_console.domain.sla.sla_clock import ClockState

_ALWAYS_TRUE = frozenset(
    {AlertEvent.MONITOR, AlertEvent.TEST, AlertEvent.RECOVERY, AlertEvent.REPORT}
)


class Check(Protocol):
    """Says at the last moment whether a message is still true."""

    def __call__(self, message: OutboxMessage, now: datetime) -> OutboxMessage | Ended:
        """Return the message, or less of it, or why it is not sent."""
        ...


def unchecked(message: OutboxMessage, now: datetime) -> OutboxMessage:
    """Let every message pass."""
    del now
    return message


class StillTrue:
    """Looks at each message once more before it leaves.

    Args:
        incidents: What is known of tickets and breaches now.
        muted: Returns the silence or maintenance window that a notification falls under.
    """

    def __init__(self, incidents: Incidents, muted: MutedNow) -> None:
        self._incidents = incidents
        self._muted = muted

    def __call__(self, message: OutboxMessage, now: datetime) -> OutboxMessage | Ended:
        """Return the message, a digest without what is over, or why it is not sent."""
        notification = message.notification
        if notification is None:
            return message
        if notification.event is AlertEvent.DIGEST and notification.members:
            kept = [self._as_now(m) for m in notification.members if self._why_not(m, now) is None]
            if not kept and notification.total <= len(notification.members):
                return Ended(DeliveryState.SUPERSEDED, "all that it tells of is over")
            return still_true(message, kept)
        ended = self._why_not(notification, now)
        return ended or replace(message, notification=self._as_now(notification))

    def _as_now(self, notification: Notification) -> Notification:
        """Return a notification that is about its ticket as it is: it may have moved meanwhile."""
        breach = self._incidents.get(notification.breach_id or "")
        if breach is None or breach.client == notification.client:
            return notification
        policy = breach.sla_policy.name if breach.sla_policy else None
        return replace(
            notification,
            client=breach.client,
            policy=policy,
            group=breach.group,
            technician=breach.technician,
            technician_id=breach.technician_id,
            moved_from=breach.moved_from,
        )

    def _why_not(self, notification: Notification, now: datetime) -> Ended | None:
        if notification.event in _ALWAYS_TRUE or notification.ticket_id is None:
            return self._broken_again(notification)
        muted = None if notification.by_hand else self._muted(self._as_now(notification), now)
        if muted is not None:
            return Ended(DeliveryState.SUPPRESSED, muted.words, WaitReason.MUTED)
        why = self._past(notification, now)
        return None if why is None else Ended(DeliveryState.SUPERSEDED, why)

    def _past(self, notification: Notification, now: datetime) -> str | None:
        """Return why a notification is no longer true."""
        if notification.breach_id is None:
            return self._no_longer_runs(notification, now)
        if notification.breach_id in self._incidents.changing:
            return None
        breach = self._incidents.get(notification.breach_id)
        if breach is None:
            return "the breach is over"
        return (
            _reminds_of_nothing(breach, notification)
            if _reminds(notification)
            else _taken(breach, notification)
        )

    def _broken_again(self, notification: Notification) -> Ended | None:
        """Return why a recovery is not sent: the same breach is there again."""
        there = notification.event is AlertEvent.RECOVERY and self._incidents.get(
            notification.breach_id or ""
        )
        return Ended(DeliveryState.SUPERSEDED, "it is broken again by now") if there else None

    def _no_longer_runs(self, notification: Notification, now: datetime) -> str | None:
        judged = self._incidents.tickets.get(notification.ticket_id or "")
        if judged is None or notification.target is None:
            return "the ticket is closed"
        clock = judged.clock(notification.target)
        if _differ(clock.due, notification.due):
            return "it is due at another time by now"
        state = clock.state(now)
        return None if state is ClockState.RUNNING else f"its clock is {state} by now"


def _differ(one: datetime | None, other: datetime | None) -> bool:
    """Return whether two due times differ; the store keeps milliseconds only."""
    if one is None or other is None:
        return one is not other
    return abs(one - other) >= timedelta(seconds=1)


def _reminds(notification: Notification) -> bool:
    return notification.event is AlertEvent.REMINDER


def _reminds_of_nothing(breach: SLABreach, notification: Notification) -> str | None:
    """Return why a reminder says nothing any more."""
    escalation_state = breach.escalation_state
    if breach.state is BreachState.ACKNOWLEDGED:
        asked_again = escalation_state is not None and escalation_state.remind_at is not None
        if notification.by is None or asked_again or breach.acknowledged_by != notification.by:
            return f"{breach.acknowledged_by} has it by now"
        return None
    return "it was snoozed meanwhile" if breach.state is BreachState.SNOOZED else None


def _taken(breach: SLABreach, notification: Notification) -> str | None:
    if breach.state is BreachState.ACKNOWLEDGED:
        return f"{breach.acknowledged_by} has it by now"
    if breach.state is BreachState.SNOOZED:
        return "it was snoozed meanwhile"
    held = breach.escalation_state is not None and breach.escalation_state.held_since is not None
    if held and notification.event is AlertEvent.ESCALATION and not notification.by_hand:
        return "the ticket waits by now"
    return None
