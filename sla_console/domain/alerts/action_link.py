"""Links in a message by which its reader acts on a breach without opening the console."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class LinkAction(StrEnum):
    """The purpose of a link."""

    CHOOSE = "choose"
    """Opens a page that offers the others; does nothing itself."""
    ACKNOWLEDGE = "acknowledge"
    SNOOZE = "snooze"


@dataclass(frozen=True, slots=True)
class ActionLink:
    """One link of one message; its address is a key, so it shows itself in no log."""

    action: LinkAction
    breach_id: str
    ticket: str
    """Number of the ticket as people know it."""
    url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LinkUse:
    """The one use of a message's links about one breach."""

    message_key: str
    breach_id: str
    action: LinkAction
    person: str | None
    """Owner of the channel; None: several people read it, or nobody knows who."""
    channel: str
    at: datetime

    @property
    def by(self) -> str:
        """Name of the person or the channel that acted, as far as it is known."""
        return self.person or f"channel {self.channel}"
