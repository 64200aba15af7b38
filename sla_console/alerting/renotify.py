"""Sends alerts again: after a silence ends, when nobody acknowledges, when a breach stops flapping."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from sla_console.alerting.incidents import Incidents
from sla_console.alerting.planner import AlertPlanner
from sla_console.alerting.ports import AlertStore
from sla_console.alerting.routing import notified_at
from sla_console.domain.alerts.alert import DeliveryState, Notified, WaitReason
from sla_console.domain.alerts.silence import MaintenanceWindow, ended_early
from sla_console.domain.matcher import Matcher
from sla_console.domain.sla.breach import BreachState, SLABreach

_TAKEN: Final = frozenset({BreachState.ACKNOWLEDGED, BreachState.SNOOZED})
_OPEN: Final = "maintenance_open"


class RenotificationPolicy:
    """Looks after what was not sent, or sent long ago.

    Args:
        store: The store.
        planner: Says who is notified.
        incidents: The breaches that are not over.
        windows: The maintenance windows.
        repeat: After how long what nobody has is sent again; zero: never.
    """

    def __init__(
        self,
        store: AlertStore,
        planner: AlertPlanner,
        incidents: Incidents,
        windows: Sequence[MaintenanceWindow] = (),
        repeat: timedelta = timedelta(hours=4),
    ) -> None:
        self._store, self._planner, self._incidents = store, planner, incidents
        self._windows, self._repeat = tuple(windows), repeat
        self._looked_at: datetime | None = None
        self._began = False
        self._open: dict[str, str] | None = None
        """The windows that were open when this was asked last, and when each was seen to begin."""

    async def step(self, now: datetime) -> int:
        """Do all of it once; return how many messages it made."""
        made = await self._after_silences(now)
        made += await self._after_maintenance(now)
        made += await self._after_moves(now)
        made += await self._after_flapping(now)
        return made + await self._again(now)

    async def _after_silences(self, now: datetime) -> int:
        made = 0
        for silence in await self._store.silences.unsettled(now):
            made += await self._still_broken(
                silence.matcher,
                f"silence:{silence.id}",
                f"Still broken after the silence of {silence.matcher.words()}",
            )
            await self._store.silences.settle(silence.id, now)
        return made

    async def _after_maintenance(self, now: datetime) -> int:
        before = await self._were_open() if self._open is None else self._open
        windows = ended_early(self._windows, await self._store.silences.windows_over())
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
            await self._store.meta.set(_OPEN, json.dumps(after))
        self._open = after
        return made

    async def _were_open(self) -> dict[str, str]:
        """Return what was open before this console was started."""
        stored = await self._store.meta.get(_OPEN)
        found = json.loads(stored) if stored else {}
        # Older consoles kept the names alone.
        return found if isinstance(found, dict) else dict.fromkeys(found, "")

    async def _still_broken(self, matcher: Matcher, identity: str, headline: str) -> int:
        """Notify of what is still broken and was held back by something that mutes.

        What muted it when it was held back may be about it no more, such as of a ticket that has
        another priority by now. It is sent all the same, as long as nothing else holds it back.
        """
        meant: list[SLABreach] = []
        others: list[SLABreach] = []
        for breach in await self._held_back(self._incidents.all()):
            notification = self._planner.breach_notice(breach)
            fits = matcher.matches(notification)
            flaps = self._planner.pipeline.flaps
            if fits or not flaps.was_muted(notification.thread, breach.id):
                (meant if fits else others).append(breach)
        made = await self._send(meant, identity, headline)
        return made + await self._send(others, identity, "Still broken, and held back until now")

    async def _held_back(
        self, breaches: Iterable[SLABreach], *, quiet: bool = False
    ) -> list[SLABreach]:
        """Return those that nobody has and whose last message to some channel was held back.

        Args:
            breaches: Of which.
            quiet: Those also whose message waits for the client's hours.
        """
        mine = {breach.id: breach for breach in breaches if breach.state not in _TAKEN}
        notified = await self._store.deliveries.notified(mine)
        latest = {(one.breach_id, one.channel): one for one in notified}
        held = {one.breach_id for one in latest.values() if _is_held_back(one, quiet=quiet)}
        return [breach for breach in mine.values() if breach.id in held]

    async def _after_moves(self, now: datetime) -> int:
        """Notify of what is held back no more because its ticket changed hands or priority."""
        if not self._began:
            # The console before may have ended between the change and this.
            self._began = True
            self._incidents.moved |= {b.id for b in self._incidents.all() if b.moved_from}
        moved = list(self._incidents.moved)
        found = [breach for one in moved if (breach := self._incidents.get(one))]
        pipeline = self._planner.pipeline
        free = [
            breach
            for breach in (await self._held_back(found, quiet=True) if found else ())
            if (notice := self._planner.breach_notice(breach))
            and pipeline.muted(notice, now) is None
            and not pipeline.flaps.was_muted(notice.thread, breach.id)
            and notified_at(notice, self._incidents.hours_of(breach.ticket_id), now) <= now
        ]
        made = await self._send(
            free, f"moved:{int(now.timestamp())}", "Still broken, and no longer held back"
        )
        self._incidents.moved.difference_update(moved)
        return made

    async def _after_flapping(self, now: datetime) -> int:
        made, flaps = 0, self._planner.pipeline.flaps
        for thread in flaps.calmed(now):
            ticket_id, _, target = thread.partition(":")
            mine = [b for b in self._incidents.of_ticket(ticket_id) if b.breach_type == target]
            identity = f"calm:{thread}:{int(now.timestamp())}"
            made += await self._send(mine, identity, "It came and went, and stays broken")
            if not mine:
                made += await self._send_over(ticket_id, target)
            flaps.settle(thread)
        return made

    async def _send_over(self, ticket_id: str, target: str) -> int:
        """Send the recovery to everyone who was notified that the breach is flapping."""
        stored = await self._store.breaches.for_ticket(ticket_id)
        mine = sorted(
            (b for b in stored if b.breach_type == target and b.resolved_at is not None),
            key=lambda breach: breach.resolved_at or breach.breach_time,
        )
        if not mine:
            return 0
        notified = await self._store.deliveries.notified(breach.id for breach in mine)
        last = mine[-1]
        why = "it came and went, and does no more"
        hours = self._incidents.hours_of(ticket_id)
        messages = self._planner.plan_recovery(last, notified, hours, why)
        return await self._store.outbox.enqueue(messages)

    async def _again(self, now: datetime) -> int:
        """Send again what is broken for hours and nobody's."""
        if not self._repeat or not self._is_time(now):
            return 0
        self._looked_at = now
        mine = [
            breach
            for breach in self._incidents.all()
            if breach.state not in _TAKEN
            and (breach.escalation_state is None or breach.escalation_state.held_since is None)
            and now - (breach.detected_at or now) >= self._repeat
        ]
        last: dict[str, datetime] = {}
        waits: set[str] = set()
        for one in await self._store.deliveries.notified(breach.id for breach in mine):
            if one.own_state is DeliveryState.GATHERING:
                waits.add(one.breach_id)
            elif one.reached or one.coming or one.state is DeliveryState.DEAD:
                at = one.accepted_at or one.created_at
                last[one.breach_id] = max(last.get(one.breach_id, at), at)
        left = [
            b
            for b in mine
            if b.id not in waits and b.id in last and now - last[b.id] >= self._repeat
        ]
        return await self._send(
            left, f"again:{int(now.timestamp())}", "Still broken, and nobody has it"
        )

    def _is_time(self, now: datetime) -> bool:
        seen = self._looked_at
        # A clock that was set back makes nobody wait for the same time of day again.
        return seen is None or not timedelta() <= now - seen < self._repeat / 60

    async def _send(self, breaches: Sequence[SLABreach], identity: str, headline: str) -> int:
        if not breaches:
            return 0
        timed = [(breach, self._incidents.hours_of(breach.ticket_id)) for breach in breaches]
        messages = self._planner.plan_still_broken(timed, identity, headline)
        return await self._store.outbox.enqueue(messages)


def _is_held_back(one: Notified, *, quiet: bool) -> bool:
    if one.own_state is DeliveryState.GATHERING:
        return quiet and one.wait_reason is WaitReason.QUIET_HOURS
    return one.state is DeliveryState.SUPPRESSED and not one.discarded
