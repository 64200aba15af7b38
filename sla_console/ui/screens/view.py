"""What every view has: bars above and below, the trouble line, and the one list that has the keys."""

from abc import abstractmethod
from typing import Any, ClassVar

from rich.text import Text
from textual import on
from textual.actions import parse
from textual.app import ComposeResult
from textual.containers import Container
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from sla_console.domain.board import SourceState
from sla_console.domain.durations import words
from sla_console.domain.tickets.operation import OperationState
from sla_console.ui.actions.action import CONSOLE, LIST, TICKET, Action
from sla_console.ui.actions.catalogue import ACTIONS, MOVES
from sla_console.ui.actions.selection import Chosen, Selection
from sla_console.ui.context import Context
from sla_console.ui.state import Shown
from sla_console.ui.terminal.dirty_spans import NarrowCompositor
from sla_console.ui.widgets.bar import Piece, PieceBar
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
    ("board", "Board"),
    ("breaches", "Breaches"),
    ("technicians", "Technicians"),
    ("clients", "Clients"),
    ("forecast", "Forecast"),
    ("alerts", "Alerts"),
    ("policies", "Policies"),
    ("health", "Health"),
    ("reports", "Reports"),
)
_SHED = (
    "policies", "health", "forecast", "clients", "reports", "alerts", "technicians", "breaches",
    "board",
)  # fmt: skip
"""Views in the order in which their names give way where the terminal is narrow."""


class View(Screen[None]):
    """Base of the views.

    Args:
        context: What the screens share.
    """

    NAME: ClassVar[str] = ""
    KEY_LINE: ClassVar[frozenset[str]] = frozenset({TICKET, LIST, CONSOLE})
    """Groups of actions that its key line offers."""
    AUTO_FOCUS = "LineTable"

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._compositor = NarrowCompositor()
        self.context = context
        self.shown: Shown | None = None
        self._had_focus: Widget | None = None

    def compose(self) -> ComposeResult:
        """Lay out the bars around the view's own part."""
        with Container(id="frame"):
            yield PieceBar(id="banner")
            yield PieceBar(id="top")
            yield PieceBar(id="counts")
            yield PieceBar(id="trouble")
            yield from self.compose_body()
            yield PieceBar(id="status")
            yield PieceBar(id="keys")
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

    def chosen(self) -> Chosen | None:
        """Return all that an action would be about."""
        one = self.selection()
        return None if one is None else Chosen((one,))

    def notes(self) -> list[Piece]:
        """Return what stands at the right of the counts."""
        return []

    def nothing(self, shown: Shown, words: str) -> str:
        """Return what stands where there is none of something: that there is none, as far as read.

        Args:
            shown: What is known.
            words: What it means that there is none, a sentence.
        """
        health = shown.board.health
        if shown.loading:
            return "Loading from cache" + self.context.symbols.ellipsis
        if not shown.board.known or health.last_sync_at is None:
            return "Nothing is known yet: SuperOps was never read."
        if health.connection is SourceState.IN_DOUBT:
            return f"{words} That may not be all: the console itself is in doubt."
        if health.connection not in {SourceState.STALE, SourceState.CANNOT_SIGN_IN}:
            return words
        at = self.context.local.moment(health.last_sync_at, shown.now)
        return f"{words} That is of {at}; SuperOps could not be read since."

    def allows(self, action: str) -> bool:
        """Return whether an action works here now.

        Args:
            action: The method it runs, without ``action_``.
        """
        return bool(action)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Refuse what this view does not know, so that its key can be somebody else's."""
        del parameters
        return hasattr(self, f"action_{action}") and self.allows(action)

    def on_mount(self) -> None:
        """Fill in at once what is known."""
        self.show_keys()
        self.show(self.context.shown())

    def restyle(self) -> None:
        """Take up changed signs and keys."""
        for widget in self.query("LineTable"):
            if isinstance(widget, LineTable):
                widget.symbols = self.context.symbols
                widget.lay_out_again()
        self.show_keys()

    def show_keys(self) -> None:
        """Fill in the key line."""
        for bar in self.query("#keys").results(PieceBar):  # there is none while the screen closes
            bar.show(self._key_pieces())

    @property
    def too_small(self) -> bool:
        """Whether the terminal is too small to show anything but a sentence."""
        return self.has_class("-tiny") or self.has_class("-flat")

    def on_resize(self) -> None:
        """Fill the bars again, once it is known how much the terminal holds."""
        self.call_after_refresh(self._resized)

    def _resized(self) -> None:
        """Give the keys back to what had them before the terminal was too small to show it."""
        self.show_bars()
        had = self._had_focus
        if not self.too_small and self.focused is None and had is not None and had.focusable:
            self.set_focus(had, scroll_visible=False)

    def watch_focused(self, focused: Widget | None) -> None:
        """Remember what has the keys: what is hidden loses them."""
        if focused is not None:
            self._had_focus = focused

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
        if shown is None or not self.app.is_running or not self.query("#frame"):
            return  # while the app closes, its screens lose their widgets
        self.show_keys()
        symbols, health = self.context.symbols, shown.board.health
        clock = Piece(self.context.local.clock(shown.now), "strong")
        self.query_one("#top", PieceBar).show(self._tabs(shown, clock), [clock])
        counts = count_pieces(shown.board, symbols)
        self.query_one("#counts", PieceBar).show(
            [Piece("loading from cache", "muted")] if shown.loading else counts, self.notes()
        )
        self.query_one("#status", PieceBar).show(
            health_pieces(health, shown.now, symbols), [*self._limits(shown), leader_piece(health)]
        )
        self._show_banner(shown)
        line = self.query_one("#trouble", PieceBar)
        piece = trouble(shown)
        line.display = piece is not None
        if piece is not None:
            line.show([piece._replace(text=f"{symbols.at_risk} {piece.text}")])
        if self.too_small:
            alarm = nobody_hears(health, shown.now)
            age = " ".join(p.text for p in health_pieces(health, shown.now, symbols)[:2])
            said = [*([alarm] if alarm else []), breached_sentence(shown), age]
            self.query_one("#too-small", Static).update(Text("\n".join(said)))

    @on(LineTable.Marked)
    def _marked(self) -> None:
        self.show_bars()

    def _show_banner(self, shown: Shown) -> None:
        banner = self.query_one("#banner", PieceBar)
        words = nobody_hears(shown.board.health, shown.now)
        banner.display = words is not None
        if words is not None:
            text = f"{self.context.symbols.breached} {words}"
            banner.show([Piece(text.ljust(self.size.width - 2), "alarm")])

    def _limits(self, shown: Shown) -> list[Piece]:
        """Return what this console does not do at present."""
        pieces = [Piece("read only", "held")] if self.context.options.read_only else []
        if shown.muted_until is not None and shown.now < shown.muted_until:
            pieces.append(Piece(f"bell quiet {words(shown.muted_until - shown.now)}", "urgent"))
        lost = sum(one.state is not OperationState.PENDING for one in shown.board.operations)
        if lost:
            key = self.context.keys.shown_of("ticket.changes")
            said = f"{lost} {'change' if lost == 1 else 'changes'} not taken"
            pieces.append(Piece(said, "breached", 0, "app.changes", key))
        return pieces

    def _tabs(self, shown: Shown, clock: Piece) -> list[Piece]:
        """Return the title and the views; where they do not all fit, some by number alone."""
        title = Piece(self.context.options.title, "strong", 1)
        nameless: set[str] = set()
        for shed in (None, *_SHED):
            nameless |= {shed} if shed else set()
            tabs = [
                self._tab(shown, number, name, label, whole=name not in nameless)
                for number, (name, label) in enumerate(_TABS, 1)
            ]
            if sum(piece.length + 2 for piece in (title, *tabs, clock)) <= self.size.width:
                break
        return [title, *tabs]

    def _tab(self, shown: Shown, number: int, name: str, label: str, *, whole: bool) -> Piece:
        waiting = {
            "breaches": shown.board.counts.unacknowledged,
            "alerts": shown.board.health.alerts_dead,
        }
        count, here = waiting.get(name, 0), name == self.NAME
        text = f"{number} {label}" if here or whole or count else str(number)
        text = f"{text} {count}" if count else text
        text = f"[{text}]" if here else text
        return Piece(text, "accent" if here else "muted", 0, f"app.view('{name}')")

    def _key_pieces(self) -> list[Piece]:
        """Return the key line: each piece a key and its label, clickable."""
        pieces: list[Piece] = []
        chosen = self.chosen() is not None
        for action in (*MOVES, *ACTIONS):
            key = self.context.keys.shown(action)
            if action.key_line is None or not key or not self._offers(action):
                continue
            run = action.run if action.of_view else f"app.{action.run}"
            if action in MOVES:
                run = f"screen.{action.name}"
            look = "muted" if self._can(action, chosen=chosen) else "off"
            pieces.append(Piece(action.label, look, action.key_line, run, key))
        return pieces

    def _can(self, action: Action, *, chosen: bool) -> bool:
        """Return whether an action that this view offers would do something now."""
        _, name, parameters = parse(action.run)
        if action.group == TICKET and not chosen:
            return False
        return self.app.check_action(name, parameters) is not None

    def _offers(self, action: Action) -> bool:
        known = not (action.of_view or action in MOVES) or hasattr(self, f"action_{action.name}")
        return known and (action.group in self.KEY_LINE or action.id == "view.wall")

    def fade_if_stale(self, *tables: LineTable[Any]) -> None:
        """Dim lists that may no longer be true."""
        stale = self.shown is not None and self.shown.board.health.connection in {
            SourceState.IN_DOUBT,
            SourceState.STALE,
            SourceState.CANNOT_SIGN_IN,
        }
        for table in tables:
            table.fade(stale)
