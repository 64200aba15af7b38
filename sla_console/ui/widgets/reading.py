"""Words below a list, that scroll where they are more than their place holds."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static


class Reading(VerticalScroll, can_focus=True):
    """Some text; ``tab`` gives it the keys.

    Args:
        words: What it says at first.
        id: As in Textual.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "Down", show=False),
        Binding("k", "scroll_up", "Up", show=False),
    ]
    DEFAULT_CSS = """
    Reading { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
    Reading > Static { width: 1fr; height: auto; }
    """

    class Resized(Message):
        """There is another room for the words."""

    def __init__(
        self,
        words: str = "",
        *,
        id: str | None = None,  # noqa: A002 - Textual's own name
    ) -> None:
        super().__init__(id=id)
        self._first = words
        self._said = ""

    def compose(self) -> ComposeResult:
        """Lay out the text."""
        yield Static(Content(self._first))

    def on_resize(self) -> None:
        """Tell whoever wrote the words."""
        self.post_message(self.Resized())

    def say(self, words: Content) -> None:
        """Say something else; what is as it was is not painted again."""
        if self._said != words.plain:
            self._said = words.plain
            self.query_one(Static).update(words)

    @property
    def cells(self) -> int:
        """Cells of a line, with a scroll bar beside it."""
        return max(20, self.content_region.width - self.scrollbar_size_vertical)
