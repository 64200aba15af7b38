"""How pressing a notification is: what goes first, and what may wait for the client's hours."""

from sla_console.domain.alerts.alert import AlertEvent, Notification
from sla_console.domain.forecast.risk import RiskLevel


def is_urgent(notification: Notification) -> bool:
    """Return whether a notification goes before others and waits for no quiet hours."""
    if notification.event is AlertEvent.MONITOR:
        return True
    if notification.event in {AlertEvent.ESCALATION, AlertEvent.REMINDER}:
        return notification.by_hand or notification.severity.rank >= RiskLevel.HIGH.rank
    return notification.severity is RiskLevel.CRITICAL and notification.event in {
        AlertEvent.BREACH,
        AlertEvent.WARNING,
        AlertEvent.DIGEST,
    }


def may_wait(notification: Notification) -> bool:
    """Return whether a notification may wait until the client's hours: it is below HIGH."""
    return not is_urgent(notification) and notification.severity.rank < RiskLevel.HIGH.rank
