"""A verdict: what became of one target of a ticket in one cycle, written once, when it fell.

A cycle begins when the ticket is created, and again each time it is opened after its end. Nothing
that happens to the ticket afterwards changes a verdict. What turns out to have been read too late,
or wrongly, is a correction: a verdict with the next revision and its reason, beside the first.
Unknown is in doubt, never met.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sla_console.domain.sla.breach import BreachType


class Outcome(StrEnum):
    """Outcome of a target."""

    MET = "met"
    MISSED = "missed"
    """Met too late, or overdue and still owed."""
    IN_DOUBT = "in doubt"
    """The known facts do not decide it; it counts as neither met nor missed."""
    OPEN = "open"
    """No verdict yet."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement on one target of a ticket in one cycle. All moments are aware UTC.

    The ticket's client, priority and the like are those of the moment at which the verdict fell.
    """

    ticket_id: str
    target: BreachType
    cycle: int
    """1 for the first, one more with each reopening."""
    outcome: Outcome
    """Never ``OPEN``."""
    due: datetime
    """The due time that was in force when the verdict fell, closed time of earlier cycles added.

    Where there was none, and SuperOps calls it missed all the same, it is when the clock stopped.
    """
    fell_at: datetime
    """When it fell: the stop that met the target, or the moment at which it was too late."""
    stopped_at: datetime | None = None
    """When the clock stopped; None: it was still owed when the verdict fell."""
    allowed: timedelta | None = None
    """The target in counted time; None: not known."""
    used: timedelta | None = None
    """Counted time from the start to the stop; None: it has not stopped, or nobody knows when."""
    late: timedelta | None = None
    """Counted time from the due time to the stop, zero where it was in time; None: not stopped."""
    source: str = ""
    """Where the due time came from: a value of ``DueSource``."""
    hours: str = ""
    """The hours that counted, in words."""
    policy_id: str | None = None
    policy: str | None = None
    """Name of the SLA policy in force."""
    by_times: Outcome | None = None
    """In doubt, because SuperOps' flag contradicts its times: what the times alone say."""
    reason: str = ""
    """Why it is in doubt, or why it corrects the revision before; in words for people."""
    revision: int = 1
    """1 as it fell, one more with each correction."""
    written_at: datetime | None = None
    """When the console wrote it down."""
    display_id: str = ""
    client_id: str | None = None
    client: str | None = None
    priority: str | None = None
    group: str | None = None
    request_type: str | None = None
    technician_id: str | None = None
    technician: str | None = None

    @property
    def key(self) -> tuple[str, BreachType, int]:
        """Ticket, target and cycle, of which one verdict is in force."""
        return self.ticket_id, self.target, self.cycle


def in_force(verdicts: Iterable[Verdict]) -> dict[tuple[str, BreachType, int], Verdict]:
    """Return the latest revision of each verdict, by its key."""
    found: dict[tuple[str, BreachType, int], Verdict] = {}
    for verdict in verdicts:
        known = found.get(verdict.key)
        if known is None or known.revision < verdict.revision:
            found[verdict.key] = verdict
    return found
