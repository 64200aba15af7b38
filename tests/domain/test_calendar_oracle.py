"""The calendar against an oracle that is slow and obviously right: it asks second by second."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sla_console.domain.sla.calendar import WEEKDAYS, BusinessCalendar

pytestmark = pytest.mark.slow

# Where clocks do unusual things: half an hour, a midnight that is missing, odd offsets, two
# changes within a month, a whole day left out.
ZONES = (
    "UTC",
    "Europe/Dublin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Chatham",
    "America/Sao_Paulo",
    "Africa/Casablanca",
    "Asia/Beirut",
    "Pacific/Apia",
)
CHANGES = (
    datetime(2026, 3, 29, 1, tzinfo=UTC),  # Dublin, forwards
    datetime(2026, 10, 25, 1, tzinfo=UTC),  # and back
    datetime(2026, 3, 8, 7, tzinfo=UTC),  # New York
    datetime(2026, 4, 4, 15, tzinfo=UTC),  # Lord Howe, by half an hour
    datetime(2018, 11, 4, 3, tzinfo=UTC),  # São Paulo, whose midnight is missing
    datetime(2011, 12, 30, 10, tzinfo=UTC),  # Apia, which left out a whole day
    datetime(2026, 2, 15, 2, tzinfo=UTC),  # Casablanca, for Ramadan
)


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds % 3600 // 60:02}:{seconds % 60:02}"


times = st.integers(0, 86_399) | st.integers(0, 95).map(lambda quarter: quarter * 900)
intervals = st.lists(
    st.tuples(times, times | st.just(86_400)).filter(lambda pair: pair[0] != pair[1]), max_size=2
)
weeks = st.fixed_dictionaries(dict.fromkeys(WEEKDAYS, intervals)).filter(
    lambda week: any(week.values())
)
near_a_change = st.builds(
    lambda change, seconds: change + timedelta(seconds=seconds),
    st.sampled_from(CHANGES),
    st.integers(-90_000, 90_000),
)


class Oracle:
    """Answers by looking at the wall clock at every second."""

    def __init__(self, zone: str, week: dict, holidays: set[date], overrides: dict) -> None:
        self.zone = ZoneInfo(zone)
        self.week, self.holidays, self.overrides = week, holidays, overrides

    def begun_on(self, day: date) -> list[tuple[int, int]]:
        if day in self.overrides:
            return self.overrides[day]
        return [] if day in self.holidays else self.week[WEEKDAYS[day.weekday()]]

    def is_open(self, at: datetime) -> bool:
        local = at.astimezone(self.zone)
        day, second = local.date(), local.hour * 3600 + local.minute * 60 + local.second
        mine = self.begun_on(day)
        if any(a <= second < (b if b > a else 86_400) for a, b in mine):
            return True
        if not mine and (day in self.holidays or day in self.overrides):
            return False
        night = self.begun_on(day - timedelta(days=1))
        return any(b < a and second < b for a, b in night)

    def open_time(self, start: datetime, end: datetime) -> int:
        seconds = int((end - start).total_seconds())
        return sum(self.is_open(start + timedelta(seconds=i)) for i in range(seconds))


@settings(max_examples=120, deadline=None)
@given(
    st.sampled_from(ZONES),
    weeks,
    near_a_change,
    st.integers(0, 7_200),
    st.integers(-1, 1),
    st.sampled_from(["none", "holiday", "half day", "closed"]),
)
def test_it_says_what_the_wall_clock_says_second_by_second(
    zone: str, week: dict, start: datetime, seconds: int, shift: int, special: str
) -> None:
    day = start.date() + timedelta(days=shift)
    holidays = {day} if special != "none" else set()
    overrides = {}
    if special in {"half day", "closed"}:
        overrides = {day: [(32_400, 45_000)] if special == "half day" else []}
    calendar = BusinessCalendar(
        zone,
        {key: [(_clock(a), _clock(b)) for a, b in spans] for key, spans in week.items()},
        holidays,
        {key: [(_clock(a), _clock(b)) for a, b in spans] for key, spans in overrides.items()},
    )
    oracle = Oracle(zone, week, holidays, overrides)
    end = start + timedelta(seconds=seconds)
    assert calendar.open_time(start, end) == timedelta(seconds=oracle.open_time(start, end))
    assert calendar.is_open(start) == oracle.is_open(start)
    if not oracle.is_open(start):
        opening = calendar.next_opening(start)
        assert oracle.is_open(opening)
        assert not oracle.is_open(opening - timedelta(seconds=1))
    spans = list(calendar.stretches(start, end))
    assert sum(finish - begin for begin, finish in spans) == oracle.open_time(start, end)


moments = st.datetimes(datetime(1995, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))
spans = st.timedeltas(timedelta(), timedelta(days=500))
LUNCH = BusinessCalendar(
    "America/Sao_Paulo",
    {day: [("08:00", "12:00"), ("13:15", "18:00"), ("22:30", "02:00")] for day in WEEKDAYS[:5]},
    holidays=[date(2018, 11, 5), date(2026, 12, 25)],
    overrides={date(2026, 12, 24): [("08:00", "12:00")]},
)


@settings(max_examples=200, deadline=None)
@given(moments, spans)
def test_add_is_exactly_inverse_to_the_microsecond(start: datetime, span: timedelta) -> None:
    due = LUNCH.add(start, span)
    assert LUNCH.open_time(start, due) == span
    if span:
        assert LUNCH.open_time(start, due - timedelta(microseconds=1)) < span


@settings(max_examples=200, deadline=None)
@given(moments, spans, spans)
def test_more_time_is_never_due_earlier(start: datetime, one: timedelta, two: timedelta) -> None:
    less, more = sorted([one, two])
    assert LUNCH.add(start, less) <= LUNCH.add(start, more)
    assert LUNCH.open_time(start, start + less) <= LUNCH.open_time(start, start + more)


@settings(max_examples=100, deadline=None)
@given(moments, spans, st.integers(-12, 14))
def test_the_zone_an_input_is_written_in_changes_nothing(
    start: datetime, span: timedelta, hours: int
) -> None:
    elsewhere = start.astimezone(timezone(timedelta(hours=hours)))
    assert LUNCH.add(elsewhere, span) == LUNCH.add(start, span)
    assert LUNCH.open_time(elsewhere, start + span) == LUNCH.open_time(start, start + span)


def test_moments_decades_away_are_answered() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    far = datetime(2096, 1, 1, tzinfo=UTC)
    assert LUNCH.add(start, LUNCH.open_time(start, far)) <= far
    assert BusinessCalendar.always().add(start, timedelta(days=30_000)).year == 2108


@pytest.mark.parametrize("year", [1, 9999])
def test_the_ends_of_time_are_refused_in_words(year: int) -> None:
    with pytest.raises(ValueError, match="years 2 to 9998"):
        LUNCH.add(datetime(year, 6, 1, tzinfo=UTC), timedelta(hours=1))


def test_moments_too_far_apart_are_refused_in_words_and_harm_nothing() -> None:
    first, last = datetime(5, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
    with pytest.raises(ValueError, match="400 years apart"):
        LUNCH.open_time(first, last)
    monday = datetime(2026, 11, 23, 11, tzinfo=UTC)
    assert LUNCH.add(first, timedelta(hours=1)).year == 5
    assert LUNCH.add(monday, timedelta(hours=1)) == monday + timedelta(hours=1)


def test_hours_that_overlap_count_once() -> None:
    doubled = BusinessCalendar("UTC", {"wed": [("08:00", "16:00"), ("00:00", "24:00")]})
    wednesday = datetime(2018, 6, 20, tzinfo=UTC)
    assert doubled.open_time(wednesday, wednesday + timedelta(days=2)) == timedelta(days=1)


def test_midnight_to_midnight_is_a_whole_day_and_other_empty_intervals_are_empty() -> None:
    wednesday = datetime(2018, 6, 20, tzinfo=UTC)
    week = wednesday, wednesday + timedelta(days=7)
    whole = BusinessCalendar("UTC", {"wed": [("00:00", "00:00")]})
    empty = BusinessCalendar("UTC", {"wed": [("09:00", "09:00")], "fri": [("09:00", "10:00")]})
    assert whole.open_time(*week) == timedelta(days=1)
    assert empty.open_time(*week) == timedelta(hours=1)


def test_a_calendar_whose_last_opening_is_past_says_so() -> None:
    once = BusinessCalendar("UTC", {}, overrides={date(2026, 1, 5): [("09:00", "10:00")]})
    late = datetime(2027, 1, 1, tzinfo=UTC)
    with pytest.raises(ValueError, match="long enough"):
        once.add(late, timedelta(hours=1))
    with pytest.raises(ValueError, match="not open again"):
        once.next_opening(late)


def test_hours_that_never_end_have_no_closing() -> None:
    endless = BusinessCalendar("Europe/Dublin", {day: [("00:00", "24:00")] for day in WEEKDAYS})
    for calendar in (endless, BusinessCalendar.always()):
        with pytest.raises(ValueError, match="close"):
            calendar.next_closing(datetime(2026, 1, 1, tzinfo=UTC))
