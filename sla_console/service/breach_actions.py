"""What people do to breaches: each step stored whole with its history, its messages and its note."""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain import fault_points
from sla_console.domain.alerts.action_link import LinkAction, LinkUse
from sla_console.domain.errors import NotAllowed
from sla_console.domain.sla.breach import SLABreach
from sla_console.domain.text import clean
from sla_console.domain.tickets.operation import AuditEntry, Operation, OperationKind
from sla_console.monitoring.engine import SLAMonitoringEngine
from sla_console.service.ticket_actions import first_words

_REASON_LIMIT: Final = 500
_Move = Callable[[SLABreach, str | None, datetime], SLABreach]
"""Returns a breach as a step leaves it, from its reason and its moment."""


class BreachActions:
    """One door for it.

    Args:
        engine: The engine.
        write_notes: Whether each step leaves a private note in SuperOps.
    """

    def __init__(
        self,
        engine: SLAMonitoringEngine,
        *,
        write_notes: bool,
    ) -> None:
        self._engine, self._alerting = engine, engine.alerting
        self._records = engine.data.records
        self._write_notes = write_notes

    async def acknowledge(
        self,
        breach_ids: Sequence[str],
        reason: str | None,
        by: str,
        lasts: timedelta | None = None,
        use: LinkUse | None = None,
    ) -> list[SLABreach]:
        """Note that somebody has these breaches; return them as they are then.

        Args:
            breach_ids: Which.
            reason: Why, or what they do.
            by: Who.
            lasts: For how long; None: as its escalation or the configuration says.
            use: The use of a message's links that it is; None: it is done without one.

        Raises:
            NotAllowed: if one was moved meanwhile; those before it are done.
        """
        return await self._step(
            breach_ids,
            "acknowledge",
            reason,
            by,
            lambda b, why, now: b.acknowledge(
                by, why, now, lasts or self._alerting.planner.acknowledged_for(b)
            ),
            use,
        )

    async def unacknowledge(
        self, breach_ids: Sequence[str], reason: str | None, by: str
    ) -> list[SLABreach]:
        """Give these breaches back; return them as they are then.

        Raises:
            NotAllowed: if one was moved meanwhile; those before it are done.
        """
        return await self._step(
            breach_ids, "unacknowledge", reason, by, lambda b, why, now: b.unacknowledge(why, now)
        )

    async def snooze(
        self,
        breach_ids: Sequence[str],
        until: datetime | None,
        reason: str | None,
        by: str,
        use: LinkUse | None = None,
    ) -> list[SLABreach]:
        """Put these breaches off; return them as they are then.

        Args:
            breach_ids: Which.
            until: When they wake; None: when their ticket begins or ends to wait.
            reason: Why.
            by: Who.
            use: As for ``acknowledge``.

        Raises:
            NotAllowed: if one was moved meanwhile, or would wake in the past; those before it
                are done.
        """
        return await self._step(
            breach_ids,
            "snooze",
            reason,
            by,
            lambda b, why, now: b.snooze(by, why, now, until),
            use,
        )

    async def by_link(self, use: LinkUse, snooze_until: datetime) -> None:
        """Do what a link in a message was for, once.

        Args:
            use: Which link, used by whom.
            snooze_until: When a breach that is put off wakes.

        Raises:
            NotAllowed: if the breach was moved meanwhile, or the message's links were used before.
        """
        reason = f"from the message through {use.channel}"
        if use.action is LinkAction.ACKNOWLEDGE:
            await self.acknowledge([use.breach_id], reason, use.by, use=use)
        elif use.action is LinkAction.SNOOZE:
            await self.snooze([use.breach_id], snooze_until, reason, use.by, use)
        else:
            raise NotAllowed("This link only opens a page; nothing is done by it.")

    async def escalate(
        self, breach_ids: Sequence[str], reason: str | None, by: str
    ) -> list[SLABreach]:
        """Hand these breaches up and tell whom it concerns; return them as they are then.

        Raises:
            NotAllowed: if one was moved meanwhile; those before it are done.
        """
        return await self._step(breach_ids, "escalate", reason, by, None)

    def _now(self) -> datetime:
        """Return the moment; by SuperOps' clock where this machine's is wrong.

        What somebody has for half an hour is theirs for half an hour, also once the clock is right.
        """
        return self._engine.sync.clock_check.true_now()

    async def _step(
        self,
        breach_ids: Sequence[str],
        action: str,
        reason: str | None,
        by: str,
        move: _Move | None,
        use: LinkUse | None = None,
    ) -> list[SLABreach]:
        """Do one thing to breaches; ``move`` says what becomes of one, None: it is escalated."""
        reason, now = _cleaned(reason), self._now()
        fault_points.hit("person.step")
        incidents, manager, done = self._alerting.incidents, self._alerting.manager, []
        noted: set[str] = set()
        try:
            for breach_id in dict.fromkeys(breach_ids):
                before = incidents.get(breach_id) or await self._records.breaches.get(breach_id)
                if before is None:
                    raise NotAllowed(f"The breach {breach_id} is not known any more.")
                mine = [one for one in breach_ids if self._same_ticket(one, before)]
                notes = (
                    []
                    if before.ticket_id in noted
                    else self._notes(mine, before, action, reason, by, now)
                )
                if move is None:
                    after = await manager.escalate_breach(before, by, reason, notes, now)
                else:
                    after = move(before, reason, now)
                    detail = f"{after.breach_type.words}{f': {reason}' if reason else ''}"
                    entry = AuditEntry(now, by, action, after.ticket_id, detail)
                    stored = await manager.change_breach(before, after, entry, notes, use)
                    after = after if stored else None
                if after is None:
                    raise await self._somebody_else(before)
                noted.add(before.ticket_id)
                done.append(after)
        finally:
            self._engine.operations_queued()
        return done

    async def _somebody_else(self, before: SLABreach) -> NotAllowed:
        """Show what a colleague did meanwhile, and return what says so."""
        found = await self._records.breaches.get(before.id)
        if found is None:
            return NotAllowed(f"{before.display_id}: this breach is not known any more.")
        self._alerting.incidents.put(found)
        who = found.acknowledged_by or found.escalated_by or "somebody else"
        return NotAllowed(
            f"{found.display_id}: {who} was quicker; the breach is {found.state} now."
        )

    def _same_ticket(self, breach_id: str, other: SLABreach) -> bool:
        found = self._alerting.incidents.get(breach_id)
        return breach_id == other.id or (found is not None and found.ticket_id == other.ticket_id)

    def _notes(
        self,
        breach_ids: Sequence[str],
        breach: SLABreach,
        action: str,
        reason: str | None,
        by: str,
        now: datetime,
    ) -> list[Operation]:
        """Return the note of one deed: one for each ticket, however many of its targets it is about."""
        if not self._write_notes:
            return []
        did = {
            "acknowledge": "acknowledged",
            "escalate": "escalated",
            "snooze": "snoozed",
        }.get(action, "gave back")
        known = (self._alerting.incidents.get(one) for one in breach_ids)
        mine = [one for one in known if one is not None] or [breach]
        missed = " and the missed ".join(
            f"{one.breach_type.words} (due {one.breach_time:%Y-%m-%d %H:%M} UTC)" for one in mine
        )
        text = f"{by} {did} the missed {missed}."
        if reason:
            text += f" {reason}"
        return [
            Operation(
                id=uuid.uuid4().hex,
                kind=OperationKind.NOTE,
                ticket_id=breach.ticket_id,
                value=text,
                by=by,
                created_at=now,
                shown=first_words(text),
            )
        ]


def _cleaned(reason: str | None) -> str | None:
    return clean(reason, _REASON_LIMIT) or None if reason else None
