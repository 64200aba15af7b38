"""``sla-console policies``: the promises of the configuration, and what looks wrong in them.

Both work without SuperOps. Where a store exists, it tells how many open tickets each promise is
for, and what the clients' sites are like.
"""

import argparse
import asyncio
import json
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from sla_console.cli.clock import SystemClock
from sla_console.cli.configuration import Configuration, configured
from sla_console.cli.findings import (
    CheckFinding,
    name_findings,
    promise_findings,
    site_findings,
    source_findings,
)
from sla_console.cli.stored import Stored, read_stored
from sla_console.domain.durations import hours_words
from sla_console.domain.names import folded
from sla_console.domain.sla.lint import KnownNames
from sla_console.domain.sla.policy import (
    ROUND_THE_CLOCK,
    PolicyTable,
    SLAPolicy,
    WhoseHours,
    match_order,
)

SCHEMA_VERSION: Final = 1
_HEADS: Final = ("POLICY", "FOR", "RESPONSE", "RESOLVE", "HOURS", "OPEN")
_FOR: Final = 1
_NARROWEST: Final = 12


def run(args: argparse.Namespace) -> int:
    """Print the policies, or what looks wrong in them; 1 if the check finds trouble."""
    configuration = configured(args)
    stored = asyncio.run(read_stored(configuration))
    if args.action == "check":
        return _check(configuration, stored, as_json=args.json)
    if args.json:
        print(json.dumps(document(configuration, stored), indent=2))
    else:
        width = shutil.get_terminal_size((120, 24)).columns
        print("\n".join(lines(configuration, stored, width)))
    return 0


def _check(configuration: Configuration, stored: Stored | None, *, as_json: bool) -> int:
    findings = list(_findings(configuration, stored))
    if as_json:
        rows = [{"level": f.level, "subject": f.subject, "words": f.words} for f in findings]
        print(json.dumps({"schema_version": SCHEMA_VERSION, "findings": rows}, indent=2))
    else:
        print("\n".join(finding.line() for finding in findings))
    return 1 if any(finding.level == "trouble" for finding in findings) else 0


def _findings(configuration: Configuration, stored: Stored | None) -> Iterator[CheckFinding]:
    settings = configuration.settings
    today = SystemClock().now().date()
    yield from promise_findings(settings, today)
    yield from source_findings(settings, stored)
    if stored is not None:
        yield from name_findings(settings.policies_as_domain(), known_names(stored), stored)
        yield from site_findings(
            stored.sites, stored.clients, settings.site_holidays_as_domain(), today
        )


def known_names(stored: Stored) -> KnownNames:
    """Return the names that a store can know in full; what it has none of is not known."""
    groups = {group for technician in stored.technicians for group in technician.groups}
    return KnownNames(
        clients={name for one in stored.clients for name in (one.name, *one.earlier)} or None,
        groups=groups or None,
    )


def document(configuration: Configuration, stored: Stored | None) -> dict[str, Any]:
    """Return the policies as JSON data, the most specific first; new keys may come.

    - ``schema_version``: 1
    - ``policies``: each ``name``, ``conditions`` (list of words), ``default``,
      ``response_minutes``, ``resolution_hours``, ``business_hours_only``, ``calendar`` (name, or
      null for the client's own hours), ``response_calendar`` (the same of the first response, or
      ``24x7``), ``order``, and ``open_tickets`` (null without a store)
    - ``open_tickets_without_policy``: null without a store
    - ``superops_slas``: SLAs of SuperOps that no policy describes, each ``id``, ``name``,
      ``known_since`` and ``unchanged_since`` (ISO UTC), and ``open_tickets``; null without a store
    """
    policies = match_order(configuration.settings.policies_as_domain())
    counts = _open_tickets(policies, stored)
    return {
        "schema_version": SCHEMA_VERSION,
        "policies": [
            {
                "name": policy.name,
                "conditions": list(policy.conditions),
                "default": policy.default,
                "response_minutes": policy.response_time_minutes,
                "resolution_hours": policy.resolution_time_hours,
                "business_hours_only": policy.business_hours_only,
                "calendar": _calendar(configuration, policy.calendar)
                if policy.business_hours_only
                else None,
                "response_calendar": _calendar(configuration, policy.response_hours),
                "order": policy.order,
                "open_tickets": None if counts is None else counts[policy.id],
            }
            for policy in policies
        ],
        "open_tickets_without_policy": None if counts is None else counts[None],
        "superops_slas": None
        if counts is None
        else [
            {
                "id": sla.id,
                "name": sla.name,
                "known_since": sla.created_at and sla.created_at.isoformat(),
                "unchanged_since": sla.updated_at and sla.updated_at.isoformat(),
                "open_tickets": counts[sla.id],
            }
            for sla in _slas(stored)
        ],
    }


def lines(configuration: Configuration, stored: Stored | None, width: int) -> list[str]:
    """Return the policies as a table, the most specific first, no wider than it must be."""
    policies = match_order(configuration.settings.policies_as_domain())
    slas = _slas(stored)
    if not policies and not slas:
        return ["no policies; tickets to which SuperOps gives no due time have no clock"]
    counts = _open_tickets(policies, stored)
    rows = [_HEADS, *(_row(configuration, policy, counts) for policy in policies)]
    rows += [_sla_row(sla, counts) for sla in slas]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADS))]
    spare = width - sum(widths) - 2 * (len(widths) - 1)
    if spare < 0:
        widths[_FOR] = max(_NARROWEST, widths[_FOR] + spare)
    found = ["  ".join(map(_cell, row, widths)).rstrip() for row in rows]
    if counts is None:
        found += ["", "no open tickets are known yet; the first start of the console reads them"]
    elif counts[None]:
        found += ["", f"open tickets under no policy: {counts[None]}"]
    return found


def _row(
    configuration: Configuration, policy: SLAPolicy, counts: Counter[str | None] | None
) -> tuple[str, ...]:
    response, resolution = policy.response_target, policy.resolution_target
    hours, first = (
        _calendar(configuration, named) or "client's hours"
        for named in (policy.hours, policy.response_hours)
    )
    return (
        policy.name,
        "everything else" if policy.default else ", ".join(policy.conditions),
        hours_words(response) if response else "-",
        hours_words(resolution) if resolution else "-",
        hours if hours == first else f"{hours}, response {first}",
        "-" if counts is None else str(counts[policy.id]),
    )


def _slas(stored: Stored | None) -> list[SLAPolicy]:
    """Return SuperOps' SLAs that no policy describes; of their targets nothing is known."""
    return [policy for policy in (stored.policies if stored else ()) if not policy.targets]


def _sla_row(sla: SLAPolicy, counts: Counter[str | None] | None) -> tuple[str, ...]:
    said = "as SuperOps says"
    return (sla.name, *sla.conditions, said, said, said, str(counts[sla.id]) if counts else "-")


def _calendar(configuration: Configuration, named: str | WhoseHours | None) -> str | None:
    """Return what a promise counts in, None for the client's own hours."""
    if named is WhoseHours.CLIENT:
        return None
    if named is WhoseHours.EVERY:
        return ROUND_THE_CLOCK
    return named or configuration.settings.default_calendar


def _open_tickets(
    policies: Sequence[SLAPolicy], stored: Stored | None
) -> Counter[str | None] | None:
    """Return how many open tickets each policy is for, by its id; None for those without one."""
    if stored is None:
        return None
    table = PolicyTable(policies)
    slas = {folded(sla.name): sla.id for sla in _slas(stored)}
    found = ((table.policy_of(ticket), folded(ticket.sla_name or "")) for ticket in stored.tickets)
    return Counter(slas.get(sla) if policy is None else policy.id for policy, sla in found)


def _cell(text: str, width: int) -> str:
    return text.ljust(width) if len(text) <= width else text[: width - 1] + "…"
