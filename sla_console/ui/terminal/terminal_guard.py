"""Gives the terminal back where the console itself cannot: killed outright, or out of memory.

A shell waits at the other end of a pipe. While all is well it hears at the end that there is nothing
to do; where the pipe just closes, it turns off what the console had turned on. The modes of the
terminal's line are left to the shell that started the console, which sets its own anyway.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

_RESTORE: Final = "".join(
    f"\\033[{sequence}"
    for sequence in (
        "?1000l", "?1002l", "?1003l", "?1006l", "?1015l", "?1004l", "?2004l", "<u", "0m", "?7h",
        "?25h", "23;2t", "?1049l",
    )
)  # fmt: skip
"""Mouse, focus, paste, keys, colour, wrapping, cursor, title, and the other screen, as printf has it."""
_WAIT: Final = f"read -r _ || printf '{_RESTORE}'"
_PATIENCE: Final = 1.0
"""Seconds for which the shell may take to end."""


@contextmanager
def last_resort() -> Iterator[None]:
    """Have the terminal given back, however this process ends within."""
    try:
        # In a session of its own, so that no key and no closing terminal ends it before this.
        waiting = subprocess.Popen(  # noqa: S603 - nothing of it comes from outside
            ("/bin/sh", "-c", _WAIT),
            stdin=subprocess.PIPE,
            stdout=sys.__stderr__,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        yield  # it is only a help
        return
    try:
        yield
    finally:
        with suppress(OSError, subprocess.TimeoutExpired):
            waiting.communicate(b"\n", _PATIENCE)
