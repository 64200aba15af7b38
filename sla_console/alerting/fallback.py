"""The same message through another channel, where one does not take it."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from sla_console.domain.alerts.alert import OutboxMessage, Way

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
    chain = [name for name in message.fallback if name in channels and name != message.channel]
    if not chain:
        return None
    other = next((name for name in chain if name not in broken), chain[0])
    rest = tuple(chain[chain.index(other) + 1 :])
    return replace(
        message.copy_to(other, Way.FALLBACK, f"{why}; sent here instead", now),
        fallback=rest,
        fallback_at=now + _NEXT[message.urgent] if rest else None,
    )
