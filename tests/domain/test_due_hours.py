"""How many promises fall due in each of the next working hours."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.sla.due_hours import due_hours, working_hours
from sla_console.domain.sla.evaluation import evaluate
from sla_console.domain.tickets.ticket import StatusPhases, Ticket

OFFICE = BusinessCalendar("Europe/Dublin", {day: [("09:00", "17:30")] for day in ("mon", "tue", "wed", "thu", "fri")})  # fmt: skip
ALWAYS = BusinessCalendar.always()
MONDAY = datetime(2026, 10, 12, 14, 20, tzinfo=UTC)  # 15:20 in Dublin
PHASES = StatusPhases.of(("On Hold",), ("Closed",))


def tickets(*dues: datetime, status: str = "Open"):
    made = [
        evaluate(
            Ticket(str(n), str(n), "", status=status, created_at=MONDAY - timedelta(days=3),
                   resolution_due=due),
            None, ALWAYS, PHASES,
        )
        for n, due in enumerate(dues)
    ]  # fmt: skip
    return sorted(made, key=lambda judged: judged.next_due())


def test_the_hours_are_those_of_the_clock_and_skip_what_is_closed():
    found = working_hours(OFFICE, MONDAY, 5)
    local = [f"{start.astimezone(OFFICE.zone):%a %H:%M}" for start, _ in found]
    assert local == ["Mon 15:00", "Mon 16:00", "Mon 17:00", "Tue 09:00", "Tue 10:00"]


def test_a_weekend_is_nobodys_working_hour():
    friday = datetime(2026, 10, 16, 16, 0, tzinfo=UTC)  # 17:00 in Dublin
    found = working_hours(OFFICE, friday, 2)
    assert [f"{start.astimezone(OFFICE.zone):%a %H}" for start, _ in found] == ["Fri 17", "Mon 09"]


def test_what_falls_due_while_it_is_closed_counts_to_the_next_working_hour():
    night = datetime(2026, 10, 13, 2, 0, tzinfo=UTC)
    found = due_hours(tickets(night), OFFICE, MONDAY, 5)
    assert [hour.due for hour in found] == [0, 0, 0, 1, 0]


def test_what_is_late_or_waits_does_not_count():
    late = MONDAY - timedelta(minutes=1)
    soon = MONDAY + timedelta(minutes=10)
    assert [hour.due for hour in due_hours(tickets(late, soon), ALWAYS, MONDAY, 2)] == [1, 0]
    assert sum(hour.due for hour in due_hours(tickets(soon, status="On Hold"), ALWAYS, MONDAY)) == 0


def test_a_calendar_that_never_opens_again_has_no_hours():
    gone = BusinessCalendar("UTC", {}, overrides={date(2020, 1, 1): [("09:00", "10:00")]})
    assert due_hours(tickets(MONDAY), gone, MONDAY) == ()


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe"])
def test_zones_that_are_not_whole_hours_off_have_their_own_full_hours(zone):
    calendar = BusinessCalendar(zone, {"mon": [("00:00", "24:00")], "tue": [("00:00", "24:00")]})
    for start, end in working_hours(calendar, MONDAY, 4):
        assert start.astimezone(calendar.zone).minute == 0
        assert end - start == timedelta(hours=1)


@given(st.lists(st.integers(0, 30 * 60), max_size=30), st.integers(0, 7 * 24 * 60))
def test_every_promise_before_the_horizon_is_in_exactly_one_hour(minutes, shift):
    now = MONDAY + timedelta(minutes=shift)
    dues = [now + timedelta(minutes=each) for each in minutes]
    found = due_hours(tickets(*dues), OFFICE, now)
    assert sum(hour.due for hour in found) == sum(due < found[-1].end for due in dues)
