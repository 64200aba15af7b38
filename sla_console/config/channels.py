"""Settings of the places that alerts are sent to, and of the sign of life."""

from collections.abc import Mapping
from typing import ClassVar, Literal, NamedTuple, Self

from pydantic import Field, model_validator

from sla_console.config.base import Name, PathText, SecretGroup, SecretText
from sla_console.config.secrets import Secret

Signal = Literal["bell", "title", "osc9"]


class ChannelPieces(NamedTuple):
    """What a channel is built of, its secrets read."""

    name: str
    service: Literal["apprise", "webhook", "terminal"]
    url: Secret | None
    signing_key: Secret | None
    pace_seconds: float | None
    allow_private: bool
    signals: tuple[str, ...]
    short: bool | None


class SigningSettings(SecretGroup):
    """The key that a webhook's messages are signed with, from one of five sources."""

    stem: ClassVar[str | None] = "key"

    key: SecretText | None = None
    """The key itself: base64 of 24 bytes or more, whsec_ before it or not. Needs mode 0600."""
    key_env: Name | None = None
    """Name of the environment variable that holds the key."""
    key_file: PathText | None = None
    """File of mode 0600 that holds the key."""
    key_command: Name | None = None
    """Command whose first line of output is the key; run without a shell."""
    key_keyring: Name | None = None
    """Entry of the desktop's keyring that holds the key, as "service/username"."""


class ChannelSettings(SecretGroup):
    """One place that alerts are sent to; its address comes from one of five sources."""

    stem: ClassVar[str | None] = "url"

    service: Literal["apprise", "webhook", "terminal"] = "apprise"
    """What it is: one of Apprise's services, JSON to an https address, or the consoles' screens."""
    url: SecretText | None = None
    """The address itself. It holds passwords, so the file must then be yours alone (0600)."""
    url_env: Name | None = None
    """Name of the environment variable that holds the address."""
    url_file: PathText | None = None
    """File of mode 0600 that holds the address."""
    url_command: Name | None = None
    """Command whose first line of output is the address; run without a shell."""
    url_keyring: Name | None = None
    """Entry of the desktop's keyring that holds the address, as "service/username"."""
    signing: SigningSettings = SigningSettings()
    """Of a webhook: the key its messages are signed with; not written: they are not signed."""
    signals: list[Signal] = Field(default=["bell", "title"])
    """Of a terminal alone: how it calls. "osc9" is the desktop's own notification, where one is shown."""
    pace_seconds: float | None = Field(default=None, ge=0, le=3600)
    """Seconds between two messages; not written: what suits the service."""
    allow_private: bool = False
    """The address may lead to this machine or into your own network."""
    short: bool | None = None
    """Send the short form; not written: to SMS services and pagers only."""
    renamed_from: list[Name] = Field(default_factory=list)
    """Names it had before, so that what still waits or escalates under one of them goes here."""
    enabled: bool = True
    """False keeps the channel in the file but sends it nothing."""

    @model_validator(mode="after")
    def _fits_the_service(self) -> Self:
        if self.signing.written_sources() and self.service != "webhook":
            raise ValueError(
                f"found a signing key although service is {self.service!r}, expected it beside "
                f"service = 'webhook' only; remove [signing] or change the service"
            )
        written = self.written_sources()
        if self.service == "terminal" and written:
            raise ValueError(
                f"found {written[0]} although service is 'terminal', expected no address; remove it"
            )
        return self

    @property
    def lacks_address(self) -> bool:
        """Whether it needs an address and names no source of one."""
        return self.service != "terminal" and not self.written_sources()

    def pieces(self, name: str, environ: Mapping[str, str] | None = None) -> ChannelPieces:
        """Return what this channel is built of. Asks its sources for the secrets.

        Args:
            name: What people call the channel.
            environ: The environment to read from; None: the process's own.

        Raises:
            UserError: naming the source, if one holds no usable secret.
        """
        where = f"alerts.channels.{name}"
        url = self.source(where, environ)
        key = self.signing.source(f"{where}.signing", environ)
        return ChannelPieces(
            name=name,
            service=self.service,
            url=None if url is None else url.read(),
            signing_key=None if key is None else key.read(),
            pace_seconds=self.pace_seconds,
            allow_private=self.allow_private,
            signals=tuple(self.signals) if self.service == "terminal" else (),
            short=self.short,
        )


class HeartbeatSettings(SecretGroup):
    """An address that is called while all is well, so that somebody notices when it is not."""

    stem: ClassVar[str | None] = "url"

    url: SecretText | None = None
    """The address itself, as Healthchecks gives it out; it is a secret, so the file needs 0600."""
    url_env: Name | None = None
    """Name of the environment variable that holds the address."""
    url_file: PathText | None = None
    """File of mode 0600 that holds the address."""
    url_command: Name | None = None
    """Command whose first line of output is the address; run without a shell."""
    url_keyring: Name | None = None
    """Entry of the desktop's keyring that holds the address, as "service/username"."""
    every_seconds: int = Field(default=60, ge=10, le=3600)
    """Seconds between two calls; give the receiver a grace of several times as many."""
    allow_private: bool = False
    """The address may lead to this machine or into your own network, and be http there."""
