"""Watching tickets go into and out of waiting, since the API keeps no history."""

from collections.abc import Mapping
from datetime import datetime

from sla_console.domain.ticket import Hold, Phase, StatusPhases, Ticket
from sla_console.monitoring.ports import HoldRecord


class HoldWatch:
    """Knows each open ticket's holds and stores what it sees.

    Args:
        record: Where holds are kept.
        phases: Which statuses hold.
    """

    def __init__(self, record: HoldRecord, phases: StatusPhases) -> None:
        self._record = record
        self._phases = phases
        self._holds: dict[str, tuple[Hold, ...]] = {}

    def restore(self, holds: Mapping[str, tuple[Hold, ...]]) -> None:
        """Take over what was stored."""
        self._holds = dict(holds)

    def of(self, ticket_id: str) -> tuple[Hold, ...]:
        """Return a ticket's holds, oldest first; the last may still be on."""
        return self._holds.get(ticket_id, ())

    async def observe(self, before: Ticket | None, after: Ticket, now: datetime) -> None:
        """Note a change of phase. What happened is dated by SuperOps' own time of the change."""
        was = None if before is None else self._phases.phase(before.status)
        phase = self._phases.phase(after.status)
        if was is phase:
            return
        at = min(after.updated_at or now, now)
        holds = self.of(after.id)
        on = bool(holds) and holds[-1].end is None
        if phase is Phase.HOLD and not on:
            await self._record.begin(after.id, at)
            self._holds[after.id] = (*holds, Hold(at))
        elif phase is not Phase.HOLD and on:
            end = max(at, holds[-1].start)
            await self._record.end(after.id, end)
            self._holds[after.id] = (*holds[:-1], Hold(holds[-1].start, end))

    def forget(self, ticket_id: str) -> None:
        """Drop a ticket that is over."""
        self._holds.pop(ticket_id, None)
