"""What alerting needs from the store, from channels and from who knows the promises."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from sla_console.domain.alert import (
    ChannelRecord,
    DeliveryState,
    Limits,
    Notified,
    OutboxMessage,
    SendResult,
    WaitReason,
)
from sla_console.domain.breach import BreachState, SLABreach, SLAWarning
from sla_console.domain.operation import AuditEntry, Operation
from sla_console.domain.people import Client
from sla_console.domain.rota import Absence
from sla_console.domain.silence import Silence


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


class Outbox(OutboxQueue, Protocol):
    """The queue, and what is put into it."""

    async def enqueue(self, messages: Sequence[OutboxMessage]) -> int: ...
    async def hold_for_fresh_data(self, since: datetime, why: str) -> int: ...
    async def hasten(self, by: timedelta) -> None: ...
    async def held_for_fresh_data(self) -> int: ...
    async def data_is_fresh(self, now: datetime) -> None: ...


class Deliveries(ChannelRecords, Protocol):
    """What became of messages."""

    async def notified(self, breach_ids: Iterable[str]) -> list[Notified]: ...
    async def oldest_urgent(self) -> datetime | None: ...
    async def last_by_group(self, since: datetime) -> dict[str, datetime]: ...


class Silences(Protocol):
    """What people want muted."""

    async def windows_over(self) -> dict[str, datetime]: ...
    async def active(self, now: datetime) -> list[Silence]: ...
    async def unsettled(self, now: datetime) -> list[Silence]: ...
    async def settle(self, silence_id: str, now: datetime) -> None: ...


class Breaches(Protocol):
    """Broken promises."""

    async def get(self, breach_id: str) -> SLABreach | None: ...
    async def for_ticket(self, ticket_id: str) -> list[SLABreach]: ...
    async def found_since(self, moment: datetime) -> list[SLABreach]: ...
    async def among(self, ids: Sequence[str]) -> list[SLABreach]: ...


class Clients(Protocol):
    """Who the clients are, for those that have another name now."""

    async def clients(self) -> list[Client]: ...


class Absences(Protocol):
    """When people are away."""

    async def absences(self, now: datetime) -> list[Absence]: ...


class Meta(Protocol):
    """Small facts by name."""

    async def get(self, key: str) -> str | None: ...
    async def set(self, key: str, value: str) -> None: ...


class AlertStore(Protocol):
    """The store as alerting uses it: nouns, and an event with its messages in one transaction."""

    @property
    def outbox(self) -> Outbox: ...
    @property
    def deliveries(self) -> Deliveries: ...
    @property
    def silences(self) -> Silences: ...
    @property
    def breaches(self) -> Breaches: ...
    @property
    def people(self) -> Clients: ...
    @property
    def rota(self) -> Absences: ...
    @property
    def meta(self) -> Meta: ...
    async def record_breaches(
        self,
        found: Sequence[tuple[SLABreach, Sequence[OutboxMessage], AuditEntry]],
        term: int | None,
    ) -> set[str]: ...
    async def record_steps(
        self,
        steps: Sequence[tuple[SLABreach, BreachState, Sequence[OutboxMessage], AuditEntry]],
        term: int | None,
    ) -> set[str]: ...
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


class SignOfLife(Protocol):
    """Somebody outside who notices when the console falls silent."""

    async def beat(self) -> str | None: ...
    async def fail(self, reason: str) -> str | None: ...
