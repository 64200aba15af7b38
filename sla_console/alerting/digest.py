"""Several things to tell in one message."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from sla_console.domain.alerts.alert import AlertEvent, DeliveryState, Notification, OutboxMessage

_MOST: Final = 60
"""Members a digest carries; the rest is counted."""
_NAMES: Final = (
    (AlertEvent.BREACH, "broken"),
    (AlertEvent.ESCALATION, "escalated"),
    (AlertEvent.REMINDER, "to be reminded of"),
    (AlertEvent.WARNING, "soon due"),
    (AlertEvent.FORECAST, "likely to break"),
    (AlertEvent.RECOVERY, "over"),
)
_FAR: Final = datetime.max.replace(tzinfo=UTC)


def digest_notice(notifications: Sequence[Notification], headline: str = "") -> Notification:
    """Return one notice that tells many, the most pressing first.

    Args:
        notifications: At least one.
        headline: What it is about; empty: how many of what kind.
    """
    ordered = sorted(notifications, key=lambda n: (-n.severity.rank, n.due or _FAR, n.display_id))
    events = Counter(notification.event for notification in notifications)
    counted = ", ".join(f"{events[event]} {word}" for event, word in _NAMES if events[event])
    clients = Counter(notification.client or "no client" for notification in notifications)
    priorities = Counter(notification.priority or "no priority" for notification in notifications)
    (first, _), whose = clients.most_common(1)[0], len(clients)
    place = first if whose == 1 else f"{whose} clients"
    return Notification(
        AlertEvent.DIGEST,
        min(notification.at for notification in notifications),
        client=first if whose == 1 else None,
        severity=max(
            (notification.severity for notification in notifications), key=lambda level: level.rank
        ),
        headline=headline or f"{counted}: {place}",
        lines=(f"By client: {_counts(clients)}", f"By priority: {_counts(priorities)}"),
        members=tuple(ordered[:_MOST]),
        total=len(notifications),
    )


def _counts(counter: Counter[str], most: int = 12) -> str:
    found = [f"{name} {count}" for name, count in counter.most_common(most)]
    rest = len(counter) - most
    return ", ".join([*found, f"{rest} others"] if rest > 0 else found)


def digest_of(messages: Sequence[OutboxMessage], now: datetime) -> OutboxMessage:
    """Return the message in place of several that wait for one channel.

    Args:
        messages: Two or more, each with its notice.
        now: The moment.
    """
    told = [message.notification for message in messages if message.notification is not None]
    # A digest of digests tells of what they tell, not of them.
    notifications = [
        one for notification in told for one in (notification.members or (notification,))
    ]
    notification = digest_notice(notifications)
    whole = hashlib.sha256("|".join(message.key for message in messages).encode()).hexdigest()
    urgent = any(message.urgent for message in messages)
    first = messages[0]
    waits = [m.fallback_at - m.next_at for m in messages if m.fallback_at and m.next_at]
    return OutboxMessage(
        key=f"digest:{whole[:20]}:{first.channel}",
        channel=first.channel,
        event=AlertEvent.DIGEST,
        title=notification.headline,
        body="",
        ticket_id=None,
        created_at=now,
        urgent=urgent,
        state=DeliveryState.PENDING,
        next_at=now,
        notification=notification,
        group=first.group,
        rule="told together",
        fallback=next((m.fallback for m in messages if m.fallback), ()),
        fallback_at=now + min(waits) if waits else None,
    )


def still_true(message: OutboxMessage, kept: Sequence[Notification]) -> OutboxMessage:
    """Return a digest that tells only of what is still so."""
    notification = message.notification
    if notification is None or len(kept) == len(notification.members):
        return message
    if notification.total > len(notification.members):
        return message  # its counts are of more than can be looked at one by one
    return replace(message, notification=digest_notice(kept))
