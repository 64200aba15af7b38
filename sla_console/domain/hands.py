"""In whose hands a ticket was, and when."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Hand:
    """A span in which somebody, or nobody, had a ticket. UTC; ``end`` None: still."""

    technician_id: str | None
    technician: str | None
    start: datetime
    end: datetime | None = None
