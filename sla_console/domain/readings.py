"""Knows which lists of the service desk were read, when, and which could not be read.

"None" and "all is well" are only true of what was read. Whoever says so asks here first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.durations import words

TICKETS: Final = "tickets"
POLICIES: Final = "policies"
LISTS: Final = ("technicians", "clients", "sites", POLICIES, TICKETS)
"""Lists that a complete reading has read."""


@dataclass(frozen=True, slots=True)
class ListRead:
    """How one list was read. Times aware UTC."""

    name: str
    """One of ``LISTS``."""
    read_at: datetime | None = None
    """When it was last read whole; None: never."""
    error: str | None = None
    """Why it could not be read after that; None: it was not tried, or could be."""
    failed_at: datetime | None = None
    """When that was last tried."""

    @property
    def missing(self) -> bool:
        """Whether it was never read, or could not be read the last time."""
        return self.read_at is None or self.error is not None

    def gap(self) -> str | None:
        """Return what is missing of it, in words; None: nothing is."""
        if not self.missing:
            return None
        why = f" ({self.error.rstrip('.')})" if self.error else ""
        if self.read_at is None:
            return f"{self.name} were never read{why}"
        return f"{self.name} could not be read{why}, those shown are of {_moment(self.read_at)}"


def complete(reads: Iterable[ListRead]) -> tuple[ListRead, ...]:
    """Return one value for each of ``LISTS``, in their order; what is not known was never read."""
    known = {one.name: one for one in reads}
    return tuple(known.get(name, ListRead(name)) for name in LISTS)


def gaps_of(
    reads: Sequence[ListRead], now: datetime, stale_after: timedelta | None = None
) -> tuple[str, ...]:
    """Return what is old or missing of the lists, each a part of a sentence; empty: nothing is.

    Args:
        reads: How the lists were read, as ``complete`` gives them.
        now: The moment.
        stale_after: Age from which tickets are old; None: they never are.
    """
    if all(one.read_at is None for one in reads):
        why = next((f" ({one.error.rstrip('.')})" for one in reads if one.error), "")
        return (f"nothing was ever read from SuperOps{why}",)
    found = [gap for one in reads if (gap := one.gap()) is not None]
    tickets = next(one for one in reads if one.name == TICKETS)
    if not tickets.missing and tickets.read_at is not None and stale_after is not None:
        age = now - tickets.read_at
        if age > stale_after:
            found.append(f"tickets are of {_moment(tickets.read_at)}, {words(age)} ago")
    return tuple(found)


def unread(reads: Iterable[ListRead]) -> tuple[ListRead, ...]:
    """Return the lists that were never read, or could not be the last time."""
    return tuple(one for one in reads if one.missing)


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
