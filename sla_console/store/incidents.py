"""Stores incidents that may be open at channels: before they are sent, until they end."""

import json
from datetime import datetime

from sla_console.domain.alerts.alert import OpenIncident, OutboxMessage
from sla_console.domain.alerts.notification import from_document, to_document
from sla_console.store.database import Database
from sla_console.store.timestamps import to_ms


class IncidentStore:
    """One row for each incident that a message may have opened."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def opened(self, message: OutboxMessage, now: datetime) -> bool:
        """Note that a message may open an incident; the newest message about one stands for it.

        Returns:
            Whether it was not known to be open before.
        """
        if message.notification is None:
            return False
        async with self._database.transaction() as transaction:
            known = await transaction.row(
                "SELECT 1 FROM open_incident WHERE channel = :channel AND incident = :incident",
                {"channel": message.channel, "incident": message.incident},
            )
            await transaction.run(
                "INSERT INTO open_incident (channel, incident, message_key, notice, opened_at) "
                "VALUES (:channel, :incident, :key, :notice, :now) ON CONFLICT (channel, incident) "
                "DO UPDATE SET message_key = excluded.message_key, notice = excluded.notice",
                {
                    "channel": message.channel,
                    "incident": message.incident,
                    "key": message.key,
                    "notice": json.dumps(to_document(message.notification)),
                    "now": to_ms(now),
                },
            )
        return known is None

    async def ended(self, channel: str, incident: str) -> None:
        """Note that a channel took the end of an incident."""
        async with self._database.transaction() as transaction:
            await transaction.run(
                "DELETE FROM open_incident WHERE channel = :channel AND incident = :incident",
                {"channel": channel, "incident": incident},
            )

    async def move(self, channel: str, incident: str, named: str) -> None:
        """Note that the channel of an incident has another name now."""
        async with self._database.transaction() as transaction:
            await transaction.run(
                "UPDATE OR REPLACE open_incident SET channel = :named "
                "WHERE channel = :channel AND incident = :incident",
                {"named": named, "channel": channel, "incident": incident},
            )

    async def all(self) -> list[OpenIncident]:
        """Return what may be open, oldest first."""
        rows = await self._database.rows(
            "SELECT channel, incident, message_key, notice FROM open_incident "
            "ORDER BY opened_at, incident"
        )
        return [
            OpenIncident(row[0], row[1], row[2], from_document(json.loads(row[3]))) for row in rows
        ]
