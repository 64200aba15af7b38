"""Signed calls from outside that were taken lately, so that a replay is known."""

from datetime import datetime, timedelta
from typing import Final

from sla_console.store.database import Database
from sla_console.store.timestamps import to_ms

KEPT: Final = timedelta(minutes=15)
"""How long a call is remembered; its signature is refused before as too old."""


class HookStore:
    """One row for each call."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, identifier: str, now: datetime) -> bool:
        """Note a call; return False if it was taken before. What is old is forgotten.

        Args:
            identifier: The same with every try of one call.
            now: When.
        """
        async with self._database.transaction() as transaction:
            await transaction.run(
                "DELETE FROM hook_call WHERE taken_at < :before", {"before": to_ms(now - KEPT)}
            )
            row = await transaction.row(
                "INSERT INTO hook_call (id, taken_at) VALUES (:id, :at) "
                "ON CONFLICT (id) DO NOTHING RETURNING id",
                {"id": identifier, "at": to_ms(now)},
            )
        return row is not None
