"""For a screen on the wall: read from five metres, by people who touch nothing."""

import asyncio
from datetime import datetime, timedelta
from typing import ClassVar, Final

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from sla_console.domain.errors import NotReady
from sla_console.domain.sla.due_hours import DueHour, due_hours
from sla_console.ui.actions.base import sentence
from sla_console.ui.actions.selection import Selection
from sla_console.ui.context import Context
from sla_console.ui.messages import LeaveWall
from sla_console.ui.screens.view import View
from sla_console.ui.state import Shown
from sla_console.ui.wall.pages import MOST, ROTATION, WallPage, page_at, shift_at
from sla_console.ui.wall.text import Kept, WallText
from sla_console.ui.widgets.bar import Piece, PieceBar
from sla_console.ui.widgets.canvas import Canvas
from sla_console.ui.widgets.facts import health_pieces, leader_piece, nobody_hears

_AGAIN: Final = timedelta(seconds=60)
_UNLOCKED: Final = timedelta(seconds=30)
_DOUBLE: Final = (150, 44)
"""Columns and rows from which on the numbers are drawn twice as large."""
_BORDER: Final = 2 + MOST[0]
"""Columns beside large numbers and page: those they are moved by, and one at each side."""
_ALLOWED: Final = frozenset({"view", "quit", "help", "mute", "refresh_now", "suspend_process"})


class WallView(View):
    """Large numbers, and pages that take turns until somebody is needed.

    Args:
        context: What the screens share.
    """

    NAME = "wall"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("U,shift+u", "unlock", "Unlock", show=False, priority=True),
        Binding("escape", "leave", "Leave", show=False, priority=True),
    ]

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._unlocked_until: datetime | None = None
        self._kept: Kept | None = None
        self._kept_since: datetime | None = None
        self._fault = ""
        self._asked_at: datetime | None = None
        self._text: WallText | None = None
        self._strip: tuple[DueHour, ...] = ()
        self._strip_of: tuple[int, datetime] | None = None
        self._page = WallPage.URGENT
        self._shift = (0, 0)

    def compose_body(self) -> ComposeResult:
        """Lay out the numbers above the page."""
        with Vertical(id="wall"):
            yield Canvas(id="figures")
            yield Canvas(id="page")
        yield PieceBar(id="health")

    def restyle(self) -> None:
        """Take up changed signs and zone."""
        self._text = None
        super().restyle()

    def on_resize(self) -> None:
        """Fill everything again, once it is known how much the terminal holds."""
        super().on_resize()
        self.call_after_refresh(self._draw_again)

    # What is shown.

    def show_body(self, shown: Shown) -> None:
        """Show a new board."""
        self._look_ahead(shown)
        self.tick_body(shown)

    def tick_body(self, shown: Shown) -> None:
        """Count down, turn the page, and move the picture now and then."""
        if self._asked_at is None or not timedelta() <= shown.now - self._asked_at < _AGAIN:
            self._asked_at = shown.now
            self._ask()
        self._draw(shown)

    def _draw_again(self) -> None:
        if self.shown is not None:
            self._draw(self.shown)

    def _draw(self, shown: Shown) -> None:
        options, context = self.context.options, self.context
        if self._text is None:
            self._text = WallText(context.symbols, context.local, options.thresholds)
        text, board, now = self._text, shown.board, shown.now
        figures, page = self.query_one("#figures", Canvas), self.query_one("#page", Canvas)
        shift = shift_at(now)
        if shift != self._shift:
            self._move(shift)
        scale = 2 if self.size.width >= _DOUBLE[0] and self.size.height >= _DOUBLE[1] else 1
        width = self.size.width - _BORDER
        numbers = text.figures(board, self._kept, now, failed=bool(self._fault))
        lines = text.draw(numbers, width, scale)
        if figures.styles.height is None or figures.styles.height.value != len(lines) + 1:
            figures.styles.height = len(lines) + 1
        figures.show(lines)
        unacknowledged = board.counts.unacknowledged
        self._page = page_at(now, options.wall_page_seconds, unacknowledged=unacknowledged)
        size = (width, page.size.height)
        page.show(text.page(self._page, board, self._strip, size, now, scale))

    def _move(self, shift: tuple[int, int]) -> None:
        """Move the picture, lines above and below included, within the border kept free for it."""
        self._shift = shift
        (right, down), (most_right, most_down) = shift, MOST
        self.query_one("#frame").styles.padding = (
            down, most_right - right, most_down - down, right,
        )  # fmt: skip

    def _look_ahead(self, shown: Shown) -> None:
        """Work out what falls due when: once a board, and no more than every ten seconds."""
        working, before = self.context.options.working, self._strip_of
        if working is None or (
            before is not None
            and (before[0] == shown.board.version or shown.now - before[1] < timedelta(seconds=10))
        ):
            return
        self._strip_of = (shown.board.version, shown.now)
        self._strip = due_hours(shown.board.tickets, working, shown.now)

    def show_bars(self) -> None:
        """Bring the lines above and below up to date."""
        super().show_bars()
        shown = self.shown
        if shown is None:
            return
        if self._page is WallPage.BREACHES:
            place = "this page stays until somebody has them"
        else:
            place = f"page {ROTATION.index(self._page) + 1} of {len(ROTATION)}"
        health = health_pieces(shown.board.health, shown.now, self.context.symbols)
        # How old the data is, the second of them, is never left out.
        known = [piece._replace(rank=0) for piece in health[:2]]
        self.query_one("#health", PieceBar).show(
            [*known, *health[2:]], [*self._limits(shown), leader_piece(shown.board.health)]
        )
        pieces = [Piece(place, "muted")]
        if self._is_unlocked(shown.now):
            pieces.append(Piece("unlocked: w leaves, q quits", "accent"))
        elif self.context.options.wall:
            pieces.append(Piece("U unlocks", "muted", 3))
        else:
            pieces.append(Piece("w or esc leaves", "muted", 3))
        if self._fault:
            pieces.append(Piece(self._fault, "urgent"))
        self.query_one("#keys", PieceBar).show(pieces)

    def show_keys(self) -> None:
        """There are none to show; the line says which page it is."""

    def _show_banner(self, shown: Shown) -> None:
        banner = self.query_one("#banner", PieceBar)
        words = nobody_hears(shown.board.health, shown.now)
        banner.display = words is not None
        if words is not None:
            text = f"{self.context.symbols.breached} {words}"
            banner.show([Piece(text.ljust(self.size.width - 2 - MOST[0]), "alarm")])

    def _tabs(self, shown: Shown, clock: Piece) -> list[Piece]:
        del shown, clock
        return [Piece(self.context.options.title, "strong")]

    @work(exclusive=True, group="kept", exit_on_error=False)
    async def _ask(self) -> None:
        now = self.context.clock.now()
        start = self.context.local.midnight(now)
        if start != self._kept_since:
            # What was kept yesterday is not what was kept today.
            self._kept, self._kept_since = None, start
        try:
            future = self.context.link.submit(lambda service: service.kept_between(start, now))
            self._kept, self._fault = Kept(*await asyncio.wrap_future(future)), ""
            self._draw(self.context.shown())
        except NotReady:
            self._asked_at = None  # the next second asks again
        except Exception as error:  # noqa: BLE001 - said to the person instead
            self._fault = f"What was kept today is not known: {sentence(error)}"

    # Who may do what.

    def _is_unlocked(self, now: datetime) -> bool:
        return self._unlocked_until is not None and now < self._unlocked_until

    def allows(self, action: str) -> bool:
        """On a wall that nobody sits at, nothing works until it is unlocked."""
        if action == "unlock":
            return self.context.options.wall
        if self.context.options.wall and not self._is_unlocked(self.context.clock.now()):
            return False
        return action in _ALLOWED or action == "leave"

    def action_unlock(self) -> None:
        """Let keys work for a while."""
        self._unlocked_until = self.context.clock.now() + _UNLOCKED
        self.show_bars()

    def action_leave(self) -> None:
        """Go back to the board."""
        self.post_message(LeaveWall())

    def selection(self) -> Selection | None:
        """Nothing is chosen on a wall."""
        return None
