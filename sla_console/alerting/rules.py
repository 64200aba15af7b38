"""Which rules an event meets."""

from collections.abc import Sequence

from sla_console.domain.alert import AlertEvent, AlertRule, Notice


def matching(rules: Sequence[AlertRule], notice: Notice, *, in_hours: bool) -> list[AlertRule]:
    """Return the first rule that matches, and those after it while they proceed.

    Args:
        rules: In the order in which they were written.
        notice: What there is to tell.
        in_hours: Whether it is now inside the business hours of the ticket's client.
    """
    found: list[AlertRule] = []
    for rule in rules:
        if rule.matches(notice.event, notice.priority, notice.client, notice, in_hours=in_hours):
            found.append(rule)
            if not rule.proceed:
                break
    return found


def naming(rules: Sequence[AlertRule], event: AlertEvent) -> list[AlertRule]:
    """Return the rules that name an event; those for every event are not among them."""
    return [rule for rule in rules if event in rule.events]


def is_muted(rules: Sequence[AlertRule], notice: Notice) -> bool:
    """Return whether a rule that names the event of a notice says to tell nobody."""
    found = matching(naming(rules, notice.event), notice, in_hours=True)
    return bool(found) and not any(rule.whole_route for rule in found)
