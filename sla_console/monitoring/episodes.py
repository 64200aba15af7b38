"""Lets time do to breaches what it does: pages, reminders, acknowledgements and snoozes that end."""

import heapq
import itertools
import logging
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final

from sla_console.domain.alert import OutboxMessage
from sla_console.domain.breach import BreachState, SLABreach
from sla_console.domain.escalating import Stir, Stirred, advance, held, next_moment, worsened
from sla_console.domain.operation import AuditEntry
from sla_console.domain.sla_clock import JudgedTicket
from sla_console.monitoring.board import BoardKeeper
from sla_console.monitoring.judging import Judge
from sla_console.monitoring.ports import AlertPlan, Records

LOG = logging.getLogger(__name__)
_ME: Final = "sla-console"
_BATCH: Final = 100
"""Breaches that are stored in one transaction."""
_DONE: Final = {
    Stir.PAGE: "escalate",
    Stir.REMIND: "remind",
    Stir.EXPIRED: "acknowledgement ran out",
    Stir.WOKE: "snooze ended",
    Stir.WORSE: "more urgent",
}

Step = tuple[SLABreach, BreachState, list[OutboxMessage], AuditEntry]


class EpisodeWatch:
    """Holds every breach's timer against time.

    Args:
        records: The store.
        alerts: Who is told what.
        board: The breaches.
        judge: Knows the hours of a ticket's client.
        term: Returns the term under which this console leads, None while it follows.
        pause: Lets other work go on during a long job.
    """

    def __init__(
        self,
        records: Records,
        alerts: AlertPlan,
        board: BoardKeeper,
        judge: Judge,
        term: Callable[[], int | None],
        pause: Callable[[], Awaitable[None]],
    ) -> None:
        self._records, self._alerts, self._board = records, alerts, board
        self._judge, self._term, self._pause = judge, term, pause
        self._queue: list[tuple[datetime, int, str]] = []
        self._count = itertools.count()
        self._scheduled: dict[str, datetime] = {}
        """When each timer in the queue ends."""

    def next(self) -> datetime | None:
        """Return when the next timer ends."""
        self._take_changes()
        while self._queue:
            at, _, breach_id = self._queue[0]
            if self._holds(breach_id, at):
                return at
            self._pop()
        return None

    def _pop(self) -> tuple[datetime, str]:
        at, _, breach_id = heapq.heappop(self._queue)
        if self._scheduled.get(breach_id) == at:
            del self._scheduled[breach_id]
        return at, breach_id

    def overdue(self, now: datetime) -> datetime | None:
        """Return when the timer ended that was dealt with last, if one has ended by now."""
        at = self.next()
        return at if at is not None and at <= now else None

    async def process(self, now: datetime) -> int:
        """Deal with every timer that has ended; return how many had.

        Raises:
            StoreError: if that could not be stored; it is tried again.
        """
        due = list(self._due(now))
        for start in range(0, len(due), _BATCH):
            batch = due[start : start + _BATCH]
            try:
                await self._store([step for one in batch if (step := self._safely(one, now))])
            finally:
                # What was not stored is still due.
                for breach in due[start:]:
                    self._schedule(breach.id)
            await self._pause()
        return len(due)

    async def keep_up(self, breach: SLABreach, judged: JudgedTicket, now: datetime) -> None:
        """Follow what happened to a breach's ticket: it waits, has another priority, or holder."""
        ticket = judged.ticket
        after, woke = held(breach, now, waits=judged.held)
        after, worse = worsened(after, judged.severity, ticket.priority, now)
        stirred = worse or woke
        if after.technician_id != ticket.technician_id or after.group != ticket.group:
            after = replace(
                after,
                technician_id=ticket.technician_id,
                technician=ticket.technician,
                group=ticket.group,
            )
        if after == breach:
            return
        messages = self._told(after, stirred) if stirred else []
        detail = "its ticket changed" if stirred is None else _detail(after, stirred)
        action = _DONE[stirred.stir] if stirred else "follow"
        await self._store([self._step(breach, after, messages, action, detail, now)])

    def _due(self, now: datetime) -> Iterator[SLABreach]:
        self._take_changes()
        while self._queue and self._queue[0][0] <= now:
            at, breach_id = self._pop()
            breach = self._board.breach(breach_id)
            if breach is not None and self._holds(breach_id, at):
                yield breach

    def _holds(self, breach_id: str, at: datetime) -> bool:
        breach = self._board.breach(breach_id)
        return breach is not None and next_moment(breach) == at

    def _take_changes(self) -> None:
        for breach_id in self._board.take_changed_breaches():
            self._schedule(breach_id)

    def _schedule(self, breach_id: str) -> None:
        breach = self._board.breach(breach_id)
        at = next_moment(breach) if breach is not None else None
        # One entry a timer, however often its breach is read anew.
        if at is not None and self._scheduled.get(breach_id) != at:
            self._scheduled[breach_id] = at
            heapq.heappush(self._queue, (at, next(self._count), breach_id))

    def _safely(self, breach: SLABreach, now: datetime) -> Step | None:
        try:
            return self._stir(breach, now)
        except (ValueError, LookupError, ArithmeticError):
            # One breach whose plan makes no sense never stops the others.
            LOG.exception("the timer of breach %s could not be dealt with", breach.id)
            return None

    def _stir(self, breach: SLABreach, now: datetime) -> Step | None:
        after, stirred = advance(breach, now)
        if stirred is None:
            return None
        if stirred.stir is Stir.PAGE and after.state is BreachState.OPEN:
            after = after.escalate(_ME, None, now)
        messages = self._told(after, stirred)
        return self._step(
            breach, after, messages, _DONE[stirred.stir], _detail(after, stirred), now
        )

    def _told(self, breach: SLABreach, stirred: Stirred) -> list[OutboxMessage]:
        judged = self._board.get(breach.ticket_id)
        if judged is None:
            return self._alerts.plan_stirred(breach, stirred)
        hours = self._judge.calendar_of(judged.ticket)
        return self._alerts.plan_stirred(breach, stirred, hours)

    def _step(
        self,
        before: SLABreach,
        after: SLABreach,
        messages: list[OutboxMessage],
        action: str,
        detail: str,
        now: datetime,
    ) -> Step:
        after = replace(after, revision=before.revision + 1)
        return (
            after,
            before.state,
            messages,
            AuditEntry(now, _ME, action, after.ticket_id, detail),
        )

    async def _store(self, steps: list[Step]) -> None:
        if not steps:
            return
        with self._board.storing(step[0].id for step in steps):
            stored = await self._records.record_steps(steps, self._term())
            for after, *_ in steps:
                if after.id in stored:
                    self._board.set_breach(after)
                elif (found := await self._records.breaches.get(after.id)) is not None:
                    # A colleague was quicker; what time does to it then is asked again.
                    self._board.set_breach(found)


def _detail(breach: SLABreach, stirred: Stirred) -> str:
    words = breach.breach_type.words
    if stirred.stir is Stir.PAGE and breach.episode is not None and stirred.page is not None:
        steps = len(breach.episode.plan.steps)
        return f"{words}: step {stirred.page.step + 1} of {steps} of {breach.episode.plan.name}"
    return f"{words}{f', {stirred.had} had it' if stirred.had else ''}"
