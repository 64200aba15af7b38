"""From promises found broken to breaches that are stored, each with what is sent of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sla_console.alerting.incidents import Incidents
from sla_console.alerting.planner import AlertPlanner
from sla_console.alerting.ports import AlertStore
from sla_console.alerting.steps import ME, Opening, Recorder
from sla_console.domain import fault_points
from sla_console.domain.alerts.escalation import EscalationPlan
from sla_console.domain.alerts.escalation_state import EscalationState
from sla_console.domain.sla.breach import BreachState, SLABreach, again_of
from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.tickets.operation import AuditEntry


@dataclass(frozen=True, slots=True)
class Found:
    """A promise that monitoring found broken."""

    breach: SLABreach
    """As it is at first."""
    hours: BusinessCalendar
    """The business hours of the client."""
    held: bool = False
    """Its ticket waits."""
    announced: bool = True
    """People are notified of it; else it was broken long before anybody watched."""


class BreachOpener:
    """Opens breaches.

    Args:
        store: The store.
        planner: Says who is notified.
        incidents: The breaches that are not over.
        recorder: Stores them.
    """

    def __init__(
        self, store: AlertStore, planner: AlertPlanner, incidents: Incidents, recorder: Recorder
    ) -> None:
        self._store, self._planner = store, planner
        self._incidents, self._recorder = incidents, recorder

    async def open(self, found: Sequence[Found], now: datetime) -> None:
        """Store breaches that were found, together; those that are known already change nothing.

        Raises:
            LostLease: if another term has begun.
            StoreError: if they could not be stored.
        """
        # What is sent is planned once only, of breaches that are new for sure.
        ids = [one.breach.id for one in found]
        stored = {one.id: one for one in await self._store.breaches.among(ids)}
        openings: dict[str, Opening] = {}
        for one in found:
            fresh = await self._renewed(one.breach, stored.get(one.breach.id))
            if fresh is not None:
                openings[fresh.id] = self._opening(replace(one, breach=fresh), now)
        fault_points.hit("breach.open")
        await self._recorder.open(list(openings.values()))
        fault_points.hit("breach.opened")

    async def move(self, breach: SLABreach, one: Found, now: datetime) -> bool:
        """Let a breach that somebody has go on under its new due time, which is past as well.

        Args:
            breach: As it is known.
            one: As it would be found now.
            now: The moment.

        Returns:
            False if that is a breach already; then nothing is written.
        """
        known = await self._store.breaches.get(one.breach.id)
        fresh = await self._renewed(one.breach, known)
        if fresh is None:
            return False
        words = breach.breach_type.words
        kept = replace(
            fresh,
            state=breach.state,
            acknowledged_by=breach.acknowledged_by,
            acknowledged_at=breach.acknowledged_at,
            snoozed_until=breach.snoozed_until,
            note=breach.note,
            escalation_state=breach.escalation_state,
        )
        at = f"{fresh.breach_time:%Y-%m-%d %H:%M} UTC"
        detail = f"{words}: its due time moved to {at}; {breach.acknowledged_by or 'nobody'} has it"
        entry = AuditEntry(now, ME, "follow", breach.ticket_id, detail)
        await self._recorder.change([(breach.resolve(now), breach.state, [], entry)])
        fault_points.hit("breach.moved")
        await self._recorder.open([(kept, [], replace(entry, action="breach"))])
        return True

    async def _renewed(self, breach: SLABreach, stored: SLABreach | None) -> SLABreach | None:
        """Return a breach under an id that is free; None: it is known, and not over."""
        while stored is not None and stored.state is BreachState.RESOLVED:
            # The promise broke, recovered, and broke again with the same due time.
            breach = again_of(breach)
            stored = self._incidents.get(breach.id) or await self._store.breaches.get(breach.id)
        if stored is None:
            return breach
        if self._incidents.get(stored.id) is None:
            self._incidents.put(stored)
        return None

    def _opening(self, one: Found, now: datetime) -> Opening:
        breach = one.breach
        detail = breach.breach_type.words + ("" if one.announced else ", found already broken")
        entry = AuditEntry(now, ME, "breach", breach.ticket_id, detail)
        if not one.announced:
            # Nobody is notified, but an acknowledgement of it runs out like any other.
            timer = EscalationState.open(EscalationPlan("found already broken"), now)
            return replace(breach, escalation_state=timer), [], entry
        opened = self._planner.opened(breach, one.hours)
        if one.held and opened.escalation_state is not None:
            opened = replace(opened, escalation_state=opened.escalation_state.hold(now))
        messages = self._planner.plan_breach(opened, one.hours)
        if not messages:
            # No message says why, so the history does.
            entry = replace(entry, detail=f"{detail}, no rule tells anybody")
        return opened, messages, entry
