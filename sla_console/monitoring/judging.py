"""Which promise and which hours a ticket is under, and what matters when."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from sla_console.domain.breach import BreachType
from sla_console.domain.calendar import BusinessCalendar
from sla_console.domain.due_calendar import (
    ALWAYS,
    CountedHours,
    KnownHours,
    KnownTarget,
    hours_of_due,
    reachable,
)
from sla_console.domain.judgement import Observed, judge
from sla_console.domain.people import Client, HolidayRule, Site, holidays_of
from sla_console.domain.policy import PolicyMatch, PolicyTable, SLAPolicy, conflicts
from sla_console.domain.risk import RiskThresholds
from sla_console.domain.sla_clock import DueSource, JudgedTicket, SLAClock
from sla_console.domain.ticket import StatusPhases, Ticket
from sla_console.domain.verdict import Verdict
from sla_console.domain.warning import WarningLevel
from sla_console.monitoring.deadlines import Deadline, Matter

LOG = logging.getLogger(__name__)
AFTER: Final = timedelta(milliseconds=1)
"""A promise is broken only after the moment at which it is still kept."""

IMPOSSIBLE: Final = "its times are impossible, so it has no clocks"


class Judge:
    """Judges tickets one at a time; one that cannot be judged never stops the others.

    Args:
        phases: What the names of statuses mean.
        policies: The promises.
        calendars: Calendars of the configuration, by name.
        default_calendar: Name of the one for everybody; None: the client's own hours.
        thresholds: Where risk begins.
        warn_at: Levels at which somebody is warned.
        holidays: Holidays of the clients' sites.
    """

    def __init__(
        self,
        phases: StatusPhases,
        policies: Sequence[SLAPolicy] = (),
        calendars: Mapping[str, BusinessCalendar] | None = None,
        default_calendar: str | None = None,
        thresholds: RiskThresholds | None = None,
        warn_at: Sequence[WarningLevel] = (),
        holidays: Sequence[HolidayRule] = (),
    ) -> None:
        self.phases = phases
        self.policies = tuple(policies)
        self.calendars = dict(calendars or {})
        self.thresholds = thresholds or RiskThresholds()
        self.warn_at = tuple(warn_at)
        self._holidays = tuple(holidays)
        self._table = PolicyTable(policies)
        self._priorities = {
            p.priority_level.casefold() for p in policies if p.priority_level is not None
        }
        self._always = BusinessCalendar.always()
        self._fixed_name = default_calendar
        self._fixed = self.calendars.get(default_calendar or "")
        self._by_site: dict[str, BusinessCalendar | str] = {}
        self._by_client: dict[str, BusinessCalendar | str] = {}
        self._site_names: dict[str, str] = {}
        self.round_the_clock: set[str] = set()
        """Ids and names of SuperOps' SLAs with a due time outside the client's hours: all of their
        due times are counted round the clock."""
        self._configured = [
            CountedHours(hours, f"calendar {name}") for name, hours in self.calendars.items()
        ]
        self._known: dict[tuple[int, str, bool], KnownHours] = {}
        for one, other in conflicts(policies):
            LOG.warning(
                "policies %s and %s can match the same ticket equally well; %s wins by its name; "
                "give one of them an order",
                one.name,
                other.name,
                one.name,
            )

    def use_sites(self, sites: Iterable[Site], clients: Iterable[Client] = ()) -> None:
        """Take the hours of the clients' sites; one calendar object for each set of hours."""
        names = {client.id: client.name for client in clients}
        shared: dict[object, BusinessCalendar | str] = {}
        by_client: dict[str, BusinessCalendar | str] = {}
        self._by_site = {}
        for site in sorted(sites, key=lambda s: not s.hq):
            dates = holidays_of(site.name, names.get(site.client_id or ""), self._holidays)
            key = (site.timezone, site.hours, site.working_24x7, dates)
            if key not in shared:
                shared[key] = self._calendar_of(site, dates)
            found = self._by_site[site.id] = shared[key]
            self._site_names[site.id] = site.name
            if site.client_id:
                by_client.setdefault(site.client_id, found)
        self._by_client = by_client
        self._known.clear()

    def _calendar_of(self, site: Site, holidays: frozenset[date]) -> BusinessCalendar | str:
        try:
            calendar = site.calendar()
        except ValueError as error:
            LOG.warning("the hours of site %s are impossible: %s", site.name, error)
            return f"the hours of site {site.name} are impossible, so every hour counts"
        if calendar is None:
            return f"site {site.name} has no hours, so every hour counts"
        # Who works around the clock works on holidays.
        return calendar if calendar.is_always or not holidays else calendar.with_holidays(holidays)

    def match(self, ticket: Ticket) -> PolicyMatch:
        """Return the promise a ticket is under, with the reasons."""
        return self._table.match(ticket)

    def calendar_of(self, ticket: Ticket, policy: SLAPolicy | None = None) -> BusinessCalendar:
        """Return the hours that a ticket's business-hours promises count in."""
        found = self._hours(ticket, policy or self._table.policy_of(ticket))
        return self._always if isinstance(found, str) else found

    def calendar_words(self, ticket: Ticket, policy: SLAPolicy | None) -> str:
        """Return in words whose hours these are."""
        if policy is not None and not policy.business_hours_only:
            return "every hour, as the policy says"
        if policy is not None and policy.calendar in self.calendars:
            return f"calendar {policy.calendar}, as the policy says"
        if self._fixed is not None:
            return f"calendar {self._fixed_name}, the default"
        if ticket.site_id in self._by_site:
            return f"the hours of site {self._site_names.get(ticket.site_id or '', ticket.site_id)}"
        if ticket.client_id in self._by_client:
            return f"the hours of {ticket.client or 'the client'}'s main site"
        return "every hour, because no hours are known for the client"

    def _hours(self, ticket: Ticket, policy: SLAPolicy | None) -> BusinessCalendar | str:
        """Return the hours that count, or why every hour does."""
        if policy is not None and policy.calendar is not None:
            named = self.calendars.get(policy.calendar)
            if named is not None:
                return named
        if self._fixed is not None:
            return self._fixed
        found = self._by_site.get(ticket.site_id or "")
        return found or self._by_client.get(ticket.client_id or "", self._always)

    def judge(
        self,
        ticket: Ticket,
        observed: Observed | None = None,
        calendar: BusinessCalendar | None = None,
    ) -> JudgedTicket:
        """Return the ticket with both clocks.

        Args:
            ticket: The ticket as it is.
            observed: What the console saw of it.
            calendar: Hours to count in place of its own, to see what they would change.
        """
        policy = self._table.policy_of(ticket)
        found = calendar or self._hours(ticket, policy)
        hours = self._always if isinstance(found, str) else found
        reasons = [found] if isinstance(found, str) else []
        known = self._known_hours(ticket, policy, hours, given=calendar is not None)
        try:
            judged = judge(ticket, policy, hours, self.phases, observed=observed, known=known)
        except (ValueError, OverflowError, ArithmeticError) as error:
            LOG.warning("ticket %s cannot be judged: %s", ticket.display_id, error)
            reasons.append(IMPOSSIBLE)
            judged = judge(_without_times(ticket), None, self._always, self.phases)
        if policy is not None and policy.default and (why := self._odd_priority(judged)):
            reasons.append(why)
        if reasons:
            return replace(judged, degraded=(*judged.degraded, *reasons))
        return judged

    def _known_hours(
        self, ticket: Ticket, policy: SLAPolicy | None, hours: BusinessCalendar, *, given: bool
    ) -> KnownHours:
        """Return the hours that SuperOps may have counted this ticket's due times in."""
        always = policy is not None and not policy.business_hours_only
        own = self._always if always else hours
        words = "the hours given" if given else self.calendar_words(ticket, policy)
        around = bool(self.round_the_clock & {ticket.sla_id, ticket.sla_name})
        key = id(own), words, around
        if key not in self._known:
            base = CountedHours(own, words)
            self._known[key] = KnownHours(base, self._targets(base), self._configured, around)
        return self._known[key]

    def _targets(self, own: CountedHours) -> list[KnownTarget]:
        """Return what the policies allow; one without hours of its own counts in the client's."""
        found = []
        for policy in self.policies:
            named = self.calendars.get(policy.calendar or "")
            hours = own
            if not policy.business_hours_only:
                hours = CountedHours(self._always, f"every hour, as policy {policy.name} says")
            elif named is not None:
                hours = CountedHours(named, f"calendar {policy.calendar}")
            found.append(KnownTarget(policy.response_target, policy.resolution_target, hours))
        return found

    def learn_hours(self, judged: JudgedTicket) -> bool:
        """Note where a due time shows that its SLA runs round the clock; return whether it is news.

        The SLA's other tickets are to be judged anew then.
        """
        ticket = judged.ticket
        sla = {name for name in (ticket.sla_id, ticket.sla_name) if name}
        if not sla or sla <= self.round_the_clock:
            return False
        for clock in judged.clocks:
            if clock.theirs is None or clock.calendar is not ALWAYS:
                continue
            own = self.calendar_of(ticket, judged.policy)
            known = (own, *self.calendars.values())
            if not any(reachable(hours, clock.theirs) for hours in known):
                self.round_the_clock |= sla
                return True
        return False

    def as_promised(self, judged: JudgedTicket, verdict: Verdict) -> JudgedTicket:
        """Return a ticket with one clock judged by the due time that a verdict fell by.

        SuperOps' flag is about the due time of now, so it says nothing about another one.
        """
        clock = judged.clock(verdict.target)
        if clock.due == verdict.due:
            return judged
        ticket, hours = judged.ticket, self._hours(judged.ticket, judged.policy)
        own = self._always if isinstance(hours, str) else hours
        known = self._known_hours(ticket, judged.policy, own, given=False)
        calendar = known.own.calendar
        if verdict.source == DueSource.SUPEROPS:
            calendar = hours_of_due(
                known, clock.target, clock.started_at, verdict.due, verdict.allowed, clock.holds
            ).calendar
        then = replace(clock, due=verdict.due, calendar=calendar, theirs=None, violated=None)
        if verdict.target is BreachType.RESPONSE:
            return replace(judged, response=then)
        return replace(judged, resolution=then)

    def _odd_priority(self, judged: JudgedTicket) -> str | None:
        """Say that a ticket is under the default promise, and its due times too, by its priority."""
        priority = judged.ticket.priority
        computed = any(clock.source is DueSource.COMPUTED for clock in judged.clocks)
        if not self._priorities or not computed:
            return None
        if not priority:
            return "it has no priority, so the default promise counts"
        if priority.casefold() in self._priorities:
            return None
        return f"no policy names its priority {priority}, so the default promise counts"

    def deadlines(self, judged: JudgedTicket, now: datetime) -> list[Deadline]:
        """Return the moments that matter in this ticket's future, and breaches already due."""
        try:
            return self._moments(judged, now)
        except (ValueError, OverflowError) as error:
            LOG.warning("ticket %s has no moments: %s", judged.ticket.display_id, error)
            return []

    def _moments(self, judged: JudgedTicket, now: datetime) -> list[Deadline]:
        found: list[Deadline] = []
        ticket_id = judged.ticket.id
        for clock in judged.clocks:
            breaks_at = clock.breaks_at()
            if breaks_at is None or clock.due is None:
                continue
            found.append(
                Deadline(max(breaks_at + AFTER, now), ticket_id, clock.target, Matter.BREACH)
            )
            if clock.due <= now:
                continue
            for level in self.warn_at:
                at = level.moment(clock)
                if at is not None:
                    found.append(
                        Deadline(max(at, now), ticket_id, clock.target, Matter.WARNING, level)
                    )
            at_risk = self._at_risk_from(clock)
            if at_risk is not None and at_risk > now:
                found.append(Deadline(at_risk + AFTER, ticket_id, clock.target, Matter.RISK))
        return found

    def _at_risk_from(self, clock: SLAClock) -> datetime | None:
        """Return when a running clock becomes HIGH, by share or by time left."""
        by_share = clock.moment_of(self.thresholds.high_share)
        by_time = clock.moment_with(self.thresholds.high_left)
        if by_share is None or by_time is None:
            return None
        return min(by_share, by_time)


def clock_of(judged: JudgedTicket, target: BreachType) -> SLAClock:
    """Return one of a ticket's two clocks."""
    return judged.clock(target)


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
