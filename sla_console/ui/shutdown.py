"""How the console ends: when asked, by a signal, or by what nobody expected."""

import asyncio
import logging
import signal
import sys
from datetime import datetime, timedelta
from typing import Final

from textual.app import App
from textual.events import Event, Key, Paste
from textual.notifications import SeverityLevel

from sla_console.domain.clock import Clock
from sla_console.ui.actions.key_queue import KeyQueue
from sla_console.ui.session.options import UIOptions
from sla_console.ui.terminal.driver import TerminalDriver

_log = logging.getLogger(__name__)
_TWICE: Final = 2.0
"""Seconds within which a second ctrl+c leaves."""


class EndingApp(App[None]):
    """Leaves the terminal as it was, with one sentence where there is something to say.

    Args:
        options: How the console behaves.
        clock: Tells the moment.
    """

    def __init__(self, options: UIOptions, clock: Clock) -> None:
        super().__init__(driver_class=TerminalDriver)
        self.title = options.title
        self.options, self._clock = options, clock
        self._interrupted_at: datetime | None = None
        self._keys = KeyQueue(self, super().on_event)
        self.failed: str | None = None
        """Cause, in a word, of an end of the screen that nobody asked for; None: there was none."""

    async def on_event(self, event: Event) -> None:
        """Handle an event; keys take their turn."""
        if isinstance(event, Key | Paste) and not event.is_forwarded:
            await self._keys.take(event)
        else:
            await super().on_event(event)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """Show a notice, unless the same one is still in sight."""
        if all(shown.message != message for shown in self._notifications):
            super().notify(message, title=title, severity=severity, timeout=timeout, markup=markup)

    def end_by_signals(self) -> None:
        """End in order when the process is told to end, or its terminal is closed."""
        if self.is_headless:
            return
        loop = asyncio.get_running_loop()
        for ending in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(ending, self.exit)

    def action_help_quit(self) -> None:
        """End on the second ctrl+c, wherever it is pressed."""
        now, before = self._clock.now(), self._interrupted_at
        self._interrupted_at = now
        if before is not None and self._clock.real_seconds(max(now - before, timedelta())) < _TWICE:
            self.exit()
        self.notify("Once more ctrl+c leaves.", timeout=_TWICE, markup=False)

    async def action_quit(self) -> None:
        """Leave; ask first where that is wanted."""
        if not self.options.confirm_quit:
            self.exit()
            return
        from sla_console.ui.dialogs.form import FormDialog  # noqa: PLC0415 - as above

        def answered(found: object) -> None:
            if found is not None:
                self.exit()

        about = ("Leave the console?", "Without it nobody watches, unless another one does.")
        self.push_screen(FormDialog("Quit", about, "leaves"), answered)

    def _fatal_error(self) -> None:
        """End this screen; the traceback goes to the log, and no local variable anywhere."""
        error = sys.exc_info()[1] or self._exception
        _log.critical("the screen ended unexpectedly", exc_info=error)
        self.failed = self.failed or type(error).__name__
        self._close_messages_no_wait()

    def panic(self, *_renderables: object) -> None:
        """As for any other unexpected error: Textual would print its own."""
        self._fatal_error()
