"""Tells days before that nobody on call will answer: a turn on an absence, or on nobody."""

from datetime import datetime, timedelta
from typing import Final

from sla_console.alerting.planner import AlertPlanner
from sla_console.alerting.ports import AlertStore
from sla_console.domain.alerts.alert import OutboxMessage
from sla_console.domain.people.rota import Uncovered, uncovered

AHEAD: Final = timedelta(days=7)
"""Time between the notification and the turn that it is about."""
_EVERY: Final = timedelta(minutes=10)


class RotaWatch:
    """Looks at the turns of the next days.

    Args:
        store: The store, where absences and the outbox are.
        planner: Who is notified, and who is on call.
    """

    def __init__(self, store: AlertStore, planner: AlertPlanner) -> None:
        self._store, self._planner = store, planner
        self._looked_at: datetime | None = None

    async def step(self, now: datetime) -> bool:
        """Look, at most every ten minutes; return whether there is something new to notify.

        What was told once keeps its key in the outbox, so it is not told again.
        """
        rotations = self._planner.router.directory.rotations
        seen = self._looked_at
        if not rotations or (seen is not None and timedelta() <= now - seen < _EVERY):
            return False
        self._looked_at = now
        absences = await self._store.rota.absences(now)
        messages: list[OutboxMessage] = []
        for rotation in rotations:
            for one in uncovered(rotation, absences, now, now + AHEAD):
                messages += self._planner.plan_monitor(
                    _identity(one), *_words(one), times=(one.start, one.end)
                )
        return await self._store.outbox.enqueue(messages) > 0


def _identity(one: Uncovered) -> str:
    # By its end: what has begun begins a little later each time it is looked at.
    return f"uncovered:{one.rotation}:{one.person or ''}:{int(one.end.timestamp())}"


def _words(one: Uncovered) -> tuple[str, tuple[str, ...]]:
    who = "Nobody is on call" if one.person is None else f"{one.person} is on call and away"
    span = f"from {one.start:%Y-%m-%d %H:%M} to {one.end:%Y-%m-%d %H:%M} UTC"
    why = (f"The calendar says: {one.why}.",) if one.why else ()
    mend = f"Somebody can take it: sla-console oncall take {one.rotation}"
    return f"{who} for {one.rotation} {span}", (*why, mend)
