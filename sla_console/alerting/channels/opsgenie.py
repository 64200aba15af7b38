"""Ending an alert of Opsgenie, or of Jira Service Management, by its alias.

Apprise closes by an identifier that it keeps in memory alone. After a restart it knows none, sends
nothing and calls that a success. The alias is our own, so it is never lost.
"""

import importlib
import json
from typing import Any, Final
from urllib.parse import quote

import httpx

from sla_console.alerting.channels.clock import Now, machine_time
from sla_console.alerting.channels.exchange import PostConnection, Timeouts
from sla_console.alerting.channels.incident import incident_key
from sla_console.alerting.channels.replies import Heard
from sla_console.config.secrets import Secret
from sla_console.domain.alerts.alert import OutboxMessage, SendResult

_TABLES: Final = {"opsgenie": "OPSGENIE_API_LOOKUP", "jira": "JIRA_API_LOOKUP"}
"""Where Apprise keeps the address of each region."""


def closer_for(scheme: str, plugin: Any) -> "AlertCloser | None":
    """Return what closes the alerts of this service, None where Apprise can do it."""
    if scheme not in _TABLES:
        return None
    table = getattr(importlib.import_module(type(plugin).__module__), _TABLES[scheme])
    return AlertCloser(table[plugin.region_name], Secret(plugin.apikey))


class AlertCloser:
    """Closes alerts by their alias (POST /v2/alerts/{alias}/close?identifierType=alias).

    Args:
        base: Address of the alerts, of the account's region.
        key: The integration's key.
        now: The real moment.
        timeouts: How long one try may take.
        transport: What carries the bytes, instead of the network.
    """

    def __init__(
        self,
        base: str,
        key: Secret,
        now: Now = machine_time,
        timeouts: Timeouts | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._base = base.rstrip("/")
        self._key = key
        self._exchange = PostConnection(now, timeouts, transport)

    def __repr__(self) -> str:
        return "AlertCloser()"

    def close(self, message: OutboxMessage) -> SendResult:
        """Close what was opened about the promise of this message; blocks, never raises."""
        alias = quote(incident_key(message), safe="")
        reply = self._exchange.post(
            httpx.URL(f"{self._base}/{alias}/close?identifierType=alias"),
            json.dumps({"source": "SLA console", "note": message.body}).encode(),
            {
                "Authorization": f"GenieKey {self._key.reveal()}",
                "Content-Type": "application/json",
            },
        )
        if isinstance(reply, Heard):
            return SendResult(True)
        # What is not there needs no closing; it must not count as a broken channel either.
        return SendResult(True) if reply.error == NOT_THERE else reply


NOT_THERE: Final = "the channel answered with HTTP 404"
