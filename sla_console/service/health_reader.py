"""How the console itself is: its store, its process, the versions it runs on."""

import os
import platform
import resource
import sys
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Final

from sla_console.domain.clock import Clock
from sla_console.monitoring.engine import SLAMonitoringEngine

_PACKAGES: Final = ("textual", "httpx", "apprise", "pydantic", "sqlcipher3")
_PAGE: Final = 4096


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """What is kept, and where."""

    path: str
    bytes: int
    """Of the database with what is not folded into it yet."""
    schema: int
    """Number of the newest migration."""


@dataclass(frozen=True, slots=True)
class SelfFacts:
    """What the console knows of itself."""

    store: StoreFacts
    term: int | None
    """Under which this console monitors; None: it follows."""
    process: int
    started_at: datetime
    memory: int
    """Bytes that this process has in memory now."""
    memory_most: int
    """Bytes it has had at most."""
    versions: tuple[tuple[str, str], ...]


class HealthReader:
    """Answers how the console itself is.

    Args:
        engine: The running engine.
        clock: The moment.
    """

    def __init__(self, engine: SLAMonitoringEngine, clock: Clock) -> None:
        self._engine = engine
        self._started_at = clock.now()

    async def facts(self) -> SelfFacts:
        """Return them."""
        records = self._engine.data.records
        path = records.path
        versions = [("sla-console", _version("sla-console")), ("python", platform.python_version())]
        versions += [(name, _version(name)) for name in _PACKAGES]
        return SelfFacts(
            StoreFacts(str(path), _size(path), await records.schema()),
            self._engine.leadership.term,
            os.getpid(),
            self._started_at,
            _memory(),
            _most_memory(),
            tuple(versions),
        )


def _size(path: Path) -> int:
    total = 0
    for ending in ("", "-wal"):
        try:
            total += path.with_name(path.name + ending).stat().st_size
        except OSError:
            continue  # not there, or just folded in
    return total


def _memory() -> int:
    """Return the resident memory of this process, as Linux tells it; else the most it had."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE
    except (OSError, ValueError, IndexError):
        return _most_memory()


def _most_memory() -> int:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"
