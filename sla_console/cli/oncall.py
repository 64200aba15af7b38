"""``sla-console oncall``: who is on call, and what people change about it themselves."""

import argparse
import asyncio
import json
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from sla_console.cli.clock import SystemClock
from sla_console.cli.configuration import Configuration, configured
from sla_console.cli.operator import author, operator
from sla_console.cli.stored import opened_store
from sla_console.domain.errors import NotAllowed, UserError
from sla_console.domain.names import hint
from sla_console.domain.people import ical
from sla_console.domain.people.directory import Directory
from sla_console.domain.people.on_call import Rotation
from sla_console.domain.people.rota import (
    Absence,
    Handover,
    Stretch,
    handed_over,
    stretch_at,
    stretches,
)
from sla_console.domain.text import clean
from sla_console.domain.tickets.operation import AuditEntry
from sla_console.service.on_call_actions import LONGEST, OnCallActions

if TYPE_CHECKING:
    from sla_console.store.store import Store

SCHEMA_VERSION: Final = 1
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}
_LARGEST: Final = 5_000_000


class _Desk:
    """Everything that one call of the command works with."""

    def __init__(
        self, configuration: Configuration, args: argparse.Namespace, store: "Store", now: datetime
    ) -> None:
        self.configuration, self.args, self.store, self.now = configuration, args, store, now
        self.directory: Directory = configuration.settings.alerts.directory_as_domain()
        self.actions = OnCallActions(store.rota, self.directory, SystemClock())
        self.actor = operator(configuration.settings.ui.operator)
        name = configuration.settings.ui.timezone
        self.zone: tzinfo | None = ZoneInfo(name) if name else None

    def rotation(self, name: str | None) -> Rotation:
        """Return the rotation that is meant; the only one there is needs no name.

        Raises:
            UserError: if it is not known, or not clear which is meant.
        """
        known = {one.name: one for one in self.directory.rotations}
        if name in known:
            return known[name]
        if name is None and len(known) == 1:
            return next(iter(known.values()))
        found = "no rotation" if name is None else repr(clean(name, 60))
        near = "" if name is None else hint(name, known)
        there = ", ".join(known) or "none; add one under [alerts.on_call]"
        raise UserError(f"oncall: found {found}, expected one of alerts.on_call; {near or there}")

    def person(self, name: str) -> str:
        """Return a person of the configuration, by their name here or in SuperOps.

        Raises:
            UserError: if there is none of that name.
        """
        found = next((one for one in self.directory.people if one.is_technician(name)), None)
        if found is not None:
            return found.name
        known = [one.name for one in self.directory.people]
        near = hint(name, known) or f"there are {', '.join(known) or 'none'}"
        raise UserError(
            f"oncall: found {clean(name, 60)!r}, expected somebody of alerts.people; {near}"
        )

    def me(self) -> str:
        """Return who asks, as a person of the configuration.

        Raises:
            UserError: if nobody is known by the operator's name.
        """
        if self.args.person:
            return self.person(self.args.person)
        if any(one.is_technician(self.actor) for one in self.directory.people):
            return self.person(self.actor)
        raise UserError(
            f"oncall: found {clean(self.actor, 60)!r} as who you are, expected somebody of "
            f"alerts.people; name yourself with --person, or set ui.operator"
        )

    def local(self, moment: datetime) -> str:
        """Return a moment as people read it."""
        return f"{moment.astimezone(self.zone):%a %Y-%m-%d %H:%M %Z}"

    def moment(self, text: str, option: str) -> datetime:
        """Return a moment that a person wrote.

        Raises:
            UserError: if it is none.
        """
        try:
            found = datetime.fromisoformat(text)
            found = found if found.tzinfo else found.replace(tzinfo=self.zone)
            return found.astimezone(UTC)
        except (ValueError, OverflowError):
            raise UserError(
                f"oncall: {option}: found {text[:30]!a}, expected a date and time such as "
                f"2026-12-24T09:00"
            ) from None


def run(args: argparse.Namespace) -> int:
    """Show or change who is on call."""
    return asyncio.run(_run(configured(args), args))


async def _run(configuration: Configuration, args: argparse.Namespace) -> int:
    async with opened_store(configuration) as store:
        if store is None:
            raise UserError(
                f"{configuration.paths.database}: there is no store yet; start the console once"
            )
        desk = _Desk(configuration, args, store, SystemClock().now())
        desk.directory.take(await store.rota.handovers(desk.now))
        if args.action in _CHANGES or (args.action == "absent" and args.names):
            author(configuration.settings)  # refuses where nobody changes anything from here
        await _ACTIONS[args.action](desk)
        return 0


async def _who(desk: _Desk) -> None:
    args = desk.args
    at = desk.moment(args.at, "--at") if args.at else desk.now
    names = args.names or [one.name for one in desk.directory.rotations]
    rotations = [desk.rotation(name) for name in names]
    if not rotations:
        raise UserError("oncall: there is no rotation; add one under [alerts.on_call]")
    until = at + timedelta(days=_days(desk))
    found = {one.name: list(stretches(one, at, until)) for one in rotations}
    if args.json:
        print(json.dumps(document(found, await desk.store.rota.handovers(desk.now)), indent=2))
        return
    for name, turns in found.items():
        for place, turn in enumerate(turns):
            when = f"until {desk.local(turn.end)}" if turn.end < until else "and on"
            since = "now" if place == 0 and not args.at else f"from {desk.local(turn.start)}"
            print(f"{name}: {turn.person or 'NOBODY'}, {since} {when}")
    for one in await desk.store.rota.handovers(desk.now):
        if one.rotation in found:
            reason = f": {one.reason}" if one.reason else ""
            print(
                f"  {one.id}  {one.person} has {one.rotation} from {desk.local(one.start)} to "
                f"{desk.local(one.end)}, by {one.author}{reason}"
            )


def _days(desk: _Desk) -> int:
    days: int = desk.args.days
    if not 1 <= days <= LONGEST.days:
        raise UserError(f"oncall: --days: found {days}, expected 1 to {LONGEST.days}")
    return days


async def _take(desk: _Desk) -> None:
    names = desk.args.names
    rotation = desk.rotation(names[0] if names else None)
    await _to(desk, rotation, desk.me(), "take on call")


async def _give(desk: _Desk) -> None:
    names = desk.args.names
    if not names:
        raise UserError("oncall give: found nobody, expected the person who takes over")
    rotation = desk.rotation(names[1] if len(names) > 1 else None)
    await _to(desk, rotation, desk.person(names[0]), "give on call")


async def _to(desk: _Desk, rotation: Rotation, person: str, action: str) -> None:
    start, end = _span(desk, rotation)
    await _keep(desk, rotation, {person: (start, end)}, action)


def _span(desk: _Desk, rotation: Rotation) -> tuple[datetime, datetime]:
    """Return from when until when somebody takes over; the rest of the turn if not said."""
    args = desk.args
    start = desk.moment(args.start, "--from") if args.start else desk.now
    if args.span and args.until:
        raise UserError("oncall: found --for and --until, expected one of them")
    if args.span:
        found = re.fullmatch(r"(\d{1,4})([mhd])", args.span)
        if found is None:
            raise UserError(
                f"oncall: --for: found {args.span[:20]!a}, expected a span such as 30m, 2h or 1d"
            )
        end = start + timedelta(**{_UNITS[found[2]]: int(found[1])})
    elif args.until:
        end = desk.moment(args.until, "--until")
    else:
        end = stretch_at(rotation, start).end
    if not max(start, desk.now) < end <= start + LONGEST:
        raise UserError("oncall: it must end in the future, after it begins and within a year")
    return start, end


async def _swap(desk: _Desk) -> None:
    args = desk.args
    if not args.names or not args.mine or not args.theirs:
        raise UserError(
            "oncall swap: expected a person, a time in your turn and one in theirs: oncall swap bo "
            "--mine 2026-12-24T12:00 --theirs 2026-12-31T12:00"
        )
    other = desk.person(args.names[0])
    rotation = desk.rotation(args.names[1] if len(args.names) > 1 else None)
    me = desk.me()
    turns = []
    for option, text, whose in (("--mine", args.mine, me), ("--theirs", args.theirs, other)):
        turn = stretch_at(rotation, desk.moment(text, option), whole=True)
        if turn.person != whose:
            raise UserError(
                f"oncall swap: {option}: found a turn of {turn.person or 'nobody'}, expected one "
                f"of {whose}; see 'oncall who --days 60'"
            )
        if turn.end <= desk.now:
            raise UserError(
                f"oncall swap: {option}: found a turn that is over, expected one to come"
            )
        turns.append(turn)
    try:
        spans = handed_over(rotation, *turns)
    except ValueError as error:
        raise UserError(f"oncall swap: {error}") from None
    await _keep(desk, rotation, spans, "swap on call")


async def _keep(desk: _Desk, rotation: Rotation, spans: Any, action: str) -> None:
    made = await desk.actions.hand_over(
        rotation.name, spans, desk.actor, desk.args.reason or "", action
    )
    for one in made:
        when = f"from {desk.local(one.start)} to {desk.local(one.end)}"
        print(f"{one.id}: {one.person} has {one.rotation} {when}")


async def _end(desk: _Desk) -> None:
    names = desk.args.names
    known = await desk.store.rota.handovers(desk.now)
    wanted = names[0] if names else ""
    try:
        await desk.actions.end(wanted, desk.actor)
    except NotAllowed:
        there = ", ".join(one.id for one in known) or "none"
        raise UserError(
            f"oncall end: found {clean(wanted, 40) or 'no id'}, expected the id of a change that "
            f"holds or will; there are {there}"
        ) from None
    print(f"{wanted}: ended; the turns are as they were before it")


async def _ical(desk: _Desk) -> None:
    names = desk.args.names
    rotation = desk.rotation(names[0] if names else None)
    # From the beginning of the present turn on, so that it keeps its id in each export.
    start = stretch_at(rotation, desk.now, whole=True).start
    turns = list(stretches(rotation, start, desk.now + timedelta(days=_days(desk))))
    sys.stdout.write(ical.write(rotation.name, turns, desk.now))


async def _absent(desk: _Desk) -> None:
    names = desk.args.names
    if not names:
        for one in await desk.store.rota.absences(desk.now):
            print(f"{one.person} is away from {desk.local(one.start)} to {desk.local(one.end)}")
        return
    person = desk.person(names[0])
    if len(names) < 2:
        raise UserError("oncall absent: found no file, expected an iCalendar file, or - for stdin")
    found = _calendar(desk, names[1])
    away = [
        Absence(person, one.start, one.end, one.summary)
        for one in found.events
        if one.end > desk.now
    ]
    entry = AuditEntry(desk.now, desk.actor, "import absences", person, f"{len(away)} to come")
    await desk.store.rota.replace_absences(person, away, entry)
    print(f"{person}: absences to come: {len(away)}; what was known before is replaced")
    if found.repeating:
        print(
            f"Repeating events left out: {found.repeating}; write each time as an event of its own"
        )


def _calendar(desk: _Desk, name: str) -> ical.Calendar:
    try:
        if name == "-":
            text = sys.stdin.read(_LARGEST)
        else:
            with Path(name).open(encoding="utf-8") as file:
                text = file.read(_LARGEST)
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise UserError(f"{name}: the calendar cannot be read ({why}); check the file") from None
    zone = desk.zone or SystemClock().now().astimezone().tzinfo or UTC
    try:
        return ical.read(text, zone)
    except ValueError as error:
        raise UserError(f"{name}: {error}; export the calendar anew") from None


def document(found: "dict[str, list[Stretch]]", handovers: Sequence[Handover]) -> dict[str, Any]:
    """Return who is on call as JSON data; new keys may come. Moments are ISO UTC.

    - ``schema_version``: 1
    - ``turns``: each ``rotation``, ``person`` (null: nobody), ``start``, ``end``
    - ``handovers``: each ``id``, ``rotation``, ``person``, ``start``, ``end``, ``author``, ``reason``
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "turns": [
            {
                "rotation": name,
                "person": turn.person,
                "start": turn.start.isoformat(),
                "end": turn.end.isoformat(),
            }
            for name, turns in found.items()
            for turn in turns
        ],
        "handovers": [
            {
                "id": one.id,
                "rotation": one.rotation,
                "person": one.person,
                "start": one.start.isoformat(),
                "end": one.end.isoformat(),
                "author": one.author,
                "reason": one.reason,
            }
            for one in handovers
            if one.rotation in found
        ],
    }


_CHANGES: Final = frozenset({"take", "give", "swap", "end"})
_ACTIONS: Final = {
    "who": _who,
    "take": _take,
    "give": _give,
    "swap": _swap,
    "end": _end,
    "ical": _ical,
    "absent": _absent,
}
