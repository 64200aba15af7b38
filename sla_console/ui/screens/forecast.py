"""What will probably break, and whose queue cannot be done in time."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from textual import on, work
from textual.app import ComposeResult
from textual.content import Content

from sla_console.domain.durations import words
from sla_console.domain.errors import NotReady
from sla_console.domain.forecast.feasibility import QueuePlan
from sla_console.ui.actions.base import sentence
from sla_console.ui.actions.selection import Selection
from sla_console.ui.context import Context
from sla_console.ui.screens.view import View
from sla_console.ui.state import Shown
from sla_console.ui.text.wrap import hang
from sla_console.ui.widgets.bar import Piece, PieceBar
from sla_console.ui.widgets.forecast_table import ForecastTable
from sla_console.ui.widgets.reading import Reading

_PLANS_AGAIN: Final = timedelta(seconds=60)
_SOME: Final = 0.5
"""Expected breaches below which a queue is not said to have any."""
_NAME: Final = 21
"""Cells of a technician's name."""


class ForecastView(View):
    """Running promises by expected harm; below them the queues.

    Args:
        context: What the screens share.
    """

    NAME = "forecast"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._planned_at: datetime | None = None
        self._plans: Mapping[str, QueuePlan] | None = None

    def compose_body(self) -> ComposeResult:
        """Lay out list and queues."""
        yield ForecastTable(self.context.symbols, id="likely")
        yield PieceBar(id="queues-title")
        yield Reading("Working out the queues", id="queues")

    def on_mount(self) -> None:
        """Name the queues."""
        title = "Queues, worked off one after the other at the usual pace"
        hint = Piece("tab scrolls them", "muted", 1)
        self.query_one("#queues-title", PieceBar).show([Piece(title, "accent")], [hint])

    def show_body(self, shown: Shown) -> None:
        """Show a new board."""
        table = self.query_one(ForecastTable)
        table.board = shown.board
        table.empty_words = self._empty_words(shown)
        self.fade_if_stale(table)
        table.show(shown.board.potential, shown.now)
        again = self._planned_at is None or not (
            timedelta() <= shown.now - self._planned_at < _PLANS_AGAIN
        )
        if again and shown.board.version:
            self._planned_at = shown.now
            self._plan()

    def _empty_words(self, shown: Shown) -> str:
        coverage = shown.board.coverage
        if coverage is None:
            return self.nothing(shown, "Nothing was foretold yet.")
        return self.nothing(shown, coverage.nothing_likely())

    def tick_body(self, shown: Shown) -> None:
        """Count down."""
        self.query_one(ForecastTable).tick(shown.now)

    def notes(self) -> list[Piece]:
        """Return how much is known."""
        shown = self.shown
        if shown is None or not shown.board.potential:
            return []
        unknown = sum(one.probability is None for one in shown.board.potential)
        return [Piece(f"{unknown} without enough history", "muted", 3)] if unknown else []

    @work(exclusive=True, group="queues", exit_on_error=False)
    async def _plan(self) -> None:
        future = self.context.link.submit(lambda service: service.plan_queues())
        try:
            self._plans = await asyncio.wrap_future(future)
        except NotReady:
            self._planned_at = None  # the next board asks again
        except Exception as error:  # noqa: BLE001 - said to the person instead
            said = f"The queues are not known: {sentence(error)}"
            self.query_one(Reading).say(Content(said))
        else:
            self._say_queues()

    @on(Reading.Resized)
    def _say_queues(self) -> None:
        """Write the queues as wide as there is room now."""
        if self._plans is not None:
            reading = self.query_one(Reading)
            parts = [self._queues(self._plans, reading.cells)]
            coverage = self.context.shown().board.coverage
            if coverage is not None:
                said = "\n".join((coverage.record.words(), *coverage.notes))
                parts.append(Content(f"\n{said}"))
            reading.say(Content("\n").join(parts))

    def _queues(self, plans: Mapping[str, QueuePlan], width: int) -> Content:
        shown = self.context.shown()
        if not plans:
            return Content("Not enough tickets have ended to know anybody's pace.")
        names = {one.technician_id: one.technician_name for one in shown.board.technicians}
        parts: list[tuple[str, str] | str] = []
        begun = {whose: plan for whose, plan in plans.items() if plan.planned}
        for technician_id, plan in sorted(begun.items(), key=lambda item: -len(item[1].must_move)):
            name = names.get(technician_id, technician_id)
            done = self.context.local.moment(plan.planned[-1].ends, shown.now)
            pace = words(plan.planned[0].work.takes)
            parts.append((f"{name[: _NAME - 1]:<{_NAME}}", "bold"))
            tickets = "ticket " if len(plan.planned) == 1 else "tickets"
            load = f"{len(plan.planned):>3} {tickets} at {pace} each, done {done}"
            chances = shown.board.chances
            expected = sum(chances.get(one.work.ticket_id, 0.0) for one in plan.planned)
            if expected >= _SOME:
                load += f", about {expected:.0f} expected to break"
            if plan.is_feasible:
                parts += [f"{load}: ", ("all in time\n", "$sla-ok")]
                continue
            numbers = [self._number(shown, ticket_id) for ticket_id in plan.must_move]
            more = ", and others" if len(numbers) > 6 else ""
            said = f"{len(numbers)} must move: {', '.join(numbers[:6])}{more}"
            parts += [f"{load}\n", (" " * _NAME + hang(said, _NAME, width) + "\n", "$sla-urgent")]
        return Content.assemble(*parts)

    def _number(self, shown: Shown, ticket_id: str) -> str:
        judged = shown.board.by_id.get(ticket_id)
        return judged.ticket.display_id if judged else ticket_id

    def selection(self) -> Selection | None:
        """Return the ticket under the cursor."""
        row, shown = self.query_one(ForecastTable).selected, self.shown
        return None if row is None or shown is None else shown.selection(row.ticket_id)

    def action_open(self) -> None:
        """Open what is selected."""
        self.query_one(ForecastTable).action_open()
