"""``sla-console explain``: why a ticket is due when it is, and what would change that."""

import argparse
import json
from datetime import tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sla_console.cli.asking import ask
from sla_console.cli.clock import SystemClock
from sla_console.cli.zone import local_zone

if TYPE_CHECKING:
    from sla_console.monitoring.explanation import Explanation, Supposition
    from sla_console.service.sla_service import SLAService


def run(args: argparse.Namespace) -> int:
    """Print the explanation of one ticket, with what a change would make of it if asked."""
    from sla_console.domain.sla.what_if import parse_what_if
    from sla_console.service.explanation_text import (
        explanation_document,
        explanation_lines,
        supposition_lines,
    )

    change = parse_what_if(args.what_if, SystemClock().now()) if args.what_if else None

    async def question(service: "SLAService") -> "tuple[Explanation, Supposition | None]":
        explanation = await service.explain(args.ticket)
        return explanation, await service.suppose(args.ticket, change) if change else None

    asked = ask(args, question)
    explanation, supposed = asked.answer
    if args.json:
        print(json.dumps(asked.document(explanation_document(explanation, supposed)), indent=2))
        return 0
    zone = display_zone(asked.configuration.settings.ui.timezone)
    print("\n".join(asked.lines(explanation_lines(explanation, zone))))
    if supposed is not None:
        print("\n".join(supposition_lines(supposed, explanation.now, zone)))
    return 0


def display_zone(name: str | None) -> tzinfo:
    """Return the zone of the times shown; None: this machine's."""
    named = name or local_zone()
    if named is not None:
        return ZoneInfo(named)
    local = SystemClock().now().astimezone().tzinfo
    if local is None:
        raise AssertionError("an aware moment has a zone")
    return local
