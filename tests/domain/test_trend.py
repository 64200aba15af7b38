"""Whether a share has really changed, without crying wolf on small numbers."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_console.domain.figures.performance import figures_by
from sla_console.domain.figures.record import Span, TargetRecord
from sla_console.domain.figures.records import RecordMaker
from sla_console.domain.figures.technicians import metrics_by_technician
from sla_console.domain.figures.trend import Trend, fisher, newcombe, trend_of, wilson
from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.sla.evaluation import evaluate
from sla_console.domain.tickets.ticket import StatusPhases, Ticket
from sla_console.domain.tickets.ticket_history import TicketHistory


@pytest.mark.parametrize(
    ("kept", "count", "low", "high"),
    # Worked by hand from Wilson's formula; 81 of 263 is Newcombe's own example.
    [(81, 263, 0.2553, 0.3662), (0, 20, 0.0, 0.1611), (10, 10, 0.7225, 1.0)],
)
def test_the_interval_is_wilsons(kept: int, count: int, low: float, high: float) -> None:
    assert wilson(kept, count) == pytest.approx((low, high), abs=5e-5)


def test_the_exact_test_is_fishers() -> None:
    # The lady who tasted tea: three of four right, and four of four.
    assert fisher(3, 4, 1, 4) == pytest.approx(0.4857, abs=5e-5)
    assert fisher(4, 4, 0, 4) == pytest.approx(0.0286, abs=5e-5)


def test_the_interval_of_a_difference_is_newcombes() -> None:
    # His own example: 56 of 70 against 48 of 80.
    assert newcombe(48, 80, 56, 70) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_nothing_counted_could_be_anything() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


@given(st.integers(0, 500), st.integers(0, 500))
def test_the_interval_holds_the_share(kept: int, missed: int) -> None:
    low, high = wilson(kept, kept + missed)
    assert 0.0 <= low <= high <= 1.0
    if kept + missed:
        assert low <= kept / (kept + missed) + 1e-12
        assert high >= kept / (kept + missed) - 1e-12


@pytest.mark.parametrize("count", [4, 6, 10, 20, 60, 200, 600])
@pytest.mark.parametrize("share", [0.6, 0.8, 0.95])
def test_without_a_change_it_seldom_cries_wolf(count: int, share: float) -> None:
    chance = random.Random(count)
    runs = 1_500
    cries = sum(
        trend_of([chance.random() < share for _ in range(count)]) is not Trend.STABLE
        for _ in range(runs)
    )
    assert cries / runs <= 0.065


def test_a_real_change_is_seen() -> None:
    chance = random.Random(1)
    runs = 300
    seen = sum(
        trend_of(
            [chance.random() < 0.95 for _ in range(100)]
            + [chance.random() < 0.80 for _ in range(100)]
        )
        is Trend.DECLINING
        for _ in range(runs)
    )
    assert seen / runs > 0.75


def test_it_knows_up_from_down() -> None:
    worse = [True] * 30 + [False] * 30
    assert trend_of(worse) is Trend.DECLINING
    assert trend_of(worse[::-1]) is Trend.IMPROVING
    assert trend_of([]) is trend_of([True]) is trend_of([True, False]) is Trend.STABLE


NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SINCE = NOW - timedelta(days=30)
ALWAYS = BusinessCalendar.always()
PHASES = StatusPhases.of(hold=(), closed=("Closed",))


def steady(chance: random.Random, count: int, worse: float = 1.0) -> list[TargetRecord]:
    """What the store knows of a desk: the targets of its tickets.

    Ninety days of tickets at one rate, ``count`` in thirty days. One in seven is hard: its answer
    and its resolution are both slow, so its promises break together.

    Args:
        chance: The randomness.
        count: How many.
        worse: How much longer everything takes in the last fifteen days.
    """
    found, maker = [], RecordMaker(NOW)
    for number in range(3 * count):
        created = NOW - timedelta(days=chance.uniform(0, 90))
        slow = (worse if created > NOW - timedelta(days=15) else 1.0) * (
            6.0 if chance.random() < 1 / 7 else 1.0
        )
        answered = created + timedelta(hours=slow * chance.expovariate(1.0))
        solved = answered + timedelta(hours=24 * slow * chance.expovariate(1.0))
        ticket = Ticket(
            str(number), str(number), "x", status="Closed" if solved <= NOW else "Open",
            created_at=created, response_due=created + timedelta(hours=4),
            responded_at=answered if answered <= NOW else None,
            resolution_due=created + timedelta(hours=72),
            resolved_at=solved if solved <= NOW else None, technician_id="t", technician="Tom",
        )  # fmt: skip
        found += maker.records_of(TicketHistory(ticket, evaluate(ticket, None, ALWAYS, PHASES)))
    return found


def trends(seed: int, runs: int, count: int, worse: float = 1.0) -> list[Trend]:
    """The trends of some desks' figures, by turns by technician and of the whole desk."""
    chance = random.Random(seed)
    found = []
    for run in range(runs):
        records, span = steady(chance, count, worse), Span(SINCE, NOW)
        if run % 2:
            found.append(figures_by("client", records, span)["none"].trend)
        else:
            (tom,) = metrics_by_technician(records, span, NOW)
            found.append(tom.performance_trend)
    return found


@pytest.mark.slow
@pytest.mark.parametrize(("count", "runs"), [(12, 300), (60, 250), (250, 120)])
def test_a_desk_on_which_nothing_changes_is_stable(count: int, runs: int) -> None:
    """Though targets of one ticket break together, and some fall due after the span."""
    cries = sum(trend is not Trend.STABLE for trend in trends(count, runs, count))
    # Five in a hundred, and what chance adds to that in so many runs (three standard errors).
    assert cries / runs <= 0.05 + 3 * (0.05 * 0.95 / runs) ** 0.5


def test_a_desk_that_takes_twice_as_long_declines() -> None:
    found = trends(7, 40, 200, worse=2.5)
    assert found.count(Trend.DECLINING) > 30
    assert Trend.IMPROVING not in found
