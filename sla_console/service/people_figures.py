"""How clients and technicians stand, over spans of time that people choose."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.clock import Clock
from sla_console.domain.figures.clients import ClientMonth, Contracts, client_months
from sla_console.domain.figures.counting import count_of, weekly
from sla_console.domain.figures.record import Span
from sla_console.domain.figures.technicians import TechnicianSLAMetrics
from sla_console.monitoring.engine import SLAMonitoringEngine

_WEEKS: Final = 8


@dataclass(frozen=True, slots=True)
class TeamFigures:
    """The technicians over one span of time."""

    start: datetime
    end: datetime
    technicians: tuple[TechnicianSLAMetrics, ...]
    weekly: Mapping[str, tuple[float | None, ...]]
    """By technician id: compliance of the last eight weeks in percent, oldest first."""


class PeopleFigures:
    """Answers how clients and technicians stand.

    Args:
        engine: The running engine.
        clock: The moment.
        contracts: What is agreed with clients.
    """

    def __init__(self, engine: SLAMonitoringEngine, clock: Clock, contracts: Contracts) -> None:
        self._data, self._clock, self._contracts = engine.data, clock, contracts

    async def clients(self, start: datetime, end: datetime) -> list[ClientMonth]:
        """Return how each client stands in a month, the worst first.

        Args:
            start: Beginning of the month, aware UTC.
            end: Its end.
        """
        names = await self._data.names()
        found = await self._data.target_records(start, end, names=names)
        # Beside the engine's loop: a month of a large desk takes its time.
        return await asyncio.to_thread(
            client_months, found.records, Span(start, end), self._contracts, names.clients
        )

    async def kept(self, start: datetime, end: datetime) -> tuple[int, int]:
        """Return how many targets due in a span of time were met, and how many missed.

        Args:
            start: Its beginning, aware UTC.
            end: Its end.
        """
        found = await self._data.target_records(start, end)
        span = Span(start, end)
        count = count_of(one for one in found.records if one.due in span)
        return round(count.met), round(count.missed)

    async def team(self, start: datetime, end: datetime) -> TeamFigures:
        """Return the technicians' figures of the targets due in a span of time.

        Args:
            start: Its beginning, aware UTC.
            end: Its end.
        """
        now = self._clock.now()
        figures = await self._data.all_metrics(start, min(end, now))
        lately = await self._data.target_records(now - timedelta(weeks=_WEEKS), now)
        trends = await asyncio.to_thread(weekly, lately.records, now, _WEEKS)
        return TeamFigures(start, end, tuple(figures), trends)
