"""The console's app: holds the board in hand, hands it to the screens, and runs the actions."""

import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cached_property, partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import on
from textual.app import App
from textual.binding import BindingType
from textual.command import CommandPalette, Provider
from textual.events import Event, Key
from textual.screen import Screen

from sla_console.domain.board import Board
from sla_console.domain.clock import Clock
from sla_console.domain.wellness import board_at
from sla_console.ui.actions.action import bindings
from sla_console.ui.actions.breaches import Operations
from sla_console.ui.actions.catalogue import ACTIONS
from sla_console.ui.actions.keymap import Keymap
from sla_console.ui.actions.palette import ActionCommands
from sla_console.ui.actions.pending import Pending
from sla_console.ui.actions.read_only import GuardedApp
from sla_console.ui.actions.selection import Chosen
from sla_console.ui.context import Context
from sla_console.ui.link import ServiceLink
from sla_console.ui.messages import BoardArrived, LeaveWall, Remembered, ShowTickets
from sla_console.ui.new_breach_toast import NewBreachToast
from sla_console.ui.screens.board import BoardView
from sla_console.ui.screens.breaches import BreachesView
from sla_console.ui.screens.later import LATER, later
from sla_console.ui.screens.view import View
from sla_console.ui.session.options import UIOptions
from sla_console.ui.session.session_manager import SessionManager
from sla_console.ui.session.session_state import SessionState
from sla_console.ui.session.themes import ANSI_TOKENS, DEFAULT, OWN_THEMES, PLAIN, SLA_TOKENS
from sla_console.ui.state import DealsWith, Follower, Shown
from sla_console.ui.terminal.bell import Ringer
from sla_console.ui.terminal.sequences import set_title
from sla_console.ui.text.local_time import LocalTime
from sla_console.ui.widgets.line_table import LineTable

if TYPE_CHECKING:
    # Only named here: the first screen is painted before they are needed.
    from sla_console.ui.actions.alerts import AlertOperations
    from sla_console.ui.actions.tickets import TicketOperations

_log = logging.getLogger(__name__)
_OWN: Final = {action.name for action in ACTIONS}
_NOT_IN_DIALOGS: Final = _OWN - {"suspend_process"}
_MUTED: Final = timedelta(minutes=15)


class ConsoleApp(GuardedApp):
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
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(ACTIONS)]
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
        super().__init__(options, clock)
        self._pending = Pending()
        self.context = Context(
            link=link,
            clock=clock,
            operator=operator,
            options=options,
            symbols=options.symbols,
            local=LocalTime(options.timezone),
            shown=self._look,
            keys=Keymap.of(options.keys),
            memory=SessionState(),
            alert_operations=lambda: self._alert_operations,
        )
        self.set_keymap(self.context.keys.for_textual())
        for view in (BoardView, BreachesView):
            self.add_mode(view.NAME, partial(view, self.context))
        for name in LATER:
            self.add_mode(name, partial(later, name, self.context))
        self._board = link.board
        self._operations = Operations(self, self.context, self._pending, self._show)
        self._keeper = SessionManager(self, self.context)
        self._ringer, self._news = Ringer(self), NewBreachToast(self)
        self._unsubscribe: Callable[[], None] = lambda: None
        self._said_title = ""
        self._told = False
        self._painted = False
        self.animation_level = "none"
        self._take_theme(options.theme)
        self.set_class(options.plain, "-ascii")

    def _take_theme(self, name: str | None) -> None:
        for theme in (*OWN_THEMES, *self._keeper.load_themes()):
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
        clock, link = self.context.clock, self.context.link
        now = clock.now()
        board = board_at(self._board, now, clock.elapsed(), link.board.health)
        return Shown(board, now, self._pending, link.failure, self._ringer.muted_until)

    @property
    def view(self) -> View | None:
        """The view that is open, be it under a dialog."""
        stack = self.screen_stack
        return stack[0] if stack and isinstance(stack[0], View) else None

    @property
    def _top(self) -> Screen[Any] | None:
        """The screen that has the keys, None while the app is closing."""
        stack = self.screen_stack
        return stack[-1] if stack else None

    @property
    def _follower(self) -> Follower | None:
        """The dialog that goes on showing the truth, once it is laid out."""
        top = self._top
        return top if top is not None and top.is_mounted and isinstance(top, Follower) else None

    def on_mount(self) -> None:
        """Listen to the service, to the clock and to signals."""
        self._unsubscribe = self.context.link.subscribe(self._arrived)
        self._board = self.context.link.board
        past = self.context.clock.now().microsecond / 1e6
        self.set_timer(max(0.01, 1.0 - past), self._start_ticking)
        self.end_by_signals()
        self.app_resume_signal.subscribe(self, self._come_back)
        self._show()
        self._keeper.begin()

    async def on_unmount(self) -> None:
        """Stop listening; how the console was left is written down first."""
        self._unsubscribe()
        await self._keeper.end()

    def _come_back(self, _app: App[Any]) -> None:
        """Paint all of it again, and take the title, after the shell had the terminal."""
        self._said_title = ""
        self.refresh(layout=True)
        self._show()

    def action_suspend_process(self) -> None:
        """Go to the background, unless that would stop the only watch over the tickets."""
        if self._board.health.leading:
            self.notify(
                "This console monitors, and stopped it would watch nothing. Open another one first, "
                "or run sla-console monitor.", severity="warning", markup=False,
            )  # fmt: skip
            return
        super().action_suspend_process()

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
        self._keeper.board_arrived(self._board)
        self._pending.settle(self._board, self.context.clock.now())
        self._show()
        if self._board.operations or "_ticket_operations" in self.__dict__:
            self._ticket_operations.board_arrived(self._board)

    def _start_ticking(self) -> None:
        self.tick()
        self.set_interval(1.0, self.tick)

    def _show(self) -> None:
        shown = self._look()
        if self.view is not None:
            self.view.show(shown)
        if (dialog := self._follower) is not None:
            dialog.board_arrived(self._board)
        if self._board.version and not self._painted:
            self._painted = True
            if self.context.options.on_painted is not None:
                self.call_after_refresh(self.context.options.on_painted)
        self._ringer.board_arrived(self._board, shown.now)
        self._news.board_arrived(self._board, shown.now, aloud=self.current_mode != "wall")
        self._say_title(shown.now)

    def _say_title(self, now: datetime) -> None:
        counts, name = self._board.counts, self.context.options.title
        title = f"{counts.breached} BREACHED" if counts.breached else f"{counts.open} open"
        title = self._ringer.title(now) or (f"{title} - {name}" if self._board.known else name)
        if title != self._said_title:
            self._said_title = title
            # Behind the paint: the board itself comes first.
            self.call_after_refresh(set_title, self, title)

    def views(self) -> Iterator[View]:
        """Return the views that were opened."""
        for stack in self._screen_stacks.values():
            yield from (screen for screen in stack if isinstance(screen, View))

    def show_again(self) -> None:
        """Show what is known once more: it is to look otherwise."""
        self._show()

    def tick(self) -> None:
        """Show this moment: what counts down is worked out from the clock, never counted."""
        if not self.is_running:
            return  # while the app closes, its screens lose their widgets before its timers end
        if self.context.link.failure is not None and not self._board.version:
            # Nothing was ever shown: whoever started it is told in words, on a plain terminal.
            self.exit()
        shown = self._look()
        if self.view is not None:
            self.view.tick(shown)
        self._say_title(shown.now)
        if (dialog := self._follower) is not None:
            dialog.tick()

    @cached_property
    def _alert_operations(self) -> "AlertOperations":
        from sla_console.ui.actions.alerts import AlertOperations  # noqa: PLC0415 - when needed

        return AlertOperations(self, self.context, self._operations)

    @cached_property
    def _ticket_operations(self) -> "TicketOperations":
        from sla_console.ui.actions.tickets import TicketOperations  # noqa: PLC0415 - as above

        return TicketOperations(self, self.context, self._pending, self._show)

    # The actions.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether an action works now.

        In a dialog none do but those on the ticket that it is about; a view may refuse some.
        """
        name = str(parameters[0]) if action == "ticket" and parameters else action
        if self.refuses(action, parameters):
            return None
        if self._top is not None and self._top.is_modal and action in _NOT_IN_DIALOGS:
            return action == "ticket" and isinstance(self._top, DealsWith)
        view = self.view
        if view is not None and action in _OWN and not view.allows(name):
            return False
        return super().check_action(action, parameters)

    def _chosen(self) -> Chosen | None:
        if isinstance(self._top, DealsWith):
            return self._top.chosen()
        return None if self.view is None else self.view.chosen()

    async def action_view(self, name: str) -> None:
        """Open a view; the wall, once it is open, gives way to the board."""
        if name == "wall" and self.current_mode == "wall":
            name = "board"
        if name != "wall":
            self.context.memory.view = name
            self._keeper.remember()
        await self.switch_mode(name)

    def action_ticket(self, name: str) -> None:
        """Do something to the chosen tickets.

        Args:
            name: What: a method of one of the operations.
        """
        if not self._in_sight():
            return
        chosen = self._chosen()
        if name in {"acknowledge", "unacknowledge", "escalate"}:
            getattr(self._operations, name)(chosen)
        elif name in {"snooze", "silence"}:
            getattr(self._alert_operations, name)(chosen)
        else:
            getattr(self._ticket_operations, name)(chosen)

    def _in_sight(self) -> bool:
        """Return whether the ticket under the cursor can be seen; say so where it cannot."""
        if self.view is None or not self.view.too_small or self._top is not self.view:
            return True
        self.notify("Too small to see which ticket that is.", timeout=3, markup=False)
        return False

    def action_changes(self) -> None:
        """Show what SuperOps does not have yet, or did not take."""
        from sla_console.ui.dialogs.changes import ChangesDialog  # noqa: PLC0415 - when asked for

        self.clear_notifications()  # the list says the same, and they would cover it
        self.push_screen(ChangesDialog(self.context, self._ticket_operations))

    def action_on_call(self) -> None:
        """Show who is on call now and next."""
        from sla_console.ui.dialogs.on_call import OnCallDialog  # noqa: PLC0415 - when asked for

        self.push_screen(OnCallDialog(self.context))

    async def on_event(self, event: Event) -> None:
        """Handle an event; a key says that somebody is here, so nothing needs to call them."""
        if isinstance(event, Key):
            self._ringer.quiet()
        await super().on_event(event)

    def action_refresh_now(self) -> None:
        """Ask SuperOps now."""
        self._operations.refresh()

    def action_mute(self) -> None:
        """Keep the bell quiet for a while, or let it ring again."""
        now = self.context.clock.now()
        muted = self._ringer.mute(now, _MUTED)
        self.notify("The bell is quiet for 15 minutes." if muted else "The bell rings again.",
                    timeout=3, markup=False)  # fmt: skip
        self._show()

    def action_theme(self) -> None:
        """Choose the colours."""
        self._keeper.choose_theme()

    def action_command_palette(self) -> None:
        """Offer all actions by their names."""
        asks = CommandPalette(placeholder="Find an action by its name", id="--command-palette")
        self.push_screen(asks)

    def action_help(self) -> None:
        """Show all keys."""
        from sla_console.ui.dialogs.help import HelpDialog  # noqa: PLC0415 - not needed to start

        self.push_screen(HelpDialog(self.context.symbols, self.context.keys))

    @on(LineTable.Opened)
    def _open(self) -> None:
        from sla_console.ui.dialogs.detail import DetailDialog  # noqa: PLC0415 - as above

        view = self.view
        if view is not None and self._in_sight() and (chosen := view.selection()) is not None:
            judged = self._board.by_id.get(chosen.ticket_id)
            self.push_screen(DetailDialog(self.context, chosen, judged))

    @on(ShowTickets)
    async def _show_tickets(self, event: ShowTickets) -> None:
        await self.action_view("board")
        if isinstance(self.view, BoardView):
            self.view.show_filter(event.filter_text)

    @on(LeaveWall)
    async def _leave_wall(self) -> None:
        await self.action_view("board")

    @on(Remembered)
    def _remember(self, event: Remembered) -> None:
        if event.rests:
            self._keeper.remember_place()
        else:
            self._keeper.remember()
