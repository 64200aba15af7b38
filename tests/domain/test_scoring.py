"""How good probabilities were, once it is known what happened."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_console.domain.forecast.scoring import auc, brier, calibration, skill

answers = st.lists(
    st.tuples(st.integers(0, 20).map(lambda n: n / 20), st.booleans()), min_size=1, max_size=60
)


def test_brier_is_the_mean_squared_error() -> None:
    assert brier([(1.0, True), (0.5, False)]) == pytest.approx(0.125)
    assert brier([]) is None


def test_skill_is_how_much_better_than_always_saying_the_base_rate() -> None:
    pairs = [(0.9, True), (0.1, False)]
    assert skill(pairs, 0.5) == pytest.approx(1 - 0.01 / 0.25)
    assert skill([(0.5, True), (0.5, False)], 0.5) == 0
    assert skill([(1.0, True)], 1.0) is None, "the base rate makes no error"


@given(answers)
def test_auc_is_how_often_what_happened_was_given_more(pairs: list) -> None:
    yes = [p for p, happened in pairs if happened]
    no = [p for p, happened in pairs if not happened]
    if not yes or not no:
        assert auc(pairs) is None
        return
    wins = sum((y > n) + (y == n) / 2 for y in yes for n in no)
    assert auc(pairs) == pytest.approx(wins / (len(yes) * len(no)))


@given(answers)
def test_calibration_counts_every_answer_once(pairs: list) -> None:
    rows = calibration(pairs)
    assert sum(row.answers for row in rows) == len(pairs)
    assert all(row.low - 1e-9 <= row.predicted <= row.high + 1e-9 for row in rows)
    assert sum(row.happened * row.answers for row in rows) == pytest.approx(
        sum(happened for _, happened in pairs)
    )
