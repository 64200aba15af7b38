"""Who is on call, against an oracle that watches a clock on the wall minute by minute."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sla_console.domain.people.on_call import (
    DAYS,
    Override,
    Rotation,
    Shift,
    gaps,
    next_change,
    on_call,
)

MINUTE = timedelta(minutes=1)
DAY = 24 * 60
WORKDAYS = frozenset(range(5))
WEEKEND = frozenset({5, 6})
# Where clocks do unusual things, and the moment at which they do: an hour, half an hour, a quarter
# off the hour, a midnight that is missing or comes twice, a minute after midnight, a whole day.
CHANGES = (
    ("Europe/Dublin", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ("Europe/Dublin", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 3, 8, 7, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 11, 1, 6, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),
    ("Pacific/Chatham", datetime(2026, 4, 4, 14, tzinfo=UTC)),
    ("Asia/Kathmandu", datetime(2026, 4, 4, 14, tzinfo=UTC)),
    ("America/Sao_Paulo", datetime(2018, 11, 4, 3, tzinfo=UTC)),
    ("America/Sao_Paulo", datetime(2019, 2, 17, 2, tzinfo=UTC)),
    ("America/St_Johns", datetime(2010, 11, 7, 2, 31, tzinfo=UTC)),
    ("Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def weekly(zone: str = "Europe/Dublin", **values: object) -> Rotation:
    """Ada and Bo take turns around the clock, from Monday 5 January 2026 at nine."""
    rotation = {"shifts": (Shift(("Ada", "Bo")),), "starts": date(2026, 1, 5)} | values
    return Rotation("primary", ZoneInfo(zone), **rotation)  # type: ignore[arg-type]


def watched(rotation: Rotation, start: datetime, minutes: int) -> Iterator[tuple[datetime, str]]:
    """Say who has it at each minute, by a wall clock whose hands nobody may turn back."""
    wall = datetime.min  # noqa: DTZ901 - what a wall clock shows has no zone
    for minute in range(minutes):
        moment = start + minute * MINUTE
        wall = max(wall, moment.astimezone(rotation.zone).replace(tzinfo=None))
        handovers, day = -1, rotation.starts
        while datetime.combine(day, rotation.handover) <= wall:
            handovers, day = handovers + 1, day + timedelta(days=1)
        holder = ""
        for shift in reversed(rotation.shifts):
            if _covers(shift, wall):
                holder = shift.people[handovers // rotation.turn_days % len(shift.people)]
        for override in rotation.overrides:
            if override.start <= moment < override.end:
                holder = override.person
        yield moment, holder


def _covers(shift: Shift, wall: datetime) -> bool:
    minute = wall.hour * 60 + wall.minute
    today, yesterday = wall.weekday() in shift.days, (wall.weekday() - 1) % 7 in shift.days
    if shift.end > shift.start:
        return today and shift.start <= minute < shift.end
    return (today and minute >= shift.start) or (yesterday and minute < shift.end)


names = st.lists(st.sampled_from(["Ada", "Bo", "Cy", "Di"]), min_size=1, max_size=4).map(tuple)
# The first hours of a day most often, because that is when clocks change.
minutes = st.integers(0, DAY - 1) | st.integers(0, 12).map(lambda quarter: 15 * quarter)
shifts = st.builds(
    Shift,
    names,
    st.frozensets(st.integers(0, 6), min_size=1),
    minutes,
    minutes | st.just(DAY),
)
around_the_clock = st.builds(Shift, names)


@st.composite
def rotations(draw: st.DrawFn, *, gapless: bool = False) -> tuple[Rotation, datetime]:
    """Draw a rotation and a moment half a day before the clocks of its zone change."""
    zone, change = draw(st.sampled_from(CHANGES))
    handover = draw(minutes)
    some = draw(st.lists(shifts, max_size=3))
    edges = st.integers(-900, 900).map(lambda offset: change + offset * MINUTE)
    pairs = st.tuples(edges, edges).map(sorted)
    overrides = draw(st.lists(st.tuples(st.sampled_from(["Eve", "Ada"]), pairs), max_size=2))
    return Rotation(
        "primary",
        ZoneInfo(zone),
        change.date() - timedelta(days=draw(st.integers(3, 12))),
        time(handover // 60, handover % 60),
        draw(st.integers(1, 4)),
        (*some, draw(around_the_clock)) if gapless else tuple(some),
        tuple(Override(person, *pair) for person, pair in overrides),
    ), change - timedelta(hours=12, minutes=draw(st.integers(0, 59)))


class TestTurns:
    def test_they_go_round_in_the_order_written(self) -> None:
        rotation = weekly(shifts=(Shift(("Ada", "Bo", "Cy")),))
        mondays = [at("2026-01-05T09:00Z") + timedelta(weeks=week) for week in range(4)]
        assert [on_call(rotation, monday) for monday in mondays] == ["Ada", "Bo", "Cy", "Ada"]

    def test_one_ends_at_the_handover_and_not_a_moment_before(self) -> None:
        handover = at("2026-01-12T09:00Z")
        assert on_call(weekly(), handover - timedelta.resolution) == "Ada"
        assert on_call(weekly(), handover) == "Bo"

    def test_they_went_round_before_the_first_handover_too(self) -> None:
        moments = ["2026-01-05T08:59Z", "2025-12-29T09:00Z", "2025-12-29T08:59Z"]
        assert [on_call(weekly(), at(moment)) for moment in moments] == ["Bo", "Bo", "Ada"]

    @pytest.mark.parametrize(
        ("monday", "hours"), [("2026-03-23T09:00Z", 167), ("2026-10-19T08:00Z", 169)]
    )
    def test_a_week_has_an_hour_less_in_spring_and_one_more_in_autumn(
        self, monday: str, hours: int
    ) -> None:
        assert next_change(weekly(), at(monday)) == at(monday) + timedelta(hours=hours)

    @pytest.mark.parametrize(
        ("zone", "day", "wall", "moment"),
        [
            ("Europe/Dublin", "2026-03-28", "09:00", "2026-03-28T09:00Z"),
            ("Europe/Dublin", "2026-03-29", "09:00", "2026-03-29T08:00Z"),
            ("Europe/Dublin", "2026-10-24", "09:00", "2026-10-24T08:00Z"),
            ("Europe/Dublin", "2026-10-25", "09:00", "2026-10-25T09:00Z"),
            ("America/New_York", "2026-03-08", "09:00", "2026-03-08T13:00Z"),
            ("America/New_York", "2026-11-01", "09:00", "2026-11-01T14:00Z"),
            ("Australia/Lord_Howe", "2026-04-05", "09:00", "2026-04-04T22:30Z"),
            ("Australia/Lord_Howe", "2026-10-04", "09:00", "2026-10-03T22:00Z"),
            ("Asia/Kolkata", "2026-06-01", "09:00", "2026-06-01T03:30Z"),
            ("Asia/Kathmandu", "2026-06-01", "09:00", "2026-06-01T03:15Z"),
            ("Pacific/Chatham", "2026-06-01", "09:00", "2026-05-31T20:15Z"),
            # An hour that is skipped: the first moment after it.
            ("Europe/Dublin", "2026-03-29", "01:30", "2026-03-29T01:00Z"),
            ("America/New_York", "2026-03-08", "02:30", "2026-03-08T07:00Z"),
            ("Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:30Z"),
            # One that comes twice: the first time.
            ("Europe/Dublin", "2026-10-25", "01:30", "2026-10-25T00:30Z"),
            ("America/New_York", "2026-11-01", "01:30", "2026-11-01T05:30Z"),
            ("Australia/Lord_Howe", "2026-04-05", "01:45", "2026-04-04T14:45Z"),
            # The end of such an hour comes once, after both.
            ("Europe/Dublin", "2026-10-25", "02:00", "2026-10-25T02:00Z"),
            ("Australia/Lord_Howe", "2026-04-05", "02:00", "2026-04-04T15:30Z"),
            # A minute past midnight the clock went back to the day before.
            ("America/St_Johns", "2010-11-07", "00:00", "2010-11-07T02:30Z"),
        ],
    )
    def test_a_handover_stays_at_its_local_time(
        self, zone: str, day: str, wall: str, moment: str
    ) -> None:
        rotation = weekly(
            zone,
            starts=date.fromisoformat(day) - timedelta(days=1),
            handover=time.fromisoformat(wall),
            turn_days=1,
        )
        assert next_change(rotation, at(moment) - timedelta(hours=4)) == at(moment)
        before = {
            on_call(rotation, at(moment) - timedelta(minutes=early)) for early in (1, 45, 240)
        }
        assert len(before) == 1
        assert before != {on_call(rotation, at(moment))}
        # Nor does it happen again, or go back, when the hour comes the second time.
        assert next_change(rotation, at(moment)) > at(moment) + timedelta(hours=20)

    @pytest.mark.parametrize(
        ("zone", "put_back", "length", "end"),
        [
            ("Europe/Dublin", "2026-10-25T01:00Z", 60, "2026-10-25T02:00"),
            ("Australia/Lord_Howe", "2026-04-04T15:00Z", 30, "2026-04-05T02:00"),
            ("America/St_Johns", "2010-11-07T02:31Z", 60, "2010-11-07T00:01"),
        ],
    )
    def test_the_local_clock_waits_while_an_hour_comes_again(
        self, zone: str, put_back: str, length: int, end: str
    ) -> None:
        stands = datetime.fromisoformat(end) - timedelta.resolution
        shown = [weekly(zone).shown(at(put_back) + minute * MINUTE) for minute in range(length)]
        assert shown == [stands] * length
        assert weekly(zone).shown(at(put_back) + length * MINUTE) == stands + timedelta.resolution

    def test_a_day_that_a_zone_leaves_out_has_its_turn_until_the_next_handover(self) -> None:
        # Samoa went from the end of 29 December 2011 to the beginning of the 31st.
        rotation = weekly(
            "Pacific/Apia",
            starts=date(2011, 12, 29),
            turn_days=1,
            shifts=(Shift(("Ada", "Bo", "Cy")),),
        )
        moments = [at("2011-12-29T09:00-10:00")]
        moments += [next_change(rotation, moments[-1])]
        moments += [next_change(rotation, moments[-1])]
        assert moments[1:] == [at("2011-12-31T00:00+14:00"), at("2011-12-31T09:00+14:00")]
        assert [on_call(rotation, moment) for moment in moments] == ["Ada", "Bo", "Cy"]

    @given(
        st.sampled_from(CHANGES),
        st.lists(st.sampled_from("ABCDEFGH"), min_size=1, max_size=5, unique=True),
        st.integers(1, 9),
        minutes,
    )
    def test_each_has_all_days_of_a_turn_and_the_order_repeats(
        self, change: tuple[str, datetime], people: list[str], turn_days: int, handover: int
    ) -> None:
        zone, near = ZoneInfo(change[0]), change[1].date()
        wall = time(handover // 60, handover % 60)
        starts = near - timedelta(days=turn_days)
        rotation = Rotation("primary", zone, starts, wall, turn_days, (Shift(tuple(people)),), ())
        # Half a day after each handover; a local time that never came is left out.
        period = len(people) * turn_days
        looked = [
            datetime.combine(starts + timedelta(days=day), wall, zone) + timedelta(hours=12)
            for day in range(2 * period)
        ]
        real = [
            (day, moment)
            for day, moment in enumerate(looked)
            if moment.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
            == moment.replace(tzinfo=None)
        ]
        assert len(real) >= 2 * period - 2
        for day, moment in real:
            expected = people[day // turn_days % len(people)]
            assert on_call(rotation, moment.astimezone(UTC)) == expected


class TestShifts:
    FOLLOWS_THE_SUN = weekly(
        shifts=(
            Shift(("Ada", "Bo"), WORKDAYS, 9 * 60, 17 * 60),
            Shift(("Cy",), WORKDAYS, 17 * 60, 9 * 60),
            Shift(("Di", "Eve"), WEEKEND),
        )
    )

    @pytest.mark.parametrize(
        ("moment", "who"),
        [
            ("2026-01-05T09:00Z", "Ada"),
            ("2026-01-05T16:59Z", "Ada"),
            ("2026-01-05T17:00Z", "Cy"),
            ("2026-01-06T08:59Z", "Cy"),
            ("2026-01-09T23:59Z", "Cy"),
            ("2026-01-10T08:59Z", "Cy"),  # Friday's night runs into Saturday, and stands first
            ("2026-01-10T09:00Z", "Di"),
            ("2026-01-11T23:59Z", "Di"),
            ("2026-01-12T09:00Z", "Bo"),
            ("2026-01-17T12:00Z", "Eve"),
        ],
    )
    def test_the_first_that_covers_a_moment_counts(self, moment: str, who: str) -> None:
        assert on_call(self.FOLLOWS_THE_SUN, at(moment)) == who

    def test_nobody_is_on_call_where_none_covers(self) -> None:
        assert gaps(self.FOLLOWS_THE_SUN) == ["Mon 00:00 to Mon 09:00"]
        assert on_call(self.FOLLOWS_THE_SUN, at("2026-01-12T08:59Z")) is None
        assert next_change(self.FOLLOWS_THE_SUN, at("2026-01-11T12:00Z")) == at("2026-01-12T00:00Z")

    def test_a_shift_that_begins_in_an_hour_that_comes_twice_begins_once(self) -> None:
        rotation = weekly(
            shifts=(
                Shift(("Evening",), start=9 * 60, end=90),
                Shift(("Night",), start=90, end=9 * 60),
            )
        )
        first = at("2026-10-25T01:30+01:00")
        assert next_change(rotation, at("2026-10-24T20:00Z")) == first
        assert on_call(rotation, at("2026-10-25T01:10+00:00")) == "Night", "not Evening again"
        assert next_change(rotation, first) == at("2026-10-25T09:00Z")


class TestOverrides:
    CHRISTMAS = Override("Cy", at("2026-12-24T09:00Z"), at("2026-12-27T09:00Z"))

    def test_one_wins_from_its_start_until_just_before_its_end(self) -> None:
        rotation = weekly(overrides=(self.CHRISTMAS,))
        before = on_call(weekly(), self.CHRISTMAS.start)
        assert before != "Cy"
        assert on_call(rotation, self.CHRISTMAS.start - timedelta.resolution) == before
        assert on_call(rotation, self.CHRISTMAS.start) == "Cy"
        assert on_call(rotation, self.CHRISTMAS.end - timedelta.resolution) == "Cy"
        assert on_call(rotation, self.CHRISTMAS.end) == before
        assert next_change(rotation, self.CHRISTMAS.start) == self.CHRISTMAS.end

    def test_of_two_the_last_written_wins_and_fills_a_gap_too(self) -> None:
        eve = Override("Di", at("2026-12-24T18:00Z"), at("2026-12-25T08:00Z"))
        rotation = weekly(shifts=(), overrides=(self.CHRISTMAS, eve))
        hours = ["2026-12-24T08:00Z", "2026-12-24T12:00Z", "2026-12-24T20:00Z", "2026-12-25T08:00Z"]
        assert [on_call(rotation, at(hour)) for hour in hours] == [None, "Cy", "Di", "Cy"]


class TestNextChange:
    def test_there_is_none_where_one_person_always_has_it(self) -> None:
        assert next_change(weekly(shifts=(Shift(("Ada",)),)), at("2026-01-05T09:00Z")) is None

    def test_a_turn_that_goes_to_the_same_person_is_none(self) -> None:
        rotation = weekly(shifts=(Shift(("Ada", "Ada", "Bo")),))
        assert next_change(rotation, at("2026-01-06T09:00Z")) == at("2026-01-19T09:00Z")

    def test_it_is_looked_for_through_a_year_and_no_longer(self) -> None:
        far = Override("Cy", at("2027-01-01T00:00Z"), at("2027-01-02T00:00Z"))
        rotation = weekly(shifts=(Shift(("Ada",)),), overrides=(far,))
        assert next_change(rotation, at("2026-01-02T00:00Z")) == far.start
        assert next_change(rotation, at("2025-12-01T00:00Z")) is None


class TestGaps:
    @pytest.mark.parametrize(
        ("shifts", "words"),
        [
            ((Shift(("Ada",)),), []),
            ((), ["Mon 00:00 to Sun 24:00"]),
            ((Shift(()),), ["Mon 00:00 to Sun 24:00"]),
            ((Shift(("Ada",), WORKDAYS),), ["Sat 00:00 to Sun 24:00"]),
            (
                (Shift(("Ada",), WORKDAYS), Shift(("Bo",), frozenset({0}), 0, 60)),
                ["Sat 00:00 to Sun 24:00"],
            ),
            (
                (Shift(("Ada",), frozenset({0, 1, 2, 3}), 9 * 60, 9 * 60),),
                ["Fri 09:00 to Mon 09:00"],
            ),
            (
                (Shift(("Ada",), start=0, end=12 * 60), Shift(("Bo",), start=12 * 60 + 1)),
                [f"{day} 12:00 to {day} 12:01" for day in DAYS],
            ),
            ((Shift(("Ada",), start=22 * 60, end=22 * 60),), []),
        ],
    )
    def test_they_are_named_by_the_local_week(
        self, shifts: tuple[Shift, ...], words: list[str]
    ) -> None:
        assert gaps(weekly(shifts=shifts)) == words

    @pytest.mark.slow
    @settings(max_examples=50)
    @given(st.lists(shifts, max_size=5))
    def test_they_are_exactly_when_nobody_is_on_call(self, some: list[Shift]) -> None:
        rotation = weekly("UTC", shifts=tuple(some))
        monday = at("2026-01-05T00:00Z")
        week = [on_call(rotation, monday + minute * MINUTE) is None for minute in range(7 * DAY)]
        # A stretch begins where the minute before is covered, and the week is a circle.
        begins = sum(now and not before for before, now in pairwise([week[-1], *week]))
        assert len(gaps(rotation)) == (1 if all(week) else begins)


@pytest.mark.slow
@settings(max_examples=60)
@given(rotations())
def test_it_is_who_a_wall_clock_says_at_every_minute(drawn: tuple[Rotation, datetime]) -> None:
    rotation, start = drawn
    for moment, expected in watched(rotation, start, 26 * 60):
        assert (on_call(rotation, moment) or "") == expected, moment
        late = moment + MINUTE - timedelta.resolution
        assert (on_call(rotation, late) or "") == expected, late


@settings(max_examples=60)
@given(rotations())
def test_it_changes_at_the_next_change_and_at_no_other_moment(
    drawn: tuple[Rotation, datetime],
) -> None:
    rotation, start = drawn
    seen = list(watched(rotation, start, 26 * 60))
    changes = [now for (_, before), (now, holder) in pairwise(seen) if before != holder]
    found, moment = [], next_change(rotation, start)
    while moment is not None and moment <= seen[-1][0]:
        found.append(moment)
        moment = next_change(rotation, moment)
    assert found == changes


@given(rotations(gapless=True), st.integers(-40_000, 40_000))
def test_somebody_always_has_it_where_there_is_no_gap(
    drawn: tuple[Rotation, datetime], offset: int
) -> None:
    rotation, start = drawn
    assert gaps(rotation) == []
    assert on_call(rotation, start + offset * MINUTE) is not None


@given(rotations(), st.lists(st.integers(0, 3 * 86_400), min_size=2, max_size=20))
def test_the_turn_never_goes_back(drawn: tuple[Rotation, datetime], seconds: list[int]) -> None:
    rotation, start = drawn
    turns = [rotation.turn(start + timedelta(seconds=second)) for second in sorted(seconds)]
    assert turns == sorted(turns)
