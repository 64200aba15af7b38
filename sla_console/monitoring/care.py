"""What comes back by itself: after a silence, after hours without an answer, after coming and going."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

from sla_console.domain.alert import DeliveryState, Notice, OutboxMessage, Told
from sla_console.domain.breach import BreachState, SLABreach
from sla_console.domain.silence import MaintenanceWindow, Matcher, ended_early
from sla_console.monitoring.board import BoardKeeper
from sla_console.monitoring.ports import Records

_TAKEN: Final = frozenset({BreachState.ACKNOWLEDGED, BreachState.SNOOZED})
_OPEN: Final = "maintenance_open"


class CarePlan(Protocol):
    """Says who is told."""

    def plan_still_broken(
        self, breaches: Sequence[SLABreach], identity: str, headline: str
    ) -> list[OutboxMessage]:
        """Return the messages about what is still broken."""
        ...

    def calmed(self, now: datetime) -> list[str]:
        """Return the promises that came and went and do no more."""
        ...

    def breach_notice(self, breach: SLABreach) -> Notice:
        """Return what there is to tell of a breach."""
        ...


class Care:
    """Looks after what was not told, or told long ago.

    Args:
        records: The store.
        plan: Who is told.
        board: The breaches.
        windows: The maintenance windows.
        repeat: After how long what nobody has is told again; zero: never.
    """

    def __init__(
        self,
        records: Records,
        plan: CarePlan,
        board: BoardKeeper,
        windows: Sequence[MaintenanceWindow] = (),
        repeat: timedelta = timedelta(hours=4),
    ) -> None:
        self._records, self._plan, self._board = records, plan, board
        self._windows, self._repeat = tuple(windows), repeat
        self._looked_at: datetime | None = None
        self._open: frozenset[str] | None = None
        """Names of the windows that were open when this was asked last; kept over a restart."""

    async def step(self, now: datetime) -> int:
        """Do all of it once; return how many messages it made."""
        made = await self._after_silences(now)
        made += await self._after_maintenance(now)
        made += await self._after_flapping(now)
        return made + await self._again(now)

    async def _after_silences(self, now: datetime) -> int:
        made = 0
        for silence in await self._records.silences.unsettled(now):
            made += await self._still_broken(
                silence.matcher,
                f"silence:{silence.id}",
                f"Still broken after the silence of {silence.matcher.words()}",
            )
            await self._records.silences.settle(silence.id, now)
        return made

    async def _after_maintenance(self, now: datetime) -> int:
        if not self._windows:
            return 0
        if self._open is None:
            stored = await self._records.meta.get(_OPEN)
            self._open = frozenset(json.loads(stored)) if stored else frozenset()
        windows = ended_early(self._windows, await self._records.silences.windows_over())
        before, self._open = (
            self._open,
            frozenset(window.name for window in windows if window.active(now)),
        )
        if before != self._open:
            await self._records.meta.set(_OPEN, json.dumps(sorted(self._open)))
        made = 0
        for window in self._windows:
            if window.name not in before - self._open:
                continue
            made += await self._still_broken(
                window.matcher,
                f"maintenance:{window.name}:{int(now.timestamp())}",
                f"Still broken after the maintenance {window.name}",
            )
        return made

    async def _still_broken(self, matcher: Matcher, identity: str, headline: str) -> int:
        """Tell of what is still broken and was not told because of a quiet time."""
        mine = [
            breach
            for breach in self._board.breaches()
            if breach.state not in _TAKEN and matcher.matches(self._plan.breach_notice(breach))
        ]
        told = await self._records.deliveries.told(breach.id for breach in mine)
        latest = {one.breach_id: one.state for one in told}
        left = [b for b in mine if latest.get(b.id) is DeliveryState.SUPPRESSED]
        return await self._tell(left, identity, headline)

    async def _after_flapping(self, now: datetime) -> int:
        made = 0
        for thread in self._plan.calmed(now):
            ticket_id, _, target = thread.partition(":")
            mine = [b for b in self._board.breaches_of(ticket_id) if b.breach_type == target]
            made += await self._tell(
                mine, f"calm:{thread}:{int(now.timestamp())}", "It came and went, and stays broken"
            )
        return made

    async def _again(self, now: datetime) -> int:
        """Tell again of what is broken for hours and nobody's."""
        if not self._repeat or (self._looked_at and now - self._looked_at < self._repeat / 60):
            return 0
        self._looked_at = now
        mine = [
            breach
            for breach in self._board.breaches()
            if breach.state not in _TAKEN
            and (breach.episode is None or breach.episode.held_since is None)
            and now - (breach.detected_at or now) >= self._repeat
        ]
        last: dict[str, datetime] = {}
        for one in await self._records.deliveries.told(breach.id for breach in mine):
            if _counts(one):
                at = one.accepted_at or one.created_at
                last[one.breach_id] = max(last.get(one.breach_id, at), at)
        left = [b for b in mine if b.id in last and now - last[b.id] >= self._repeat]
        return await self._tell(
            left, f"again:{int(now.timestamp())}", "Still broken, and nobody has it"
        )

    async def _tell(self, breaches: Sequence[SLABreach], identity: str, headline: str) -> int:
        if not breaches:
            return 0
        messages = self._plan.plan_still_broken(breaches, identity, headline)
        return await self._records.outbox.enqueue(messages)


def _counts(one: Told) -> bool:
    return one.heard or one.coming
