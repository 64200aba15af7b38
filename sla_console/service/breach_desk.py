"""What people do to breaches: each step stored whole with its history, its messages and its note."""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.alert import OutboxMessage
from sla_console.domain.breach import SLABreach
from sla_console.domain.clock import Clock
from sla_console.domain.errors import NotAllowed
from sla_console.domain.operation import AuditEntry, Operation, OperationKind
from sla_console.domain.text import clean
from sla_console.monitoring.engine import SLAMonitoringEngine
from sla_console.service.ports import EscalationPlans
from sla_console.service.ticket_desk import first_words

_REASON_LIMIT: Final = 500


class BreachDesk:
    """One door for it.

    Args:
        engine: The engine.
        alerts: Who is told when a breach is handed up.
        clock: The moment.
        write_notes: Whether each step leaves a private note in SuperOps.
    """

    def __init__(
        self,
        engine: SLAMonitoringEngine,
        alerts: EscalationPlans,
        clock: Clock,
        *,
        write_notes: bool,
    ) -> None:
        self._engine, self._alerts, self._clock = engine, alerts, clock
        self._records = engine.data.records
        self._write_notes = write_notes

    async def acknowledge(
        self,
        breach_ids: Sequence[str],
        reason: str | None,
        by: str,
        lasts: timedelta | None = None,
    ) -> list[SLABreach]:
        """Note that somebody has these breaches; return them as they are then.

        Args:
            breach_ids: Which.
            reason: Why, or what they do.
            by: Who.
            lasts: For how long; None: as its escalation or the configuration says.

        Raises:
            NotAllowed: if one was moved meanwhile; those before it are done.
        """
        reason, now = _cleaned(reason), self._clock.now()
        return await self._step(
            breach_ids,
            "acknowledge",
            reason,
            by,
            now,
            lambda b: _quietly(
                b.acknowledge(by, reason, now, lasts or self._alerts.acknowledged_for(b))
            ),
        )

    async def unacknowledge(
        self, breach_ids: Sequence[str], reason: str | None, by: str
    ) -> list[SLABreach]:
        """Give these breaches back; return them as they are then.

        Raises:
            NotAllowed: if one was moved meanwhile; those before it are done.
        """
        reason, now = _cleaned(reason), self._clock.now()
        return await self._step(
            breach_ids,
            "unacknowledge",
            reason,
            by,
            now,
            lambda b: _quietly(b.unacknowledge(reason, now)),
        )

    async def snooze(
        self, breach_ids: Sequence[str], until: datetime | None, reason: str | None, by: str
    ) -> list[SLABreach]:
        """Put these breaches off; return them as they are then.

        Args:
            breach_ids: Which.
            until: When they wake; None: when their ticket begins or ends to wait.
            reason: Why.
            by: Who.

        Raises:
            NotAllowed: if one was moved meanwhile, or would wake in the past; those before it
                are done.
        """
        reason, now = _cleaned(reason), self._clock.now()
        return await self._step(
            breach_ids,
            "snooze",
            reason,
            by,
            now,
            lambda b: _quietly(b.snooze(by, reason, now, until)),
        )

    async def escalate(
        self, breach_ids: Sequence[str], reason: str | None, by: str
    ) -> list[SLABreach]:
        """Hand these breaches up and tell whom it concerns; return them as they are then.

        Raises:
            NotAllowed: if one was moved meanwhile; those before it are done.
        """
        reason, now = _cleaned(reason), self._clock.now()
        return await self._step(
            breach_ids,
            "escalate",
            reason,
            by,
            now,
            lambda b: self._alerts.plan_escalation(
                b.escalate(by, reason, now), by, reason, self._engine.watch.ends.hours_of(b)
            ),
        )

    async def _step(
        self,
        breach_ids: Sequence[str],
        action: str,
        reason: str | None,
        by: str,
        now: datetime,
        move: Callable[[SLABreach], tuple[SLABreach, list[OutboxMessage]]],
    ) -> list[SLABreach]:
        board, done = self._engine.watch.board, []
        try:
            for breach_id in dict.fromkeys(breach_ids):
                before = board.breach(breach_id) or await self._records.breaches.get(breach_id)
                if before is None:
                    raise NotAllowed(f"The breach {breach_id} is not known any more.")
                after, messages = move(before)
                detail = f"{after.breach_type.words}{f': {reason}' if reason else ''}"
                with board.storing([after.id]):
                    stored = await self._records.record_step(
                        after,
                        before.state,
                        messages,
                        self._notes(after, action, reason, by, now),
                        AuditEntry(now, by, action, after.ticket_id, detail),
                    )
                    if not stored:
                        await self._somebody_else(before)
                    board.set_breach(after)
                done.append(after)
        finally:
            self._engine.operations_queued()
        return done

    async def _somebody_else(self, before: SLABreach) -> None:
        """Show what a colleague did meanwhile, and say so."""
        found = await self._records.breaches.get(before.id)
        if found is None:
            raise NotAllowed(f"{before.display_id}: this breach is not known any more.")
        self._engine.watch.board.set_breach(found)
        who = found.acknowledged_by or found.escalated_by or "somebody else"
        raise NotAllowed(f"{found.display_id}: {who} was quicker; the breach is {found.state} now.")

    def _notes(
        self, breach: SLABreach, action: str, reason: str | None, by: str, now: datetime
    ) -> list[Operation]:
        if not self._write_notes:
            return []
        did = {
            "acknowledge": "acknowledged",
            "escalate": "escalated",
            "snooze": "snoozed",
        }.get(action, "gave back")
        text = f"{by} {did} the missed {breach.breach_type.words} (due {breach.breach_time:%Y-%m-%d %H:%M} UTC)."
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


def _quietly(breach: SLABreach) -> tuple[SLABreach, list[OutboxMessage]]:
    """Return a step that nobody is told of."""
    return breach, []


def _cleaned(reason: str | None) -> str | None:
    return clean(reason, _REASON_LIMIT) or None if reason else None
