"""``sla-console explain``: why a ticket is due when it is, and what would change that."""

import argparse
import asyncio
import json
from datetime import tzinfo
from zoneinfo import ZoneInfo

from sla_console.cli.clock import SystemClock
from sla_console.cli.configuration import Configuration, configured
from sla_console.domain.clock import Clock


def run(args: argparse.Namespace) -> int:
    """Print the explanation of one ticket, with what a change would make of it if asked."""
    from sla_console.cli.compose import log_file

    configuration = configured(args)
    log_file(configuration.settings, configuration.paths)
    asyncio.run(_explain(configuration, args, SystemClock()))
    return 0


async def _explain(configuration: Configuration, args: argparse.Namespace, clock: Clock) -> None:
    from sla_console.cli.compose import open_service
    from sla_console.domain.what_if import parse_what_if
    from sla_console.service.explanation_text import (
        explanation_document,
        explanation_lines,
        supposition_lines,
    )

    settings, now = configuration.settings, clock.now()
    change = parse_what_if(args.what_if, now) if args.what_if else None
    async with open_service(settings, configuration.paths, clock, monitoring=False) as service:
        if args.sync:
            await service.sync_once()
        explanation = await service.explain(args.ticket)
        supposed = await service.suppose(args.ticket, change) if change else None
    if args.json:
        print(json.dumps(explanation_document(explanation, supposed), indent=2))
        return
    zone = display_zone(settings.ui.timezone)
    print("\n".join(explanation_lines(explanation, zone)))
    if supposed is not None:
        print("\n".join(supposition_lines(supposed, explanation.now, zone)))


def display_zone(name: str | None) -> tzinfo:
    """Return the zone of the times shown; None: this machine's."""
    if name is not None:
        return ZoneInfo(name)
    local = SystemClock().now().astimezone().tzinfo
    if local is None:
        raise AssertionError("an aware moment has a zone")
    return local
