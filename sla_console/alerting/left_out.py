"""Notes what a digest leaves out when it goes, so that nobody is taken to have heard of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sla_console.alerting.alert import Ended
from sla_console.alerting.digest import still_true
from sla_console.alerting.pipeline import title_of
from sla_console.alerting.ports import OutboxQueue
from sla_console.alerting.still_true import Check
from sla_console.domain.alerts.alert import DeliveryState, Notification, OutboxMessage


async def note_left_out(
    outbox: OutboxQueue,
    message: OutboxMessage,
    found: OutboxMessage | Ended,
    check: Check,
    now: datetime,
) -> None:
    """Give each member that a digest no longer tells the end that it would have had by itself.

    What a silence keeps out of a digest is held back, and told after the silence; what was left
    out of a copy for another channel has no end there that anybody needs to hear of.

    Args:
        outbox: Where messages wait.
        message: The digest as it is stored; any other message has nothing to note.
        found: What the check made of it.
        check: Says of each member why it is left out.
        now: The moment.
    """
    members = message.notification.members if message.notification else ()
    told = found.notification if isinstance(found, OutboxMessage) else None
    if not members or (told is not None and len(told.members) == len(members)):
        return
    left: list[OutboxMessage] = []
    kept: list[Notification] = []
    for member in members:
        ended = check(replace(message, event=member.event, notification=member), now)
        if isinstance(ended, Ended):
            left.append(_alone(message, member, ended))
        else:
            kept.append(member)
    if left:
        await outbox.leave_out(_narrowed(message, kept), left)


def _narrowed(message: OutboxMessage, kept: Sequence[Notification]) -> OutboxMessage:
    return still_true(message, kept) if kept else message


def _alone(message: OutboxMessage, member: Notification, ended: Ended) -> OutboxMessage:
    """Return a member as the message of its own that it would have been on this channel."""
    under_way = message.state is DeliveryState.SENDING
    return replace(
        message,
        key=f"{member.event}:{member.breach_id or member.thread}:{message.key}",
        event=member.event,
        title=title_of(member),
        body="",
        ticket_id=member.ticket_id,
        state=ended.state,
        # The try that is under way tells nothing of it; those before may have.
        attempts=message.attempts - under_way,
        next_at=None,
        lease_until=None,
        notification=member,
        thread=member.thread,
        why=ended.why,
        wait_reason=ended.reason,
        superseded_by=message.key,
        fallback=(),
        fallback_at=None,
    )
