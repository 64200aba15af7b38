"""Settings of what reaches the console from outside: links in messages, and events."""

import ipaddress
import re
from datetime import timedelta
from typing import ClassVar, Final, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from sla_console.config.base import Name, PathText, SecretGroup, SecretText, SettingsGroup
from sla_console.config.channels import SigningSettings
from sla_console.config.secrets import Secret
from sla_console.domain.errors import UserError

_LISTEN: Final = re.compile(
    r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<four>[^:\[\]]+)):(?P<port>\d{1,5})"
)
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{32,256}", re.ASCII)
_LOOPBACK: Final = {"localhost", "127.0.0.1", "::1"}


class EventSettings(SecretGroup):
    """How something outside says that a ticket has changed: a secret path, a signature, or both."""

    stem: ClassVar[str | None] = "token"

    token: SecretText | None = None
    """Last part of the path that is called; the file must then be yours alone (0600)."""
    token_env: Name | None = None
    """Name of the environment variable that holds it."""
    token_file: PathText | None = None
    """File of mode 0600 that holds it."""
    token_command: Name | None = None
    """Command whose first line of output it is; run without a shell."""
    token_keyring: Name | None = None
    """Entry of the desktop's keyring that holds it, as "service/username"."""
    signing: SigningSettings = SigningSettings()
    """Key that calls are signed with, as Standard Webhooks has it; not written: none is signed."""

    @property
    def wanted(self) -> bool:
        """Whether any call would be taken."""
        return bool(self.written_sources() or self.signing.written_sources())

    def read_token(self) -> Secret | None:
        """Return the secret part of the path; None: there is none.

        Raises:
            UserError: if its source holds nothing that can stand in a path and not be guessed.
        """
        source = self.source("hooks.superops")
        if source is None:
            return None
        token = source.read()
        if not _TOKEN.fullmatch(token.reveal()):
            raise UserError(
                f"hooks.superops.token, {source.describe()}: found {len(token.reveal())} "
                f"characters, expected at least 32 letters, digits, - or _; make one with: "
                f"openssl rand -hex 24"
            )
        return token

    def read_key(self) -> Secret | None:
        """Return the signing key; None: there is none.

        Raises:
            UserError: if its source holds none.
        """
        source = self.signing.source("hooks.superops.signing")
        return None if source is None else source.read()


class HookSettings(SettingsGroup):
    """The receiver, which listens in the console that monitors."""

    enabled: bool = False
    """Listen at all."""
    listen: Name = "127.0.0.1:8455"
    """Address and port; a TLS proxy in front of it makes it reachable for phones."""
    allow_remote: bool = False
    """The port may be reached from other machines, without TLS."""
    public_url: Name | None = None
    """Address under which phones reach it; not written: messages carry no links."""
    link_hours: int = Field(default=4, ge=1, le=168)
    """Hours after which a link in a message expires."""
    snooze_minutes: int = Field(default=60, ge=5, le=1440)
    """Minutes for which a link puts a breach off."""
    digest_links: int = Field(default=3, ge=0, le=20)
    """Things of one digest that have a link, the most pressing ones."""
    superops: EventSettings = EventSettings()
    """Events about tickets, so that they are read at once."""

    @field_validator("listen")
    @classmethod
    def _is_an_address(cls, listen: str) -> str:
        host, port = _listen(listen)
        if host is None or not 0 < port < 65_536:
            raise ValueError(
                f"found {listen!r}, expected an address of this machine and a port, such as "
                f"127.0.0.1:8455 or [::1]:8455"
            )
        return listen

    @model_validator(mode="after")
    def _stays_here(self) -> Self:
        host, _ = self.address
        here = host in _LOOPBACK or ipaddress.ip_address(host).is_loopback
        if not here and not self.allow_remote:
            raise ValueError(
                f"found listen {self.listen!r}, which other machines can reach without TLS, "
                f"expected an address of this machine alone, such as 127.0.0.1:8455, behind a "
                f"TLS proxy; or set allow_remote = true"
            )
        return self

    @model_validator(mode="after")
    def _is_public(self) -> Self:
        if self.public_url is None:
            return self
        try:
            parts = urlsplit(self.public_url)
            host, _ = parts.hostname, parts.port
        except ValueError:
            host = None
        odd = not host or "@" in parts.netloc or parts.query or parts.fragment
        if odd or parts.scheme not in {"https", "http"} or not self.public_url.isascii():
            raise ValueError(
                "found a public_url that is no plain address, expected one such as "
                "https://sla.example.com, without user, query or fragment"
            )
        if parts.scheme == "http" and host not in _LOOPBACK and not self.allow_remote:
            raise ValueError(
                f"found public_url {self.public_url!r}, expected https, because whoever reads a "
                f"link on its way can use it; or set allow_remote = true in a network of your own"
            )
        return self

    @model_validator(mode="after")
    def _has_work(self) -> Self:
        if self.enabled and self.public_url is None and not self.superops.wanted:
            raise ValueError(
                "found enabled = true and nothing to listen for, expected public_url for links in "
                "messages, or a token or signing key under [hooks.superops]; add one, or set "
                "enabled = false"
            )
        return self

    @property
    def address(self) -> tuple[str, int]:
        """The host and the port to listen on."""
        host, port = _listen(self.listen)
        return host or "", port

    @property
    def link_life(self) -> timedelta:
        """How long a link can be used."""
        return timedelta(hours=self.link_hours)

    @property
    def snooze(self) -> timedelta:
        """For how long a link puts a breach off."""
        return timedelta(minutes=self.snooze_minutes)


def _listen(text: str) -> tuple[str | None, int]:
    """Return host and port of an address to listen on; no host: it is none."""
    found = _LISTEN.fullmatch(text)
    if found is None:
        return None, 0
    host = found["six"] or found["four"]
    try:
        known = host == "localhost" or ipaddress.ip_address(host)
    except ValueError:
        known = False
    return (host if known else None), int(found["port"])
