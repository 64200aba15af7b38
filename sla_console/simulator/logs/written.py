"""One moment as a cell of a log writes it, before it is known which number is the month."""

import re
from datetime import timedelta
from enum import Enum, auto
from functools import lru_cache
from typing import Final, NamedTuple


class MomentFormat(Enum):
    """The way in which a moment is written."""

    ISO = auto()
    """Year, month, day."""
    ORDER = auto()
    """Two numbers and a year; which is the month depends on the country."""
    NAMED = auto()
    """The month by its name."""
    SERIAL = auto()
    """A spreadsheet's number of days."""
    EPOCH = auto()
    """Seconds or milliseconds since 1970."""
    DATE_ONLY = auto()
    """A date without a time."""


class Written(NamedTuple):
    """The numbers of one moment."""

    kind: MomentFormat
    first: int = 0
    """The month, or for ``ORDER`` the number that comes first."""
    second: int = 0
    """The day, or for ``ORDER`` the number that comes second."""
    year: int = 0
    time: tuple[int, int, int, int] = (0, 0, 0, 0)
    """Hour, minute, second, microsecond."""
    offset: timedelta | None = None
    """From UTC, where it is written."""
    dotted: bool = False
    """Whether dots stand between the numbers, as where the day comes first."""
    number: float = 0.0
    """Days or seconds, for ``SERIAL`` and ``EPOCH``."""


_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "jan january", "feb february", "mar march", "apr april", "may", "jun june",
            "jul july", "aug august", "sep sept september", "oct october", "nov november",
            "dec december",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
_TIME: Final = (
    r"(?:(?:[T ,]+| at )(?P<hour>\d{1,2}):(?P<minute>\d{2})"
    r"(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?"
    r" ?(?P<zone>Z|UTC|GMT|(?:UTC|GMT)?[+-]\d{2}(?::?\d{2})?)?)?"
)
_WEEKDAY: Final = r"(?:[A-Za-z]{3,9},? )?"
_DATES: Final = (
    (MomentFormat.ISO, r"(?P<year>\d{4})(?P<sign>[-/.])(?P<one>\d{1,2})(?P=sign)(?P<two>\d{1,2})"),
    (
        MomentFormat.ORDER,
        r"(?P<one>\d{1,2})(?P<sign>[-/.])(?P<two>\d{1,2})(?P=sign)(?P<year>\d{4}|(?<!-)\d{2})",
    ),
    (
        MomentFormat.NAMED,
        _WEEKDAY + r"(?P<two>\d{1,2})[-/. ](?P<one>[A-Za-z]{3,9})\.?[-/, ]+(?P<year>\d{4}|\d{2})",
    ),
    (
        MomentFormat.NAMED,
        _WEEKDAY + r"(?P<one>[A-Za-z]{3,9})\.? (?P<two>\d{1,2}),? (?P<year>\d{4})",
    ),
)
_PATTERNS: Final = tuple((kind, re.compile(date + _TIME, re.ASCII)) for kind, date in _DATES)
_SERIAL: Final = re.compile(r"\d{5}(?:[.,]\d{1,12})?", re.ASCII)
_EPOCH: Final = re.compile(r"\d{10}(?:\d{3})?(?:\.\d{1,9})?", re.ASCII)
_MILLISECONDS: Final = 13
_LONGEST: Final = 60


@lru_cache(maxsize=65_536)
def written(text: str) -> Written | None:
    """Return the numbers of a moment, None if it is none."""
    if len(text) > _LONGEST:
        return None
    if _SERIAL.fullmatch(text):
        return Written(MomentFormat.SERIAL, number=float(text.replace(",", ".")))
    if _EPOCH.fullmatch(text):
        whole = len(text.partition(".")[0])
        return Written(
            MomentFormat.EPOCH, number=float(text) / (1000 if whole == _MILLISECONDS else 1)
        )
    for kind, pattern in _PATTERNS:
        if (found := pattern.fullmatch(text)) is not None:
            return _of(kind, found)
    return None


def _of(kind: MomentFormat, found: re.Match[str]) -> Written | None:
    month = found["one"]
    first = _MONTHS.get(month.casefold(), 0) if kind is MomentFormat.NAMED else int(month)
    year = int(found["year"])
    if found["hour"] is None:
        return Written(MomentFormat.DATE_ONLY)
    time = _time(found)
    if time is None:
        return None
    return Written(
        kind,
        first,
        int(found["two"]),
        year + 2000 if len(found["year"]) == 2 else year,
        time,
        _offset(found["zone"]),
        dotted=kind is MomentFormat.ORDER and found["sign"] == ".",
    )


def _time(found: re.Match[str]) -> tuple[int, int, int, int] | None:
    hour = int(found["hour"])
    if found["half"] is not None:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found["half"] in "Pp" else 0)
    fraction = (found["fraction"] or "0")[:6].ljust(6, "0")
    return hour, int(found["minute"]), int(found["second"] or 0), int(fraction)


def _offset(zone: str | None) -> timedelta | None:
    if zone is None:
        return None
    digits = zone.removeprefix("UTC").removeprefix("GMT").replace(":", "")
    if digits in {"", "Z"}:
        return timedelta()
    away = timedelta(hours=int(digits[1:3]), minutes=int(digits[3:5] or 0))
    return -away if digits[0] == "-" else away
