"""Gives up what waits for a channel that the configuration no longer has, and sends it elsewhere."""

import logging
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from typing import Final

from sla_console.alerting.alert import Ended
from sla_console.alerting.left_out import note_left_out
from sla_console.alerting.ports import OutboxQueue
from sla_console.alerting.reroute import Rerouter
from sla_console.alerting.still_true import Check
from sla_console.domain.alerts.alert import AlertEvent, DeliveryState, OutboxMessage

LOG = logging.getLogger(__name__)
_NOT_MISSED: Final = frozenset({AlertEvent.RECOVERY, AlertEvent.TEST})


async def give_up_stranded(
    outbox: OutboxQueue,
    channels: Collection[str],
    check: Check,
    reroute: Rerouter | None,
    fall_back: Callable[[OutboxMessage, str, datetime], Awaitable[None]],
    now: datetime,
) -> None:
    """Settle each message whose channel is gone: no channel would ever claim it.

    What is not true any more, or good news, ends without a copy.

    Args:
        outbox: Where messages wait.
        channels: Names of the channels in use.
        check: Says whether a message is still true.
        reroute: Finds another way; None: there is none but the fallback.
        fall_back: Sends a message through its fallback, with the reason.
        now: The moment.
    """
    for message in await outbox.stranded(channels):
        why = f"the channel {message.channel} is no longer in use"
        found = check(message, now)
        await note_left_out(outbox, message, found, check, now)
        renamed = reroute is not None and reroute.is_renamed(message)
        if isinstance(found, Ended) or (message.event in _NOT_MISSED and not renamed):
            state = found.state if isinstance(found, Ended) else DeliveryState.EXPIRED
            await outbox.settle(message.key, state, why)
            continue
        copies = reroute.elsewhere(message, now) if reroute and channels else []
        if not copies:
            LOG.error("%s was given up: %s", message.key, why)
            await fall_back(message, why, now)
        elif await outbox.enqueue(copies):
            LOG.warning("%s: %s; sent through others", message.key, why)
        await outbox.strand(message.key, why)
