"""Bands of probability, in which forecasts are shown and counted."""

from enum import StrEnum
from typing import Final


class ChanceBand(StrEnum):
    """How likely a running target is to break, lowest first."""

    UNLIKELY = "unlikely"
    POSSIBLE = "possible"
    LIKELY = "likely"
    ALMOST_SURE = "almost sure"

    @property
    def rank(self) -> int:
        """0 for UNLIKELY to 3 for ALMOST_SURE."""
        return list(ChanceBand).index(self)


LIKELY_FROM: Final = 0.5
"""The probability from which a breach is called likely."""
_FROM: Final = (0.2, LIKELY_FROM, 0.8)
"""The probabilities from which the second, third and fourth band begin."""


def band_of(chance: float) -> ChanceBand:
    """Return the band of a probability."""
    return list(ChanceBand)[sum(chance >= start for start in _FROM)]
