"""The timer of a breach: steps, acknowledgements that run out, snoozes, holds, gaps."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_console.domain.alerts.escalation import EscalationPlan, EscalationStep
from sla_console.domain.alerts.escalation_state import GRACE, EscalationState
from sla_console.domain.alerts.route import Route
from sla_console.domain.alerts.timer_events import (
    TimerEvent,
    advance,
    hasten,
    held,
    next_moment,
    worsened,
)
from sla_console.domain.errors import NotAllowed
from sla_console.domain.forecast.risk import RiskLevel
from sla_console.domain.sla.breach import BreachState, BreachType, SLABreach

START = datetime(2026, 11, 23, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PLAN = EscalationPlan(
    "standard",
    (
        EscalationStep(timedelta(), Route(("team",))),
        EscalationStep(15 * MINUTE, Route(("lead",)), repeat_every=5 * MINUTE, repeats=2),
        EscalationStep(30 * MINUTE, Route(("manager",))),
    ),
    acknowledged_for=30 * MINUTE,
)


def at(minutes: float) -> datetime:
    return START + minutes * MINUTE


def opened(plan: EscalationPlan = PLAN) -> SLABreach:
    return SLABreach(
        "b", "7", BreachType.RESPONSE, START, None, None, RiskLevel.HIGH, "x",
        escalation_required=True, escalation_state=EscalationState.open(plan, START), priority="High",
    )  # fmt: skip


def lived(breach: SLABreach, now: datetime) -> tuple[SLABreach, list]:
    """Let time do all that it does by a moment."""
    found = []
    while True:
        breach, fired = advance(breach, now)
        if fired is None:
            return breach, found
        found.append(fired)


def pages(breach: SLABreach, minutes: range) -> tuple[SLABreach, list[tuple[int, int, int]]]:
    """Look every minute; each page as minute, step and repeat."""
    found = []
    for minute in minutes:
        breach, fired = lived(breach, at(minute))
        found += [(minute, s.page.step, s.page.repeat) for s in fired if s.page]
    return breach, found


def test_each_step_comes_in_its_time_and_repeats_as_often_as_it_says() -> None:
    _, found = pages(opened(), range(60))
    assert found == [(0, 0, 0), (15, 1, 0), (20, 1, 1), (25, 1, 2), (30, 2, 0)]


def test_after_a_gap_only_the_latest_step_is_told() -> None:
    breach, fired = lived(opened(), at(100))
    assert [(s.page.step, s.page.repeat) for s in fired] == [(2, 0)]
    assert next_moment(breach) is None
    assert breach.escalation_state.words == "3 of 3"


def test_acknowledging_stops_it_reminds_and_runs_out() -> None:
    breach, _ = lived(opened(), START)
    breach = breach.acknowledge("Ada", "on it", at(1))
    breach, fired = lived(breach, at(24))
    assert fired == []
    breach, fired = lived(breach, at(25))
    assert [(s.event, s.had) for s in fired] == [(TimerEvent.REMIND, "Ada")], "at four fifths"
    breach, fired = lived(breach, at(31))
    assert [(s.event, s.had) for s in fired] == [(TimerEvent.EXPIRED, "Ada")]
    assert (breach.state, breach.acknowledged_by) == (BreachState.OPEN, None)
    assert next_moment(breach) == at(31) + GRACE, "the first step again, after a moment's grace"
    _, found = pages(breach, range(32, 100))
    assert [step for _, step, _ in found] == [0, 1, 1, 1, 2]


def test_an_acknowledgement_that_was_slept_through_runs_out_without_a_reminder() -> None:
    breach = opened().acknowledge("Ada", None, at(1))
    _, fired = lived(breach, at(90))
    assert [s.event for s in fired] == [TimerEvent.EXPIRED]


def test_giving_it_back_begins_anew_but_taking_it_again_at_once_pages_nobody() -> None:
    breach = opened().acknowledge("Ada", None, at(1)).unacknowledge(None, at(2))
    assert lived(breach, at(2))[1] == []
    breach = breach.acknowledge("Bob", None, at(2) + GRACE / 2)
    assert lived(breach, at(3))[1] == []


def test_without_a_length_of_its_own_the_plan_takes_the_usual_one_or_holds_for_ever() -> None:
    plan = replace(PLAN, acknowledged_for=None)
    usual = opened(plan).acknowledge("Ada", None, START, timedelta(hours=4))
    assert usual.escalation_state.acknowledged_until == START + timedelta(hours=4)
    for_ever = opened(plan).acknowledge("Ada", None, START)
    assert next_moment(for_ever) is None


def test_a_snooze_ends_at_its_time_and_it_begins_anew() -> None:
    breach = opened().snooze("Ada", "lunch", at(1), at(40))
    assert lived(breach, at(39))[1] == []
    breach, fired = lived(breach, at(40))
    assert [s.event for s in fired] == [TimerEvent.WOKE]
    assert breach.state is BreachState.OPEN


def test_a_snooze_into_the_past_is_refused() -> None:
    with pytest.raises(NotAllowed, match="must end in the future"):
        opened().snooze("Ada", None, at(5), at(5))


def test_a_snooze_without_an_end_lasts_until_the_ticket_begins_or_ends_to_wait() -> None:
    breach = opened().snooze("Ada", None, at(1), None)
    assert next_moment(breach) is None
    assert held(breach, at(2), waits=False) == (breach, None)
    awake, fired = held(breach, at(3), waits=True)
    assert awake.state is BreachState.OPEN
    assert fired.event is TimerEvent.WOKE, "whoever waited for that is told"


def test_while_the_ticket_waits_no_acknowledgement_runs_out() -> None:
    breach = opened().acknowledge("Ada", None, at(1))
    breach, _ = held(breach, at(11), waits=True)
    assert lived(breach, at(500))[1] == []
    breach, _ = held(breach, at(500), waits=False)
    breach, fired = lived(breach, at(514))
    assert [s.event for s in fired] == [TimerEvent.REMIND], (
        "fourteen of twenty-four minutes were left"
    )
    assert next_moment(breach) == at(520)


def test_one_that_is_taken_while_the_ticket_waits_lasts_its_whole_time_after_that() -> None:
    breach, _ = held(opened(), at(5), waits=True)
    breach = breach.acknowledge("Ada", None, at(60))
    breach, _ = held(breach, at(70), waits=False)
    assert breach.escalation_state.acknowledged_until == at(100)


def test_handed_up_while_the_ticket_waits_the_later_steps_keep_their_distance_all_the_same() -> (
    None
):
    breach, _ = lived(opened(), START)
    breach, _ = held(breach, at(2), waits=True)
    breach, _ = hasten(breach.escalate("Ada", None, at(20)), at(20))
    breach, _ = held(breach, at(30), waits=False)
    assert next_moment(breach) == at(35), "five minutes after it, those that it waits not counted"


def test_while_the_ticket_waits_nothing_is_told_and_then_what_was_left_is_left_still() -> None:
    breach, _ = lived(opened(), START)
    breach, _ = held(breach, at(10), waits=True)
    assert next_moment(breach) is None
    assert lived(breach, at(500))[1] == []
    breach, _ = held(breach, at(500), waits=False)
    assert next_moment(breach) == at(505), "five minutes were left"


def test_escalating_by_hand_takes_the_next_step_now_and_the_later_keep_their_distance() -> None:
    breach, _ = lived(opened(), START)
    breach, page = hasten(breach.escalate("Ada", "help", at(2)), at(2))
    assert page.step == 1
    _, found = pages(breach, range(2, 60))
    assert found == [(7, 1, 1), (12, 1, 2), (17, 2, 0)]


def test_by_hand_it_also_ends_an_acknowledgement() -> None:
    breach = opened().acknowledge("Ada", None, at(1))
    breach, page = hasten(breach.escalate("Bob", None, at(2)), at(2))
    assert page.step == 0
    assert breach.acknowledged_by is None
    assert breach.escalation_state.acknowledged_until is None


def test_a_ticket_that_becomes_more_urgent_is_asked_about_again() -> None:
    breach = opened().acknowledge("Ada", None, at(1))
    after, fired = worsened(breach, RiskLevel.CRITICAL, "Critical", at(5))
    assert (fired.event, fired.had) == (TimerEvent.WORSE, "Ada")
    assert after.state is BreachState.OPEN
    assert next_moment(after) == at(5) + GRACE


def test_one_that_becomes_less_urgent_stays_with_whoever_has_it() -> None:
    breach = opened().acknowledge("Ada", None, at(1))
    after, fired = worsened(breach, RiskLevel.LOW, "Low", at(5))
    assert fired is None
    assert (after.state, after.priority) == (BreachState.ACKNOWLEDGED, "Low")


ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            ["wait", "ack", "give back", "snooze", "hold", "release", "escalate", "worse", "end"]
        ),
        st.integers(0, 2400),
    ),
    max_size=30,
)


@given(ACTS)
def test_whatever_happens_no_step_is_told_twice_and_nothing_after_somebody_has_it(acts) -> None:
    breach, now = opened(), START
    told: list[tuple[int, int, int]] = []
    for act, seconds in acts:
        now += timedelta(seconds=seconds)
        before = breach
        breach, fired = lived(breach, now)
        for one in fired:
            if one.event is TimerEvent.PAGE:
                assert before.state is not BreachState.RESOLVED
                assert breach.escalation_state.held_since is None
                told.append((breach.escalation_state.round, one.page.step, one.page.repeat))
        if before.state is BreachState.ACKNOWLEDGED and breach.state is before.state:
            assert {one.event for one in fired} <= {TimerEvent.REMIND}
        breach = _acted(breach, act, now)
        assert breach.revision >= before.revision
        due = next_moment(breach)
        assert due is None or act != "end", "nothing follows the end"
    assert len(told) == len(set(told)), "none twice"
    for number in {round_ for round_, _, _ in told}:
        steps = [step for round_, step, repeat in told if round_ == number and not repeat]
        assert steps == sorted(steps), "in order"


def _acted(breach: SLABreach, act: str, now: datetime) -> SLABreach:  # noqa: PLR0911 - one an act
    try:
        match act:
            case "ack":
                return breach.acknowledge("Ada", None, now)
            case "give back":
                return breach.unacknowledge(None, now)
            case "snooze":
                return breach.snooze("Ada", None, now, now + 10 * MINUTE)
            case "hold" | "release":
                return held(breach, now, waits=act == "hold")[0]
            case "escalate":
                return hasten(breach.escalate("Ada", None, now), now)[0]
            case "worse":
                return worsened(breach, RiskLevel.CRITICAL, "Critical", now)[0]
            case "end":
                return breach.resolve(now)
    except NotAllowed:
        pass
    return breach
