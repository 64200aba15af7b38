"""Which columns the board has, in which order and how wide."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from sla_console.ui.dialogs.dialog import Dialog
from sla_console.ui.session.session_state import ChosenColumn
from sla_console.ui.terminal.symbols import Symbols
from sla_console.ui.widgets.columns import Column
from sla_console.ui.widgets.line_table import LineTable
from sla_console.ui.widgets.paint import Cell
from sla_console.ui.widgets.ticket_columns import CATALOG

_NEVER = datetime.min.replace(tzinfo=UTC)
_WIDEST = 60


@dataclass(frozen=True, slots=True)
class _Offer:
    key: str
    title: str
    about: str
    width: int
    """0: its own."""
    on: bool


class _Offers(LineTable[_Offer]):
    def id_of(self, row: _Offer) -> str:
        return row.key

    def columns_for(self, width: int) -> tuple[Column, ...]:
        del width
        return (Column("on", "", 4), Column("title", "", 11), Column("width", "", 6, right=True),
                Column("about", "", 0))  # fmt: skip

    def cells(self, row: _Offer, columns: tuple[Column, ...], now: datetime) -> list[Cell]:
        del columns, now
        look = "text" if row.on else "muted"
        width = str(row.width) if row.width else "auto"
        return [
            Cell("[x]" if row.on else "[ ]", "accent" if row.on else "muted"),
            Cell(row.title, look),
            Cell(width if row.on else "", "muted"),
            Cell(row.about, "muted"),
        ]


class ColumnsDialog(Dialog[tuple[ChosenColumn, ...] | None]):
    """Answers with the chosen columns, none for the usual ones; None: cancelled.

    Args:
        chosen: What was chosen before.
        shown: Keys and widths of the columns as they are shown now.
        symbols: The signs to use.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "Cancel", show=False),
        Binding("enter", "take", "Take", show=False, priority=True),
        Binding("space", "turn", "Turn on or off", show=False, priority=True),
        Binding("J,shift+j,shift+down", "shift(1)", "Later", show=False, priority=True),
        Binding("K,shift+k,shift+up", "shift(-1)", "Earlier", show=False, priority=True),
        Binding("plus,greater_than_sign,right", "widen(1)", "Wider", show=False, priority=True),
        Binding("minus,less_than_sign,left", "widen(-1)", "Narrower", show=False, priority=True),
        Binding("r", "usual", "The usual ones", show=False, priority=True),
    ]

    def __init__(
        self,
        chosen: Sequence[ChosenColumn],
        shown: Sequence[tuple[str, int]],
        symbols: Symbols,
    ) -> None:
        super().__init__()
        self._symbols = symbols
        self._now = dict(shown)
        first = list(chosen) or [ChosenColumn(key) for key, _ in shown]
        known = {offered.column.key: offered for offered in CATALOG}
        self._offers = [
            _Offer(one.key, known[one.key].column.title, known[one.key].about, one.width, True)
            for one in first
            if one.key in known
        ]
        taken = {one.key for one in self._offers}
        self._offers += [
            _Offer(key, offered.column.title, offered.about, 0, False)
            for key, offered in known.items()
            if key not in taken
        ]

    def compose(self) -> ComposeResult:
        """Lay out the list and the keys."""
        with Vertical(id="dialog", classes="tall") as dialog:
            dialog.border_title = Content("Columns")
            yield _Offers(self._symbols, id="offers")
            yield Static(
                Content.assemble(
                    ("space", "bold"), " on or off  ", ("J K", "bold"), " later, earlier  ",
                    ("+ -", "bold"), " wider, narrower\n", ("r", "bold"), " the usual ones  ",
                    ("enter", "bold"), " takes them  ", ("esc", "bold"), " cancel",
                ),
                id="dialog-keys",
            )  # fmt: skip

    def on_mount(self) -> None:
        """Show them."""
        self._show()

    def action_turn(self) -> None:
        """Turn the column under the cursor on or off."""
        place = self._place()
        one = self._offers[place]
        others = sum(offer.on for offer in self._offers) - one.on
        if others:
            self._offers[place] = replace(one, on=not one.on)
        self._show()

    def action_shift(self, places: int) -> None:
        """Move the column under the cursor."""
        place = self._place()
        other = min(max(place + places, 0), len(self._offers) - 1)
        self._offers.insert(other, self._offers.pop(place))
        self._show()
        self.query_one(_Offers).move_to(other)

    def action_widen(self, cells: int) -> None:
        """Make the column under the cursor wider or narrower."""
        place = self._place()
        one = self._offers[place]
        width = (one.width or self._now.get(one.key, 10)) + cells
        self._offers[place] = replace(one, width=min(max(width, 3), _WIDEST))
        self._show()

    def action_usual(self) -> None:
        """Take the columns that suit the width."""
        self.dismiss(())

    def action_take(self) -> None:
        """Take the columns that are on."""
        self.dismiss(tuple(ChosenColumn(one.key, one.width) for one in self._offers if one.on))

    def on_line_table_opened(self, event: LineTable.Opened) -> None:
        """Turn what was clicked twice."""
        event.stop()
        self.action_turn()

    def _place(self) -> int:
        cursor = self.query_one(_Offers).cursor
        return next((n for n, one in enumerate(self._offers) if one.key == cursor), 0)

    def _show(self) -> None:
        self.query_one(_Offers).show(tuple(self._offers), _NEVER)
