"""Models and answers of the forecast, with the outcome of each answer."""

import json
import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sla_console.domain.forecast.record import GivenAnswer
from sla_console.domain.sla.breach import BreachType
from sla_console.store.database import Database
from sla_console.store.timestamps import to_ms

TABLES: Final = ("forecast_answer",)
"""Go with the ticket they are about."""
_KEPT: Final = 10
"""Versions of the model that are kept."""


class ForecastStore:
    """Models by version, and the answers given."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep_model(
        self, document: dict[str, Any], judgement: str, taught_at: datetime
    ) -> None:
        """Store what was learned as the newest version; the oldest go.

        Args:
            document: The model as plain values.
            judgement: How the forecast had done by then, in words.
            taught_at: When it was learned.
        """
        packed = zlib.compress(json.dumps(document, separators=(",", ":")).encode())
        async with self._database.transaction() as transaction:
            await transaction.run(
                "INSERT INTO forecast_model (taught_at, model, judgement) "
                "VALUES (:at, :model, :judgement)",
                {"at": to_ms(taught_at), "model": packed, "judgement": judgement},
            )
            await transaction.run(
                "DELETE FROM forecast_model WHERE version <= "
                "(SELECT max(version) FROM forecast_model) - :kept",
                {"kept": _KEPT},
            )

    async def newest_model(self) -> dict[str, Any] | None:
        """Return the newest model as plain values; None: there is none."""
        row = await self._database.row(
            "SELECT model FROM forecast_model ORDER BY version DESC LIMIT 1"
        )
        if row is None:
            return None
        found: dict[str, Any] = json.loads(zlib.decompress(row[0]))
        return found

    async def note(self, answers: Sequence[GivenAnswer]) -> None:
        """Store answers; the first one given at a stage of a target stays."""
        async with self._database.transaction() as transaction:
            await transaction.many(
                "INSERT INTO forecast_answer (ticket_id, breach_type, stage, asked_at, due, "
                "probability, base_rate) VALUES (:ticket_id, :target, :stage, :asked_at, :due, "
                ":probability, :base_rate) ON CONFLICT DO NOTHING",
                [
                    {
                        "ticket_id": one.ticket_id,
                        "target": one.target.value,
                        "stage": one.stage,
                        "asked_at": to_ms(one.asked_at),
                        "due": to_ms(one.due),
                        "probability": one.probability,
                        "base_rate": one.base_rate,
                    }
                    for one in answers
                ],
            )

    async def unsettled(self, now: datetime) -> list[tuple[str, BreachType]]:
        """Return the targets spoken of that were due by a moment and whose end is not noted."""
        rows = await self._database.rows(
            "SELECT DISTINCT ticket_id, breach_type FROM forecast_answer "
            "WHERE broke IS NULL AND due <= :now",
            {"now": to_ms(now)},
        )
        return [(ticket_id, BreachType(kind)) for ticket_id, kind in rows]

    async def settle(self, ended: Sequence[tuple[str, BreachType, bool]]) -> None:
        """Note what became of targets: whether each broke."""
        async with self._database.transaction() as transaction:
            await transaction.many(
                "UPDATE forecast_answer SET broke = :broke "
                "WHERE ticket_id = :ticket_id AND breach_type = :target AND broke IS NULL",
                [
                    {"ticket_id": ticket_id, "target": target.value, "broke": int(broke)}
                    for ticket_id, target, broke in ended
                ],
            )

    async def settled(self, since: datetime, until: datetime) -> list[tuple[float, float, bool]]:
        """Return the answers on targets due in (since, until] whose end is known.

        Returns:
            For each the probability given, the base rate known then, and whether it broke.
        """
        rows = await self._database.rows(
            "SELECT probability, base_rate, broke FROM forecast_answer "
            "WHERE broke IS NOT NULL AND due > :since AND due <= :until",
            {"since": to_ms(since), "until": to_ms(until)},
        )
        return [(chance, base, bool(broke)) for chance, base, broke in rows]

    async def given(self) -> set[tuple[str, BreachType, int]]:
        """Return the stages of open tickets' targets that something was said at."""
        rows = await self._database.rows(
            "SELECT ticket_id, breach_type, stage FROM forecast_answer WHERE ticket_id IN "
            "(SELECT id FROM ticket WHERE closed_at IS NULL)"
        )
        return {(ticket_id, BreachType(kind), stage) for ticket_id, kind, stage in rows}
