"""Keeps the SLA policies: read on a plan, when a ticket names an unknown one, and with their dates."""

import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.clock import Clock
from sla_console.domain.errors import CannotSignIn, RateLimited, SuperOpsError, Unreachable
from sla_console.domain.names import folded
from sla_console.domain.readings import POLICIES
from sla_console.domain.sla.policy import SLAPolicy
from sla_console.domain.tickets.ticket import Ticket
from sla_console.monitoring.readings import Readings

LOG = logging.getLogger(__name__)
_RETRY: Final = timedelta(minutes=1)


def in_force(
    configured: Sequence[SLAPolicy],
    named: Sequence[SLAPolicy],
    before: Sequence[SLAPolicy],
    now: datetime,
) -> list[SLAPolicy]:
    """Return the policies in force: the configuration's, then SuperOps' SLAs it does not describe.

    An SLA is described where a policy has its name, or it alone as its condition.

    Args:
        configured: The policies of the configuration as it is now.
        named: SuperOps' SLAs; what has targets is none of them and is left out.
        before: The policies as last stored, with their dates.
        now: The date of what is new or has changed.
    """
    described = {folded(policy.name) for policy in configured}
    described |= {
        folded(policy.sla_name)
        for policy in configured
        if policy.sla_name is not None and len(policy.wanted) == 1
    }
    others = [
        policy
        for policy in named
        if not policy.targets and folded(policy.sla_name or policy.name) not in described
    ]
    return dated([*configured, *others], before, now)


def dated(
    policies: Sequence[SLAPolicy], before: Sequence[SLAPolicy], now: datetime
) -> list[SLAPolicy]:
    """Return policies with the dates since when each is known and has been as it is.

    Args:
        policies: The policies as they are now.
        before: The policies as they were.
        now: The date of what is new or has changed.
    """
    known = {policy.id: policy for policy in before}
    found = []
    for policy in policies:
        old = known.get(policy.id)
        created = policy.created_at or (old.created_at if old else None) or now
        same = old is not None and _undated(old) == _undated(policy)
        updated = (old.updated_at if old is not None and same else policy.updated_at) or now
        found.append(replace(policy, created_at=created, updated_at=updated))
    return found


def _undated(policy: SLAPolicy) -> SLAPolicy:
    return replace(policy, created_at=None, updated_at=None)


class PolicyWatch:
    """Has the policies read again when that is due.

    Args:
        refresh: Reads the policies from SuperOps, stores them and returns them.
        readings: Where it is noted how that went.
        clock: The moment.
        every: How often they are read.
    """

    def __init__(
        self,
        refresh: Callable[[], Awaitable[list[SLAPolicy]]],
        readings: Readings,
        clock: Clock,
        every: timedelta,
    ) -> None:
        self._refresh, self._readings = refresh, readings
        self._clock, self._every = clock, every
        self._next = clock.elapsed()
        self._known: set[str] = set()
        self._wondered: set[str] = set()
        """Names that tickets have and SuperOps' list did not: the list is asked for them once."""
        self._said = False

    def see(self, tickets: Iterable[Ticket]) -> None:
        """Have the policies read soon if one of these tickets is under an SLA that is not known."""
        names = {folded(ticket.sla_name) for ticket in tickets if ticket.sla_name}
        unknown = names - self._known - self._wondered
        if unknown:
            self._wondered |= unknown
            self._next = self._clock.elapsed()

    async def step(self) -> bool:
        """Read the policies where that is due; return whether they were read.

        A list that is refused keeps no ticket from being read: it is noted, and tried again.

        Raises:
            CannotSignIn: if the token is refused.
            RateLimited: if the minute's requests are used up.
            StoreError: if they cannot be stored.
        """
        now = self._clock.elapsed()
        if now < self._next:
            return False
        try:
            async with self._readings.reading(POLICIES):
                policies = await self._refresh()
        except (CannotSignIn, RateLimited):
            raise
        except SuperOpsError as error:
            if not self._said and not isinstance(error, Unreachable):
                LOG.warning("the list of SLAs could not be read: %s", error)
            self._said, self._next = True, now + min(self._every, _RETRY)
            return False
        self._known = {folded(policy.name) for policy in policies}
        self._known |= {folded(policy.sla_name) for policy in policies if policy.sla_name}
        self._wondered -= self._known
        self._said, self._next = False, now + self._every
        return True
