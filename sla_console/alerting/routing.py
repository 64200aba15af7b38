"""The stage that finds the recipients of an alert: by the rules, by a route, or by both."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sla_console.alerting.alert import Alert, Sending
from sla_console.alerting.urgency import may_wait
from sla_console.domain.alerts.alert import AlertEvent, AlertRule, Notification, Route
from sla_console.domain.people.directory import Directory, Recipient
from sla_console.domain.sla.calendar import BusinessCalendar


class Router:
    """Turns rules and routes into recipients.

    Args:
        channels: Names of the channels there are.
        directory: Who is reached through which.
        quiet_hours: Hold back what is not urgent until the client's hours, where no rule says
            otherwise.
        renamed: What channels are called now, by their earlier names.
    """

    def __init__(
        self,
        channels: Sequence[str],
        directory: Directory,
        *,
        quiet_hours: bool = False,
        renamed: Mapping[str, str] | None = None,
    ) -> None:
        self._renamed = dict(renamed or {})
        self.channels = tuple(channels)
        self.directory = directory
        self.quiet_hours = quiet_hours
        self.rules: tuple[AlertRule, ...] = ()

    def __call__(self, alert: Alert) -> Alert:
        """Give an alert the recipients that the rules name, where it has none of its own."""
        if alert.sendings is not None:
            return alert
        found = self.by_rules(alert.notification, alert.hours, alert.now)
        return replace(alert, sendings=tuple(found))

    def by_rules(
        self, notification: Notification, hours: BusinessCalendar, now: datetime
    ) -> list[Sending]:
        """Return whom the rules name, each channel once, in the order of the rules."""
        return self._by(self.meeting(notification, hours, now), notification, hours, now)

    def by_name(
        self, notification: Notification, hours: BusinessCalendar, now: datetime
    ) -> tuple[list[Sending], str | None]:
        """Return whom those rules name that name the event, and why nobody is, where they mute it.

        For what has a route of its own, such as a step: a rule for everything adds nothing to it.
        """
        rules = naming(self.rules, notification.event)
        found = self._meeting(rules, notification, hours, now) if rules else []
        if found and not any(rule.whole_route for rule in found):
            return [], f"rule {found[0].name} names nobody"
        return self._by(found, notification, hours, now), None

    def meeting(
        self, notification: Notification, hours: BusinessCalendar, now: datetime
    ) -> list[AlertRule]:
        """Return the rules that an event meets: those that name nobody, or reach somebody, end it.

        A rule that means somebody and reaches nobody, such as the holder of a ticket that nobody
        holds, hands on to the rules after it.
        """
        return self._meeting(self.rules, notification, hours, now)

    def by_route(
        self,
        route: Route,
        notification: Notification,
        now: datetime,
        name: str,
        quiet: BusinessCalendar | None = None,
    ) -> list[Sending]:
        """Return whom a route names, channels that do not exist left out.

        Args:
            route: The route.
            notification: What there is to notify.
            now: The moment.
            name: Of the rule or step.
            quiet: Hours outside which what is not urgent waits, and then reaches whoever is on call
                when they begin; None: it waits for none.
        """
        at = now if quiet is None else notified_at(notification, quiet, now)
        people = self.directory.recipients(route, at, notification.technician)
        return [
            Sending(
                one if channel == one.channel else replace(one, channel=channel),
                name,
                route,
                quiet is not None,
            )
            for one in people
            if (channel := self.present(one.channel)) is not None
        ]

    def present(self, channel: str) -> str | None:
        """Return what a channel is called today; None: it is no longer configured."""
        if channel in self.channels:
            return channel
        now = self._renamed.get(channel)
        return now if now in self.channels else None

    def gone(self, route: Route) -> list[str]:
        """Return in words what a route names that is no longer configured."""
        found = [f"channel {one}" for one in route.channels if self.present(one) is None]
        return [*found, *self.directory.gone(route)]

    def instead(
        self, notification: Notification, hours: BusinessCalendar, now: datetime
    ) -> list[Sending]:
        """Return who is notified in place of those a route no longer reaches: by today's rules.

        Where those reach nobody, every channel is: what is due is never silent.
        """
        broken = replace(notification, event=AlertEvent.BREACH)
        found = self.by_rules(broken, hours, now)
        return found or self.to(self.channels, "its route reaches nobody")

    def to(self, channels: Iterable[str], rule: str, person: str | None = None) -> list[Sending]:
        """Return these channels as recipients, whatever the rules say."""
        return [Sending(Recipient(name, person), rule, Route((name,))) for name in channels]

    def _meeting(
        self,
        rules: Sequence[AlertRule],
        notification: Notification,
        hours: BusinessCalendar,
        now: datetime,
    ) -> list[AlertRule]:
        return matching(
            rules,
            notification,
            in_hours=hours.is_open(now),
            ends=lambda rule: (
                not rule.whole_route or bool(self._by_rule(rule, notification, hours, now))
            ),
        )

    def _by(
        self,
        rules: Sequence[AlertRule],
        notification: Notification,
        hours: BusinessCalendar,
        now: datetime,
    ) -> list[Sending]:
        return distinct(
            one for rule in rules for one in self._by_rule(rule, notification, hours, now)
        )

    def _by_rule(
        self, rule: AlertRule, notification: Notification, hours: BusinessCalendar, now: datetime
    ) -> list[Sending]:
        quiet = self.quiet_hours if rule.quiet is None else rule.quiet
        name = f"rule {rule.name}"
        return self.by_route(rule.whole_route, notification, now, name, hours if quiet else None)


def distinct(sendings: Iterable[Sending]) -> list[Sending]:
    """Return the first for each channel, in their order."""
    found: dict[str, Sending] = {}
    for sending in sendings:
        found.setdefault(sending.recipient.channel, sending)
    return list(found.values())


def notified_at(notification: Notification, hours: BusinessCalendar, now: datetime) -> datetime:
    """Return when something is sent that may have to wait for the client's hours."""
    if not may_wait(notification) or hours.is_open(now):
        return now
    try:
        return hours.next_opening(now)
    except ValueError:
        return now  # nothing opens any more


def matching(
    rules: Sequence[AlertRule],
    notification: Notification,
    *,
    in_hours: bool,
    ends: Callable[[AlertRule], bool] = lambda _: True,
) -> list[AlertRule]:
    """Return the first rule that matches, and those after it while they proceed.

    Args:
        rules: In the order in which they were written.
        notification: What there is to notify.
        in_hours: Whether it is now inside the business hours of the ticket's client.
        ends: Returns whether a rule that matches and does not proceed ends the search.
    """
    found: list[AlertRule] = []
    for rule in rules:
        if rule.matches(notification, in_hours=in_hours):
            found.append(rule)
            if not rule.proceed and ends(rule):
                break
    return found


def naming(rules: Sequence[AlertRule], event: AlertEvent) -> list[AlertRule]:
    """Return the rules that name an event; those for every event are not among them."""
    return [rule for rule in rules if event in rule.events]


def mutes(rules: Sequence[AlertRule], notification: Notification, *, in_hours: bool) -> bool:
    """Return whether a rule that names the event says to notify nobody of it."""
    found = matching(naming(rules, notification.event), notification, in_hours=in_hours)
    return bool(found) and not any(rule.whole_route for rule in found)
