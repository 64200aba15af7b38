"""Where the console's own words go: a file, because the terminal belongs to the screen.

Secrets are kept out twice: nothing logs them, and every record passes a filter that blanks the
secrets this process has read.
"""

import errno
import logging
import os
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, Final

from sla_console.config.safe_file import open_plain

_SIZE: Final = 2 * 1024 * 1024
_KEPT: Final = 3
_IN_THE_WAY: Final = {
    errno.EEXIST: "its folder is a file or a link to nothing",
    errno.ENOTDIR: "its folder is a file",
    errno.ENXIO: "it is no plain file",
}
_LEAKY: Final = ("httpx", "httpcore", "apprise", "urllib3", "requests", "asyncio", "aiohttp")


@dataclass(frozen=True, slots=True)
class LogTarget:
    """Where the log goes."""

    file: Path
    fault: str | None = None
    """Why it does not, a sentence without its end; None: it does."""


class Redaction(logging.Filter):
    """Blanks known secrets in everything that is logged, tracebacks included."""

    def __init__(self) -> None:
        super().__init__()
        self._secrets: set[str] = set()

    def know(self, secret: str) -> None:
        """Remember a secret; very short ones would blank ordinary words and are left out."""
        if len(secret) >= 6:
            self._secrets.add(secret)

    def blank(self, text: str) -> str:
        """Return ``text`` without any known secret."""
        for secret in self._secrets:
            text = text.replace(secret, "•••")
        return text


class _RedactingFormatter(logging.Formatter):
    def __init__(self, redaction: Redaction) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S%z")
        self._redaction = redaction

    def format(self, record: logging.LogRecord) -> str:
        return self._redaction.blank(super().format(record))


REDACTION: Final = Redaction()


class _LogFile(RotatingFileHandler):
    """The file. One that cannot be written costs its lines, and nothing else."""

    def _open(self) -> Any:
        descriptor = open_plain(Path(self.baseFilename), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        return os.fdopen(descriptor, "a", encoding="utf-8")

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        """Leave the line out: what Python would print of it lands where the board is drawn."""


def log_to(folder: Path, level: str = "INFO") -> LogTarget:
    """Send the log to ``folder/sla-console.log``, at most a few megabytes.

    Where it cannot be written there is none, and everything else works.
    """
    file = folder / "sla-console.log"
    fault = None
    handler: logging.Handler = logging.NullHandler()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler = _LogFile(file, maxBytes=_SIZE, backupCount=_KEPT, encoding="utf-8")
        file.chmod(0o600)
    except OSError as error:
        why = _IN_THE_WAY.get(error.errno or 0, error.strerror or type(error).__name__)
        fault = (
            f"{file}: the log cannot be written ({why}), so none is kept; check what is in its "
            f"place, and the space there"
        )
    handler.setFormatter(_RedactingFormatter(REDACTION))
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(level)
    for name in _LEAKY:
        logging.getLogger(name).setLevel(logging.WARNING)
    return LogTarget(file, fault)
