"""Names in the settings that point at each other: channels, calendars, policies, rules."""

from collections.abc import Iterator

from sla_console.config.escalation import target_faults
from sla_console.config.naming import unknown_name
from sla_console.config.on_call import people_faults
from sla_console.config.promises import repeated
from sla_console.config.settings import Settings


def reference_faults(settings: Settings) -> Iterator[str]:
    """Yield, in words, each name that stands twice or points at nothing."""
    yield from _repeated_names(settings)
    yield from _dangling_names(settings)
    if settings.sync.stale_after_seconds <= settings.sync.open_seconds:
        yield (
            f"sync.stale_after_seconds: found {settings.sync.stale_after_seconds}, expected more "
            f"than sync.open_seconds ({settings.sync.open_seconds}), or data would always be stale"
        )


def _repeated_names(settings: Settings) -> Iterator[str]:
    for key, names in (
        ("policies", [policy.name for policy in settings.policies]),
        ("alerts.rules", [rule.name for rule in settings.alerts.rules]),
        ("alerts.maintenance", [window.name for window in settings.alerts.maintenance]),
    ):
        twice = repeated(names)
        if twice:
            yield f"{key}: found the name {twice!r} more than once, expected each once; rename one"
    defaults = [policy.name for policy in settings.policies if policy.default]
    if len(defaults) > 1:
        yield (
            f"policies: found default = true in {defaults[0]!r} and in {defaults[1]!r}, "
            f"expected it once; remove one"
        )


def _dangling_names(settings: Settings) -> Iterator[str]:
    channels = settings.alerts.channels
    for name, channel in channels.items():
        if channel.lacks_address:
            yield (
                f"alerts.channels.{name}: found no address, expected one of url, url_env, url_file, "
                f"url_command, url_keyring"
            )
    calendar = settings.default_calendar
    if calendar is not None and calendar not in settings.calendars:
        yield unknown_name("default_calendar", calendar, settings.calendars, "calendars")
    working = settings.ui.working_hours
    if working is not None and working not in settings.calendars:
        yield unknown_name("ui.working_hours", working, settings.calendars, "calendars")
    yield from _alert_faults(settings)
    for place, report in enumerate(settings.reports.schedule):
        for one in report.channels:
            if one not in channels:
                where = f"reports.schedule[{place}].channels"
                yield unknown_name(where, one, channels, "alerts.channels")


def _alert_faults(settings: Settings) -> Iterator[str]:
    """Yield what the settings about alerts name and does not exist."""
    alerts = settings.alerts
    known = (alerts.channels, alerts.people, alerts.on_call)
    yield from people_faults(alerts.people, alerts.on_call, alerts.channels)
    yield from _escalation_names(settings)
    for name, route in alerts.routes.items():
        yield from target_faults(f"alerts.routes.{name}", route, *known)
    for index, rule in enumerate(alerts.rules):
        yield from target_faults(f"alerts.rules[{index}]", rule, *known, alerts.routes)
    for name, plan in alerts.escalations.items():
        for place, step in enumerate(plan.steps):
            where = f"alerts.escalations.{name}.steps[{place}]"
            yield from target_faults(where, step, *known, alerts.routes)
    for key, used in _used_channels(settings):
        for one in used:
            if one not in alerts.channels:
                yield unknown_name(key, one, alerts.channels, "alerts.channels")


def _escalation_names(settings: Settings) -> Iterator[str]:
    alerts = settings.alerts
    named = [("alerts.escalation", alerts.escalation)]
    named += [(f"alerts.rules[{i}].escalation", r.escalation) for i, r in enumerate(alerts.rules)]
    for key, wanted in named:
        if wanted is not None and wanted not in alerts.escalations:
            yield unknown_name(key, wanted, alerts.escalations, "alerts.escalations")


def _used_channels(settings: Settings) -> Iterator[tuple[str, list[str]]]:
    yield "alerts.escalation_channels", settings.alerts.escalation_channels
    for index, policy in enumerate(settings.policies):
        for step, escalation in enumerate(policy.escalation):
            yield f"policies[{index}].escalation[{step}].channels", escalation.channels
