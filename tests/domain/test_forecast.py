"""How likely a running clock is to break, from how long clocks like it ran before."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sla_console.domain.forecast.forecast import MINIMUM, Forecaster, PastClock, RunningClock
from sla_console.domain.sla.breach import BreachType

KIND = BreachType.RESOLUTION


def past(number: int, lasted: float, ended: bool = True, **more: object) -> PastClock:
    return PastClock(str(number), KIND, lasted, ended, **more)  # type: ignore[arg-type]


def running(consumed: float, allowed: float, **more: object) -> RunningClock:
    return RunningClock("x", KIND, consumed, allowed, **more)  # type: ignore[arg-type]


EVEN = [past(n, float(n)) for n in range(1, 101)]


def test_it_is_the_share_of_those_that_lived_as_long_and_took_longer() -> None:
    found = Forecaster(EVEN).ask(running(50.5, 75))
    assert found.probability == pytest.approx(0.5, abs=0.01)
    assert (found.like_it, found.took_longer) == (50, 25)
    assert found.words == "25 of 50 like it took longer"


def test_the_longer_it_has_lived_the_more_likely_it_breaks() -> None:
    forecaster = Forecaster(EVEN)
    said = [forecaster.ask(running(consumed, 75)).probability for consumed in (0, 25, 50, 70)]
    assert said == sorted(said)


def test_too_little_history_says_so_and_gives_no_number() -> None:
    found = Forecaster(EVEN[: MINIMUM - 1]).ask(running(0, 50))
    assert found.probability is None
    assert found.words == f"not enough history: {MINIMUM - 1} of {MINIMUM} clocks have ended"


def test_clocks_that_still_run_are_no_history_by_themselves() -> None:
    found = Forecaster([past(n, 100.0, ended=False) for n in range(500)]).ask(running(10, 50))
    assert found.probability is None


def test_nobody_who_lived_so_long_can_tell() -> None:
    found = Forecaster(EVEN).ask(running(98.5, 200))
    assert found.probability is None
    assert "2 lived as long" in found.words


def test_what_is_late_has_broken() -> None:
    assert Forecaster(EVEN).ask(running(80, 75)).probability == 1.0


def test_a_clock_still_running_counts_for_as_long_as_it_was_seen() -> None:
    without = Forecaster(EVEN).ask(running(0, 50)).probability
    watched = Forecaster([*EVEN, *(past(1000 + n, 40.0, ended=False) for n in range(100))])
    said = watched.ask(running(0, 50)).probability
    assert said is not None
    assert without is not None
    assert said > without, "they outlived 40, so fewer end early than it seemed"


def test_clocks_first_seen_when_old_do_not_make_it_darker() -> None:
    """Their like that ended sooner were never seen."""
    young = [past(n, 10.0) for n in range(100)]
    old = [past(1000 + n, 100.0, entered=60.0) for n in range(100)]
    said = Forecaster([*young, *old]).ask(running(0, 50)).probability
    assert said is not None
    assert said < 0.05


def test_a_thin_group_is_drawn_towards_its_priority_and_a_thick_one_speaks_for_itself() -> None:
    slow = [past(10_000 + n, 90.0, priority="High", group="Few") for n in range(3)]
    many = [past(20_000 + n, 90.0, priority="High", group="Many") for n in range(3000)]
    quick = [past(n, 10.0, priority="High", group="Quick") for n in range(3000)]
    forecaster = Forecaster([*slow, *many, *quick])
    few = forecaster.ask(running(0, 50, priority="High", group="Few")).probability
    thick = forecaster.ask(running(0, 50, priority="High", group="Many")).probability
    assert few == pytest.approx(0.5, abs=0.05)
    assert thick is not None
    assert thick > 0.95


def test_it_learns_as_tickets_close() -> None:
    forecaster = Forecaster([past(n, 30.0, ended=False) for n in range(100)])
    assert forecaster.ask(running(0, 50)).probability is None
    for number in range(100):
        forecaster.learn(past(number, 60.0))
    assert len(forecaster) == 100
    said = forecaster.ask(running(0, 50)).probability
    assert said is not None
    assert said > 0.9


lives = st.lists(
    st.tuples(st.integers(1, 300), st.booleans(), st.integers(0, 200)), min_size=40, max_size=120
)


@pytest.mark.slow
@settings(deadline=None)
@given(lives, st.integers(0, 250), st.integers(1, 100), st.randoms())
def test_it_is_a_probability_and_the_order_of_learning_changes_nothing(
    rows: list, consumed: int, more: int, shuffler: random.Random
) -> None:
    history = [
        past(n, float(lasted), ended, entered=float(min(entered, lasted - 1)))
        for n, (lasted, ended, entered) in enumerate(rows)
    ]
    asked = running(consumed, consumed + more)
    said = Forecaster(history).ask(asked)
    shuffled = history.copy()
    shuffler.shuffle(shuffled)
    slowly = Forecaster()
    for one in shuffled:
        slowly.learn(one)
    assert slowly.ask(asked) == said
    if said.probability is not None:
        assert 0.0 < said.probability < 1.0
        assert 0 <= said.took_longer <= said.like_it


def test_what_was_answered_outside_hours_counts_at_creation() -> None:
    """Such a clock has used up nothing, like one that was just created."""
    at_once = [past(n, 0.0) for n in range(60)]
    later = [past(100 + n, 90.0) for n in range(40)]
    said = Forecaster([*at_once, *later]).ask(running(0, 50)).probability
    assert said == pytest.approx(0.4, abs=0.01)
