"""The end of the log, cleaned for a terminal."""

import os
from pathlib import Path
from typing import Final

from sla_console.config.safe_file import open_plain
from sla_console.domain.text import clean

_READ: Final = 64 * 1024
_LONGEST: Final = 400


def log_tail(file: Path, lines: int) -> list[str]:
    """Return the last lines of a log, oldest first; a line that was cut is left out.

    Reads no more than the last 64 KiB, whatever the size.

    Args:
        file: The log.
        lines: How many at most.

    Raises:
        OSError: if it cannot be read.
    """
    with os.fdopen(open_plain(file), "rb") as log:
        end = log.seek(0, 2)
        start = max(0, end - _READ)
        log.seek(start)
        found = log.read().decode("utf-8", "replace").splitlines()
    if start:
        del found[:1]
    return [clean(line, _LONGEST) for line in found[-lines:]]
