"""Changes to a ticket that somebody is thinking about, written as they would say them.

``priority=High, hold from now for 2h, calendar=office``: clauses with commas between them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from typing import Final

from sla_console.domain.errors import UserError

FIELDS: Final = (
    "priority", "client", "group", "technician", "type", "sla", "calendar", "response calendar",
    "holiday",
)  # fmt: skip
_UNITS: Final = {"m": 60, "h": 3600, "d": 86_400}
_HOLD: Final = re.compile(
    r"hold\s+from\s+(?P<start>\S+)(?:\s+(?:until\s+(?P<end>\S+)|for\s+(?P<span>\S+)))?",
    re.ASCII | re.IGNORECASE,
)
_SPAN: Final = re.compile(r"(?:\d{1,5}[mhd])+", re.ASCII)
_PART: Final = re.compile(r"(\d+)([mhd])", re.ASCII)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What would be changed."""

    fields: Mapping[str, str]
    """New values by a name of ``FIELDS``, without ``holiday``."""
    holidays: tuple[date, ...] = ()
    """Dates on which nothing would count."""
    hold_from: datetime | None = None
    hold_until: datetime | None = None
    """UTC; None: for nobody knows how long."""
    resume: bool = False
    """A ticket that waits would go on now."""


def parse_what_if(text: str, now: datetime) -> WhatIf:
    """Read what somebody is thinking about.

    Args:
        text: Clauses with commas between them.
        now: The moment, aware UTC.

    Raises:
        UserError: for a clause that is not understood.
    """
    fields: dict[str, str] = {}
    holidays: list[date] = []
    start = end = None
    resume = False
    for clause in (part.strip() for part in text.split(",")):
        if not clause:
            continue
        if clause.casefold() == "resume now":
            resume = True
        elif clause.casefold().startswith("hold"):
            start, end = _hold(clause, now)
        else:
            name, value = _field(clause)
            if name == "holiday":
                holidays.append(_date(value))
            else:
                fields[name] = value
    if not (fields or holidays or start or resume):
        raise UserError(
            "--what-if: found nothing to change, expected clauses such as "
            '"priority=High, hold from now, calendar=office"'
        )
    return WhatIf(fields, tuple(holidays), start, end, resume)


def _field(clause: str) -> tuple[str, str]:
    name, sign, value = clause.partition("=")
    name, value = name.strip().casefold(), value.strip()
    if name in FIELDS and sign and value:
        return name, value
    if name in FIELDS:
        raise UserError(f"--what-if: {name} has no value, expected {name}=VALUE")
    close = get_close_matches(name, FIELDS, n=1)
    advice = f"did you mean {close[0]}?" if close else f"known are {', '.join(FIELDS)}"
    raise UserError(
        f"--what-if: found {clause[:60]!a}, expected NAME=VALUE, hold from now, or resume "
        f"now; {advice}"
    )


def _hold(clause: str, now: datetime) -> tuple[datetime, datetime | None]:
    match = _HOLD.fullmatch(clause)
    if match is None:
        raise UserError(
            f"--what-if: found {clause[:60]!a}, expected hold from now, hold from now for 2h, "
            f"or hold from now until 2026-12-01T12:00"
        )
    start = _moment(match["start"], now)
    end = None if match["end"] is None else _moment(match["end"], now)
    if match["span"] is not None:
        end = start + _span(match["span"])
    if end is not None and end <= start:
        raise UserError("--what-if: the hold ends before it begins; expected a later end")
    return start, end


def _moment(text: str, now: datetime) -> datetime:
    if text.casefold() == "now":
        return now
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise UserError(
            f"--what-if: {text[:40]!a} is no moment, expected now, or one such as "
            f"2026-12-01T12:00 (UTC unless it says otherwise)"
        ) from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _span(text: str) -> timedelta:
    if not _SPAN.fullmatch(text):
        raise UserError(f"--what-if: {text[:40]!a} is no span, expected one such as 2h or 90m")
    return timedelta(seconds=sum(int(n) * _UNITS[unit] for n, unit in _PART.findall(text)))


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UserError(
            f"--what-if: {text[:40]!a} is no date, expected one such as 2026-12-24"
        ) from None
