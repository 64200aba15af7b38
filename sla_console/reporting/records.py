"""What a report is made of, ticket by ticket: every figure is a count or a sum of these.

Seconds are promised time (open hours less holds) unless they say otherwise; moments aware UTC.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from sla_console.domain.breach import BreachType

UNASSIGNED: Final = "unassigned"
NONE: Final = "none"
"""Under which tickets without a value stand."""
UNWATCHED: Final = "before it was watched"
"""The status in which a ticket was before it was first seen."""


class Outcome(StrEnum):
    """What became of a promise."""

    MET = "met"
    MISSED = "missed"
    """Kept late, or broken and still owed."""
    OPEN = "open"
    """Neither kept nor broken yet."""


@dataclass(frozen=True, slots=True)
class Credit:
    """The share of a promise's time in which somebody, or nobody, had the ticket."""

    technician: str
    share: float
    """0 to 1; those of one promise add up to 1."""


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise of one ticket."""

    number: str
    """The ticket's, as people know it."""
    target: BreachType
    """First response or resolution."""
    outcome: Outcome
    due: datetime
    """By when; the promise belongs to the day of this moment."""
    client: str
    policy: str
    priority: str
    group: str
    request_type: str
    credit: tuple[Credit, ...]
    """Who had the ticket, by the share of the promise's time."""
    requester: str | None
    """Whoever asked: a pseudonym, unless the report names people."""
    started_at: datetime | None = None
    """When its time began; None: not known."""
    stopped_at: datetime | None = None
    """When it was kept, in time or late; None: it is still owed, or nobody recorded it."""
    allowed: float | None = None
    """Seconds promised."""
    taken: float | None = None
    """Seconds until it was kept."""
    margin: float | None = None
    """Seconds left when it was kept; below zero: late by as many, up to now where it is owed."""
    degraded: tuple[str, ...] = ()
    """Why its figures may be a little off, in words."""

    @property
    def owed(self) -> bool:
        """Whether it is broken and nobody has kept it since."""
        return self.outcome is Outcome.MISSED and self.margin is not None and not self.stopped_at

    @property
    def owner(self) -> str:
        """Whoever had it for most of its time."""
        return max(self.credit, key=lambda credit: credit.share).technician


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
class Records:
    """All that a report is made of."""

    promises: list[Promise] = field(default_factory=list)
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
