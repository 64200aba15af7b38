"""Settles tickets that a sweep did not list: absence is not deletion.

They are asked for by id. One that is left out there too is asked for alone, and leaves the board
only where SuperOps says that there is no such ticket, or after a stated time. Where a good part of
the desk is left out at once, SuperOps is more likely to be wrong than the desk to be empty: nothing
is done until it says so again later, or a person confirms it.
"""

import json
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain import fault_points
from sla_console.domain.durations import words
from sla_console.domain.errors import AnswerRefused, RequestRefused
from sla_console.domain.tickets.ticket import Phase, StatusPhases
from sla_console.monitoring.clock_check import ClockCheck
from sla_console.monitoring.intake import Intake, OnTickets
from sla_console.monitoring.ports import MetaRecord, SuperOpsPort

LOG = logging.getLogger(__name__)
NOT_THERE: Final = "SuperOps no longer has this ticket"
_PAGE: Final = 100
_ALONE: Final = 20
"""Tickets that are asked for alone in one sweep; each costs a request."""
_DOUBT: Final = "desk drop"
_ACCEPTED: Final = "desk drop accepted"
_SAME_DOUBT: Final = timedelta(hours=1)
"""A doubt that was last seen longer ago is another one."""


@dataclass(frozen=True, slots=True)
class AbsenceRules:
    """When absence is believed."""

    share: float = 0.5
    """Share of the open tickets that may be left out at once, 0 to 1; more is doubted."""
    least: int = 10
    """A desk with fewer open tickets is doubted only where none of them is left."""
    confirm: timedelta = timedelta(minutes=15)
    """After so long the same answer is believed."""
    give_up: timedelta = timedelta(hours=72)
    """After so long a ticket that is left out, but of which nothing more is said, leaves."""


async def accept_drop(meta: MetaRecord, now: datetime) -> None:
    """Note that a person confirms that the desk has as few tickets as SuperOps says.

    Raises:
        StoreError: if it cannot be stored.
    """
    await meta.set(_ACCEPTED, now.isoformat())


class AbsenceCheck:
    """Finds out what became of tickets that were not listed.

    Args:
        desk: SuperOps.
        meta: Where a doubt is remembered, for other consoles and for the next start.
        clock: The moment, right even where this machine's clock is not.
        rules: When absence is believed.
        phases: Which statuses end a ticket.
        intake: Knows when each ticket was read.
        on_tickets: Called with tickets as they are now.
        on_missing: Called with the ids of tickets that are left out.
        on_gone: Called with the ids of tickets that leave the board, and why.
    """

    def __init__(
        self,
        desk: SuperOpsPort,
        meta: MetaRecord,
        clock: ClockCheck,
        rules: AbsenceRules,
        phases: StatusPhases,
        intake: Intake,
        *,
        on_tickets: OnTickets,
        on_missing: Callable[[list[str]], Awaitable[None]],
        on_gone: Callable[[list[str], str], Awaitable[None]],
    ) -> None:
        self._desk, self._meta, self._clock, self._rules = desk, meta, clock, rules
        self._phases, self._order, self._reads = phases, intake.order, intake.reads
        self._on_tickets, self._on_missing, self._on_gone = on_tickets, on_missing, on_gone
        self._alone: dict[str, None] = {}
        """Tickets that were asked for alone without an answer, the last one last."""
        self._noted: bool | None = None
        """Whether a doubt is stored; None: not looked up yet."""
        self._since: datetime | None = None
        self.doubted = False
        """Whether the last sweep left out so much that it was not believed."""

    async def look_for(self, missing: Sequence[str], known: int, listed: int) -> None:
        """Find out about tickets that a sweep did not list.

        Args:
            missing: Their ids.
            known: How many tickets were open before.
            listed: How many the sweep listed.

        Raises:
            AnswerRefused: if so much is left out that nothing is concluded from it.
            SuperOpsError: if SuperOps cannot be asked.
        """
        doubtful = self._too_many(len(missing), known, listed)
        confirmed = False
        lacking: list[str] = []
        still_open = asked_for = 0
        for start in range(0, len(missing), _PAGE):
            batch = missing[start : start + _PAGE]
            with self._order.asking() as asked:
                found = await self._desk.tickets_by_id(batch)
                await self._on_tickets(found, asked)
            there = {ticket.id for ticket in found}
            lacking += [ticket_id for ticket_id in batch if ticket_id not in there]
            still_open += sum(self._phases.phase(t.status) is not Phase.CLOSED for t in found)
            asked_for += len(batch)
            if doubtful and not confirmed and 2 * (len(lacking) + still_open) > asked_for:
                lists = f"SuperOps lists {listed or 'no'} open tickets where {known} were known"
                if still_open > len(lacking):
                    self.doubted = True
                    raise AnswerRefused(
                        f"{lists}, but still has those that are left out when asked for them by "
                        f"id; its list is not believed, and what is new may not be seen."
                    )
                confirmed = await self._confirmed(lists)
        self.doubted = False
        if not doubtful:
            await self._no_doubt()
        if confirmed and await self._accepted():
            await self._on_gone(lacking, NOT_THERE)
            return
        await self._ask_alone(lacking)

    def _too_many(self, missing: int, known: int, listed: int) -> bool:
        if known >= self._rules.least and missing > self._rules.share * known:
            return True
        return known > 1 and listed == 0 and missing == known

    async def _confirmed(self, lists: str) -> bool:
        """Return True if a great drop is believed by now.

        Raises:
            AnswerRefused: if it is not.
        """
        now = self._clock.true_now()
        since = now
        if stored := await self._meta.get(_DOUBT):
            seen = json.loads(stored)
            if now - datetime.fromisoformat(seen["last"]) <= _SAME_DOUBT:
                since = min(now, datetime.fromisoformat(seen["since"]))
        self._noted = True
        await self._meta.set(
            _DOUBT, json.dumps({"since": since.isoformat(), "last": now.isoformat()})
        )
        self._since = since
        if await self._accepted():
            LOG.warning("%s; a person has confirmed it", lists)
            return True
        if now - since >= self._rules.confirm:
            LOG.warning("%s, and has said so for %s; it is believed", lists, words(now - since))
            return True
        self.doubted = True
        raise AnswerRefused(
            f"{lists}; so many at once are not believed to be gone. Nothing is concluded until "
            f"SuperOps still says so at {since + self._rules.confirm:%H:%M} UTC, or somebody "
            f"confirms it with sla-console status --accept-drop."
        )

    async def _accepted(self) -> bool:
        """Return whether a person has confirmed the drop that is doubted."""
        accepted = await self._meta.get(_ACCEPTED)
        return (
            accepted is not None
            and self._since is not None
            and datetime.fromisoformat(accepted) >= self._since
        )

    async def _no_doubt(self) -> None:
        """Forget a doubt that is over, one of an earlier run too."""
        if self._noted is not False:
            if await self._meta.get(_DOUBT):
                await self._meta.set(_DOUBT, "")
            self._noted, self._since = False, None

    async def _ask_alone(self, lacking: Sequence[str]) -> None:
        """Ask for tickets one by one, those first that were not asked for yet."""
        kept = set(lacking)
        waiting = [ticket_id for ticket_id in self._alone if ticket_id in kept]
        new = [ticket_id for ticket_id in lacking if ticket_id not in self._alone]
        self._alone = dict.fromkeys(waiting)
        for ticket_id in [*new, *waiting][:_ALONE]:
            with self._order.asking() as asked:
                try:
                    ticket = await self._desk.ticket(ticket_id)
                except (RequestRefused, AnswerRefused) as error:
                    LOG.info("ticket %s cannot be asked for: %s", ticket_id, error)
                    self._alone.pop(ticket_id, None)
                    self._alone[ticket_id] = None
                    continue
                kept.discard(ticket_id)
                self._alone.pop(ticket_id, None)
                if ticket is None:
                    fault_points.hit("sync.gone")
                    await self._on_gone([ticket_id], NOT_THERE)
                else:
                    await self._on_tickets([ticket], asked)
        await self._on_missing([ticket_id for ticket_id in lacking if ticket_id in kept])
        await self._give_up(kept)

    async def _give_up(self, lacking: Iterable[str]) -> None:
        """Take those off the board that have been left out for too long."""
        before = self._clock.true_now() - self._rules.give_up
        read = {ticket_id: self._reads.of(ticket_id) for ticket_id in lacking}
        old = [ticket_id for ticket_id, at in read.items() if at is not None and at <= before]
        await self._on_gone(old, f"not seen in SuperOps for {words(self._rules.give_up)}")
