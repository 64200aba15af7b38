"""Who is told what, through which channel, when, and why not.

A plan is a list of messages, those that are held back on purpose included: what nobody is told
stays visible, with the reason. Nothing is sent and nothing stored here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sla_console.alerting.groups import Groups
from sla_console.alerting.rules import matching, naming
from sla_console.domain.alert import (
    AlertEvent,
    AlertRule,
    DeliveryState,
    Notice,
    OutboxMessage,
    Route,
    WaitReason,
    may_be_old,
)
from sla_console.domain.calendar import BusinessCalendar
from sla_console.domain.directory import Directory, Recipient
from sla_console.domain.durations import words
from sla_console.domain.risk import RiskLevel
from sla_console.domain.silence import Hush

_URGENT_FALLBACK: Final = timedelta(minutes=1)
_FALLBACK: Final = timedelta(minutes=5)
_GROUPED: Final = frozenset(
    {
        AlertEvent.WARNING,
        AlertEvent.BREACH,
        AlertEvent.ESCALATION,
        AlertEvent.RECOVERY,
        AlertEvent.FORECAST,
    }
)
_NEVER_HUSHED: Final = frozenset({AlertEvent.RECOVERY, AlertEvent.MONITOR, AlertEvent.TEST})
_HELD_WHILE_BLIND: Final = _GROUPED - {AlertEvent.RECOVERY}
_ALWAYS: Final = BusinessCalendar.always()


@dataclass(frozen=True, slots=True)
class Sending:
    """One recipient of a notice, and what decides about it."""

    recipient: Recipient
    rule: str
    route: Route
    quiet: bool
    """What is not urgent waits for the client's hours."""


@dataclass(frozen=True, slots=True)
class HeldBack:
    """What keeps a message from being sent at all."""

    words: str
    """For people."""
    reason: WaitReason = WaitReason.MUTED


@dataclass(frozen=True, slots=True)
class Quieting:
    """What keeps people from being told."""

    hush: Callable[[Notice, datetime], Hush | None] = lambda _notice, _now: None
    """Returns the silence or maintenance window that a notice falls under."""
    quiet_hours: bool = False
    """Hold back what is not urgent until the client's hours, where no rule says otherwise."""


class Planner:
    """Turns a notice into messages.

    Args:
        channels: Names of the channels there are.
        directory: Who is reached through which.
        groups: What is told together.
        quieting: What keeps people from being told.
    """

    def __init__(
        self, channels: Sequence[str], directory: Directory, groups: Groups, quieting: Quieting
    ) -> None:
        self.channels = tuple(channels)
        self.directory = directory
        self.groups = groups
        self.quieting = quieting
        self.rules: tuple[AlertRule, ...] = ()
        self.blind_since: datetime | None = None
        """Since when SuperOps does not answer; what follows from old data waits until it does."""

    def by_rules(self, notice: Notice, hours: BusinessCalendar, now: datetime) -> list[Sending]:
        """Return whom the rules tell, each channel once, in the order of the rules."""
        return self._by(self.meeting(notice, hours, now), notice, hours, now)

    def by_name(
        self, notice: Notice, hours: BusinessCalendar, now: datetime
    ) -> tuple[list[Sending], str | None]:
        """Return whom those rules tell that name the event, and why nobody is, where they mute it.

        For what has a route of its own, such as a step: a rule for everything adds nothing to it.
        """
        found = self._meeting(naming(self.rules, notice.event), notice, hours, now)
        if found and not any(rule.whole_route for rule in found):
            return [], f"rule {found[0].name} names nobody"
        return self._by(found, notice, hours, now), None

    def meeting(self, notice: Notice, hours: BusinessCalendar, now: datetime) -> list[AlertRule]:
        """Return the rules that an event meets: those that name nobody, or reach somebody, end it.

        A rule that means somebody and reaches nobody, such as the holder of a ticket that nobody
        holds, hands on to the rules after it.
        """
        return self._meeting(self.rules, notice, hours, now)

    def _meeting(
        self,
        rules: Sequence[AlertRule],
        notice: Notice,
        hours: BusinessCalendar,
        now: datetime,
    ) -> list[AlertRule]:
        return matching(
            rules,
            notice,
            in_hours=hours.is_open(now),
            ends=lambda rule: not rule.whole_route or bool(self._by_rule(rule, notice, hours, now)),
        )

    def _by(
        self,
        rules: Sequence[AlertRule],
        notice: Notice,
        hours: BusinessCalendar,
        now: datetime,
    ) -> list[Sending]:
        return distinct(one for rule in rules for one in self._by_rule(rule, notice, hours, now))

    def _by_rule(
        self, rule: AlertRule, notice: Notice, hours: BusinessCalendar, now: datetime
    ) -> list[Sending]:
        quiet = self.quieting.quiet_hours if rule.quiet is None else rule.quiet
        name = f"rule {rule.name}"
        return self.by_route(rule.whole_route, notice, now, name, hours if quiet else None)

    def by_route(
        self,
        route: Route,
        notice: Notice,
        now: datetime,
        name: str,
        quiet: BusinessCalendar | None = None,
    ) -> list[Sending]:
        """Return whom a route tells, channels that do not exist left out.

        Args:
            route: The route.
            notice: What there is to tell.
            now: The moment.
            name: Of the rule or step.
            quiet: Hours outside which what is not urgent waits, and then reaches whoever is on call
                when they begin; None: it waits for none.
        """
        at = now if quiet is None else _told_at(notice, quiet, now)
        people = self.directory.recipients(route, at, notice.technician)
        return [
            Sending(one, name, route, quiet is not None)
            for one in people
            if one.channel in self.channels
        ]

    def plan(
        self,
        notice: Notice,
        identity: str,
        sendings: Sequence[Sending],
        now: datetime,
        hours: BusinessCalendar = _ALWAYS,
        *,
        muted: "HeldBack | None" = None,
    ) -> list[OutboxMessage]:
        """Return the messages of a notice.

        Args:
            notice: What there is to tell.
            identity: What makes it one event and no other; the key of each message holds it.
            sendings: Whom.
            now: The moment.
            hours: The business hours of the client.
            muted: What keeps it back, such as that it comes and goes; None: nothing does.
        """
        # Whoever heard that it broke hears that it is over, whatever was silenced meanwhile.
        always = notice.event in _NEVER_HUSHED or notice.by_hand
        hush = None if always else self.quieting.hush(notice, now)
        why = HeldBack(hush.words) if hush else muted
        return [self._message(notice, identity, one, now, hours, why) for one in sendings]

    def held_back(
        self, notice: Notice, sending: Sending, now: datetime, hours: BusinessCalendar
    ) -> str | None:
        """Return what would keep a notice back; None: nothing would."""
        hush = self.quieting.hush(notice, now)
        if hush is not None:
            return hush.words
        if sending.quiet and may_wait(notice) and not hours.is_open(now):
            return f"quiet until {notice.client or 'the client'} opens"
        return None

    def _message(
        self,
        notice: Notice,
        identity: str,
        sending: Sending,
        now: datetime,
        hours: BusinessCalendar,
        held: "HeldBack | None",
    ) -> OutboxMessage:
        channel, route = sending.recipient.channel, sending.route
        urgent = is_urgent(notice)
        plain = OutboxMessage(
            key=f"{notice.event}:{identity}:{channel}",
            channel=channel,
            event=notice.event,
            title=title_of(notice),
            body="",
            ticket_id=notice.ticket_id,
            created_at=now,
            urgent=urgent,
            next_at=now,
            notice=notice,
            thread=notice.thread,
            group=self.groups.key(notice, channel),
            expires_at=notice.due if notice.event in _USELESS_WHEN_DUE else None,
            person=sending.recipient.person,
            rule=sending.rule,
            fallback=tuple(name for name in route.fallback if name in self.channels),
        )
        if held is not None:
            return replace(
                plain,
                state=DeliveryState.SUPPRESSED,
                next_at=None,
                why=held.words,
                wait_reason=held.reason,
            )
        return self._with_fallback(self._when(plain, notice, sending, now, hours), route)

    def _when(
        self,
        message: OutboxMessage,
        notice: Notice,
        sending: Sending,
        now: datetime,
        hours: BusinessCalendar,
    ) -> OutboxMessage:
        follows = notice.event in _HELD_WHILE_BLIND and not notice.by_hand
        if self.blind_since is not None and follows:
            why = may_be_old(self.blind_since)
            return replace(
                message,
                state=DeliveryState.GATHERING,
                next_at=None,
                why=why,
                wait_reason=WaitReason.FRESH_DATA,
            )
        if sending.quiet and may_wait(notice) and not hours.is_open(now):
            return _quiet(message, notice, now, hours)
        if notice.event not in _GROUPED:
            return message
        at = self.groups.when(message.group, now, urgent=message.urgent)
        if at <= now:
            return message
        return replace(
            message, state=DeliveryState.GATHERING, next_at=at, wait_reason=WaitReason.GROUP
        )

    def _with_fallback(self, message: OutboxMessage, route: Route) -> OutboxMessage:
        if not message.fallback:
            return message
        usual = _URGENT_FALLBACK if message.urgent else _FALLBACK
        # What waits for fresh data has no time yet; the store counts on from when it comes.
        begin = message.next_at or message.created_at
        return replace(message, fallback_at=begin + (route.fallback_after or usual))


def distinct(sendings: Iterable[Sending]) -> list[Sending]:
    """Return the first for each channel, in their order."""
    found: dict[str, Sending] = {}
    for sending in sendings:
        found.setdefault(sending.recipient.channel, sending)
    return list(found.values())


_USELESS_WHEN_DUE: Final = frozenset({AlertEvent.WARNING, AlertEvent.FORECAST})


def is_urgent(notice: Notice) -> bool:
    """Return whether a notice goes before others and waits for no quiet hours."""
    if notice.event in {AlertEvent.MONITOR, AlertEvent.REMINDER}:
        return True
    if notice.event is AlertEvent.ESCALATION:
        return notice.by_hand or notice.severity.rank >= RiskLevel.HIGH.rank
    return notice.severity is RiskLevel.CRITICAL and notice.event in {
        AlertEvent.BREACH,
        AlertEvent.WARNING,
        AlertEvent.DIGEST,
    }


def may_wait(notice: Notice) -> bool:
    """Return whether a notice may wait until the client's hours: it is below HIGH."""
    return not is_urgent(notice) and notice.severity.rank < RiskLevel.HIGH.rank


_WORDS: Final[Mapping[AlertEvent, str]] = {
    AlertEvent.WARNING: "soon due",
    AlertEvent.BREACH: "BREACHED",
    AlertEvent.ESCALATION: "ESCALATED",
    AlertEvent.REMINDER: "reminder",
    AlertEvent.RECOVERY: "over",
    AlertEvent.FORECAST: "likely to break",
}


def title_of(notice: Notice) -> str:
    """Return a notice in one line, as lists show it and as it is told where all else fails."""
    if notice.headline:
        return notice.headline
    promise = notice.target.words if notice.target else "ticket"
    name = notice.display_id or notice.ticket_id or ""
    client = f" ({notice.client})" if notice.client else ""
    return f"{_WORDS.get(notice.event, notice.event)}: {promise} of {name}{client}"


def _quiet(
    message: OutboxMessage, notice: Notice, now: datetime, hours: BusinessCalendar
) -> OutboxMessage:
    """Return a message that waits for the hours of its client."""
    opening = _told_at(notice, hours, now)
    if opening <= now:
        return message  # nothing opens any more
    why = f"quiet until {notice.client or 'the client'} opens in {words(opening - now)}"
    return replace(
        message,
        state=DeliveryState.GATHERING,
        next_at=opening,
        why=why,
        wait_reason=WaitReason.QUIET_HOURS,
    )


def _told_at(notice: Notice, hours: BusinessCalendar, now: datetime) -> datetime:
    """Return when something is told that may have to wait for the client's hours."""
    if not may_wait(notice) or hours.is_open(now):
        return now
    try:
        return hours.next_opening(now)
    except ValueError:
        return now
