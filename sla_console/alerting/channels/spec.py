"""What is known of a channel before it is built."""

from dataclasses import dataclass
from typing import Literal

from sla_console.config.secrets import Secret
from sla_console.domain.errors import UserError

Service = Literal["apprise", "webhook", "terminal"]


@dataclass(frozen=True, slots=True)
class ChannelSpec:
    """One channel as the configuration describes it."""

    name: str
    """What people call it; the only name it has in logs, errors and on screens."""
    service: Service
    url: Secret | None
    """Its address; None for a terminal."""
    signing_key: Secret | None = None
    """Of a webhook: the key its messages are signed with."""
    pace_seconds: float | None = None
    """Real seconds between two messages; None: what suits the service."""
    allow_private: bool = False
    """The address may lead into one's own network."""
    signals: tuple[str, ...] = ()
    """Of a terminal: how it calls, any of bell, title and osc9; empty: bell and title."""
    short: bool | None = None
    """Wants the short form; None: as the service is."""

    @property
    def where(self) -> str:
        """The key of this channel in the configuration, for messages."""
        return f"alerts.channels.{self.name}"

    def address(self) -> str:
        """Return the address itself, to be handed on and never to be kept or shown.

        Raises:
            UserError: if there is none.
        """
        if self.url is None:
            raise UserError(
                f"{self.where}: found no address, expected one; set url, url_env, url_file, "
                f"url_command or url_keyring"
            )
        return self.url.reveal().strip()
