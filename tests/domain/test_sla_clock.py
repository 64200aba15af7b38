"""The two clocks of a ticket."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from sla_console.domain.breach import BreachType
from sla_console.domain.calendar import WEEKDAYS, BusinessCalendar
from sla_console.domain.policy import SLAPolicy
from sla_console.domain.risk import RiskLevel, RiskThresholds
from sla_console.domain.sla_clock import ClockState, DueSource, judge
from sla_console.domain.ticket import Hold, Phase, StatusPhases, Ticket

ALWAYS = BusinessCalendar.always()
OFFICE = BusinessCalendar("UTC", {day: [("09:00", "17:00")] for day in WEEKDAYS[:5]})
PHASES = StatusPhases.of(hold=("On Hold",), closed=("Closed",))
POLICY = SLAPolicy(
    "p1", "Standard", response_time_minutes=60, resolution_time_hours=8, business_hours_only=True
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{text}Z")


TICKET = Ticket(
    "1",
    "T-1",
    "Printer down",
    status="Open",
    created_at=at("23T09:00"),
    response_due=at("23T10:00"),
    resolution_due=at("23T17:00"),
)


def test_the_due_times_of_superops_win() -> None:
    judged = judge(TICKET, POLICY, ALWAYS, PHASES)
    assert judged.response.due == at("23T10:00")
    assert judged.response.source is DueSource.SUPEROPS


def test_without_them_the_policy_and_the_calendar_say() -> None:
    ticket = replace(TICKET, created_at=at("20T16:30"), response_due=None, resolution_due=None)
    judged = judge(ticket, POLICY, OFFICE, PHASES)
    assert judged.response.due == at("23T09:30")
    assert judged.response.source is DueSource.COMPUTED
    assert judged.resolution.due == at("23T16:30")


def test_an_observed_hold_moves_a_computed_due_time() -> None:
    ticket = replace(TICKET, response_due=None, resolution_due=None)
    hold = Hold(at("23T10:00"), at("23T12:00"))
    judged = judge(ticket, replace(POLICY, business_hours_only=False), OFFICE, PHASES, (hold,))
    assert judged.resolution.due == at("23T19:00")
    assert judged.response.due == at("23T10:00"), "its promise had run out when the hold began"


def test_it_is_breached_only_after_its_due_time() -> None:
    clock = judge(TICKET, POLICY, ALWAYS, PHASES).response
    assert clock.state(at("23T10:00")) is ClockState.RUNNING
    assert clock.state(at("23T10:00") + timedelta(milliseconds=1)) is ClockState.BREACHED
    assert clock.remaining(at("23T10:12")) == timedelta(minutes=-12)


def test_remaining_is_promised_time_not_wall_time() -> None:
    ticket = replace(TICKET, created_at=at("20T16:00"), response_due=at("23T10:00"))
    clock = judge(ticket, POLICY, OFFICE, PHASES).response
    assert clock.remaining(at("20T16:30")) == timedelta(minutes=90)
    assert clock.consumed(at("20T16:30")) == pytest.approx(0.25)


def test_a_held_clock_stands_still() -> None:
    ticket = replace(TICKET, status="On Hold", updated_at=at("23T09:30"))
    judged = judge(ticket, POLICY, ALWAYS, PHASES)
    assert judged.held
    assert judged.response.state(at("24T09:00")) is ClockState.HELD
    assert judged.response.remaining(at("24T09:00")) == timedelta(minutes=30)
    assert judged.response.moment_of(0.75) is None, "nothing is warned of while it is held"


def test_a_hold_that_began_after_the_due_time_does_not_hide_the_breach() -> None:
    ticket = replace(TICKET, status="On Hold", updated_at=at("23T11:00"))
    assert judge(ticket, POLICY, ALWAYS, PHASES).response.state(at("23T12:00")) is (
        ClockState.BREACHED
    )


def test_an_answer_stops_the_response_clock_in_time_or_late() -> None:
    in_time = judge(replace(TICKET, responded_at=at("23T09:59")), POLICY, ALWAYS, PHASES)
    late = judge(replace(TICKET, responded_at=at("23T10:01")), POLICY, ALWAYS, PHASES)
    assert in_time.response.state(at("25T00:00")) is ClockState.MET
    assert late.response.state(at("25T00:00")) is ClockState.BREACHED
    assert late.response.remaining(at("25T00:00")) == timedelta(minutes=-1)
    assert not late.breached(at("23T11:00")), "kept late is over: nobody can act on it any more"


def test_a_reopened_ticket_runs_although_it_has_an_old_resolution_time() -> None:
    reopened = judge(replace(TICKET, resolved_at=at("23T12:00")), POLICY, ALWAYS, PHASES)
    assert reopened.resolution.state(at("23T13:00")) is ClockState.RUNNING
    assert reopened.resolution.state(at("23T17:01")) is ClockState.BREACHED


def test_a_closed_ticket_is_judged_by_what_was_recorded() -> None:
    closed = replace(TICKET, status="Closed", resolved_at=at("23T12:00"))
    assert judge(closed, POLICY, ALWAYS, PHASES).resolution.state(at("25T00:00")) is ClockState.MET
    unknown = replace(closed, resolved_at=None, resolution_violated=True)
    judged = judge(unknown, POLICY, ALWAYS, PHASES)
    assert judged.resolution.ended()
    assert judged.resolution.state(at("25T00:00")) is ClockState.BREACHED


def test_a_ticket_without_promise_says_so_and_has_no_clocks() -> None:
    judged = judge(replace(TICKET, response_due=None, resolution_due=None), None, ALWAYS, PHASES)
    assert judged.response.state(at("23T10:00")) is ClockState.NONE
    assert judged.degraded == ("no due times from SuperOps and no policy matches",)
    assert judged.next_due() is None


def test_the_clock_to_watch_is_the_one_due_next() -> None:
    judged = judge(TICKET, POLICY, ALWAYS, PHASES)
    assert judged.next_clock() is judged.response
    answered = judge(replace(TICKET, responded_at=at("23T09:10")), POLICY, ALWAYS, PHASES)
    assert answered.next_clock() is answered.resolution


@pytest.mark.parametrize(
    ("moment", "risk"),
    [
        ("23T09:10", RiskLevel.HIGH),
        ("23T09:46", RiskLevel.CRITICAL),
        ("23T10:30", RiskLevel.CRITICAL),
    ],
)
def test_risk_rises_with_the_share_used_and_the_time_left(moment: str, risk: RiskLevel) -> None:
    judged = judge(TICKET, POLICY, ALWAYS, PHASES)
    assert judged.risk(at(moment), RiskThresholds()) is risk


def test_risk_looks_at_the_worse_of_both_clocks_and_not_at_held_ones() -> None:
    held = judge(
        replace(TICKET, status="On Hold", updated_at=at("23T09:50")), POLICY, ALWAYS, PHASES
    )
    assert held.risk(at("23T11:00"), RiskThresholds()) is RiskLevel.LOW
    answered = judge(replace(TICKET, responded_at=at("23T09:10")), POLICY, ALWAYS, PHASES)
    assert answered.risk(at("23T13:01"), RiskThresholds()) is RiskLevel.MEDIUM


def test_thresholds_are_moments_of_the_running_clock() -> None:
    clock = judge(TICKET, POLICY, ALWAYS, PHASES).response
    assert clock.target is BreachType.RESPONSE
    assert clock.moment_of(0.75) == at("23T09:45")
    assert clock.moment_of(1.0) == at("23T10:00")


def test_status_names_are_compared_without_case_and_unknown_ones_are_active() -> None:
    assert PHASES.phase("on hold") is Phase.HOLD
    assert PHASES.phase("CLOSED") is Phase.CLOSED
    assert PHASES.phase("Ansikte") is Phase.ACTIVE
    assert PHASES.phase(None) is Phase.ACTIVE
