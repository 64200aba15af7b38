"""Being quiet on purpose: what a silence means, and maintenance by a local wall clock."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_console.domain.alerts.notification import AlertEvent, Notification
from sla_console.domain.alerts.silence import MaintenanceWindow, Once, Silence, Weekly, muted_by
from sla_console.domain.matcher import Matcher
from sla_console.domain.sla.breach import BreachType
from sla_console.domain.wall_time import first_moment, last_moment

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
NOTICE = Notification(
    AlertEvent.BREACH, NOW, ticket_id="7", display_id="T-7", client="Harbour Dental",
    priority="High", group="Network", policy="Gold", technician="Ada Byron",
    target=BreachType.RESPONSE,
)  # fmt: skip
ZONES = ("Europe/Dublin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")


class TestMatcher:
    @pytest.mark.parametrize(
        ("matcher", "fits", "words"),
        [
            (Matcher(clients=("harbour dental",)), True, "client harbour dental"),
            (Matcher(clients=("Acme", "Harbour Dental")), True, "client Acme or Harbour Dental"),
            (Matcher(clients=("Acme",)), False, "client Acme"),
            (Matcher(priorities=("HIGH",)), True, "priority HIGH"),
            (Matcher(groups=("network",)), True, "group network"),
            (Matcher(policies=("Silver",)), False, "policy Silver"),
            (Matcher(tickets=("t-7",)), True, "ticket t-7"),
            (Matcher(tickets=("7",)), True, "ticket 7"),
            (Matcher(tickets=("8",)), False, "ticket 8"),
            (Matcher(technicians=("ada byron",)), True, "technician ada byron"),
            (Matcher(targets=(BreachType.RESOLUTION,)), False, "the resolution"),
            (Matcher(), True, "everything"),
        ],
    )
    def test_each_condition_is_compared_without_case(self, matcher, fits, words) -> None:
        assert matcher.matches(NOTICE) is fits
        assert matcher.words() == words

    def test_all_conditions_must_be_met(self) -> None:
        both = Matcher(clients=("Harbour Dental",), priorities=("Low",))
        assert not both.matches(NOTICE)
        assert both.words() == "client Harbour Dental, priority Low"

    def test_what_is_not_known_of_a_ticket_meets_no_condition_on_it(self) -> None:
        assert not Matcher(clients=("x",)).matches(replace(NOTICE, client=None))

    def test_an_empty_one_is_false(self) -> None:
        assert not Matcher()
        assert Matcher(targets=(BreachType.RESPONSE,))


def test_of_several_that_hold_the_one_that_lasts_longest_is_named() -> None:
    one = Silence("s1", Matcher(), "ada", "switch", NOW - HOUR, NOW + HOUR)
    window = MaintenanceWindow(
        "patch",
        Matcher(),
        ZoneInfo("UTC"),
        Once(datetime(2026, 11, 23, 11), datetime(2026, 11, 24, 2)),
    )
    assert muted_by(NOTICE, NOW, [one], []).words == "silenced by ada until 13:00 UTC: switch"
    both = muted_by(NOTICE, NOW, [one], [window])
    assert both.words == "maintenance patch until 2026-11-24 02:00 UTC"
    assert muted_by(NOTICE, NOW + timedelta(days=2), [one], [window]) is None


def test_a_silence_holds_from_its_start_up_to_its_end() -> None:
    one = Silence("s1", Matcher(), "ada", "switch", NOW, NOW + HOUR)
    assert [one.active(NOW + m * MINUTE) for m in (-1, 0, 59, 60)] == [False, True, True, False]


class TestSkippedAndDoubledHours:
    """Dublin, 2026: 01:00 to 02:00 is skipped on 29 March and comes twice on 25 October."""

    zone = ZoneInfo("Europe/Dublin")

    def test_a_time_that_a_clock_skips_is_the_end_of_the_gap(self) -> None:
        end = datetime(2026, 3, 29, 1, tzinfo=UTC)
        for minute in (0, 1, 30, 59):
            wall = datetime(2026, 3, 29, 1, minute)
            assert first_moment(wall, self.zone) == last_moment(wall, self.zone) == end
        assert first_moment(datetime(2026, 3, 29, 2), self.zone) == end

    def test_a_time_that_comes_twice_has_a_first_and_a_last(self) -> None:
        wall = datetime(2026, 10, 25, 1, 30)
        assert first_moment(wall, self.zone) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
        assert last_moment(wall, self.zone) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)

    def test_half_an_hour_is_enough_to_be_skipped(self) -> None:
        zone = ZoneInfo("Australia/Lord_Howe")  # 02:00 to 02:30 on 4 October 2026
        end = first_moment(datetime(2026, 10, 4, 2, 30), zone)
        assert first_moment(datetime(2026, 10, 4, 2, 15), zone) == end

    def test_a_window_over_the_doubled_hour_has_it_both_times(self) -> None:
        window = weekly(self.zone, {6}, time(0, 30), time(1, 30))
        start = datetime(2026, 10, 24, 23, 30, tzinfo=UTC)
        assert window.end_after(start) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def weekly(zone: ZoneInfo, days: set[int], start: time, end: time, week=None) -> MaintenanceWindow:
    return MaintenanceWindow("w", Matcher(), zone, Weekly(frozenset(days), start, end, week))


TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
# The days around which these zones change their clocks, and some that are like any other.
DAYS = st.sampled_from(
    [datetime(2026, *day) for day in ((3, 8), (3, 29), (4, 5), (6, 10), (10, 4), (10, 25), (11, 1))]
)


@given(
    st.sampled_from(ZONES), st.sets(st.integers(0, 6), min_size=1), TIMES, TIMES,
    st.sampled_from([None, 1, 2, 5]), DAYS,
)  # fmt: skip
def test_a_window_is_open_when_a_clock_on_the_wall_says_so(
    name, days, start, end, week, day
) -> None:
    """Looked at every quarter of an hour over three days, away from the hours that are odd."""
    zone = ZoneInfo(name)
    window = weekly(zone, days, start, end, week)
    begin = first_moment(day - timedelta(days=1), zone)
    for quarter in range(3 * 96):
        at = begin + quarter * 15 * MINUTE
        if _odd(at, zone):
            continue
        assert window.active(at) is _by_the_wall(at.astimezone(zone), days, start, end, week), at


def _odd(at: datetime, zone: ZoneInfo) -> bool:
    """Whether the clock changes within an hour and a half."""
    near = {(at + m * MINUTE).astimezone(zone).utcoffset() for m in (-90, 0, 90)}
    return len(near) > 1


def _by_the_wall(local: datetime, days: set[int], start: time, end: time, week) -> bool:
    now = local.time()
    for day, inside in (
        (local.date(), now >= start and (end <= start or now < end)),
        (local.date() - timedelta(days=1), end <= start and now < end),
    ):
        if inside and day.weekday() in days and week in {None, (day.day - 1) // 7 + 1}:
            return True
    return False


@given(st.sampled_from(ZONES), st.sets(st.integers(0, 6), min_size=1), TIMES, TIMES, DAYS)
def test_the_next_start_is_open_and_the_end_is_not(name, days, start, end, day) -> None:
    window = weekly(ZoneInfo(name), days, start, end)
    at = day.replace(tzinfo=UTC)
    begin = window.next_start(at)
    assert begin is not None
    assert begin > at
    if start == end or end > start:  # else windows of neighbouring days may touch
        finish = window.end_after(begin)
        if finish is not None:  # one that lies in a skipped hour has no length
            assert window.active(begin)
            assert finish > begin


def test_a_window_once_is_over_when_it_is_over() -> None:
    once = Once(datetime(2026, 11, 23, 22), datetime(2026, 11, 24, 4))
    window = MaintenanceWindow("w", Matcher(), ZoneInfo("Europe/Dublin"), once)
    assert window.next_start(NOW) == datetime(2026, 11, 23, 22, tzinfo=UTC)
    assert window.active(datetime(2026, 11, 24, 3, 59, tzinfo=UTC))
    assert not window.active(datetime(2026, 11, 24, 4, tzinfo=UTC))
    assert window.next_start(datetime(2026, 11, 24, tzinfo=UTC)) is None
