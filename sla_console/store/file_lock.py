"""Locks that say which consoles are there, though what they have open may be gone.

A database that was deleted lives on for those that have it open. All that have it open share a lock
on its folder, and whoever would make a new one in its place has to have that alone. Who monitors
from memory has a lock on the file beside the database, so that no other begins to.
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

PATIENCE: Final = 5.0
"""Real seconds to wait for somebody who is just making the database."""
_PAUSE: Final = 0.02


class FileLock:
    """A lock on a file or a folder, which ends with the process. Where there are none, all get it.

    Args:
        path: The file or folder.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def share(self) -> None:
        """Have it together with others; wait for a moment for one who has it alone."""
        self._take(fcntl.LOCK_SH, lambda: False, PATIENCE)

    def alone(self, enough: Callable[[], bool] = lambda: False, patience: float = 0.0) -> bool:
        """Have it alone; return False if others have it.

        Args:
            enough: Whether there is no need any more, so that it is not waited for.
            patience: How many real seconds to wait.
        """
        return self._take(fcntl.LOCK_EX, enough, patience)

    def release(self) -> None:
        """Let go."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _take(self, kind: int, enough: Callable[[], bool], patience: float) -> bool:
        end = time.monotonic() + patience
        with contextlib.suppress(OSError):
            if self._descriptor is None:
                self._descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
            while True:
                try:
                    fcntl.flock(self._descriptor, kind | fcntl.LOCK_NB)
                except BlockingIOError:
                    if enough():
                        return True
                    if time.monotonic() >= end:
                        return False
                    time.sleep(_PAUSE)
                else:
                    return True
        return True
