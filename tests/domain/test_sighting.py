"""The life that the console saw of a ticket, as history to try promises on."""

from datetime import UTC, datetime, timedelta

import pytest

from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.sla.policy import SLAPolicy
from sla_console.domain.tickets.sighting import Sighting, past_of
from sla_console.domain.tickets.ticket import Hold, StatusPhases, Ticket
from sla_console.reporting.backtest import Trial, run_backtest

PHASES = StatusPhases.of(("On Hold",), ("Closed",))
CREATED = datetime(2026, 11, 2, 8, tzinfo=UTC)


def hours(count: float) -> datetime:
    return CREATED + timedelta(hours=count)


def ticket(status: str, **fields: object) -> Ticket:
    return Ticket("t1", "1", "", status=status, created_at=CREATED, **fields)


def tried(past, resolution_hours: float = 8):
    policy = SLAPolicy(
        "p", "All", resolution_time_hours=resolution_hours, business_hours_only=False, default=True
    )
    trial = Trial([policy], {}, BusinessCalendar.always(), PHASES)
    (found,) = run_backtest([past], trial, hours(200)).tickets
    return found.resolution


def test_what_was_before_the_first_sight_is_not_known_as_held() -> None:
    """Created at hour 0, due at hour 8, first seen on hold at hour 100: it broke at hour 8."""
    past = past_of(
        ticket("On Hold", updated_at=hours(100)), [Sighting(hours(100), "On Hold")], PHASES
    )
    assert past.holds(PHASES, None, "resolved") == (Hold(hours(100)),)
    assert past.since == hours(100)
    clock = tried(past)
    assert clock.breached
    assert clock.consumed == timedelta(hours=100)
    assert clock.held == timedelta()


def test_a_hold_counts_from_the_first_sight_to_its_end() -> None:
    """First seen on hold at 4, running again at 10, closed at 13: 7 of 8 hours are used."""
    seen = [
        Sighting(hours(4), "On Hold"),
        Sighting(hours(10), "Open"),
        Sighting(hours(13), "Closed"),
    ]
    past = past_of(ticket("Closed", updated_at=hours(13), resolved_at=hours(13)), seen, PHASES)
    clock = tried(past)
    assert (clock.consumed, clock.held) == (timedelta(hours=7), timedelta(hours=6))
    assert not clock.breached


def test_one_first_seen_closed_was_not_closed_before_that() -> None:
    """Seen closed at 20 and open again at 30: ten hours are out, the twenty before them are not."""
    seen = [Sighting(hours(20), "Closed"), Sighting(hours(30), "Open")]
    past = past_of(ticket("Open", updated_at=hours(30)), seen, PHASES)
    assert [(hold.start, hold.end) for hold in past.holds(PHASES, None, "resolved")] == [
        (hours(20), hours(30))
    ]


@pytest.mark.parametrize("updated", [None, hours(5)])
def test_what_it_is_now_never_comes_before_what_was_seen(updated: datetime | None) -> None:
    seen = [Sighting(hours(0), "New"), Sighting(hours(9), "Open")]
    past = past_of(ticket("On Hold", updated_at=updated), seen, PHASES)
    assert [(state.at, state.status) for state in past.states] == [
        (hours(0), "New"), (hours(9), "Open"), (hours(9), "On Hold")
    ]  # fmt: skip


def test_what_it_was_when_first_seen_stands_for_all_but_the_status_before() -> None:
    seen = [Sighting(hours(5), "Closed", priority="High", group="Desk", technician="Ada")]
    past = past_of(ticket("Closed", resolved_at=hours(3)), seen, PHASES)
    first = past.state_at(hours(3))
    assert (first.status, first.priority, first.group, first.technician) == (
        "", "High", "Desk", "Ada"
    )  # fmt: skip
