"""Reading files that decide what the console does: checked on the open descriptor, never before.

A check by name and a later open could see two different files; here the descriptor that is read is
the one that was checked.
"""

import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sla_console.domain.errors import UserError

MAX_BYTES: Final = 1024 * 1024
_OTHERS: Final = 0o077
_OTHERS_WRITE: Final = 0o022


@dataclass(frozen=True, slots=True)
class FileContent:
    """What a file held, with the facts that decide whether it may be trusted."""

    path: Path
    data: bytes
    mode: int
    """Permission bits of the file itself."""
    folder_open: bool
    """Anybody may replace the file, because its folder lets them."""

    def require_unwritable(self, reason: str) -> None:
        """Refuse a file that others than its owner may change.

        Args:
            reason: Why that matters here, as a clause that follows "although".

        Raises:
            UserError: naming the file, its permissions and the command that mends them.
        """
        self._require(_OTHERS_WRITE, "go-w", reason)

    def require_private(self, reason: str) -> None:
        """Refuse a file that others than its owner may read or change.

        Args:
            reason: Why that matters here, as a clause that follows "although".

        Raises:
            UserError: naming the file, its permissions and the command that mends them.
        """
        self._require(_OTHERS, "600", reason)

    def _require(self, forbidden: int, mend: str, reason: str) -> None:
        if os.name != "posix":  # other systems do not describe access by these bits
            return
        if self.mode & forbidden:
            does = "read" if self.mode & forbidden & 0o044 else "change"
            raise UserError(
                f"{self.path}: others may {does} it (its mode is {self.mode:04o}), although "
                f"{reason}; run: chmod {mend} {self.path}"
            )
        if self.folder_open:
            raise UserError(
                f"{self.path}: anybody may replace it, because its folder is writable for all, "
                f"although {reason}; run: chmod o-w {self.path.parent}"
            )


def open_plain(path: Path, flags: int = os.O_RDONLY, mode: int = 0o600) -> int:
    """Open a plain file without ever waiting, and return its descriptor.

    Args:
        path: The file.
        flags: How to open it.
        mode: Who may use it, where it is made.

    Raises:
        OSError: if it cannot be opened, or is a folder, a pipe or a device.
    """
    # Without O_NONBLOCK a pipe in the file's place would hang whoever opens it.
    flags |= getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    descriptor = os.open(path, flags, mode)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is no plain file", str(path))
    return descriptor


def read_file(path: Path, what: str) -> FileContent:
    """Read a small regular file that belongs to this user or to root.

    Args:
        path: The file; a symbolic link is refused.
        what: What it is for people, such as "the configuration".

    Raises:
        UserError: if it is missing, unreadable, a link, not a regular file, somebody else's, or
            larger than a mebibyte.
    """
    # Without O_NONBLOCK a pipe in the file's place would hang the start.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        if path.is_symlink():
            raise UserError(
                f"{path}: {what} is a symbolic link, which could be turned elsewhere; "
                f"give the file it points to"
            )
        descriptor = os.open(path, flags | getattr(os, "O_CLOEXEC", 0))
        try:
            facts = os.fstat(descriptor)
            _check(path, what, facts)
            data = _contents(descriptor)
        finally:
            os.close(descriptor)
        folder = path.parent.stat().st_mode
    except FileNotFoundError:
        raise UserError(f"{path}: {what} is not there; check the path") from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UserError(f"{path}: {what} cannot be read ({reason}); check its path") from None
    if len(data) > MAX_BYTES:
        raise UserError(
            f"{path}: {what} is larger than 1 MiB, which no real one is; check the path"
        )
    return FileContent(
        path=path,
        data=data,
        mode=stat.S_IMODE(facts.st_mode),
        folder_open=bool(folder & stat.S_IWOTH) and not folder & stat.S_ISVTX,
    )


def _contents(descriptor: int) -> bytes:
    """Read up to a byte more than is allowed."""
    parts, length = [], 0
    while length <= MAX_BYTES and (part := os.read(descriptor, MAX_BYTES + 1 - length)):
        parts.append(part)
        length += len(part)
    return b"".join(parts)


def _check(path: Path, what: str, facts: os.stat_result) -> None:
    if not stat.S_ISREG(facts.st_mode):
        kind = "a folder" if stat.S_ISDIR(facts.st_mode) else "not a regular file"
        raise UserError(f"{path}: {what} is {kind}; give the path of a plain file")
    if os.name == "posix" and facts.st_uid not in {0, os.geteuid()}:
        raise UserError(
            f"{path}: {what} belongs to another user (id {facts.st_uid}); it must belong to you "
            f"or to root"
        )
