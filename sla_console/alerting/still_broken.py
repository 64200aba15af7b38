"""What is said once more: that something is still broken, after a silence or hours without an answer."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sla_console.alerting.digest import digest_notice, digest_of
from sla_console.alerting.planner import Planner
from sla_console.domain.alert import DeliveryState, Notice, OutboxMessage
from sla_console.domain.calendar import BusinessCalendar


def still_broken(
    planner: Planner,
    broken: Sequence[tuple[Notice, BusinessCalendar]],
    identity: str,
    headline: str,
    now: datetime,
) -> list[OutboxMessage]:
    """Return one message for each client and channel about what is still broken.

    With each come the messages in whose place it stands, so that it is known who was told. What
    waits for the client's hours or for fresh data does so by itself, and says why it comes.

    Args:
        planner: Turns a notice into messages.
        broken: The notice of each breach, with the business hours of its client.
        identity: What makes it this time and no other.
        headline: Why it is said once more.
        now: The moment.
    """
    waiting: list[OutboxMessage] = []
    together: dict[tuple[str, str | None], list[OutboxMessage]] = {}
    for notice, hours in broken:
        sendings = planner.by_rules(notice, hours, now)
        mine = f"{identity}:{notice.breach_id}"
        for message in planner.plan(notice, mine, sendings, now, hours):
            if message.state.owed and not message.held:
                together.setdefault((message.channel, notice.client), []).append(message)
            elif message.state.owed:
                why = replace(notice, reason=f"{headline[:1].lower()}{headline[1:]}")
                waiting.append(replace(message, notice=why))
    for messages in together.values():
        waiting += _digest(messages, headline, now)
    return waiting


def _digest(messages: Sequence[OutboxMessage], headline: str, now: datetime) -> list[OutboxMessage]:
    notices = [message.notice for message in messages if message.notice is not None]
    digest = replace(
        digest_of(messages, now), notice=digest_notice(notices, headline), title=headline
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
