"""The line in which the filter is typed, and which stays while it is on."""

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input

from sla_console.ui.widgets.bar import Piece, PieceBar


class FilterBar(Horizontal):
    """Shown while a filter is typed or on.

    Args:
        id: As in Textual.
    """

    class Typed(Message):
        """The filter's text is another.

        Args:
            text: As typed.
        """

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Kept(Message):
        """The person is done typing."""

    def compose(self) -> ComposeResult:
        """Lay out the words, the field and what the filter leaves."""
        yield PieceBar(id="filter-label")
        yield Input(
            placeholder="text !not @technician #client p1 left<30m risk>=high state:held",
            id="filter-text",
            select_on_focus=False,
            compact=True,
        )
        yield PieceBar(id="filter-result")

    def on_mount(self) -> None:
        """Stay out of the way until it is wanted."""
        self.display = False
        self.query_one("#filter-label", PieceBar).show([Piece("Filter", "accent")])
        field = self.query_one(Input)
        field.cursor_blink = False
        # Out of the tab order while hidden, so that the list keeps the keys.
        field.can_focus = False

    @property
    def text(self) -> str:
        """What is typed."""
        return self.query_one(Input).value

    def edit(self) -> None:
        """Take the keys."""
        self.display = True
        field = self.query_one(Input)
        field.can_focus = True
        # At once, not when next idle: what is typed behind the key must not reach the board.
        self.screen.set_focus(field)

    def leave(self) -> None:
        """Give the keys back; stay in sight only while there is something typed."""
        self.query_one(Input).can_focus = False
        self.display = bool(self.text.strip())

    def restore(self, text: str) -> None:
        """Show a filter that was not typed here, in sight like any other."""
        self.query_one(Input).value = text
        self.leave()

    def clear(self) -> None:
        """Forget what was typed."""
        self.query_one(Input).value = ""
        self.leave()

    def say(self, result: list[Piece]) -> None:
        """Show what the filter leaves."""
        self.query_one("#filter-result", PieceBar).show([], result)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow while typing."""
        event.stop()
        self.post_message(self.Typed(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep the filter."""
        event.stop()
        self.post_message(self.Kept())
