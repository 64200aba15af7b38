"""The on-call list: turns now and next, gaps and absences, and the keys that change them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from sla_console.domain.board import Board
from sla_console.domain.names import hint, same
from sla_console.domain.people.rota import OnCallPlan, OnCallTurn
from sla_console.ui.actions.action import bindings
from sla_console.ui.actions.base import Acting, sentence
from sla_console.ui.actions.catalogue import IN_ON_CALL
from sla_console.ui.context import Context
from sla_console.ui.dialogs.dialog import Dialog
from sla_console.ui.dialogs.form import Field, FormDialog
from sla_console.ui.dialogs.pick import Choice, PickDialog
from sla_console.ui.link import ServiceDoor
from sla_console.ui.terminal.symbols import Symbols
from sla_console.ui.text.local_time import LocalTime
from sla_console.ui.text.parse_until import FORMS, until
from sla_console.ui.widgets.columns import Column
from sla_console.ui.widgets.line_table import LineTable
from sla_console.ui.widgets.paint import Cell

_UNTIL = f"Empty: the end of the turn; else {FORMS}"


class TurnTable(LineTable[OnCallTurn]):
    """One row a turn.

    Args:
        symbols: The signs to use.
        local: The zone of the times.
    """

    def __init__(self, symbols: Symbols, local: LocalTime) -> None:
        super().__init__(symbols, id="turns")
        self._local = local

    def id_of(self, row: OnCallTurn) -> str:
        """Return what tells a turn from the others."""
        return f"{row.rotation} {row.end.timestamp()}"

    def columns_for(self, width: int) -> tuple[Column, ...]:
        """Return the columns of one of two layouts."""
        wide = 18 if width >= 80 else 16
        return (
            Column("rotation", "Rotation", 12),
            Column("person", "On call", 14),
            Column("start", "From", wide),
            Column("end", "To", wide),
            Column("said", "", 0),
        )

    def cells(self, row: OnCallTurn, columns: tuple[Column, ...], now: datetime) -> list[Cell]:
        """Return the row at this moment."""
        del columns
        on_call = row.start <= now < row.end
        look = "breached" if row.person is None else "strong" if on_call else "text"
        return [
            Cell(row.rotation, "text"),
            Cell(row.person or "NOBODY", look),
            Cell("now" if on_call else self._local.moment(row.start, now), look),
            Cell(self._local.moment(row.end, now), "text"),
            self._note(row),
        ]

    def _note(self, row: OnCallTurn) -> Cell:
        if row.person is None:
            return Cell("nobody will answer", "breached")
        if row.away:
            return Cell(f"AWAY {row.away[0].why}".rstrip(), "urgent")
        if row.handover is not None:
            return Cell(f"by {row.handover.author}", "acked")
        return Cell("", "text")


class OnCallDialog(Dialog[None]):
    """The turns of the next weeks, by rotation.

    Args:
        context: What the screens share.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "Close", show=False),
        Binding("0", "dismiss(None)", "Close", show=False, id="view.on-call"),
        *bindings(IN_ON_CALL),
    ]

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._shared = context
        self._plan = OnCallPlan()

    def compose(self) -> ComposeResult:
        """Lay out the turns, the whole of one, and the keys."""
        shared = self._shared
        with Vertical(id="dialog", classes="large tall") as dialog:
            dialog.border_title = Content("On call")
            table = TurnTable(shared.symbols, shared.local)
            table.empty_words = "Asking"
            yield table
            yield Static(id="turn-said")
            keys: list[tuple[str, str]] = []
            for action in () if shared.options.read_only else IN_ON_CALL:
                keys += [(shared.keys.shown(action), "bold"), (f" {action.label.lower()}  ", "")]
            yield Static(Content.assemble(*keys, ("esc", "bold"), " closes"), id="dialog-keys")

    def on_mount(self) -> None:
        """Ask who is on call."""
        self._ask()

    def board_arrived(self, board: Board) -> None:
        """Ask again: somebody else may have changed it."""
        del board
        self._ask()

    def tick(self) -> None:
        """Show whose turn it is by now."""
        self.query_one(TurnTable).tick(self._shared.clock.now())

    @work(exclusive=True, group="on-call", exit_on_error=False)
    async def _ask(self) -> None:
        by = self._shared.operator
        future = self._shared.link.submit(lambda service: service.on_call.plan(by))
        table = self.query_one(TurnTable)
        try:
            self._plan = await asyncio.wrap_future(future)
        except Exception as error:  # noqa: BLE001 - said to the person instead
            table.empty_words = f"The store does not tell: {sentence(error)}"
        else:
            table.empty_words = "There is no rotation; add one under [alerts.on_call]."
        table.show(self._plan.turns, self._shared.clock.now())
        self.on_line_table_moved()

    def on_line_table_moved(self) -> None:
        """Say all of the turn under the cursor."""
        turn = self.query_one(TurnTable).selected
        said = "" if turn is None else "\n".join(self._words(turn))
        self.query_one("#turn-said", Static).update(Content(said))

    def on_line_table_opened(self, event: LineTable.Opened) -> None:
        """There is nothing more to see."""
        event.stop()

    def _words(self, turn: OnCallTurn) -> list[str]:
        local, now = self._shared.local, self._shared.clock.now()
        found = [
            f"Away from {local.moment(one.start, now)} to {local.moment(one.end, now)}"
            f"{f': {one.why}' if one.why else ''}"
            for one in turn.away
        ]
        if turn.person is None:
            found.append("Nobody is on call then; somebody can take it.")
        made = turn.handover
        if made is not None:
            why = f": {made.reason}" if made.reason else ""
            when = f"{local.moment(made.start, now)} to {local.moment(made.end, now)}"
            found.append(f"Changed by {made.author}, {when}{why}")
        return found

    def action_take(self) -> None:
        """Take the turn under the cursor."""
        self._hand_over("Take on call", "takes it", self._plan.me or "", "take on call")

    def action_give(self) -> None:
        """Give the turn under the cursor to somebody."""
        self._hand_over("Give on call", "gives it", "", "give on call")

    def action_swap(self) -> None:
        """Ask for which turn, then change the two."""
        turn, now = self.query_one(TurnTable).selected, self._shared.clock.now()
        if turn is None or turn.person is None:
            self.app.notify("Only a turn of somebody can be swapped.", timeout=3, markup=False)
            return
        others = {
            str(place): one
            for place, one in enumerate(self._plan.turns)
            if one.rotation == turn.rotation and one.person not in {None, turn.person}
        }
        choices = [
            Choice(
                key, f"{one.person}, {self._span(one)}", "has it now" if one.start <= now else ""
            )
            for key, one in others.items()
        ]
        by = self._shared.operator

        def answered(choice: Choice | None) -> None:
            if choice is not None:
                other = others[choice.value]
                mine, theirs = max(turn.start, now), max(other.start, now)
                self._call(
                    lambda door: door.on_call.swap(turn.rotation, mine, theirs, by),
                    f"{turn.person} and {other.person} have changed turns.",
                )

        about = (f"{turn.rotation}: {turn.person}, {self._span(turn)}", "for the turn of")
        self.app.push_screen(PickDialog("Swap turns", about, "OnCallTurn", choices), answered)

    def action_end(self) -> None:
        """Ask, then end the change that the turn under the cursor comes from."""
        turn = self.query_one(TurnTable).selected
        made = turn.handover if turn is not None else None
        if turn is None or made is None:
            self.app.notify(
                "This turn is as the configuration has it; there is no change to end.",
                timeout=3, markup=False,
            )  # fmt: skip
            return
        by, about = self._shared.operator, (f"{turn.rotation}: {turn.person}", *self._words(turn))

        def answered(found: Any) -> None:
            if found is not None:
                self._call(lambda door: door.on_call.end(made.id, by), "Ended; it is as before.")

        self.app.push_screen(FormDialog("End the change", about, "ends it"), answered)

    def _hand_over(self, title: str, verb: str, person: str, action: str) -> None:
        turn, now = self.query_one(TurnTable).selected, self._shared.clock.now()
        if turn is None:
            self.app.notify("No turn is selected.", timeout=3, markup=False)
            return
        start, by = max(turn.start, now), self._shared.operator

        def end(text: str) -> datetime:
            return until(text, start, self._shared.local) if text else turn.end

        people = self._plan.people
        fields = (
            Field("person", "Who", ", ".join(people), lambda text: _one_of(text, people), person),
            Field("end", "Until", _UNTIL, end),
            Field("reason", "Reason", "May stay empty"),
        )
        about = (f"{turn.rotation}: {turn.person or 'nobody'}", self._span(turn))

        def answered(found: Any) -> None:
            if found is not None:
                spans = {found["person"]: (start, found["end"])}
                self._call(
                    lambda door: door.on_call.hand_over(
                        turn.rotation, spans, by, found["reason"], action
                    ),
                    f"{found['person']} has {turn.rotation} until "
                    f"{self._shared.local.moment(found['end'], now)}.",
                )

        self.app.push_screen(FormDialog(title, about, verb, fields), answered)

    def _span(self, turn: OnCallTurn) -> str:
        local, now = self._shared.local, self._shared.clock.now()
        return f"{local.moment(turn.start, now)} to {local.moment(turn.end, now)}"

    def _call(self, call: Callable[[ServiceDoor], Awaitable[Any]], done: str) -> None:
        acting = Acting(self.app, self._shared)

        async def do() -> None:
            try:
                await acting.ask(call)
            except Exception as error:  # noqa: BLE001 - said to the person instead
                acting.say(f"It was not done. {sentence(error)}", "error")
                return
            acting.say(done)
            if self.is_mounted:
                self._ask()

        acting.run(do())


def _one_of(text: str, people: Sequence[str]) -> str:
    """Read the name of one of the people.

    Raises:
        ValueError: in words, if it is none.
    """
    found = next((one for one in people if same(one, text)), None)
    if found is None:
        near = hint(text, people) or f"There are {', '.join(people) or 'none'}."
        raise ValueError(f"Nobody of alerts.people has this name; {near}" if text else near)
    return found
