"""Closes at the pagers what was opened there, once it is over, whatever opened it."""

from dataclasses import replace
from datetime import datetime

from sla_console.alerting.alert import Alert
from sla_console.alerting.incidents import Incidents
from sla_console.alerting.planner import AlertPlanner
from sla_console.alerting.ports import AlertStore
from sla_console.domain.alerts.alert import (
    ENDS_BY_ITSELF,
    AlertEvent,
    Notification,
    OpenIncident,
    OutboxMessage,
)


class IncidentCloser:
    """Holds what may be open at pagers against what is still so.

    Args:
        store: The store.
        planner: Makes messages.
        incidents: The breaches that are not over, and their tickets.
    """

    def __init__(self, store: AlertStore, planner: AlertPlanner, incidents: Incidents) -> None:
        self._store, self._planner, self._incidents = store, planner, incidents

    async def begin(self) -> None:
        """Take over under today's names what was opened at channels that have other names now."""
        for one in await self._store.incidents.all():
            named = self._planner.router.present(one.channel)
            if named is not None and named != one.channel:
                await self._store.incidents.move(one.channel, one.incident, named)

    async def step(self, now: datetime) -> int:
        """Queue the end of each incident that is over; return how many messages are new."""
        messages: list[OutboxMessage] = []
        for one in await self._store.incidents.all():
            # What is open at a channel that is not in use cannot be closed until it is again.
            here = self._planner.router.present(one.channel) == one.channel
            if here and self._is_over(one.notification):
                messages += self._end(one, now)
        return await self._store.outbox.enqueue(messages) if messages else 0

    def _is_over(self, notification: Notification) -> bool:
        if notification.members:
            return all(self._is_over(member) for member in notification.members)
        if notification.event in ENDS_BY_ITSELF:
            # What has an end of its own is closed by that; what happened once is over at once.
            return not notification.about
        breach_id, ticket_id = notification.breach_id, notification.ticket_id or ""
        if breach_id is not None:
            changing = breach_id in self._incidents.changing
            return self._incidents.get(breach_id) is None and not changing
        judged = self._incidents.tickets.get(ticket_id)
        if judged is None or notification.target is None:
            return True
        broken = any(
            b.breach_type is notification.target for b in self._incidents.of_ticket(ticket_id)
        )
        return judged.clock(notification.target).ended() and not broken

    def _end(self, one: OpenIncident, now: datetime) -> list[OutboxMessage]:
        notification, identity = one.notification, f"closed:{one.key}"
        if notification.ticket_id is not None:
            over = replace(notification, event=AlertEvent.RECOVERY, at=now, ended_at=now)
            # Under the key of the recovery that people get, so that there is one of them.
            identity = notification.breach_id or identity
        else:
            headline = f"Over: {notification.headline}"
            over = Notification(AlertEvent.MONITOR, now, headline=headline, ended_at=now)
        sendings = tuple(self._planner.router.to([one.channel], "opened an incident"))
        made = self._planner.pipeline(Alert(over, identity, now, sendings=sendings))
        return [replace(message, thread=one.incident) for message in made]
