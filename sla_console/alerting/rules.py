"""Which channels are told of an event."""

from collections.abc import Sequence

from sla_console.domain.alert import AlertEvent, AlertRule


def route(
    rules: Sequence[AlertRule], event: AlertEvent, priority: str | None, client: str | None
) -> tuple[str, ...]:
    """Return the channels of the first rule that matches, and of those after it while they proceed.

    Each channel is named once, in the order of the rules.
    """
    found: dict[str, None] = {}
    for rule in rules:
        if rule.matches(event, priority, client):
            found |= dict.fromkeys(rule.channels)
            if not rule.proceed:
                break
    return tuple(found)
