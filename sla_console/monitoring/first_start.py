"""Remembers when the desk was first monitored: what broke long before is kept, and not announced."""

from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.clock import Clock
from sla_console.monitoring.ports import MetaRecord

_NAME: Final = "first_start"
# At the very first start a desk may hold hundreds of old breaches; they are kept, not announced.
_ANNOUNCED: Final = timedelta(minutes=15)
_SURE: Final = timedelta(seconds=1)


class FirstStart:
    """Says from when on breaches and warnings are announced.

    A clock that was ahead dates the first start too late, and what breaks until then would pass for
    old. So it is put right as soon as SuperOps says what time it is.

    Args:
        meta: The store.
        clock: The right moment, as far as it is known.
    """

    def __init__(self, meta: MetaRecord, clock: Clock) -> None:
        self._meta, self._clock = meta, clock
        self._at: datetime | None = None
        self._begun: timedelta | None = None
        """When this console began to monitor, by time that passed."""

    async def recall(self) -> None:
        """Look up what the store knows.

        Raises:
            StoreError: if the store cannot be read.
        """
        stored = await self._meta.get(_NAME)
        if stored is not None:
            self._at = datetime.fromisoformat(stored)

    async def remember(self, *, heard: bool) -> None:
        """Store the first start if there was none, or if it turns out to have been earlier.

        Args:
            heard: Whether SuperOps has answered, and with that said what time it is.

        Raises:
            StoreError: if it cannot be stored.
        """
        elapsed = self._clock.elapsed()
        if self._begun is None:
            self._begun = elapsed
        began = self._clock.now() - (elapsed - self._begun)
        if self._at is None or (heard and began < self._at - _SURE):
            await self._meta.set(_NAME, began.isoformat())
            self._at = began

    def announces(self, moment: datetime) -> bool:
        """Return whether people are notified of what happened then."""
        return self._at is None or moment >= self._at - _ANNOUNCED
