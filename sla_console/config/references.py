"""Names in the settings that point at each other: channels, calendars, policies, rules."""

from collections.abc import Iterable, Iterator

from sla_console.config.faults import nearest
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
        if not channel.written_sources():
            yield (
                f"alerts.channels.{name}: found no address, expected one of url, url_env, url_file, "
                f"url_command, url_keyring"
            )
    calendar = settings.default_calendar
    if calendar is not None and calendar not in settings.calendars:
        yield _unknown("default_calendar", calendar, settings.calendars, "calendars")
    for key, used in _used_channels(settings):
        for name in used:
            if name not in channels:
                yield _unknown(key, name, channels, "alerts.channels")


def _used_channels(settings: Settings) -> Iterator[tuple[str, list[str]]]:
    for index, rule in enumerate(settings.alerts.rules):
        yield f"alerts.rules[{index}].channels", rule.channels
    yield "alerts.escalation_channels", settings.alerts.escalation_channels
    for index, policy in enumerate(settings.policies):
        for step, escalation in enumerate(policy.escalation):
            yield f"policies[{index}].escalation[{step}].channels", escalation.channels


def _unknown(key: str, name: str, known: Iterable[str], table: str) -> str:
    names = sorted(known)
    meant = nearest(name, names)
    if meant:
        advice = f"did you mean {meant}?"
    elif names:
        advice = f"known are {', '.join(names)}"
    else:
        advice = f"there is none yet, so add one as [{table}.NAME]"
    # An address put where its name belongs may hold a password.
    found = "an address" if "://" in name else repr(name)
    return f"{key}: found {found}, expected a name from {table}; {advice}"
