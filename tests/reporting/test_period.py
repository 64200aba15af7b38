"""The days that a report is about."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_console.domain.errors import UserError
from sla_console.reporting.period import Period, period_between, period_of

ZONES = st.sampled_from(
    ("UTC", "Europe/Dublin", "America/Sao_Paulo", "Pacific/Apia", "Asia/Kolkata")
)
DAYS = st.dates(date(2000, 2, 1), date(2090, 1, 1))


@pytest.mark.parametrize(
    ("text", "first", "last", "label"),
    [
        ("2026-10", date(2026, 10, 1), date(2026, 10, 31), "October 2026"),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), "February 2024"),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31), "2026 Q4"),
        ("2026-q1", date(2026, 1, 1), date(2026, 3, 31), "2026 Q1"),
        ("2026", date(2026, 1, 1), date(2026, 12, 31), "2026"),
    ],
)
def test_months_quarters_and_years_are_read(text, first, last, label) -> None:
    found = period_of(text, "UTC")
    assert (found.first, found.last, found.label) == (first, last, label)


@pytest.mark.parametrize(
    "text", ["", "2026-13", "2026-00", "2026-1", "26-10", "October", "2026-Q5", "1999-10", "٢٠٢٦"]
)
def test_what_is_no_period_is_told_with_what_would_be_one(text) -> None:
    with pytest.raises(UserError, match="expected a month such as 2026-10") as found:
        period_of(text, "UTC")
    assert "--period" in str(found.value)


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2026-10-02", "2026-10-01", "not before --from 2026-10-02"),
        ("yesterday", "2026-10-01", "--from: found 'yesterday'"),
        ("2026-10-01", "2026-02-30", "--to: found '2026-02-30'"),
    ],
)
def test_days_that_are_none_or_in_the_wrong_order_are_refused(first, last, said) -> None:
    with pytest.raises(UserError, match=said):
        period_between(first, last, "UTC")


def test_the_day_begins_where_its_zone_begins_it() -> None:
    march = period_of("2026-03", "Europe/Dublin").span
    assert march.start == datetime(2026, 3, 1, 0, 0, tzinfo=UTC)
    assert march.end == datetime(2026, 3, 31, 23, 0, tzinfo=UTC), "clocks went forward on the 29th"


@given(first=DAYS, days=st.integers(0, 800), zone=ZONES)
def test_the_period_before_ends_where_this_one_begins(first, days, zone) -> None:
    period = Period(first, first + timedelta(days=days), zone)
    assert period.before().span.end == period.span.start
    assert period.before().span.start < period.span.start


@given(year=st.integers(2001, 2090), month=st.integers(1, 12), zone=ZONES)
def test_before_a_month_comes_a_month(year, month, zone) -> None:
    before = Period.month(year, month, zone).before()
    assert before == Period.month(before.first.year, before.first.month, zone)
    assert (before.first.year, before.first.month) == (
        (year, month - 1) if month > 1 else (year - 1, 12)
    )


@given(moment=st.datetimes(datetime(2001, 1, 1), datetime(2090, 1, 1)), zone=ZONES)
def test_each_moment_is_in_the_month_that_its_calendar_shows(moment, zone) -> None:
    at = moment.replace(tzinfo=UTC)
    here = at.astimezone(ZoneInfo(zone))
    span = Period.month(here.year, here.month, zone).span
    assert span.start <= at < span.end
