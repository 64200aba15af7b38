"""Reads and writes the few parts of iCalendar (RFC 5545) that absences and turns need.

Read are events with a beginning and an end or a duration. What repeats, what was cancelled and what
leaves its owner free is left out, and counted.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from sla_console.domain.people.rota import Stretch
from sla_console.domain.text import clean
from sla_console.domain.wall_time import first_moment

_STAMP: Final = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?")
_SPAN: Final = re.compile(
    r"P(?:(\d{1,4})W)?(?:(\d{1,4})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:\d{1,5}S)?)?"
)
_MOST: Final = 10_000
_OCTETS: Final = 74


@dataclass(frozen=True, slots=True)
class Event:
    """One event. Aware UTC."""

    start: datetime
    end: datetime
    summary: str


@dataclass(frozen=True, slots=True)
class Calendar:
    """Content of an iCalendar file."""

    events: tuple[Event, ...]
    repeating: int = 0
    """Events that repeat and were left out."""


def read(text: str, zone: tzinfo) -> Calendar:
    """Return the events of a calendar.

    Args:
        text: The file.
        zone: For days and for times without a zone of their own.

    Raises:
        ValueError: naming what was found, if it is no calendar or an event cannot be read.
    """
    lines = list(_unfolded(text))
    if not lines or lines[0].strip().upper() != "BEGIN:VCALENDAR":
        raise ValueError("found no BEGIN:VCALENDAR, expected an iCalendar file")
    events, repeating = [], 0
    for properties in _blocks(lines):
        if "RRULE" in properties or "RDATE" in properties:
            repeating += 1
            continue
        if (
            _value(properties, "STATUS") == "CANCELLED"
            or _value(properties, "TRANSP") == "TRANSPARENT"
        ):
            continue
        events.append(_event(properties, zone))
        if len(events) > _MOST:
            raise ValueError(f"found more than {_MOST} events, expected the absences of one person")
    return Calendar(tuple(events), repeating)


def write(name: str, turns: Iterable[Stretch], made: datetime) -> str:
    """Return turns as a calendar that others can subscribe to.

    Args:
        name: Of the rotation.
        turns: Who is on call when.
        made: The moment.
    """
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//SLA Console//on call//EN",
        f"X-WR-CALNAME:{_escaped(f'On call: {name}')}",
    ]  # fmt: skip
    for turn in turns:
        person = turn.person or "nobody"
        lines += [
            "BEGIN:VEVENT",
            f"UID:{_escaped(name)}-{_utc(turn.start)}@sla-console",
            f"DTSTAMP:{_utc(made)}",
            f"DTSTART:{_utc(turn.start)}",
            f"DTEND:{_utc(turn.end)}",
            f"SUMMARY:{_escaped(f'{name}: {person}')}",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))


_Properties = dict[str, tuple[dict[str, str], str]]


def _unfolded(text: str) -> Iterator[str]:
    pending = ""
    for line in text.lstrip("\ufeff").splitlines():
        if line[:1] in {" ", "\t"}:
            pending += line[1:]
            continue
        if pending.strip():
            yield pending
        pending = line
    if pending.strip():
        yield pending


def _blocks(lines: Iterable[str]) -> Iterator[_Properties]:
    """Yield the properties of each event, without those of alarms and others within it."""
    found: _Properties | None = None
    depth = 0
    for line in lines:
        name, _, value = line.partition(":")
        word, inner = name.strip().upper(), value.strip().upper()
        if word == "BEGIN" and inner == "VEVENT":
            found, depth = {}, 0
        elif found is None:
            continue
        elif word == "BEGIN":
            depth += 1
        elif word == "END" and inner == "VEVENT":
            yield found
            found = None
        elif word == "END":
            depth -= 1
        elif depth == 0:
            parts = _split(line)
            found.setdefault(parts[0], parts[1:])


def _split(line: str) -> tuple[str, dict[str, str], str]:
    """Return name, parameters and value; a colon within quotes parts nothing."""
    found = re.match(r'((?:[^":]|"[^"]*")*):(.*)', line, re.DOTALL)
    head, value = (found[1], found[2]) if found else (line, "")
    name, *options = re.findall(r'(?:[^;"]|"[^"]*")+', head) or [""]
    pairs = (option.partition("=") for option in options)
    return name.strip().upper(), {k.strip().upper(): v.strip('" ') for k, _, v in pairs}, value


def _value(properties: _Properties, name: str) -> str:
    return properties.get(name, ({}, ""))[1].strip().upper()


def _event(properties: _Properties, zone: tzinfo) -> Event:
    summary = clean(_plain(properties.get("SUMMARY", ({}, ""))[1]), 200)
    if "DTSTART" not in properties:
        raise ValueError(f"found an event without DTSTART ({summary or 'no name'}), expected one")
    start, day = _moment(*properties["DTSTART"], zone)
    if "DTEND" in properties:
        end, _ = _moment(*properties["DTEND"], zone)
    elif "DURATION" in properties:
        end = start + _span(properties["DURATION"][1])
    else:
        end = _next_day(start, zone) if day else start
    if end <= start:
        raise ValueError(f"found an event that ends before it begins ({summary or 'no name'})")
    return Event(start, end, summary)


def _moment(options: dict[str, str], value: str, zone: tzinfo) -> tuple[datetime, bool]:
    """Return a moment, and whether it is a whole day."""
    found = _STAMP.fullmatch(value.strip())
    try:
        day = datetime.strptime(found[1], "%Y%m%d").date() if found else None  # noqa: DTZ007
        clock = datetime.strptime(found[2], "%H%M%S").time() if found and found[2] else None  # noqa: DTZ007
        here = ZoneInfo(options["TZID"]) if "TZID" in options else zone
    except (ValueError, LookupError, OSError):
        raise ValueError(
            f"found the time {clean(value, 40)!r} ({clean(options.get('TZID', 'no zone'), 40)}), "
            f"expected one such as 20261224T090000Z, or a zone such as Europe/Dublin"
        ) from None
    if day is None:
        raise ValueError(f"found the time {clean(value, 40)!r}, expected one such as 20261224")
    wall = datetime.combine(day, clock or time())
    if found and found[3]:
        return wall.replace(tzinfo=UTC), False
    return first_moment(wall, here), clock is None


def _next_day(start: datetime, zone: tzinfo) -> datetime:
    day: date = start.astimezone(zone).date() + timedelta(days=1)
    return first_moment(datetime.combine(day, time()), zone)


def _span(text: str) -> timedelta:
    found = _SPAN.fullmatch(text.strip())
    if found is None or not any(found.groups()):
        raise ValueError(
            f"found the duration {clean(text, 40)!r}, expected one such as P1D or PT8H"
        )
    weeks, days, hours, minutes = (int(part or 0) for part in found.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes)


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: " " if found[1] in "nN" else found[1], text)


def _escaped(text: str) -> str:
    return re.sub(r"([\\;,])", r"\\\1", clean(text, 200))


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _folded(line: str) -> Iterator[str]:
    """Yield a line in pieces of at most 75 octets, never within a character."""
    piece, mark = "", ""
    for character in line:
        if len((mark + piece + character).encode()) > _OCTETS:
            yield mark + piece
            piece, mark = "", " "
        piece += character
    yield mark + piece
