"""The stages that every alert passes before it is stored, and the list of them.

A plan is a list of messages, those that are held back on purpose included: what nobody is notified
of stays visible, with the reason. Nothing is sent and nothing stored here. The table of all stages
stands in the docstring of the room.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sla_console.alerting.alert import Alert, HeldBack, Sending, Stage, may_be_old
from sla_console.alerting.grouping import Groups
from sla_console.alerting.routing import Router, notified_at
from sla_console.alerting.urgency import is_urgent, may_wait
from sla_console.domain.alerts.alert import (
    AlertEvent,
    DeliveryState,
    Notification,
    OutboxMessage,
    Route,
    WaitReason,
)
from sla_console.domain.alerts.flapping import Flap, FlapWatch
from sla_console.domain.alerts.silence import MutedBy
from sla_console.domain.copies import copy_with
from sla_console.domain.durations import words
from sla_console.domain.sla.calendar import BusinessCalendar

_URGENT_FALLBACK: Final = timedelta(minutes=1)
_FALLBACK: Final = timedelta(minutes=5)
_GROUPED: Final = frozenset(
    {
        AlertEvent.WARNING,
        AlertEvent.BREACH,
        AlertEvent.ESCALATION,
        AlertEvent.RECOVERY,
        AlertEvent.FORECAST,
    }
)
_NEVER_MUTED: Final = frozenset(
    {AlertEvent.RECOVERY, AlertEvent.MONITOR, AlertEvent.TEST, AlertEvent.REPORT}
)
_HELD_WHILE_BLIND: Final = _GROUPED - {AlertEvent.RECOVERY}
_USELESS_WHEN_DUE: Final = frozenset({AlertEvent.WARNING, AlertEvent.FORECAST})

FLAPPING: Final = HeldBack("it comes and goes; told once an hour", WaitReason.FLAPPING)
COMES_AND_GOES: Final = "it comes and goes; you hear of it once an hour, and how it ends"

MutedNow = Callable[[Notification, datetime], MutedBy | None]
"""Returns the silence or maintenance window that a notification falls under."""


@dataclass(slots=True)
class SourceFreshness:
    """Whether SuperOps answers and the clock is right; monitoring says so, and the stages ask."""

    blind_since: datetime | None = None
    """Since when it does not; what follows from old data waits until it does."""
    clock_is_right: Callable[[], bool] = lambda: True
    """Whether the wall clock can be trusted; where not, no moment of the day has come."""


class Mute:
    """Holds an alert back that a silence or a maintenance window is for.

    Args:
        muted: Returns what mutes a notification.
    """

    def __init__(self, muted: MutedNow) -> None:
        self._muted = muted

    def __call__(self, alert: Alert) -> Alert:
        """Hold the alert back where something mutes it.

        Ends never are: whoever was notified of the beginning is notified of its end. Nor is what
        a person hands up: whom that reaches was named before.
        """
        notification = alert.notification
        ends = notification.ended_at is not None
        if notification.event in _NEVER_MUTED or notification.by_hand or ends:
            return alert
        found = self._muted(notification, alert.now)
        return replace(alert, held_back=HeldBack(found.words)) if found else alert


class Deduplicate:
    """Holds back a breach that comes and goes, once people know that it does.

    Args:
        flaps: Counts how often each promise breaks.
    """

    def __init__(self, flaps: FlapWatch) -> None:
        self._flaps = flaps

    def __call__(self, alert: Alert) -> Alert:
        """Count one more break, and hold it back or say that it is the last message about them."""
        notification = alert.notification
        if (
            notification.event is not AlertEvent.BREACH
            or notification.breach_id is None
            or alert.repeat
        ):
            return alert
        flap = self._flaps.broke(notification.thread, notification.breach_id, alert.now)
        if flap is Flap.BEGINS:
            return replace(alert, notification=replace(notification, reason=COMES_AND_GOES))
        if flap is Flap.MUTED and alert.held_back is None:
            return replace(alert, held_back=FLAPPING)
        return alert


class Write:
    """Writes one message for each recipient.

    Args:
        router: Knows which channels there are.
    """

    def __init__(self, router: Router) -> None:
        self._router = router

    def __call__(self, alert: Alert) -> Alert:
        """Write the messages; those of an alert that is held back end here."""
        return alert.with_messages(self._one(alert, s) for s in alert.sendings or ())

    def _one(self, alert: Alert, sending: Sending) -> OutboxMessage:
        notification, now, channel = alert.notification, alert.now, sending.recipient.channel
        written = OutboxMessage(
            key=f"{notification.event}:{alert.identity}:{channel}",
            channel=channel,
            event=notification.event,
            title=title_of(notification),
            body="\n".join(notification.lines) if notification.event is AlertEvent.REPORT else "",
            ticket_id=notification.ticket_id,
            created_at=now,
            urgent=is_urgent(notification),
            next_at=now,
            notification=notification,
            thread=notification.thread,
            group=Groups.key(notification, channel),
            expires_at=notification.due if notification.event in _USELESS_WHEN_DUE else None,
            person=sending.recipient.person,
            rule=sending.rule,
            fallback=tuple(
                name for name in sending.route.fallback if name in self._router.channels
            ),
            attachment=alert.attachment,
            on_call=sending.recipient.on_call,
        )
        if alert.held_back is None:
            return written
        return copy_with(
            written,
            state=DeliveryState.SUPPRESSED,
            next_at=None,
            fallback=(),
            why=alert.held_back.words,
            wait_reason=alert.held_back.reason,
        )


class HoldStage:
    """Lets messages wait for fresh data, or for the hours of their client.

    Args:
        freshness: Whether SuperOps answers.
    """

    def __init__(self, freshness: SourceFreshness) -> None:
        self._freshness = freshness

    def __call__(self, alert: Alert) -> Alert:
        """Hold what follows from old data, then what is not urgent outside the hours."""
        if self._freshness.blind_since is None and not any(s.quiet for s in alert.sendings or ()):
            return alert
        pairs = zip(alert.messages, alert.sendings or (), strict=True)
        return alert.with_messages(self._one(alert, m, s) for m, s in pairs)

    def _one(self, alert: Alert, message: OutboxMessage, sending: Sending) -> OutboxMessage:
        notification, now, since = alert.notification, alert.now, self._freshness.blind_since
        if not message.state.owed:
            return message
        opening = notified_at(notification, alert.hours, now) if sending.quiet else now
        if (
            since is not None
            and notification.event in _HELD_WHILE_BLIND
            and not notification.by_hand
        ):
            return replace(
                message,
                state=DeliveryState.GATHERING,
                # Once the data is fresh it may still have to wait for the hours.
                next_at=opening if opening > now else None,
                why=may_be_old(since),
                wait_reason=WaitReason.FRESH_DATA,
            )
        if opening <= now:
            return message
        why = f"quiet until {notification.client or 'the client'} opens in {words(opening - now)}"
        return copy_with(
            message,
            state=DeliveryState.GATHERING,
            next_at=opening,
            why=why,
            wait_reason=WaitReason.QUIET_HOURS,
        )


class GroupStage:
    """Lets messages wait a moment for others of their group.

    Args:
        groups: When each group was notified last.
        pagers: Channels that keep incidents; what is over is never told together there.
    """

    def __init__(self, groups: Groups, pagers: frozenset[str] = frozenset()) -> None:
        self._groups, self._pagers = groups, pagers

    def __call__(self, alert: Alert) -> Alert:
        """Let the messages that can go wait for their group."""
        if alert.notification.event not in _GROUPED:
            return alert
        return alert.with_messages(self._one(alert, m) for m in alert.messages)

    def _one(self, alert: Alert, message: OutboxMessage) -> OutboxMessage:
        over = message.event is AlertEvent.RECOVERY and message.channel in self._pagers
        if message.state is not DeliveryState.PENDING or over:
            return message
        at = self._groups.when(message.group, alert.now, urgent=message.urgent)
        if at <= alert.now:
            return message
        return copy_with(
            message, state=DeliveryState.GATHERING, next_at=at, wait_reason=WaitReason.GROUP
        )


def set_fallback(alert: Alert) -> Alert:
    """Say when each message goes another way; what waits for fresh data has no time yet."""
    if not any(message.fallback for message in alert.messages):
        return alert
    pairs = zip(alert.messages, alert.sendings or (), strict=True)
    return alert.with_messages(_with_fallback(m, s.route) for m, s in pairs)


def _with_fallback(message: OutboxMessage, route: Route) -> OutboxMessage:
    if not message.fallback:
        return message
    usual = _URGENT_FALLBACK if message.urgent else _FALLBACK
    begin = message.next_at or message.created_at
    return copy_with(message, fallback_at=begin + (route.fallback_after or usual))


class Pipeline:
    """Passes each alert through its stages, in the one order that there is.

    Args:
        router: Finds the recipients.
        muted: Returns what mutes a notification.
        groups: What is told together.
        pagers: Channels that keep incidents.
    """

    def __init__(
        self,
        router: Router,
        muted: MutedNow = lambda _notice, _now: None,
        groups: Groups | None = None,
        pagers: frozenset[str] = frozenset(),
    ) -> None:
        self.router = router
        self.muted = muted
        self.groups = groups or Groups()
        self.flaps = FlapWatch()
        self.freshness = SourceFreshness()
        self.stages: tuple[Stage, ...] = (
            router,
            Mute(muted),
            Deduplicate(self.flaps),
            Write(router),
            HoldStage(self.freshness),
            GroupStage(self.groups, pagers),
            set_fallback,
        )

    def __call__(self, alert: Alert) -> list[OutboxMessage]:
        """Return the messages of an alert."""
        for stage in self.stages:
            alert = stage(alert)
        return list(alert.messages)

    def held_back(
        self, notification: Notification, sending: Sending, now: datetime, hours: BusinessCalendar
    ) -> str | None:
        """Return what would keep a notification back; None: nothing would."""
        muted = self.muted(notification, now)
        if muted is not None:
            return muted.words
        if sending.quiet and may_wait(notification) and not hours.is_open(now):
            return f"quiet until {notification.client or 'the client'} opens"
        return None


_WORDS: Final[Mapping[AlertEvent, str]] = {
    AlertEvent.WARNING: "soon due",
    AlertEvent.BREACH: "BREACHED",
    AlertEvent.ESCALATION: "ESCALATED",
    AlertEvent.REMINDER: "reminder",
    AlertEvent.RECOVERY: "over",
    AlertEvent.FORECAST: "likely to break",
}


def title_of(notification: Notification) -> str:
    """Return a notification in one line, as lists show it and as it is sent where all else fails."""
    if notification.headline:
        return notification.headline
    promise = notification.target.words if notification.target else "ticket"
    name = notification.display_id or notification.ticket_id or ""
    client = f" ({notification.client})" if notification.client else ""
    return f"{_WORDS.get(notification.event, notification.event)}: {promise} of {name}{client}"
