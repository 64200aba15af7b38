"""How good probabilities were, once it is known what happened.

Pairs are (probability, whether it happened).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sla_console.domain.figures.trend import wilson

Pairs = Sequence[tuple[float, bool]]


@dataclass(frozen=True, slots=True)
class CalibrationRow:
    """The answers within one range of probability."""

    low: float
    high: float
    answers: int
    predicted: float
    """Mean probability given."""
    happened: float
    """Share that happened."""
    interval: tuple[float, float] = (0.0, 1.0)
    """The share's 95 % interval (Wilson)."""


def brier(pairs: Pairs) -> float | None:
    """Return the mean squared error, 0 best; None without pairs.

    Source: G. W. Brier, "Verification of Forecasts Expressed in Terms of Probability", 1950, in the
    form for two outcomes.
    """
    return sum((p - happened) ** 2 for p, happened in pairs) / len(pairs) if pairs else None


def brier_of(rate: float, pairs: Pairs) -> float | None:
    """Return the Brier score of always saying one rate; None without pairs."""
    return brier([(rate, happened) for _, happened in pairs])


def skill(pairs: Pairs, base_rate: float) -> float | None:
    """Return how much lower the Brier score is than that of always saying ``base_rate``.

    1 is perfect, 0 no better, negative worse; None where the base rate makes no error.
    """
    mine, base = brier(pairs), brier_of(base_rate, pairs)
    return 1.0 - mine / base if mine is not None and base else None


def auc(pairs: Pairs) -> float | None:
    """Return the probability that one that happened was given more than one that did not.

    Ties count half. None where all or none happened. By ranks: J. A. Hanley and B. J. McNeil, "The
    Meaning and Use of the Area under a ROC Curve", 1982.
    """
    happened = sum(outcome for _, outcome in pairs)
    not_happened = len(pairs) - happened
    if not happened or not not_happened:
        return None
    ordered = sorted(pairs)
    rank_sum, place = 0.0, 0
    while place < len(ordered):
        end = place
        while end < len(ordered) and ordered[end][0] == ordered[place][0]:
            end += 1
        middle = (place + 1 + end) / 2
        rank_sum += middle * sum(outcome for _, outcome in ordered[place:end])
        place = end
    return (rank_sum - happened * (happened + 1) / 2) / (happened * not_happened)


def calibration(pairs: Pairs, bins: int = 10) -> list[CalibrationRow]:
    """Return for each range of probability what was said and what happened; empty ranges left out.

    Args:
        pairs: The answers.
        bins: How many ranges of equal width; 1.0 belongs to the last.
    """
    rows = []
    for number in range(bins):
        low, high = number / bins, (number + 1) / bins
        mine = [(p, h) for p, h in pairs if min(int(p * bins), bins - 1) == number]
        if mine:
            predicted = sum(p for p, _ in mine) / len(mine)
            happened = sum(h for _, h in mine)
            share, interval = happened / len(mine), wilson(happened, len(mine))
            rows.append(CalibrationRow(low, high, len(mine), predicted, share, interval))
    return rows
