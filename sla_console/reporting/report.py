"""A report as data: what the forms show, what JSON gives, and what a frozen month keeps.

The JSON Schema of it is made from these classes (``sla-console report --schema``).
Seconds are promised time; moments aware UTC; percentages 0 to 100.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, ClassVar, Final

from sla_console.domain.figures.record import TargetRecord
from sla_console.reporting.figures import FigureGroup, Figures, MarginBar, Week
from sla_console.reporting.period import Period
from sla_console.reporting.records import Breach, Exclusion, LateHold, Version

if TYPE_CHECKING:
    from pydantic import TypeAdapter

SCHEMA_VERSION: Final = 2

BASIS: Final = (
    "A promise belongs to the day on which it is due. Compliance is met / (met + missed): what is "
    "still open and what is in doubt count as neither, and a broken promise is missed from the "
    "moment it breaks. Each cycle of a ticket that was opened again counts for itself. Times are "
    "promised time: open hours less holds. A technician is credited by the share of a promise's "
    "time until its verdict; a breach is wholly theirs who had the ticket when it fell due."
)


@dataclass(frozen=True, slots=True)
class Allowance:
    """The misses that a client's month still allows."""

    client: str
    month: str
    """Which month, for people."""
    met: int
    missed: int
    open: int
    target: float | None
    """Percent that must be kept; None: nothing is agreed."""
    left: int | None
    """Below zero: lost by as many; None: nothing is agreed."""
    words: str
    """What is left, for people."""
    in_doubt: int = 0
    """In neither count, and not among what is left."""


@dataclass(frozen=True, slots=True)
class Spent:
    """Time of missed promises under one name."""

    name: str
    counted: float
    """Seconds of promised time."""
    waiting: float
    """Open hours on hold, in seconds; they do not count."""
    breaches: int
    """Missed promises that it is a part of."""


@dataclass(frozen=True, slots=True)
class TimeAttribution:
    """Where the time of the missed promises went."""

    technicians: tuple[Spent, ...] = ()
    """In whose hands, the longest first; ``unassigned``: nobody's."""
    statuses: tuple[Spent, ...] = ()
    """In which status, the longest first."""


@dataclass(frozen=True, slots=True)
class HeldTime:
    """How much of the time that somebody had tickets those were on hold."""

    technician: str
    held: float
    """Seconds of open hours."""
    total: float
    """All the time that somebody was seen to have the tickets, in seconds of open hours."""
    numbers: tuple[str, ...]
    """Of the tickets."""
    late_holds: int
    """Holds that began shortly before the due time."""

    @property
    def share(self) -> float:
        """Percent of the time that was held."""
        return 100.0 * self.held / self.total if self.total else 0.0

    @property
    def tickets(self) -> int:
        """How many they are."""
        return len(self.numbers)


@dataclass(frozen=True, slots=True)
class VerdictChange:
    """What a frozen report says of a promise, and what it would say now."""

    number: str
    what: str
    """Which promise, or what else of the ticket."""
    frozen: str
    now: str
    why: str
    """What differs in the data that it follows from."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """That a report was kept, so that it gives the same figures for ever."""

    at: datetime
    """When."""
    by: str
    """Who did it."""
    inputs: str
    """SHA-256 of the records that it was made of."""
    figures: str
    """SHA-256 of the report as it was then."""


@dataclass(frozen=True, slots=True)
class Report:
    """What was promised and kept in a period.

    Seconds are promised time unless they say otherwise; moments UTC; percentages 0 to 100.
    """

    __pydantic_config__: ClassVar = {"use_attribute_docstrings": True}
    # The schema says of each field what stands under it here, in the classes that this one holds too.

    period: Period
    """Which days it is about."""
    before: Period
    """The period that it is compared with."""
    as_of: datetime
    """Up to when what is owed was judged."""
    scope: Mapping[str, tuple[str, ...]]
    """By what it is limited, and to which names; empty: not at all."""
    source: str
    """Where the tickets come from, for people."""
    least: int
    """Groups of fewer people than this stand under ``others``."""
    identified: bool
    """Requesters stand in it by name."""
    tickets: int
    """That have a promise in the period."""
    response: Figures
    resolution: Figures
    groups: Mapping[str, tuple[FigureGroup, ...]]
    """By dimension."""
    weeks: tuple[Week, ...]
    """The trend, oldest first."""
    heat: tuple[tuple[int, ...], ...]
    """Missed promises: a row a weekday from Monday, a value an hour."""
    response_margins: tuple[MarginBar, ...]
    resolution_margins: tuple[MarginBar, ...]
    allowances: tuple[Allowance, ...]
    """By client, the worst first."""
    attribution: TimeAttribution
    held: tuple[HeldTime, ...]
    late_holds: tuple[LateHold, ...]
    """Holds that began shortly before the due time."""
    breaches: tuple[Breach, ...]
    """Where the time of each missed promise went."""
    promises: tuple[TargetRecord, ...]
    """Due in the period: what each of its figures is made of."""
    around: tuple[TargetRecord, ...]
    """Due before and after it: what the period before, the weeks and the month are made of."""
    exclusions: tuple[Exclusion, ...]
    """Tickets that are in no figure."""
    policies: tuple[Version, ...]
    calendars: tuple[Version, ...]
    basis: str = BASIS
    """By which rules it counts, for people."""
    frozen: Frozen | None = None
    """Set where its figures were kept."""
    changes: tuple[VerdictChange, ...] = ()
    """What would be different if a frozen report were made now."""
    notes: tuple[str, ...] = field(default=())
    """What a reader must know besides, a sentence each."""
    stale: tuple[str, ...] = field(default=())
    """Sentences that name readings it should rest on that are old or were never made."""
    schema_version: int = SCHEMA_VERSION

    @property
    def scope_words(self) -> str:
        """Which tickets, for people."""
        found = "; ".join(f"{name} {', '.join(names)}" for name, names in self.scope.items())
        return found or "all tickets"


@cache
def adapter() -> "TypeAdapter[Report]":
    """Return what writes and reads reports as JSON; made when first used, since that takes time."""
    from pydantic import TypeAdapter  # noqa: PLC0415

    return TypeAdapter(Report)
