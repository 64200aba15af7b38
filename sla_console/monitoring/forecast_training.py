"""What the forecast learns from: all tickets of the store."""

import asyncio
from datetime import timedelta

from sla_console.domain.clock import Clock
from sla_console.monitoring.board import BoardKeeper
from sla_console.monitoring.forecasting import ForecastKeeper
from sla_console.monitoring.ports import StorePort


class ForecastTrainer:
    """Teaches a forecast all of history, once; after that it learns as tickets close.

    Args:
        forecasts: Which forecast.
        records: The store.
        board: The open tickets.
        clock: The moment.
        keep: How long closed tickets are kept.
    """

    def __init__(
        self,
        forecasts: ForecastKeeper,
        records: StorePort,
        board: BoardKeeper,
        clock: Clock,
        keep: timedelta,
    ) -> None:
        self._forecasts, self._records, self._board = forecasts, records, board
        self._clock, self._keep = clock, keep
        self._taught = False

    async def ready(self) -> None:
        """Return when the forecast has been taught."""
        if self._taught:
            return
        now = self._clock.now()
        since = now - self._keep
        closed = await self._records.tickets.load_closed_since(since)
        holds = await self._records.holds.load(since)
        opened = [judged.ticket for judged in self._board.tickets()]
        seen = await self._records.lives.first_seen()
        tickets = [*closed, *opened]
        await self._forecasts.learn_all(tickets, holds, seen, now, lambda: asyncio.sleep(0))
        self._taught = True
