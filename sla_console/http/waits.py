"""Reading how long a receiver asks to be left alone."""

from datetime import datetime
from email.utils import parsedate_to_datetime


def retry_after(header: str | None, now: datetime) -> float | None:
    """Return the seconds that ``Retry-After`` asks for, in either form that HTTP has.

    Args:
        header: The header's value; None: it is not there.
        now: The real moment, for the form of a date.
    """
    text = (header or "").strip()
    if text.isascii() and text.isdecimal() and len(text) <= 9:
        return float(text)
    try:
        seconds = (parsedate_to_datetime(text) - now).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return max(seconds, 0.0)
