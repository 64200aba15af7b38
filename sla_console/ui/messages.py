"""What reaches the app from outside its own thread."""

from textual.message import Message


class BoardArrived(Message):
    """The service made a new board.

    It carries none: whoever reads it asks for the latest, and while a stalled terminal keeps the
    screens from reading, no boards pile up.
    """

    def can_replace(self, message: Message) -> bool:
        """Return whether ``message`` is an unread one of the same, which this makes pointless."""
        return isinstance(message, BoardArrived)
