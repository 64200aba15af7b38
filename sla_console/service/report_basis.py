"""Says which lists of SuperOps a report rests on, and up to when they were read."""

from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.errors import SLAConsoleError
from sla_console.domain.readings import TICKETS, gaps_of, unread
from sla_console.monitoring.history import history_to
from sla_console.monitoring.ports import StorePort
from sla_console.monitoring.readings import stored_readings
from sla_console.reporting.period import Period

_CLOSED_LATELY: Final = timedelta(hours=1)
"""Closed tickets are read every ten minutes; only a longer gap is worth a sentence."""
_MINUTE: Final = "%Y-%m-%d %H:%M UTC"


async def require_read(records: StorePort, period: Period) -> None:
    """Refuse to freeze figures that rest on lists that were not read.

    Raises:
        SLAConsoleError: naming them.
    """
    missing = unread(await stored_readings(records.meta))
    if missing:
        gaps = "; ".join(gap for one in missing if (gap := one.gap()) is not None)
        raise SLAConsoleError(
            f"{period.label} cannot be frozen, because what it rests on was not read: {gaps}; "
            f"mend that and add --sync, or let the console run"
        )


async def stale_of(
    records: StorePort, period: Period, now: datetime, stale_after: timedelta
) -> tuple[str, ...]:
    """Return what a report of a period should rest on and does not, a sentence each.

    Args:
        records: The store.
        period: The period; tickets that were read after its end are not old.
        now: The moment.
        stale_after: Age from which tickets are old while the period goes on.
    """
    reads = await stored_readings(records.meta)
    tickets = next(one for one in reads if one.name == TICKETS)
    over = tickets.read_at is not None and tickets.read_at >= period.span.end
    found = list(gaps_of(reads, now, None if over else stale_after))
    closed, wanted = await history_to(records), min(now, period.span.end)
    if tickets.read_at is not None and (closed is None or wanted - closed > _CLOSED_LATELY):
        known = "was never asked for" if closed is None else f"is known up to {closed:{_MINUTE}}"
        found.append(f"what was closed in SuperOps {known}, so tickets closed since may be missing")
    return tuple(f"{gap[0].upper()}{gap[1:]}." for gap in found)
