"""What reaches the app: from outside its own thread, and from its screens."""

from textual.message import Message


class BoardArrived(Message):
    """The service made a new board.

    It carries none: whoever reads it asks for the latest, and while a stalled terminal keeps the
    screens from reading, no boards pile up.
    """

    def can_replace(self, message: Message) -> bool:
        """Return whether ``message`` is an unread one of the same, which this makes pointless."""
        return isinstance(message, BoardArrived)


class Remembered(Message):
    """Something that shall be remembered is otherwise.

    Args:
        rests: It is only where the cursor stands: there is time until it rests.
    """

    def __init__(self, *, rests: bool = False) -> None:
        super().__init__()
        self.rests = rests

    def can_replace(self, message: Message) -> bool:
        """Return whether ``message`` is an unread one of the same."""
        return isinstance(message, Remembered) and (message.rests or not self.rests)


class ShowTickets(Message):
    """A person wants to see some tickets on the board.

    Args:
        filter_text: What the board's filter shall say.
    """

    def __init__(self, filter_text: str) -> None:
        super().__init__()
        self.filter_text = filter_text


class LeaveWall(Message):
    """A person wants to go from the wall to the board."""
