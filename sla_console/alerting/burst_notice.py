"""Words a burst: what came, why that is unusual, and which tickets they are."""

from datetime import datetime
from typing import Final

from sla_console.domain.alerts.bursts import Burst, one_in
from sla_console.domain.alerts.notification import AlertEvent, Notification
from sla_console.domain.alerts.usual_rates import GroupKind
from sla_console.domain.durations import words
from sla_console.domain.forecast.risk import RiskLevel

_NAMED: Final = 20


def burst_notice(burst: Burst, now: datetime) -> Notification:
    """Return what there is to notify of a burst that has begun."""
    more = len(burst.named) - _NAMED
    shared = f"{burst.shared[:1].upper()}{burst.shared[1:]}." if burst.shared else ""
    lines = (
        f"{burst.arithmetic[:1].upper()}{burst.arithmetic[1:]}.",
        f"{burst.groups} clients and categories are counted, so the limit is {one_in(burst.limit)}.",
        shared,
        *burst.named[:_NAMED],
        f"and {more} more" if more > 0 else "",
    )
    return Notification(
        AlertEvent.BURST,
        now,
        client=burst.name if burst.kind is GroupKind.CLIENT else None,
        severity=RiskLevel.HIGH,
        breach_id=burst.id,
        headline=burst.headline,
        lines=tuple(line for line in lines if line),
        about=burst.id,
    )


def burst_end(burst: Burst, why: str, now: datetime) -> Notification:
    """Return what there is to notify of a burst that is over.

    Args:
        burst: As it is now.
        why: The reason in words, as a sentence.
        now: The moment.
    """
    begun = burst_notice(burst, now)
    lasted = words(now - burst.since) if now > burst.since else "a moment"
    return Notification(
        AlertEvent.BURST,
        now,
        client=begun.client,
        severity=begun.severity,
        breach_id=burst.id,
        headline=f"Over after {lasted}: {burst.headline}",
        lines=(f"It came to {len(burst.tickets)} tickets.", why),
        about=burst.id,
        ended_at=now,
    )
