"""The calendar held against worked examples: ours, and those of other projects.

A vector states hours, a start, and either a target with the moment it is due (``add``) or an end
with the open time until then (``elapsed``). The format is that of one JSON object a line, described
at ``read_vector``.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sla_console.domain.sla.calendar import WEEKDAYS, BusinessCalendar
from sla_console.domain.sla.held_time import due_after, promised_time
from sla_console.domain.tickets.ticket import Hold

Pause = tuple[datetime, datetime]
"""A hold from a moment to another, the second not included."""
_ZERO: Final = timedelta()
_MINUTE: Final = timedelta(minutes=1)
_KINDS: Final[Mapping[type, str]] = {str: "text", dict: "table", list: "list"}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class CalendarParts:
    """What a calendar is made of, as a value that can be compared."""

    timezone: str
    week: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    holidays: frozenset[date]
    overrides: tuple[tuple[date, tuple[tuple[str, str], ...]], ...] = ()

    def calendar(self) -> BusinessCalendar:
        """Return the calendar.

        Raises:
            ValueError: if the hours are impossible, or there are none.
        """
        return BusinessCalendar(self.timezone, dict(self.week), self.holidays, dict(self.overrides))

    @property
    def never_open(self) -> bool:
        """Whether no hours are given at all."""
        return not any(spans for _, spans in (*self.week, *self.overrides))


@dataclass(frozen=True, slots=True)
class Vector:
    """One example."""

    source: str
    hours: CalendarParts
    start: datetime
    expected: datetime | timedelta | None
    """The moment due, or the open time; None: it is never due."""
    target: timedelta | None = None
    """Set for ``add``: the open time to pass."""
    end: datetime | None = None
    """Set for ``elapsed``."""
    pauses: tuple[Pause, ...] = ()
    whole_minutes: bool = False
    """The source tells no seconds, so both answers are compared by their whole minutes."""

    @property
    def project(self) -> str:
        """Who says so: the source up to its first space or colon."""
        return self.source.replace(":", " ").split(maxsplit=1)[0]


@dataclass(frozen=True, slots=True)
class VectorOutcome:
    """What came of one vector."""

    vector: Vector
    found: datetime | timedelta | str | None
    """The answer; a text is the error instead of one; None: it is never due."""
    passed: bool


def read_vector(fields: Mapping[str, Any]) -> Vector:
    """Return the vector that a JSON object states.

    Its keys: ``source``; ``timezone``; ``hours`` (weekday to pairs of ``HH:MM``, closed days left
    out); ``holidays`` (ISO dates); ``overrides`` (ISO date to its own pairs, optional); ``op``
    (``add`` with ``seconds``, or ``elapsed`` with ``end``); ``start``; ``pauses`` (pairs of moments,
    optional); ``precision`` (``minute``, optional); ``expected``, which counts unless
    ``oracle_agrees`` is false, when ``oracle`` counts instead. Moments carry an offset.

    Raises:
        ValueError: for anything missing or impossible, in words.
    """
    source = _get(fields, "source", str)
    if not source.strip(" :"):
        raise ValueError("source is empty")
    agrees = fields.get("oracle_agrees", True)
    key = "oracle" if agrees is False else "expected"
    if key not in fields:
        raise ValueError(f"{key} is missing")
    wanted = fields[key]
    operation = _get(fields, "op", str)
    if operation not in {"add", "elapsed"}:
        raise ValueError(f"op is {operation!r}, expected add or elapsed")
    target = end = None
    expected: datetime | timedelta | None = None
    if operation == "add":
        target = _span(fields.get("seconds"), "seconds")
        expected = None if wanted is None else _moment(wanted, key)
    else:
        end = _moment(fields.get("end"), "end")
        expected = None if wanted is None else _span(wanted, key)
    return Vector(
        source,
        _hours(fields),
        _moment(fields.get("start"), "start"),
        expected,
        target,
        end,
        _pauses(fields.get("pauses", [])),
        fields.get("precision") == "minute",
    )


def run_vectors(vectors: Iterable[Vector]) -> list[VectorOutcome]:
    """Return what our calendar answers to each vector, in order; it never raises."""
    calendars: dict[CalendarParts, BusinessCalendar | str] = {}
    outcomes = []
    for vector in vectors:
        if vector.hours not in calendars:
            calendars[vector.hours] = _calendar(vector.hours)
        outcomes.append(_outcome(vector, calendars[vector.hours]))
    return outcomes


def _calendar(hours: CalendarParts) -> BusinessCalendar | str:
    try:
        return hours.calendar()
    except ValueError as error:
        return str(error)


def _outcome(vector: Vector, calendar: BusinessCalendar | str) -> VectorOutcome:
    if isinstance(calendar, str):
        right = vector.hours.never_open and vector.expected is None
        return VectorOutcome(vector, calendar, right)
    found: datetime | timedelta | str | None
    holds = [Hold(start, end) for start, end in vector.pauses]
    try:
        if vector.end is not None:
            found = promised_time(calendar, vector.start, vector.end, holds)
        else:
            target = vector.target or _ZERO
            found = due_after(calendar, vector.start, target, holds)
    except (ValueError, ArithmeticError) as error:
        return VectorOutcome(vector, str(error), vector.expected is None)
    return VectorOutcome(vector, found, _agree(found, vector.expected, vector.whole_minutes))


def _agree(
    found: datetime | timedelta, expected: datetime | timedelta | None, whole_minutes: bool
) -> bool:
    if not whole_minutes or expected is None:
        return found == expected
    return _minutes(found) == _minutes(expected)


def _minutes(answer: datetime | timedelta) -> int:
    span = answer - _EPOCH if isinstance(answer, datetime) else answer
    return span // _MINUTE


def _get(fields: Mapping[str, Any], key: str, kind: type) -> Any:
    value = fields.get(key)
    if not isinstance(value, kind):
        words = "is missing" if value is None else f"is no {_KINDS[kind]}"
        raise ValueError(f"{key} {words}")  # noqa: TRY004 - a fault of the data
    return value


def _span(value: object, key: str) -> timedelta:
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return timedelta(seconds=value)
        except (OverflowError, ValueError):
            pass
    raise ValueError(f"{key} is {value!r}, expected a number of seconds")


def _moment(value: object, key: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        if moment is not None and moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise ValueError(f"{key} is {value!r}, expected a moment with its offset, such as ...T09:00Z")


def _day(value: object, key: str) -> date:
    try:
        if isinstance(value, str):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError(f"{key} has {value!r}, expected a date such as 2026-12-25")


def _pairs(value: object, key: str, read: Callable[[object, str], Any]) -> tuple[Any, ...]:
    if not isinstance(value, list) or not all(isinstance(p, list) and len(p) == 2 for p in value):
        raise ValueError(f"{key} is no list of pairs")
    return tuple((read(first, key), read(second, key)) for first, second in value)


def _time(value: object, key: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{key} has {value!r}, expected a time of day such as 09:30")  # noqa: TRY004 - a fault of the data
    return value


def _pauses(value: object) -> tuple[Pause, ...]:
    return _pairs(value, "pauses", _moment)


def _hours(fields: Mapping[str, Any]) -> CalendarParts:
    zone = _get(fields, "timezone", str)
    try:
        ZoneInfo(zone)
    except (LookupError, ValueError, OSError):
        raise ValueError(f"timezone is {zone!r}, which is not a known zone") from None
    hours = _get(fields, "hours", dict)
    unknown = sorted(set(hours) - set(WEEKDAYS))
    if unknown:
        raise ValueError(f"hours has {unknown[0]!r}, expected mon, tue, wed, thu, fri, sat, sun")
    overrides = fields.get("overrides", {})
    if not isinstance(overrides, dict):
        raise ValueError("overrides is no table by date")  # noqa: TRY004 - a fault of the data
    holidays = _get(fields, "holidays", list) if "holidays" in fields else []
    return CalendarParts(
        zone,
        tuple((day, _pairs(spans, f"hours.{day}", _time)) for day, spans in sorted(hours.items())),
        frozenset(_day(day, "holidays") for day in holidays),
        tuple(
            (_day(day, "overrides"), _pairs(spans, f"overrides.{day}", _time))
            for day, spans in sorted(overrides.items())
        ),
    )
