"""One message of every kind, to try templates with: with all that can be known, and with little."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from sla_console.domain.alerts.alert import (
    AlertEvent,
    DeliveryState,
    Notification,
    OutboxMessage,
    Way,
)
from sla_console.domain.forecast.risk import RiskLevel
from sla_console.domain.sla.breach import BreachType

NOW: Final = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)
"""The moment at which the samples are worded."""
_OF_A_TICKET: Final = frozenset(AlertEvent) - {
    AlertEvent.MONITOR,
    AlertEvent.BURST,
    AlertEvent.DIGEST,
    AlertEvent.REPORT,
    AlertEvent.TEST,
}


def samples(event: AlertEvent) -> list[OutboxMessage]:
    """Return messages of one event: usual ones, a repeat, and one of which little is known."""
    full = _full(event)
    bare = Notification(event, NOW, ticket_id="77" if event in _OF_A_TICKET else None)
    early = replace(full, due=NOW + timedelta(minutes=14), target=BreachType.RESOLUTION, by=None)
    notifications = [full, early, replace(full, first_told=True, step="", level="30m"), bare]
    found = [_message(event, notification) for notification in notifications]
    again = replace(
        found[0],
        attempts=3,
        state=DeliveryState.UNKNOWN,
        why="teams refused it (HTTP 401); sent here instead",
        way=Way.FALLBACK,
    )
    return [*found, again]


def _full(event: AlertEvent) -> Notification:
    if event not in _OF_A_TICKET:
        members = tuple(
            replace(_full(each), subject=f"Printer down on floor {floor}")
            for floor, each in enumerate(sorted(_OF_A_TICKET))
        )
        return Notification(
            event,
            NOW,
            severity=RiskLevel.CRITICAL,
            headline="3 broken, 1 soon due: Harbour Dental",
            lines=("By client: Harbour Dental 9", "By priority: High 9"),
            members=members if event is AlertEvent.DIGEST else (),
            total=9 if event is AlertEvent.DIGEST else 0,
        )
    return Notification(
        event,
        NOW,
        ticket_id="77",
        display_id="T-77",
        subject="Printer down",
        client="Harbour Dental",
        priority="High",
        group="Service desk",
        policy="Gold",
        technician="Marta Lindqvist",
        technician_id="5",
        target=BreachType.RESPONSE,
        due=NOW - timedelta(minutes=12),
        severity=RiskLevel.HIGH,
        breach_id="b1",
        level="75%",
        probability=0.8,
        step="2 of 3",
        by="Ada Berg",
        reason="the client called twice",
        ended_at=NOW if event is AlertEvent.RECOVERY else None,
    )


def _message(event: AlertEvent, notification: Notification) -> OutboxMessage:
    return OutboxMessage(
        key=f"{event}:sample:mail",
        channel="mail",
        event=event,
        title="A sample",
        body="",
        ticket_id=notification.ticket_id,
        created_at=NOW,
        notification=notification,
        attempts=1,
        person="Ada Berg" if notification.subject else None,
    )
