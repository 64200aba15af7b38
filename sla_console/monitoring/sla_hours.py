"""The hours that SuperOps may count due times in, and what is learnt about its SLAs."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.sla.due_calendar import ALWAYS, CountedHours, KnownHours, reachable
from sla_console.domain.sla.policy import SLAPolicy, WhoseHours
from sla_console.domain.sla.sla_clock import EvaluatedTicket
from sla_console.domain.tickets.ticket import Ticket


class SLAHours:
    """Knows the hours of the configuration, and which SLAs of SuperOps run round the clock.

    Args:
        policies: Those of the configuration.
        calendars: Those of the configuration, by name.
    """

    def __init__(
        self, policies: Sequence[SLAPolicy], calendars: Mapping[str, BusinessCalendar]
    ) -> None:
        self._policies, self._calendars = policies, calendars
        self._configured = [
            CountedHours(hours, f"calendar {name}") for name, hours in calendars.items()
        ]
        self.round_the_clock: set[str] = set()
        """Ids and names of SLAs with a due time outside all hours known here."""
        self._known: dict[tuple[BreachType, int, str, bool], KnownHours] = {}

    def forget(self) -> None:
        """Drop what was learnt, since the clients' hours have changed."""
        self.round_the_clock.clear()
        self._known.clear()

    def of(self, ticket: Ticket, target: BreachType, own: CountedHours) -> KnownHours:
        """Return the hours that SuperOps may have counted a ticket's due time in.

        Args:
            ticket: The ticket.
            target: Which target.
            own: The hours of the ticket's policy or client.
        """
        learnt = self.round_the_clock
        around = bool(learnt) and (ticket.sla_id in learnt or ticket.sla_name in learnt)
        key = target, id(own.calendar), own.words, around
        known = self._known.get(key)
        if known is None:
            policies = [
                (time, self._hours(policy, target, own))
                for policy in self._policies
                if (time := _allowed(policy, target)) is not None
            ]
            known = self._known[key] = KnownHours(own, policies, self._configured, around)
        return known

    def _hours(self, policy: SLAPolicy, target: BreachType, own: CountedHours) -> CountedHours:
        named = policy.hours if target is BreachType.RESOLUTION else policy.response_hours
        if isinstance(named, str) and named in self._calendars:
            return CountedHours(self._calendars[named], f"calendar {named}")
        if named is WhoseHours.EVERY:
            return CountedHours(ALWAYS, f"every hour, as policy {policy.name} says")
        return own

    def learn(self, judged: EvaluatedTicket, own: Callable[[BreachType], BusinessCalendar]) -> bool:
        """Note where a due time shows that its SLA runs round the clock; return whether it is news.

        The SLA's other tickets are to be judged anew then.

        Args:
            judged: A ticket.
            own: Returns the hours that a target of it counts in by its policy or client.
        """
        ticket = judged.ticket
        sla = {name for name in (ticket.sla_id, ticket.sla_name) if name}
        if not sla or sla <= self.round_the_clock:
            return False
        for clock in judged.clocks:
            if clock.theirs is None or clock.calendar is not ALWAYS:
                continue
            known = (own(clock.target), *self._calendars.values())
            if not any(reachable(hours, clock.theirs) for hours in known):
                self.round_the_clock |= sla
                return True
        return False


def _allowed(policy: SLAPolicy, target: BreachType) -> timedelta | None:
    return policy.response_target if target is BreachType.RESPONSE else policy.resolution_target
