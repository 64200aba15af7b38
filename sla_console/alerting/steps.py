"""The stage that records: breaches with their messages and history, or what a colleague stored first."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from sla_console.alerting.incidents import Incidents
from sla_console.alerting.ports import AlertStore
from sla_console.domain.alerts.action_link import LinkUse
from sla_console.domain.alerts.alert import OutboxMessage
from sla_console.domain.sla.breach import BreachState, SLABreach
from sla_console.domain.tickets.operation import AuditEntry, Operation

ME = "sla-console"
"""Name for the console itself where it did something that nobody asked for."""

Opening = tuple[SLABreach, list[OutboxMessage], AuditEntry]
"""A new breach, what is sent of it, and what the history says."""
Step = tuple[SLABreach, BreachState, list[OutboxMessage], AuditEntry]
"""A breach after a step, the state in which the step found it, and the same."""


@dataclass(slots=True)
class LeaseTerm:
    """The term of the lease under which this console leads; monitoring sets it, all writers ask."""

    number: int | None = None


class Recorder:
    """Writes steps in the lives of breaches, all or nothing, and shows what came of it.

    Args:
        store: The store.
        incidents: The breaches that are not over.
        term: Under which this console leads.
    """

    def __init__(self, store: AlertStore, incidents: Incidents, term: LeaseTerm) -> None:
        self._store, self._incidents, self._term = store, incidents, term

    async def open(self, openings: Sequence[Opening]) -> None:
        """Store new breaches together.

        Raises:
            LostLease: if another term has begun.
            StoreError: if they could not be stored.
        """
        await self._settle(
            [breach for breach, *_ in openings],
            lambda: self._store.record_breaches(openings, self._term.number),
        )

    async def change(self, steps: Sequence[Step]) -> None:
        """Store steps in the lives of many breaches together.

        Raises:
            LostLease: if another term has begun.
            StoreError: if they could not be stored.
        """
        await self._settle(
            [breach for breach, *_ in steps],
            lambda: self._store.record_steps(steps, self._term.number),
        )

    async def by_person(
        self,
        after: SLABreach,
        before: BreachState,
        messages: Sequence[OutboxMessage],
        notes: Sequence[Operation],
        audit: AuditEntry,
        use: LinkUse | None = None,
    ) -> bool:
        """Store what a person did, which needs no lease; return False if a colleague was quicker.

        The same where the links that it was done with were used before.
        """
        with self._incidents.storing([after.id]):
            stored = await self._store.record_step(after, before, messages, notes, audit, use=use)
            if stored:
                self._incidents.put(after)
        return stored

    async def _settle(
        self, after: Sequence[SLABreach], write: Callable[[], Awaitable[set[str]]]
    ) -> None:
        if not after:
            return
        with self._incidents.storing(breach.id for breach in after):
            stored = await write()
            for breach in after:
                if breach.id in stored:
                    self._incidents.put(breach)
                elif (found := await self._store.breaches.get(breach.id)) is not None:
                    # Another console, or a colleague, was quicker.
                    self._incidents.put(found)
