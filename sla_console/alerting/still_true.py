"""The stage that looks at a message once more before it leaves: is it still true?"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from sla_console.alerting.alert import Ended
from sla_console.alerting.digest import still_true
from sla_console.alerting.incidents import Incidents
from sla_console.alerting.pipeline import MutedNow
from sla_console.domain.alert import AlertEvent, DeliveryState, Notice, OutboxMessage, WaitReason
from sla_console.domain.breach import BreachState, SLABreach
from sla_console.domain.sla_clock import ClockState

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
        notice = message.notice
        if notice is None:
            return message
        if notice.event is AlertEvent.DIGEST and notice.members:
            kept = [self._as_now(m) for m in notice.members if self._why_not(m, now) is None]
            if not kept and notice.total <= len(notice.members):
                return Ended(DeliveryState.SUPERSEDED, "all that it tells of is over")
            return still_true(message, kept)
        ended = self._why_not(notice, now)
        return ended or replace(message, notice=self._as_now(notice))

    def _as_now(self, notice: Notice) -> Notice:
        """Return a notification that is about its ticket as it is: it may have moved meanwhile."""
        breach = self._incidents.get(notice.breach_id or "")
        if breach is None or breach.client == notice.client:
            return notice
        policy = breach.sla_policy.name if breach.sla_policy else None
        return replace(
            notice,
            client=breach.client,
            policy=policy,
            group=breach.group,
            technician=breach.technician,
            technician_id=breach.technician_id,
            moved_from=breach.moved_from,
        )

    def _why_not(self, notice: Notice, now: datetime) -> Ended | None:
        if notice.event in _ALWAYS_TRUE or notice.ticket_id is None:
            return self._broken_again(notice)
        muted = None if notice.by_hand else self._muted(self._as_now(notice), now)
        if muted is not None:
            return Ended(DeliveryState.SUPPRESSED, muted.words, WaitReason.MUTED)
        why = self._past(notice, now)
        return None if why is None else Ended(DeliveryState.SUPERSEDED, why)

    def _past(self, notice: Notice, now: datetime) -> str | None:
        """Return why a notification is no longer true."""
        if notice.breach_id is None:
            return self._no_longer_runs(notice, now)
        if notice.breach_id in self._incidents.changing:
            return None
        breach = self._incidents.get(notice.breach_id)
        if breach is None:
            return "the breach is over"
        return _reminds_of_nothing(breach, notice) if _reminds(notice) else _taken(breach, notice)

    def _broken_again(self, notice: Notice) -> Ended | None:
        """Return why a recovery is not sent: the same breach is there again."""
        there = notice.event is AlertEvent.RECOVERY and self._incidents.get(notice.breach_id or "")
        return Ended(DeliveryState.SUPERSEDED, "it is broken again by now") if there else None

    def _no_longer_runs(self, notice: Notice, now: datetime) -> str | None:
        judged = self._incidents.tickets.get(notice.ticket_id or "")
        if judged is None or notice.target is None:
            return "the ticket is closed"
        clock = judged.clock(notice.target)
        if _differ(clock.due, notice.due):
            return "it is due at another time by now"
        state = clock.state(now)
        return None if state is ClockState.RUNNING else f"its clock is {state} by now"


def _differ(one: datetime | None, other: datetime | None) -> bool:
    """Return whether two due times differ; the store keeps milliseconds only."""
    if one is None or other is None:
        return one is not other
    return abs(one - other) >= timedelta(seconds=1)


def _reminds(notice: Notice) -> bool:
    return notice.event is AlertEvent.REMINDER


def _reminds_of_nothing(breach: SLABreach, notice: Notice) -> str | None:
    """Return why a reminder says nothing any more."""
    episode = breach.episode
    if breach.state is BreachState.ACKNOWLEDGED:
        asked_again = episode is not None and episode.remind_at is not None
        if notice.by is None or asked_again or breach.acknowledged_by != notice.by:
            return f"{breach.acknowledged_by} has it by now"
        return None
    return "it was snoozed meanwhile" if breach.state is BreachState.SNOOZED else None


def _taken(breach: SLABreach, notice: Notice) -> str | None:
    if breach.state is BreachState.ACKNOWLEDGED:
        return f"{breach.acknowledged_by} has it by now"
    if breach.state is BreachState.SNOOZED:
        return "it was snoozed meanwhile"
    held = breach.episode is not None and breach.episode.held_since is not None
    if held and notice.event is AlertEvent.ESCALATION and not notice.by_hand:
        return "the ticket waits by now"
    return None
