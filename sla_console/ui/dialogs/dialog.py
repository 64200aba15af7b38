"""The base of all dialogs: each answers once, however many keys arrive in one packet."""

from typing import TypeVar

from textual.await_complete import AwaitComplete
from textual.events import InputEvent
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input

from sla_console.ui.terminal.dirty_spans import NarrowCompositor
from sla_console.ui.widgets.line_table import LineTable

Answer = TypeVar("Answer")

_FROM_PEOPLE = (InputEvent, Input.Changed, Input.Submitted, LineTable.Opened)
"""Messages that come from people, or that a widget makes of what they do."""


class Dialog(ModalScreen[Answer]):
    """A dialog that closes with its first answer and hears nothing after it.

    A terminal may deliver several keys at once, such as two Enters; the second one meets a dialog
    that is closed already, but whose parts are still there.
    """

    def __init__(self) -> None:
        super().__init__()
        self._compositor = NarrowCompositor()
        self._answered = False

    def dismiss(self, result: Answer | None = None) -> AwaitComplete:
        """Close with an answer; every one after the first is ignored."""
        if self._answered or not self.is_current:
            return AwaitComplete()
        self._answered = True
        return super().dismiss(result)

    def post_message(self, message: Message) -> bool:
        """Take a message, unless it is one of a person's and the answer is given."""
        if self._answered and isinstance(message, _FROM_PEOPLE):
            return False
        return super().post_message(message)
