"""How a forecast has done here: what it said of targets, and what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.forecast.scoring import brier
from sla_console.domain.sla.breach import BreachType

JUDGED_OVER: Final = timedelta(days=30)
"""A forecast is judged by what it said of targets that fell due in this time."""
ENOUGH: Final = 50
"""Answers that a judgement needs."""


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """An answer of the forecast about a running target, one for each stage of it. UTC."""

    ticket_id: str
    target: BreachType
    stage: int
    asked_at: datetime
    due: datetime
    probability: float
    base_rate: float
    """The share that had broken of what was decided by then."""


@dataclass(frozen=True, slots=True)
class ForecastRecord:
    """How good the answers were whose outcome is known now."""

    answers: int = 0
    said: float = 0.0
    """The mean probability given."""
    broke: int = 0
    brier: float | None = None
    base_brier: float | None = None
    """Score of always saying the base rate known then."""

    @property
    def is_withdrawn(self) -> bool:
        """Whether it was no better than the base rate, so that it should say nothing."""
        return (
            self.answers >= ENOUGH
            and self.brier is not None
            and self.base_brier is not None
            and self.brier >= self.base_brier
        )

    def words(self) -> str:
        """Return how it has done in a sentence."""
        days = f"{JUDGED_OVER.days} days"
        if self.answers < ENOUGH or self.brier is None or not self.base_brier:
            return (
                f"The forecast has not proved itself yet: {self.answers} of {ENOUGH} answers of "
                f"the last {days} have come due."
            )
        said = (
            f"In the last {days} it said {self.said:.0%} of {self.answers} answers on average, and "
            f"{self.broke / self.answers:.0%} broke"
        )
        better = 1.0 - self.brier / self.base_brier
        if self.is_withdrawn:
            return (
                f"The forecast is withdrawn: {said[0].lower()}{said[1:]}, no better than always "
                f"saying how many break."
            )
        return f"{said}; its error is {better:.0%} smaller than that of the base rate."


def record_of(answers: Sequence[tuple[float, float, bool]]) -> ForecastRecord:
    """Return how good some answers were.

    Args:
        answers: For each the probability given, the base rate known then, and whether it broke.
    """
    if not answers:
        return ForecastRecord()
    return ForecastRecord(
        answers=len(answers),
        said=sum(chance for chance, _, _ in answers) / len(answers),
        broke=sum(broke for _, _, broke in answers),
        brier=brier([(chance, broke) for chance, _, broke in answers]),
        base_brier=brier([(base, broke) for _, base, broke in answers]),
    )
