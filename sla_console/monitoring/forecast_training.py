"""Teaching the forecast from the store's own history, and judging what it said.

It is taught in the background, in a thread of its own, and again a few times a day, as outcomes
become certain. What it says of a target is noted once for each stage, so that it can be held against
what became of it.
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.clock import Clock
from sla_console.domain.errors import StoreError
from sla_console.domain.forecast.lesson import Lesson, lesson_of
from sla_console.domain.forecast.model import ForecastModel
from sla_console.domain.forecast.record import JUDGED_OVER, record_of
from sla_console.domain.forecast.teaching import teach
from sla_console.domain.sla.breach import BreachType
from sla_console.domain.tickets.sighting import past_of
from sla_console.domain.tickets.ticket import StatusPhases
from sla_console.domain.tickets.ticket_history import TicketHistory
from sla_console.monitoring.forecasting import ForecastKeeper
from sla_console.monitoring.leadership import Leadership
from sla_console.monitoring.ports import StorePort
from sla_console.monitoring.stored_histories import lives_of
from sla_console.monitoring.supervisor import turned
from sla_console.monitoring.tracker import TicketTracker

LOG = logging.getLogger(__name__)
_AGAIN: Final = timedelta(hours=6)
"""Age at which a model is taught again."""
_SOON: Final = timedelta(minutes=5)
"""The same while little is known, such as while the closed tickets are still being read."""
_MANY: Final = 1000
"""Targets that have come due from which on much is known."""
_LOOK_SECONDS: Final = 60.0


class ForecastTrainer:
    """Teaches a forecast all of history, and again as history grows.

    Args:
        forecasts: The forecast.
        records: The store.
        tracker: The open tickets, and how they are judged.
        clock: The moment.
        keep: How far history is looked at.
    """

    def __init__(
        self,
        forecasts: ForecastKeeper,
        records: StorePort,
        tracker: TicketTracker,
        clock: Clock,
        keep: timedelta,
    ) -> None:
        self._forecasts, self._records, self._board = forecasts, records, tracker.board
        self._evaluator, self._clock, self._keep = tracker.evaluator, clock, keep
        self._closed: dict[str, tuple[datetime | None, list[Lesson]]] = {}
        """The lessons of tickets that have ended, by ticket id, with their last change."""
        self._busy = asyncio.Lock()
        self._judged_at: datetime | None = None

    async def ready(self) -> None:
        """Return when the forecast knows something: what is stored, or else what history teaches."""
        async with self._busy:
            if self._forecasts.model is None:
                stored = await self._records.forecasts.newest_model()
                model = None if stored is None else ForecastModel.read(stored)
                now = self._clock.now()
                if model is not None and not _is_old(model, now):
                    self._forecasts.model = model
                else:
                    await self._teach(now)
            await self._judge()

    async def run(self, leadership: Leadership) -> None:
        """Teach it anew from time to time; the console that monitors stores what was learned."""
        while True:
            await self.look()
            if leadership.leading:
                await self.save()
            turned()
            await asyncio.sleep(_LOOK_SECONDS)

    async def look(self) -> None:
        """Teach it anew if it is time."""
        await self.ready()
        model, now = self._forecasts.model, self._clock.now()
        if model is None or _is_old(model, now):
            async with self._busy:
                await self._teach(now)

    async def save(self) -> None:
        """Store what was learned since it was last stored, as a version with its judgement."""
        model = self._forecasts.model
        if model is not None and self._forecasts.unsaved:
            words = self._forecasts.record.words()
            await self._records.forecasts.keep_model(model.document(), words, model.taught_at)
            self._forecasts.unsaved = False

    async def note_answers(self) -> None:
        """Store what was said of targets that have come to a new stage."""
        answers = self._forecasts.new_answers()
        if answers:
            await self._records.forecasts.note(answers)

    async def look_at_open(self) -> None:
        """Take over how the open tickets were seen."""
        self._forecasts.seen = await self._records.lives.open_sightings()

    async def _teach(self, now: datetime) -> None:
        await self.look_at_open()
        lessons, unseen = await self._lessons(now)
        began = self._clock.elapsed()
        model = await asyncio.to_thread(teach, lessons, now)
        took = self._clock.elapsed() - began
        level = logging.INFO if lessons else logging.DEBUG
        seconds = took.total_seconds()
        LOG.log(level, "the forecast learned from %d targets in %.1f s", len(lessons), seconds)
        self._forecasts.take(model, len(lessons), unseen)
        await self._settle(lessons, now)

    async def _lessons(self, now: datetime) -> tuple[list[Lesson], int]:
        """Return all targets of the store, and the number of tickets first seen after their end."""
        closed = await self._records.tickets.load_closed_since(now - self._keep)
        wanted = [
            ticket.id
            for ticket in closed
            if ticket.id not in self._closed or self._closed[ticket.id][0] != ticket.updated_at
        ]
        kept = {ticket.id for ticket in closed}
        self._closed = {one: known for one, known in self._closed.items() if one in kept}
        phases = self._evaluator.phases
        async for page in lives_of(self._records, self._evaluator, wanted):
            found = await asyncio.to_thread(_of_page, page, phases)
            for life, lessons in zip(page, found, strict=True):
                self._closed[life.ticket.id] = life.ticket.updated_at, lessons
        lessons = [lesson for _, found in self._closed.values() for lesson in found]
        unseen = sum(any(one.unseen for one in found) for _, found in self._closed.values())
        opened = [judged.ticket.id for judged in self._board.tickets()]
        async for page in lives_of(self._records, self._evaluator, opened):
            for some in await asyncio.to_thread(_of_page, page, phases):
                lessons += some
        return lessons, unseen

    async def _settle(self, lessons: Iterable[Lesson], now: datetime) -> None:
        """Note what became of targets that something was said of."""
        try:
            wanted = set(await self._records.forecasts.unsettled(now))
            ended: list[tuple[str, BreachType, bool]] = []
            for lesson in lessons:
                if (lesson.ticket_id, lesson.target) in wanted:
                    outcome = lesson.outcome(now)
                    if outcome is not None:
                        ended.append((lesson.ticket_id, lesson.target, outcome))
            if ended:
                await self._records.forecasts.settle(ended)
        except StoreError as error:
            LOG.warning("what became of forecasts could not be noted: %s", error)
        self._judged_at = None

    async def _judge(self) -> None:
        """Take over how the forecast has done, unless that was done lately."""
        now, before = self._clock.now(), self._judged_at
        if before is None or not timedelta() <= now - before < _AGAIN:
            answers = await self._records.forecasts.settled(now - JUDGED_OVER, now)
            self._forecasts.record = record_of(answers)
            self._forecasts.given |= await self._records.forecasts.given()
            self._judged_at = now


def _is_old(model: ForecastModel, now: datetime) -> bool:
    """Return whether it is time to learn anew; a clock that was set back must not end that."""
    known = sum(target.ended for target in model.targets.values())
    return not timedelta() <= now - model.taught_at < (_AGAIN if known >= _MANY else _SOON)


def _of_page(page: Sequence[TicketHistory], phases: StatusPhases) -> list[list[Lesson]]:
    return [lessons_of(life, phases) for life in page]


def lessons_of(life: TicketHistory, phases: StatusPhases) -> list[Lesson]:
    """Return what the targets of a stored ticket teach; none where it cannot be judged.

    Of a ticket that was first seen after its end only what it was like in the end is known: its
    group, its type, its client. That is taken as if it had been so from the start.

    Args:
        life: The ticket.
        phases: What the names of statuses mean.
    """
    judged = life.judged
    if judged is None or life.gone_at is not None:
        return []
    try:
        past = past_of(life.ticket, life.sightings, phases)
    except ValueError:
        return []
    past = replace(past, number=life.ticket.id)
    end = judged.resolution.stopped_at
    unseen = end is not None and past.recorded_at is not None and past.recorded_at >= end
    if unseen:
        past = replace(past, recorded_at=None)
    found: list[Lesson] = []
    for clock in judged.clocks:
        try:
            lesson = lesson_of(past, clock)
        except (ValueError, OverflowError):
            continue
        if lesson is not None and lesson.views:
            found.append(replace(lesson, unseen=unseen))
    return found
