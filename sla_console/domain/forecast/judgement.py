"""How useful a forecast was, beyond its scores: early, work saved, steady.

Source of the interval: E. B. Wilson, see ``domain.figures.trend``.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from sla_console.domain.forecast.bands import band_of
from sla_console.domain.forecast.scoring import Pairs

WARNED: Final = 0.1
"""The part of all targets that may be warned of."""


def recall(pairs: Pairs, warned: int) -> float | None:
    """Return the share of what broke that is among so many of the most likely.

    Args:
        pairs: Probabilities and whether it broke.
        warned: How many are warned of.
    """
    broke = sum(happened for _, happened in pairs)
    first = sorted(pairs, key=lambda pair: -pair[0])[:warned]
    return sum(happened for _, happened in first) / broke if broke else None


def queue_holding(pairs: Pairs, share: float) -> float | None:
    """Return how much of a queue, the most likely first, holds a share of what breaks.

    None where nothing broke.
    """
    wanted = share * sum(happened for _, happened in pairs)
    if not wanted:
        return None
    found = 0
    for place, (_, happened) in enumerate(sorted(pairs, key=lambda pair: -pair[0]), 1):
        found += happened
        if found >= wanted - 1e-9:
            return place / len(pairs)
    return 1.0


def band_changes(lives: Sequence[Sequence[float]]) -> float | None:
    """Return how often the band of a target changes between the answers on it, on average.

    Args:
        lives: For each target the probabilities given, in the order of time.

    Returns:
        None where there is no target.
    """
    changes = sum(
        band_of(before) is not band_of(after) for life in lives for before, after in pairwise(life)
    )
    return changes / len(lives) if lives else None
