"""What every view has: bars above and below, the trouble line, and the one list that has the keys."""

from abc import abstractmethod
from typing import Any, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Container
from textual.screen import Screen
from textual.widgets import Static

from sla_console.ui.actions import ACTIONS, ALERT, MOVES, TICKET
from sla_console.ui.context import Context
from sla_console.ui.narrow import NarrowCompositor
from sla_console.ui.selection import Selection
from sla_console.ui.state import Shown
from sla_console.ui.widgets.bar import Bar, Piece
from sla_console.ui.widgets.facts import (
    breached_sentence,
    count_pieces,
    health_pieces,
    leader_piece,
    nobody_hears,
    trouble,
)
from sla_console.ui.widgets.line_table import LineTable

_TABS = (
    ("board", "1 Board"),
    ("breaches", "2 Breaches"),
    ("technicians", "3 Technicians"),
    ("alerts", "4 Alerts"),
)


class View(Screen[None]):
    """Base of the views.

    Args:
        context: What the screens share.
    """

    NAME: ClassVar[str] = ""
    AUTO_FOCUS = "LineTable"

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._compositor = NarrowCompositor()
        self.context = context
        self.shown: Shown | None = None

    def compose(self) -> ComposeResult:
        """Lay out the bars around the view's own part."""
        with Container(id="frame"):
            yield Bar(id="banner")
            yield Bar(id="top")
            yield Bar(id="counts")
            yield Bar(id="trouble")
            yield from self.compose_body()
            yield Bar(id="status")
            yield Bar(id="keys")
        yield Static(id="too-small")

    @abstractmethod
    def compose_body(self) -> ComposeResult:
        """Lay out what makes this view."""
        yield from ()

    @abstractmethod
    def show_body(self, shown: Shown) -> None:
        """Show a new board."""

    @abstractmethod
    def tick_body(self, shown: Shown) -> None:
        """Show a new moment of the same board."""

    @abstractmethod
    def selection(self) -> Selection | None:
        """Return what an action would be about."""

    def notes(self) -> list[Piece]:
        """Return what stands at the right of the counts."""
        return []

    def on_mount(self) -> None:
        """Fill in at once what is known."""
        self.query_one("#keys", Bar).show(_key_pieces(self.NAME))
        self.show(self.context.shown())

    def on_resize(self) -> None:
        """Fill the bars again, once it is known how much the terminal holds."""
        self.call_after_refresh(self.show_bars)

    def on_screen_resume(self) -> None:
        """Catch up with what happened while another view was open."""
        self.show(self.context.shown())

    def show(self, shown: Shown) -> None:
        """Show a new board."""
        self.shown = shown
        if self.is_mounted:
            self.show_body(shown)
            self.show_bars()

    def tick(self, shown: Shown) -> None:
        """Show a new moment of the same board."""
        self.shown = shown
        if self.is_mounted:
            self.tick_body(shown)
            self.show_bars()

    def show_bars(self) -> None:
        """Bring bars and trouble line up to date."""
        shown = self.shown
        if shown is None:
            return
        symbols, health = self.context.symbols, shown.board.health
        self.query_one("#top", Bar).show(
            self._tabs(shown), [Piece(self.context.local.clock(shown.now), "strong")]
        )
        counts = count_pieces(shown.board, symbols)
        self.query_one("#counts", Bar).show(
            [Piece("loading from cache", "muted")] if shown.loading else counts, self.notes()
        )
        self.query_one("#status", Bar).show(
            health_pieces(health, shown.now, symbols), [leader_piece(health)]
        )
        self._show_banner(shown)
        line = self.query_one("#trouble", Bar)
        piece = trouble(shown)
        line.display = piece is not None
        if piece is not None:
            line.show([piece._replace(text=f"{symbols.at_risk} {piece.text}")])
        if self.has_class("-tiny") or self.has_class("-flat"):
            alarm = nobody_hears(health, shown.now)
            said = [*([alarm] if alarm else []), breached_sentence(shown)]
            self.query_one("#too-small", Static).update(Text("\n".join(said)))

    def _show_banner(self, shown: Shown) -> None:
        banner = self.query_one("#banner", Bar)
        words = nobody_hears(shown.board.health, shown.now)
        banner.display = words is not None
        if words is not None:
            text = f"{self.context.symbols.breached} {words}"
            banner.show([Piece(text.ljust(self.size.width - 2), "alarm")])

    def _tabs(self, shown: Shown) -> list[Piece]:
        pieces = [Piece(self.context.options.title, "strong", 1)]
        for name, label in _TABS:
            waiting = {
                "breaches": shown.board.counts.unacknowledged,
                "alerts": shown.board.health.alerts_dead,
            }.get(name, 0)
            text = f"{label} {waiting}" if waiting else label
            here = name == self.NAME
            text = f"[{text}]" if here else f" {text} "
            pieces.append(Piece(text, "accent" if here else "muted", 0, f"app.view('{name}')"))
        return pieces

    def fade_if_stale(self, *tables: LineTable[Any]) -> None:
        """Dim lists that may no longer be true."""
        stale = self.shown is not None and self.shown.board.health.connection.value in {
            "stale",
            "cannot sign in",
        }
        for table in tables:
            table.fade(stale)


def _key_pieces(view: str) -> list[Piece]:
    """Return the key line: each piece a key and its label, clickable."""
    of_list = {"view.filter", "view.sort", "view.pause"}
    of_alerts = {action.id for action in ACTIONS if action.group == ALERT}
    of_tickets = {action.id for action in (*ACTIONS, *MOVES) if action.group == TICKET}
    hidden = {
        "board": of_alerts,
        "breaches": of_list | of_alerts,
        "alerts": of_list | of_tickets - {"ticket.silence"},
    }.get(view, of_list | of_alerts | of_tickets)
    pieces: list[Piece] = []
    for action in (*MOVES, *ACTIONS):
        if action.key_line is None or action.id in hidden:
            continue
        run = "screen.open" if action.run == "open" else f"app.{action.run}"
        pieces.append(Piece(action.label, "muted", action.key_line, run, action.shown_key))
    return pieces
