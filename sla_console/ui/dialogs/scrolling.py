"""What the dialogs that are read have in common: they scroll by the keys that move in a list."""

from abc import abstractmethod
from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from sla_console.ui.actions.catalogue import MOVES
from sla_console.ui.dialogs.dialog import Dialog

_SCROLLS: Final = {
    "move.down": "scroll(1)",
    "move.up": "scroll(-1)",
    "move.page-down": "scroll_page(1.0)",
    "move.page-up": "scroll_page(-1.0)",
    "move.half-down": "scroll_page(0.5)",
    "move.half-up": "scroll_page(-0.5)",
    "move.first": "scroll_first",
    "move.last": "scroll_last",
}
"""By id of a move what it does to a text."""


def _bindings() -> list[BindingType]:
    """Return the keys of the moves, under their ids: whoever has other keys has them here too."""
    return [
        Binding(move.binding().key, _SCROLLS[move.id], move.label, show=False, id=move.id)
        for move in MOVES
        if move.id in _SCROLLS
    ]


class ScrollingDialog(Dialog[None]):
    """Base of the dialogs that are read."""

    BINDINGS: ClassVar[list[BindingType]] = [*_bindings()]

    @property
    @abstractmethod
    def scrolled(self) -> VerticalScroll:
        """What scrolls."""

    def action_scroll(self, lines: int) -> None:
        """Scroll by so many lines."""
        self.scrolled.scroll_relative(y=lines, animate=False)

    def action_scroll_page(self, share: float) -> None:
        """Scroll by a share of what is in sight."""
        self.scrolled.scroll_relative(y=int(self.scrolled.size.height * share), animate=False)

    def action_scroll_first(self) -> None:
        """Scroll to the beginning."""
        self.scrolled.scroll_home(animate=False)

    def action_scroll_last(self) -> None:
        """Scroll to the end."""
        self.scrolled.scroll_end(animate=False)
