"""The parts of a report beside the records of targets: exclusions, time spent, holds, versions.

Seconds are promised time (open hours less holds) unless they say otherwise; moments aware UTC.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sla_console.domain.figures.record import TargetRecord
from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.verdict import Outcome

UNWATCHED: Final = "before it was watched"
"""The status in which a ticket was before it was first seen."""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A ticket that is in no figure, and why."""

    number: str
    client: str
    reason: str
    by: str = ""
    """Who decided it; empty: the console, by its rules."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the time of a promise: in whose hands and in which status."""

    technician: str
    status: str
    seconds: float
    """Promised time, or open hours where it waited."""
    waiting: bool = False
    """It was on hold: open hours, that do not count as promised time."""


@dataclass(frozen=True, slots=True)
class Breach:
    """A missed promise, and where its time went."""

    number: str
    target: BreachType
    due: datetime
    """By when it should have been kept."""
    client: str
    late: float | None
    """Seconds late, up to now where it is still owed."""
    parts: tuple[Part, ...]
    """In order of time, those alike as one."""
    ledger: tuple[str, ...] = ()
    """Every stretch of its time, a line each; only where it was asked for."""
    cycle: int = 1
    """1 for the first, one more with each reopening."""


@dataclass(frozen=True, slots=True)
class InHand:
    """How long somebody was seen to have a ticket, in open hours; how much of that it waited."""

    number: str
    technician: str
    held: float
    total: float


@dataclass(frozen=True, slots=True)
class LateHold:
    """A hold that began shortly before a resolution was due."""

    number: str
    client: str
    technician: str
    """Whoever had the ticket when it began."""
    status: str
    began: datetime
    """When the hold began."""
    left: float
    """Seconds that were left until it was due."""
    lasted: float | None
    """Open hours that it took, in seconds; None: it is still on."""
    outcome: Outcome
    """Of the resolution."""


@dataclass(frozen=True, slots=True)
class Version:
    """A policy or a calendar as it was when the report was made."""

    name: str
    text: str
    """All of it in words."""
    digest: str
    """First twelve characters of the SHA-256 of ``text``."""


@dataclass(slots=True)
class ReportRecords:
    """All that a report is made of."""

    promises: list[TargetRecord] = field(default_factory=list)
    """Those due in the period, in the one before, and in the weeks that the trend looks at."""
    exclusions: list[Exclusion] = field(default_factory=list)
    breaches: list[Breach] = field(default_factory=list)
    """Of the period."""
    in_hand: list[InHand] = field(default_factory=list)
    """Of tickets with a promise due in the period."""
    late_holds: list[LateHold] = field(default_factory=list)
    """Of resolutions due in the period."""
    policies: list[Version] = field(default_factory=list)
    calendars: list[Version] = field(default_factory=list)
