"""``sla-console check``: is everything right before the wall screen depends on it?

One line a finding: ``ok``, ``note`` or ``trouble``, what was looked at, and what to do.
"""

import argparse
import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from sla_console.cli.alert_findings import (
    alert_findings,
    alert_name_findings,
    on_call_findings,
    stored_name_findings,
)
from sla_console.cli.clock import SystemClock
from sla_console.cli.configuration import Configuration, configured
from sla_console.cli.findings import (
    CheckFinding,
    name_findings,
    priority_findings,
    promise_findings,
    site_findings,
    source_findings,
)
from sla_console.cli.hooks import hook_findings
from sla_console.cli.policies import known_names
from sla_console.cli.proxy_findings import proxy_findings
from sla_console.cli.report_findings import (
    exclusion_findings,
    report_findings,
    report_name_findings,
)
from sla_console.cli.screen_findings import screen_findings
from sla_console.cli.stored import Stored, read_stored
from sla_console.config.secrets import Secret
from sla_console.domain.errors import SLAConsoleError, UserError
from sla_console.domain.sla.lint import KnownNames, status_lints

if TYPE_CHECKING:
    from sla_console.superops.client import SuperOpsClient


def run(args: argparse.Namespace) -> int:
    """Look at everything; 1 if there is trouble."""
    configuration = configured(args)
    findings = asyncio.run(_all(configuration))
    return 1 if any(finding.level == "trouble" for finding in findings) else 0


async def _all(configuration: Configuration) -> list[CheckFinding]:
    seen = []
    async for finding in _look(configuration):
        print(finding.line(), flush=True)
        seen.append(finding)
    return seen


async def _look(configuration: Configuration) -> AsyncIterator[CheckFinding]:
    settings = configuration.settings
    yield CheckFinding("ok", "configuration", str(settings.file or "from the environment"))
    today = SystemClock().now().date()
    for finding in chain(
        promise_findings(settings, today),
        _channels(configuration),
        _heartbeat(configuration),
        alert_findings(settings, SystemClock().now()),
        proxy_findings(settings),
        hook_findings(settings),
        screen_findings(settings),
        report_findings(settings),
    ):
        yield finding
    desk = _Desk()
    async for finding in _store(configuration, desk):
        yield finding
    for finding in on_call_findings(
        settings, desk.stored.handovers, desk.stored.absences, SystemClock().now()
    ):
        yield finding
    for finding in stored_name_findings(settings, desk.stored.breaches, desk.stored.owed_to):
        yield finding
    async for finding in _superops(configuration, desk):
        yield finding
    holidays = settings.site_holidays_as_domain()
    for finding in chain(
        name_findings(settings.policies_as_domain(), desk.names, desk.stored),
        source_findings(settings, desk.stored),
        alert_name_findings(settings, replace(desk.names, priorities=desk.priorities)),
        report_name_findings(settings, desk.names),
        priority_findings(settings, desk.priorities, desk.stored),
        exclusion_findings(settings, desk.stored.tickets),
        site_findings(desk.stored.sites, desk.stored.clients, holidays, today),
    ):
        yield finding


class _Desk:
    """What is known of the desk so far: from the store, then from SuperOps where it answers."""

    def __init__(self) -> None:
        self.stored = Stored()
        self.names = KnownNames()
        self.priorities: frozenset[str] | None = None
        """All that SuperOps has; None where it has not answered."""

    def remember(self, stored: Stored) -> None:
        """Take what a store or SuperOps has."""
        self.stored = stored
        self.names = known_names(stored)


def _channels(configuration: Configuration) -> Iterator[CheckFinding]:
    from sla_console.alerting.channels import build_channel
    from sla_console.cli.alerting import channel_spec

    settings = configuration.settings
    names = settings.alerts.enabled()
    if not names:
        yield CheckFinding(
            "note", "alerts", "no channel is configured, so nobody is told of a breach"
        )
    sources = settings.channel_sources()
    for name in names:
        try:
            build_channel(channel_spec(settings, name))
        except UserError as error:
            yield CheckFinding("trouble", f"channel {name}", str(error))
        else:
            source = sources.get(name)
            where = f"; address from {source.describe()}" if source else ""
            yield CheckFinding("ok", f"channel {name}", f"understood{where}")


def _heartbeat(configuration: Configuration) -> Iterator[CheckFinding]:
    from sla_console.cli.alerting import heartbeat_of

    settings = configuration.settings.alerts.heartbeat
    try:
        source = settings.source("alerts.heartbeat")
        heartbeat = heartbeat_of(configuration.settings)
    except UserError as error:
        yield CheckFinding("trouble", "heartbeat", str(error))
    else:
        if heartbeat is not None and source is not None:
            yield CheckFinding("ok", "heartbeat", f"understood; address from {source.describe()}")


async def _store(configuration: Configuration, desk: _Desk) -> AsyncIterator[CheckFinding]:
    paths = configuration.paths
    try:
        stored = await read_stored(configuration)
    except SLAConsoleError as error:
        yield CheckFinding("trouble", "store", str(error))
        return
    if stored is None:
        yield CheckFinding(
            "note", "store", f"{paths.database} is not there yet; the first start makes it"
        )
        return
    desk.remember(stored)
    yield CheckFinding("ok", "store", f"{paths.database} opens; {len(stored.tickets)} open tickets")


async def _superops(configuration: Configuration, desk: _Desk) -> AsyncIterator[CheckFinding]:
    from sla_console.cli.compose import PATIENCE, superops_client

    settings = configuration.settings
    try:
        settings.require_subdomain()
        source = settings.token_source()
        token: Secret = source.read()
    except UserError as error:
        yield CheckFinding("trouble", "token", str(error))
        return
    del token
    yield CheckFinding("ok", "token", f"from {source.describe()}")
    client = superops_client(settings, SystemClock(), PATIENCE)
    try:
        async for finding in _answers(configuration, client, desk):
            yield finding
    except SLAConsoleError as error:
        yield CheckFinding("trouble", "superops", str(error))
    finally:
        await client.aclose()


async def _answers(
    configuration: Configuration, client: "SuperOpsClient", desk: _Desk
) -> AsyncIterator[CheckFinding]:
    """Give what SuperOps answers, and remember what it has."""
    statuses = configuration.settings.statuses
    technicians = await client.technicians()
    yield CheckFinding("ok", "superops", f"signed in; {len(technicians)} technicians")
    found = await client.statuses()
    unknown = status_lints({"hold": statuses.hold, "closed": statuses.closed}, found)
    for words in unknown:
        yield CheckFinding("note", "statuses", words)
    if unknown:
        yield CheckFinding("note", "statuses", f"SuperOps has {', '.join(sorted(found))}")
    tickets = await client.open_tickets(statuses.closed)
    without = sum(t.response_due is None and t.resolution_due is None for t in tickets)
    yield CheckFinding("ok", "tickets", f"{len(tickets)} open; {without} without due times")
    # The catalogues that the store has were read not long ago; a big desk's cost many requests.
    clients = desk.stored.clients or tuple(await client.clients())
    sites = desk.stored.sites or tuple(await client.sites())
    desk.remember(Stored(tuple(tickets), tuple(technicians), clients, sites))
    slas = {name for _, name in await client.sla_names()}
    desk.names = replace(desk.names, slas=slas or None)
    desk.priorities = frozenset(await client.priorities()) or None
