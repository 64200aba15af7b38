"""What reaches the app from outside its own thread."""

from textual.message import Message

from sla_console.domain.board import Board


class BoardArrived(Message):
    """The service made a new board. An unread older one is dropped: only the latest is true.

    Args:
        board: The new board.
    """

    def __init__(self, board: Board) -> None:
        super().__init__()
        self.board = board

    def can_replace(self, message: Message) -> bool:
        """Return whether ``message`` is an unread board that this one makes pointless."""
        return isinstance(message, BoardArrived)
