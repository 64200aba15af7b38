"""All tickets that a report may count, with their clocks and lives, from the store."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final

from sla_console.domain.life import Life, StoredLife
from sla_console.domain.sighting import observed_of
from sla_console.monitoring.judging import IMPOSSIBLE, Judge
from sla_console.monitoring.ports import Records

_YIELD_EVERY: Final = 200


async def lives_due_between(
    records: Records, judge: Judge, start: datetime, end: datetime
) -> AsyncIterator[list[Life]]:
    """Give all tickets, open or closed, that may have a promise due in [start, end), in pages."""
    async for page in records.pages.due_between(start, end):
        found = []
        for place, stored in enumerate(page, 1):
            if place % _YIELD_EVERY == 0:
                await asyncio.sleep(0)  # deadlines go first
            found.append(_life(judge, stored))
        yield found


def _life(judge: Judge, stored: StoredLife) -> Life:
    seen = stored.sightings
    observed = observed_of(seen, stored.holds, stored.verdicts, judge.phases)
    judged = judge.judge(stored.ticket, observed)
    if IMPOSSIBLE in judged.degraded:
        return Life(stored.ticket, None, seen, "its times are impossible")
    return Life(stored.ticket, judged, seen)
