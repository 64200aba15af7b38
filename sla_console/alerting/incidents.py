"""The breaches that are not over, and their tickets as monitoring judged them last."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sla_console.alerting.alert import ALWAYS
from sla_console.domain.sla.breach import BreachState, SLABreach
from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.sla.sla_clock import EvaluatedTicket


class Incidents:
    """Holds what every stage asks about: monitoring puts tickets in, alerting breaches."""

    def __init__(self) -> None:
        self.tickets: dict[str, EvaluatedTicket] = {}
        """Tickets by id; monitoring keeps them up to date."""
        self._breaches: dict[str, SLABreach] = {}
        self._of_ticket: dict[str, dict[str, None]] = {}
        self.changes = 0
        """Rises with each change of a breach."""
        self.changing: set[str] = set()
        """Breaches that are being stored; what is sent of them is newer than what stands here."""
        self._changed: dict[str, None] = {}
        self.moved: set[str] = set()
        """Breaches of tickets that changed hands or priority: what muted them may do so no more."""

    def hours_of(self, ticket_id: str) -> BusinessCalendar:
        """Return the business hours of a ticket's client; every hour where the ticket is gone."""
        judged = self.tickets.get(ticket_id)
        return judged.hours if judged else ALWAYS

    def get(self, breach_id: str) -> SLABreach | None:
        """Return a breach that is not resolved."""
        return self._breaches.get(breach_id)

    def of_ticket(self, ticket_id: str) -> list[SLABreach]:
        """Return one ticket's breaches that are not resolved."""
        return [self._breaches[one] for one in self._of_ticket.get(ticket_id, ())]

    def all(self) -> list[SLABreach]:
        """Return the breaches that are not resolved; unacknowledged first, then the oldest."""
        return sorted(
            self._breaches.values(),
            key=lambda b: (b.acknowledged_by is not None, b.breach_time, b.id),
        )

    def put(self, breach: SLABreach) -> None:
        """Add or replace a breach; a resolved one leaves."""
        self.changes += 1
        self._changed[breach.id] = None
        mine = self._of_ticket.setdefault(breach.ticket_id, {})
        if breach.state is BreachState.RESOLVED:
            self._breaches.pop(breach.id, None)
            mine.pop(breach.id, None)
        else:
            self._breaches[breach.id] = breach
            mine[breach.id] = None
        if not mine:
            del self._of_ticket[breach.ticket_id]

    def replace_all(self, breaches: Iterable[SLABreach]) -> None:
        """Replace all breaches."""
        self._breaches = {}
        self._of_ticket = {}
        for breach in breaches:
            self.put(breach)

    def take_changed(self) -> list[str]:
        """Return the breaches that changed since this was asked last, in that order."""
        changed, self._changed = self._changed, {}
        return list(changed)

    @contextmanager
    def storing(self, breach_ids: Iterable[str]) -> Iterator[None]:
        """Mark breaches as being stored while something is sent of them already."""
        mine = set(breach_ids) - self.changing
        self.changing |= mine
        try:
            yield
        finally:
            self.changing -= mine
