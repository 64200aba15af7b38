"""Who monitors: one row with a term that every write of the leader is held against.

A lock would stay with a leader that hangs; a lease runs out, and the term tells the leader that
wakes up too late that it is none any more.
"""

from dataclasses import dataclass
from typing import Final

from sla_console.domain import fault_points
from sla_console.domain.errors import LostLease
from sla_console.store.connection import Row
from sla_console.store.database import Database, Transaction

_NAME: Final = "monitor"
_FOREIGN: Final = 10
_ACQUIRE: Final = """
INSERT INTO lease (name, term, holder, expires_ms) VALUES (:name, 1, :holder, :expires)
ON CONFLICT (name) DO UPDATE SET
    term = CASE WHEN lease.holder = excluded.holder THEN lease.term ELSE lease.term + 1 END,
    holder = excluded.holder,
    expires_ms = excluded.expires_ms
WHERE lease.holder IN ('', excluded.holder) OR lease.expires_ms < :now OR lease.expires_ms > :foreign
RETURNING term, holder, expires_ms
"""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to monitor, held by one console."""

    term: int
    """Grows by one with each change of holder, and is never used twice."""
    holder: str
    expires_ms: int
    """On the clock that ``acquire`` was given, in milliseconds."""

    def in_force(self, now_ms: int, ttl_ms: int) -> bool:
        """Return whether somebody has it now, by the rules of ``acquire``."""
        return bool(self.holder) and now_ms <= self.expires_ms <= now_ms + _FOREIGN * ttl_ms


class LeaseStore:
    """The one lease of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def acquire(self, holder: str, now_ms: int, ttl_ms: int) -> Lease:
        """Take or renew the lease if it is free, and return it as it stands now.

        The caller leads if and only if ``lease.holder == holder``. A lease that ends more than ten
        lifetimes ahead was written by a clock that has started anew since, and counts as free.

        Args:
            holder: Who asks: unique to a running console, and not empty.
            now_ms: A clock that all consoles of this machine share, in milliseconds.
            ttl_ms: How long the lease shall last, in milliseconds.
        """
        params = {
            "name": _NAME,
            "holder": holder,
            "now": now_ms,
            "expires": now_ms + ttl_ms,
            "foreign": now_ms + _FOREIGN * ttl_ms,
        }
        async with self._database.transaction() as transaction:
            fault_points.hit("store.lease.acquire")
            row = await transaction.row(_ACQUIRE, params)
            row = row or await transaction.row(
                "SELECT term, holder, expires_ms FROM lease WHERE name = :name", {"name": _NAME}
            )
        return _lease(row)

    async def release(self, holder: str) -> None:
        """Give the lease back, if ``holder`` has it, so that another need not wait."""
        async with self._database.transaction() as transaction:
            await transaction.run(
                "UPDATE lease SET holder = '', expires_ms = 0 "
                "WHERE name = :name AND holder = :holder",
                {"name": _NAME, "holder": holder},
            )

    async def current(self) -> Lease | None:
        """Return the lease as last written, perhaps run out; None if nobody has it."""
        row = await self._database.row(
            "SELECT term, holder, expires_ms FROM lease WHERE name = :name AND holder <> ''",
            {"name": _NAME},
        )
        return None if row is None else _lease(row)


async def require(transaction: Transaction, term: int | None) -> None:
    """Refuse to go on in a transaction whose writer does not lead any more.

    Args:
        transaction: It holds the write lock, so the term cannot change before it ends.
        term: Under which the writer believes to lead; None: the write needs no lease.

    Raises:
        LostLease: if another term has begun.
    """
    if term is None:
        return
    fault_points.hit("store.lease.require")
    row = await transaction.row(
        "SELECT term, holder FROM lease WHERE name = :name", {"name": _NAME}
    )
    if row is None or row[0] != term or not row[1]:
        raise LostLease(
            f"Another console has taken over monitoring (term {row[0] if row else 0}, this one "
            f"led term {term}); nothing was stored, and this console follows it from now on."
        )


def _lease(row: Row | None) -> Lease:
    if row is None:  # the statement before wrote it
        raise AssertionError("the lease has no row")
    return Lease(*row)
