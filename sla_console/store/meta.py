"""Small facts by name, such as the watermark of the last sync."""

from sla_console.store.database import Database


class MetaStore:
    """Names and values."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, key: str) -> str | None:
        """Return the value of a name, or None if it was never set."""
        row = await self._database.row("SELECT value FROM meta WHERE name = :name", {"name": key})
        return None if row is None else str(row[0])

    async def set(self, key: str, value: str) -> None:
        """Set the value of a name."""
        async with self._database.transaction() as transaction:
            await transaction.run(
                "INSERT INTO meta (name, value) VALUES (:name, :value) "
                "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                {"name": key, "value": value},
            )

    async def settle(self, key: str, value: str) -> str:
        """Set the value of a name that has none yet; return the value it has now."""
        async with self._database.transaction() as transaction:
            await transaction.run(
                "INSERT INTO meta (name, value) VALUES (:name, :value) ON CONFLICT (name) DO NOTHING",
                {"name": key, "value": value},
            )
            row = await transaction.row("SELECT value FROM meta WHERE name = :name", {"name": key})
        return value if row is None else str(row[0])
