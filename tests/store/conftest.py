"""A real database on disk for each test, and records to put into it."""

import sys
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sla_console.domain.alerts.alert import AlertEvent, OutboxMessage
from sla_console.domain.forecast.risk import RiskLevel
from sla_console.domain.sla.breach import BreachType, SLABreach
from sla_console.domain.sla.policy import EscalationRule, SLAPolicy
from sla_console.domain.tickets.operation import AuditEntry, Operation, OperationKind
from sla_console.domain.tickets.ticket import Ticket
from sla_console.store.key import StoreKey, load_or_create_key
from sla_console.store.store import Store

NOW = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "config" / "store.key"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "console.db"


@pytest.fixture
def find_key(key_file: Path) -> Callable[[], StoreKey]:
    """Looks for the key as a start does, with neither keyring nor credential."""
    return lambda: load_or_create_key(key_file, keyring_entry=None, environ={})


@pytest.fixture
async def open_store(
    path: Path, find_key: Callable[[], StoreKey]
) -> AsyncIterator[Callable[..., Any]]:
    """Opens the test's database as often as asked; all are closed at the end."""
    opened: list[Store] = []

    async def open_one() -> Store:
        opened.append(await Store.open(path, find_key()))
        return opened[-1]

    yield open_one
    for store in opened:
        await store.close()


@pytest.fixture
async def store(open_store: Callable[..., Any]) -> Store:
    return await open_store()


@pytest.fixture
def policy() -> SLAPolicy:
    return SLAPolicy(
        id="gold-high",
        name="Gold, high",
        priority_level="High",
        response_time_minutes=30,
        resolution_time_hours=4.5,
        escalation_rules=(EscalationRule(15, ("lead", "pager")), EscalationRule(60, ("boss",))),
        created_at=NOW,
        sla_name="Gold",
        client="Café Müller",
        default=True,
    )


@pytest.fixture
def make_ticket() -> Callable[..., Ticket]:
    def make(ticket_id: str = "1", **changes: Any) -> Ticket:
        return Ticket(
            **{
                "id": ticket_id,
                "display_id": f"T-{ticket_id}",
                "subject": "Printer on fire",
                "status": "Open",
                **changes,
            }
        )

    return make


@pytest.fixture
def make_breach() -> Callable[..., SLABreach]:
    def make(breach_id: str = "b1", **changes: Any) -> SLABreach:
        return SLABreach(
            **{
                "id": breach_id,
                "ticket_id": "1",
                "breach_type": BreachType.RESPONSE,
                "breach_time": NOW,
                "sla_policy": None,
                "technician_id": None,
                "severity": RiskLevel.CRITICAL,
                "customer_impact": "Acme, high",
                "escalation_required": False,
                **changes,
            }
        )

    return make


@pytest.fixture
def make_message() -> Callable[..., OutboxMessage]:
    def make(key: str = "breach|b1|mail", **changes: Any) -> OutboxMessage:
        return OutboxMessage(
            **{
                "key": key,
                "channel": "mail",
                "event": AlertEvent.BREACH,
                "title": "T-1 is late",
                "body": "Printer on fire",
                "ticket_id": "1",
                "created_at": NOW,
                **changes,
            }
        )

    return make


@pytest.fixture
def make_operation() -> Callable[..., Operation]:
    def make(operation_id: str = "o1", **changes: Any) -> Operation:
        return Operation(
            **{
                "id": operation_id,
                "kind": OperationKind.NOTE,
                "ticket_id": "1",
                "value": "Seen by Ada",
                "by": "Ada",
                "created_at": NOW,
                **changes,
            }
        )

    return make


@pytest.fixture
def make_entry() -> Callable[..., AuditEntry]:
    def make(subject: str = "b1", **changes: Any) -> AuditEntry:
        return AuditEntry(
            **{
                "at": NOW,
                "actor": "Ada",
                "action": "acknowledge",
                "subject": subject,
                "detail": "on it",
                **changes,
            }
        )

    return make


@pytest.fixture
def later() -> Callable[..., datetime]:
    """A moment so much after ``now``."""
    return lambda **span: NOW + timedelta(**span)


@pytest.fixture
def python() -> str:
    return sys.executable
