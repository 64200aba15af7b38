"""Which page a wall shows when, and where on the screen: worked out from the moment alone."""

from datetime import datetime
from enum import StrEnum
from typing import Final

_SHIFT_SECONDS: Final = 180
_WALK: Final = ((0, 0), (1, 0), (2, 0), (2, 1), (1, 1), (0, 1))
"""Columns and rows by which the picture is moved, one after the other, so that nothing burns in."""

MOST: Final = (2, 1)
"""Columns and rows by which it is moved at most."""


class WallPage(StrEnum):
    """One page of the wall; the value is its heading."""

    URGENT = "Most urgent"
    BREACHES = "Breaches that nobody has"
    TEAM = "Technicians"
    HOURS = "Due in the next working hours"


ROTATION: Final = (WallPage.URGENT, WallPage.TEAM, WallPage.HOURS)


def page_at(now: datetime, seconds: int, *, unacknowledged: int) -> WallPage:
    """Return the page to show; while nobody has a breach, it stays on those.

    Args:
        now: The moment.
        seconds: How long each page stays.
        unacknowledged: Breaches that nobody has.
    """
    if unacknowledged:
        return WallPage.BREACHES
    return ROTATION[int(now.timestamp()) // seconds % len(ROTATION)]


def shift_at(now: datetime) -> tuple[int, int]:
    """Return by how many columns and rows the picture is moved now; it changes every three minutes."""
    return _WALK[int(now.timestamp()) // _SHIFT_SECONDS % len(_WALK)]
