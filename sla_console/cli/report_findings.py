"""What looks wrong in the settings about reports, before a client waits for one."""

from collections.abc import Iterator, Sequence

from sla_console.cli.findings import CheckFinding, unknown_names
from sla_console.config.settings import Settings
from sla_console.domain.errors import UserError
from sla_console.domain.sla.lint import KnownNames
from sla_console.domain.tickets.reference import only_one, referred
from sla_console.domain.tickets.ticket import Ticket


def report_findings(settings: Settings) -> Iterator[CheckFinding]:
    """Yield the schedules whose channels are switched off, or take no files.

    Args:
        settings: The configuration.
    """
    takes: dict[str, bool] = {}
    enabled = set(settings.alerts.enabled())
    for schedule in settings.reports.schedule:
        subject = f"report {schedule.name}"
        faults = 0
        for name in dict.fromkeys(schedule.channels):
            if name not in enabled:
                faults += 1
                yield CheckFinding(
                    "trouble", subject, f"its channel {name} is switched off, so nothing is sent"
                )
                continue
            if name not in takes:
                takes[name] = _takes_files(settings, name)
            if not takes[name]:
                faults += 1
                yield CheckFinding(
                    "trouble",
                    subject,
                    f"its channel {name} takes no files, so only the figures would be sent; name "
                    f"one that does, such as mail",
                )
        if not faults:
            yield CheckFinding(
                "ok", subject, f"goes out each {schedule.every} through {_words(schedule.channels)}"
            )


def report_name_findings(settings: Settings, known: KnownNames) -> Iterator[CheckFinding]:
    """Yield the clients and groups of schedules that the desk does not have.

    Args:
        settings: The configuration.
        known: The names the desk has, as far as they are known.
    """
    for schedule in settings.reports.schedule:
        for what, wanted, there in (
            ("client", schedule.clients, known.clients),
            ("group", schedule.groups, known.groups),
        ):
            yield from unknown_names(f"report {schedule.name}", what, wanted, there)


def exclusion_findings(settings: Settings, tickets: Sequence[Ticket]) -> Iterator[CheckFinding]:
    """Yield the excluded numbers that several tickets carry: all of them are left out.

    Args:
        settings: The configuration.
        tickets: Those there are, as far as they are known.
    """
    for one in settings.reports.exclusions:
        for reference in one.tickets:
            try:
                only_one(reference, referred(reference, tickets))
            except UserError as error:
                yield CheckFinding("trouble", "reports", f"exclusions: {error}")


def _takes_files(settings: Settings, name: str) -> bool:
    """Return whether a channel takes files; one that cannot be built is found elsewhere."""
    from sla_console.alerting.channels import build_channel
    from sla_console.cli.alerting import channel_spec

    try:
        return build_channel(channel_spec(settings, name)).takes_files
    except UserError:
        return True


def _words(channels: list[str]) -> str:
    return ", ".join(dict.fromkeys(channels))
