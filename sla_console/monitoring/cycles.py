"""Endings and reopenings: each begins a new cycle, and the verdicts of the one before stay."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.sla.evaluation import Observed
from sla_console.domain.sla.sla_clock import EvaluatedTicket
from sla_console.domain.tickets.sighting import observed_of
from sla_console.domain.tickets.ticket import Ticket
from sla_console.monitoring.evaluator import Evaluator
from sla_console.monitoring.history_recorder import HistoryRecorder
from sla_console.monitoring.intake import dated
from sla_console.monitoring.ports import StorePort
from sla_console.monitoring.verdicts import VerdictKeeper

_UNSEEN: Final = "it was opened and ended again, and nobody saw when it was opened"
_SKEW: Final = timedelta(minutes=1)
"""SuperOps' own times may lie this long before the moment at which it was read."""


class Cycles:
    """Knows where a ticket's cycles begin and end.

    Args:
        records: The store.
        lives: What was seen of tickets.
        verdicts: What became of their targets.
        evaluator: Evaluates tickets.
    """

    def __init__(
        self,
        records: StorePort,
        lives: HistoryRecorder,
        verdicts: VerdictKeeper,
        evaluator: Evaluator,
    ) -> None:
        self._records, self._lives = records, lives
        self._verdicts, self._evaluator = verdicts, evaluator

    def observed(self, ticket_id: str) -> Observed:
        """Return what was seen of a ticket, with its verdicts."""
        seen = self._lives.of(ticket_id)
        verdicts = self._verdicts.of(ticket_id)
        return replace(seen, verdicts=verdicts) if verdicts else seen

    async def weigh(
        self,
        changed: Sequence[Ticket],
        closed: AbstractSet[str],
        before: Mapping[str, Ticket],
        now: datetime,
    ) -> tuple[list[EvaluatedTicket], bool]:
        """Judge tickets as they were read, and note what became of their targets.

        Args:
            changed: The tickets.
            closed: The ids of those that have ended.
            before: Those that were stored as ended, as they were, by id.
            now: The moment.

        Returns:
            The tickets judged, and whether others are to be judged anew, since it was learnt that
            their SLA runs round the clock.

        Raises:
            StoreError: if the store cannot be read.
        """
        await self._verdicts.learn([ticket.id for ticket in changed])
        # They were read just now, whatever was missing before.
        seen = {one.id: replace(self.observed(one.id), missing=False) for one in changed}
        again: set[str] = set()
        for ticket in changed:
            if ticket.id in closed:
                found = await self.ending(ticket, now, known=ticket.id in before)
                stop = _ended_again(before.get(ticket.id), ticket, found)
                if stop is not None:
                    again.add(ticket.id)
                    found = self._lives.ended_again(ticket, found, stop)
                seen[ticket.id] = found
        judged = [self._evaluator.evaluate(ticket, seen[ticket.id]) for ticket in changed]
        learnt = [self._evaluator.learn_hours(one) for one in judged]
        if any(learnt):
            judged = [self._evaluator.evaluate(ticket, seen[ticket.id]) for ticket in changed]
        weighed = [
            self._verdicts.weigh(one, now, _UNSEEN if one.ticket.id in again else "")
            for one in judged
        ]
        return weighed, any(learnt)

    async def ending(self, ticket: Ticket, now: datetime, *, known: bool) -> Observed:
        """Return what was seen of a ticket that is read to have ended, with the bounds of its end.

        Args:
            ticket: As it is now.
            now: The moment at which it was read.
            known: Whether it is stored as ended already; what changed since then is not its end.

        Raises:
            StoreError: if the store cannot be read.
        """
        if known:
            return await self._stored(ticket.id)
        seen = self.observed(ticket.id)
        opened, claimed = seen.read_at, ticket.updated_at
        if opened is None:
            opened = (await self._stored(ticket.id)).open_until
        # SuperOps' own time of the change counts where it lies between the last two reads.
        if claimed is None or claimed > now or (opened is not None and claimed <= opened):
            claimed = now
        return replace(seen, open_until=opened, ended_at=claimed)

    async def _stored(self, ticket_id: str) -> Observed:
        holds = await self._records.holds.for_ticket(ticket_id)
        seen = await self._records.lives.sightings(ticket_id)
        await self._verdicts.learn([ticket_id])
        return observed_of(seen, holds, self._verdicts.of(ticket_id), self._evaluator.phases)

    async def begun(
        self, ended: Ticket | None, before: Ticket | None, ticket: Ticket, now: datetime
    ) -> None:
        """Note where an open ticket had ended before.

        Args:
            ended: As it was stored when it had ended; None: it was not.
            before: As it was known to be open; None: it was not.
            ticket: As it is now.
            now: The moment at which it was read.

        Raises:
            StoreError: if the store cannot be read.
        """
        if ended is not None:
            await self._reopened(ended, ticket, now)
        elif before is not None:
            self._between_reads(before, ticket, now)
        elif ticket.resolved_at is not None:
            self._lives.seen_after_end(ticket, now)

    async def _reopened(self, before: Ticket, ticket: Ticket, now: datetime) -> None:
        """Note that a ticket that had ended is open again; what became of its targets is written."""
        observed = await self._stored(ticket.id)
        at = dated(ticket.updated_at, observed.ended_at, now)
        self._end(before, observed, ticket, at, now)

    def _between_reads(self, before: Ticket, ticket: Ticket, now: datetime) -> None:
        """Note that a ticket that was read open twice had ended in between.

        SuperOps' time of the resolution is all that tells.
        """
        resolved, seen = ticket.resolved_at, self.observed(ticket.id)
        read = seen.read_at or before.updated_at
        if resolved is None or resolved == before.resolved_at or resolved > now:
            return
        if read is not None and resolved < read - _SKEW:
            return
        closed = next(iter(sorted(self._evaluator.phases.closed)), "")
        ended = replace(
            before,
            status=closed,
            resolved_at=resolved,
            responded_at=ticket.responded_at,
            # The flags may be those of the new cycle.
            response_violated=None,
            resolution_violated=None,
        )
        at = max(min(ticket.updated_at or now, now), resolved)
        self._end(ended, seen, ticket, at, now)

    def _end(
        self, ended: Ticket, observed: Observed, ticket: Ticket, at: datetime, now: datetime
    ) -> None:
        judged = self._verdicts.weigh(self._evaluator.evaluate(ended, observed), now)
        end = judged.resolution.end()
        if end is not None and at <= end:
            at = now
        self._lives.reopened(judged, observed, ticket, at)


def _ended_again(before: Ticket | None, ticket: Ticket, seen: Observed) -> datetime | None:
    """Return when a ticket ended before that has ended again since; None: it has not.

    It is stored as ended, and has the same status with a resolution after it was seen to have
    ended. One that only moves from one such status to the next may get a new time of resolution.
    """
    if before is None or before.status != ticket.status or seen.ended_at is None:
        return None
    earlier, resolved = before.resolved_at, ticket.resolved_at
    if earlier is None or resolved is None or resolved <= max(earlier, seen.ended_at) + _SKEW:
        return None
    return earlier
