"""The one value that passes the stages: a thing to notify, and what the stages have made of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from sla_console.domain.alerts.alert import DeliveryState, Notification, OutboxMessage, WaitReason
from sla_console.domain.alerts.route import Route
from sla_console.domain.copies import copy_with
from sla_console.domain.people.directory import Recipient
from sla_console.domain.sla.calendar import BusinessCalendar

ALWAYS: Final = BusinessCalendar.always()


@dataclass(frozen=True, slots=True)
class Sending:
    """One recipient of an alert, and what decides about it."""

    recipient: Recipient
    rule: str
    route: Route
    quiet: bool = False
    """An alert that is not urgent waits for the client's business hours."""


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A reason for which an alert is not sent at all; it stays visible with that reason."""

    words: str
    """For people."""
    reason: WaitReason = WaitReason.MUTED


@dataclass(frozen=True, slots=True)
class Alert:
    """A notification on its way to its recipients. No stage changes one; each returns another."""

    notification: Notification
    identity: str
    """Tells this event from every other one; it is a part of each message's key."""
    now: datetime
    hours: BusinessCalendar = ALWAYS
    """The business hours of the client."""
    sendings: tuple[Sending, ...] | None = None
    """Recipients of the alert; None: those that the rules name."""
    held_back: HeldBack | None = None
    """Why nobody is; None: somebody is."""
    messages: tuple[OutboxMessage, ...] = ()
    """One for each recipient, once they are written."""
    repeat: bool = False
    """It says once more what was said before."""
    attachment: str | None = None
    """Path of a file of the console's own that goes with it."""

    def with_messages(self, messages: Iterable[OutboxMessage]) -> "Alert":
        """Return it with other messages; itself where they are the same."""
        found = tuple(messages)
        return self if found == self.messages else copy_with(self, messages=found)


class Stage(Protocol):
    """One step that every alert passes."""

    def __call__(self, alert: Alert) -> Alert:
        """Return the alert as it is after this step."""
        ...


@dataclass(frozen=True, slots=True)
class Ended:
    """Why a message is not sent after all."""

    state: DeliveryState
    why: str
    reason: WaitReason | None = None


def may_be_old(since: datetime) -> str:
    """Return why a message waits that follows from what SuperOps said before a moment."""
    return f"SuperOps has not answered since {since:%H:%M} UTC, so this may be old"
