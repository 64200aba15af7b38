"""What alerting needs from the store, from channels and from who knows the promises."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sla_console.domain.alert import (
    ChannelRecord,
    DeliveryState,
    Limits,
    OutboxMessage,
    SendResult,
    WaitReason,
)
from sla_console.domain.breach import BreachState, BreachType, SLABreach, SLAWarning
from sla_console.domain.operation import AuditEntry, Operation


class AlertLedger(Protocol):
    """Stores an event and its messages in one transaction."""

    async def record_breach(
        self,
        breach: SLABreach,
        messages: Sequence[OutboxMessage],
        audit: AuditEntry,
        term: int | None,
    ) -> bool: ...
    async def record_warning(
        self, warning: SLAWarning, messages: Sequence[OutboxMessage], term: int | None
    ) -> bool: ...
    async def record_step(
        self,
        breach: SLABreach,
        expected: BreachState,
        messages: Sequence[OutboxMessage],
        operations: Sequence[Operation],
        audit: AuditEntry,
        term: int | None = None,
    ) -> bool: ...


class Channel(Protocol):
    """One place that messages go to."""

    @property
    def name(self) -> str: ...
    @property
    def limits(self) -> Limits: ...
    @property
    def pace_seconds(self) -> float:
        """Real seconds between two messages."""
        ...

    @property
    def takes_files(self) -> bool:
        """Whether a file can go with a message."""
        ...

    def send(self, message: OutboxMessage) -> SendResult: ...


@dataclass(frozen=True, slots=True)
class Ended:
    """Why a message is not sent after all."""

    state: DeliveryState
    why: str
    reason: WaitReason | None = None


class Gate(Protocol):
    """Says at the last moment whether a message is still true."""

    def __call__(self, message: OutboxMessage, now: datetime) -> OutboxMessage | Ended:
        """Return the message, or less of it, or why it is not sent."""
        ...


class Composed(Protocol):
    """A message in words."""

    @property
    def title(self) -> str: ...
    @property
    def body(self) -> str: ...
    @property
    def fault(self) -> str | None:
        """Why the words are the plain ones, None if they are not."""
        ...


class Wording(Protocol):
    """Puts a message into words that a channel can carry."""

    def compose(self, message: OutboxMessage, now: datetime, limits: Limits) -> Composed: ...


class OutboxQueue(Protocol):
    """Where messages wait."""

    async def claim(
        self, channel: str, now: datetime, lease: timedelta, limit: int, term: int | None = None
    ) -> list[OutboxMessage]: ...
    async def accepted(
        self, message: OutboxMessage, now: datetime, fault: str | None = None
    ) -> None: ...
    async def retry(
        self, message: OutboxMessage, next_at: datetime, error: str | None, *, unknown: bool = False
    ) -> None: ...
    async def dead(self, message: OutboxMessage, error: str | None) -> None: ...
    async def settle(
        self,
        key: str,
        state: DeliveryState,
        why: str | None,
        superseded_by: str | None = None,
        reason: WaitReason | None = None,
    ) -> None: ...
    async def next_due(self, channel: str) -> datetime | None: ...
    async def expire(self, now: datetime) -> int: ...
    async def next_gathering(self) -> datetime | None: ...
    async def gathering(self) -> list[OutboxMessage]: ...
    async def release(self, keys: Sequence[str], now: datetime) -> None: ...
    async def merge(self, digest: OutboxMessage, keys: Sequence[str]) -> bool: ...
    async def late(self, now: datetime) -> list[OutboxMessage]: ...
    async def held_up(self, channel: str) -> list[OutboxMessage]: ...
    async def stranded(self, channels: Collection[str]) -> list[OutboxMessage]: ...
    async def strand(self, key: str, error: str) -> None: ...
    async def fall_back(self, key: str, other: OutboxMessage | None) -> bool: ...


class ChannelRecords(Protocol):
    """What is known of the channels."""

    async def channels(self) -> dict[str, ChannelRecord]: ...
    async def save_channel(self, record: ChannelRecord) -> None: ...


class Subject(Protocol):
    """What breaches and warnings have in common."""

    @property
    def ticket_id(self) -> str: ...
    @property
    def display_id(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def client(self) -> str | None: ...
    @property
    def priority(self) -> str | None: ...
    @property
    def technician(self) -> str | None: ...
    @property
    def breach_type(self) -> BreachType: ...
