"""Frozen reports: what they were made of, what they said, and what has changed since.

A frozen report keeps its records and its figures, each with the SHA-256 of its JSON. Asked for
again, the kept figures are given, whatever has become of the tickets, and beside them every
difference between the kept records and those of now.
"""

import hashlib
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Final

from sla_console.domain.errors import SLAConsoleError
from sla_console.domain.figures.record import TargetRecord
from sla_console.domain.figures.report import DateRange, KeptReport
from sla_console.domain.names import folded
from sla_console.reporting.period import Period
from sla_console.reporting.privacy import OTHERS
from sla_console.reporting.records import ReportRecords, Version
from sla_console.reporting.report import Frozen, Report, VerdictChange, adapter
from sla_console.reporting.scope import Scope
from sla_console.reporting.versions import HOURS_OF

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_COMPARED: Final = (
    ("due", "due"),
    ("stopped_at", "ended"),
    ("policy", "policy"),
    ("priority", "priority"),
    ("client", "client"),
    ("group", "group"),
    ("request_type", "request type"),
)
_LEVEL: Final = 6


@cache
def _records() -> "TypeAdapter[ReportRecords]":
    from pydantic import TypeAdapter  # noqa: PLC0415 - takes time, and few reports are frozen

    return TypeAdapter(ReportRecords)


def frozen_name(period: Period, scope: Scope) -> str:
    """Return the name under which the report of a period and a scope is frozen."""
    filters = (
        f"{name}={','.join(sorted(folded(each) for each in names))}"
        for name, names in sorted(scope.filters.items())
    )
    return " ".join((f"{period.first}..{period.last}", period.zone, *filters))


def zones_frozen(period: Period, scope: Scope, names: Iterable[str]) -> list[str]:
    """Return in which zones the days of a period are frozen, of the tickets of a scope.

    Args:
        period: Whose days.
        scope: Which tickets.
        names: Of the frozen reports.
    """
    kept = set(names)
    zones = {words[1] for name in kept if len(words := name.split(" ", 2)) > 1}
    return sorted(zone for zone in zones if frozen_name(replace(period, zone=zone), scope) in kept)


def freeze(name: str, records: ReportRecords, report: Report, at: datetime, by: str) -> KeptReport:
    """Return what is kept of a report.

    Args:
        name: From ``frozen_name``.
        records: What it was made of, before anybody was made a pseudonym.
        report: What it says.
        at: The moment.
        by: Who froze it.
    """
    inputs, figures = _records().dump_json(records), adapter().dump_json(report)
    return KeptReport(
        name,
        at,
        by,
        zlib.compress(inputs, _LEVEL),
        hashlib.sha256(inputs).hexdigest(),
        zlib.compress(figures, _LEVEL),
        hashlib.sha256(figures).hexdigest(),
    )


def thaw(kept: KeptReport) -> tuple[ReportRecords, Report]:
    """Return the records and the report as they were when it was frozen.

    Raises:
        SLAConsoleError: if they are not what their hashes say.
    """
    try:
        inputs, figures = zlib.decompress(kept.inputs), zlib.decompress(kept.figures)
    except zlib.error:
        inputs = figures = b""
    for what, content, digest in (
        ("records", inputs, kept.inputs_hash),
        ("figures", figures, kept.figures_hash),
    ):
        if hashlib.sha256(content).hexdigest() != digest:
            raise SLAConsoleError(
                f"the frozen report {kept.name!r}: its {what} are not those that were frozen "
                f"(their SHA-256 is not {digest[:12]}…); restore the database from a backup"
            )
    frozen = Frozen(kept.at, kept.by, kept.inputs_hash, kept.figures_hash)
    report = adapter().validate_json(figures)
    return _records().validate_json(inputs), replace(report, frozen=frozen)


def part_of(records: ReportRecords, clients: Collection[str]) -> ReportRecords:
    """Return what records hold of some clients, compared without case."""
    wanted = {folded(name) for name in clients}
    promises = [one for one in records.promises if folded(one.client) in wanted]
    numbers = {one.number for one in promises}
    policies = {one.policy for one in promises}
    hours = {f"{HOURS_OF}{name}" for name in wanted}
    return ReportRecords(
        promises=promises,
        exclusions=[one for one in records.exclusions if folded(one.client) in wanted],
        breaches=[one for one in records.breaches if folded(one.client) in wanted],
        in_hand=[one for one in records.in_hand if one.number in numbers],
        late_holds=[one for one in records.late_holds if folded(one.client) in wanted],
        policies=[one for one in records.policies if one.name in policies],
        calendars=[
            one
            for one in records.calendars
            if not one.name.startswith(HOURS_OF) or folded(one.name) in hours
        ],
    )


def changes_between(
    frozen: ReportRecords,
    now: ReportRecords,
    span: DateRange,
    told: Mapping[str, Collection[str]] | None = None,
) -> tuple[VerdictChange, ...]:
    """Return what a report would say otherwise if it were made now, and why.

    Args:
        frozen: What it was made of.
        now: What it would be made of.
        span: The due times that it is about.
        told: The names that may stand in it, by what they are names of; those of what is not in
            it, and all where it is None, may.
    """
    policies = None if told is None else told.get("policy")
    return (
        *_promise_changes(frozen.promises, now.promises, span, told or {}),
        *_exclusion_changes(frozen, now),
        *_version_changes(
            "policy", _told(frozen.policies, policies), _told(now.policies, policies)
        ),
        *_version_changes("calendar", frozen.calendars, now.calendars),
    )


def _told(versions: Sequence[Version], names: Collection[str] | None) -> Sequence[Version]:
    return versions if names is None else [one for one in versions if one.name in names]


def _promise_changes(
    frozen: Sequence[TargetRecord],
    now: Sequence[TargetRecord],
    span: DateRange,
    told: Mapping[str, Collection[str]],
) -> Iterator[VerdictChange]:
    old = {(one.number, one.target, one.cycle): one for one in frozen}
    new = {(one.number, one.target, one.cycle): one for one in now}
    for key in sorted(old.keys() | new.keys()):
        before, after = old.get(key), new.get(key)
        inside = [
            one for one in (before, after) if one is not None and span.start <= one.due < span.end
        ]
        if not inside:
            continue
        differences = _differences(before, after, told)
        if differences:
            yield VerdictChange(
                number=key[0],
                what=key[1].words if key[2] == 1 else f"{key[1].words}, cycle {key[2]}",
                frozen="not known" if before is None else before.outcome,
                now="not known" if after is None else after.outcome,
                why=differences,
            )


def _differences(
    before: TargetRecord | None, after: TargetRecord | None, told: Mapping[str, Collection[str]]
) -> str:
    if before is None:
        return "it was not among the tickets then, or its due time lay far from the period"
    if after is None:
        return (
            "it is not in the store any more, or excluded, or its due time has moved far from the "
            "period"
        )
    found = []
    for name, words in _COMPARED:
        old, new = getattr(before, name), getattr(after, name)
        # A client that was renamed is still the same.
        same = name == "client" and before.client_id is not None
        if old != new and not (same and before.client_id == after.client_id):
            names = told.get(words)
            found.append(f"{words}: {_shown(old, names)}, now {_shown(new, names)}")
    # What is owed still gets later, and is longer in somebody's hands, by mere time.
    owed = before.stopped_at is None and after.stopped_at is None
    # Before there were verdicts, time after the due time was credited too.
    if before.ticket_id and before.credit != after.credit and not owed:
        found.append("who had it when is known otherwise")
    if not found and before.outcome is not after.outcome:
        found.append("its holds or hours are known otherwise, or time has passed")
    elif not found and not owed and (before.taken, before.margin) != (after.taken, after.margin):
        found.append("its holds or hours are known otherwise")
    return "; ".join(found)


def _shown(value: datetime | str | None, names: Collection[str] | None) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    if value is None:
        return "none"
    return value if names is None or value in names else OTHERS


def _exclusion_changes(frozen: ReportRecords, now: ReportRecords) -> Iterator[VerdictChange]:
    old = {one.number: one.reason for one in frozen.exclusions}
    new = {one.number: one.reason for one in now.exclusions}
    for number in sorted(old.keys() | new.keys()):
        if old.get(number) != new.get(number):
            yield VerdictChange(
                number,
                "exclusion",
                old.get(number, "counted"),
                new.get(number, "counted"),
                "tickets are excluded otherwise now",
            )


def _version_changes(
    what: str, old: Sequence[Version], new: Sequence[Version]
) -> Iterator[VerdictChange]:
    before, after = _by_name(old), _by_name(new)
    for name in sorted(before.keys() & after.keys()):
        frozen, now = before[name], after[name]
        if frozen.keys() != now.keys():
            yield VerdictChange(
                "",
                f"{what} {name}",
                ", ".join(sorted(frozen)),
                ", ".join(sorted(now)),
                "; ".join(_lines_changed("\n".join(frozen.values()), "\n".join(now.values()))),
            )


def _by_name(versions: Sequence[Version]) -> dict[str, dict[str, str]]:
    """Return the texts by name and digest; two sites of one client can have hours of their own."""
    found: dict[str, dict[str, str]] = {}
    for one in versions:
        found.setdefault(one.name, {})[one.digest] = one.text
    return found


def _lines_changed(old: str, new: str) -> Iterator[str]:
    lines = new.splitlines()
    before = old.splitlines()
    yield from (f"no more {line!r}" for line in before if line not in lines)
    yield from (f"now {line!r}" for line in lines if line not in before)
