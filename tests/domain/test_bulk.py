"""A whole board judged with arrays says the same as one ticket judged at a time."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sla_console.domain.bulk import NONE, CalendarTable, judge_in_bulk
from sla_console.domain.calendar import WEEKDAYS, BusinessCalendar
from sla_console.domain.held_time import promised_time
from sla_console.domain.judgement import judge
from sla_console.domain.policy import SLAPolicy
from sla_console.domain.risk import RiskThresholds
from sla_console.domain.sla_clock import ClockState, DueSource, JudgedTicket, SLAClock
from sla_console.domain.ticket import Hold, StatusPhases, Ticket

SECOND = timedelta(seconds=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


# Ordinary, half an hour of summer time, odd offsets, a midnight that is missing, two changes
# within a month, a whole day left out.
ZONES = (
    "UTC",
    "Europe/Dublin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Chatham",
    "America/Sao_Paulo",
    "Africa/Casablanca",
    "Pacific/Apia",
)
# Spans of eighty days, each with a change of clocks in some of the zones.
BEGINNINGS = tuple(
    datetime.fromisoformat(f"{day}T00:00Z")
    for day in ("2026-02-20", "2026-09-20", "2018-10-10", "2011-12-01", "2026-06-10")
)
LENGTH = timedelta(days=80)
SPAN = LENGTH // SECOND
OFFICE = BusinessCalendar("Europe/Dublin", {day: [("09:00", "17:30")] for day in WEEKDAYS[:5]})
ALWAYS = BusinessCalendar.always()
BEGINNING = at("2026-03-02T00:00Z")
PHASES = StatusPhases.of(hold=("On Hold",), closed=("Closed",))


def stamp(moment: datetime) -> int:
    return int(moment.timestamp())


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


def clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds % 3600 // 60:02}:{seconds % 60:02}"


quarters = st.integers(0, 96).map(lambda quarter: quarter * 900)
any_time = quarters | st.integers(0, 86_400)


def weeks(times):
    intervals = st.lists(
        st.tuples(times, times).map(lambda t: (clock(t[0]), clock(t[1]))), max_size=2
    )
    return st.fixed_dictionaries(dict.fromkeys(WEEKDAYS, intervals)).filter(
        lambda week: any(start != end for spans in week.values() for start, end in spans)
    )


def calendars(begin, times):
    days = st.integers(-2, LENGTH.days + 2).map(lambda n: (begin + timedelta(days=n)).date())
    exceptions = st.dictionaries(
        days,
        st.lists(st.tuples(times, times).map(lambda t: (clock(t[0]), clock(t[1]))), max_size=1),
    )
    return st.just(ALWAYS) | st.builds(
        BusinessCalendar, st.sampled_from(ZONES), weeks(times), st.sets(days), exceptions
    )


@st.composite
def tables(draw):
    """A table of one to four calendars, and moments inside it and around it."""
    begin = draw(st.sampled_from(BEGINNINGS))
    times = draw(st.sampled_from([quarters, any_time]))
    found = draw(st.lists(calendars(begin, times), min_size=1, max_size=4))
    table = CalendarTable(found, begin, begin + LENGTH)
    seconds = st.integers(-200_000, SPAN + 200_000) | st.integers(0, SPAN // 900).map(
        lambda quarter: quarter * 900
    )
    rows = draw(
        st.lists(
            st.tuples(st.integers(0, len(found) - 1), seconds, seconds), min_size=1, max_size=40
        )
    )
    numbers, starts, ends = np.array(rows, np.int64).T
    return table, numbers, starts + stamp(begin), ends + stamp(begin)


@settings(max_examples=150, deadline=None)
@given(tables())
def test_open_time_is_that_of_the_calendars(case) -> None:
    table, numbers, starts, ends = case
    found = table.open_time(numbers, starts, ends)
    for number, start, end, seconds in zip(numbers, starts, ends, found, strict=True):
        expected = table.calendars[number].open_time(moment(start), moment(end))
        assert timedelta(seconds=int(seconds)) == expected


@settings(max_examples=150, deadline=None)
@given(tables(), st.lists(st.integers(0, 600_000) | st.just(0), min_size=1))
def test_adding_is_that_of_the_calendars(case, amounts) -> None:
    table, numbers, starts, _ = case
    wanted = np.resize(amounts, len(starts))
    found = table.add(numbers, starts, wanted)
    for number, start, seconds, due in zip(numbers, starts, wanted, found, strict=True):
        expected = table.calendars[number].add(moment(start), timedelta(seconds=int(seconds)))
        assert moment(due) == expected


@settings(max_examples=100, deadline=None)
@given(tables())
def test_every_edge_of_every_stretch_is_met_to_the_second(case) -> None:
    table, *_ = case
    for number, calendar in enumerate(table.calendars):
        first, last = moment(table.first), moment(table.last)
        for begin, end in calendar.stretches(first, last):
            around = np.array([begin, begin + 1, end - 1, end])
            before = table.open_before(number, around)
            assert list(np.diff(before)) == [1, end - begin - 2, 1]
            if end - begin > 1:
                assert list(table.moment_at(number, before[1:])) == list(around[1:])


def test_exactly_full_is_closing_time_and_a_second_more_is_after_the_next_opening() -> None:
    table = CalendarTable([OFFICE], at("2026-11-01T00:00Z"), at("2026-12-01T00:00Z"))
    friday = stamp(at("2026-11-20T16:30Z"))
    found = table.add(0, friday, [3600, 3601, 0])
    assert list(map(moment, found)) == [
        at("2026-11-20T17:30Z"),
        at("2026-11-23T09:00:01Z"),
        at("2026-11-20T16:30Z"),
    ]


def test_no_open_time_at_all_is_the_table_s_start() -> None:
    table = CalendarTable([OFFICE, ALWAYS], at("2026-11-01T00:00Z"), at("2026-12-01T00:00Z"))
    assert list(table.moment_at([0, 1], 0)) == [table.first, table.first]


def test_moments_far_outside_the_table_are_right_too() -> None:
    table = CalendarTable([OFFICE, ALWAYS], at("2026-11-01T00:00Z"), at("2026-11-02T00:00Z"))
    early, late = at("2025-03-03T12:00Z"), at("2028-03-01T12:00Z")
    year = timedelta(hours=2000)
    for number, calendar in enumerate(table.calendars):
        assert table.open_time(number, stamp(early), stamp(late))[0] == (
            calendar.open_time(early, late) // SECOND
        )
        for start in (early, late):
            assert moment(table.add(number, stamp(start), year // SECOND)[0]) == (
                calendar.add(start, year)
            )


def test_what_is_full_just_as_the_table_begins_was_due_at_the_closing_time_before_it() -> None:
    table = CalendarTable([OFFICE], at("2026-11-02T00:00Z"), at("2026-12-01T00:00Z"))
    friday = stamp(at("2026-10-30T16:30Z"))
    assert list(map(moment, table.add(0, friday, [3600, 3601]))) == [
        at("2026-10-30T17:30Z"),
        at("2026-11-02T09:00:01Z"),
    ]


def test_more_moments_than_a_block_holds_are_answered_in_their_places() -> None:
    table = CalendarTable([OFFICE, ALWAYS], at("2026-11-01T00:00Z"), at("2026-12-01T00:00Z"))
    starts = np.arange(50_000) * 37 + table.first
    numbers = np.arange(50_000) % 2
    found = table.open_time(numbers, starts, starts + 90_000)
    for place in range(0, 50_000, 997):
        expected = table.calendars[place % 2].open_time(
            moment(starts[place]), moment(starts[place] + 90_000)
        )
        assert found[place] == expected // SECOND


def test_what_cannot_be_answered_is_refused_in_words() -> None:
    first, last = at("2026-11-01T00:00Z"), at("2026-12-01T00:00Z")
    once = BusinessCalendar("UTC", {}, overrides={date(2026, 11, 5): [("09:00", "10:00")]})
    table = CalendarTable([OFFICE, once], first, last)
    with pytest.raises(ValueError, match="no calendar number 2; the table has 2"):
        table.open_before([0, 2], stamp(first))
    with pytest.raises(ValueError, match="no calendar number -1"):
        table.add(-1, stamp(first), 60)
    with pytest.raises(TypeError, match="whole numbers"):
        table.open_before(0, [1.5])
    with pytest.raises(ValueError, match="before the table's start"):
        table.moment_at(0, -1)
    with pytest.raises(ValueError, match="long enough"):
        table.add(1, stamp(first), 3601)
    with pytest.raises(ValueError, match="years 2 to 9998"):
        table.open_before(0, 10**15)
    with pytest.raises(ValueError, match="time zone"):
        CalendarTable([OFFICE], datetime(2026, 1, 1), last)
    with pytest.raises(ValueError, match="end after it begins"):
        CalendarTable([OFFICE], last, first)
    with pytest.raises(ValueError, match="at least one calendar"):
        CalendarTable([], first, last)


def test_nothing_to_answer_is_answered_with_nothing() -> None:
    table = CalendarTable([OFFICE], at("2026-11-01T00:00Z"), at("2026-12-01T00:00Z"))
    assert len(table.open_time([], [], [])) == 0
    judged = judge_in_bulk(table, [], at("2026-11-03T00:00Z"), created=[], target=[])
    assert len(judged.due) == 0


# -- judging ---------------------------------------------------------------------------------


@st.composite
def promises(draw):
    """A ticket under a policy, with its holds in order, some of whose times are not known."""
    seconds = st.integers(0, 45 * 86_400)
    some = seconds.map(lambda second: BEGINNING + second * SECOND)
    created = draw(some)
    kept_at = st.none() | seconds.map(lambda second: created + (second // 9 - 30_000) * SECOND)
    ends = sorted(draw(st.lists(some, max_size=4).filter(lambda found: len(found) % 2 == 0)))
    ticket = Ticket(
        "1",
        "T-1",
        "Printer down",
        status=draw(st.sampled_from(["Open", "Open", "On Hold"])),
        created_at=draw(st.sampled_from([created, created, created, None])),
        updated_at=draw(some),
        response_due=draw(st.none() | st.none() | some),
        responded_at=draw(kept_at),
        response_violated=draw(st.booleans()),
    )
    if ticket.responded_at is not None:
        # A flag on what has stopped is weighed against its times, not judged here.
        ticket = replace(ticket, response_violated=None)
    # No ticket is seen to wait before there is one, and no hold has ended after the one that is on.
    waits = ticket.status == "On Hold"
    holds = tuple(
        Hold(start, end)
        for start, end in zip(ends[::2], ends[1::2], strict=True)
        if (ticket.created_at is None or start >= created)
        and not (waits and ticket.updated_at is not None and end > ticket.updated_at)
    )
    minutes = draw(st.none() | st.integers(0, 3000) | st.sampled_from([0, 60, 480]))
    return ticket, minutes, holds, draw(st.integers(0, 3))


BOARD_CALENDARS = (
    ALWAYS,
    OFFICE,
    BusinessCalendar("Australia/Lord_Howe", {day: [("22:10", "06:00")] for day in WEEKDAYS}),
    BusinessCalendar(
        "America/New_York",
        {day: [("08:00", "12:00"), ("13:00", "17:00")] for day in WEEKDAYS[:6]},
        holidays=[date(2026, 3, 17)],
        overrides={date(2026, 3, 21): [("10:00", "10:20")]},
    ),
)
BOARD_TABLE = CalendarTable(BOARD_CALENDARS, at("2026-03-01T00:00Z"), at("2026-05-20T00:00Z"))
thresholds = st.builds(
    RiskThresholds,
    medium_share=st.floats(0.1, 0.9),
    high_share=st.floats(0.1, 0.9),
    critical_share=st.floats(0.1, 1.0),
    high_left=st.timedeltas(timedelta(), timedelta(hours=9)),
    critical_left=st.timedeltas(timedelta(), timedelta(hours=1)),
)


def held_between(clock: SLAClock, start: datetime, end: datetime) -> int:
    """Return the open seconds that holds took out of [start, end)."""
    open_time = clock.calendar.open_time(start, end)
    return (open_time - promised_time(clock.calendar, start, end, clock.holds)) // SECOND


def held_by(clock: SLAClock, start: datetime, at: datetime) -> int:
    """Return the same of the holds that count: after SuperOps' due time none does."""
    due = clock.due
    own = due is None or clock.source is DueSource.COMPUTED
    holds = tuple(hold for hold in clock.holds if own or hold.start <= due)
    return held_between(replace(clock, holds=holds), start, at)


def as_arrays(cases, now: datetime) -> tuple[list[SLAClock], dict]:
    clocks, rows = [], []
    for ticket, minutes, holds, number in cases:
        policy = SLAPolicy("p", "Any", response_time_minutes=minutes)
        clock = judge(ticket, policy, BOARD_CALENDARS[number], PHASES, holds).response
        start = ticket.created_at or BEGINNING
        times = (ticket.created_at, clock.stopped_at, clock.held_since, ticket.response_due)
        rows.append(
            (
                # SuperOps' due time is counted in the hours it was made of; every hour stands first.
                0 if clock.calendar.is_always else number,
                *(NONE if time is None else stamp(time) for time in times),
                NONE if minutes is None else minutes * 60,
                held_by(clock, start, clock.stopped_at or min(clock.held_since or now, now)),
                held_between(clock, start, clock.due) if clock.due else 0,
                bool(clock.violated),
            )
        )
        clocks.append(clock)
    names = [
        "numbers",
        "created",
        "stopped",
        "held_since",
        "due",
        "target",
        "held",
        "held_by_due",
        "violated",
    ]
    return clocks, dict(zip(names, np.array(rows, np.int64).T, strict=True))


@settings(max_examples=300, deadline=None)
@given(st.lists(promises(), min_size=1, max_size=12), st.integers(0, 70 * 86_400), thresholds)
def test_a_board_is_judged_as_its_tickets_are(cases, seconds, limits) -> None:
    now = BEGINNING + seconds * SECOND
    clocks, arrays = as_arrays(cases, now)
    found = judge_in_bulk(BOARD_TABLE, now=now, thresholds=limits, **arrays)
    for place, ((ticket, *_), clock) in enumerate(zip(cases, clocks, strict=True)):
        if clock.due is None:
            assert found.due[place] == NONE
            assert np.isnan(found.share[place])
            assert not found.breached[place]
        else:
            assert moment(found.due[place]) == clock.due
            assert found.remaining[place] * SECOND == clock.remaining(now)
            assert found.breached[place] == (clock.state(now) is ClockState.BREACHED)
            share = clock.consumed(now)
            assert np.isnan(found.share[place]) if share is None else found.share[place] == share
        none = replace(clock, due=None)
        judged = JudgedTicket(ticket, None, PHASES.phase(ticket.status), clock, none)
        assert found.risk[place] == judged.risk(now, limits).rank


def test_what_is_used_up_and_what_is_left_are_the_target() -> None:
    created = at("2026-03-06T16:30Z")  # a Friday, half an hour of it open
    start = {"created": stamp(created), "target": 4 * 3600}
    found = judge_in_bulk(BOARD_TABLE, 1, at("2026-03-09T10:00Z"), held=[0, 1800], **start)
    assert list(found.consumed) == [7200, 5400]
    assert list(found.remaining) == [7200, 9000]
    assert list(map(moment, found.due)) == [at("2026-03-09T12:00Z"), at("2026-03-09T12:30Z")]
    assert list(found.share) == [0.5, 0.375]


def test_what_is_due_at_closing_time_breaks_at_the_next_opening() -> None:
    start = {"created": stamp(at("2026-03-06T16:30Z")), "target": 3600}
    for now, breached in (
        ("2026-03-06T17:30Z", False),
        ("2026-03-08T12:00Z", False),
        ("2026-03-09T09:00Z", False),
        ("2026-03-09T09:00:01Z", True),
    ):
        found = judge_in_bulk(BOARD_TABLE, 1, at(now), **start)
        assert list(map(moment, found.due)) == [at("2026-03-06T17:30Z")]
        assert list(found.breached) == [breached]


def test_risk_begins_on_the_second_of_its_thresholds() -> None:
    limits = RiskThresholds(medium_share=0.5, high_share=0.99, critical_share=0.99)
    left = np.array([7201, 7200, 3601, 3600, 901, 900, 1, 0, -1])
    now = at("2026-03-20T12:00Z")
    found = judge_in_bulk(
        BOARD_TABLE, 0, now, created=stamp(now) - 14_400 + left, target=14_400, thresholds=limits
    )
    assert list(found.remaining) == list(left)
    assert list(found.risk) == [0, 1, 1, 2, 2, 3, 3, 3, 3]


def test_a_board_larger_than_a_block_is_judged_in_its_places() -> None:
    created = stamp(BEGINNING) + np.arange(40_000) * 60
    numbers = np.arange(40_000) % 4
    now = BEGINNING + timedelta(days=20)
    whole = judge_in_bulk(BOARD_TABLE, numbers, now, created=created, target=7200)
    for place in range(0, 40_000, 3001):
        alone = judge_in_bulk(BOARD_TABLE, numbers[place], now, created=created[place], target=7200)
        assert alone.due[0] == whole.due[place]
        assert alone.remaining[0] == whole.remaining[place]
        assert alone.risk[0] == whole.risk[place]


def test_a_console_that_starts_does_not_wait_for_numpy() -> None:
    rooms = "sla_console.ui.app, sla_console.service, sla_console.monitoring.engine"
    loaded = f"import sys, {rooms}; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", loaded], check=False).returncode == 0
