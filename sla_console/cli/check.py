"""``sla-console check``: is everything right before the wall screen depends on it?

One line a finding: ``ok``, ``note`` or ``trouble``, what was looked at, and what to do.
"""

import argparse
import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

from sla_console.cli.clock import SystemClock
from sla_console.cli.configuration import Configuration, configured
from sla_console.config.secrets import Secret
from sla_console.domain.errors import SLAConsoleError, UserError


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the answer."""

    level: str
    subject: str
    words: str

    def line(self) -> str:
        """Return the finding as printed."""
        return f"{self.level:<8} {self.subject:<14} {self.words}"


def run(args: argparse.Namespace) -> int:
    """Look at everything; 1 if there is trouble."""
    configuration = configured(args)
    findings = asyncio.run(_all(configuration))
    return 1 if any(finding.level == "trouble" for finding in findings) else 0


async def _all(configuration: Configuration) -> list[Finding]:
    seen = []
    async for finding in _look(configuration):
        print(finding.line(), flush=True)
        seen.append(finding)
    return seen


async def _look(configuration: Configuration) -> AsyncIterator[Finding]:
    settings = configuration.settings
    yield Finding("ok", "configuration", str(settings.file or "from the environment"))
    for finding in _promises(configuration):
        yield finding
    for finding in _channels(configuration):
        yield finding
    async for finding in _store(configuration):
        yield finding
    async for finding in _superops(configuration):
        yield finding


def _promises(configuration: Configuration) -> Iterator[Finding]:
    settings = configuration.settings
    policies = settings.policies_as_domain()
    if not policies:
        yield Finding(
            "note", "policies", "none; tickets to which SuperOps gives no due time have no clock"
        )
    elif not any(policy.default for policy in policies):
        yield Finding("note", "policies", f"{len(policies)}, but no default for other tickets")
    else:
        yield Finding("ok", "policies", f"{len(policies)}")
    today = SystemClock().now().date()
    for name, calendar in settings.calendars_as_domain().items():
        if not any(day.year == today.year for day in calendar.holidays):
            yield Finding("note", f"calendar {name}", f"has no holidays in {today.year}")
    if settings.policies and not settings.calendars and not settings.default_calendar:
        yield Finding("note", "calendars", "none; the hours of the clients' sites count")


def _channels(configuration: Configuration) -> Iterator[Finding]:
    from sla_console.alerting.channels import build_channel

    sources = configuration.settings.channel_sources()
    if not sources:
        yield Finding("note", "alerts", "no channel is configured, so nobody is told of a breach")
    for name, source in sources.items():
        try:
            build_channel(name, source.read())
        except UserError as error:
            yield Finding("trouble", f"channel {name}", str(error))
        else:
            yield Finding("ok", f"channel {name}", f"understood; URL from {source.describe()}")


async def _store(configuration: Configuration) -> AsyncIterator[Finding]:
    from sla_console.store.key import load_or_create_key
    from sla_console.store.store import Store

    paths = configuration.paths
    if not paths.database.exists():
        yield Finding(
            "note", "store", f"{paths.database} is not there yet; the first start makes it"
        )
        return
    try:
        store = await Store.open(paths.database, load_or_create_key(paths.key_file))
    except SLAConsoleError as error:
        yield Finding("trouble", "store", str(error))
        return
    count = len(await store.tickets.load_open())
    await store.close()
    yield Finding("ok", "store", f"{paths.database} opens; {count} open tickets")


async def _superops(configuration: Configuration) -> AsyncIterator[Finding]:
    from sla_console.cli.compose import superops_client

    settings = configuration.settings
    try:
        settings.require_subdomain()
        source = settings.token_source()
        token: Secret = source.read()
    except UserError as error:
        yield Finding("trouble", "token", str(error))
        return
    del token
    yield Finding("ok", "token", f"from {source.describe()}")
    client = superops_client(settings, SystemClock())
    try:
        technicians = await client.technicians()
        yield Finding("ok", "superops", f"signed in; {len(technicians)} technicians")
        found = {status.casefold() for status in await client.statuses()}
        missing = [
            name
            for name in (*settings.statuses.hold, *settings.statuses.closed)
            if found and name.casefold() not in found
        ]
        if missing:
            yield Finding(
                "note",
                "statuses",
                f"not known to SuperOps: {', '.join(missing)}; it has {', '.join(sorted(found))}",
            )
        tickets = await client.open_tickets(settings.statuses.closed)
        without = sum(t.response_due is None and t.resolution_due is None for t in tickets)
        yield Finding("ok", "tickets", f"{len(tickets)} open; {without} without due times")
    except SLAConsoleError as error:
        yield Finding("trouble", "superops", str(error))
    finally:
        await client.aclose()
