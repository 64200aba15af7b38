"""The record that every figure is a count of: one target of one ticket in one cycle."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.verdict import Outcome

NONE: Final = "none"
"""Under which records without a value stand."""
NOBODY: Final = ""
"""The id under which the figures of time stand in which nobody had the ticket."""
UNASSIGNED: Final = "unassigned"
"""Its name."""


class Basis(StrEnum):
    """The day to which a target belongs."""

    DUE = "due"
    """The day on which it is due: the same however it ends, so early and late ones are alike."""
    SETTLED = "settled"
    """The day on which it was settled: met at its stop, missed at its due time."""


@dataclass(frozen=True, slots=True)
class Span:
    """From ``start`` up to, but not including, ``end``; UTC, None: without a limit."""

    start: datetime | None = None
    end: datetime | None = None

    def __contains__(self, moment: datetime) -> bool:
        return (self.start is None or moment >= self.start) and (
            self.end is None or moment < self.end
        )


ALL_TIME: Final = Span()


@dataclass(frozen=True, slots=True)
class Credit:
    """The share of a target's counted time in which a technician, or nobody, had the ticket."""

    technician: str
    share: float
    """0 to 1; those of one target add up to 1."""
    technician_id: str | None = None
    assumed: float = 0.0
    """The part of it before the console first saw the ticket: who had it then is assumed."""

    @property
    def key(self) -> str:
        """Tells technicians apart: the id, or the name where there is none."""
        if self.technician_id is not None:
            return self.technician_id
        return NOBODY if self.technician == UNASSIGNED else self.technician


@dataclass(frozen=True, slots=True)
class TargetRecord:
    """One target of one ticket in one cycle.

    Seconds are counted time (open hours less holds) unless they say otherwise; moments aware UTC.
    What a stored verdict decided stands here as it was when the verdict fell.
    """

    number: str
    """The ticket's, as people know it."""
    target: BreachType
    """First response or resolution."""
    outcome: Outcome
    due: datetime
    """Due time of the target, which belongs to the day of this moment."""
    client: str
    policy: str
    priority: str
    group: str
    request_type: str
    credit: tuple[Credit, ...]
    """Technicians by the share of its time in which they had the ticket."""
    requester: str | None
    """The person who asked: a pseudonym, unless the report names people."""
    started_at: datetime | None = None
    """When its time began; None: not known."""
    stopped_at: datetime | None = None
    """When it was met, in time or late; None: it is still owed, or nobody recorded it."""
    allowed: float | None = None
    """Seconds of the target."""
    taken: float | None = None
    """Seconds until it was met."""
    margin: float | None = None
    """Seconds left when it was met; below zero: late by as many, up to now where it is owed."""
    degraded: tuple[str, ...] = ()
    """Why its figures may be a little off, in words."""
    ticket_id: str = ""
    client_id: str | None = None
    cycle: int = 1
    """1 for the first, one more with each reopening."""
    settled_at: datetime | None = None
    """When the verdict fell; None: it has not."""
    assignee: Credit | None = None
    """The technician who had the ticket when the verdict fell, or now: a breach is wholly theirs."""
    source: str = ""
    """Where the due time came from."""
    reason: str = ""
    """Why it is in doubt, or was corrected, in words."""
    gone_at: datetime | None = None
    """Since when SuperOps has the ticket no longer."""
    running: bool = False
    """Its clock has not stopped."""

    @property
    def owed(self) -> bool:
        """Whether it was missed and nobody has met it since."""
        if self.outcome is not Outcome.MISSED or self.stopped_at is not None:
            return False
        # Records frozen before there were verdicts do not say whether the clock runs.
        return self.running or (not self.ticket_id and self.margin is not None)

    @property
    def owner(self) -> str:
        """The technician who had it for most of its time; of two alike, the first by name."""
        return max(self.credit, key=lambda credit: credit.share).technician

    @property
    def judged(self) -> bool:
        """Whether it counts in the compliance."""
        return self.outcome is Outcome.MET or self.outcome is Outcome.MISSED

    @property
    def key(self) -> tuple[str, BreachType, int]:
        """Ticket, target and cycle, of which there is one record."""
        return self.ticket_id or self.number, self.target, self.cycle

    @property
    def wall(self) -> float | None:
        """Seconds of wall time until it was met; an answer before the creation took none."""
        if self.started_at is None or self.stopped_at is None:
            return None
        return max((self.stopped_at - self.started_at).total_seconds(), 0.0)

    def within(self, span: Span, basis: Basis = Basis.DUE) -> Outcome | None:
        """Return what it counts as in a span of time; None: it is not of that span.

        Args:
            span: The span.
            basis: By which day it belongs there. By the day on which targets are settled, one
                that had begun and was settled later is open in the span.
        """
        if basis is Basis.DUE:
            return self.outcome if self.due in span else None
        if self.settled_at is not None and self.settled_at in span:
            return self.outcome
        if span.end is None:
            return Outcome.OPEN if self.settled_at is None else None
        begun = self.started_at is None or self.started_at < span.end
        later = self.settled_at is None or self.settled_at >= span.end
        return Outcome.OPEN if begun and later else None
