"""Moments as the store keeps them: whole milliseconds since 1970, UTC.

Whole numbers compare and sort the same in every engine. What is finer than a millisecond is
rounded away.
"""

from datetime import UTC, datetime


def to_ms(moment: datetime) -> int:
    """Return an aware moment as milliseconds since 1970."""
    return round(moment.timestamp() * 1000)


def from_ms(milliseconds: int) -> datetime:
    """Return milliseconds since 1970 as aware UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def to_ms_or_none(moment: datetime | None) -> int | None:
    """Return a moment that may be missing as milliseconds since 1970."""
    return None if moment is None else round(moment.timestamp() * 1000)


def from_ms_or_none(milliseconds: int | None) -> datetime | None:
    """Return milliseconds that may be missing as aware UTC."""
    return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)
