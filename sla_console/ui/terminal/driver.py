"""The terminal as the console writes to it: one that is slow, stalled or gone never holds it up.

Textual's own driver waits in the app's loop once thirty writes are queued, waits for ever at the end
for a terminal that nobody reads, and starts a second set of threads when a terminal that closes
sends SIGHUP and SIGCONT at once. Everything that works around this stands here.
"""

import os
import select
import sys
import termios
from io import StringIO
from typing import Any, Final, cast

from textual.drivers.linux_driver import LinuxDriver

_PATIENCE: Final = 2.0
"""Seconds for which a terminal that is not read is waited for at the end."""
_LOOK: Final = 0.25
_REMEMBER_TITLE: Final = "\x1b[22;2t"
_OLD_TITLE: Final = "\x1b[23;2t"
"""The terminal keeps its titles on a stack of its own."""


class PatientFile(StringIO):
    """Writes to a terminal through a file description of its own, so that it need not block.

    Args:
        fileno: The terminal.
    """

    def __init__(self, fileno: int) -> None:
        super().__init__()
        self._given = fileno
        self._own = _reopened(fileno)
        self.leaving = False
        """It is waited for a moment only."""
        self._lost = False
        """It was closed or given up: what is written to it is lost."""
        self._patience = _PATIENCE

    def fileno(self) -> int:
        """Return the terminal that was given."""
        return self._given

    def stay(self) -> None:
        """Wait for it as long as it takes."""
        self.leaving = self._lost = False

    def leave(self) -> None:
        """Wait for it a moment in all, then no more."""
        if not self.leaving:
            self.leaving, self._patience = True, _PATIENCE

    def write(self, text: str) -> int:
        """Write all of it, or as much as the terminal takes before it is given up."""
        data = text.encode("utf-8", "backslashreplace")
        while data and not self._lost:
            try:
                data = data[os.write(self._own, data) :]
            except BlockingIOError:
                _, ready, _ = select.select((), (self._own,), (), _LOOK)
                if self.leaving and not ready:
                    self._patience -= _LOOK
                    self._lost = self._patience <= 0
            except OSError:
                self._lost = True
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""


def _reopened(fileno: int) -> int:
    """Return another file description of the same terminal, that does not block."""
    try:
        flags = os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
        return os.open(os.ttyname(fileno), flags)
    except OSError:
        return fileno  # no terminal of its own name: it may block, as it always did


class TerminalDriver(LinuxDriver):
    """Textual's driver, for a terminal that may stall or go away."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        error = sys.__stderr__
        self._patient = PatientFile(error.fileno() if error is not None else 2)
        self._file = cast("Any", self._patient)  # all that is used of it is there
        self._asleep = False
        self._skipped = False
        self._given_back = False
        """The terminal is the shell's again: a late picture must not be painted over it."""

    def write(self, data: str) -> None:
        """Write, unless the terminal has not taken what it was given: then paint all of it later."""
        thread = self._writer_thread
        if thread is None or self._given_back:
            return
        if self._patient.leaving:
            thread.write(data)
        elif thread._queue.full():  # noqa: SLF001 - Textual would wait here, and the app with it
            self._skipped = True
        elif self._skipped and not thread._queue.empty():  # noqa: SLF001 - as above
            return  # half a picture helps nobody
        else:
            thread.write(data)
            if self._skipped:
                self._skipped = False
                self._app.call_later(self._app.refresh, layout=True)

    def _sigtstp_application(self, *args: Any) -> None:
        self._asleep = True
        super()._sigtstp_application(*args)

    def _sigcont_application(self, *args: Any) -> None:
        """Come back, also where nobody had said good-bye; but not to a terminal that is gone."""
        try:
            termios.tcgetattr(self.fileno)
        except termios.error:
            return
        if not self._asleep and self._auto_restart:
            self.suspend_application_mode()
        self._asleep = False
        super()._sigcont_application(*args)

    def start_application_mode(self) -> None:
        """Take the terminal."""
        self._patient.stay()
        self._given_back = False
        super().start_application_mode()  # type: ignore[no-untyped-call] # Textual's
        if self._writer_thread is not None:
            self.write(_REMEMBER_TITLE)

    def stop_application_mode(self) -> None:
        """Give the terminal back as it was."""
        self._patient.leave()
        self.write(_OLD_TITLE)
        super().stop_application_mode()
        self._given_back = True

    def close(self) -> None:
        """End the writing."""
        self._patient.leave()
        super().close()
