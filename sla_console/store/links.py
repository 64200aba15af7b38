"""Uses of the links in messages; each is written in the transaction of what it did."""

from datetime import timedelta
from typing import Final

from sla_console.domain.alerts.action_link import LinkAction, LinkUse
from sla_console.domain.alerts.alert import OutboxMessage
from sla_console.store.connection import Params
from sla_console.store.database import Database, Transaction
from sla_console.store.outbox_rows import COLUMNS, message_of
from sla_console.store.timestamps import from_ms, to_ms

KEPT: Final = timedelta(days=31)
"""How long a use is remembered; the longest life of a link is a week."""
_ONE: Final = "FROM used_link WHERE message_key = :message_key AND breach_id = :breach_id"


class LinkStore:
    """One row for each message and breach whose links were used, and the messages that have some."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def message(self, number: int) -> OutboxMessage | None:
        """Return the message at a place in the outbox, which each of its links names."""
        row = await self._database.row(
            f"SELECT {COLUMNS} FROM outbox WHERE position = :number",  # noqa: S608 - our own names
            {"number": number},
        )
        return None if row is None else message_of(row)

    async def used(self, message_key: str, breach_id: str) -> LinkUse | None:
        """Return the use of a message's links about a breach; None: there was none."""
        row = await self._database.row(
            f"SELECT message_key, breach_id, action, person, channel, used_at {_ONE}",
            {"message_key": message_key, "breach_id": breach_id},
        )
        if row is None:
            return None
        return LinkUse(row[0], row[1], LinkAction(row[2]), row[3], row[4], from_ms(row[5]))


async def is_used(transaction: Transaction, use: LinkUse) -> bool:
    """Return inside a transaction whether the links were used before."""
    return await transaction.row(f"SELECT 1 {_ONE}", _key(use)) is not None


async def insert(transaction: Transaction, use: LinkUse) -> None:
    """Add a use inside a transaction, and forget those whose links expired long ago."""
    await transaction.run(
        "DELETE FROM used_link WHERE used_at < :before", {"before": to_ms(use.at - KEPT)}
    )
    await transaction.run(
        "INSERT INTO used_link (message_key, breach_id, action, person, channel, used_at) "
        "VALUES (:message_key, :breach_id, :action, :person, :channel, :at)",
        {
            **_key(use),
            "action": use.action,
            "person": use.person,
            "channel": use.channel,
            "at": to_ms(use.at),
        },
    )


def _key(use: LinkUse) -> Params:
    return {"message_key": use.message_key, "breach_id": use.breach_id}
