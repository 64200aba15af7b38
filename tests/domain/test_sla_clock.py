"""The two clocks of a ticket."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from sla_console.domain.forecast.risk import RiskLevel, RiskThresholds
from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.calendar import WEEKDAYS, BusinessCalendar
from sla_console.domain.sla.disagreement import Cause
from sla_console.domain.sla.due_moves import DueMove
from sla_console.domain.sla.evaluation import Observed, evaluate
from sla_console.domain.sla.policy import SLAPolicy
from sla_console.domain.sla.sla_clock import ClockState, DueSource
from sla_console.domain.sla.verdict import Outcome, Verdict
from sla_console.domain.tickets.ticket import Hold, HoldReason, Phase, StatusPhases, Ticket

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
    judged = evaluate(TICKET, POLICY, ALWAYS, PHASES)
    assert judged.response.due == at("23T10:00")
    assert judged.response.source is DueSource.SUPEROPS


def test_without_them_the_policy_and_the_calendar_say() -> None:
    ticket = replace(TICKET, created_at=at("20T16:30"), response_due=None, resolution_due=None)
    judged = evaluate(ticket, POLICY, OFFICE, PHASES)
    assert judged.response.due == at("23T09:30")
    assert judged.response.source is DueSource.COMPUTED
    assert judged.resolution.due == at("23T16:30")


def test_an_observed_hold_moves_a_computed_due_time() -> None:
    ticket = replace(TICKET, response_due=None, resolution_due=None)
    hold = Hold(at("23T10:00"), at("23T12:00"))
    judged = evaluate(ticket, replace(POLICY, business_hours_only=False), OFFICE, PHASES, (hold,))
    assert judged.resolution.due == at("23T19:00")
    assert judged.response.due == at("23T10:00"), "its promise had run out when the hold began"


def test_it_is_breached_only_after_its_due_time() -> None:
    clock = evaluate(TICKET, POLICY, ALWAYS, PHASES).response
    assert clock.state(at("23T10:00")) is ClockState.RUNNING
    assert clock.state(at("23T10:00") + timedelta(milliseconds=1)) is ClockState.BREACHED
    assert clock.remaining(at("23T10:12")) == timedelta(minutes=-12)


def test_remaining_is_promised_time_not_wall_time() -> None:
    ticket = replace(TICKET, created_at=at("20T16:00"), response_due=at("23T10:00"))
    clock = evaluate(ticket, POLICY, OFFICE, PHASES).response
    assert clock.remaining(at("20T16:30")) == timedelta(minutes=90)
    assert clock.consumed(at("20T16:30")) == pytest.approx(0.25)


def test_a_held_clock_stands_still() -> None:
    ticket = replace(TICKET, status="On Hold", updated_at=at("23T09:30"))
    judged = evaluate(ticket, POLICY, ALWAYS, PHASES)
    assert judged.held
    assert judged.response.state(at("24T09:00")) is ClockState.HELD
    assert judged.response.remaining(at("24T09:00")) == timedelta(minutes=30)
    assert judged.response.moment_of(0.75) is None, "nothing is warned of while it is held"


def test_a_hold_that_began_after_the_due_time_does_not_hide_the_breach() -> None:
    ticket = replace(TICKET, status="On Hold", updated_at=at("23T11:00"))
    assert evaluate(ticket, POLICY, ALWAYS, PHASES).response.state(at("23T12:00")) is (
        ClockState.BREACHED
    )


def test_an_answer_stops_the_response_clock_in_time_or_late() -> None:
    in_time = evaluate(replace(TICKET, responded_at=at("23T09:59")), POLICY, ALWAYS, PHASES)
    late = evaluate(replace(TICKET, responded_at=at("23T10:01")), POLICY, ALWAYS, PHASES)
    assert in_time.response.state(at("25T00:00")) is ClockState.MET
    assert late.response.state(at("25T00:00")) is ClockState.BREACHED
    assert late.response.remaining(at("25T00:00")) == timedelta(minutes=-1)
    assert not late.breached(at("23T11:00")), "kept late is over: nobody can act on it any more"


def test_a_reopened_ticket_runs_although_it_has_an_old_resolution_time() -> None:
    reopened = evaluate(replace(TICKET, resolved_at=at("23T12:00")), POLICY, ALWAYS, PHASES)
    assert reopened.resolution.state(at("23T13:00")) is ClockState.RUNNING
    assert reopened.resolution.state(at("23T17:01")) is ClockState.BREACHED


def test_a_closed_ticket_is_judged_by_what_was_recorded() -> None:
    closed = replace(TICKET, status="Closed", resolved_at=at("23T12:00"))
    assert (
        evaluate(closed, POLICY, ALWAYS, PHASES).resolution.state(at("25T00:00")) is ClockState.MET
    )
    unknown = replace(closed, resolved_at=None, resolution_violated=True)
    judged = evaluate(unknown, POLICY, ALWAYS, PHASES)
    assert judged.resolution.ended()
    assert judged.resolution.state(at("25T00:00")) is ClockState.BREACHED


def test_a_ticket_without_promise_says_so_and_has_no_clocks() -> None:
    judged = evaluate(replace(TICKET, response_due=None, resolution_due=None), None, ALWAYS, PHASES)
    assert judged.response.state(at("23T10:00")) is ClockState.NONE
    assert judged.degraded == ("no due times from SuperOps and no policy matches",)
    assert judged.next_due() is None


def test_the_clock_to_watch_is_the_one_due_next() -> None:
    judged = evaluate(TICKET, POLICY, ALWAYS, PHASES)
    assert judged.next_clock() is judged.response
    answered = evaluate(replace(TICKET, responded_at=at("23T09:10")), POLICY, ALWAYS, PHASES)
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
    judged = evaluate(TICKET, POLICY, ALWAYS, PHASES)
    assert judged.risk(at(moment), RiskThresholds()) is risk


def test_risk_looks_at_the_worse_of_both_clocks_and_not_at_held_ones() -> None:
    held = evaluate(
        replace(TICKET, status="On Hold", updated_at=at("23T09:50")), POLICY, ALWAYS, PHASES
    )
    assert held.risk(at("23T11:00"), RiskThresholds()) is RiskLevel.LOW
    answered = evaluate(replace(TICKET, responded_at=at("23T09:10")), POLICY, ALWAYS, PHASES)
    assert answered.risk(at("23T13:01"), RiskThresholds()) is RiskLevel.MEDIUM


def test_thresholds_are_moments_of_the_running_clock() -> None:
    clock = evaluate(TICKET, POLICY, ALWAYS, PHASES).response
    assert clock.target is BreachType.RESPONSE
    assert clock.moment_of(0.75) == at("23T09:45")
    assert clock.moment_of(1.0) == at("23T10:00")


def test_a_promise_that_waits_breaks_at_no_moment_unless_it_was_broken_before() -> None:
    waits = replace(TICKET, status="On Hold")
    in_time = evaluate(replace(waits, updated_at=at("23T09:30")), POLICY, ALWAYS, PHASES).response
    assert in_time.breaks_at() is None
    late = evaluate(replace(waits, updated_at=at("23T10:30")), POLICY, ALWAYS, PHASES).response
    assert late.state(at("23T12:00")) is ClockState.BREACHED
    assert late.breaks_at() == at("23T10:00")


def test_status_names_are_compared_without_case_and_unknown_ones_are_active() -> None:
    assert PHASES.phase("on hold") is Phase.HOLD
    assert PHASES.phase("CLOSED") is Phase.CLOSED
    assert PHASES.phase("Ansikte") is Phase.ACTIVE
    assert PHASES.phase(None) is Phase.ACTIVE


CLOSES = replace(TICKET, created_at=at("20T09:00"), response_due=at("20T17:00"))


def test_what_is_due_at_closing_time_does_not_break_over_the_weekend() -> None:
    clock = evaluate(CLOSES, POLICY, OFFICE, PHASES).response
    assert clock.state(at("22T12:00")) is ClockState.RUNNING
    assert clock.state(at("23T09:00")) is ClockState.RUNNING
    assert clock.breaks_at() == at("23T09:00")
    assert clock.state(at("23T09:00") + timedelta(seconds=1)) is ClockState.BREACHED


def test_a_reply_before_the_next_opening_has_met_what_was_due_at_closing_time() -> None:
    early = replace(CLOSES, responded_at=at("23T08:59"))
    late = replace(CLOSES, responded_at=at("23T09:01"))
    assert evaluate(early, POLICY, OFFICE, PHASES).response.state(at("24T09:00")) is ClockState.MET
    clock = evaluate(late, POLICY, OFFICE, PHASES).response
    assert clock.state(at("24T09:00")) is ClockState.BREACHED
    assert clock.remaining(at("24T09:00")) == timedelta(minutes=-1)


def test_what_superops_calls_broken_is_broken_once_it_is_past_due() -> None:
    clock = evaluate(replace(CLOSES, response_violated=True), POLICY, OFFICE, PHASES).response
    assert clock.state(at("20T16:00")) is ClockState.RUNNING
    assert clock.state(at("22T12:00")) is ClockState.BREACHED


def test_consumed_passes_a_hundred_percent_and_stays_when_stopped() -> None:
    late = replace(TICKET, responded_at=at("23T10:30"))
    for now in ("23T11:00", "27T11:00"):
        clock = evaluate(late, POLICY, OFFICE, PHASES).response
        assert clock.consumed(at(now)) == pytest.approx(1.5)


def test_an_answer_before_the_creation_took_no_time() -> None:
    odd = replace(TICKET, responded_at=at("22T10:00"))
    clock = evaluate(odd, POLICY, OFFICE, PHASES).response
    assert clock.state(at("24T09:00")) is ClockState.MET
    assert clock.consumed(at("24T09:00")) == 0


class TestHolds:
    """Holds count in open time, overlapping ones once, from and to the second."""

    free = replace(TICKET, response_due=None, resolution_due=None)

    def due(self, *holds: Hold) -> datetime | None:
        return evaluate(self.free, POLICY, OFFICE, PHASES, holds).resolution.due

    def test_one_outside_hours_adds_nothing(self) -> None:
        assert self.due(Hold(at("23T18:00"), at("24T08:00"))) == self.due()

    def test_overlapping_ones_count_once(self) -> None:
        one, two = Hold(at("23T10:00"), at("23T12:00")), Hold(at("23T11:00"), at("23T13:00"))
        assert self.due(two, one) == self.due(Hold(at("23T10:00"), at("23T13:00")))
        assert self.due(one, two) == at("24T12:00")

    def test_one_of_a_second_adds_a_second(self) -> None:
        hold = Hold(at("23T10:00"), at("23T10:00") + timedelta(seconds=1))
        assert self.due(hold) == at("24T09:00") + timedelta(seconds=1)

    def test_a_warning_already_passed_keeps_its_moment_when_a_later_hold_ends(self) -> None:
        before = evaluate(self.free, POLICY, OFFICE, PHASES).resolution
        hold = Hold(at("23T15:00"), at("23T16:00"))
        after = evaluate(self.free, POLICY, OFFICE, PHASES, (hold,)).resolution
        assert before.moment_of(0.5) == after.moment_of(0.5) == at("23T13:00")
        assert before.moment_of(0.9) == at("23T16:12")
        assert after.moment_of(0.9) == at("24T09:12")

    def test_lateness_grows_while_it_is_held(self) -> None:
        """Due on Monday at closing; on Tuesday at 13:00 four open hours have passed since."""
        hold = Hold(at("24T10:00"), at("24T12:00"))
        clock = evaluate(TICKET, POLICY, OFFICE, PHASES, (hold,)).resolution
        assert clock.remaining(at("24T13:00")) == timedelta(hours=-4)


class TestReopening:
    """A ticket that was closed and opened again."""

    closed = Hold(at("23T12:00"), at("24T10:00"), HoldReason.CLOSED)
    kept = Verdict(
        "1", BreachType.RESOLUTION, 1, Outcome.MET, at("23T17:00"), at("23T12:00"), at("23T12:00")
    )
    ticket = replace(
        TICKET, response_due=None, resolution_due=None, resolved_at=at("23T12:00"), status="Open"
    )

    def test_the_late_resolution_time_does_not_stop_the_clock(self) -> None:
        clock = evaluate(self.ticket, POLICY, OFFICE, PHASES).resolution
        assert clock.stopped_at is None
        assert not clock.ended()

    def test_closed_time_does_not_count_and_the_earlier_verdict_is_kept(self) -> None:
        observed = Observed((self.closed,), verdicts=(self.kept,))
        clock = evaluate(self.ticket, POLICY, OFFICE, PHASES, observed=observed).resolution
        assert clock.remaining(at("24T10:00")) == timedelta(hours=5)
        assert clock.due == at("24T15:00")
        assert clock.earlier == (self.kept,)


def test_a_raised_priority_keeps_the_start_and_takes_the_new_target() -> None:
    free = replace(TICKET, resolution_due=None)
    urgent = replace(POLICY, resolution_time_hours=2.0)
    clock = evaluate(free, urgent, OFFICE, PHASES).resolution
    assert clock.due == at("23T11:00"), "it may be overdue at once"


class TestObservedSince:
    """What the console could not see is said, never guessed."""

    late = Observed(since=at("23T12:00"))

    def test_a_computed_clock_says_since_when_it_is_watched(self) -> None:
        free = replace(TICKET, response_due=None, resolution_due=None)
        judged = evaluate(free, POLICY, OFFICE, PHASES, observed=self.late)
        assert judged.observed_since == at("23T12:00")
        assert "observed since 2026-11-23 12:00 UTC" in judged.degraded[0]

    def test_superops_knows_its_own_holds(self) -> None:
        judged = evaluate(TICKET, POLICY, OFFICE, PHASES, observed=self.late)
        assert judged.observed_since is None

    def test_a_ticket_seen_at_once_hid_nothing(self) -> None:
        free = replace(TICKET, response_due=None, resolution_due=None)
        seen = Observed(since=at("23T09:01"))
        assert not evaluate(free, POLICY, OFFICE, PHASES, observed=seen).degraded


class TestDisagreement:
    """A difference of more than a minute has a likely cause."""

    def cause(
        self,
        due: str,
        calendar: BusinessCalendar = OFFICE,
        observed: Observed | None = None,
    ) -> Cause | None:
        ticket = replace(TICKET, created_at=at("19T09:00"), resolution_due=at(due))
        judged = evaluate(ticket, TWO_DAYS, calendar, PHASES, observed=observed)
        found = judged.resolution.disagreement
        return found.cause if found else None

    def test_of_less_than_a_minute_is_none(self) -> None:
        assert self.cause("20T17:00:59") is None

    def test_at_closing_time_is_a_convention(self) -> None:
        assert self.cause("23T09:00") is Cause.CONVENTION

    def test_of_a_working_day_is_a_holiday(self) -> None:
        assert self.cause("23T17:00") is Cause.HOLIDAY

    def test_of_some_hours_that_nothing_gives_has_no_cause(self) -> None:
        """18 h 27 min of office time is no target that anybody promises."""
        assert self.cause("23T11:27") is None

    def test_of_a_round_target_is_another_target(self) -> None:
        """Friday 17:00 is 16 h; Monday 11:00 is 2 h more: 18 h, a target that people promise."""
        assert self.cause("23T11:00") is Cause.TARGET

    def test_of_a_hold_that_was_inferred_is_that_hold(self) -> None:
        """Due Friday 17:00, and the hold of 2 h 27 min moves it to Monday 11:27."""
        seen = Observed((Hold(at("19T10:00"), at("19T12:27"), HoldReason.INFERRED),))
        assert self.cause("23T11:27", observed=seen) is Cause.HOLD
        assert self.cause("23T11:29", observed=seen) is None

    def test_of_a_due_time_that_was_moved_is_the_move(self) -> None:
        """It was Friday 17:00, as here, and was moved to Monday 11:30: no hold, no target."""
        move = DueMove(BreachType.RESOLUTION, at("20T10:00"), at("20T17:00"), at("23T11:30"))
        assert self.cause("23T11:30", observed=Observed(moves=(move,))) is Cause.MOVED
        other = replace(move, before=at("20T15:00"))
        assert self.cause("23T11:30", observed=Observed(moves=(other,))) is None

    def test_from_the_wall_clock_is_named(self) -> None:
        assert self.cause("20T01:00") is Cause.OTHER_HOURS

    def test_of_a_due_time_in_the_night_comes_from_other_hours(self) -> None:
        assert self.cause("24T02:00") is Cause.OTHER_HOURS

    def test_of_an_earlier_due_time_is_another_target(self) -> None:
        assert self.cause("19T13:00") is Cause.TARGET

    def test_may_come_from_a_holiday_that_only_we_have(self) -> None:
        calendar = BusinessCalendar(
            "UTC", {day: [("09:00", "17:00")] for day in WEEKDAYS[:5]}, [at("20T00:00").date()]
        )
        assert self.cause("20T17:00", calendar) is Cause.HOLIDAY_OF_OURS

    def test_does_not_come_from_a_holiday_that_does_not_give_it(self) -> None:
        """Without the holiday 8 h more fit before Monday 17:00; theirs is 5 h 13 min earlier."""
        calendar = BusinessCalendar(
            "UTC", {day: [("09:00", "17:00")] for day in WEEKDAYS[:5]}, [at("20T00:00").date()]
        )
        assert self.cause("23T11:47", calendar) is None


TWO_DAYS = SLAPolicy("p2", "Two days", resolution_time_hours=16.0)
