"""Ends breaches: when their promises are kept or no longer owed, or were never broken."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from sla_console.domain.breach import BreachState, SLABreach
from sla_console.domain.calendar import BusinessCalendar
from sla_console.domain.operation import AuditEntry
from sla_console.domain.sla_clock import JudgedTicket
from sla_console.monitoring.board import BoardKeeper
from sla_console.monitoring.episodes import EpisodeWatch
from sla_console.monitoring.events import is_early, is_over
from sla_console.monitoring.judging import Judge
from sla_console.monitoring.ports import AlertPlan, Records

_ME: Final = "sla-console"
_NOT_LATE: Final = "the clock of the monitoring machine was wrong; it is not late yet"


class BreachEnds:
    """Ends breaches, and tells those who were told of them.

    Args:
        records: The store.
        alerts: Who is told what.
        board: The tickets and breaches as they are known.
        judge: Knows the hours of each client.
        episodes: Keeps escalations up with their breaches.
        term: Returns the term under which this console leads, None while it follows.
    """

    def __init__(
        self,
        records: Records,
        alerts: AlertPlan,
        board: BoardKeeper,
        judge: Judge,
        episodes: EpisodeWatch,
        term: Callable[[], int | None],
    ) -> None:
        self._records, self._alerts, self._board, self._judge = records, alerts, board, judge
        self._episodes, self._term = episodes, term

    def hours_of(self, breach: SLABreach) -> BusinessCalendar:
        """Return the business hours of a breach's client; every hour where its ticket is gone."""
        judged = self._board.get(breach.ticket_id)
        return self._judge.calendar_of(judged.ticket) if judged else BusinessCalendar.always()

    async def of_ticket(self, ticket_id: str, now: datetime, why: str | None = None) -> None:
        """End those breaches of a ticket that are over.

        Args:
            ticket_id: Which ticket.
            now: The moment.
            why: The reason where it is not that the promise was kept, in words.
        """
        for breach in self._board.breaches_of(ticket_id):
            judged = self._board.get(ticket_id)
            if judged is not None and is_early(breach, judged, now):
                continue  # only a clock that is wrong, now or then, can say so
            if judged is None or is_over(breach, judged, now):
                await self._end(breach, now, why)
            else:
                await self._episodes.keep_up(breach, judged, now)

    async def take_back(self, now: datetime) -> list[JudgedTicket]:
        """End, aloud, what a wrong clock found broken before it was; return those tickets.

        Args:
            now: The moment, by a clock that is known to be right.
        """
        found = []
        for breach in self._board.breaches():
            judged = self._board.get(breach.ticket_id)
            if judged is not None and is_early(breach, judged, now):
                await self._end(breach, now, _NOT_LATE)
                found.append(judged)
        return found

    async def _end(self, breach: SLABreach, now: datetime, why: str | None) -> None:
        over = breach.resolve(now) if why is None else replace(breach.resolve(now), note=why)
        step = "resolve" if why is None else "end"
        about = breach.breach_type.words if why is None else f"{breach.breach_type.words}: {why}"
        entry = AuditEntry(now, _ME, step, breach.ticket_id, about)
        told = await self._records.deliveries.notified([breach.id])
        messages = self._alerts.plan_recovery(over, told, self.hours_of(breach), why)
        if await self._records.record_step(over, breach.state, messages, [], entry, self._term()):
            self._board.set_breach(over)
        elif (stored := await self._records.breaches.get(breach.id)) is not None:
            self._board.set_breach(stored)
            if stored.state is not BreachState.RESOLVED and stored.revision != breach.revision:
                await self._end(stored, now, why)
