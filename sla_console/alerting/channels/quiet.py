"""Keeping addresses out of every log: their paths, queries and headers are secrets as well."""

import contextlib
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_CHATTY: Final = ("urllib3", "requests", "httpx", "httpcore")


@dataclass(frozen=True, slots=True)
class Overheard:
    """One thing that Apprise said. It may hold an address: it is read and never passed on."""

    level: int
    text: str


class _Ear(logging.Filter):
    """Lets no handler see what Apprise logs, whoever attached it, and hears it instead.

    Apprise has to log at DEBUG, because only its words tell a refusal from a silence; there it
    also writes addresses, headers and whole messages.
    """

    def __init__(self) -> None:
        super().__init__()
        self.heard = threading.local()

    def filter(self, record: logging.LogRecord) -> bool:
        said: list[Overheard] | None = getattr(self.heard, "said", None)
        if said is not None:
            said.append(Overheard(record.levelno, record.getMessage()))
        return False


_EAR: Final = _Ear()


@contextlib.contextmanager
def overhearing() -> Iterator[list[Overheard]]:
    """Give a list that fills with what Apprise says in this thread meanwhile."""
    said: list[Overheard] = []
    _EAR.heard.said = said
    try:
        yield said
    finally:
        _EAR.heard.said = None


def keep_quiet() -> None:
    """Let no library that sends write what it sends, or where to, into any log.

    httpx writes whole addresses at INFO, urllib3 paths at DEBUG.
    """
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    apprise_log = logging.getLogger("apprise")
    apprise_log.setLevel(logging.DEBUG)
    apprise_log.addFilter(_EAR)
