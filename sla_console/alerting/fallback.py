"""The same message through another channel, where one does not take it."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from sla_console.alerting.digest import digest_notice
from sla_console.domain.alerts.alert import AlertEvent, OutboxMessage, SendResult, Way

_NEXT = {True: timedelta(minutes=1), False: timedelta(minutes=5)}
"""How long the next channel has, by whether it is urgent."""


def copy_for(
    message: OutboxMessage,
    why: str,
    now: datetime,
    channels: Collection[str],
    broken: Collection[str] = (),
) -> OutboxMessage | None:
    """Return a copy of a message for the next channel of its chain; None: there is none left.

    Args:
        message: Which was not taken.
        why: Why not, in words; the copy says so.
        now: The moment.
        channels: Names of the channels there are.
        broken: Those that cannot work; they are passed over while others are left.
    """
    told = _without_ends(message)
    if told is None:
        return None
    chain = [name for name in message.fallback if name in channels and name != message.channel]
    if not chain:
        return None
    other = next((name for name in chain if name not in broken), chain[0])
    rest = tuple(chain[chain.index(other) + 1 :])
    return replace(
        told.copy_to(other, Way.FALLBACK, f"{why}; sent here instead", now),
        fallback=rest,
        fallback_at=now + _NEXT[message.urgent] if rest else None,
    )


def waits_for_mending(message: OutboxMessage, result: SendResult) -> bool:
    """Return whether a refused message is tried until its channel is mended or it is too old.

    What says that something is over has no other way to go: those who were notified of the
    beginning are on this channel, and a pager keeps open what was opened there. Nothing is wrong
    with the message where the channel refuses whoever asks.
    """
    members = message.notification.members if message.notification else ()
    ends = any(member.event is AlertEvent.RECOVERY for member in members)
    return result.permanent and result.broken and (message.ends_incident or ends)


def _without_ends(message: OutboxMessage) -> OutboxMessage | None:
    """Return a message for another channel, where nobody may have heard of what is over.

    Those who have are told by a message of their own.
    """
    notification = message.notification
    if notification is None or notification.total > len(notification.members):
        return message
    kept = [one for one in notification.members if one.event is not AlertEvent.RECOVERY]
    if len(kept) == len(notification.members):
        return message
    return replace(message, notification=digest_notice(kept)) if kept else None
