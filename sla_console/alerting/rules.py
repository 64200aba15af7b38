"""Which rules an event meets."""

from collections.abc import Callable, Sequence

from sla_console.domain.alert import AlertEvent, AlertRule, Notice


def matching(
    rules: Sequence[AlertRule],
    notice: Notice,
    *,
    in_hours: bool,
    ends: Callable[[AlertRule], bool] = lambda _: True,
) -> list[AlertRule]:
    """Return the first rule that matches, and those after it while they proceed.

    Args:
        rules: In the order in which they were written.
        notice: What there is to tell.
        in_hours: Whether it is now inside the business hours of the ticket's client.
        ends: Returns whether a rule that matches and does not proceed ends the search.
    """
    found: list[AlertRule] = []
    for rule in rules:
        if rule.matches(notice.event, notice.priority, notice.client, notice, in_hours=in_hours):
            found.append(rule)
            if not rule.proceed and ends(rule):
                break
    return found


def naming(rules: Sequence[AlertRule], event: AlertEvent) -> list[AlertRule]:
    """Return the rules that name an event; those for every event are not among them."""
    return [rule for rule in rules if event in rule.events]


def mutes(rules: Sequence[AlertRule], notice: Notice, *, in_hours: bool) -> bool:
    """Return whether a rule that names the event says to tell nobody of it."""
    found = matching(naming(rules, notice.event), notice, in_hours=in_hours)
    return bool(found) and not any(rule.whole_route for rule in found)
