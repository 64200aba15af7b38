"""Open time and due times against other packages, on the same intervals in the same run.

2,000 spans of a minute to ten days, in an office in Dublin with holidays. What each package needs of
preparation is not counted. Aims: ``open_time`` 50 times as fast as business-duration and 800 times as
businesstimedelta, ``add`` 100 times as fast as pandas' ``CustomBusinessHour``.

The others come with ``pip install -e '.[bench]'``; one that is not there is left out.
"""

import random
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from importlib.metadata import version
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from sla_console.domain.sla.calendar import WEEKDAYS, BusinessCalendar

SPANS, ROUNDS, OURS_AGAIN = 2_000, 5, 20
SECOND = timedelta(seconds=1)
ZONE = "Europe/Dublin"
OPENS, CLOSES = time_of_day(9), time_of_day(17, 30)
HOLIDAYS = [
    date(2025, 12, 25),
    date(2025, 12, 26),
    date(2026, 1, 1),
    date(2026, 3, 17),
    date(2026, 4, 6),
    date(2026, 5, 4),
    date(2026, 12, 25),
    date(2027, 1, 1),
]
WEEK = {day: [("09:00", "17:30")] for day in WEEKDAYS[:5]}
OFFICE = BusinessCalendar(ZONE, WEEK, HOLIDAYS)
FIRST = datetime(2026, 1, 1, tzinfo=UTC)

Answers = list[Any]
Runner = Callable[[], Answers]


def lives() -> tuple[list[datetime], list[datetime], list[int]]:
    """When tickets were made, when they ended, and how many hours were promised."""
    chance = random.Random(1)
    starts = [FIRST + chance.randrange(360 * 86_400) * SECOND for _ in range(SPANS)]
    ends = [start + chance.randrange(60, 10 * 86_400) * SECOND for start in starts]
    return starts, ends, [chance.choice([1, 4, 8, 16, 40]) for _ in range(SPANS)]


def business_duration(starts: list[datetime], ends: list[datetime]) -> Runner:
    """It knows no zones, so it is given wall clocks; no interval has an edge at night."""
    from business_duration import businessDuration

    zone = ZoneInfo(ZONE)
    pairs = [
        tuple(moment.astimezone(zone).replace(tzinfo=None) for moment in pair)
        for pair in zip(starts, ends, strict=True)
    ]
    return lambda: [
        businessDuration(
            start, end, starttime=OPENS, endtime=CLOSES, holidaylist=HOLIDAYS, unit="sec"
        )
        for start, end in pairs
    ]


def business_rules() -> Any:
    import businesstimedelta
    import pytz

    zone = pytz.timezone(ZONE)
    work = businesstimedelta.WorkDayRule(
        start_time=OPENS, end_time=CLOSES, working_days=[0, 1, 2, 3, 4], tz=zone
    )
    # It looks for the next holiday without end, so there has to be one.
    holidays = businesstimedelta.HolidayRule([*HOLIDAYS, date(2029, 1, 1)], tz=zone)
    return businesstimedelta.Rules([work, holidays])


def business_timedelta(starts: list[datetime], ends: list[datetime]) -> Runner:
    rules = business_rules()
    pairs = list(zip(starts, ends, strict=True))
    return lambda: [rules.difference(*pair).timedelta.total_seconds() for pair in pairs]


def business_timedelta_add(starts: list[datetime], hours: list[int]) -> Runner:
    import businesstimedelta

    rules = business_rules()
    sums = [
        (start, businesstimedelta.BusinessTimeDelta(rules, hours=count))
        for start, count in zip(starts, hours, strict=True)
    ]
    return lambda: [start + delta for start, delta in sums]


def pandas_add(starts: list[datetime], hours: list[int]) -> Runner:
    import pandas as pd

    offsets = {
        count: pd.offsets.CustomBusinessHour(
            count, start="09:00", end="17:30", holidays=HOLIDAYS, weekmask="Mon Tue Wed Thu Fri"
        )
        for count in set(hours)
    }
    sums = [
        (pd.Timestamp(start).tz_convert(ZONE), offsets[count])
        for start, count in zip(starts, hours, strict=True)
    ]
    return lambda: [start + offset for start, offset in sums]


def found(make: Callable[[], Runner], package: str) -> dict[str, Runner]:
    """Return a package's runner by its name; say so where it is not installed."""
    try:
        return {f"{package} {version(package)}": make()}
    except ImportError:
        print(f"{package}: not installed, so left out; pip install -e '.[bench]'")
        return {}


def race(runners: dict[str, Runner], again: int) -> tuple[dict[str, float], dict[str, Answers]]:
    """Return seconds a call of each, rounds taken in turn, and what each answered.

    The first runs so many times a round, being too fast for one.
    """
    answers = {name: run() for name, run in runners.items()}
    spent: dict[str, list[float]] = {name: [] for name in runners}
    for _ in range(ROUNDS):
        for place, (name, run) in enumerate(runners.items()):
            times = again if place == 0 else 1
            started = time.perf_counter()
            for _ in range(times):
                run()
            spent[name].append((time.perf_counter() - started) / times / SPANS)
    return {name: median(times) for name, times in spent.items()}, answers


def tell(work: str, runners: dict[str, Runner], aims: dict[str, int]) -> list[float]:
    """Print each ratio beside its aim, and how many answers differ; return the others' times."""
    times, answers = race(runners, OURS_AGAIN)
    (ours, mine), *others = times.items()
    print(f"{work}, one at a time: {mine * 1e6:.3f} µs")
    for name, theirs in others:
        pairs = zip(answers[ours], answers[name], strict=True)
        differ = sum(abs(number(one) - number(other)) >= 1 for one, other in pairs)
        aim = next((aim for package, aim in aims.items() if name.startswith(package)), None)
        beside = f" (aim: at least {aim})" if aim else ""
        print(
            f"  {name}: {theirs * 1e6:.1f} µs; ratio {theirs / mine:.0f}{beside}; "
            f"{differ} of {SPANS} answers differ"
        )
    return [theirs for _, theirs in others]


def number(answer: Any) -> float:
    """Return a span or a moment in seconds, whatever type a package gives."""
    if isinstance(answer, timedelta):
        return answer.total_seconds()
    return answer.timestamp() if isinstance(answer, datetime) else float(answer)


def main() -> None:
    starts, ends, hours = lives()
    pairs = list(zip(starts, ends, strict=True))
    sums = [(start, timedelta(hours=count)) for start, count in zip(starts, hours, strict=True)]
    tell(
        "open_time",
        {
            "ours": lambda: [OFFICE.open_time(start, end) for start, end in pairs],
            **found(lambda: business_duration(starts, ends), "business-duration"),
            **found(lambda: business_timedelta(starts, ends), "businesstimedelta"),
        },
        {"business-duration": 50, "businesstimedelta": 800},
    )
    tell(
        "add",
        {
            "ours": lambda: [OFFICE.add(start, span) for start, span in sums],
            **found(lambda: pandas_add(starts, hours), "pandas"),
            **found(lambda: business_timedelta_add(starts, hours), "businesstimedelta"),
        },
        {"pandas": 100},
    )


if __name__ == "__main__":
    main()
