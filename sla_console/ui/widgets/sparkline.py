"""A row of numbers as one small line of signs."""

from collections.abc import Sequence
from typing import Final

_BLOCKS: Final = "▁▂▃▄▅▆▇█"
_DIGITS: Final = "0123456789"
_LOWEST: Final = 50.0
"""Percent shown as the lowest sign: below it nobody asks how far."""


def sparkline(percents: Sequence[float | None], *, blocks: bool = True) -> str:
    """Return a sign for each percentage from 50 to 100, a space where there is none.

    Args:
        percents: Oldest first.
        blocks: Eighths of a block; else digits.
    """
    signs = _BLOCKS if blocks else _DIGITS
    return "".join(" " if one is None else _sign(one, signs) for one in percents)


def _sign(percent: float, signs: str) -> str:
    share = (min(max(percent, _LOWEST), 100.0) - _LOWEST) / (100.0 - _LOWEST)
    return signs[min(len(signs) - 1, int(share * len(signs)))]
