"""Renews the lease again and again, and proves with it that the store keeps what it is given."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from sla_console.domain.errors import StoreError
from sla_console.domain.proof import Sign
from sla_console.monitoring.leadership import RENEW_SECONDS, Leadership
from sla_console.monitoring.monitor_record import RecordKeeper
from sla_console.monitoring.proofs import Proofs
from sla_console.monitoring.publisher import Publisher
from sla_console.monitoring.supervisor import turned

LOG = logging.getLogger(__name__)


class LeaseKeeper:
    """Claims the lease for ever.

    Args:
        leadership: The claim.
        publisher: Hands out what changed, and how this console is.
        record: What the monitor says of itself.
        proofs: Where it is noted that the lease is held, and that the store works.
        on_lead: Called when this console begins to monitor.
        elsewhere: Says whether another console monitors from memory, which the lease does not show.
        trouble: Says what is wrong with the store, part of a sentence; None: nothing is known to be.
    """

    def __init__(
        self,
        leadership: Leadership,
        publisher: Publisher,
        record: RecordKeeper,
        proofs: Proofs,
        on_lead: Callable[[], Awaitable[None]],
        elsewhere: Callable[[], bool],
        trouble: Callable[[], str | None],
    ) -> None:
        self._leadership, self._publisher = leadership, publisher
        self._record, self._proofs, self._on_lead = record, proofs, on_lead
        self._elsewhere, self._trouble = elsewhere, trouble

    async def run(self) -> None:
        """Renew it for ever."""
        while True:
            led = self._leadership.leading
            leads = await self.renew()
            if leads != led:
                LOG.info(
                    "%s monitoring; the lease is held by %s",
                    "began" if leads else "ended",
                    self._leadership.holder,
                )
                if leads:
                    await self._on_lead()
                self._publisher.changed(urgent=True)
            turned()
            await asyncio.sleep(RENEW_SECONDS)

    async def renew(self) -> bool:
        """Claim the lease and write down, or read, how the monitor is; return who leads.

        Failure of the store is kept, not raised: the lease is wanted as soon as it is mended.
        """
        had_failed = self._has_failed()
        try:
            # Who monitors from memory does not renew the lease in the file.
            elsewhere = not self._leadership.leading and self._elsewhere()
            leads = not elsewhere and await self._leadership.claim()
            self._proofs.proved(Sign.LEASE)
            if (trouble := self._trouble()) is not None:
                # What is kept in memory meanwhile can be written and read, and proves nothing.
                self._proofs.failed(Sign.STORE, trouble)
                return leads
            if not leads:
                await self._record.read()
            elif not await self._record.write(self._publisher.health(), anyway=had_failed):
                return leads
            self._proofs.proved(Sign.STORE)
        except StoreError as error:
            if not had_failed:
                LOG.warning("the lease cannot be renewed: %s", error)
            self._proofs.failed(Sign.STORE, f"the store cannot be written and read: {error}")
            leads = self._leadership.leading
        if had_failed != self._has_failed():
            self._publisher.changed(urgent=True)
        return leads

    def _has_failed(self) -> bool:
        known = self._proofs.of(Sign.STORE)
        return known is not None and known.fault is not None
