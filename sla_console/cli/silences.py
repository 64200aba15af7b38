"""``sla-console silences``: what is not told, who wants it so, why, and until when."""

import argparse
import asyncio
import json
import re
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from sla_console.cli.clock import SystemClock
from sla_console.cli.configuration import Configuration, configured
from sla_console.cli.operator import author
from sla_console.cli.stored import opened_store, policies_in_force
from sla_console.domain.alerts.silence import Silence
from sla_console.domain.durations import words
from sla_console.domain.errors import UserError
from sla_console.domain.matcher import Matcher
from sla_console.domain.names import folded, hint
from sla_console.domain.text import clean
from sla_console.domain.tickets.operation import AuditEntry
from sla_console.domain.tickets.reference import only_one, referred

if TYPE_CHECKING:
    from sla_console.store.store import Store

SCHEMA_VERSION: Final = 1
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}
_PAST: Final = timedelta(days=30)
_LONGEST: Final = timedelta(days=31)


def run(args: argparse.Namespace) -> int:
    """List, add or end."""
    configuration = configured(args)
    act = {"add": _add, "end": _end}.get(args.action, _list)
    return asyncio.run(_with_store(configuration, args, act))


async def _with_store(configuration: Configuration, args: argparse.Namespace, act: Any) -> int:
    async with opened_store(configuration) as store:
        if store is None:
            raise UserError(
                f"{configuration.paths.database}: there is no store yet; start the console once"
            )
        code: int = await act(configuration, args, store)
        return code


async def _list(configuration: Configuration, args: argparse.Namespace, store: "Store") -> int:
    now = SystemClock().now()
    found = (
        await store.silences.since(now - _PAST) if args.past else await store.silences.active(now)
    )
    if args.json:
        print(json.dumps(document(found, now), indent=2))
        return 0
    if not found:
        print("Nothing is silenced.")
    for silence in found:
        left = f"{words(silence.end - now)} left" if silence.active(now) else "over"
        until = _local(silence.end, configuration)
        print(
            f"{silence.id}  {silence.matcher.words()}  until {until} ({left})  "
            f"by {silence.author}: {silence.reason}"
        )
    return 0


async def _add(configuration: Configuration, args: argparse.Namespace, store: "Store") -> int:
    now, by = SystemClock().now(), author(configuration.settings)
    matcher = Matcher(
        clients=tuple(args.client or ()),
        priorities=tuple(args.priority or ()),
        groups=tuple(args.group or ()),
        policies=tuple(args.policy or ()),
        tickets=tuple(args.ticket or ()),
        technicians=tuple(args.technician or ()),
    )
    if not matcher and not args.all:
        raise UserError(
            "silences add: found nothing to silence, expected --client, --ticket, --priority, "
            "--group, --policy or --technician, or --all for everything"
        )
    end = _end_of(args, now, configuration)
    reason = clean(args.reason or "", 500)
    if not reason:
        raise UserError('silences add: found no reason, expected --reason "why nobody is told"')
    if not args.force:
        await _must_be_known(configuration, store, matcher)
    silence = Silence(secrets.token_hex(4), matcher, by, reason, now, end)
    detail = f"{matcher.words()} until {end:%Y-%m-%d %H:%M} UTC: {reason}"
    await store.silences.add(silence, AuditEntry(now, by, "silence", silence.id, detail))
    until = _local(end, configuration)
    print(f"{silence.id}: nothing is told of {matcher.words()} until {until}")
    return 0


async def _end(configuration: Configuration, args: argparse.Namespace, store: "Store") -> int:
    now, by = SystemClock().now(), author(configuration.settings)
    if not args.id:
        raise UserError("silences end: found no id, expected one that 'silences list' shows")
    entry = AuditEntry(now, by, "end silence", args.id)
    if not await store.silences.end(args.id, now, entry):
        known = [silence.id for silence in await store.silences.active(now)]
        raise UserError(
            f"silences end: found {args.id!r}, expected the id of one that holds; "
            f"there are {', '.join(known) or 'none'}"
        )
    print(f"{args.id}: ended; it is told again, and one message says what is still broken")
    return 0


def _end_of(args: argparse.Namespace, now: datetime, configuration: Configuration) -> datetime:
    if bool(args.span) == bool(args.until):
        raise UserError(
            "silences add: expected one of --for 2h and --until 2026-11-24T09:00, because every "
            "silence has an end"
        )
    if args.span:
        span = re.fullmatch(r"(\d{1,4})([mhd])", args.span)
        if span is None:
            raise UserError(
                f"silences add: --for: found {args.span[:20]!a}, expected a span such as 30m, 2h "
                f"or 1d"
            )
        end = now + timedelta(**{_UNITS[span[2]]: int(span[1])})
    else:
        end = _moment(args.until, configuration)
    if not now < end <= now + _LONGEST:
        raise UserError("silences add: it must end in the future, and within 31 days")
    return end


def _moment(text: str, configuration: Configuration) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise UserError(
            f"silences add: --until: found {text[:30]!a}, expected a date and time such as "
            f"2026-11-24T09:00"
        ) from None
    if found.tzinfo is None:
        name = configuration.settings.ui.timezone
        found = found.replace(tzinfo=ZoneInfo(name)) if name else found
    try:
        return found.astimezone(UTC)
    except OverflowError:
        # At the ends of the calendar an offset leads out of it.
        return found.replace(tzinfo=UTC)


async def _must_be_known(configuration: Configuration, store: "Store", matcher: Matcher) -> None:
    """Refuse names that nothing here has: a misspelt silence silences nothing.

    Raises:
        UserError: naming the nearest one.
    """
    tickets = await store.tickets.load_open()
    technicians = await store.people.technicians()
    policies = await policies_in_force(configuration, store)
    known = {
        "--client": {name for c in await store.people.clients() for name in (c.name, *c.earlier)}
        | {t.client for t in tickets if t.client},
        "--ticket": {t.display_id for t in tickets} | {t.id for t in tickets},
        "--priority": {t.priority for t in tickets if t.priority}
        | {p.priority_level for p in policies if p.priority_level}
        | set(configuration.settings.priorities.names()),
        "--group": {group for t in technicians for group in t.groups}
        | {t.group for t in tickets if t.group},
        "--policy": {p.name for p in policies} | {t.sla_name for t in tickets if t.sla_name},
        "--technician": {t.name for t in technicians},
    }
    asked = {
        "--client": matcher.clients,
        "--ticket": matcher.tickets,
        "--priority": matcher.priorities,
        "--group": matcher.groups,
        "--policy": matcher.policies,
        "--technician": matcher.technicians,
    }
    for reference in matcher.tickets:
        # A silence of a number would hold back what is told of every ticket that carries it.
        only_one(reference, referred(reference, tickets))
    for option, names in asked.items():
        here = {folded(name) for name in known[option]}
        for name in names:
            if folded(name) not in here:
                advice = hint(name, known[option]) or "--force silences it all the same"
                raise UserError(
                    f"silences add: {option}: found {name[:60]!r}, which is not known here; {advice}"
                )


def document(found: Sequence[Silence], now: datetime) -> dict[str, Any]:
    """Return silences as JSON data; new keys may come. Moments are ISO UTC.

    - ``schema_version``: 1
    - ``silences``: each ``id``, ``words``, ``author``, ``reason``, ``start``, ``end``, ``active``
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "silences": [
            {
                "id": one.id,
                "words": one.matcher.words(),
                "author": one.author,
                "reason": one.reason,
                "start": one.start.isoformat(),
                "end": one.end.isoformat(),
                "active": one.active(now),
            }
            for one in found
        ],
    }


def _local(moment: datetime, configuration: Configuration) -> str:
    name = configuration.settings.ui.timezone
    return f"{moment.astimezone(ZoneInfo(name) if name else None):%Y-%m-%d %H:%M %Z}"
