"""Where the console's own words go: a file, because the terminal belongs to the screen.

Secrets are kept out twice: nothing logs them, and every record passes a filter that blanks the
secrets this process has read.
"""

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

_SIZE: Final = 2 * 1024 * 1024
_KEPT: Final = 3
_LEAKY: Final = ("httpx", "httpcore", "apprise", "urllib3", "requests", "asyncio", "aiohttp")


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


def log_to(folder: Path, level: str = "INFO") -> Path:
    """Send the log to ``folder/sla-console.log``, at most a few megabytes; return the file."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / "sla-console.log"
    handler = RotatingFileHandler(file, maxBytes=_SIZE, backupCount=_KEPT, encoding="utf-8")
    handler.setFormatter(_RedactingFormatter(REDACTION))
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(level)
    for name in _LEAKY:
        logging.getLogger(name).setLevel(logging.WARNING)
    file.chmod(0o600)
    return file
