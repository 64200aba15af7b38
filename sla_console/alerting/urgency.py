"""How pressing a notification is: what goes first, and what may wait for the client's hours."""

from sla_console.domain.alert import AlertEvent, Notice
from sla_console.domain.risk import RiskLevel


def is_urgent(notice: Notice) -> bool:
    """Return whether a notification goes before others and waits for no quiet hours."""
    if notice.event is AlertEvent.MONITOR:
        return True
    if notice.event in {AlertEvent.ESCALATION, AlertEvent.REMINDER}:
        return notice.by_hand or notice.severity.rank >= RiskLevel.HIGH.rank
    return notice.severity is RiskLevel.CRITICAL and notice.event in {
        AlertEvent.BREACH,
        AlertEvent.WARNING,
        AlertEvent.DIGEST,
    }


def may_wait(notice: Notice) -> bool:
    """Return whether a notification may wait until the client's hours: it is below HIGH."""
    return not is_urgent(notice) and notice.severity.rank < RiskLevel.HIGH.rank
