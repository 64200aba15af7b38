"""A channel that is always there: the screens of the consoles themselves."""

from typing import Final

from sla_console.alerting.channels.spec import ChannelSpec
from sla_console.domain.alerts.alert import Limits, OutboxMessage, SendResult
from sla_console.domain.errors import UserError

SIGNALS: Final = ("bell", "title", "osc9")
_DEFAULT: Final = ("bell", "title")


class TerminalChannel:
    """Takes every message at once. Each console sees in the outbox what it has to call out.

    Args:
        spec: What is known of it; an address has no meaning here.

    Raises:
        UserError: for a signal that no terminal has.
    """

    def __init__(self, spec: ChannelSpec) -> None:
        unknown = next((signal for signal in spec.signals if signal not in SIGNALS), None)
        if unknown is not None:
            raise UserError(
                f"{spec.where}.signals: found {unknown!r}, expected any of {', '.join(SIGNALS)}; "
                f"correct it"
            )
        self.name = spec.name
        self.limits = Limits(title=200, body=2000, short=spec.short or False)
        self.pace_seconds = spec.pace_seconds or 0.0
        self.takes_files = False
        """Whether a file can go with a message: a screen shows none."""
        self.signals = spec.signals or _DEFAULT
        """How it calls."""

    def __repr__(self) -> str:
        return f"TerminalChannel({self.name!r})"

    def send(self, message: OutboxMessage) -> SendResult:  # noqa: ARG002 - all are welcome
        """Take the message."""
        return SendResult(True)
