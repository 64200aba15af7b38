"""Whether a queue can be done by its due times, and what must move."""

from datetime import UTC, datetime, timedelta
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from sla_console.domain.forecast.feasibility import QueuedWork, plan_queue, usual_pace
from sla_console.domain.sla.calendar import WEEKDAYS, BusinessCalendar

OFFICE = BusinessCalendar("UTC", {day: [("09:00", "17:00")] for day in WEEKDAYS[:5]})
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)


def work(number: int, due_hours: float, takes_hours: float) -> QueuedWork:
    return QueuedWork(
        str(number), MONDAY + timedelta(hours=due_hours), timedelta(hours=takes_hours)
    )


def test_a_queue_is_worked_off_earliest_due_first_in_open_time() -> None:
    plan = plan_queue([work(2, 48, 6), work(1, 24, 4)], OFFICE, MONDAY)
    assert [planned.work.ticket_id for planned in plan.planned] == ["1", "2"]
    assert plan.planned[1].ends == MONDAY + timedelta(hours=26), "on Tuesday at eleven"
    assert plan.is_feasible


def test_the_ticket_whose_going_saves_the_rest_must_move() -> None:
    plan = plan_queue([work(1, 2, 6), work(2, 4, 2), work(3, 6, 2)], OFFICE, MONDAY)
    assert plan.must_move == ("1",)
    assert plan.planned[0].late_by == timedelta(hours=4)


def in_time(queue: list[QueuedWork]) -> bool:
    at = timedelta()
    for one in sorted(queue, key=lambda each: each.due):
        at += one.takes
        if at > OFFICE.open_time(MONDAY, one.due):
            return False
    return True


queues = st.lists(st.tuples(st.integers(0, 100), st.integers(1, 20)), max_size=6).map(
    lambda rows: [work(number, due, takes) for number, (due, takes) in enumerate(rows)]
)


@settings(deadline=None)
@given(queues)
def test_as_few_as_can_be_must_move(queue: list[QueuedWork]) -> None:
    plan = plan_queue(queue, OFFICE, MONDAY)
    gone = set(plan.must_move)
    assert in_time([one for one in queue if one.ticket_id not in gone])
    fewer = range(len(gone))
    assert not any(
        in_time([one for one in queue if one not in left_out])
        for count in fewer
        for left_out in combinations(queue, count)
    )


def test_the_pace_is_the_median_gap_and_others_lend_theirs() -> None:
    mine = [MONDAY + timedelta(hours=hours) for hours in (0, 1, 2, 3, 4, 7)]
    assert usual_pace(mine, {"me": mine}, OFFICE) == timedelta(hours=1)
    assert usual_pace(mine[:2], {"me": mine[:2], "you": mine}, OFFICE) == timedelta(hours=1)
    assert usual_pace([], {"me": []}, OFFICE) is None
