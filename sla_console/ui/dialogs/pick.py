"""Asks for one of several: typing narrows them, enter takes the one under the cursor."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from sla_console.domain.names import folded
from sla_console.ui.dialogs.dialog import Dialog
from sla_console.ui.dialogs.form import list_class
from sla_console.ui.widgets.line_table import Column, LineTable
from sla_console.ui.widgets.paint import Cell


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several."""

    value: str
    name: str
    said: str = ""
    """What helps to choose it."""


class ChoiceTable(LineTable[Choice]):
    """One row a choice; the keys stay with the field above."""

    can_focus = False

    def id_of(self, row: Choice) -> str:
        """Return what is chosen."""
        return row.value

    def columns_for(self, width: int) -> tuple[Column, ...]:
        """Return name and help."""
        return (Column("name", "", 0), Column("said", "", min(34, width // 2)))

    def cells(self, row: Choice, columns: tuple[Column, ...], now: datetime) -> list[Cell]:
        """Return the row."""
        del columns, now
        return [Cell(row.name), Cell(row.said, "muted")]


class PickDialog(Dialog[Choice | None]):
    """Answers with one choice; None: cancelled.

    Keys that come before the choices are known narrow them once they are; enter waits for them.

    Args:
        title: What will be done.
        about: What it is done to, a line each; the first stands out.
        what: What is chosen, one word.
        choices: Of what; None: ``offer`` tells later.
    """

    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel", show=False),
        Binding("down,ctrl+n", "step(1)", "Down", show=False, priority=True),
        Binding("up,ctrl+p", "step(-1)", "Up", show=False, priority=True),
    ]

    def __init__(
        self, title: str, about: Sequence[str], what: str, choices: Sequence[Choice] | None = None
    ) -> None:
        super().__init__()
        self._title, self._about, self._what = title, tuple(about), what
        self._choices = None if choices is None else tuple(choices)
        self._empty = "None is like that."
        self._ready = False
        """The field and the list are there."""
        self._wanted: str | None = None
        """What was typed when enter was pressed before there was anything to choose."""

    def compose(self) -> ComposeResult:
        """Lay out what it is about, the field and the choices."""
        with Vertical(id="dialog") as dialog:
            dialog.border_title = Content(self._title)
            if self._about:
                first, *rest = self._about
                yield Static(Content.assemble((first, "bold")), id="dialog-ticket")
                if rest:
                    yield Static(
                        Content("\n".join(rest)), id="dialog-about", classes=list_class(rest)
                    )
            yield Input(placeholder=f"{self._what}: type to narrow", select_on_focus=False)
            table = ChoiceTable(id="choices")
            table.empty_words = "Asking"
            yield table
            yield Static(
                Content.assemble(
                    ("enter", "bold"), " takes it   ", ("up down", "bold"), " choose   ",
                    ("esc", "bold"), " cancel",
                ),
                id="dialog-keys",
            )  # fmt: skip

    def on_mount(self) -> None:
        """Show what there is."""
        field = self.query_one(Input)
        field.cursor_blink = False
        self._ready = True
        self._narrow()

    def offer(self, choices: Sequence[Choice]) -> None:
        """Tell what there is to choose."""
        self._choices = tuple(choices)
        self._narrow()
        if self._wanted is not None:
            self._take()

    def refuse(self, why: str) -> None:
        """Tell why there is nothing to choose."""
        self._choices, self._empty = (), why
        self._narrow()

    def action_step(self, lines: int) -> None:
        """Move the cursor."""
        self.query_one(ChoiceTable).action_move(lines)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow while typing."""
        event.stop()
        self._narrow()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the one under the cursor."""
        event.stop()
        self._take()

    def on_line_table_opened(self, event: LineTable.Opened) -> None:
        """Take what was clicked twice."""
        event.stop()
        self._take()

    def _narrow(self) -> None:
        if self._choices is None or not self._ready:
            return
        typed = self.query_one(Input).value if self._wanted is None else self._wanted
        words = folded(typed).split()
        table = self.query_one(ChoiceTable)
        table.styles.height = 1 + min(max(len(self._choices), 2), _MOST_ROWS)
        table.empty_words = self._empty
        found = [one for one in self._choices if all(word in folded(one.name) for word in words)]
        table.show(found, _NEVER)
        table.move_to(0)

    def _take(self) -> None:
        if self._choices is None:
            if self._wanted is None:
                self._wanted = self.query_one(Input).value
            return
        choice = self.query_one(ChoiceTable).selected
        if choice is not None:
            self.dismiss(choice)


_NEVER = datetime.min.replace(tzinfo=UTC)
"""Choices do not change with time."""
_MOST_ROWS = 11
