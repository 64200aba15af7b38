"""What the board says about itself: its filter, its marks, and why it is empty."""

from collections.abc import Mapping

from sla_console.domain.board import Board
from sla_console.ui.board.board_query import BoardQuery, BoardRows
from sla_console.ui.widgets.bar import Piece


def filter_pieces(wish: BoardQuery, arranged: BoardRows, board: Board) -> list[Piece]:
    """Return how much the filter leaves, and how many breaches it hides."""
    pieces: list[Piece] = []
    if wish.filter:
        pieces.append(Piece(f"{len(arranged.rows)} of {len(board.tickets)}", "strong"))
    if arranged.hidden:
        noun = "breach" if len(arranged.hidden) == 1 else "breaches"
        pieces.append(Piece(f"{len(arranged.hidden)} {noun} hidden by filter", "breached"))
    if pieces:
        pieces.append(Piece("clears", "muted", 2, "screen.clear_filter", "esc"))
    return pieces


def marked_words(marks: Mapping[str, None], wish: BoardQuery, arranged: BoardRows) -> str:
    """Return how many are marked, and how many of them the filter hides; empty: none."""
    if not marks:
        return ""
    hidden = 0
    if wish.filter:
        hidden = len(marks.keys() - {judged.ticket.id for judged in arranged.rows})
    return f"{len(marks)} marked" + (f", {hidden} of them hidden" if hidden else "")
