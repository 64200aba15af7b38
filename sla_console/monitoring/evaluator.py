"""Which promise and which hours a ticket is under, and what matters when."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.alerts.warning import WarningLevel
from sla_console.domain.forecast.risk import RiskThresholds
from sla_console.domain.names import folded
from sla_console.domain.people.people import (
    Client,
    HolidayRule,
    Site,
    SpecialDays,
    now_called,
    renames,
    special_days,
)
from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.sla.due_calendar import CountedHours, KnownHours, hours_of_due
from sla_console.domain.sla.evaluation import Observed, evaluate, exempt_words
from sla_console.domain.sla.policy import (
    PolicyMatch,
    PolicyTable,
    SLAPolicy,
    WhoseHours,
    conflicts,
)
from sla_console.domain.sla.sla_clock import DueSource, EvaluatedTicket, SLAClock
from sla_console.domain.sla.verdict import Verdict
from sla_console.domain.tickets.priority import BY_NAME, PriorityRanks
from sla_console.domain.tickets.ticket import StatusPhases, Ticket
from sla_console.monitoring.deadlines import Deadline, Matter
from sla_console.monitoring.sla_hours import SLAHours

LOG = logging.getLogger(__name__)
AFTER: Final = timedelta(milliseconds=1)
"""A promise is broken only after the moment at which it is still kept."""

IMPOSSIBLE: Final = "its times are impossible, so it has no clocks"


class Evaluator:
    """Judges tickets one at a time; one that cannot be judged never stops the others.

    Args:
        phases: What the names of statuses mean.
        policies: The promises.
        calendars: Calendars of the configuration, by name.
        default_calendar: Name of the one for everybody; None: the client's own hours.
        thresholds: Where risk begins.
        warn_at: Levels at which somebody is warned.
        holidays: Holidays of the clients' sites.
        no_response_for: Sources whose tickets owe no first response.
        priorities: How urgent the desk's priorities are.
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
        no_response_for: Sequence[str] = (),
        priorities: PriorityRanks = BY_NAME,
    ) -> None:
        self.phases = phases
        self.policies = tuple(policies)
        self.calendars = dict(calendars or {})
        self.thresholds = thresholds or RiskThresholds()
        self.warn_at = tuple(warn_at)
        self._holidays = tuple(holidays)
        self._no_response_for = frozenset(map(folded, no_response_for))
        self.priorities = priorities
        self.unranked: set[str] = set()
        """Priorities that tickets have and nothing ranks: each is said once, and taken as urgent."""
        self._looked_at: set[str] = set()
        self._table = PolicyTable(policies)
        self._priorities = {
            folded(p.priority_level) for p in policies if p.priority_level is not None
        }
        self._always = BusinessCalendar.always()
        self._fixed_name = default_calendar
        self._fixed = self.calendars.get(default_calendar or "")
        self._whole = True
        self._by_site: dict[str, BusinessCalendar | str] = {}
        self._by_client: dict[str, BusinessCalendar | str] = {}
        self._site_names: dict[str, str] = {}
        self._words: dict[tuple[object, ...], str] = {}
        self.sla_hours = SLAHours(self.policies, self.calendars)
        for one, other in conflicts(policies):
            LOG.warning(
                "policies %s and %s can match the same ticket equally well; %s wins by its name; "
                "give one of them an order",
                one.name,
                other.name,
                one.name,
            )

    def use_sites(
        self, sites: Iterable[Site], clients: Iterable[Client] = (), *, whole: bool = True
    ) -> None:
        """Take the hours of the clients' sites; one calendar object for each set of hours.

        Args:
            sites: Those that are known.
            clients: Those that are known.
            whole: Whether that is all there are; if not, who has no hours may well have some.
        """
        self._whole = whole
        clients = list(clients)
        names = {client.id: client.name for client in clients}
        renamed = renames(clients)
        self._table = PolicyTable([_now_called(policy, renamed) for policy in self.policies])
        rules = [replace(r, client=now_called(r.client, renamed)) for r in self._holidays]
        shared: dict[object, BusinessCalendar | str] = {}
        by_client: dict[str, BusinessCalendar | str] = {}
        self._by_site = {}
        for site in sorted(sites, key=lambda s: not s.hq):
            days = special_days(site.name, names.get(site.client_id or ""), rules)
            key = (site.timezone, site.hours, site.working_24x7, days)
            if key not in shared:
                shared[key] = self._calendar_of(site, days)
            found = self._by_site[site.id] = shared[key]
            self._site_names[site.id] = site.name
            if site.client_id:
                by_client.setdefault(site.client_id, found)
        self._by_client = by_client
        self._words.clear()
        self.sla_hours.forget()

    def _calendar_of(self, site: Site, days: SpecialDays) -> BusinessCalendar | str:
        try:
            calendar = site.calendar()
        except ValueError as error:
            LOG.warning("the hours of site %s are impossible: %s", site.name, error)
            return f"the hours of site {site.name} are impossible, so every hour counts"
        if calendar is None:
            return f"site {site.name} has no hours, so every hour counts"
        # Who works around the clock works on holidays.
        if calendar.is_always or days == SpecialDays():
            return calendar
        return calendar.with_holidays(days.holidays, dict(days.overrides))

    def match(self, ticket: Ticket) -> PolicyMatch:
        """Return the promise a ticket is under, with the reasons."""
        return self._table.match(ticket)

    def calendar_of(self, ticket: Ticket, policy: SLAPolicy | None = None) -> BusinessCalendar:
        """Return the hours that a ticket's business-hours promises count in."""
        policy = policy or self._table.policy_of(ticket)
        found = self._hours(ticket, None if policy is None else policy.calendar)
        return self._always if isinstance(found, str) else found

    def calendar_words(
        self, ticket: Ticket, policy: SLAPolicy | None, target: BreachType = BreachType.RESOLUTION
    ) -> str:
        """Return in words whose hours one of a ticket's promises counts in."""
        named = _named(policy, target)
        if isinstance(named, str) and named in self.calendars:
            return f"calendar {named}, as the policy says"
        if named is WhoseHours.EVERY:
            return "every hour, as the policy says"
        if self._fixed is not None and named is not WhoseHours.CLIENT:
            return f"calendar {self._fixed_name}, the default"
        if ticket.site_id in self._by_site:
            return f"the hours of site {self._site_names.get(ticket.site_id or '', ticket.site_id)}"
        if ticket.client_id in self._by_client:
            return f"the hours of {ticket.client or 'the client'}'s main site"
        return "every hour, because no hours are known for the client"

    def _hours(self, ticket: Ticket, named: str | WhoseHours | None) -> BusinessCalendar | str:
        """Return the hours that a policy names, or why every hour counts."""
        if isinstance(named, str) and named in self.calendars:
            return self.calendars[named]
        if named is WhoseHours.EVERY:
            return self._always
        if self._fixed is not None and named is not WhoseHours.CLIENT:
            return self._fixed
        found = self._by_site.get(ticket.site_id or "")
        found = found or self._by_client.get(ticket.client_id or "")
        if found is None and not self._whole:
            whose = ticket.client or "its client"
            return f"the hours of {whose} could not be read, so every hour counts"
        return found or self._always

    def evaluate(
        self,
        ticket: Ticket,
        observed: Observed | None = None,
        calendar: BusinessCalendar | None = None,
        response_calendar: BusinessCalendar | None = None,
        under: SLAPolicy | None = None,
    ) -> EvaluatedTicket:
        """Return the ticket with both clocks.

        Args:
            ticket: The ticket as it is.
            observed: What the console saw of it.
            calendar: Hours to count in place of its own, to see what they would change.
            response_calendar: The same for the first response alone.
            under: Policy to judge by, in its own hours; None: the one that the ticket is under.
                SuperOps' due times are of that one, and say nothing about another.
        """
        own = self._table.policy_of(ticket)
        policy = under or own
        if under is not None and under.targets and (own is None or own.id != under.id):
            ticket = ticket.without_due_times()
        named = _named(policy, BreachType.RESOLUTION)
        first = _named(policy, BreachType.RESPONSE)
        found = calendar or self._hours(ticket, named)
        other = response_calendar or (found if first == named else self._hours(ticket, first))
        hours = self._always if isinstance(found, str) else found
        response_hours = self._always if isinstance(other, str) else other
        reasons = [one for one in {found: None, other: None} if isinstance(one, str)]
        try:
            judged = evaluate(
                ticket,
                # Hours that are supposed count also where the policy says that every hour does.
                policy if policy is None or calendar is None else _by_hours(policy),
                hours,
                self.phases,
                observed=observed,
                known={
                    BreachType.RESPONSE: self._known(
                        ticket,
                        policy,
                        BreachType.RESPONSE,
                        response_hours,
                        given=response_calendar or calendar,
                    ),
                    BreachType.RESOLUTION: self._known(
                        ticket, policy, BreachType.RESOLUTION, hours, given=calendar
                    ),
                },
                no_response=exempt_words(ticket, self._no_response_for),
                priorities=self.priorities,
            )
            if judged.policy is not policy:
                judged = replace(judged, policy=policy)
        except (ValueError, OverflowError, ArithmeticError) as error:
            LOG.warning("ticket %s cannot be judged: %s", ticket.display_id, error)
            reasons.append(IMPOSSIBLE)
            judged = evaluate(
                ticket.without_times(), None, self._always, self.phases, priorities=self.priorities
            )
        self._look_at_priority(ticket.priority)
        if policy is not None and policy.default and (why := self._odd_priority(judged)):
            reasons.append(why)
        if observed is not None and observed.missing and observed.read_at is not None:
            reasons.append(f"not seen in SuperOps since {observed.read_at:%Y-%m-%d %H:%M} UTC")
        if reasons:
            return replace(judged, degraded=(*judged.degraded, *reasons))
        return judged

    def _look_at_priority(self, name: str | None) -> None:
        """Say once of each priority that nothing ranks that it is taken as urgent."""
        if not name or name in self._looked_at:
            return
        self._looked_at.add(name)
        if not self.priorities.ranked(name):
            self.unranked.add(name)
            LOG.warning(
                "priority %r is not ranked, so its tickets are taken as urgent; write it under "
                "[priorities] in the configuration",
                name,
            )

    def _known(
        self,
        ticket: Ticket,
        policy: SLAPolicy | None,
        target: BreachType,
        own: BusinessCalendar,
        *,
        given: BusinessCalendar | None = None,
    ) -> KnownHours:
        """Return the hours that SuperOps may have counted a ticket's due time in."""
        words = "the hours given" if given is not None else self._words_of(ticket, policy, target)
        return self.sla_hours.of(ticket, target, CountedHours(own, words))

    def _words_of(self, ticket: Ticket, policy: SLAPolicy | None, target: BreachType) -> str:
        """Return ``calendar_words``, made once for the tickets of a site under the same hours."""
        named = _named(policy, target)
        key = named, ticket.site_id, ticket.client_id, ticket.client
        found = self._words.get(key)
        if found is None:
            found = self._words[key] = self.calendar_words(ticket, policy, target)
        return found

    def learn_hours(self, judged: EvaluatedTicket) -> bool:
        """Note what a ticket's due times show about its SLA; return whether that is news."""
        ticket, policy = judged.ticket, judged.policy
        return self.sla_hours.learn(judged, lambda target: self._own(ticket, policy, target))

    def _own(
        self, ticket: Ticket, policy: SLAPolicy | None, target: BreachType
    ) -> BusinessCalendar:
        found = self._hours(ticket, _named(policy, target))
        return self._always if isinstance(found, str) else found

    def as_promised(self, judged: EvaluatedTicket, verdict: Verdict) -> EvaluatedTicket:
        """Return a ticket with one clock judged by the due time that a verdict fell by.

        SuperOps' flag is about the due time of now, so it says nothing about another one.
        """
        clock, target = judged.clock(verdict.target), verdict.target
        if clock.due == verdict.due:
            return judged
        ticket, policy = judged.ticket, judged.policy
        own = self._own(ticket, policy, target)
        # Also a due time that was computed then: the hours may be others by now.
        calendar = hours_of_due(
            self._known(ticket, policy, target, own),
            clock.started_at,
            verdict.due,
            verdict.allowed,
            clock.holds,
        ).calendar
        then = replace(clock, due=verdict.due, calendar=calendar, theirs=None, violated=None)
        if target is BreachType.RESPONSE:
            return replace(judged, response=then)
        return replace(judged, resolution=then)

    def _odd_priority(self, judged: EvaluatedTicket) -> str | None:
        """Say that a ticket is under the default promise, and its due times too, by its priority."""
        priority = judged.ticket.priority
        computed = any(clock.source is DueSource.COMPUTED for clock in judged.clocks)
        if not self._priorities or not computed:
            return None
        if not priority:
            return "it has no priority, so the default promise counts"
        if folded(priority) in self._priorities:
            return None
        return f"no policy names its priority {priority}, so the default promise counts"

    def deadlines(self, judged: EvaluatedTicket, now: datetime) -> list[Deadline]:
        """Return the moments that matter in this ticket's future, and breaches already due."""
        try:
            return self._moments(judged, now)
        except (ValueError, OverflowError) as error:
            LOG.warning("ticket %s has no moments: %s", judged.ticket.display_id, error)
            return []

    def _moments(self, judged: EvaluatedTicket, now: datetime) -> list[Deadline]:
        found: list[Deadline] = []
        ticket_id = judged.ticket.id
        for clock in judged.clocks:
            breaks_at = clock.breaks_at()
            if breaks_at is None or clock.due is None:
                continue
            # Those that are past already as well, at their own time: the clock may be wrong now.
            found.append(Deadline(breaks_at + AFTER, ticket_id, clock.target, Matter.BREACH))
            if clock.due <= now:
                continue
            target = clock.target_time()
            for level in self.warn_at:
                at = level.moment(clock, target)
                if at is not None:
                    found.append(Deadline(at, ticket_id, clock.target, Matter.WARNING, level))
            at_risk = self._at_risk_from(clock, target)
            if at_risk is not None and at_risk > now:
                found.append(Deadline(at_risk + AFTER, ticket_id, clock.target, Matter.RISK))
        return found

    def _at_risk_from(self, clock: SLAClock, target: timedelta | None) -> datetime | None:
        """Return when a running clock becomes HIGH, by share or by time left."""
        by_share = clock.moment_of(self.thresholds.high_share, target)
        by_time = clock.moment_with(self.thresholds.high_left, target)
        if by_share is None or by_time is None:
            return None
        return min(by_share, by_time)


def _now_called(policy: SLAPolicy, renamed: Mapping[str, str]) -> SLAPolicy:
    client = now_called(policy.client, renamed)
    return policy if client == policy.client else replace(policy, client=client)


def _named(policy: SLAPolicy | None, target: BreachType) -> str | WhoseHours | None:
    """Return what a policy says that a promise counts in."""
    if policy is None:
        return None
    return policy.hours if target is BreachType.RESOLUTION else policy.response_hours


def _by_hours(policy: SLAPolicy) -> SLAPolicy:
    return replace(policy, business_hours_only=True)
