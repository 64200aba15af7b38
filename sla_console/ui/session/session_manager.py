"""Keeps the console as somebody left it, and as the configuration wants it while that changes."""

import asyncio
import logging
from collections.abc import Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from textual.theme import Theme
from textual.timer import Timer

from sla_console.domain.board import Board
from sla_console.domain.errors import NotReady
from sla_console.ui.actions.keymap import Keymap
from sla_console.ui.context import Context
from sla_console.ui.screens.board import BoardView
from sla_console.ui.session.options import Reloaded, UIOptions
from sla_console.ui.session.session_state import SessionState
from sla_console.ui.session.theme_files import LoadedThemes, ThemeFolder
from sla_console.ui.session.themes import DEFAULT, theme_names
from sla_console.ui.text.local_time import LocalTime

if TYPE_CHECKING:
    from sla_console.ui.app import ConsoleApp

_log = logging.getLogger(__name__)
_SETTLES: Final = 1.0
"""Seconds after the last change before it is written down."""
_RECALLED: Final = frozenset({
    "breaches", "technicians", "clients", "forecast", "alerts", "policies", "health",
    "reports",
})  # fmt: skip
"""Views that are opened again; the board is open already."""
_RESTS: Final = 5.0
"""Seconds for which the cursor rests before its ticket is remembered."""
_LAST_WORD: Final = 1.0
"""Seconds that leaving may take because of it."""
_LOOKS: Final = 2.0
"""Seconds between two looks at the configuration."""


class SessionManager:
    """Remembers, recalls, and takes up what is written into the configuration.

    Args:
        app: Whose looks.
        context: What the screens share.
    """

    def __init__(self, app: "ConsoleApp", context: Context) -> None:
        self._app, self._context = app, context
        self._timer: Timer | None = None
        self._asked = self._recalled = self._soon = False
        self._written: str | None = None
        folder = context.options.themes
        self._folder = None if folder is None else ThemeFolder(folder)
        self._theme_faults: tuple[str, ...] = ()

    def begin(self) -> None:
        """Recall how the console was left, and begin to look at the configuration."""
        self.board_arrived(self._context.link.board)
        notification = self._context.options.notification
        self._tell(
            (
                *([notification] if notification else []),
                *self._context.keys.faults,
                *self._theme_faults,
            )
        )
        if self._context.options.reload is not None or self._folder is not None:
            self._app.set_interval(_LOOKS, self._look)

    # Remembering.

    def board_arrived(self, board: Board) -> None:
        """Recall how the console was left, once the store can be asked."""
        if board.version and not self._asked:
            self._asked = True
            self._work(self._recall())

    def remember(self) -> None:
        """Write down how the console is, once it has settled."""
        self._write_after(_SETTLES)

    def remember_place(self) -> None:
        """Write down where the cursor stands, once it rests."""
        if not self._soon:
            self._write_after(_RESTS)

    def _write_after(self, seconds: float) -> None:
        if not self._recalled:
            return  # what was left before must be read before it is written over
        if self._timer is not None:
            self._timer.stop()
        self._soon = seconds == _SETTLES
        self._timer = self._app.set_timer(seconds, lambda: self._work(self._write()))

    async def end(self) -> None:
        """Write down at once what has not settled, before the console ends."""
        if self._recalled:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LAST_WORD):
                    await self._write()

    async def _write(self) -> None:
        who, text, self._soon = self._context.operator, self._context.memory.written(), False
        if text == self._written:
            return
        future = self._context.link.submit(lambda service: service.remember(who, text))
        try:
            await asyncio.wrap_future(future)
        except Exception:  # noqa: BLE001 - it is only comfort
            _log.warning("how the console was left could not be written down", exc_info=True)
            return
        self._written = text

    async def _recall(self) -> None:
        who = self._context.operator
        future = self._context.link.submit(lambda service: service.remembered(who))
        try:
            text = await asyncio.wrap_future(future)
        except NotReady:
            self._asked = False  # the next board asks again
            return
        except Exception:  # noqa: BLE001 - as above
            _log.warning("how the console was left could not be read", exc_info=True)
            return
        self._recalled, self._written = True, text
        if text is None:
            return
        memory = self._context.memory = SessionState.read(text)
        if memory.theme is not None:
            self._colour()
        view = self._app.view
        if isinstance(view, BoardView):
            view.recall()
        again = (
            self._context.options.notification is not None
        )  # after a failure, begin with the board
        if memory.view in _RECALLED and not self._context.options.wall and not again:
            await self._app.action_view(memory.view)

    # The configuration.

    def _look(self) -> None:
        self._app.run_worker(
            self._reload, group="reload", exclusive=True, thread=True, exit_on_error=False
        )

    def load_themes(self) -> tuple[Theme, ...]:
        """Return a person's own themes; what is wrong with others is told later."""
        if self._folder is None:
            return ()
        self._folder.changed()
        found = self._folder.load()
        self._theme_faults = found.faults
        return found.themes

    def _reload(self) -> None:
        folder = self._folder
        if folder is not None and folder.changed():
            self._app.call_from_thread(self._recolour, folder.load())
        reload = self._context.options.reload
        found = reload() if reload is not None else None
        if found is not None:
            self._app.call_from_thread(self._take, found)

    def _take(self, found: Reloaded) -> None:
        if found.fault is not None:
            _log.warning("the configuration was not taken up: %s", found.fault)
            self._say(f"The configuration was not taken up. {found.fault}", bad=True)
        if found.options is None:
            return
        self.apply(found.options)
        later = f" Only a start takes up {', '.join(found.restart)}." if found.restart else ""
        self._say(f"The configuration was read again.{later}")

    def _recolour(self, found: LoadedThemes) -> None:
        """Take up themes that somebody works on."""
        current = self._app.theme
        for theme in found.themes:
            self._app.register_theme(theme)
        if current in {theme.name for theme in found.themes}:
            # Only another name makes Textual look at the colours again.
            self._app.theme = DEFAULT
            self._app.theme = current
        self._tell(found.faults)
        if not found.faults:
            self._colour()

    def apply(self, options: UIOptions) -> None:
        """Look and behave as these options say, from now on."""
        context = self._context
        if options.read_only != context.options.read_only:
            # A dialog that is open already asks the service, which has to know it first.
            context.link.submit(lambda service: service.look_only(options.read_only))
        context.options = self._app.options = options
        context.symbols = options.symbols
        context.local = LocalTime(options.timezone)
        context.keys = Keymap.of(options.keys)
        self._tell(context.keys.faults)
        self._app.set_keymap(context.keys.for_textual())
        self._app.set_class(options.plain, "-ascii")
        self._colour()
        for view in self._app.views():
            view.restyle()
        self._app.show_again()

    def theme_names(self) -> list[str]:
        """Return the names of the themes there are, the console's own first."""
        others = set(self._app.available_themes) - set(theme_names())
        return theme_names(others)

    def _colour(self) -> None:
        wanted = self._context.memory.theme or self._context.options.theme or DEFAULT
        if not self._app.no_color and wanted in self._app.available_themes:
            self._app.theme = wanted

    def choose_theme(self) -> None:
        """Ask for the colours."""
        from sla_console.ui.dialogs.pick import Choice, PickDialog  # noqa: PLC0415 - when asked for

        app = self._app
        before = app.theme
        choices = [
            Choice(name, name, "now" if name == before else "") for name in self.theme_names()
        ]

        def answered(choice: Choice | None) -> None:
            if choice is not None:
                self._context.memory.theme = choice.value
                app.theme = choice.value
                self.remember()

        app.push_screen(PickDialog("Colours", (), "Theme", choices), answered)

    def _tell(self, faults: tuple[str, ...]) -> None:
        for fault in faults[:3]:
            self._say(fault, bad=True)

    def _say(self, words: str, *, bad: bool = False) -> None:
        self._app.notify(
            words,
            severity="error" if bad else "information",
            timeout=10 if bad else 5,
            markup=False,
        )

    def _work(self, work: Coroutine[None, None, None]) -> None:
        self._app.run_worker(work, group="keeper", exit_on_error=False)
