"""The board of the first screen: a screenful from the store, long before the rest is ready."""

import json
from dataclasses import asdict, replace
from datetime import datetime
from typing import Final

from sla_console.domain.board import Board, Counts, Health
from sla_console.domain.clock import Clock
from sla_console.monitoring.board import BoardKeeper
from sla_console.monitoring.catalogue import known_gaps
from sla_console.monitoring.evaluator import Evaluator
from sla_console.monitoring.ports import MetaRecord, StorePort

_SCREENFUL: Final = 120
_COUNTS: Final = "counts"
LAST_SYNC: Final = "last_sync"
"""Under this name the store keeps when all open tickets were last known to be right."""


async def first_board(records: StorePort, evaluator: Evaluator, clock: Clock) -> Board | None:
    """Return what the store can show at once, None if it has never seen a ticket.

    The tickets are those due next; the counts are those of the last complete sync.

    Raises:
        StoreError: if the store cannot be read.
    """
    tickets = await records.tickets.load_next(_SCREENFUL)
    if not tickets:
        return None
    whole = "sites" not in await known_gaps(records.meta)
    evaluator.use_sites(await records.people.sites(), await records.people.clients(), whole=whole)
    keeper = BoardKeeper(evaluator.thresholds)
    now = clock.now()
    for ticket in tickets:
        keeper.put(evaluator.evaluate(ticket), now)
    keeper.incidents.replace_all((await records.breaches.load_active())[:_SCREENFUL])
    stored = await records.meta.get(LAST_SYNC)
    synced = datetime.fromisoformat(stored) if stored else None
    counts = await records.meta.get(_COUNTS)
    known = Counts(**json.loads(counts)) if counts else None
    board = keeper.snapshot(now, Health(last_sync_at=synced), known)
    return replace(board, operations=tuple(await records.operations.outstanding()))


async def keep_counts(meta: MetaRecord, counts: Counts) -> None:
    """Store the counts for the next start."""
    await meta.set(_COUNTS, json.dumps(asdict(counts)))
