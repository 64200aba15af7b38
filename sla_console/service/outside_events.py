"""Takes what something outside says has happened: it only makes SuperOps be asked sooner."""

from collections.abc import Sequence
from datetime import datetime

from sla_console.monitoring.engine import SLAMonitoringEngine


class OutsideEvents:
    """The door for events from outside.

    Args:
        engine: The engine.
    """

    def __init__(self, engine: SLAMonitoringEngine) -> None:
        self._engine = engine

    async def is_new(self, identifier: str, now: datetime) -> bool:
        """Note a signed call; return False if it was taken before, also before a restart.

        Raises:
            StoreError: if it cannot be noted.
        """
        return await self._engine.data.records.hooks.take(identifier, now)

    def read_soon(self, tickets: Sequence[str]) -> None:
        """Have tickets read soon, by id or number."""
        self._engine.named.name(tickets)
