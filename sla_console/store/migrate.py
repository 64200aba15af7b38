"""Bringing a database up to this version's schema, one numbered file at a time.

Each file runs in one transaction together with the new number, so a crash leaves the schema either
before the file or after it. The number is SQLite's ``user_version``.
"""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sla_console.domain import fault_points
from sla_console.domain.errors import StoreTooNew
from sla_console.store.connection import Connection

FOLDER: Final = Path(__file__).with_name("migrations")


@dataclass(frozen=True, slots=True)
class Migration:
    """One step from one schema to the next."""

    number: int
    path: Path

    def statements(self) -> Iterator[str]:
        """Yield the statements of the file; a trigger's body counts as one."""
        pending = ""
        for line in self.path.read_text(encoding="utf-8").splitlines(keepends=True):
            if not pending and (not line.strip() or line.lstrip().startswith("--")):
                continue
            pending += line
            if sqlite3.complete_statement(pending):
                yield pending
                pending = ""
        if pending.strip():
            raise ValueError(f"{self.path.name}: its last statement has no end")


def migrations(folder: Path = FOLDER) -> list[Migration]:
    """Return the migrations of a folder in their order.

    Raises:
        ValueError: if the numbers do not run from 1 without a gap.
    """
    found = [
        Migration(int(match[1]), path)
        for path in sorted(folder.iterdir())
        if (match := re.fullmatch(r"(\d{4})_\w+\.sql", path.name))
    ]
    if [step.number for step in found] != list(range(1, len(found) + 1)):
        raise ValueError(f"{folder}: the migrations do not run from 1 without a gap")
    return found


async def migrate(
    connection: Connection, path: Path, steps: Sequence[Migration] | None = None
) -> None:
    """Run the migrations that a database does not have yet.

    Args:
        connection: The writing connection, outside a transaction.
        path: The database, for messages.
        steps: All migrations in order; None: the ones of this version.

    Raises:
        StoreTooNew: if the database is ahead of the last one.
        DriverError: if one fails; it is undone, and the ones before it stay.
    """
    steps = migrations() if steps is None else steps
    newest = len(steps)
    found = await _version(connection)
    if found > newest:
        raise StoreTooNew(
            f"{path}: the database has schema {found}, written by a newer version of the console, "
            f"and this version knows schemas up to {newest}; install the newer version, or set "
            f"store.data_dir to another folder. Nothing was changed."
        )
    for step in steps[found:]:
        try:
            await connection.rows("BEGIN IMMEDIATE")
            # Another console may have been quicker.
            if await _version(connection) < step.number:
                for statement in step.statements():
                    fault_points.hit("store.migrate.statement")
                    await connection.rows(statement)
                await connection.rows(f"PRAGMA user_version = {step.number}")
            fault_points.hit("store.migrate.commit")
            await connection.commit()
        except BaseException:
            await connection.rollback()
            raise


async def _version(connection: Connection) -> int:
    return int((await connection.rows("PRAGMA user_version"))[0][0])
