"""Frozen reports; the database itself refuses to change one."""

from datetime import datetime

from sla_console.domain.figures.report import KeptReport
from sla_console.domain.tickets.operation import AuditEntry
from sla_console.store import audit as audit_rows
from sla_console.store.database import Database
from sla_console.store.timestamps import from_ms, to_ms


class ReportStore:
    """Reports that were frozen."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, report: KeptReport, audit: AuditEntry) -> bool:
        """Keep a report with a row in the history.

        Returns:
            False if one of its name is there already; then nothing is written.
        """
        async with self._database.transaction() as transaction:
            row = await transaction.row(
                "INSERT INTO frozen_report (name, frozen_at, frozen_by, inputs, inputs_hash, "
                "figures, figures_hash) VALUES (:name, :at, :by, :inputs, :inputs_hash, :figures, "
                ":figures_hash) ON CONFLICT (name) DO NOTHING RETURNING name",
                {
                    "name": report.name,
                    "at": to_ms(report.at),
                    "by": report.by,
                    "inputs": report.inputs,
                    "inputs_hash": report.inputs_hash,
                    "figures": report.figures,
                    "figures_hash": report.figures_hash,
                },
            )
            if row is None:
                return False
            await audit_rows.insert(transaction, [audit])
            return True

    async def get(self, name: str) -> KeptReport | None:
        """Return the frozen report of a name, None if there is none."""
        row = await self._database.row(
            "SELECT name, frozen_at, frozen_by, inputs, inputs_hash, figures, figures_hash "
            "FROM frozen_report WHERE name = :name",
            {"name": name},
        )
        return None if row is None else KeptReport(row[0], from_ms(row[1]), *row[2:])

    async def names(self) -> list[tuple[str, datetime]]:
        """Return the names of all frozen reports with when that was, newest first."""
        rows = await self._database.rows(
            "SELECT name, frozen_at FROM frozen_report ORDER BY frozen_at DESC, name"
        )
        return [(name, from_ms(at)) for name, at in rows]
