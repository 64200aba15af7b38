"""What looks wrong in the settings about alerts, before three in the morning."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from sla_console.alerting.gone_names import gone_names, gone_words
from sla_console.alerting.routing import Router
from sla_console.cli.findings import CheckFinding, unknown_names
from sla_console.config.alerts import RuleSettings
from sla_console.config.maintenance import MaintenanceSettings
from sla_console.config.settings import Settings
from sla_console.domain.alerts.alert import AlertEvent, AlertRule, RuleHours
from sla_console.domain.forecast.risk import RiskLevel
from sla_console.domain.people.rota import Absence, Handover, uncovered
from sla_console.domain.sla.breach import SLABreach
from sla_console.domain.sla.lint import KnownNames

_AHEAD: Final = timedelta(days=14)
_OF_THEIR_OWN: Final = frozenset({AlertEvent.ESCALATION, AlertEvent.REMINDER, AlertEvent.RECOVERY})
"""Events for which only the rules count that name them."""


def alert_findings(settings: Settings, now: datetime) -> Iterator[CheckFinding]:
    """Yield what would keep somebody from being told.

    Args:
        settings: The configuration.
        now: The moment, for who is on call.
    """
    yield from _templates(settings)
    rules = settings.rules_as_domain()
    yield from _hidden(rules)
    yield from _unheard(rules)
    yield from _levels(settings, rules)
    yield from _nobody(settings, rules, now)
    yield from _over(settings, now)
    alerts = settings.alerts
    for name, channel in alerts.channels.items():
        if not channel.enabled and name in _used(settings):
            yield CheckFinding(
                "note", f"channel {name}", "rules or steps name it, but it is switched off"
            )
    if alerts.enabled() and not alerts.heartbeat.written_sources():
        yield CheckFinding(
            "note", "heartbeat", "none is set, so nobody notices if the console itself falls silent"
        )


def _templates(settings: Settings) -> Iterator[CheckFinding]:
    folder = settings.alerts.templates
    if folder is None:
        return
    from sla_console.alerting.wording import check_templates

    if not folder.is_dir():
        yield CheckFinding("trouble", "templates", f"{folder}: there is no such folder")
        return
    faults = check_templates(folder)
    for fault in faults:
        yield CheckFinding("trouble", "templates", fault)
    if not faults:
        yield CheckFinding("ok", "templates", f"those in {folder} work")


def _hidden(rules: list[AlertRule]) -> Iterator[CheckFinding]:
    """Yield the rules that never match, because one before them matches everything."""
    for place, rule in enumerate(rules):
        if not rule.proceed and _matches_all(rule):
            for hidden in rules[place + 1 :]:
                if hidden.events and _OF_THEIR_OWN.issuperset(hidden.events):
                    continue
                yield CheckFinding(
                    "trouble",
                    f"rule {hidden.name}",
                    f"it never matches, because {rule.name!r} before it matches everything; give "
                    f"that one conditions, or continue = true",
                )
            return


def _matches_all(rule: AlertRule) -> bool:
    lists = (rule.events, rule.priorities, rule.clients, rule.groups, rule.policies, rule.levels)
    usual = rule.hours is RuleHours.ANY and rule.min_risk is RiskLevel.LOW
    return usual and not any(lists)


def _unheard(rules: list[AlertRule]) -> Iterator[CheckFinding]:
    """Yield that no rule is for breaches, or only for some of them."""
    if not rules:
        return
    telling = [
        rule
        for rule in rules
        if (not rule.events or AlertEvent.BREACH in rule.events)
        and rule.whole_route
        and not rule.levels
    ]
    if not telling:
        yield CheckFinding("trouble", "rules", "no rule tells anybody of a breach; name it in one")
        return
    conditions = ("priorities", "clients", "groups", "policies")
    whole = [
        rule.whole_route
        for rule in telling
        if not any(getattr(rule, name) for name in conditions)
        and rule.hours is RuleHours.ANY
        and rule.min_risk is RiskLevel.LOW
    ]
    if not whole:
        yield CheckFinding(
            "note", "rules", "breaches that meet no rule's conditions are told to nobody; add a "
            "last rule without conditions"
        )  # fmt: skip
    elif all(route.means_holder_alone for route in whole):
        yield CheckFinding(
            "note", "rules", "breaches of tickets that nobody has may be told to nobody; add a last "
            "rule without conditions that names a channel"
        )  # fmt: skip


def _levels(settings: Settings, rules: list[AlertRule]) -> Iterator[CheckFinding]:
    """Yield the rules for levels at which no warning is given."""
    given = [level.key for level in settings.warnings.levels()]
    for rule in rules:
        subject = f"rule {rule.name}"
        if rule.levels and rule.events and AlertEvent.WARNING not in rule.events:
            said = "it never matches, because levels are of warnings, which it does not name"
            yield CheckFinding("trouble", subject, said)
        for level in rule.levels:
            if level not in given:
                there = ", ".join(given) or "none"
                said = f"no warning is given at {level}; [warnings] has {there}"
                yield CheckFinding("trouble", subject, said)


def _over(settings: Settings, now: datetime) -> Iterator[CheckFinding]:
    """Yield the maintenance that never comes again."""
    for window in settings.alerts.maintenance_as_domain():
        if not window.active(now) and window.next_start(now) is None:
            yield CheckFinding("note", f"maintenance {window.name}", "it is over; remove it")


def _nobody(settings: Settings, rules: list[AlertRule], now: datetime) -> Iterator[CheckFinding]:
    """Yield the rules and steps whose route reaches nobody now."""
    directory = settings.alerts.directory_as_domain()
    routes = [(f"rule {rule.name}", rule.whole_route) for rule in rules]
    for name, plan in settings.alerts.escalations_as_domain().plans.items():
        routes += [
            (f"escalation {name}, step {place}", step.route)
            for place, step in enumerate(plan.steps, 1)
        ]
    for subject, route in routes:
        if not route:
            muting = subject.startswith("rule")
            said = "it names nobody, so it mutes what it matches" if muting else "it tells nobody"
            yield CheckFinding("note" if muting else "trouble", subject, said)
            continue
        missing = [
            why for why in directory.missing(route, now, None) if why != "nobody has the ticket"
        ]
        for why in missing:
            yield CheckFinding("trouble", subject, why)


def on_call_findings(
    settings: Settings, handovers: Sequence[Handover], absences: Sequence[Absence], now: datetime
) -> Iterator[CheckFinding]:
    """Yield the times of the next two weeks for which nobody on call will answer.

    Args:
        settings: The configuration.
        handovers: What people changed about who is on call.
        absences: When they are away.
        now: The moment.
    """
    directory = settings.alerts.directory_as_domain()
    known = {person.name for person in directory.people}
    names = {rotation.name for rotation in directory.rotations}
    for one in handovers:
        if one.rotation not in names or one.person not in known:
            gone = one.rotation if one.rotation not in names else one.person
            said = f"the change {one.id} names {gone!r}, which the configuration no longer has"
            yield CheckFinding("trouble", "on call", f"{said}; it holds no more")
    directory.take(handovers)
    for rotation in directory.rotations:
        for found in uncovered(rotation, absences, now, now + _AHEAD):
            who = "nobody is on call" if found.person is None else f"{found.person} is away"
            why = f" ({found.why})" if found.why else ""
            yield CheckFinding(
                "trouble",
                f"on call {rotation.name}",
                f"{who} from {found.start:%Y-%m-%d %H:%M} to {found.end:%Y-%m-%d %H:%M} UTC{why}; "
                f"give it to somebody: sla-console oncall give NAME {rotation.name}",
            )


def alert_name_findings(settings: Settings, known: KnownNames) -> Iterator[CheckFinding]:
    """Yield the names in rules and maintenance that the desk does not have: they match nothing.

    Args:
        settings: The configuration.
        known: The names the desk has, as far as they are known.
    """
    mine = {policy.name for policy in settings.policies}
    policies = None if known.slas is None else {*known.slas, *mine}
    alerts = settings.alerts
    named: list[tuple[str, RuleSettings | MaintenanceSettings]] = [
        *((f"rule {rule.name}", rule) for rule in alerts.rules),
        *((f"maintenance {window.name}", window) for window in alerts.maintenance),
    ]
    for subject, one in named:
        for what, wanted, there in (
            ("client", one.clients, known.clients),
            ("group", one.groups, known.groups),
            ("priority", one.priorities, known.priorities),
            ("policy", one.policies, policies),
        ):
            yield from unknown_names(subject, what, wanted, there)


def _used(settings: Settings) -> set[str]:
    alerts = settings.alerts
    steps = [step for plan in alerts.escalations.values() for step in plan.steps]
    return {
        name
        for target in (*alerts.rules, *alerts.routes.values(), *steps)
        for name in (*target.channels, *target.fallback)
    }


def stored_name_findings(
    settings: Settings, breaches: Sequence[SLABreach], owed_to: Sequence[str]
) -> Iterator[CheckFinding]:
    """Yield what running escalations and waiting messages name that is no longer configured.

    Args:
        settings: The configuration.
        breaches: Those that are not over, with the plans they began under.
        owed_to: Channels that messages wait for.
    """
    alerts = settings.alerts
    known = {*alerts.enabled(), *alerts.renamed()}
    directory = alerts.directory_as_domain()
    router = Router(alerts.enabled(), directory, renamed=alerts.renamed())
    for name, tickets in gone_names(router, breaches).items():
        yield CheckFinding("trouble", "escalations", gone_words(name, tickets))
    for name in sorted(set(owed_to) - known):
        yield CheckFinding(
            "trouble",
            f"channel {name}",
            "messages wait for it, and it is no longer configured; the monitor sends them by "
            "today's rules; a channel that was renamed can say so with renamed_from",
        )
