"""The console's app: holds the board in hand, hands it to the screens, and runs the actions."""

import asyncio
import logging
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, ClassVar, cast

from rich.text import Text
from textual import on
from textual.app import App
from textual.binding import BindingType
from textual.command import Provider
from textual.events import Event, Key

from sla_console.domain.board import Board
from sla_console.domain.clock import Clock
from sla_console.ui.actions import ACTIONS, bindings
from sla_console.ui.context import Context
from sla_console.ui.link import ServiceLink
from sla_console.ui.messages import BoardArrived
from sla_console.ui.moments import LocalTime
from sla_console.ui.operations import Operations
from sla_console.ui.options import UIOptions
from sla_console.ui.palette import ActionCommands
from sla_console.ui.pending import Pending
from sla_console.ui.ringing import Ringer
from sla_console.ui.screens.board import BoardView
from sla_console.ui.screens.breaches import BreachesView
from sla_console.ui.screens.technicians import TechniciansView
from sla_console.ui.screens.view import View
from sla_console.ui.selection import Selection
from sla_console.ui.state import Follower, Shown
from sla_console.ui.symbols import ASCII, UNICODE
from sla_console.ui.terminal import copy, pop_title, push_title, set_title
from sla_console.ui.themes import ANSI_TOKENS, DEFAULT, OWN_THEMES, PLAIN, SLA_TOKENS
from sla_console.ui.widgets.line_table import LineTable

if TYPE_CHECKING:
    # Only named here: the first screen is painted before they are needed.
    from sla_console.ui.alert_operations import AlertOperations
    from sla_console.ui.screens.alerts import AlertsView

_log = logging.getLogger(__name__)
_VIEWS: tuple[type[View], ...] = (BoardView, BreachesView, TechniciansView)
_NOT_IN_DIALOGS = {action.run.partition("(")[0] for action in ACTIONS} - {"suspend_process"}


class ConsoleApp(App[None]):
    """The screens over one service.

    Args:
        link: The service.
        clock: Tells the moment that is shown.
        operator: Whose name stands under what is done here.
        options: How it looks.

    Raises:
        UserError: if the options name a zone that does not exist.
    """

    CSS_PATH: ClassVar[list[str | PurePath]] = sorted(Path(__file__).parent.glob("styles/*.tcss"))
    DEFAULT_MODE = "board"
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {ActionCommands}
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(a for a in ACTIONS if a.run not in {"filter", "clear_filter", "sort", "pause"})
    ]
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - as Textual declares it
        (0, "-tiny"),
        (60, "-narrow"),
        (100, "-medium"),
        (160, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012 - as above
        (0, "-flat"),
        (15, "-short"),
        (30, "-tall"),
    ]
    NOTIFICATION_TIMEOUT = 5

    def __init__(self, link: ServiceLink, clock: Clock, operator: str, options: UIOptions) -> None:
        super().__init__()
        self.title = options.title
        self.context = Context(
            link=link,
            clock=clock,
            operator=operator,
            options=options,
            symbols=ASCII if options.ascii else UNICODE,
            local=LocalTime(options.timezone),
            shown=self._look,
        )
        for view in _VIEWS:
            self.add_mode(view.NAME, partial(view, self.context))
        self.add_mode("alerts", self._alerts_view)
        self._board = link.board
        self._pending = Pending()
        self._operations = Operations(self, self.context, self._pending, self._show)
        self._ringer = Ringer(self)
        self._unsubscribe: Callable[[], None] = lambda: None
        self._said_title = ""
        self._told = False
        self._painted = False
        self.animation_level = "none"
        self._take_theme(options.theme)
        self.set_class(options.ascii, "-ascii")

    def _take_theme(self, name: str | None) -> None:
        for theme in OWN_THEMES:
            self.register_theme(theme)
        if self.no_color:
            # Which filter takes the colours away was settled before this; only one takes all.
            name = PLAIN
        self.set_reactive(App.theme, name or DEFAULT)
        self.stylesheet.set_variables(self.get_css_variables())

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return colours by meaning for themes that know nothing of them."""
        return ANSI_TOKENS if self.current_theme.ansi else SLA_TOKENS

    # The board.

    def _look(self) -> Shown:
        """Return the board in hand, looked at now."""
        return Shown(
            self._board, self.context.clock.now(), self._pending, self.context.link.failure
        )

    @property
    def view(self) -> View | None:
        """The view that is open, be it under a dialog."""
        stack = self.screen_stack
        return stack[0] if stack and isinstance(stack[0], View) else None

    def on_mount(self) -> None:
        """Listen to the service, to the clock and to signals."""
        self._unsubscribe = self.context.link.subscribe(self._arrived)
        self._board = self.context.link.board
        past = self.context.clock.now().microsecond / 1e6
        self.set_timer(max(0.01, 1.0 - past), self._start_ticking)
        if not self.is_headless:
            loop = asyncio.get_running_loop()
            for ending in (signal.SIGTERM, signal.SIGHUP):
                loop.add_signal_handler(ending, self.exit)
        push_title(self)
        self._show()

    def on_unmount(self) -> None:
        """Stop listening."""
        self._unsubscribe()
        pop_title(self)

    def _arrived(self, _board: Board) -> None:
        """Hear of a board, in the service's thread."""
        if self._told:
            return
        self._told = True
        # A board that arrives while the app's loop is closing has nobody to see it.
        with suppress(RuntimeError):
            self.post_message(BoardArrived())

    @on(BoardArrived)
    def _take(self) -> None:
        # First this, then the board: one that arrives in between is told of again.
        self._told = False
        self._board = self.context.link.board
        self._pending.settle(self._board)
        self._show()

    def _start_ticking(self) -> None:
        self.tick()
        self.set_interval(1.0, self.tick)

    def _show(self) -> None:
        shown = self._look()
        if self.view is not None:
            self.view.show(shown)
        if isinstance(self.screen, Follower):
            self.screen.board_arrived(self._board)
        if self._board.version and not self._painted:
            self._painted = True
            if self.context.options.on_painted is not None:
                self.call_after_refresh(self.context.options.on_painted)
        self._ringer.board_arrived(self._board, shown.now)
        self._say_title(shown.now)

    def _say_title(self, now: datetime) -> None:
        counts = self._board.counts
        title = f"{counts.breached} BREACHED" if counts.breached else f"{counts.open} open"
        title = self._ringer.title(now) or f"{title} - {self.context.options.title}"
        if title != self._said_title:
            self._said_title = title
            # Behind the paint: the board itself comes first.
            self.call_after_refresh(set_title, self, title)

    def tick(self) -> None:
        """Show this moment: what counts down is worked out from the clock, never counted."""
        if self.context.link.failure is not None and not self._board.version:
            # Nothing was ever shown: whoever started it is told in words, on a plain terminal.
            self.exit()
        shown = self._look()
        if self.view is not None:
            self.view.tick(shown)
        self._say_title(shown.now)
        if isinstance(self.screen, Follower):
            self.screen.tick()

    def _alerts_view(self) -> View:
        from sla_console.ui.screens.alerts import AlertsView  # noqa: PLC0415 - not needed to start

        return AlertsView(self.context)

    @cached_property
    def _alert_operations(self) -> "AlertOperations":
        from sla_console.ui.alert_operations import AlertOperations  # noqa: PLC0415 - as above

        return AlertOperations(self, self.context, self._operations)

    @property
    def _alerts(self) -> "AlertsView | None":
        """The alerts view, if that is open."""
        view = self.view
        return cast("AlertsView", view) if view is not None and view.NAME == "alerts" else None

    # The actions.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether an action works now; those on tickets do not while a dialog is open."""
        if action in _NOT_IN_DIALOGS and self.screen.is_modal:
            return False
        return super().check_action(action, parameters)

    def _selection(self) -> Selection | None:
        return None if self.view is None else self.view.selection()

    async def action_view(self, name: str) -> None:
        """Open a view."""
        await self.switch_mode(name)

    def action_acknowledge(self) -> None:
        """Acknowledge what is selected."""
        self._operations.acknowledge(self._selection())

    def action_unacknowledge(self) -> None:
        """Give back what is selected."""
        self._operations.unacknowledge(self._selection())

    def action_escalate(self) -> None:
        """Hand up what is selected."""
        self._operations.escalate(self._selection())

    async def on_event(self, event: Event) -> None:
        """Handle an event; a key says that somebody is here, so nothing needs to call them."""
        if isinstance(event, Key):
            self._ringer.quiet()
        await super().on_event(event)

    def action_snooze(self) -> None:
        """Put off what is selected."""
        self._alert_operations.snooze(self._selection())

    def action_silence(self) -> None:
        """Tell nobody of the selected ticket's client, or of the ticket, for a while."""
        self._alert_operations.silence(self._selection())

    def action_retry_alert(self) -> None:
        """Send the selected message again now."""
        if (view := self._alerts) is not None:
            self._alert_operations.retry(view.message)

    def action_reroute_alert(self) -> None:
        """Send the selected message through another channel."""
        if (view := self._alerts) is not None:
            self._alert_operations.reroute(view.message)

    def action_discard_alert(self) -> None:
        """End the selected message."""
        if (view := self._alerts) is not None:
            self._alert_operations.discard(view.message)

    def action_end_silence(self) -> None:
        """End the selected silence."""
        if (view := self._alerts) is not None:
            self._alert_operations.end_silence(view.quiet)

    def action_refresh_now(self) -> None:
        """Ask SuperOps now."""
        self._operations.refresh()

    def action_copy_number(self) -> None:
        """Copy the number of the selected ticket."""
        if (chosen := self._selection()) is not None:
            copy(self, chosen.display_id)
            self.notify(f"Copied {chosen.display_id}", timeout=2, markup=False)

    def action_copy_link(self) -> None:
        """Copy the address of the selected ticket."""
        chosen, link = self._selection(), self.context.options.ticket_link
        address = link(chosen.ticket_id) if chosen is not None and link is not None else None
        if address is None:
            self.notify("There is no address to copy: superops.portal is not set.", markup=False)
        else:
            copy(self, address)
            self.notify(f"Copied {address}", timeout=2, markup=False)

    def action_help(self) -> None:
        """Show all keys."""
        from sla_console.ui.dialogs.help import HelpDialog  # noqa: PLC0415 - not needed to start

        self.push_screen(HelpDialog(self.context.symbols))

    @on(LineTable.Opened)
    def _open(self) -> None:
        from sla_console.ui.dialogs.detail import DetailDialog  # noqa: PLC0415 - as above

        if (chosen := self._selection()) is not None:
            judged = self._board.by_id.get(chosen.ticket_id)
            self.push_screen(DetailDialog(self.context, chosen.ticket_id, judged))

    # The end.

    def _fatal_error(self) -> None:
        """Leave with one sentence; the traceback goes to the log, and no local variable anywhere."""
        error = sys.exc_info()[1] or self._exception
        _log.critical("the console ended unexpectedly", exc_info=error)
        where = self.context.options.log_file
        hint = f"where it happened is in {where}" if where else "the log says where"
        self._exit_renderables.append(
            Text(f"sla-console: something unexpected went wrong ({type(error).__name__}); {hint}")
        )
        self._close_messages_no_wait()

    def panic(self, *_renderables: object) -> None:
        """As for any other unexpected error: Textual would print its own."""
        self._fatal_error()
