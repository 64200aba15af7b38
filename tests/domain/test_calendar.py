"""When promised time counts."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sla_console.domain.sla.calendar import WEEKDAYS, BusinessCalendar

WORKDAYS = {day: [("09:00", "17:30")] for day in WEEKDAYS[:5]}
DUBLIN = BusinessCalendar("Europe/Dublin", WORKDAYS)
NIGHTS = BusinessCalendar("America/New_York", {day: [("22:00", "06:00")] for day in WEEKDAYS})
VECTORS = Path(__file__).parents[3] / "shared" / "sla"

moments = st.datetimes(datetime(2015, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=0)
)
spans = st.timedeltas(timedelta(), timedelta(days=90)).map(
    lambda span: timedelta(seconds=int(span.total_seconds()))
)
calendars = st.sampled_from([DUBLIN, NIGHTS, BusinessCalendar.always()])


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_time_counts_only_while_open() -> None:
    friday, monday = at("2026-11-20T17:00Z"), at("2026-11-23T09:30Z")
    assert DUBLIN.open_time(friday, monday) == timedelta(hours=1)


def test_a_target_used_up_at_closing_time_is_due_at_closing_time() -> None:
    assert DUBLIN.add(at("2026-11-20T16:30Z"), timedelta(hours=1)) == at("2026-11-20T17:30Z")


def test_no_time_at_all_is_due_at_once_even_while_closed() -> None:
    sunday = at("2026-11-22T12:00Z")
    assert DUBLIN.add(sunday, timedelta()) == sunday


def test_a_holiday_is_closed_and_an_override_opens_it() -> None:
    christmas = date(2026, 12, 25)
    closed = BusinessCalendar("UTC", WORKDAYS, holidays=[christmas])
    half = BusinessCalendar(
        "UTC", WORKDAYS, holidays=[christmas], overrides={christmas: [("09:00", "12:00")]}
    )
    day = (at("2026-12-25T00:00Z"), at("2026-12-26T00:00Z"))
    assert closed.open_time(*day) == timedelta()
    assert half.open_time(*day) == timedelta(hours=3)


def test_real_seconds_count_when_the_clocks_change() -> None:
    all_day = BusinessCalendar("Europe/Dublin", {"sun": [("00:00", "24:00")]})
    spring, autumn = at("2026-03-29T12:00Z"), at("2026-10-25T12:00Z")
    for sunday, hours in ((spring, 23), (autumn, 25)):
        start = sunday - timedelta(days=1)
        assert all_day.open_time(start, start + timedelta(days=2)) == timedelta(hours=hours)


def test_openings_and_closings_are_found() -> None:
    sunday = at("2026-11-22T12:00Z")
    assert DUBLIN.next_opening(sunday) == at("2026-11-23T09:00Z")
    assert DUBLIN.next_closing(sunday) == at("2026-11-23T17:30Z")
    assert DUBLIN.next_opening(at("2026-11-23T10:00Z")) == at("2026-11-23T10:00Z")
    assert NIGHTS.next_closing(at("2026-11-23T04:30Z")) == at("2026-11-23T11:00Z")


@pytest.mark.parametrize(
    ("timezone", "hours", "complaint"),
    [
        ("Mars/Olympus", WORKDAYS, "not a known zone"),
        ("UTC", {"monday": [("09:00", "17:00")]}, "not a weekday"),
        ("UTC", {"mon": [("09:00", "25:00")]}, "not a time of day"),
        ("UTC", {}, "never open"),
    ],
)
def test_an_impossible_calendar_is_refused(timezone: str, hours: dict, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        BusinessCalendar(timezone, hours)


def test_naive_moments_are_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        DUBLIN.open_time(datetime(2026, 1, 1), at("2026-01-02T00:00Z"))


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(calendars, moments, spans)
def test_add_and_open_time_are_inverse(
    calendar: BusinessCalendar, start: datetime, span: timedelta
) -> None:
    due = calendar.add(start, span)
    assert calendar.open_time(start, due) == span
    if span:
        assert calendar.open_time(start, due - timedelta(seconds=1)) < span


@settings(max_examples=200, deadline=None)
@given(calendars, moments, spans, spans)
def test_open_time_adds_up_over_splits(
    calendar: BusinessCalendar, start: datetime, first: timedelta, second: timedelta
) -> None:
    middle, end = start + first, start + first + second
    assert calendar.open_time(start, end) == (
        calendar.open_time(start, middle) + calendar.open_time(middle, end)
    )


@pytest.mark.skipif(
    not VECTORS.exists(), reason="the public test vectors are not beside the project"
)
def test_every_span_across_a_clock_change_is_met() -> None:
    for line in (VECTORS / "dst.jsonl").read_text().splitlines():
        vector = json.loads(line)
        if vector.get("pauses"):
            continue  # holds are the business of the SLA clock, not of the calendar
        holidays = map(date.fromisoformat, vector.get("holidays", ()))
        calendar = BusinessCalendar(vector["timezone"], vector["hours"], frozenset(holidays))
        if vector["op"] == "add":
            found = calendar.add(at(vector["start"]), timedelta(seconds=vector["seconds"]))
            assert found == at(vector["oracle"]), vector["source"]
        else:
            open_time = calendar.open_time(at(vector["start"]), at(vector["end"]))
            assert open_time.total_seconds() == vector["oracle"], vector["source"]
