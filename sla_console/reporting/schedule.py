"""When a scheduled report falls due, and which days it is about."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sla_console.domain.figures.report_schedule import Every, ReportSchedule
from sla_console.domain.wall_time import first_moment
from sla_console.reporting.period import Period

_DAY: Final = timedelta(days=1)
_MONTHS: Final = {Every.MONTH: 1, Every.QUARTER: 3}
_NEAR: Final = range(-2, 3)
"""So many weeks, months or quarters around a moment hold the due times before and after it."""


@dataclass(frozen=True, slots=True)
class Due:
    """One time that a report is sent."""

    at: datetime
    """From when, aware UTC."""
    period: Period
    """Which days it is about."""

    @property
    def label(self) -> str:
        """The period in few characters: ``2026-10``, ``2026-Q4``, or the Monday of a week.

        No other period has the same, not even the quarter that begins with a month.
        """
        first = self.period.first
        days = (self.period.last - first).days + 1
        if days == 7:
            return f"{first}"
        return f"{first:%Y-%m}" if days <= 31 else f"{first:%Y}-Q{first.month // 3 + 1}"


def last_due(schedule: ReportSchedule, zone: str, moment: datetime) -> Due:
    """Return when a report was due last: at a moment or before it.

    Args:
        schedule: Which report.
        zone: IANA name; whose days and hours. A time that its clock skips is the first moment
            after, one that comes twice the first of the two.
        moment: Aware.
    """
    return max(
        (due for due in _around(schedule, zone, moment) if due.at <= moment), key=lambda due: due.at
    )


def next_due(schedule: ReportSchedule, zone: str, moment: datetime) -> Due:
    """Return when a report is due next: after a moment.

    Args:
        schedule: Which report.
        zone: As in ``last_due``.
        moment: Aware.
    """
    return min(
        (due for due in _around(schedule, zone, moment) if due.at > moment), key=lambda due: due.at
    )


def _around(schedule: ReportSchedule, zone: str, moment: datetime) -> Iterator[Due]:
    here = ZoneInfo(zone)
    number = _number(schedule.every, moment.astimezone(here).date())
    for near in _NEAR:
        begins = _first_day(schedule.every, number + near)
        if schedule.every is Every.WEEK:
            day = begins + schedule.weekday * _DAY
        else:
            day = begins.replace(day=schedule.day)
        first = _first_day(schedule.every, number + near - 1)
        at = first_moment(datetime.combine(day, schedule.at), here)
        yield Due(at, Period(first, begins - _DAY, zone))


def _number(every: Every, day: date) -> int:
    """Return which week, month or quarter a day is in, counted from the calendar's beginning."""
    if every is Every.WEEK:
        return (day.toordinal() - 1) // 7  # the first of all days was a Monday
    return (day.year * 12 + day.month - 1) // _MONTHS[every]


def _first_day(every: Every, number: int) -> date:
    if every is Every.WEEK:
        return date.fromordinal(number * 7 + 1)
    months = number * _MONTHS[every]
    return date(months // 12, months % 12 + 1, 1)
