"""Remembers which lists of SuperOps were read, when, and what could not be."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final

from sla_console.domain.clock import Clock
from sla_console.domain.errors import SuperOpsError
from sla_console.domain.readings import ListRead, complete
from sla_console.monitoring.ports import MetaRecord

_NAME: Final = "what was read"


async def stored_readings(meta: MetaRecord) -> tuple[ListRead, ...]:
    """Return how the lists were read, as the store knows it.

    Raises:
        StoreError: if the store cannot be read.
    """
    text = await meta.get(_NAME)
    return complete(map(_decoded, json.loads(text)) if text else ())


class Readings:
    """Knows how each list was read, and keeps it in the store.

    Args:
        meta: Where it is kept.
        clock: The moment.
    """

    def __init__(self, meta: MetaRecord, clock: Clock) -> None:
        self._meta, self._clock = meta, clock
        self._known = {one.name: one for one in complete(())}
        self._kept: tuple[ListRead, ...] | None = None

    @property
    def lists(self) -> tuple[ListRead, ...]:
        """How each list was read."""
        return tuple(self._known.values())

    async def recall(self) -> None:
        """Take over what the store knows."""
        self._kept = await stored_readings(self._meta)
        self._known = {one.name: one for one in self._kept}

    def good(self, name: str) -> None:
        """Note that a list was read whole."""
        self._known[name] = ListRead(name, self._clock.now())

    def failed(self, name: str, error: str) -> None:
        """Note that a list could not be read; when it last could be stays known."""
        before = self._known.get(name, ListRead(name))
        self._known[name] = ListRead(name, before.read_at, error, self._clock.now())

    @asynccontextmanager
    async def reading(self, name: str) -> AsyncIterator[None]:
        """Note how the reading of a list ends."""
        try:
            yield
        except SuperOpsError as error:
            self.failed(name, str(error))
            raise
        self.good(name)

    async def keep(self) -> None:
        """Store it, if it has changed.

        Raises:
            StoreError: if it cannot be stored.
        """
        lists = self.lists
        if lists != self._kept:
            await self._meta.set(_NAME, json.dumps(_encoded(lists)))
            self._kept = lists


def _encoded(lists: Sequence[ListRead]) -> list[dict[str, Any]]:
    return [
        {
            "name": one.name,
            "read_at": one.read_at.isoformat() if one.read_at else None,
            "error": one.error,
            "failed_at": one.failed_at.isoformat() if one.failed_at else None,
        }
        for one in lists
    ]


def _decoded(row: dict[str, Any]) -> ListRead:
    def moment(name: str) -> datetime | None:
        return datetime.fromisoformat(row[name]) if row[name] else None

    return ListRead(row["name"], moment("read_at"), row["error"], moment("failed_at"))
