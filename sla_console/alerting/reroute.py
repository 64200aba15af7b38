"""Finds another way for what was meant for a channel that is gone, or a person whose shift is over."""

from dataclasses import replace
from datetime import datetime

from sla_console.alerting.alert import ALWAYS
from sla_console.alerting.routing import Router
from sla_console.domain.alerts.alert import AlertEvent, DeliveryState, OutboxMessage, Way


class Rerouter:
    """Sends on by today's names and rules, and to every channel where those reach nobody.

    Args:
        router: Knows the channels, what they were called before, and the rules.
    """

    def __init__(self, router: Router) -> None:
        self._router = router

    def handed_over(self, message: OutboxMessage, now: datetime) -> list[OutboxMessage]:
        """Return the copies of a message for those on call now; none where that is the same.

        What was held through an outage goes to who is on call when it goes.
        """
        there = self._router.directory.on_call(message.on_call, now) if message.on_call else []
        known = [(name, who) for name, who in there if name in self._router.channels]
        if not known or message.person in {who for _, who in known}:
            return []
        why = f"{message.person} is no longer on call; sent here instead"
        return [replace(_copy(message, name, why, now), person=who) for name, who in known]

    def is_renamed(self, message: OutboxMessage) -> bool:
        """Return whether the channel of a message is in use under another name."""
        return self._router.present(message.channel) not in {None, message.channel}

    def elsewhere(self, message: OutboxMessage, now: datetime) -> list[OutboxMessage]:
        """Return the copies of a message whose channel is no longer configured."""
        router = self._router
        named = router.present(message.channel)
        if named is not None:
            why = f"the channel {message.channel} is called {named} now; sent here instead"
            return [_copy(message, named, why, now)]
        notification = message.notification
        channels: list[str] = []
        if notification is not None:
            # What there is no rule for, such as a step, goes where its breach would go today.
            asked = [notification, replace(notification, event=AlertEvent.BREACH)]
            found = next((f for one in asked if (f := router.by_rules(one, ALWAYS, now))), [])
            channels = [one.recipient.channel for one in found]
        why = f"the channel {message.channel} is no longer in use; sent here instead"
        return [_copy(message, name, why, now) for name in channels or router.channels]


def _copy(message: OutboxMessage, channel: str, why: str, now: datetime) -> OutboxMessage:
    """Return a copy that waits for what the message waited for, and falls back as it did."""
    copy = replace(
        message.copy_to(channel, Way.FALLBACK, why, now),
        person=None,
        fallback=tuple(name for name in message.fallback if name != channel),
        fallback_at=message.fallback_at,
    )
    if message.state is not DeliveryState.GATHERING:
        return copy
    return replace(
        copy,
        state=message.state,
        next_at=message.next_at,
        why=message.why or why,
        wait_reason=message.wait_reason,
    )
