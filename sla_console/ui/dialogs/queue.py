"""What one technician has in hand, and whether it can be done in time."""

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from sla_console.domain.board import Board
from sla_console.domain.durations import countdown, words
from sla_console.domain.forecast.feasibility import PlannedWork
from sla_console.domain.sla.sla_clock import EvaluatedTicket
from sla_console.ui.actions.base import sentence
from sla_console.ui.actions.selection import Chosen
from sla_console.ui.context import Context
from sla_console.ui.dialogs.detail import DetailDialog
from sla_console.ui.dialogs.dialog import Dialog
from sla_console.ui.terminal.symbols import Symbols
from sla_console.ui.text.local_time import LocalTime
from sla_console.ui.widgets.columns import Column
from sla_console.ui.widgets.line_table import LineTable
from sla_console.ui.widgets.paint import Cell
from sla_console.ui.widgets.ticket_cells import read_clock

if TYPE_CHECKING:
    from sla_console.domain.forecast.feasibility import QueuePlan
    from sla_console.domain.forecast.risk import RiskThresholds


class QueueTable(LineTable[EvaluatedTicket]):
    """One row a ticket in hand, in the order in which it would be done.

    Args:
        symbols: The signs to use.
        local: The zone of the times.
        thresholds: Where risk begins.
    """

    MARKS = True

    def __init__(self, symbols: Symbols, local: LocalTime, thresholds: "RiskThresholds") -> None:
        super().__init__(symbols, id="queue")
        self._local, self._thresholds = local, thresholds
        self.plan: dict[str, PlannedWork] = {}
        """By ticket id, as far as anybody's pace is known."""
        self.must_move: frozenset[str] = frozenset()

    def id_of(self, row: EvaluatedTicket) -> str:
        """Return the ticket's id."""
        return row.ticket.id

    def columns_for(self, width: int) -> tuple[Column, ...]:
        """Return the columns of one of two layouts."""
        client = () if width < 80 else (Column("client", "Client", 16),)
        return (
            Column("number", "Number", 8),
            *client,
            Column("subject", "Subject", 0),
            Column("left", "Left", 8, right=True),
            Column("done", "Would be done", 16),
            Column("said", "In time?", 18),
        )

    def cells(self, row: EvaluatedTicket, columns: tuple[Column, ...], now: datetime) -> list[Cell]:
        """Return the row at this moment."""
        return [self._cell(row, column.key, now) for column in columns]

    def _cell(self, row: EvaluatedTicket, key: str, now: datetime) -> Cell:
        planned = self.plan.get(row.ticket.id)
        if key == "left":
            return self._left(row, now)
        if key == "done":
            at = self._local.moment(planned.ends, now) if planned else self.symbols.nothing
            return Cell(at, "text" if planned else "muted")
        if key == "said":
            return self._in_time(row, planned, now)
        text = {
            "number": row.ticket.display_id,
            "client": row.ticket.client or self.symbols.nothing,
        }.get(key, row.ticket.subject)
        return Cell(text, "strong" if key == "number" else "text")

    def _left(self, row: EvaluatedTicket, now: datetime) -> Cell:
        clock = row.next_clock()
        if clock is None:
            return Cell(self.symbols.nothing, "muted")
        reading = read_clock(clock, now, self._thresholds)
        if reading.left is None:
            return Cell(self.symbols.nothing, "muted")
        look = "breached" if reading.owed else "held" if row.held else "text"
        return Cell(countdown(reading.left).strip(), look)

    def _in_time(self, row: EvaluatedTicket, planned: PlannedWork | None, now: datetime) -> Cell:
        if row.held:
            return Cell("waits", "held")
        if row.breached(now):
            return Cell("broken already", "breached")
        if planned is None:
            return Cell("not known", "muted")
        if row.ticket.id in self.must_move:
            return Cell("must move", "urgent")
        late = planned.late_by
        return Cell(f"late by {words(late)}", "risk") if late else Cell("yes", "ok")


class QueueDialog(Dialog[None]):
    """One technician's queue; enter opens a ticket of it.

    Args:
        context: What the screens share.
        technician_id: Whose; empty: what nobody has.
        name: As shown.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "Close", show=False),
    ]

    def __init__(self, context: Context, technician_id: str, name: str) -> None:
        super().__init__()
        self._shared, self._technician_id, self._name = context, technician_id, name
        self._said = "Working out the pace"

    def compose(self) -> ComposeResult:
        """Lay out the list and what it comes to."""
        shared = self._shared
        with Vertical(id="dialog", classes="large tall") as dialog:
            dialog.border_title = Content(f"{self._name}: in hand")
            dialog.border_subtitle = Content("enter opens   esc closes")
            table = QueueTable(shared.symbols, shared.local, shared.options.thresholds)
            table.empty_words = "Nothing is in hand."
            yield table
            yield Static(id="queue-said")

    def on_mount(self) -> None:
        """Show what is in hand, and ask whether it can be done."""
        self.board_arrived(self._shared.shown().board)
        self._plan()

    def chosen(self) -> Chosen | None:
        """Return what an action is about: the ticket under the cursor, or all that are marked."""
        if not self.is_mounted:
            return None  # a key that came in one go with the one that opened it
        shown, table = self._shared.shown(), self.query_one(QueueTable)
        row = table.selected
        ids = list(table.marks) or ([] if row is None else [row.ticket.id])
        found = tuple(filter(None, map(shown.selection, ids)))
        return Chosen(found) if found else None

    def board_arrived(self, board: Board) -> None:
        """Show what is in hand on a new board."""
        wanted = self._technician_id or None
        mine = [one for one in board.tickets if one.ticket.technician_id == wanted]
        table = self.query_one(QueueTable)
        table.keep_marks({one.ticket.id for one in mine})
        table.show(mine, self._shared.clock.now())
        broken = sum(one.breached(self._shared.clock.now()) for one in mine)
        self._say(f"{len(mine)} in hand, {broken} broken. {self._said}")

    def tick(self) -> None:
        """Count down."""
        self.query_one(QueueTable).tick(self._shared.clock.now())

    @work(exclusive=True, group="queue", exit_on_error=False)
    async def _plan(self) -> None:
        future = self._shared.link.submit(lambda service: service.plan_queues())
        try:
            plans = await asyncio.wrap_future(future)
        except Exception as error:  # noqa: BLE001 - said to the person instead
            self._said = f"The pace is not known: {sentence(error)}"
        else:
            plan = plans.get(self._technician_id)
            self._said = self._words(plan)
            table = self.query_one(QueueTable)
            if plan is not None:
                table.plan = {one.work.ticket_id: one for one in plan.planned}
                table.must_move = frozenset(plan.must_move)
        self.board_arrived(self._shared.shown().board)

    def _words(self, plan: "QueuePlan | None") -> str:
        if plan is None or not plan.planned:
            return "Not enough tickets have ended to know the pace."
        pace = words(plan.planned[0].work.takes)
        done = self._shared.local.moment(plan.planned[-1].ends, self._shared.clock.now())
        if plan.is_feasible:
            return f"At {pace} each, the earliest due first, all are done in time, by {done}."
        return (
            f"At {pace} each, the earliest due first, all are done by {done}; "
            f"{len(plan.must_move)} must move to others so that the rest is in time."
        )

    def _say(self, said: str) -> None:
        self.query_one("#queue-said", Static).update(Content(said))

    @on(LineTable.Opened)
    def _open(self, event: LineTable.Opened) -> None:
        event.stop()
        row = self.query_one(QueueTable).selected
        found = None if row is None else self._shared.shown().selection(row.ticket.id)
        if row is not None and found is not None:
            self.app.push_screen(DetailDialog(self._shared, found, row))
