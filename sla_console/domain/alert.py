"""What is said to whom: events, rules and the messages that wait in the outbox."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class AlertEvent(StrEnum):
    """What happened that somebody may want to be told."""

    WARNING = "warning"
    BREACH = "breach"
    ESCALATION = "escalation"
    RECOVERY = "recovery"


@dataclass(frozen=True, slots=True)
class AlertRule:
    """Which events go to which channels. An empty tuple matches everything."""

    name: str
    channels: tuple[str, ...]
    events: tuple[AlertEvent, ...] = ()
    priorities: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    proceed: bool = False
    """Go on to the rules after this one, although it matched."""

    def matches(self, event: AlertEvent, priority: str | None, client: str | None) -> bool:
        """Return whether this rule is for such an event; names are compared without case."""
        return (
            (not self.events or event in self.events)
            and _among(priority, self.priorities)
            and _among(client, self.clients)
        )


def _among(value: str | None, wanted: tuple[str, ...]) -> bool:
    if not wanted:
        return True
    return value is not None and value.casefold() in {name.casefold() for name in wanted}


class DeliveryState(StrEnum):
    """What became of one message to one channel. Never "delivered": nobody can know that."""

    PENDING = "pending"
    SENDING = "sending"
    ACCEPTED = "accepted"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """One message to one channel. All times aware UTC."""

    key: str
    """Unique: event, ticket and channel. The same key is never queued twice."""
    channel: str
    event: AlertEvent
    title: str
    body: str
    ticket_id: str | None
    created_at: datetime
    urgent: bool = False
    """Goes before the others of its channel."""
    state: DeliveryState = DeliveryState.PENDING
    attempts: int = 0
    next_at: datetime | None = None
    """When to try (again)."""
    lease_until: datetime | None = None
    """While SENDING: when the claim runs out and the message may be sent again."""
    accepted_at: datetime | None = None
    last_error: str | None = None


@dataclass(frozen=True, slots=True)
class SendResult:
    """What a channel answered."""

    accepted: bool
    permanent: bool = False
    """Trying again cannot help."""
    error: str | None = None
    """For people; holds no secret."""
    retry_after_seconds: float | None = None
    details: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OutboxRecord:
    """How many messages of one channel are where. Never carries its URL."""

    channel: str
    waiting: int
    dead: int
    last_accepted_at: datetime | None
    last_error: str | None
