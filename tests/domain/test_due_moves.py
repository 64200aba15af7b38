"""When a due time that moved shows a wait that nobody saw, and when it shows none."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.calendar import WEEKDAYS, BusinessCalendar
from sla_console.domain.sla.due_moves import DueMove, RunningDue, unseen_wait
from sla_console.domain.tickets.sighting import Sighting, moves_of

OFFICE = BusinessCalendar("UTC", {day: [("09:00", "17:00")] for day in WEEKDAYS[:5]})
WAIT = timedelta(minutes=47, seconds=12)


def at(time: str, day: int = 12) -> datetime:
    """Return a moment of Monday 12 October 2026, or of another day of that month."""
    return datetime.fromisoformat(f"2026-10-{day}T{time}").replace(tzinfo=UTC)


READ, CHANGED = at("10:00:00"), at("12:00:00")
RESPONSE = RunningDue(OFFICE, at("13:00:00"), at("13:47:12"))
RESOLUTION = RunningDue(OFFICE, at("16:30:00"), at("09:17:12", 13))
"""30 min are left on Monday; 17 min 12 s of the 47 min 12 s fall on Tuesday."""


def moves(*clocks: RunningDue) -> list[DueMove]:
    return [DueMove(BreachType.RESOLUTION, CHANGED, one.before, one.after) for one in clocks]


def wait(*clocks: RunningDue, read: datetime = READ) -> timedelta | None:
    return unseen_wait(clocks, moves(*clocks), read, CHANGED)


def test_both_clocks_that_moved_alike_in_their_hours_show_the_wait() -> None:
    assert wait(RESPONSE, RESOLUTION) == WAIT


def test_one_that_runs_and_stayed_shows_none() -> None:
    assert wait(replace(RESPONSE, after=RESPONSE.before), RESOLUTION) is None


def test_clocks_that_moved_by_different_spans_show_none() -> None:
    assert wait(replace(RESPONSE, after=at("13:44:03")), RESOLUTION) is None


def test_a_move_longer_than_nobody_looked_shows_none() -> None:
    """Read at 11:30 and changed at 12:00: 30 min are no room for 47 min 12 s."""
    assert wait(RESPONSE, read=at("11:30:00")) is None
    assert wait(RESPONSE, read=at("11:12:00")) == WAIT


def test_only_what_the_known_waits_do_not_explain_counts() -> None:
    assert wait(replace(RESPONSE, explained=WAIT)) is None
    known = timedelta(minutes=20)
    assert wait(replace(RESPONSE, explained=known)) == timedelta(minutes=27, seconds=12)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("13:07:12", "13:52:12"),
        ("13:07:12", "14:30:00"),
        ("13:07:12", "12:20:01"),
    ],
    ids=["by 45 minutes", "to half past two", "earlier"],
)
def test_what_a_person_moves_shows_none(before: str, after: str) -> None:
    moved = RunningDue(OFFICE, at(before), at(after))
    assert moves(moved)[0].by_hand
    assert wait(moved) is None


def test_nothing_runs_nothing_waits() -> None:
    assert unseen_wait([], moves(RESPONSE), READ, CHANGED) is None


class TestMoves:
    FIRST = Sighting(at("09:00"), "Open", "High", "Acme", resolution_due=at("13:00"))

    def test_a_move_with_nothing_else_is_one(self) -> None:
        after = replace(self.FIRST, at=at("10:00"), resolution_due=at("15:00"))
        (move,) = moves_of((self.FIRST, after))
        assert (move.target, move.before, move.after) == (
            BreachType.RESOLUTION,
            at("13:00"),
            at("15:00"),
        )

    def test_one_with_another_priority_is_none(self) -> None:
        after = replace(self.FIRST, at=at("10:00"), priority="Low", resolution_due=at("15:00"))
        assert moves_of((self.FIRST, after)) == ()
