"""When a scheduled report falls due, through changes of the clocks, and which days it is about."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_console.domain.figures.report_schedule import Every, ReportSchedule
from sla_console.reporting.schedule import last_due, next_due

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",  # half an hour of summer time
    "Asia/Beirut",  # its clocks skip midnight
    "Asia/Kathmandu",
    "Pacific/Apia",  # skipped the 30th of December 2011
    "America/Sao_Paulo",
)
MOST = {
    Every.WEEK: timedelta(days=7),
    Every.MONTH: timedelta(days=31),
    Every.QUARTER: timedelta(days=92),
}
CHANGE = timedelta(hours=24)
"""The most by which a zone has moved its clocks."""

schedules = st.builds(
    ReportSchedule,
    name=st.just("x"),
    every=st.sampled_from(Every),
    weekday=st.integers(0, 6),
    day=st.integers(1, 28),
    at=st.times(timezones=st.none()).map(lambda at: at.replace(second=0, microsecond=0, fold=0)),
)
zones = st.sampled_from(ZONES)
moments = st.datetimes(datetime(2005, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))


def monthly(**fields) -> ReportSchedule:
    return ReportSchedule("monthly", Every.MONTH, **fields)


def local(text: str, zone: str = "Europe/Berlin") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


class TestDueTimes:
    def test_a_month_is_due_on_its_day_after_it(self) -> None:
        due = next_due(monthly(day=3), "Europe/Berlin", local("2026-10-12 09:00"))
        assert due.at == local("2026-11-03 07:00")
        assert (due.period.label, due.label) == ("October 2026", "2026-10")

    def test_a_quarter_is_due_in_the_month_after_it_alone(self) -> None:
        quarterly = ReportSchedule("q", Every.QUARTER, day=2, at=time(6, 30))
        due = next_due(quarterly, "Europe/Berlin", local("2026-11-12 09:00"))
        assert due.at == local("2027-01-02 06:30")
        assert (due.period.label, due.label) == ("2026 Q4", "2026-Q4")

    def test_a_week_is_monday_to_sunday_whenever_it_is_sent(self) -> None:
        for weekday in range(7):
            weekly = ReportSchedule("w", Every.WEEK, weekday=weekday)
            due = next_due(weekly, "Europe/Berlin", local("2026-10-12 06:59"))
            assert due.at == local(f"2026-10-{12 + weekday} 07:00")
            assert (due.period.first, due.period.last) == (date(2026, 10, 5), date(2026, 10, 11))
            assert due.label == "2026-10-05"

    def test_it_is_due_at_the_moment_itself_and_next_a_month_later(self) -> None:
        at = local("2026-11-01 07:00")
        assert last_due(monthly(), "Europe/Berlin", at).at == at
        assert next_due(monthly(), "Europe/Berlin", at).at == local("2026-12-01 07:00")
        just_before = at - timedelta(microseconds=1)
        assert last_due(monthly(), "Europe/Berlin", just_before).at == local("2026-10-01 07:00")
        assert next_due(monthly(), "Europe/Berlin", just_before).at == at

    def test_the_zone_decides_which_month_it_is(self) -> None:
        early = monthly(at=time(0, 0))
        new_year = datetime(2026, 12, 31, 12, tzinfo=UTC)
        assert last_due(early, "Pacific/Kiritimati", new_year).label == "2026-12"
        assert last_due(early, "UTC", new_year).label == "2026-11"


class TestChangesOfTheClocks:
    def test_the_hour_stays_while_the_offset_changes(self) -> None:
        weekly = ReportSchedule("w", Every.WEEK)
        before = last_due(weekly, "Europe/Berlin", local("2026-10-24 12:00")).at
        after = next_due(weekly, "Europe/Berlin", local("2026-10-24 12:00")).at
        assert after - before == timedelta(days=7, hours=1)

    def test_a_time_that_is_skipped_is_the_first_moment_after(self) -> None:
        sunday = ReportSchedule("w", Every.WEEK, weekday=6, at=time(2, 30))
        due = next_due(sunday, "Europe/Berlin", local("2026-03-28 12:00"))
        assert due.at == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
        assert due.at.astimezone(ZoneInfo("Europe/Berlin")).time() == time(3, 0)

    def test_a_time_that_comes_twice_is_the_first_of_the_two(self) -> None:
        sunday = ReportSchedule("w", Every.WEEK, weekday=6, at=time(2, 30))
        due = next_due(sunday, "Europe/Berlin", local("2026-10-24 12:00"))
        assert due.at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
        second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
        assert last_due(sunday, "Europe/Berlin", second).at == due.at


class TestWhateverTheScheduleZoneAndMoment:
    @given(schedules, zones, moments)
    def test_the_moment_lies_between_the_last_and_the_next(self, schedule, zone, moment) -> None:
        last, following = last_due(schedule, zone, moment), next_due(schedule, zone, moment)
        assert last.at <= moment < following.at
        assert following.at - last.at <= MOST[schedule.every] + CHANGE

    @given(schedules, zones, moments)
    def test_the_next_is_the_last_from_when_it_comes(self, schedule, zone, moment) -> None:
        following = next_due(schedule, zone, moment)
        assert last_due(schedule, zone, following.at).at == following.at
        before = last_due(schedule, zone, following.at - timedelta(microseconds=1))
        assert before == last_due(schedule, zone, moment)

    @given(schedules, zones, moments)
    def test_its_period_is_over_by_then_and_the_next_joins_it(self, schedule, zone, moment) -> None:
        last, following = last_due(schedule, zone, moment), next_due(schedule, zone, moment)
        assert last.period.span.end <= last.at
        assert last.period.last + timedelta(days=1) == following.period.first
        assert following.period.before() == last.period
        assert last.label != following.label

    @given(schedules, zones, moments)
    def test_it_is_due_when_the_clock_shows_its_time_or_first_a_later_one(
        self, schedule, zone, moment
    ) -> None:
        at = next_due(schedule, zone, moment).at
        here = at.astimezone(ZoneInfo(zone))
        shown = here.replace(tzinfo=None, fold=0)
        wanted = datetime.combine(shown.date(), schedule.at)
        if shown != wanted:
            a_second_before = (at - timedelta(seconds=1)).astimezone(ZoneInfo(zone))
            assert shown > wanted or shown.time() == time(0, 0)
            assert a_second_before.replace(tzinfo=None, fold=0) < shown - timedelta(minutes=1)

    @given(zones, moments, st.integers(1, 28))
    def test_a_month_and_the_quarter_it_begins_are_told_apart(self, zone, moment, day) -> None:
        month = last_due(ReportSchedule("m", Every.MONTH, day=day), zone, moment)
        quarter = last_due(ReportSchedule("q", Every.QUARTER, day=day), zone, moment)
        assert month.label != quarter.label


@pytest.mark.parametrize("every", Every)
def test_a_year_holds_as_many_as_it_should(every) -> None:
    schedule = ReportSchedule("x", every, weekday=3, day=15, at=time(2, 30))
    moment, found = local("2026-01-01 00:00"), 0
    while (moment := next_due(schedule, "Europe/Berlin", moment).at) < local("2027-01-01 00:00"):
        found += 1
    assert found == {Every.WEEK: 53, Every.MONTH: 12, Every.QUARTER: 4}[every]
