"""Who is told: rules, routes, and the messages that wait in the outbox."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from sla_console.domain.alerts.action_link import ActionLink
from sla_console.domain.alerts.notification import AlertEvent, Notification
from sla_console.domain.alerts.route import ASSIGNEE, Route
from sla_console.domain.forecast.risk import RiskLevel
from sla_console.domain.matcher import Matcher
from sla_console.domain.names import folded

__all__ = [
    "ASSIGNEE",
    "ENDS_BY_ITSELF",
    "AlertEvent",
    "AlertRule",
    "ChannelRecord",
    "DeliveryState",
    "Limits",
    "Notification",
    "Notified",
    "OpenIncident",
    "OutboxMessage",
    "OutboxRecord",
    "Route",
    "RuleHours",
    "SendResult",
    "WaitReason",
    "Way",
]


ENDS_BY_ITSELF = frozenset({AlertEvent.MONITOR, AlertEvent.BURST})
"""Events whose beginning and end are notified under one event."""


class RuleHours(StrEnum):
    """When a rule holds, by the business hours of the ticket's client."""

    ANY = "any"
    INSIDE = "inside"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class AlertRule:
    """Which events go where. An empty tuple matches everything."""

    name: str
    channels: tuple[str, ...] = ()
    """Channels that are told; part of the route."""
    events: tuple[AlertEvent, ...] = ()
    priorities: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    proceed: bool = False
    """Go on to the rules after this one, although it matched."""
    groups: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    """Levels of warnings, such as ``90%`` or ``30m``; matches warnings alone."""
    min_risk: RiskLevel = RiskLevel.LOW
    """The least severity."""
    hours: RuleHours = RuleHours.ANY
    route: Route = field(default_factory=Route)
    """Who is told beside ``channels``."""
    escalation: str | None = None
    """Name of the escalation that a breach begins."""
    quiet: bool | None = None
    """Hold back what is not urgent until the client's hours; None: as the settings say."""

    def matches(self, notification: Notification, *, in_hours: bool = True) -> bool:
        """Return whether this rule is for a notification; names are compared without case.

        Args:
            notification: What there is to notify.
            in_hours: Whether it is now inside the business hours of the client.
        """
        if self.events and notification.event not in self.events:
            return False
        if self.hours is not RuleHours.ANY and (self.hours is RuleHours.INSIDE) is not in_hours:
            return False
        return (
            self.matcher.matches(notification)
            and (not self.levels or folded(notification.level) in map(folded, self.levels))
            and notification.severity.rank >= self.min_risk.rank
        )

    @property
    def matcher(self) -> Matcher:
        """Conditions on tickets, in the form that silences and maintenance windows use."""
        return Matcher(
            clients=self.clients,
            priorities=self.priorities,
            groups=self.groups,
            policies=self.policies,
        )

    @property
    def whole_route(self) -> Route:
        """The route with the rule's own channels in it."""
        route = self.route
        return Route(
            tuple(dict.fromkeys((*self.channels, *route.channels))),
            route.people,
            route.on_call,
            route.fallback,
            route.fallback_after,
        )


class DeliveryState(StrEnum):
    """What became of one message to one channel. Never "delivered": nobody can know that."""

    GATHERING = "gathering"
    """Waits for others of its group, for a quiet time to end, or for fresh data."""
    PENDING = "pending"
    SENDING = "sending"
    UNKNOWN = "unknown"
    """The channel did not answer in time; it may have arrived, and is tried again."""
    ACCEPTED = "accepted"
    DEAD = "dead"
    SUPERSEDED = "superseded"
    """Something newer about the same promise, or a digest, says it instead."""
    EXPIRED = "expired"
    """It came too late to be of use."""
    SUPPRESSED = "suppressed"
    """Held back on purpose; the reason is with it."""

    @property
    def owed(self) -> bool:
        """Whether it shall still be sent."""
        return self in {
            DeliveryState.GATHERING,
            DeliveryState.PENDING,
            DeliveryState.SENDING,
            DeliveryState.UNKNOWN,
        }


class WaitReason(StrEnum):
    """Why a message waits or is held back. Delivery asks this; the sentence beside it is for people."""

    GROUP = "group"
    """It waits a moment for others, to be sent together with them."""
    QUIET_HOURS = "quiet hours"
    FRESH_DATA = "fresh data"
    """It rests on data from before SuperOps stopped answering."""
    MUTED = "muted"
    """A silence, a maintenance window or a rule that names nobody holds it back."""
    FLAPPING = "flapping"
    DISCARDED = "discarded"
    """A person ended it."""


class Way(StrEnum):
    """How a message came to its channel."""

    DIRECT = "direct"
    FALLBACK = "fallback"
    """The channel it was meant for did not take it."""
    REROUTED = "rerouted"
    """A person, or today's rules, sent it here instead."""
    DIGEST = "digest"
    """A message about several things included it."""


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """One message to one channel. All times aware UTC."""

    key: str
    """Unique: event, promise, round and channel. The same key is never queued twice."""
    channel: str
    event: AlertEvent
    title: str
    """As it was worded when it was queued; used where there is no notice or its template fails."""
    body: str
    ticket_id: str | None
    created_at: datetime
    urgent: bool = False
    """Goes before the others of its channel."""
    state: DeliveryState = DeliveryState.PENDING
    attempts: int = 0
    next_at: datetime | None = None
    """When to try (again), or when what gathers is sent."""
    lease_until: datetime | None = None
    """While SENDING: when the claim runs out and the message may be sent again."""
    accepted_at: datetime | None = None
    last_error: str | None = None
    notification: Notification | None = None
    """What it tells; worded again with each try, so that ages are right."""
    thread: str = ""
    """What is told about one promise goes out in order, and the newest says it all."""
    group: str = ""
    """What may be told together while it gathers."""
    expires_at: datetime | None = None
    """After this it is of no use any more."""
    person: str | None = None
    """Whose channel it is, where a person is told."""
    rule: str = ""
    """Which rule or escalation step sends it."""
    why: str | None = None
    """Why it is held back, superseded or sent through this channel, for people only."""
    superseded_by: str | None = None
    """Key of the message that says it instead."""
    fallback: tuple[str, ...] = ()
    """Channels to try where this one does not take it."""
    fallback_at: datetime | None = None
    """When the first of them is tried, if nobody has taken it by then."""
    attachment: str | None = None
    """Path of a file of the console's own that goes with it; None: none does."""
    wait_reason: WaitReason | None = None
    """Why it waits or is held back; None: it does not, or what it waited for has come."""
    way: Way = Way.DIRECT
    copy_of: str | None = None
    """Key of the message in whose place it goes through this channel."""
    on_call: tuple[str, ...] = ()
    """Rotations by which the person was chosen; who is on call may change while it waits."""
    number: int | None = field(default=None, compare=False)
    """Its place in the outbox, once it was taken from there to be sent."""
    links: tuple[ActionLink, ...] = field(default=(), compare=False, repr=False)
    """Links by which its reader acts; made when it is worded and never stored."""

    def copy_to(
        self, channel: str, way: Way, why: str, now: datetime, key: str | None = None
    ) -> "OutboxMessage":
        """Return a copy that another channel shall send at once, without a fallback of its own.

        Args:
            channel: The other channel.
            way: The reason in a word.
            why: The reason in words for people.
            now: The moment.
            key: Key of the copy; None: this message's with the other channel at its end.
        """
        return replace(
            self,
            key=key or f"{self.key.removesuffix(f':{self.channel}')}:{channel}",
            channel=channel,
            state=DeliveryState.PENDING,
            attempts=0,
            next_at=now,
            lease_until=None,
            last_error=None,
            why=why,
            wait_reason=None,
            way=way,
            copy_of=self.key,
            fallback=(),
            fallback_at=None,
        )

    @property
    def incident(self) -> str:
        """Key that everything about one target or one trouble shares at a pager."""
        return self.thread or self.key

    @property
    def ends_incident(self) -> bool:
        """Whether a pager closes its incident with this."""
        ended = self.notification is not None and self.notification.ended_at is not None
        return self.event is AlertEvent.RECOVERY or (ended and self.event in ENDS_BY_ITSELF)

    @property
    def opens_incident(self) -> bool:
        """Whether a pager opens an incident with this: a test and a report are none."""
        return not self.ends_incident and self.event not in {AlertEvent.TEST, AlertEvent.REPORT}

    @property
    def held(self) -> bool:
        """Whether it waits for something other than a moment with its group."""
        return self.state is DeliveryState.GATHERING and self.wait_reason is not WaitReason.GROUP


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """An incident that may be open at a channel that keeps incidents."""

    channel: str
    incident: str
    """Key that the beginning and the end of the incident share."""
    key: str
    """Key of the message that opened it."""
    notification: Notification


@dataclass(frozen=True, slots=True)
class Limits:
    """What a channel can carry, in characters."""

    title: int = 250
    body: int = 32_768
    short: bool = False
    """Wants the short form: an SMS or a pager."""
    incidents: bool = False
    """Keeps an incident open until a message says that it has ended."""


@dataclass(frozen=True, slots=True)
class SendResult:
    """What a channel answered."""

    accepted: bool
    permanent: bool = False
    """Trying again cannot help."""
    error: str | None = None
    """For people; holds no secret."""
    retry_after_seconds: float | None = None
    details: dict[str, str] = field(default_factory=dict)
    unknown: bool = False
    """No answer in time: it may have arrived."""
    broken: bool = False
    """Refuses whoever asks, such as with HTTP 401: nothing gets through until somebody mends it."""
    unreached: bool = False
    """Nobody took up the connection, so it certainly did not arrive."""


@dataclass(frozen=True, slots=True)
class OutboxRecord:
    """How many messages of one channel are where. Never carries its URL."""

    channel: str
    waiting: int
    dead: int
    last_accepted_at: datetime | None
    last_error: str | None


@dataclass(frozen=True, slots=True)
class ChannelRecord:
    """What is known of one channel beside its messages; survives a restart. Never its URL."""

    channel: str
    failures: int = 0
    """Passing failures in a row."""
    open_since: datetime | None = None
    """Since when nothing but a probe a minute is sent."""
    probe_at: datetime | None = None
    broken: str | None = None
    """Why it cannot work until somebody mends it, such as ``HTTP 401``."""
    canary_at: datetime | None = None
    """When the last test of every day was taken."""
    canary_error: str | None = None
    paused_until: datetime | None = None
    """Until when the channel asked to be left alone."""


@dataclass(frozen=True, slots=True)
class Notified:
    """One way in which a breach was notified, or is to be: the record that all who repeat it ask."""

    breach_id: str
    channel: str
    person: str | None
    way: Way
    state: DeliveryState
    """State of the message that carries it: itself, a digest, or the copy that went another way."""
    own_state: DeliveryState
    """Of the message itself."""
    wait_reason: WaitReason | None
    attempts: int
    urgent: bool
    accepted_at: datetime | None
    created_at: datetime
    key: str = ""
    """Key of the message that carries it."""
    event: AlertEvent = AlertEvent.BREACH
    """Event of the breach that it announced."""

    @property
    def reached(self) -> bool:
        """Whether somebody may have read it."""
        return self.state in {
            DeliveryState.ACCEPTED,
            DeliveryState.SENDING,
            DeliveryState.UNKNOWN,
        }

    @property
    def unsure(self) -> bool:
        """Whether it was tried before it ended in another way, so it may have arrived."""
        ended = {DeliveryState.SUPPRESSED, DeliveryState.SUPERSEDED, DeliveryState.EXPIRED}
        refused = self.state is DeliveryState.DEAD
        tried = self.attempts > (1 if refused else 0)
        return tried and (refused or self.state in ended) and not self.discarded

    @property
    def discarded(self) -> bool:
        """Whether a person said that it shall not be sent."""
        return self.wait_reason is WaitReason.DISCARDED

    @property
    def coming(self) -> bool:
        """Whether it will still be sent, and is not held back."""
        held = self.wait_reason not in {None, WaitReason.GROUP}
        return self.state in {DeliveryState.PENDING, DeliveryState.GATHERING} and not held
