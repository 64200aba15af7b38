"""Settings about alerts: the channels, and which events go to which."""

from collections.abc import Collection
from typing import ClassVar, Literal

from pydantic import Field

from sla_console.config.base import Group, Name, PathText, SecretGroup, SecretText
from sla_console.domain.alert import AlertEvent, AlertRule


class ChannelSettings(SecretGroup):
    """One place that alerts are sent to, as an Apprise URL from one of five sources."""

    stem: ClassVar[str | None] = "url"

    url: SecretText | None = None
    """The Apprise URL itself. It holds passwords, so the file must then be yours alone (0600)."""
    url_env: Name | None = None
    """Name of the environment variable that holds the URL."""
    url_file: PathText | None = None
    """File of mode 0600 that holds the URL."""
    url_command: Name | None = None
    """Command whose first line of output is the URL; run without a shell."""
    url_keyring: Name | None = None
    """Entry of the desktop's keyring that holds the URL, as "service/username"."""
    enabled: bool = True
    """False keeps the channel in the file but sends it nothing."""


class RuleSettings(Group):
    """Which events go to which channels. The first rule that matches ends the search."""

    name: Name
    """What people call it; used once only."""
    channels: list[Name]
    """Names of the channels; an empty list sends nothing, which mutes what matches."""
    events: list[Literal["warning", "breach", "escalation", "recovery"]] = Field(
        default_factory=list
    )
    """What happened; an empty list matches everything."""
    priorities: list[Name] = Field(default_factory=list)
    """Priorities of the ticket, compared without case; an empty list matches all."""
    clients: list[Name] = Field(default_factory=list)
    """Names of the client, compared without case; an empty list matches all."""
    proceed: bool = Field(default=False, alias="continue")
    """Go on to the next rules although this one matched."""

    def as_domain(self, channels: Collection[str]) -> AlertRule:
        """Return the rule these settings describe.

        Args:
            channels: Names of the enabled channels; others are left out of the rule.
        """
        return AlertRule(
            name=self.name,
            channels=tuple(name for name in self.channels if name in channels),
            events=tuple(AlertEvent(event) for event in self.events),
            priorities=tuple(self.priorities),
            clients=tuple(self.clients),
            proceed=self.proceed,
        )


class AlertSettings(Group):
    """Who is told what."""

    channels: dict[Name, ChannelSettings] = Field(default_factory=dict)
    """The places that alerts are sent to, by a name of your own."""
    rules: list[RuleSettings] = Field(default_factory=list)
    """Which events go where, first match first; none: everything goes to every channel."""
    escalation_channels: list[Name] = Field(default_factory=list)
    """Channels told when somebody escalates by hand a breach whose policy names none."""
    max_attempts: int = Field(default=500, ge=1, le=10_000)
    """Tries before a message is given up and shown as dead; 500 outlast most of a day's outage."""
    send_timeout_seconds: int = Field(default=20, ge=1, le=300)
    """Seconds one try may take; a slow mail server needs several."""
    write_notes: bool = True
    """Acknowledging or escalating also writes a private note to the ticket in SuperOps."""
