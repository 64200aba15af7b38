"""What a forecast learns from the past, and that it learns nothing from what is stamped later."""

import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sla_console.domain.forecast.lesson import STAGES, Lesson, lesson_of, outcomes
from sla_console.domain.forecast.model import ForecastModel
from sla_console.domain.forecast.moment import ClockMoment, moment_of
from sla_console.domain.forecast.scoring import auc, brier, brier_of
from sla_console.domain.forecast.teaching import teach
from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.sla.sla_clock import DueSource, SLAClock
from sla_console.domain.tickets.past_tickets import PastState, PastTicket

KIND = BreachType.RESOLUTION
START = datetime(2026, 3, 2, tzinfo=UTC)
ALLOWED = timedelta(hours=8)
HOUR = timedelta(hours=1)


def clock_of(past: PastTicket) -> SLAClock:
    """Eight hours round the clock, from its opening to its end."""
    return SLAClock(
        KIND,
        past.opened_at + ALLOWED,
        DueSource.COMPUTED,
        BusinessCalendar.always(),
        past.opened_at,
        past.resolved_at,
        allowed=ALLOWED,
    )


def ticket(
    number: int, opened: datetime, lasts: float | None, group: str = "Quick", *more: PastState
) -> PastTicket:
    """A ticket that is resolved after some hours; None: it still runs."""
    end = None if lasts is None else opened + lasts * HOUR
    states = [PastState(opened, "Open", "High", group, "Ada", "Acme"), *more]
    if end is not None:
        states.append(PastState(end, "Closed", "High", group, "Ada", "Acme"))
    return PastTicket(f"T{number}", opened, tuple(states), resolved_at=end)


def desk(count: int = 400, seed: int = 1) -> list[PastTicket]:
    """Of the group Slow four in five break, of the others one in ten; one comes each hour."""
    chance = random.Random(seed)
    found = []
    for number in range(count):
        group = "Slow" if number % 3 == 0 else "Quick"
        late = chance.random() < (0.8 if group == "Slow" else 0.1)
        lasts = chance.uniform(8.5, 20) if late else chance.uniform(0.5, 7.5)
        found.append(ticket(number, START + number * HOUR, lasts, group))
    return found


def lessons(history: list[PastTicket]) -> list[Lesson]:
    found = [lesson_of(past, clock_of(past)) for past in history]
    return [lesson for lesson in found if lesson is not None]


def asked(group: str, at: datetime, share: float = 0.0) -> ClockMoment:
    past = ticket(9_999, at - ALLOWED * share, None, group)
    moment = moment_of(past, clock_of(past), at)
    assert moment is not None
    return moment


NOW = START + 400 * HOUR
HISTORY = desk()
TAUGHT = teach(lessons(HISTORY), NOW)


def said(model: ForecastModel, group: str, share: float = 0.0, at: datetime = NOW) -> float:
    (chance,) = model.chances([asked(group, at, share)])
    assert chance is not None
    return chance


def test_it_says_of_each_group_what_its_like_did() -> None:
    assert said(TAUGHT, "Slow") == pytest.approx(0.8, abs=0.15)
    assert said(TAUGHT, "Quick") == pytest.approx(0.1, abs=0.1)


def test_what_still_runs_when_most_have_ended_is_more_likely_to_break() -> None:
    chances = [said(TAUGHT, "Quick", share) for share in (0.0, 0.5, 0.9)]
    assert chances == sorted(chances)
    assert chances[-1] > 0.3


def test_between_two_stages_it_says_what_lies_between() -> None:
    low, middle, high = (said(TAUGHT, "Quick", share) for share in (0.5, 0.6, 0.75))
    assert min(low, high) - 0.05 <= middle <= max(low, high) + 0.05


def test_a_name_that_was_never_seen_is_taken_for_usual() -> None:
    assert said(TAUGHT, "Quick") < said(TAUGHT, "Never seen") < said(TAUGHT, "Slow")


def test_the_line_names_the_facts_that_move_it_and_how_many_were_like_it() -> None:
    moment = asked("Slow", NOW)
    (chance,) = TAUGHT.chances([moment])
    forecast = TAUGHT.explained(moment, chance)
    assert "in Slow: +" in forecast.words
    assert f"{forecast.broke} of {forecast.like_it} like it broke" in forecast.words
    assert forecast.broke / forecast.like_it == pytest.approx(0.8, abs=0.1)


def test_a_reason_is_what_the_fact_adds_to_the_log_odds() -> None:
    """The facts of two groups differ in nothing else, so their reasons differ by all there is."""
    stage = TAUGHT.targets[KIND].stages[0]
    assert stage is not None
    slow, quick = asked("Slow", NOW), asked("Quick", NOW)
    apart = stage.log_odds([slow, quick])
    by_reasons = [sum(moved for _, moved in stage.reasons(one)) for one in (slow, quick)]
    assert by_reasons[0] - by_reasons[1] == pytest.approx(apart[0] - apart[1])


def test_what_is_stored_says_the_same_again() -> None:
    again = ForecastModel.read(json.loads(json.dumps(TAUGHT.document())))
    assert again is not None
    assert said(again, "Slow", 0.3) == pytest.approx(said(TAUGHT, "Slow", 0.3), abs=1e-3)
    assert ForecastModel.read({**TAUGHT.document(), "format": 0}) is None


def test_everything_stamped_after_now_may_be_changed_and_nothing_changes() -> None:
    """Ends, statuses, groups and technicians of the future are dealt out anew at random."""
    now, chance = START + 300 * HOUR, random.Random(3)
    known, permuted = [], []
    for past in HISTORY:
        known.append(past)
        before = tuple(state for state in past.states if state.at <= now)
        end = past.resolved_at
        if end is not None and end > now:
            end = now + chance.uniform(0.01, 50) * HOUR
        later = [
            PastState(
                now + chance.uniform(0.01, 50) * HOUR,
                chance.choice(["Open", "Closed", "Waiting"]),
                chance.choice(["Low", "High"]),
                chance.choice(["Slow", "Quick", "Other"]),
                chance.choice(["Ada", "Bob"]),
            )
            for _ in range(chance.randrange(4))
        ]
        states = (*before, *sorted(later, key=lambda state: state.at))
        opened = past.opened_at
        permuted.append(replace(past, states=states or past.states, resolved_at=end))
        assert opened == permuted[-1].opened_at
    one, other = teach(lessons(known), now), teach(lessons(permuted), now)
    assert one.document() == other.document()
    running = [p for p in HISTORY if p.opened_at < now and (p.resolved_at or now) > now]
    future = {p.number: p for p in permuted}
    assert len(running) > 3
    for past in running:
        twin = future[past.number]
        asked_now = [moment_of(p, clock_of(p), now) for p in (past, twin)]
        assert asked_now[0] == asked_now[1]


def test_when_outcomes_are_shuffled_the_skill_vanishes() -> None:
    chance = random.Random(5)
    history = desk(600)
    lasted = [past.resolved_at - past.opened_at for past in history if past.resolved_at]
    chance.shuffle(lasted)
    shuffled = [
        ticket(number, past.opened_at, span / HOUR, past.states[0].group or "")
        for number, (past, span) in enumerate(zip(history, lasted, strict=True))
    ]

    def skill(tickets: list[PastTicket]) -> tuple[float, float]:
        now = START + 420 * HOUR
        model = teach(lessons(tickets), now)
        later = [one for one in lessons(tickets) if one.views and one.views[0].moment.at > now]
        chances = model.chances([one.views[0].moment for one in later])
        pairs = [(p or 0.0, one.broke) for p, one in zip(chances, later, strict=True)]
        mine, base = brier(pairs), brier_of(sum(b for _, b in pairs) / len(pairs), pairs)
        found = auc(pairs)
        assert mine is not None
        assert base is not None
        assert found is not None
        return 1 - mine / base, found

    better, order = skill(history)
    assert better > 0.3
    assert order > 0.8
    better, order = skill(shuffled)
    assert better < 0.05
    assert 0.35 < order < 0.65


def test_what_ended_early_does_not_make_what_runs_look_better() -> None:
    """All of the last day's tickets still run but the quick ones; counting those alone says 0."""
    now = START + 200 * HOUR
    found = outcomes(lessons(desk(200)), now)
    assert len(found) == sum(past.opened_at + ALLOWED <= now for past in desk(200))


def test_a_breach_is_certain_from_its_due_time_on_and_an_early_end_at_once() -> None:
    late, early = lessons([ticket(1, START, 20), ticket(2, START, 2)])
    assert [late.outcome(START + hours * HOUR) for hours in (2, 7, 8)] == [None, None, True]
    assert [early.outcome(START + hours * HOUR) for hours in (1, 2)] == [None, False]


def test_it_is_looked_at_only_where_it_still_ran() -> None:
    """It ended after five of eight hours, so before three quarters of them."""
    (lesson,) = lessons([ticket(1, START, 5)])
    assert [STAGES[view.stage] for view in lesson.views] == [0.0, 0.1, 0.25, 0.5]


def test_nobody_can_look_at_a_ticket_before_the_source_has_it() -> None:
    """It was written down an hour after its opening, so later than a tenth of eight hours."""
    past = replace(ticket(1, START, 5), recorded_at=START + HOUR)
    (lesson,) = lessons([past])
    assert [STAGES[view.stage] for view in lesson.views] == [0.1, 0.25, 0.5]
    assert lesson.views[0].moment.at == START + HOUR


def test_below_the_minimum_it_says_what_is_missing_and_how_long_that_takes() -> None:
    """Two come due a day: 28 in 14 days, so the other 32 take 16 days."""
    history = [ticket(n, START + n * 12 * HOUR, 20 if n % 2 else 2) for n in range(28)]
    now = START + timedelta(days=14)
    model = teach(lessons(history), now)
    moment = asked("Quick", now)
    assert model.chances([moment]) == [None]
    words = model.explained(moment, None).words
    assert words == (
        "not enough history: 28 of 60 resolutions have come due; at 2 a day that takes 16 more days"
    )


def test_where_nothing_breaks_it_says_so_and_no_figure() -> None:
    history = [ticket(n, START + n * HOUR, 2) for n in range(200)]
    model = teach(lessons(history), NOW)
    moment = asked("Quick", NOW)
    assert model.chances([moment]) == [None]
    assert model.explained(moment, None).words == (
        "not enough history: 0 of 200 resolutions broke; 8 must have"
    )


def test_a_clock_that_jumps_stops_nothing() -> None:
    """A ticket opened in the future, one changed before its opening, and one of the year 2099."""
    odd = [
        ticket(1001, NOW + timedelta(days=400), None),
        ticket(1002, START, 2, "Quick", PastState(START - timedelta(days=9), "Open")),
        ticket(1003, datetime(2099, 1, 1, tzinfo=UTC), 2),
    ]
    assert teach(lessons([*HISTORY, *odd]), NOW).targets[KIND].is_taught


def test_of_a_ticket_that_waits_nobody_knows_the_end() -> None:
    past = ticket(1, START, None)
    waiting = replace(clock_of(past), held_since=START + HOUR)
    lesson = lesson_of(past, waiting)
    assert lesson is not None
    assert lesson.outcome(START + timedelta(days=30)) is None
