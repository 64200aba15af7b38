"""Who had a ticket when, and how the time of a target is shared."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_console.domain.sla.calendar import WEEKDAYS, BusinessCalendar
from sla_console.domain.tickets.assignment import (
    Assignment,
    assignee_at,
    assumed_share,
    share_by_assignee,
)
from sla_console.domain.tickets.ticket import Hold

OFFICE = BusinessCalendar("UTC", {day: [("09:00", "17:00")] for day in WEEKDAYS[:5]})


def at(hour: float, day: int = 23) -> datetime:
    return datetime(2026, 11, day, tzinfo=UTC) + timedelta(hours=hour)


NOBODY_ADA_BOB = (
    Assignment(None, None, at(9), at(10)),
    Assignment("a", "Ada", at(10), at(13)),
    Assignment("b", "Bob", at(13)),
)


def test_each_is_credited_by_the_promised_time_in_hands() -> None:
    assert share_by_assignee(NOBODY_ADA_BOB, OFFICE, at(9), at(17)) == {
        None: pytest.approx(1 / 8),
        "a": pytest.approx(3 / 8),
        "b": pytest.approx(4 / 8),
    }


def test_time_outside_hours_and_in_holds_credits_nobody() -> None:
    held = (Hold(at(13), at(17)),)
    assert share_by_assignee(NOBODY_ADA_BOB, OFFICE, at(9), at(9, 24), held) == {
        None: pytest.approx(1 / 4),
        "a": pytest.approx(3 / 4),
    }


def test_what_was_before_the_first_sight_goes_to_whoever_had_it_then() -> None:
    late = (Assignment("a", "Ada", at(12), at(13)), Assignment("b", "Bob", at(13)))
    assert share_by_assignee(late, OFFICE, at(9), at(17))["a"] == pytest.approx(0.5)


def test_how_much_nobody_saw_is_told() -> None:
    late = (Assignment("a", "Ada", at(12), at(13)), Assignment("b", "Bob", at(13)))
    assert assumed_share(late, OFFICE, at(9), at(17)) == pytest.approx(3 / 8)
    assert assumed_share(late, OFFICE, at(9), at(17), [Hold(at(9), at(11))]) == pytest.approx(1 / 6)
    assert assumed_share(late, OFFICE, at(9), at(11)) == 1.0, "it ended before it was first seen"
    assert assumed_share(late, OFFICE, at(12), at(17)) == 0.0
    assert assumed_share(late, OFFICE, at(0), at(17)) == pytest.approx(3 / 8), "closed at night"


def test_whoever_has_it_for_an_instant_gets_nothing() -> None:
    passed_on = (Assignment("a", "Ada", at(9), at(10)), Assignment("c", "Cem", at(10), at(10)))
    shares = share_by_assignee((*passed_on, Assignment("b", "Bob", at(10))), OFFICE, at(9), at(11))
    assert shares == {"a": pytest.approx(0.5), "b": pytest.approx(0.5)}


def test_whoever_has_it_twice_is_credited_for_both() -> None:
    back = (Assignment("a", "Ada", at(9), at(10)), Assignment("b", "Bob", at(10), at(11)))
    shares = share_by_assignee((*back, Assignment("a", "Ada", at(11))), OFFICE, at(9), at(13))
    assert shares == {"a": pytest.approx(0.75), "b": pytest.approx(0.25)}


def test_where_no_promised_time_passed_it_goes_to_whoever_has_it() -> None:
    assert share_by_assignee(NOBODY_ADA_BOB, OFFICE, at(18), at(20)) == {"b": 1.0}


def test_whoever_had_it_at_a_moment_is_known() -> None:
    moments = (at(8), at(9.5), at(10), at(12), at(20))
    assert [assignee_at(NOBODY_ADA_BOB, moment) for moment in moments] == [
        None,
        None,
        "a",
        "a",
        "b",
    ]


@given(
    st.lists(st.tuples(st.sampled_from(["a", "b", None]), st.integers(1, 900)), min_size=1),
    st.integers(0, 600),
    st.integers(1, 5000),
)
def test_shares_add_up_to_the_whole(rows: list, before: int, minutes: int) -> None:
    start = at(0)
    hands, moment = [], start + timedelta(minutes=before)
    for number, (who, lasts) in enumerate(rows):
        end = moment + timedelta(minutes=lasts)
        hands.append(Assignment(who, who, moment, None if number == len(rows) - 1 else end))
        moment = end
    shares = share_by_assignee(hands, OFFICE, start, start + timedelta(minutes=minutes))
    assert sum(shares.values()) == pytest.approx(1.0)
    assert all(share > 0 for share in shares.values())
