"""From promises found broken to breaches that are stored, each with what is told of it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sla_console.domain.alert import OutboxMessage
from sla_console.domain.breach import BreachState, SLABreach
from sla_console.domain.episode import Episode
from sla_console.domain.escalation import EscalationPlan
from sla_console.domain.operation import AuditEntry
from sla_console.domain.sla_clock import JudgedTicket
from sla_console.monitoring.board import BoardKeeper
from sla_console.monitoring.events import again_of
from sla_console.monitoring.judging import Judge, clock_of
from sla_console.monitoring.ports import AlertPlan, Records

_ME: Final = "sla-console"

_Opened = tuple[SLABreach, list[OutboxMessage], AuditEntry]


class BreachNews:
    """Opens breaches.

    Args:
        records: The store.
        alerts: Who is told what.
        board: The tickets and breaches.
        judge: Knows the hours of a ticket's client.
        term: Returns the term under which this console leads, None while it follows.
    """

    def __init__(
        self,
        records: Records,
        alerts: AlertPlan,
        board: BoardKeeper,
        judge: Judge,
        term: Callable[[], int | None],
    ) -> None:
        self._records, self._alerts, self._board = records, alerts, board
        self._judge, self._term = judge, term

    async def open_new(
        self, found: Sequence[SLABreach], announce_from: datetime | None, now: datetime
    ) -> None:
        """Store breaches that were found, together, and show them.

        Args:
            found: As they are at first; those that are known already change nothing.
            announce_from: Nobody is told of what broke before this; None: of all.
            now: The moment.

        Raises:
            LostLease: if another term has begun.
            StoreError: if they could not be stored.
        """
        # What is told is planned once only, of breaches that are new for sure.
        stored = {one.id: one for one in await self._records.breaches.among([b.id for b in found])}
        opened: dict[str, _Opened] = {}
        for breach in found:
            fresh = await self._renewed(breach, stored.get(breach.id))
            judged = self._board.get(breach.ticket_id)
            if fresh is not None and judged is not None:
                opened[fresh.id] = self._opened(fresh, judged, announce_from, now)
        if not opened:
            return
        with self._board.storing(opened):
            new = await self._records.record_breaches(list(opened.values()), self._term())
            for breach, *_ in opened.values():
                if breach.id in new:
                    self._board.set_breach(breach)
                elif (other := await self._records.breaches.get(breach.id)) is not None:
                    # Another console was quicker.
                    self._board.set_breach(other)

    async def _renewed(self, breach: SLABreach, stored: SLABreach | None) -> SLABreach | None:
        """Return a breach under an id that is free; None: it is known, and not over."""
        while stored is not None and stored.state is BreachState.RESOLVED:
            # The promise broke, recovered, and broke again with the same due time.
            breach = again_of(breach)
            stored = self._board.breach(breach.id) or await self._records.breaches.get(breach.id)
        if stored is None:
            return breach
        if self._board.breach(stored.id) is None:
            self._board.set_breach(stored)
        return None

    def _opened(
        self,
        breach: SLABreach,
        judged: JudgedTicket,
        announce_from: datetime | None,
        now: datetime,
    ) -> _Opened:
        announced = _announced(breach, judged, announce_from)
        detail = breach.breach_type.words + ("" if announced else ", found already broken")
        entry = AuditEntry(now, _ME, "breach", breach.ticket_id, detail)
        if not announced:
            # Nobody is told, but an acknowledgement of it runs out like any other.
            timer = Episode.open(EscalationPlan("found already broken"), now)
            return replace(breach, episode=timer), [], entry
        hours = self._judge.calendar_of(judged.ticket)
        opened = self._alerts.opened(breach, hours)
        if judged.held and opened.episode is not None:
            opened = replace(opened, episode=opened.episode.hold(now))
        messages = self._alerts.plan_breach(opened, hours)
        if not messages:
            # No message says why, so the history does.
            entry = replace(entry, detail=f"{detail}, no rule tells anybody")
        return opened, messages, entry


def _announced(breach: SLABreach, judged: JudgedTicket, announce_from: datetime | None) -> bool:
    """Return whether people are told; what is due at closing time breaks at the next opening."""
    broke_at = clock_of(judged, breach.breach_type).breaks_at() or breach.breach_time
    return announce_from is None or max(breach.breach_time, broke_at) >= announce_from
