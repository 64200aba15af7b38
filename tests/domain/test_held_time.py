"""Promised time: open time less the holds, each second once."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sla_console.domain.sla.calendar import WEEKDAYS, BusinessCalendar
from sla_console.domain.sla.held_time import due_after, promised_time
from sla_console.domain.tickets.ticket import Hold

OFFICE = BusinessCalendar(
    "Europe/Dublin", {day: [("09:00", "12:30"), ("13:30", "17:00")] for day in WEEKDAYS[:5]}
)
moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(second=0, microsecond=0)
)
minutes = st.integers(0, 14 * 24 * 60).map(lambda n: timedelta(minutes=n))
near = st.lists(
    st.tuples(st.integers(-2000, 6000), st.integers(0, 3000)).map(
        lambda p: (timedelta(minutes=p[0]), timedelta(minutes=p[0] + p[1]))
    ),
    max_size=5,
)


@given(moments, minutes, near)
def test_open_time_outside_holds_is_the_sum_over_uncovered_minutes(
    start: datetime, span: timedelta, offsets: list
) -> None:
    span = min(span, timedelta(days=3))
    held = [Hold(start + since, start + until) for since, until in offsets]
    counted = timedelta()
    at = start
    while at < start + span:
        after = at + timedelta(minutes=1)
        if not any(hold.start <= at < hold.end for hold in held):
            counted += OFFICE.open_time(at, after)
        at = after
    assert promised_time(OFFICE, start, start + span, held) == counted


@given(moments, minutes, near)
def test_what_is_due_outside_holds_is_the_earliest_such_moment(
    start: datetime, target: timedelta, offsets: list
) -> None:
    held = [Hold(start + since, start + until) for since, until in offsets]
    due = due_after(OFFICE, start, target, held)
    assert promised_time(OFFICE, start, due, held) == target
    if target:
        earlier = due - timedelta(seconds=1)
        assert promised_time(OFFICE, start, earlier, held) < target
    else:
        assert due == start
