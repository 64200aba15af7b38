"""Reads until when something shall last, as people write it."""

import re
from datetime import UTC, datetime, time, timedelta

from sla_console.ui.text.local_time import LocalTime

_SPAN = re.compile(r"(\d{1,4})\s*([mhd])", re.ASCII)
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_LONGEST = timedelta(days=31)
FORMS = "30m, 2h, 1d, or a time such as 15:30"
SHORT_FORMS = "30m, 2h, 1d, 15:30"


def until(text: str, now: datetime, local: LocalTime) -> datetime:
    """Return the moment that somebody means, aware UTC.

    Args:
        text: A span such as ``30m``, ``2h``, ``1d``, or a local time of day: the next time that a
            clock shows it.
        now: The moment.
        local: The zone of the time of day.

    Raises:
        ValueError: in words, if it is none of these, or too far away.
    """
    wanted = text.strip().lower()
    if span := _SPAN.fullmatch(wanted):
        end = now + timedelta(**{_UNITS[span[2]]: int(span[1])})
    else:
        try:
            wall = time.fromisoformat(wanted if len(wanted) == 5 else "?")
        except ValueError:
            raise ValueError(f"Write {FORMS}.") from None
        end = local.next_time(wall, now)
    if not now < end <= now + _LONGEST:
        raise ValueError("It must end in the future, and within 31 days.")
    return end.astimezone(UTC)
