"""What comes back by itself: after a silence, after hours without an answer, after coming and going."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

from sla_console.domain.alert import DeliveryState, Notice, Notified, OutboxMessage
from sla_console.domain.breach import BreachState, SLABreach
from sla_console.domain.calendar import BusinessCalendar
from sla_console.domain.flapping import FlapWatch
from sla_console.domain.silence import MaintenanceWindow, Matcher, ended_early
from sla_console.monitoring.board import BoardKeeper
from sla_console.monitoring.ports import Records

_TAKEN: Final = frozenset({BreachState.ACKNOWLEDGED, BreachState.SNOOZED})
_OPEN: Final = "maintenance_open"


class CarePlan(Protocol):
    """Says who is told."""

    @property
    def flaps(self) -> FlapWatch:
        """Which promises come and go."""
        ...

    def plan_still_broken(
        self,
        breaches: Sequence[tuple[SLABreach, BusinessCalendar]],
        identity: str,
        headline: str,
    ) -> list[OutboxMessage]:
        """Return the messages about what is still broken."""
        ...

    def plan_recovery(
        self,
        breach: SLABreach,
        notified: Sequence[Notified] = (),
        hours: BusinessCalendar = ...,
        why: str | None = None,
    ) -> list[OutboxMessage]:
        """Return the messages that say a breach is over."""
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
        hours: Returns the business hours of the client of a breach.
        windows: The maintenance windows.
        repeat: After how long what nobody has is told again; zero: never.
    """

    def __init__(
        self,
        records: Records,
        plan: CarePlan,
        board: BoardKeeper,
        hours: Callable[[SLABreach], BusinessCalendar],
        windows: Sequence[MaintenanceWindow] = (),
        repeat: timedelta = timedelta(hours=4),
    ) -> None:
        self._records, self._plan, self._board, self._hours = records, plan, board, hours
        self._windows, self._repeat = tuple(windows), repeat
        self._looked_at: datetime | None = None
        self._open: dict[str, str] | None = None
        """The windows that were open when this was asked last, and when each was seen to begin."""

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
        before = await self._were_open() if self._open is None else self._open
        windows = ended_early(self._windows, await self._records.silences.windows_over())
        here = {window.name for window in windows if window.active(now)}
        # One that the configuration has no more is over as well.
        meant = {window.name: window.matcher for window in windows}
        made = 0
        for name in sorted(before.keys() - here):
            made += await self._still_broken(
                meant.get(name, Matcher()),
                f"maintenance:{name}:{before[name]}",
                f"Still broken after the maintenance {name}",
            )
        after = {name: before.get(name, now.isoformat()) for name in sorted(here)}
        # Not before: what could not be stored is said when it can be.
        if after != before or self._open is None:
            await self._records.meta.set(_OPEN, json.dumps(after))
        self._open = after
        return made

    async def _were_open(self) -> dict[str, str]:
        """Return what was open before this console was started."""
        stored = await self._records.meta.get(_OPEN)
        found = json.loads(stored) if stored else {}
        # Older consoles kept the names alone.
        return found if isinstance(found, dict) else dict.fromkeys(found, "")

    async def _still_broken(self, matcher: Matcher, identity: str, headline: str) -> int:
        """Tell of what is still broken and was not told because of a quiet time.

        What it meant when it was held back it may mean no more, such as a ticket that has another
        priority by now. That is told all the same, as long as nothing else holds it back.
        """
        mine = {b.id: b for b in self._board.breaches() if b.state not in _TAKEN}
        told = await self._records.deliveries.notified(mine)
        latest = {one.breach_id: one for one in told}
        meant: list[SLABreach] = []
        others: list[SLABreach] = []
        for breach_id, last in latest.items():
            if last.state is not DeliveryState.SUPPRESSED or last.discarded:
                continue
            notice = self._plan.breach_notice(mine[breach_id])
            fits = matcher.matches(notice)
            if fits or not self._plan.flaps.was_muted(notice.thread, breach_id):
                (meant if fits else others).append(mine[breach_id])
        made = await self._tell(meant, identity, headline)
        return made + await self._tell(others, identity, "Still broken, and held back until now")

    async def _after_flapping(self, now: datetime) -> int:
        made = 0
        for thread in self._plan.flaps.calmed(now):
            ticket_id, _, target = thread.partition(":")
            mine = [b for b in self._board.breaches_of(ticket_id) if b.breach_type == target]
            identity = f"calm:{thread}:{int(now.timestamp())}"
            made += await self._tell(mine, identity, "It came and went, and stays broken")
            if not mine:
                made += await self._tell_over(ticket_id, target)
            self._plan.flaps.settle(thread)
        return made

    async def _tell_over(self, ticket_id: str, target: str) -> int:
        """Tell whoever heard that a promise comes and goes that it is over."""
        stored = await self._records.breaches.for_ticket(ticket_id)
        mine = sorted(
            (b for b in stored if b.breach_type == target and b.resolved_at is not None),
            key=lambda breach: breach.resolved_at or breach.breach_time,
        )
        if not mine:
            return 0
        told = await self._records.deliveries.notified(breach.id for breach in mine)
        last = mine[-1]
        why = "it came and went, and does no more"
        messages = self._plan.plan_recovery(last, told, self._hours(last), why)
        return await self._records.outbox.enqueue(messages)

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
        waits: set[str] = set()
        for one in await self._records.deliveries.notified(breach.id for breach in mine):
            if one.own_state is DeliveryState.GATHERING:
                waits.add(one.breach_id)
            elif one.reached or one.coming:
                at = one.accepted_at or one.created_at
                last[one.breach_id] = max(last.get(one.breach_id, at), at)
        left = [
            b
            for b in mine
            if b.id not in waits and b.id in last and now - last[b.id] >= self._repeat
        ]
        return await self._tell(
            left, f"again:{int(now.timestamp())}", "Still broken, and nobody has it"
        )

    async def _tell(self, breaches: Sequence[SLABreach], identity: str, headline: str) -> int:
        if not breaches:
            return 0
        timed = [(breach, self._hours(breach)) for breach in breaches]
        messages = self._plan.plan_still_broken(timed, identity, headline)
        return await self._records.outbox.enqueue(messages)
