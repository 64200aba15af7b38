"""Space kept in reserve beside the database, and given up when the disk is full."""

import contextlib
import os
import secrets
from pathlib import Path
from typing import Final

_MOST: Final = 4 * 1024 * 1024
_SHARE: Final = 16
_PLENTY: Final = 2


class Ballast:
    """A file that only takes space: removing it makes room for what must be written.

    Args:
        database: The database it lies beside.
    """

    def __init__(self, database: Path) -> None:
        self.path = database.with_name(database.name + ".ballast")

    def keep(self) -> bool:
        """Return whether the reserve is there, made now if there is room for twice as much."""
        try:
            if self.path.is_file() and not self.path.is_symlink():
                return True
            found = os.statvfs(self.path.parent)
            size = min(_MOST, found.f_blocks * found.f_frsize // _SHARE)
            if found.f_bavail * found.f_frsize < _PLENTY * size:
                return False
            return self._make(size)
        except OSError:
            return False

    def give_up(self) -> bool:
        """Remove the reserve; return whether there was one."""
        try:
            if self.path.is_symlink() or not self.path.is_file():
                return False
            self.path.unlink()
        except OSError:
            return False
        return True

    def _make(self, size: int) -> bool:
        draft = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            try:
                # Random, because a file system that packs noughts would keep nothing in reserve.
                written = 0
                while written < size:
                    written += os.write(
                        descriptor, secrets.token_bytes(min(size - written, 1 << 20))
                    )
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            draft.replace(self.path)
        finally:
            with contextlib.suppress(OSError):
                draft.unlink()
        return True
