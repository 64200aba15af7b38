"""What there is to tell, apart from to whom and in which words."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import Any, Final

from sla_console.domain.forecast.risk import RiskLevel
from sla_console.domain.sla.breach import BreachType, SLABreach, SLAWarning


class AlertEvent(StrEnum):
    """What happened that somebody may want to be told."""

    WARNING = "warning"
    BREACH = "breach"
    ESCALATION = "escalation"
    REMINDER = "reminder"
    """An acknowledgement is about to run out, has run out, or a snooze is over."""
    RECOVERY = "recovery"
    FORECAST = "forecast"
    BURST = "burst"
    """Many tickets of one client or category at once, or the end of that."""
    MONITOR = "monitor"
    """Trouble of the console itself, such as a service desk that does not answer."""
    DIGEST = "digest"
    """Several events in one message."""
    REPORT = "report"
    """A report that is sent by itself; its message may carry a file."""
    TEST = "test"
    """Sent to see whether a channel works."""


@dataclass(frozen=True, slots=True)
class Notification:
    """One thing to tell. All times aware UTC; text from outside has been cleaned once."""

    event: AlertEvent
    at: datetime
    """When it happened: what counts from here is the dwell time."""
    ticket_id: str | None = None
    display_id: str = ""
    subject: str = ""
    client: str | None = None
    priority: str | None = None
    group: str | None = None
    policy: str | None = None
    technician: str | None = None
    technician_id: str | None = None
    target: BreachType | None = None
    due: datetime | None = None
    severity: RiskLevel = RiskLevel.MEDIUM
    breach_id: str | None = None
    level: str = ""
    """Of a warning: which level was reached, such as ``75%`` used or ``30m`` left."""
    probability: float | None = None
    """Of a forecast: that the promise will be broken, 0 to 1."""
    step: str = ""
    """Of an escalation: which step, such as ``2 of 3``."""
    by: str | None = None
    """Who did it, where a person did."""
    reason: str | None = None
    ended_at: datetime | None = None
    """When it was over: the breach of a recovery, a burst, or trouble of the console."""
    moved_from: str | None = None
    """Client that the ticket belonged to before it moved to another one while broken."""
    first_told: bool = False
    """Of a recovery: that nothing was told of the breach before."""
    headline: str = ""
    """Of a digest, a report, a test, a burst and trouble of the console: what it is about, in one
    line."""
    lines: tuple[str, ...] = ()
    """Of the same: the facts, the most pressing first."""
    about: str = ""
    """Of a burst and of trouble of the console: what its beginning and its end have in common."""
    times: tuple[datetime, ...] = ()
    """Moments that headline and lines write in UTC; each reader gets them in a zone of their own."""
    members: tuple["Notification", ...] = ()
    """Of a digest: what it is made of, the most pressing first; perhaps only the first of them."""
    total: int = 0
    """Of a digest: how many things it is made of."""

    @property
    def thread(self) -> str:
        """What all that is told about one promise has in common."""
        if self.ticket_id is None:
            return f"{self.event}:{self.about or self.headline}"
        return f"{self.ticket_id}:{self.target or ''}"

    @property
    def by_hand(self) -> bool:
        """Whether a person hands something up: whom that reaches was named before, so it goes."""
        return self.event is AlertEvent.ESCALATION and self.by is not None

    def told_to(self, **changes: Any) -> "Notification":
        """Return this notice with other values."""
        return replace(self, **changes)


def notification_of(
    about: SLABreach | SLAWarning,
    event: AlertEvent,
    at: datetime,
    *,
    step: str = "",
    by: str | None = None,
    reason: str | None = None,
) -> Notification:
    """Return the notice of an event in the life of a promise.

    Args:
        about: The breach or the warning.
        event: What happened to it.
        at: When.
        step: Which step of its escalation.
        by: Who did it, where a person did.
        reason: Why.
    """
    breach = about if isinstance(about, SLABreach) else None
    warning = about if isinstance(about, SLAWarning) else None
    return Notification(
        event=event,
        at=at,
        ticket_id=about.ticket_id,
        display_id=about.display_id,
        subject=about.subject,
        client=about.client,
        priority=about.priority,
        group=about.group,
        policy=about.sla_policy.name if about.sla_policy else None,
        technician=about.technician,
        technician_id=about.technician_id,
        target=about.breach_type,
        due=breach.breach_time if breach else warning.due if warning else None,
        severity=about.severity,
        breach_id=breach.id if breach else None,
        level=warning.level if warning else "",
        moved_from=breach.moved_from if breach else None,
        ended_at=breach.resolved_at if breach else None,
        step=step,
        by=by,
        reason=reason,
    )


_VALUES: Final = attrgetter(*Notification.__slots__)


def to_document(notification: Notification) -> dict[str, Any]:
    """Return a notice as JSON data: moments as ISO text, what is empty left out."""
    found: dict[str, Any] = {}
    for name, value in zip(Notification.__slots__, _VALUES(notification), strict=True):
        if not value and (value is None or value is False or value in ("", ())):
            continue
        if isinstance(value, datetime):
            found[name] = value.isoformat()
        elif name == "times":
            found[name] = [moment.isoformat() for moment in value]
        elif name == "members":
            found[name] = [to_document(member) for member in value]
        else:
            found[name] = value
    return found


def from_document(document: dict[str, Any]) -> Notification:
    """Return the notice that ``to_document`` was given; unknown keys are passed over."""
    known = {name: document[name] for name in Notification.__slots__ if name in document}
    for name in ("at", "due", "ended_at"):
        if name in known:
            known[name] = datetime.fromisoformat(known[name])
    known["event"] = AlertEvent(known["event"])
    if "target" in known:
        known["target"] = BreachType(known["target"])
    if "severity" in known:
        known["severity"] = RiskLevel(known["severity"])
    known["lines"] = tuple(known.get("lines", ()))
    known["times"] = tuple(map(datetime.fromisoformat, known.get("times", ())))
    known["members"] = tuple(from_document(member) for member in known.get("members", ()))
    return Notification(**known)
