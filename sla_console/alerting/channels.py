"""The channels: the only place that knows Apprise.

Apprise is used as a transport alone. One object and one call a message, in the channel's own
thread, without its shared pool, its throttle, its retries or its redirects, because each of those
can hold back or misreport an alert. Its URL is never printed: a channel is known by its name.
"""

import logging
import re
from typing import Any, Final

from sla_console.config.secrets import Secret
from sla_console.domain.alert import AlertEvent, OutboxMessage, SendResult
from sla_console.domain.errors import UserError

_HTTP: Final = re.compile(r"error=(\d{3})")
_TRANSIENT: Final = frozenset({408, 425, 429})
_KINDS: Final = {
    AlertEvent.WARNING: "warning",
    AlertEvent.BREACH: "failure",
    AlertEvent.ESCALATION: "failure",
    AlertEvent.RECOVERY: "success",
}
# Written after the address, so they win over what it says itself. Seconds to connect and to read;
# no redirect, which turns a POST into a GET; no retries, which are counted in the outbox; not
# optional, because what is optional is called a success when it failed.
_LIMITS: Final = "cto=5&rto=10&redirect=no&retry=0&optional=no"
# PagerDuty: a recovery resolves the incident of its breach. Opsgenie and Jira: a recovery is an
# alert of its own, because closing one needs an id that Apprise forgets when the process ends, and
# closing nothing it calls a success.
_ACTIONS: Final = {"pagerduty": "map", "opsgenie": "new", "jira": "new"}


class AppriseChannel:
    """One target of one service.

    Args:
        name: What it is called everywhere.
        plugin: The Apprise object that knows the service.
    """

    def __init__(self, name: str, plugin: Any) -> None:
        self.name = name
        self._plugin = plugin

    def __repr__(self) -> str:
        return f"AppriseChannel({self.name!r})"

    def send(self, message: OutboxMessage) -> SendResult:
        """Send one message; blocks. What becomes of it is in the answer, never raised."""
        import apprise  # noqa: PLC0415 - 66 ms that only a process that sends has to spend

        plugin = self._plugin
        _mark(plugin, message)
        one = apprise.Apprise(asset=plugin.asset)
        one.add(plugin)
        try:
            answer = one.notify(
                title=message.title,
                body=message.body,
                body_format="text",
                notify_type=_KINDS[message.event],
            )
        except Exception as error:  # noqa: BLE001 - a plugin may fail in any way
            return SendResult(False, error=f"the channel failed ({type(error).__name__})")
        if answer:
            return SendResult(True)
        return _refused(answer)


def _mark(plugin: Any, message: OutboxMessage) -> None:
    """Give the service our own key, where it can tell a repeat from a new message by it."""
    if hasattr(plugin, "dedup"):
        plugin.dedup = _incident(message)
    if hasattr(plugin, "alias"):
        plugin.alias = message.key
    headers = getattr(plugin, "headers", None)
    if isinstance(headers, dict):
        headers["X-SLA-Key"] = message.key


def _incident(message: OutboxMessage) -> str:
    """Return the key that a breach and its recovery share, so that one ends the other."""
    if message.event is not AlertEvent.RECOVERY:
        return message.key
    return f"{AlertEvent.BREACH}{message.key.removeprefix(AlertEvent.RECOVERY)}"


def _refused(answer: Any) -> SendResult:
    status = str(getattr(getattr(answer, "status", None), "name", ""))
    texts = [entry.message for result in answer for attempt in result for entry in attempt]
    codes = [int(found[1]) for text in texts if (found := _HTTP.search(text))]
    if status == "NOMATCH":
        return SendResult(False, permanent=True, error="nothing matches this channel's address")
    if status == "TIMEOUT":
        return SendResult(False, error="no answer in time; it may have arrived")
    if not codes:
        return SendResult(False, error="the channel could not be reached or did not take it")
    code = codes[-1]
    permanent = 400 <= code < 500 and code not in _TRANSIENT
    return SendResult(False, permanent=permanent, error=f"the channel answered with HTTP {code}")


def build_channel(name: str, url: Secret) -> AppriseChannel:
    """Return a channel for an Apprise URL.

    Args:
        name: What people call it.
        url: Its address; holds passwords and is never shown.

    Raises:
        UserError: if Apprise knows no such scheme or cannot read the address.
    """
    import apprise  # noqa: PLC0415

    _keep_quiet()
    address = url.reveal().strip()
    scheme = address.partition("://")[0].casefold() if "://" in address else ""
    if scheme not in _schemes():
        shown = f"{scheme}://" if re.fullmatch(r"[a-z0-9+.-]{1,20}", scheme) else "its beginning"
        raise UserError(
            f"alerts.channels.{name}: {shown} is no service that Apprise knows; see the list of "
            "services in its documentation (the rest of the address is not shown)."
        )
    asset = apprise.AppriseAsset(service_timeout=0, async_mode=False)
    joined = f"{address}{'&' if '?' in address else '?'}{_LIMITS}"
    if scheme in _ACTIONS:
        joined += f"&action={_ACTIONS[scheme]}"
    plugin = apprise.Apprise.instantiate(joined, asset=asset, suppress_exceptions=True)
    if not isinstance(plugin, apprise.NotifyBase):
        raise UserError(
            f"alerts.channels.{name}: Apprise knows {scheme}:// but cannot read this address; "
            "compare it with its documentation (the address is not shown)."
        )
    plugin.request_rate_per_sec = 0
    return AppriseChannel(name, plugin)


def _keep_quiet() -> None:
    """Keep addresses out of every log: their paths and headers are secrets as well.

    Apprise itself must go on at WARNING, because only its words tell one refusal from another.
    """
    apprise_log = logging.getLogger("apprise")
    apprise_log.setLevel(logging.WARNING)
    apprise_log.propagate = False
    for name in ("urllib3", "requests"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _schemes() -> set[str]:
    from apprise.manager_plugins import NotificationManager  # noqa: PLC0415

    manager: Any = NotificationManager
    return {str(scheme).casefold() for scheme in manager().schemas()}
