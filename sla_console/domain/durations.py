"""Spans of time as people read them."""

from datetime import timedelta
from typing import Final

COUNTDOWN_WIDTH: Final = 7


def words(span: timedelta) -> str:
    """Return a span in words, its two largest units: ``2 d 3 h``, ``3 h 12 m``, ``12 m``, ``45 s``.

    The sign is dropped: whoever asks says whether it is left or late.
    """
    seconds = int(abs(span).total_seconds())
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86_400
    if days:
        return f"{days} d {hours % 24} h" if hours % 24 else f"{days} d"
    if hours:
        return f"{hours} h {minutes % 60} m" if minutes % 60 else f"{hours} h"
    return f"{minutes} m" if minutes else f"{seconds} s"


def hours_words(span: timedelta) -> str:
    """Return a span of promised time in words: ``65 h 30 m``, ``12 m``, ``45 s``.

    Never in days, since a day of promised time is not a day. The sign is dropped.
    """
    seconds = int(abs(span).total_seconds())
    minutes, hours = seconds // 60, seconds // 3600
    if hours:
        return f"{hours} h {minutes % 60} m" if minutes % 60 else f"{hours} h"
    return f"{minutes} m" if minutes else f"{seconds} s"


def countdown(span: timedelta) -> str:
    """Return a span in a fixed width of seven, aligned to the right.

    Below an hour ``12:31``, above it ``3h 12m``, above a day ``2d 3h``, above ninety-nine days
    ``123d``; what is late has a ``-`` before it. Minutes are the finest unit above an hour, so
    that most of what is shown does not change from one second to the next.
    """
    late = span < timedelta()
    # A clock that has 0.4 s left still shows 0:01, and 0:00 only when nothing is left.
    seconds = int(abs(span).total_seconds()) if late else -int(-span.total_seconds() // 1)
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86_400
    if days > 99:
        text = f"{days}d"
    elif days:
        text = f"{days}d {hours % 24}h"
    elif hours:
        text = f"{hours}h {minutes % 60}m"
    else:
        text = f"{minutes}:{seconds % 60:02d}"
    text = f"{'-' if late else ''}{text}"
    if len(text) > COUNTDOWN_WIDTH:
        text = text.replace(" ", "")
    return text.rjust(COUNTDOWN_WIDTH)
