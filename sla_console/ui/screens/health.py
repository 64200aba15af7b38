"""How the console itself is: sync, engine, channels, store, process, and the end of the log."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from sla_console.domain.errors import NotReady
from sla_console.ui.actions.action import CONSOLE, LIST
from sla_console.ui.actions.base import sentence
from sla_console.ui.actions.selection import Selection
from sla_console.ui.context import Context
from sla_console.ui.screens.view import View
from sla_console.ui.state import Shown
from sla_console.ui.text.health_text import HealthText
from sla_console.ui.text.log_tail import log_tail
from sla_console.ui.widgets.bar import Piece, PieceBar

if TYPE_CHECKING:
    from sla_console.service.health_reader import SelfFacts

_AGAIN: Final = timedelta(seconds=5)
_LINES: Final = 200


class Facts(Static):
    """Some facts, written for the room there is."""

    class Resized(Message):
        """There is another room."""

    def on_resize(self) -> None:
        """Tell whoever wrote them."""
        self.post_message(self.Resized())


class HealthView(View):
    """Two columns where there is room, else one that scrolls; the log below.

    Args:
        context: What the screens share.
    """

    NAME = "health"
    KEY_LINE = frozenset({LIST, CONSOLE})
    AUTO_FOCUS = "#facts"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "move(1)", "Down", show=False),
        Binding("k", "move(-1)", "Up", show=False),
    ]

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._asked_at: datetime | None = None
        self._facts: SelfFacts | None = None
        self._said: dict[str, str] = {}

    def compose_body(self) -> ComposeResult:
        """Lay out facts and log."""
        with VerticalScroll(id="facts", can_focus=True), Horizontal(id="fact-columns"):
            yield Facts(id="engine-facts")
            with VerticalScroll(id="fact-side", can_focus=False):
                yield Facts(id="alert-facts")
                yield Facts(Content("Asking"), id="own-facts")
        yield PieceBar(id="log-title")
        with VerticalScroll(id="log"):
            yield Static(id="log-lines")

    def on_mount(self) -> None:
        """Say which log it is."""
        file = self.context.options.log_file
        self.query_one("#log-title", PieceBar).show([Piece(f"Log: {file or 'none'}", "accent")])

    def show_body(self, shown: Shown) -> None:
        """Show a new board."""
        self.tick_body(shown)

    def tick_body(self, shown: Shown) -> None:
        """Count on; ask for the rest now and then."""
        text = HealthText(self.context.symbols, self.context.local)
        left, right = self._cells("engine-facts"), self._cells("own-facts")
        self._say("engine-facts", text.engine(shown.board, shown.now, left))
        self._say("alert-facts", text.alerts(shown.board, shown.now, right))
        if self._facts is not None:
            self._say(
                "own-facts", text.itself(self._facts, shown.board.health.figures, shown.now, right)
            )
        if self._asked_at is None or not timedelta() <= shown.now - self._asked_at < _AGAIN:
            self._asked_at = shown.now
            self._ask()
            if self.context.options.log_file is not None:
                self._read_log(Path(self.context.options.log_file))

    def _cells(self, name: str) -> int:
        """Return how wide a part is; where it is not laid out yet, wide enough."""
        return self.query_one(f"#{name}", Static).content_region.width or 60

    @on(Facts.Resized)
    def _say_again(self) -> None:
        """Write everything as wide as there is room now."""
        self.tick_body(self.context.shown())

    def _say(self, name: str, said: Content) -> None:
        """Write a part, if it differs from what stands there."""
        if self._said.get(name) != said.plain:
            self._said[name] = said.plain
            self.query_one(f"#{name}", Static).update(said)

    @work(exclusive=True, group="facts", exit_on_error=False)
    async def _ask(self) -> None:
        future = self.context.link.submit(lambda service: service.health_facts())
        try:
            self._facts = await asyncio.wrap_future(future)
            self.tick_body(self.context.shown())
        except NotReady:
            self._asked_at = None  # the next second asks again
        except Exception as error:  # noqa: BLE001 - said to the person instead
            self._say("own-facts", Content(f"The store does not tell: {sentence(error)}"))

    @work(exclusive=True, group="log", exit_on_error=False)
    async def _read_log(self, file: Path) -> None:
        try:
            lines = await asyncio.to_thread(log_tail, file, _LINES)
        except OSError as error:
            lines = [f"The log cannot be read: {error.strerror}."]
        log = self.query_one("#log", VerticalScroll)
        at_end = log.max_scroll_y - log.scroll_y <= 1
        self._say("log-lines", Content("\n".join(lines) or "Nothing was logged yet."))
        if at_end:
            log.call_after_refresh(log.scroll_end, animate=False)

    def selection(self) -> Selection | None:
        """Nothing here is a ticket."""
        return None

    def action_move(self, lines: int) -> None:
        """Scroll what has the keys."""
        focused = self.focused
        if isinstance(focused, VerticalScroll):
            focused.scroll_relative(y=lines, animate=False)
