"""What alerting needs from the store and from channels, as it uses them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from sla_console.domain.alert import OutboxMessage, SendResult
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
    def send(self, message: OutboxMessage) -> SendResult: ...


class OutboxQueue(Protocol):
    """Where messages wait."""

    async def claim(
        self, channel: str, now: datetime, lease: timedelta, limit: int
    ) -> list[OutboxMessage]: ...
    async def accepted(self, key: str, now: datetime) -> None: ...
    async def retry(self, key: str, next_at: datetime, error: str) -> None: ...
    async def dead(self, key: str, error: str) -> None: ...
    async def next_due(self, channel: str) -> datetime | None: ...


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
