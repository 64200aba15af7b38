"""How a forecast has done here, in a sentence, and when it withdraws itself."""

import pytest

from sla_console.domain.forecast.bands import ChanceBand, band_of
from sla_console.domain.forecast.judgement import band_changes, queue_holding, recall
from sla_console.domain.forecast.record import ForecastRecord, record_of


def test_before_enough_answers_have_come_due_it_says_so() -> None:
    assert ForecastRecord().words() == (
        "The forecast has not proved itself yet: 0 of 50 answers of the last 30 days have come due."
    )


def test_it_says_what_it_said_and_what_happened() -> None:
    """Forty of eighty broke; errors of 0.1 squared against 0.5 squared are 96 % smaller."""
    record = record_of([(0.9, 0.5, True), (0.1, 0.5, False)] * 40)
    assert record.words() == (
        "In the last 30 days it said 50% of 80 answers on average, and 50% broke; its error is "
        "96% smaller than that of the base rate."
    )
    assert not record.is_withdrawn


def test_one_that_is_no_better_than_the_base_rate_withdraws_itself() -> None:
    record = record_of([(0.9, 0.5, False), (0.1, 0.5, True)] * 40)
    assert record.is_withdrawn
    assert record.words().startswith("The forecast is withdrawn: in the last 30 days it said 50%")


def test_few_answers_withdraw_nothing() -> None:
    assert not record_of([(0.9, 0.5, False)] * 49).is_withdrawn


PAIRS = [(0.9, True), (0.8, False), (0.7, True), (0.2, False)]


def test_recall_is_the_share_of_what_broke_that_was_warned_of() -> None:
    assert recall(PAIRS, 1) == 0.5
    assert recall(PAIRS, 3) == 1.0
    assert recall([(0.9, False)], 1) is None


def test_the_queue_holds_what_breaks_in_its_first_part() -> None:
    assert queue_holding(PAIRS, 0.5) == 0.25
    assert queue_holding(PAIRS, 0.87) == 0.75
    assert queue_holding([(0.9, False)], 0.87) is None


def test_changes_of_the_band_are_counted_for_each_target() -> None:
    """From 10 to 30 % and to 90 % are two changes, from 51 to 79 % is none."""
    assert band_changes([(0.1, 0.3, 0.9), (0.51, 0.79)]) == 1.0
    assert band_changes([]) is None


@pytest.mark.parametrize(
    ("chance", "band"),
    [
        (0.0, ChanceBand.UNLIKELY), (0.2, ChanceBand.POSSIBLE), (0.5, ChanceBand.LIKELY),
        (0.8, ChanceBand.ALMOST_SURE), (1.0, ChanceBand.ALMOST_SURE),
    ],
)  # fmt: skip
def test_bands_begin_where_stated(chance: float, band: ChanceBand) -> None:
    assert band_of(chance) is band
