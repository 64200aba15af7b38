"""The watch over all promises: takes tickets in, and turns moments into stored events."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from sla_console.alerting.breach_opener import Found
from sla_console.alerting.manager import AlertManager
from sla_console.domain.clock import Clock
from sla_console.domain.errors import StoreError
from sla_console.domain.people.people import Client, Site
from sla_console.domain.sla.breach import SLABreach
from sla_console.domain.sla.sla_clock import EvaluatedTicket
from sla_console.domain.tickets.ticket import Phase, Ticket
from sla_console.monitoring.board import BoardKeeper
from sla_console.monitoring.breach_ends import BreachEnds
from sla_console.monitoring.catalogue import known_gaps
from sla_console.monitoring.cycles import Cycles
from sla_console.monitoring.deadlines import Deadline, Deadlines, Matter
from sla_console.monitoring.evaluator import Evaluator
from sla_console.monitoring.events import breach_of, warning_of
from sla_console.monitoring.forecasting import ForecastKeeper
from sla_console.monitoring.history_recorder import HistoryRecorder
from sla_console.monitoring.intake import Asked, Intake
from sla_console.monitoring.ports import StorePort
from sla_console.monitoring.verdicts import VerdictKeeper

LOG = logging.getLogger(__name__)
_FIRST_START: Final = "first_start"
# At the very first start a desk may hold hundreds of old breaches; they are kept, not announced.
_ANNOUNCED: Final = timedelta(minutes=15)
_SCREENFUL: Final = 200
_YIELD_EVERY: Final = 25
_BATCH: Final = 100
"""Moments that are dealt with, and breaches that are stored, together."""


class TicketTracker:
    """Holds the board against time. Everything that happens is stored before it is shown.

    Args:
        records: The store.
        alerts: Takes what was found out.
        evaluator: Evaluates tickets.
        clock: The moment.
        pause: Lets other work go on during a long job.
    """

    def __init__(
        self,
        records: StorePort,
        alerts: AlertManager,
        evaluator: Evaluator,
        clock: Clock,
        pause: Callable[[], Awaitable[None]],
    ) -> None:
        self.incidents = alerts.incidents
        self.board = BoardKeeper(evaluator.thresholds, self.incidents)
        self.deadlines = Deadlines()
        self.evaluator = evaluator
        self._records = records
        self._alerts = alerts
        self._clock = clock
        self._pause = pause
        self.intake = Intake(records, self.board, clock)
        self.lives = HistoryRecorder(records.holds, records.lives, evaluator, self.intake.reads)
        self.verdicts = VerdictKeeper(records.verdicts, evaluator, lambda: alerts.term.number)
        self._cycles = Cycles(records, self.lives, self.verdicts, evaluator)
        self.forecasts = ForecastKeeper(evaluator)
        self.ends = BreachEnds(alerts, self.board)
        self.arrived = 0
        """Tickets that came to the board."""
        self.passed = 0
        """Moments that were dealt with."""
        self._announce_from: datetime | None = None
        self._places: tuple[list[Site], list[Client], bool] = ([], [], True)
        self._busy = asyncio.Lock()
        """The sweep and the hot tickets are read side by side, but taken in one after the other."""

    async def restore(self, on_progress: Callable[[], None]) -> None:
        """Take over what the store knows; ``on_progress`` is called as soon as there is a screenful.

        Raises:
            StoreError: if the store cannot be read.
        """
        await self._use_places()
        await self.lives.restore()
        await self.verdicts.restore()
        self.incidents.replace_all(await self._records.breaches.load_active())
        first = await self._records.meta.get(_FIRST_START)
        if first is not None:
            self._announce_from = datetime.fromisoformat(first) - _ANNOUNCED
        tickets = await self._records.tickets.load_open()
        now = self._clock.now()
        learnt = False
        for place, ticket in enumerate(tickets, 1):
            judged = self._judged(ticket)
            learnt |= self.evaluator.learn_hours(judged)
            self.board.put(judged, now)
            if place == _SCREENFUL:
                on_progress()
            if place % _YIELD_EVERY == 0:
                await self._pause()
        if learnt:
            await self._put_again(now)
        on_progress()
        for place, ticket in enumerate(tickets, 1):
            if (row := self.board.get(ticket.id)) is not None:
                self.deadlines.hold(ticket.id, self.evaluator.deadlines(row, now))
            if place % _YIELD_EVERY == 0:
                await self._pause()

    async def reload(self) -> None:
        """Show what another console has stored; nothing is judged to be due here."""
        elsewhere = await self._use_places()
        tickets = await self._records.tickets.load_open()
        relived = await self.lives.restore() | await self.verdicts.restore()
        await self.reload_breaches()
        now = self._clock.now()
        there = {ticket.id for ticket in tickets}
        for judged in list(self.board.tickets()):
            if judged.ticket.id not in there:
                self.board.remove(judged.ticket.id)
        for place, ticket in enumerate(tickets, 1):
            old = self.board.get(ticket.id)
            if elsewhere or old is None or old.ticket != ticket or ticket.id in relived:
                self.board.put(self._judged(ticket), now)
            if place % _YIELD_EVERY == 0:
                await self._pause()

    async def _use_places(self) -> bool:
        """Take over the stored sites and clients; return whether they changed."""
        people = self._records.people
        gaps = await known_gaps(self._records.meta)
        places = (await people.sites(), await people.clients(), "sites" not in gaps)
        if places == self._places:
            return False
        self._places = places
        sites, clients, whole = places
        self.evaluator.use_sites(sites, clients, whole=whole)
        return True

    async def take(self, tickets: Sequence[Ticket], asked: Asked | None = None) -> bool:
        """Take in tickets as an answer has them; return whether anything is new.

        What was seen is stored before the tickets are, so that a crash between the two makes them
        news again.

        Args:
            tickets: What the answer says.
            asked: The request that brought it; None: it may have been on its way for long.
        """
        async with self._busy:
            now = self._clock.now()
            news = await self.intake.sift(tickets, asked or Asked(-1, now))
            changed = news.changed
            phases = self.evaluator.phases
            closed = {t.id for t in changed if phases.phase(t.status) is Phase.CLOSED}
            ends = {t.id: self.intake.ended_at(t, now) for t in changed if t.id in closed}
            before = {i: t for i, t in news.away.items() if phases.phase(t.status) is Phase.CLOSED}
            for ticket in changed:
                row, left = self.board.get(ticket.id), news.away.get(ticket.id)
                self.arrived += row is None
                if row is None and left is not None and ticket.id not in before:
                    await self.lives.recall(ticket.id)
                else:
                    left = None
                old = left if row is None else row.ticket
                if ticket.id not in closed:
                    await self._cycles.begun(before.get(ticket.id), old, ticket, now)
                await self.lives.observe(old, ticket, now)
            self.intake.reads.found(ticket.id for ticket in changed)
            weighed, learnt = await self._cycles.weigh(changed, closed, before, now)
            if learnt:
                await self._put_again(now)
            if changed:
                await self.lives.flush(now)
                await self.verdicts.flush()
                await self._records.tickets.save(changed, closed, ends)
            self.intake.taken(news, closed)
            self.deadlines.read({ticket.id for ticket in news.newest} - {t.id for t in changed})
            for place, judged in enumerate(weighed, 1):
                ticket_id = judged.ticket.id
                if ticket_id in closed:
                    await self._drop(ticket_id, now)
                else:
                    self._place(judged, now)
                    self.deadlines.read((ticket_id,))
                    await self.ends.of_ticket(ticket_id, now)
                if place % _YIELD_EVERY == 0:
                    await self._pause()
            if changed:
                await self.lives.flush(now)
            return bool(changed)

    async def missing(self, ticket_ids: Sequence[str]) -> None:
        """Mark tickets that SuperOps leaves out though it was asked for them; they stay."""
        async with self._busy:
            now = self._clock.now()
            for judged in await self.intake.mark_missing(ticket_ids, now):
                self._place(self._judged(judged.ticket), now)
            await self.lives.flush(now)

    def _judged(self, ticket: Ticket) -> EvaluatedTicket:
        return self.evaluator.evaluate(ticket, self._cycles.observed(ticket.id))

    async def _put_again(self, now: datetime) -> None:
        """Judge tickets again whose SLA is now known to run round the clock."""
        around = self.evaluator.sla_hours.round_the_clock
        for place, judged in enumerate(list(self.board.tickets()), 1):
            if around & {judged.ticket.sla_id, judged.ticket.sla_name}:
                self._place(self._judged(judged.ticket), now)
            if place % _YIELD_EVERY == 0:
                await self._pause()

    async def gone(self, ticket_ids: Sequence[str], why: str) -> None:
        """Take tickets off the board that have not ended; what is known of them stays stored.

        Args:
            ticket_ids: Which.
            why: The reason in words, for people.
        """
        if not ticket_ids:
            return
        async with self._busy:
            now = self._clock.now()
            await self._records.tickets.set_gone(ticket_ids, now, why)
            for ticket_id in ticket_ids:
                await self._drop(ticket_id, now, why)

    async def show_verdicts(self) -> None:
        """Show verdicts of open tickets that were stored elsewhere."""
        async with self._busy:
            for ticket_id in await self.verdicts.restore():
                if (judged := self.board.get(ticket_id)) is not None:
                    self._place(self._judged(judged.ticket), self._clock.now())

    async def rejudge(self) -> None:
        """Judge everything anew, after hours or policies changed."""
        async with self._busy:
            now = self._clock.now()
            anew: list[tuple[EvaluatedTicket, EvaluatedTicket]] = []
            for place, row in enumerate(list(self.board.tickets()), 1):
                judged = self._judged(row.ticket)
                self.evaluator.learn_hours(judged)
                anew.append((row, judged))
                if place % _YIELD_EVERY == 0:
                    await self._pause()
            around = self.evaluator.sla_hours.round_the_clock
            for place, (row, found) in enumerate(anew, 1):
                ticket = row.ticket
                # What was learnt since, or fell due, may say something else.
                same = not around & {ticket.sla_id, ticket.sla_name}
                same = same and self.board.get(ticket.id) is row
                self._place(found if same else self._judged(ticket), now)
                await self.ends.of_ticket(ticket.id, now)
                if place % _YIELD_EVERY == 0:
                    await self._pause()
            # A breach whose ticket is gone may be left from when the store could not be written.
            for breach in self.incidents.all():
                if breach.ticket_id not in self.board:
                    left = await self._records.tickets.gone_why(breach.ticket_id)
                    await self.ends.of_ticket(breach.ticket_id, now, left[1] if left else None)
            await self.lives.flush(now)

    async def take_back(self, now: datetime) -> int:
        """End, with a message, breaches that a wrong clock found too early; return their number.

        Args:
            now: The moment, by a clock that is known to be right.
        """
        async with self._busy:
            early = await self.ends.take_back(now)
            for judged in early:
                self._place(judged, now)
            return len(early)

    def hot(self, now: datetime, ahead: timedelta) -> list[str]:
        """Return the tickets to read again soonest: breached and unacknowledged, then due next."""
        found = dict.fromkeys(b.ticket_id for b in self.incidents.all() if not b.acknowledged_by)
        soon = self.deadlines.until(now + ahead)
        return list(found | dict.fromkeys(d.ticket_id for d in soon))

    async def process(self, now: datetime, *, heard: bool = True) -> bool:
        """Deal with every moment that has come; return whether anything was due.

        Args:
            now: The moment.
            heard: Whether all that is open was read; if not, only moments of tickets that were.
        """
        await self._remember_first_start(now)
        if heard:
            self.deadlines.heard()
        due = self.deadlines.due(now)
        self.passed += len(due)
        for start in range(0, len(due), _BATCH):
            try:
                await self._happen(due[start : start + _BATCH], now)
            except StoreError:
                # Not lost: it is due again at once when the store can be written.
                for again in due[start:]:
                    self.deadlines.again(again)
                raise
            await self._pause()
        fired = await self._alerts.timers.process(now) if heard else 0
        self.passed += fired
        return bool(due) or fired > 0

    def next_moment(self, *, heard: bool = True) -> datetime | None:
        """Return the next moment at which ``process`` has something to do."""
        coming = (self.deadlines.next(), self._alerts.timers.next() if heard else None)
        return min((at for at in coming if at is not None), default=None)

    async def reload_breaches(self) -> None:
        """Show what people at other consoles did to breaches."""
        before = -1
        while before != self.incidents.changes:
            # A step taken here while the store was read would be overwritten by what was read.
            before = self.incidents.changes
            found = await self._records.breaches.load_active()
        self.incidents.replace_all(found)

    async def _remember_first_start(self, now: datetime) -> None:
        """Remember, once, when this store saw its first desk."""
        if self._announce_from is None:
            await self._records.meta.set(_FIRST_START, now.isoformat())
            self._announce_from = now - _ANNOUNCED

    def _place(self, judged: EvaluatedTicket, now: datetime) -> None:
        self.lives.compare(judged)
        self.board.put(judged, now)
        self.deadlines.set(judged.ticket.id, self.evaluator.deadlines(judged, now))

    async def _drop(self, ticket_id: str, now: datetime, why: str | None = None) -> None:
        self.board.remove(ticket_id)
        self.deadlines.forget(ticket_id)
        self.lives.forget(ticket_id)
        self.verdicts.forget(ticket_id)
        await self.ends.of_ticket(ticket_id, now, why)

    async def _happen(self, due: Sequence[Deadline], now: datetime) -> None:
        """Deal with some moments: what breaks is stored together, its verdict first."""
        broken: list[SLABreach] = []
        for deadline in due:
            try:
                self.board.recount(deadline.ticket_id, now)
                if deadline.matter is Matter.BREACH:
                    self._weigh(deadline.ticket_id, now)
                    found = self._broken(deadline, now)
                    broken += [found] if found is not None else []
                elif deadline.matter is Matter.WARNING:
                    await self._warn(deadline, now)
            except (ValueError, ArithmeticError):
                # One ticket with impossible times never stops the others.
                LOG.exception("a moment of ticket %s could not be dealt with", deadline.ticket_id)
        await self.verdicts.flush()
        await self._alerts.send_breach_alerts(
            [
                Found(breach, judged.hours, judged.held, self._is_announced(breach, judged))
                for breach in broken
                if (judged := self.board.get(breach.ticket_id)) is not None
            ]
        )

    def _is_announced(self, breach: SLABreach, judged: EvaluatedTicket) -> bool:
        """Return whether people are notified; what is due at closing time breaks at the next opening."""
        since = self._announce_from
        broke_at = judged.clock(breach.breach_type).breaks_at() or breach.breach_time
        return since is None or max(breach.breach_time, broke_at) >= since

    def _weigh(self, ticket_id: str, now: datetime) -> None:
        if (judged := self.board.get(ticket_id)) is not None:
            self.board.put(self.verdicts.weigh(judged, now), now)

    def _broken(self, deadline: Deadline, now: datetime) -> SLABreach | None:
        judged = self.board.get(deadline.ticket_id)
        breach = breach_of(judged, deadline.target, now) if judged else None
        if judged is not None and breach is None:
            # Not broken after all, such as by a hold over its due time: look again when it may be.
            later = [d for d in self.evaluator.deadlines(judged, now) if d.at > now]
            self.deadlines.set(deadline.ticket_id, later)
        if breach is None or self.incidents.get(breach.id) is not None:
            return None
        return breach

    async def _warn(self, deadline: Deadline, now: datetime) -> None:
        judged = self.board.get(deadline.ticket_id)
        level = deadline.level
        warning = warning_of(judged, deadline.target, level, now) if judged and level else None
        if judged is None or warning is None or warning.level_at is None:
            return
        clock = judged.clock(deadline.target)
        reached = [at for one in self.evaluator.warn_at if (at := one.moment(clock)) and at <= now]
        old = self._announce_from is not None and warning.level_at < self._announce_from
        # After a gap several levels may have passed at once; only the last is said.
        said = not old and warning.level_at >= max(reached, default=warning.level_at)
        await self._alerts.send_warning_alert(warning, quietly=not said)
