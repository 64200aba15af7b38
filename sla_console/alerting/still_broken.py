"""What is said once more: that something is still broken, after a silence or hours without an answer."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sla_console.alerting.alert import Alert
from sla_console.alerting.digest import digest_notice, digest_of
from sla_console.domain.alerts.alert import DeliveryState, OutboxMessage


def still_broken(
    planned: Sequence[tuple[Alert, Sequence[OutboxMessage]]], headline: str, now: datetime
) -> list[OutboxMessage]:
    """Return one message for each client and channel about what is still broken.

    With each come the messages in whose place it stands, so that it is known who was notified. What
    waits for the client's hours or for fresh data does so by itself, and says why it comes.

    Args:
        planned: The alert of each breach, with its messages.
        headline: Why it is said once more.
        now: The moment.
    """
    waiting: list[OutboxMessage] = []
    together: dict[tuple[str, str | None], list[OutboxMessage]] = {}
    for alert, messages in planned:
        for message in messages:
            if not message.state.owed:
                continue
            if message.held:
                why = replace(alert.notification, reason=f"{headline[:1].lower()}{headline[1:]}")
                waiting.append(replace(message, notification=why))
            else:
                together.setdefault((message.channel, alert.notification.client), []).append(
                    message
                )
    for found in together.values():
        waiting += _digest(found, headline, now)
    return waiting


def _digest(messages: Sequence[OutboxMessage], headline: str, now: datetime) -> list[OutboxMessage]:
    notifications = [
        message.notification for message in messages if message.notification is not None
    ]
    digest = replace(
        digest_of(messages, now),
        notification=digest_notice(notifications, headline),
        title=headline,
    )
    said = [
        replace(
            message,
            state=DeliveryState.SUPERSEDED,
            superseded_by=digest.key,
            why="told together with others",
            wait_reason=None,
            next_at=None,
            fallback_at=None,
        )
        for message in messages
    ]
    return [digest, *said]
