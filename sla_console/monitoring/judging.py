"""Which promise and which hours a ticket is under, and what matters when."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sla_console.domain.breach import BreachType
from sla_console.domain.calendar import BusinessCalendar
from sla_console.domain.judgement import judge
from sla_console.domain.people import Site
from sla_console.domain.policy import SLAPolicy, match_policy
from sla_console.domain.risk import RiskThresholds
from sla_console.domain.sla_clock import JudgedTicket, SLAClock
from sla_console.domain.ticket import Hold, StatusPhases, Ticket
from sla_console.monitoring.deadlines import Deadline, Matter

LOG = logging.getLogger(__name__)
_AFTER = timedelta(milliseconds=1)


class Judge:
    """Judges tickets one at a time; one that cannot be judged never stops the others.

    Args:
        phases: What the names of statuses mean.
        policies: The promises, in order.
        calendars: Calendars of the configuration, by name.
        default_calendar: Name of the one for everybody; None: the client's own hours.
        thresholds: Where risk begins.
        warn_at: Percents of a target at which somebody is warned.
    """

    def __init__(
        self,
        phases: StatusPhases,
        policies: Sequence[SLAPolicy] = (),
        calendars: Mapping[str, BusinessCalendar] | None = None,
        default_calendar: str | None = None,
        thresholds: RiskThresholds | None = None,
        warn_at: Sequence[int] = (),
    ) -> None:
        self.phases = phases
        self.policies = tuple(policies)
        self.thresholds = thresholds or RiskThresholds()
        self._warn_at = tuple(warn_at)
        self._always = BusinessCalendar.always()
        self._fixed = (calendars or {}).get(default_calendar or "")
        self._by_site: dict[str, BusinessCalendar | str] = {}
        self._by_client: dict[str, BusinessCalendar | str] = {}

    def use_sites(self, sites: Iterable[Site]) -> None:
        """Take the hours of the clients' sites; one calendar object for each set of hours."""
        shared: dict[object, BusinessCalendar | str] = {}
        by_client: dict[str, BusinessCalendar | str] = {}
        self._by_site = {}
        for site in sorted(sites, key=lambda s: not s.hq):
            key = (site.timezone, site.hours, site.working_24x7)
            if key not in shared:
                shared[key] = self._calendar_of(site)
            found = self._by_site[site.id] = shared[key]
            if site.client_id:
                by_client.setdefault(site.client_id, found)
        self._by_client = by_client

    def _calendar_of(self, site: Site) -> BusinessCalendar | str:
        try:
            calendar = site.calendar()
        except ValueError as error:
            LOG.warning("the hours of site %s are impossible: %s", site.name, error)
            return f"the hours of site {site.name} are impossible, so every hour counts"
        return calendar or f"site {site.name} has no hours, so every hour counts"

    def judge(self, ticket: Ticket, holds: tuple[Hold, ...] = ()) -> JudgedTicket:
        """Return the ticket with both clocks."""
        found = self._fixed or self._by_site.get(ticket.site_id or "")
        found = found or self._by_client.get(ticket.client_id or "", self._always)
        calendar = self._always if isinstance(found, str) else found
        reasons = (found,) if isinstance(found, str) else ()
        try:
            judged = judge(
                ticket, match_policy(ticket, self.policies), calendar, self.phases, holds
            )
        except (ValueError, OverflowError, ArithmeticError) as error:
            LOG.warning("ticket %s cannot be judged: %s", ticket.display_id, error)
            reasons = (*reasons, "its times are impossible, so it has no clocks")
            judged = judge(_without_times(ticket), None, self._always, self.phases)
        if reasons:
            return JudgedTicket(
                judged.ticket,
                judged.policy,
                judged.phase,
                judged.response,
                judged.resolution,
                judged.degraded + reasons,
            )
        return judged

    def deadlines(self, judged: JudgedTicket, now: datetime) -> list[Deadline]:
        """Return the moments that matter in this ticket's future, and breaches already due."""
        found: list[Deadline] = []
        ticket_id = judged.ticket.id
        for clock in judged.clocks:
            if clock.due is None or clock.ended() or clock.held_since is not None:
                continue
            due = clock.due
            found.append(Deadline(max(due + _AFTER, now), ticket_id, clock.target, Matter.BREACH))
            if due <= now:
                continue
            for percent in self._warn_at:
                at = clock.moment_of(percent / 100)
                if at is not None:
                    found.append(
                        Deadline(max(at, now), ticket_id, clock.target, Matter.WARNING, percent)
                    )
            at_risk = self._at_risk_from(clock)
            if at_risk is not None and at_risk > now:
                found.append(Deadline(at_risk + _AFTER, ticket_id, clock.target, Matter.RISK))
        return found

    def _at_risk_from(self, clock: SLAClock) -> datetime | None:
        """Return when a running clock becomes HIGH, by share or by time left."""
        by_share = clock.moment_of(self.thresholds.high_share)
        if clock.due is None or clock.started_at is None or by_share is None:
            return None
        target = clock.calendar.open_time(clock.started_at, clock.due)
        if target <= self.thresholds.high_left:
            return None
        by_time = clock.calendar.add(clock.started_at, target - self.thresholds.high_left)
        return min(by_share, by_time)


def clock_of(judged: JudgedTicket, target: BreachType) -> SLAClock:
    """Return one of a ticket's two clocks."""
    return judged.response if target is BreachType.RESPONSE else judged.resolution


def _without_times(ticket: Ticket) -> Ticket:
    return Ticket(
        id=ticket.id,
        display_id=ticket.display_id,
        subject=ticket.subject,
        status=ticket.status,
        priority=ticket.priority,
        client_id=ticket.client_id,
        client=ticket.client,
        technician_id=ticket.technician_id,
        technician=ticket.technician,
        group=ticket.group,
        sla_name=ticket.sla_name,
        updated_at=ticket.updated_at,
        degraded=ticket.degraded,
    )
