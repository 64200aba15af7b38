"""Verdicts that a store of an earlier version does not have: decided once from what it knows."""

import asyncio
import json
import logging
from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from sla_console.domain.clock import Clock
from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.sla_clock import EvaluatedTicket
from sla_console.domain.sla.verdict import Outcome, Verdict
from sla_console.domain.sla.verdict_rules import decide
from sla_console.domain.tickets.operation import AuditEntry
from sla_console.domain.tickets.sighting import observed_of
from sla_console.domain.tickets.ticket_history import StoredHistory
from sla_console.monitoring.evaluator import Evaluator
from sla_console.monitoring.leadership import Leadership
from sla_console.monitoring.ports import MetaRecord, StorePort
from sla_console.monitoring.supervisor import turned
from sla_console.monitoring.tracker import TicketTracker

LOG = logging.getLogger(__name__)
_DONE: Final = "verdicts written"
_COUNTS: Final = "verdicts written counts"
_ME: Final = "sla-console"
_ALL: Final = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_LOOK_SECONDS: Final = 2.0
_YIELD_EVERY: Final = 200


async def decided_before(meta: MetaRecord) -> str | None:
    """Return in a sentence what was decided of earlier targets; None: nothing had to be.

    Raises:
        StoreError: if the store cannot be read.
    """
    text = await meta.get(_COUNTS)
    return _words(Counter(json.loads(text))) if text else None


class Backfill:
    """Writes the verdicts of tickets that ended, or broke, before verdicts were kept.

    Args:
        records: The store.
        tracker: Shows the verdicts of open tickets, and knows the hours.
        clock: The moment.
    """

    def __init__(self, records: StorePort, tracker: TicketTracker, clock: Clock) -> None:
        self._records, self._tracker, self._clock = records, tracker, clock

    async def run(self, leadership: Leadership) -> None:
        """Write them once, as soon as this console leads."""
        done = False
        while True:
            if leadership.leading and not done:
                done = await self.step(leadership.term)
            turned()
            await asyncio.sleep(_LOOK_SECONDS)

    async def step(self, term: int | None) -> bool:
        """Write what is missing, if that was not done before.

        Args:
            term: Under which the caller leads; None: needs no lease.

        Raises:
            LostLease: if another term has begun.
            StoreError: if the store cannot be read or written.
        """
        if await self._records.meta.get(_DONE) is not None:
            return True
        evaluator, now = self._tracker.evaluator, self._clock.now()
        async for stored in self._pages():
            evaluator.learn_hours(_judged(evaluator, stored))
        counts: Counter[Outcome] = Counter()
        batch: list[Verdict] = []
        async for stored in self._pages():
            found = await self._missing(evaluator, stored, now)
            counts.update(one.outcome for one in found)
            batch += found
            if len(batch) >= _YIELD_EVERY:
                await self._records.verdicts.write(batch, term)
                batch = []
        await self._records.verdicts.write(batch, term)
        await self._say(counts, now)
        await self._records.meta.set(_DONE, now.isoformat())
        await self._tracker.show_verdicts()
        return True

    async def _pages(self) -> AsyncGenerator[StoredHistory, None]:
        pages = self._records.pages
        ids = await pages.due_between(*_ALL)
        for start in range(0, len(ids), _YIELD_EVERY):
            for stored in await pages.lives(ids[start : start + _YIELD_EVERY]):
                yield stored
            turned()
            await asyncio.sleep(0)  # deadlines go first

    async def _missing(
        self, evaluator: Evaluator, stored: StoredHistory, now: datetime
    ) -> list[Verdict]:
        judged = _judged(evaluator, stored)
        found = []
        for target in BreachType:
            if judged.clock(target).verdict is not None:
                continue
            verdict = decide(judged, target, now)
            if verdict is not None and verdict.outcome is Outcome.IN_DOUBT:
                verdict = decide(await self._with_breaches(judged, target), target, now)
            if verdict is not None:
                found.append(verdict)
        return found

    async def _with_breaches(self, judged: EvaluatedTicket, target: BreachType) -> EvaluatedTicket:
        """Return a ticket known to be open until its breaches were found: they are all there is."""
        clock, ticket_id = judged.clock(target), judged.ticket.id
        seen = [
            breach.detected_at
            for breach in await self._records.breaches.for_ticket(ticket_id)
            if breach.breach_type is target and breach.detected_at is not None
        ]
        ended = clock.ended_at
        known = [at for at in (*seen, clock.open_until) if at and (ended is None or at <= ended)]
        if not known or clock.stopped_at is not None:
            return judged
        clock = replace(clock, open_until=max(known))
        if target is BreachType.RESPONSE:
            return replace(judged, response=clock)
        return replace(judged, resolution=clock)

    async def _say(self, counts: Counter[Outcome], now: datetime) -> None:
        if not counts:
            return
        found = Counter({str(outcome): number for outcome, number in counts.items()})
        text = _words(found)
        await self._records.meta.set(_COUNTS, json.dumps(found))
        LOG.info("%s", text)
        await self._records.audit.append(AuditEntry(now, _ME, "verdicts", "verdicts", text))


def _words(counts: Counter[str]) -> str:
    return (
        f"decided {counts.total()} verdicts from before verdicts were kept: "
        f"{counts[Outcome.MET]} met, {counts[Outcome.MISSED]} missed, "
        f"{counts[Outcome.IN_DOUBT]} in doubt"
    )


def _judged(evaluator: Evaluator, stored: StoredHistory) -> EvaluatedTicket:
    seen = observed_of(stored.sightings, stored.holds, stored.verdicts, evaluator.phases)
    return evaluator.evaluate(stored.ticket, seen)
