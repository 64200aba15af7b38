"""The board: every open ticket at one moment, as one value that never changes.

The engine makes a new one when something changes; whoever shows it computes only what it shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sla_console.domain.alerts.alert import OutboxMessage
from sla_console.domain.alerts.bursts import BurstsView
from sla_console.domain.figures.technicians import TechnicianSLAMetrics
from sla_console.domain.forecast.forecast import Forecast, ForecastCoverage
from sla_console.domain.matcher import Matcher
from sla_console.domain.proof import Proof
from sla_console.domain.readings import ListRead, complete
from sla_console.domain.sla.breach import BreachType, PotentialBreach, SLABreach
from sla_console.domain.sla.sla_clock import EvaluatedTicket
from sla_console.domain.tickets.operation import AuditEntry, Operation
from sla_console.domain.tickets.ticket import Hold


@dataclass(frozen=True, slots=True)
class Counts:
    """How many tickets are in which trouble."""

    open: int = 0
    at_risk: int = 0
    """Not breached, with a running clock at HIGH or CRITICAL."""
    breached: int = 0
    """With a promise that is broken and still owed."""
    unacknowledged: int = 0
    """Breaches that nobody has acknowledged."""
    held: int = 0
    degraded: int = 0


class SourceState(StrEnum):
    """How the console stands with SuperOps."""

    STARTING = "starting"
    LIVE = "live"
    IN_DOUBT = "in doubt"
    """SuperOps was read, but the console itself may not do what it should."""
    STALE = "stale"
    CANNOT_SIGN_IN = "cannot sign in"


@dataclass(frozen=True, slots=True)
class PartHealth:
    """One supervised part of the engine."""

    name: str
    running: bool = True
    restarts: int = 0
    last_error: str | None = None
    last_error_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ChannelHealth:
    """One alert channel. Never carries its URL."""

    name: str
    waiting: int = 0
    dead: int = 0
    last_accepted_at: datetime | None = None
    last_error: str | None = None
    open_since: datetime | None = None
    """Since when it does not answer and only a probe a minute is sent."""
    broken: str | None = None
    """Why it cannot work until somebody mends it."""
    leads_outside: bool = True
    """Whether it is in use and tells somebody who does not look at a console's screen."""
    paused_until: datetime | None = None
    """Until when it asked to be left alone."""
    in_use: bool = True
    """Whether the configuration has it; else only what it left behind is shown."""

    @property
    def down(self) -> bool:
        """Whether nothing gets through at present."""
        return self.broken is not None or self.open_since is not None


@dataclass(frozen=True, slots=True)
class Quiet:
    """A silence or a maintenance window, as people see it. Times aware UTC."""

    id: str
    kind: str
    """``silence`` or ``maintenance``."""
    words: str
    """What it is for: ``client Harbour Dental, priority High``."""
    author: str
    reason: str
    start: datetime
    end: datetime
    matcher: Matcher | None = None
    """The same as a condition; None: not known."""

    def active(self, now: datetime) -> bool:
        """Return whether it holds now."""
        return self.start <= now < self.end


@dataclass(frozen=True, slots=True)
class Ring:
    """One alert for the terminals themselves."""

    position: int
    """Rises with when it was taken; what is not above the last one seen has rung already."""
    title: str
    urgent: bool
    signals: tuple[str, ...]
    """Any of ``bell``, ``title`` and ``osc9``."""


@dataclass(frozen=True, slots=True)
class AlertsSnapshot:
    """What was told, what waits, what could not be told, and what is held back on purpose."""

    messages: tuple[OutboxMessage, ...] = ()
    """Dead first, then what is owed, then the latest of the others; each newest first."""
    quiets: tuple[Quiet, ...] = ()
    """Silences and maintenance windows that hold or will."""
    rings: tuple[Ring, ...] = ()
    """The latest, oldest first."""
    channels: tuple[str, ...] = ()
    """Names of the channels a message can be sent through."""
    bursts: BurstsView = field(default_factory=BurstsView)
    """Clients and categories of which many tickets come at once."""


@dataclass(frozen=True, slots=True)
class FigureCacheHealth:
    """How much working out of figures is saved. Counted since the start."""

    hits: int = 0
    """Figures that were given as they were kept."""
    misses: int = 0
    """Figures that had to be worked out while somebody waited."""
    renewals: int = 0
    """Figures that were worked out again in the background, because they had grown old."""
    drops: int = 0
    """Times that all were dropped, because what they rest on had changed."""
    entries: int = 0
    """Figures that are kept now."""
    oldest_at: datetime | None = None
    """When the oldest of them were worked out; None: there are none."""


@dataclass(frozen=True, slots=True)
class Health:
    """The state of the console itself."""

    connection: SourceState = SourceState.STARTING
    message: str | None = None
    """The sentence that explains trouble."""
    last_sync_at: datetime | None = None
    """When all open tickets were last known to be right, UTC."""
    next_poll_at: datetime | None = None
    requests_left: int | None = None
    """Of this minute's budget."""
    requests_per_minute: int | None = None
    alerts_waiting: int = 0
    alerts_dead: int = 0
    operations_waiting: int = 0
    """Changes made here that SuperOps does not have yet."""
    leader: str | None = None
    """Who monitors: the holder of the lease."""
    leading: bool = False
    parts: tuple[PartHealth, ...] = ()
    channels: tuple[ChannelHealth, ...] = ()
    reads_itself: bool = False
    """Whether this process itself has read SuperOps, so that nobody else need do so."""
    proofs: tuple[Proof, ...] = ()
    """Proofs that all is well; the words for it are worked out from these alone."""
    faults: Mapping[str, str] = field(default_factory=dict)
    """Faults by the sign that shows each, as parts of sentences; made by ``looked_at``."""
    seen_at: timedelta = timedelta()
    """For which moment, of time that passed, ``looked_at`` made it."""
    readings: tuple[ListRead, ...] = complete(())
    """How each list of SuperOps was read: what is said of it rests on that."""
    figures: FigureCacheHealth = FigureCacheHealth()
    """How the figures are kept that are costly to work out."""
    concerns: tuple[str, ...] = ()
    """Sentences that name what the console lacks although SuperOps answers."""
    backfill: str | None = None
    """Sentence about the targets judged from before verdicts were kept; None: there were none."""

    @property
    def nobody_hears(self) -> bool:
        """Whether there are channels that lead outside and every one of them is down."""
        outside = [channel for channel in self.channels if channel.leads_outside]
        return bool(outside) and all(channel.down for channel in outside)

    def data_age(self, now: datetime) -> timedelta | None:
        """Return how old the data is, or None before the first complete sync."""
        return None if self.last_sync_at is None else max(timedelta(), now - self.last_sync_at)


@dataclass(frozen=True, slots=True)
class Board:
    """All open tickets, ordered by next due time; the ones without come last."""

    version: int = 0
    made_at: datetime | None = None
    tickets: tuple[EvaluatedTicket, ...] = ()
    by_id: Mapping[str, EvaluatedTicket] = field(default_factory=dict)
    breaches: tuple[SLABreach, ...] = ()
    """Not resolved; unacknowledged first, then the oldest."""
    technicians: tuple[TechnicianSLAMetrics, ...] = ()
    """The leaderboard, best compliance first."""
    potential: tuple[PotentialBreach, ...] = ()
    """Running clocks that are likely to break, by expected harm."""
    coverage: ForecastCoverage | None = None
    """Number of clocks that the forecasts rest on; None: there is no forecast yet."""
    chances: Mapping[str, float] = field(default_factory=dict)
    """Greatest probability that a running target of a ticket breaks, by ticket id."""
    counts: Counts = Counts()
    health: Health = Health()
    alerts: AlertsSnapshot = AlertsSnapshot()
    operations: tuple[Operation, ...] = ()
    """Changes that SuperOps does not have: pending, overtaken and refused; oldest first."""

    @property
    def known(self) -> bool:
        """Whether tickets were ever read; else its noughts say nothing."""
        return bool(self.tickets) or self.health.last_sync_at is not None


@dataclass(frozen=True, slots=True)
class TicketDetail:
    """Everything the console itself knows about one ticket, read from the store only."""

    judged: EvaluatedTicket
    holds: tuple[Hold, ...] = ()
    breaches: tuple[SLABreach, ...] = ()
    """Newest first, resolved ones too."""
    messages: tuple[OutboxMessage, ...] = ()
    """Who was told what, newest first."""
    history: tuple[AuditEntry, ...] = ()
    """What people and the console did, newest first."""
    operations: tuple[Operation, ...] = ()
    """Changes that SuperOps does not have yet."""
    forecasts: Mapping[BreachType, Forecast] = field(default_factory=dict)
    """What history says about the clocks that run."""
