"""Tells days before that nobody on call will answer: a turn on an absence, or on nobody."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

from sla_console.domain.alert import OutboxMessage
from sla_console.domain.directory import Directory
from sla_console.domain.rota import Uncovered, uncovered
from sla_console.monitoring.ports import Records

AHEAD: Final = timedelta(days=7)
"""How long before it is told."""
_EVERY: Final = timedelta(minutes=10)


class RotaPlan(Protocol):
    """Says who is told, and who is on call."""

    @property
    def directory(self) -> Directory:
        """Who is reached through which channel, and who is on call."""
        ...

    def plan_monitor(
        self, identity: str, headline: str, lines: Sequence[str] = ()
    ) -> list[OutboxMessage]:
        """Return the messages about it."""
        ...


class RotaWatch:
    """Looks at the turns of the next days.

    Args:
        records: The store, where absences and the outbox are.
        plan: Who is told, and who is on call.
    """

    def __init__(self, records: Records, plan: RotaPlan) -> None:
        self._records, self._plan = records, plan
        self._looked_at: datetime | None = None

    async def step(self, now: datetime) -> bool:
        """Look, at most every ten minutes; return whether there is something new to tell.

        What was told once keeps its key in the outbox, so it is not told again.
        """
        rotations = self._plan.directory.rotations
        seen = self._looked_at
        if not rotations or (seen is not None and timedelta() <= now - seen < _EVERY):
            return False
        self._looked_at = now
        absences = await self._records.rota.absences(now)
        messages: list[OutboxMessage] = []
        for rotation in rotations:
            for one in uncovered(rotation, absences, now, now + AHEAD):
                messages += self._plan.plan_monitor(_identity(one), *_words(one))
        return await self._records.outbox.enqueue(messages) > 0


def _identity(one: Uncovered) -> str:
    # By its end: what has begun begins a little later each time it is looked at.
    return f"uncovered:{one.rotation}:{one.person or ''}:{int(one.end.timestamp())}"


def _words(one: Uncovered) -> tuple[str, tuple[str, ...]]:
    who = "Nobody is on call" if one.person is None else f"{one.person} is on call and away"
    span = f"from {one.start:%Y-%m-%d %H:%M} to {one.end:%Y-%m-%d %H:%M} UTC"
    why = (f"The calendar says: {one.why}.",) if one.why else ()
    mend = f"Somebody can take it: sla-console oncall take {one.rotation}"
    return f"{who} for {one.rotation} {span}", (*why, mend)
