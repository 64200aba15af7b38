"""The days that a report is about, in the calendar of a zone."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sla_console.domain.errors import UserError
from sla_console.domain.figures.report import DateRange

_YEARS = range(2000, 2100)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days, both ends included, as the calendar of a zone has them."""

    first: date
    last: date
    zone: str
    """IANA name."""

    @classmethod
    def month(cls, year: int, month: int, zone: str) -> "Period":
        """Return a calendar month."""
        return cls(date(year, month, 1), date(year, month, monthrange(year, month)[1]), zone)

    @property
    def span(self) -> DateRange:
        """The same as moments, aware UTC; the end is not in it."""
        return DateRange(self._midnight(self.first), self._midnight(self.last + _DAY))

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), ZoneInfo(self.zone)).astimezone(UTC)

    @property
    def _months(self) -> int | None:
        """So many whole months it is; None: it is not."""
        if self.first.day != 1 or (self.last + _DAY).day != 1:
            return None
        after = self.last + _DAY
        return (after.year - self.first.year) * 12 + after.month - self.first.month

    @property
    def label(self) -> str:
        """For people: ``October 2026``, ``2026``, ``2026-10-01 to 2026-10-15``."""
        months = self._months
        if months == 1:
            return f"{self.first:%B %Y}"
        if months == 12 and self.first.month == 1:
            return f"{self.first:%Y}"
        if months == 3 and self.first.month % 3 == 1:
            return f"{self.first:%Y} Q{self.first.month // 3 + 1}"
        if self.first == self.last:
            return f"{self.first}"
        return f"{self.first} to {self.last}"

    def before(self) -> "Period":
        """Return the period before: as many months, else as many days."""
        months = self._months
        if months is None:
            length = self.last - self.first + _DAY
            return Period(self.first - length, self.first - _DAY, self.zone)
        start = self.first.year * 12 + self.first.month - 1 - months
        return Period(date(start // 12, start % 12 + 1, 1), self.first - _DAY, self.zone)

    def last_month(self) -> "Period":
        """Return the calendar month in which it ends."""
        return Period.month(self.last.year, self.last.month, self.zone)


def period_of(text: str, zone: str) -> Period:
    """Read ``2026-10``, ``2026-Q4`` or ``2026``.

    Raises:
        UserError: if it is none of these.
    """
    found = re.fullmatch(r"(\d{4})(?:-(?:Q([1-4])|(\d{2})))?", text.strip().upper(), re.ASCII)
    if found is not None and int(found[1]) in _YEARS:
        year = int(found[1])
        if found[2]:
            last = int(found[2]) * 3
            return Period(date(year, last - 2, 1), Period.month(year, last, zone).last, zone)
        if not found[3]:
            return Period(date(year, 1, 1), date(year, 12, 31), zone)
        if 1 <= int(found[3]) <= 12:
            return Period.month(year, int(found[3]), zone)
    raise UserError(
        f"--period: found {text[:40]!a}, expected a month such as 2026-10, a quarter such as "
        f"2026-Q4, or a year such as 2026"
    )


def period_between(first: str, last: str, zone: str) -> Period:
    """Read two days, both in the period.

    Raises:
        UserError: if they are no days, or in the wrong order.
    """
    days = [_day(name, text) for name, text in (("--from", first), ("--to", last))]
    if days[1] < days[0]:
        raise UserError(
            f"--to: found {days[1]}, expected a day that is not before --from {days[0]}"
        )
    return Period(days[0], days[1], zone)


def _day(name: str, text: str) -> date:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        day = None
    if day is None or day.year not in _YEARS:
        raise UserError(f"{name}: found {text[:40]!a}, expected a day such as 2026-10-01")
    return day
