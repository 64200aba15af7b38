"""Silences: what is not told, who wants it so, why, and until when."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sla_console.domain.alerts.silence import Silence
from sla_console.domain.matcher import Matcher
from sla_console.domain.sla.breach import BreachType
from sla_console.domain.tickets.operation import AuditEntry
from sla_console.store import audit as audit_rows
from sla_console.store.connection import Params, Row
from sla_console.store.database import Database
from sla_console.store.timestamps import from_ms, to_ms

_OVER: Final = "maintenance_over"
_COLUMNS: Final = "id, matcher, author, reason, starts_at, ends_at"
_SELECT: Final = f"SELECT {_COLUMNS} FROM silence"  # noqa: S608 - our own names


class SilenceStore:
    """Silences; each change leaves a row in the history."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, silence: Silence, audit: AuditEntry) -> None:
        """Add a silence."""
        async with self._database.transaction() as transaction:
            await transaction.run(
                f"INSERT INTO silence ({_COLUMNS}) "  # noqa: S608
                "VALUES (:id, :matcher, :author, :reason, :starts_at, :ends_at)",
                {
                    "id": silence.id,
                    "matcher": json.dumps(asdict(silence.matcher), ensure_ascii=False),
                    "author": silence.author,
                    "reason": silence.reason,
                    "starts_at": to_ms(silence.start),
                    "ends_at": to_ms(silence.end),
                },
            )
            await audit_rows.insert(transaction, [audit])

    async def end(self, silence_id: str, now: datetime, audit: AuditEntry) -> bool:
        """End a silence early; return False if there is none that still holds."""
        async with self._database.transaction() as transaction:
            row = await transaction.row(
                "UPDATE silence SET ends_at = :now WHERE id = :id AND ends_at > :now RETURNING id",
                {"id": silence_id, "now": to_ms(now)},
            )
            if row is None:
                return False
            await audit_rows.insert(transaction, [audit])
            return True

    async def end_window(
        self, name: str, until: datetime, now: datetime, audit: AuditEntry
    ) -> None:
        """End a maintenance window early.

        Args:
            name: Its name.
            until: Until when it would have lasted.
            now: The moment; what would have ended before it is forgotten.
            audit: Who did it.
        """
        async with self._database.transaction() as transaction:
            row = await transaction.row(
                "SELECT value FROM meta WHERE name = :name", {"name": _OVER}
            )
            over = {key: at for key, at in _read(row).items() if at > now} | {name: until}
            await transaction.run(
                "INSERT INTO meta (name, value) VALUES (:name, :value) "
                "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                {
                    "name": _OVER,
                    "value": json.dumps({key: to_ms(at) for key, at in over.items()}),
                },
            )
            await audit_rows.insert(transaction, [audit])

    async def windows_over(self) -> dict[str, datetime]:
        """Return by name until when each window would have lasted that was ended early."""
        return _read(
            await self._database.row("SELECT value FROM meta WHERE name = :name", {"name": _OVER})
        )

    async def active(self, now: datetime) -> list[Silence]:
        """Return the silences that hold or will, the first to end first."""
        return await self._silences("ends_at > :now ORDER BY ends_at, id", {"now": to_ms(now)})

    async def since(self, moment: datetime) -> list[Silence]:
        """Return the silences that ended at ``moment`` or later, or still hold."""
        return await self._silences(
            "ends_at >= :since ORDER BY ends_at, id", {"since": to_ms(moment)}
        )

    async def unsettled(self, now: datetime) -> list[Silence]:
        """Return the silences that ended and after which nobody was told what is still broken."""
        return await self._silences(
            "ends_at <= :now AND settled_at IS NULL ORDER BY ends_at, id", {"now": to_ms(now)}
        )

    async def settle(self, silence_id: str, now: datetime) -> None:
        """Note that people were told what is still broken after a silence."""
        async with self._database.transaction() as transaction:
            await transaction.run(
                "UPDATE silence SET settled_at = :now WHERE id = :id",
                {"id": silence_id, "now": to_ms(now)},
            )

    async def _silences(self, where: str, params: Params) -> list[Silence]:
        rows = await self._database.rows(f"{_SELECT} WHERE {where}", params)
        return [_silence(row) for row in rows]


def _read(row: Row | None) -> dict[str, datetime]:
    found: dict[str, int] = json.loads(row[0]) if row is not None else {}
    return {name: from_ms(at) for name, at in found.items()}


def _silence(row: Row) -> Silence:
    found: dict[str, Any] = json.loads(row[1])
    found["targets"] = tuple(BreachType(target) for target in found.get("targets", ()))
    known = {name: tuple(found[name]) for name in Matcher.__slots__ if name in found}
    return Silence(row[0], Matcher(**known), row[2], row[3], from_ms(row[4]), from_ms(row[5]))
