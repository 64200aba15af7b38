"""How clients and technicians stand, over spans of time that people choose."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.allowance import ClientMonth, Contracts, client_months, weekly
from sla_console.domain.clock import Clock
from sla_console.domain.credit import NOBODY
from sla_console.domain.performance import TechnicianSLAMetrics, figures_of
from sla_console.domain.settling import Span
from sla_console.domain.sla_clock import JudgedTicket
from sla_console.monitoring.engine import SLAMonitoringEngine

_WEEKS: Final = 8
_SLACK: Final = timedelta(days=45)
"""How long before its month a ticket may have ended whose promise falls due in it."""


@dataclass(frozen=True, slots=True)
class TeamFigures:
    """The technicians over one span of time."""

    start: datetime
    end: datetime
    technicians: tuple[TechnicianSLAMetrics, ...]
    weekly: Mapping[str, tuple[float | None, ...]]
    """By technician id: compliance of the last eight weeks in percent, oldest first."""


class PeopleDesk:
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
        tickets = await self._data.judged_since(start - _SLACK)
        span = Span(start, end)
        # Beside the engine's loop: a month of a large desk takes its time.
        return await asyncio.to_thread(
            client_months, tickets, span, self._contracts, self._clock.now()
        )

    async def kept(self, start: datetime, end: datetime) -> tuple[int, int]:
        """Return how many promises were kept, and how many missed, of those settled in a span.

        Args:
            start: Its beginning, aware UTC.
            end: Its end.
        """
        tickets = await self._data.judged_since(start)
        figures = await asyncio.to_thread(figures_of, tickets, self._clock.now(), Span(start, end))
        return figures.met, figures.missed

    async def team(self, start: datetime, end: datetime) -> TeamFigures:
        """Return the technicians' figures of the promises settled in a span of time.

        Args:
            start: Its beginning, aware UTC.
            end: Its end.
        """
        now = self._clock.now()
        figures = await self._data.all_metrics(start, min(end, now))
        tickets = await self._data.judged_since(now - timedelta(weeks=_WEEKS) - _SLACK)
        trends = await asyncio.to_thread(_weekly_by_technician, tickets, now)
        return TeamFigures(start, end, tuple(figures), trends)


def _weekly_by_technician(
    tickets: list[JudgedTicket], now: datetime
) -> dict[str, tuple[float | None, ...]]:
    mine: dict[str, list[JudgedTicket]] = {}
    for judged in tickets:
        mine.setdefault(judged.ticket.technician_id or NOBODY, []).append(judged)
    return {name: tuple(weekly(some, now, _WEEKS)) for name, some in mine.items()}
