"""Writing a file whole or not at all."""

import os
import secrets
from pathlib import Path

from sla_console.domain import fault_points
from sla_console.domain.errors import UserError


def write_whole(path: Path, content: bytes) -> None:
    """Write a file; what stood there before stays until all of it is on the disk.

    Into a device or a pipe it goes as it comes.

    Args:
        path: Where to.
        content: All of it.

    Raises:
        UserError: if it cannot be written; nothing is left behind.
    """
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(content)
            return
        replace_whole(path, content)
    except OSError as error:
        raise UserError(
            f"{path}: it cannot be written ({error.strerror or error}); name a file in a folder "
            f"that exists, is yours and has space"
        ) from None


def replace_whole(path: Path, content: bytes, mode: int = 0o666) -> None:
    """Put a file in place of what stood there, once all of it is on the disk.

    Args:
        path: Where to.
        content: All of it.
        mode: Who may read it, as far as the umask lets them.

    Raises:
        OSError: if it cannot be written; nothing is left behind.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            fault_points.hit("file.write")
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fault_points.hit("file.rename")
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
