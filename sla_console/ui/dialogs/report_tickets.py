"""The promises behind one row of a report; enter opens a ticket."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Final

from rich.cells import cell_len
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from sla_console.domain.figures.counting import dimensions
from sla_console.domain.figures.record import TargetRecord
from sla_console.domain.sla.verdict import Outcome
from sla_console.reporting.forms.words import hands, margin
from sla_console.reporting.report import Report
from sla_console.ui.actions.base import sentence
from sla_console.ui.actions.selection import Selection
from sla_console.ui.context import Context
from sla_console.ui.dialogs.detail import DetailDialog
from sla_console.ui.dialogs.dialog import Dialog
from sla_console.ui.terminal.symbols import Symbols
from sla_console.ui.text.local_time import LocalTime
from sla_console.ui.text.report_text import plain
from sla_console.ui.widgets.columns import Column
from sla_console.ui.widgets.line_table import LineTable
from sla_console.ui.widgets.paint import Cell

_ORDER: Final = (Outcome.MISSED, Outcome.IN_DOUBT, Outcome.OPEN, Outcome.MET)
_MOST_OF_A_NUMBER: Final = 12
_LOOKS: Final = {
    Outcome.MISSED: "breached",
    Outcome.OPEN: "muted",
    Outcome.MET: "ok",
    Outcome.IN_DOUBT: "urgent",
}


def promises_of(report: Report, dimension: str, name: str) -> list[TargetRecord]:
    """Return the promises that count under a value: missed ones first, each kind by due time.

    Args:
        report: Of what.
        dimension: By which the promises are told apart.
        name: The value.
    """
    values_of = dimensions(report.period.zone)[dimension]
    found = [one for one in report.promises if name in {value for value, _ in values_of(one)}]
    return sorted(found, key=lambda one: (_ORDER.index(one.outcome), one.due, one.number))


class PromiseTable(LineTable[TargetRecord]):
    """One row a promise.

    Args:
        symbols: The signs to use.
        local: The zone of the times: that of the report.
        longest: Cells of the longest number.
    """

    def __init__(self, symbols: Symbols, local: LocalTime, longest: int) -> None:
        super().__init__(symbols, id="promises")
        self._local = local
        self._number = min(max(longest, len("Number")), _MOST_OF_A_NUMBER)

    def id_of(self, row: TargetRecord) -> str:
        """Return what no other promise has."""
        return f"{row.number} {row.target} {row.cycle}"

    def sign(self, row: TargetRecord, now: datetime) -> Cell:
        """Return the sign of a missed promise."""
        del now
        missed = row.outcome is Outcome.MISSED
        return Cell(self.symbols.breached if missed else " ", "breached")

    def columns_for(self, width: int) -> tuple[Column, ...]:
        """Return the columns of one of two layouts."""
        wide = width >= 96
        client = (Column("client", "Client", 20),) if wide else ()
        return (
            Column("number", "Number", self._number),
            Column("target", "Promise", 10),
            Column("outcome", "Outcome", 8),
            Column("due", "Due", 16),
            Column("margin", "Margin", 15 if wide else 13, right=True),
            *client,
            Column("technician", "Technician", 0),
        )

    def cells(self, row: TargetRecord, columns: tuple[Column, ...], now: datetime) -> list[Cell]:
        """Return the row."""
        return [self._cell(row, column.key, now) for column in columns]

    def _cell(self, row: TargetRecord, key: str, now: datetime) -> Cell:
        if key == "number":
            return Cell(row.number, "strong")
        if key == "outcome":
            return Cell(row.outcome, _LOOKS[row.outcome])
        if key == "margin":
            known = row.margin is not None
            look = "muted" if not known else "text" if (row.margin or 0) >= 0 else "breached"
            return Cell(plain(margin(row.margin), self.symbols), look)
        text = {
            "target": row.target.words.removeprefix("first "),
            "due": self._local.moment(row.due, now),
            "client": row.client,
            "technician": hands(row),
        }[key]
        return Cell(text)


class ReportTicketsDialog(Dialog[None]):
    """The promises behind a row.

    Args:
        context: What the screens share.
        report: Of what.
        dimension: By which the promises are told apart.
        name: The value.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "Close", show=False),
    ]

    def __init__(self, context: Context, report: Report, dimension: str, name: str) -> None:
        super().__init__()
        self._shared, self._report = context, report
        self._title = f"{dimension} {name}, {report.period.label}"
        self._rows: Sequence[TargetRecord] = promises_of(report, dimension, name)
        self._fault = ""

    def compose(self) -> ComposeResult:
        """Lay out the list, and what is said of the one under the cursor."""
        with Vertical(id="dialog", classes="large tall") as dialog:
            dialog.border_title = Content(self._title)
            dialog.border_subtitle = Content("enter opens   esc closes")
            longest = max((cell_len(row.number) for row in self._rows), default=0)
            local = LocalTime(self._report.period.zone)
            yield PromiseTable(self._shared.symbols, local, longest)
            yield Static(id="promise-said")

    def on_mount(self) -> None:
        """Show the promises."""
        self.query_one(PromiseTable).show(self._rows, self._shared.clock.now())
        self._tell()

    @on(LineTable.Moved)
    def _moved(self) -> None:
        self._fault = ""
        self._tell()

    def _tell(self) -> None:
        """Say how many they are, and what the row has no room for."""
        row = self.query_one(PromiseTable).selected
        missed = sum(one.outcome is Outcome.MISSED for one in self._rows)
        doubt = sum(one.outcome is Outcome.IN_DOUBT for one in self._rows)
        said = (
            f"{len(self._rows):,} promises, {missed:,} missed"
            f"{f', {doubt:,} in doubt' if doubt else ''}; times in {self._report.period.zone}."
        )
        if self._fault:
            said = self._fault
        elif row is not None:
            said += f"\n{row.number}: {row.client}, {row.policy}, {row.priority}; {hands(row)}."
            if row.cycle > 1:
                said += f" Cycle {row.cycle}."
            if row.reason:
                said += f" {row.reason[0].upper()}{row.reason[1:]}."
            if row.degraded:
                said += f" Degraded: {'; '.join(row.degraded)}."
        look = "$sla-urgent" if self._fault else ""
        self.query_one("#promise-said", Static).update(Content.styled(said, look))

    @on(LineTable.Opened)
    def _open(self, event: LineTable.Opened) -> None:
        event.stop()
        row = self.query_one(PromiseTable).selected
        if row is None:
            return
        shown = self._shared.shown()
        board = shown.board
        named = [one for one in board.tickets if one.ticket.display_id == row.number]
        # Two tickets can carry one number; then the client tells which is meant, if it can.
        mine = [one for one in named if one.ticket.client == row.client] or named
        judged = mine[0] if len(mine) == 1 else None
        found = None if judged is None else shown.selection(judged.ticket.id)
        if found is not None:
            self.app.push_screen(DetailDialog(self._shared, found, judged))
        else:
            self._look_up(row.number)

    @work(exclusive=True, group="ticket", exit_on_error=False)
    async def _look_up(self, number: str) -> None:
        """Open a ticket that has left the board."""
        future = self._shared.link.submit(lambda service: service.explain(number))
        try:
            ticket = (await asyncio.wrap_future(future)).judged.ticket
        except Exception as error:  # noqa: BLE001 - said to the person instead
            self._fault = f"{number} cannot be opened: {sentence(error)}"
            self._tell()
            return
        found = Selection(ticket.id, ticket.display_id, ticket.client, ticket.subject)
        if self.is_current:
            self.app.push_screen(DetailDialog(self._shared, found, None))
