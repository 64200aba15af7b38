"""Places that messages arrive at, with the faults that can be ordered of them."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from sla_console.domain.alerts.alert import Limits, OutboxMessage, SendResult

FAULTS = {
    "refused": SendResult(False, error="connection refused", unreached=True),
    "slow": SendResult(False, error="no answer in time", unknown=True),
    "later": SendResult(False, error="HTTP 429", retry_after_seconds=3600.0),
    "lie": SendResult(False, error="answered 200 with ok: false"),
    "denied": SendResult(False, error="HTTP 401", permanent=True, broken=True),
}
"""Ways in which a place does not take a message, as its adapter reports them."""


@dataclass(frozen=True)
class Arrival:
    """One message that arrived, and how far the story was then."""

    place: str
    message: OutboxMessage
    at: float
    """Seconds since the story began, by time that passed."""
    acknowledged: bool
    """Whether the sender knows that it arrived."""


@dataclass
class Place:
    """A phone or a pager somewhere; what the console calls it may change."""

    name: str
    moment: Callable[[], float]
    incidents: bool = False
    fault: str = ""
    fired: Counter = field(default_factory=Counter)
    arrived: list[Arrival] = field(default_factory=list)
    open: dict[str, str] = field(default_factory=dict)
    tried: set[str] = field(default_factory=set)
    """Incidents that it may have opened for all that the sender can know."""
    opened: int = 0
    at_next: Callable[[], None] | None = None
    """Called once, when the next message has arrived and before that is answered."""

    def take(self, message: OutboxMessage) -> SendResult:
        if self.fault:
            self.fired[self.fault] += 1
            if self.fault not in {"refused", "denied"}:
                about = message.notification
                self.tried |= {message.incident, *(one.thread for one in about.members)}
            # Of two messages that get no answer in time, one has arrived all the same.
            if self.fault == "slow" and self.fired["slow"] % 2:
                self._keep(message, acknowledged=False)
            return FAULTS[self.fault]
        at_next, self.at_next = self.at_next, None
        self._keep(message, acknowledged=at_next is None)
        if at_next is not None:
            at_next()
        return SendResult(True)

    def _keep(self, message: OutboxMessage, *, acknowledged: bool) -> None:
        self.arrived.append(Arrival(self.name, message, self.moment(), acknowledged))
        if not self.incidents:
            return
        if message.opens_incident:
            self.opened += message.incident not in self.open
            self.open[message.incident] = message.title
        elif message.ends_incident:
            self.open.pop(message.incident, None)


class PlaceChannel:
    """A channel of the configuration that leads to a place."""

    pace_seconds = 0.0
    takes_files = False

    def __init__(self, name: str, place: Place) -> None:
        self.name, self.place = name, place
        self.limits = Limits(incidents=place.incidents)
        self._lock = threading.Lock()

    def send(self, message: OutboxMessage) -> SendResult:
        with self._lock:
            return self.place.take(message)
