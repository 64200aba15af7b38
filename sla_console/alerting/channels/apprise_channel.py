"""A hundred services through Apprise, as a transport alone.

One object and one call a message, in the channel's own thread, without its shared pool, its
throttle, its retries or its redirects, because each of those can hold back or misreport an alert.
What a service answers is read beside it, and judged as that service means it.
"""

import copy
import re
from pathlib import Path
from typing import Any, Final

from sla_console.alerting.channels.address import refuse_action, refuse_options, refuse_private
from sla_console.alerting.channels.apprise_causes import refusal
from sla_console.alerting.channels.attached import MEGABYTE, attached, takes_files
from sla_console.alerting.channels.buttons import buttons
from sla_console.alerting.channels.incident import header_key, incident_key
from sla_console.alerting.channels.opsgenie import AlertCloser, closer_for
from sla_console.alerting.channels.quiet import keep_quiet, overhearing
from sla_console.alerting.channels.reach import asks_by_http, refuse_nobody, refuse_placeholders
from sla_console.alerting.channels.services import judged
from sla_console.alerting.channels.spec import ChannelSpec
from sla_console.domain.alerts.alert import AlertEvent, Limits, OutboxMessage, SendResult
from sla_console.domain.errors import UserError
from sla_console.http.proxies import proxy_for

_KINDS: Final = {
    AlertEvent.WARNING: "warning",
    AlertEvent.FORECAST: "warning",
    AlertEvent.BURST: "warning",
    AlertEvent.REMINDER: "warning",
    AlertEvent.DIGEST: "warning",
    AlertEvent.BREACH: "failure",
    AlertEvent.ESCALATION: "failure",
    AlertEvent.MONITOR: "failure",
    AlertEvent.RECOVERY: "success",
    AlertEvent.REPORT: "info",
    AlertEvent.TEST: "info",
}
"""Never Apprise's own default, which is "info" and for some services means: do nothing."""
_MAIL: Final = frozenset({"mailto", "mailtos"})
_PLAIN: Final = frozenset({"json", "jsons", "form", "forms", "xml", "xmls"})
# Written after the address, so they win over what it says itself. Seconds to connect and to read;
# no redirect, which turns a POST into a GET; no retries, which are counted in the outbox; not
# optional, because what is optional is called a success when it failed; what is too long after all
# is cut, because otherwise the service refuses it for ever.
_FORCED: Final = "redirect=no&retry=0&optional=no&overflow=truncate"
_HTTP_SECONDS: Final = "cto=4&rto=10"
_MAIL_SECONDS: Final = "cto=15&rto=30"
# "map" lets a recovery close what its breach opened. For Opsgenie and Jira, "new": closing one
# through Apprise needs an id that it forgets when the process ends; see ``AlertCloser``.
_ACTIONS: Final = {
    **dict.fromkeys(("pagerduty", "goalert", "goalerts", "signl4", "firehydrant"), "map"),
    **dict.fromkeys(("ilert", "incidentio", "squadcast", "pagertree"), "map"),
    **dict.fromkeys(("splunk", "victorops", "opsimate", "opsimates"), "map"),
    **dict.fromkeys(("opsgenie", "jira"), "new"),
}
_KEYS: Final = ("dedup", "alias", "external_id", "thirdparty", "entity_id")
"""What services call the key of an incident; without ours each title would be another, or all one."""
_LARGEST_FILE: Final = 18 * MEGABYTE
"""Of a file; base64 makes it 24, and many a mail server refuses more than 25."""
_SHORT_BODY: Final = 320
_LONGEST_TITLE: Final = 250
_LINE_END: Final = 4
_READABLE: Final = {
    "slack": "three tokens, as in slack://A/B/C, or a bot's token that begins with xoxb-",
    "tgram": "a bot's token with its colon, then a chat, as in tgram://123456789:abc/12315544",
}
_SOMEWHERE: Final = "service.example"
"""Stands for the host of a service whose address does not name it."""
_MARKUP: Final = 32
"""Characters around a title that goes out in one with the body."""


class AppriseChannel:
    """One target of one service.

    Args:
        spec: What is known of it.
        scheme: What its address begins with.
        plugin: The Apprise object that knows the service.
        closer: Ends what was opened, where Apprise cannot.
    """

    def __init__(
        self, spec: ChannelSpec, scheme: str, plugin: Any, closer: AlertCloser | None = None
    ) -> None:
        self.name = spec.name
        self.limits = _limits(spec, scheme, plugin)
        self.pace_seconds = _pace(spec, scheme, short=self.limits.short)
        self.takes_files = takes_files(plugin, self.limits)
        """Whether a file can go with a message."""
        self._scheme = scheme
        self._plugin = plugin
        self._closer = closer

    def __repr__(self) -> str:
        return f"AppriseChannel({self.name!r})"

    def send(self, message: OutboxMessage) -> SendResult:
        """Send one message; blocks. What becomes of it is in the answer, never raised."""
        if self._closer is not None and not message.opens_incident:
            return self._closer.close(message)
        try:
            return self._notify(message)
        except Exception as error:  # noqa: BLE001 - a plugin may fail in any way
            return SendResult(False, error=f"the channel failed ({type(error).__name__})")

    def _notify(self, message: OutboxMessage) -> SendResult:
        import apprise  # noqa: PLC0415 - 66 ms that only a process that sends has to spend

        from sla_console.alerting.channels.wire import listening  # noqa: PLC0415

        plugin = self._marked(message)
        found = attached(message, self.limits, _LARGEST_FILE if self.takes_files else None)
        one = apprise.Apprise(asset=plugin.asset)
        one.add(plugin)
        service = type(plugin).__name__
        rewrite = buttons(service, message.links)
        with overhearing() as said, listening(rewrite) as heard:
            answer = one.notify(
                title=_subject(message.title) if self._scheme in _MAIL else message.title,
                body=found.message.body,
                body_format="text",
                notify_type=self._kind(message),
                attach=None if found.path is None else _file(found.path, plugin.asset),
            )
        if not answer:
            return refusal(answer, said, service, heard)
        against = (judged(service, each) for each in heard if 200 <= each.status < 300)
        return next((result for result in against if result is not None), SendResult(True))

    def _kind(self, message: OutboxMessage) -> str:
        # To a pager a test is the end of what was never opened: it opens nothing.
        none = self.limits.incidents and not message.opens_incident
        return _KINDS[AlertEvent.RECOVERY if none or message.ends_incident else message.event]

    def _marked(self, message: OutboxMessage) -> Any:
        """Return the service with our own keys, by which it can tell a repeat from a new message.

        A copy: a thread that hangs in an earlier message may still be about to read its own.
        """
        plugin, incident = copy.copy(self._plugin), incident_key(message)
        for name in _KEYS:
            if hasattr(plugin, name):
                setattr(plugin, name, incident)
        headers = getattr(plugin, "headers", None)
        if not isinstance(headers, dict):
            return plugin
        headers = plugin.headers = {**headers, "X-SLA-Key": header_key(message)}
        if self._scheme in _MAIL:
            # A mail program shows one thread a promise. Message-ID is Apprise's own: with ours
            # there would be two of them.
            thread = f"<{incident}@sla-console>"
            headers |= {
                "References": thread,
                "In-Reply-To": thread,
                "Auto-Submitted": "auto-generated",
            }
        return plugin


def apprise_channel(spec: ChannelSpec) -> AppriseChannel:
    """Return a channel for an Apprise URL.

    Raises:
        UserError: if Apprise knows no such scheme or cannot read the address, or if the address
            asks for something by which a failure could pass for a success, or if the proxy that
            leads there cannot be used.
    """
    import apprise  # noqa: PLC0415
    from apprise.plugins import url_to_dict  # noqa: PLC0415

    from sla_console.alerting.channels.wire import listen  # noqa: PLC0415

    keep_quiet()
    listen()
    address = spec.address()
    scheme = _scheme(spec, address)
    refuse_placeholders(spec.where, address)
    parse: Any = url_to_dict  # it has no types
    parsed = parse(address) or {}
    options = {str(name).casefold(): str(value) for name, value in parsed.get("qsd", {}).items()}
    asset = apprise.AppriseAsset(app_id="SLA console", service_timeout=0, async_mode=False)
    forced = f"{_FORCED}&{_MAIL_SECONDS if scheme in _MAIL else _HTTP_SECONDS}"
    if scheme in _ACTIONS:
        refuse_action(spec.where, options, _ACTIONS[scheme])
        forced += f"&action={_ACTIONS[scheme]}"
    joined = f"{address}{'&' if '?' in address else '?'}{forced}"
    plugin = apprise.Apprise.instantiate(joined, asset=asset, suppress_exceptions=True)
    if not isinstance(plugin, apprise.NotifyBase):
        raise UserError(
            f"{spec.where}: found an address of {scheme}:// that Apprise cannot read, expected "
            f"{_READABLE.get(scheme, 'one as its documentation has it')}; compare them (the address "
            f"is not shown)"
        )
    refuse_options(spec.where, options, type(plugin).template_args)
    hosts = _hosts(plugin)
    refuse_private(spec.where, hosts, allowed=spec.allow_private)
    if asks_by_http(plugin):
        proxy_for(f"https://{next((h for h in hosts if isinstance(h, str)), _SOMEWHERE)}/")
    _refuse_many(spec, plugin)
    # Mostly 5.5 s after each message, for some as long as the service once asked. A lane would give
    # up meanwhile, and what is sent after that is told twice.
    setattr(plugin, "throttle", _never_wait)  # noqa: B010 - a method, which mypy lets nobody replace
    if not asks_by_http(plugin):
        _without_brackets(plugin)
    refuse_nobody(spec.where, scheme, plugin, options)
    return AppriseChannel(spec, scheme, plugin, closer_for(scheme, plugin))


def _file(path: Path, asset: Any) -> Any:
    """Return a file as Apprise takes it.

    By its path alone: a text would be read as an address, and might be fetched from a network.
    """
    from apprise import AppriseAttachment  # noqa: PLC0415
    from apprise.attachment.file import AttachFile  # noqa: PLC0415

    make: Any = AttachFile  # it has no types
    return AppriseAttachment(make(str(path), asset=asset), asset=asset)


def _scheme(spec: ChannelSpec, address: str) -> str:
    scheme = address.partition("://")[0].casefold() if "://" in address else ""
    if scheme in _schemes():
        return scheme
    shown = f"{scheme}://" if re.fullmatch(r"[a-z0-9+.-]{1,20}", scheme) else "an address"
    mend = (
        'set service = "webhook" for an address of your own'
        if scheme in {"http", "https"}
        else "see the list of services in its documentation"
    )
    raise UserError(
        f"{spec.where}: found {shown}, expected the beginning of a service that Apprise knows, "
        f"such as mailtos://; {mend} (the rest of the address is not shown)"
    )


def _schemes() -> set[str]:
    from apprise.manager_plugins import NotificationManager  # noqa: PLC0415

    manager: Any = NotificationManager
    return {str(scheme).casefold() for scheme in manager().schemas()}


def _hosts(plugin: Any) -> list[Any]:
    """Return the hosts that an address names; in many, a token stands in the host's place."""
    named = "host" in type(plugin).template_tokens
    return [getattr(plugin, name, None) for name in ("host", "smtp_host")] if named else []


def _without_brackets(plugin: Any) -> None:
    """Write IPv6 addresses as sockets take them; HTTP alone wants the brackets of the address."""
    for name in ("host", "smtp_host"):
        host = getattr(plugin, name, None)
        if isinstance(host, str) and host.startswith("[") and host.endswith("]"):
            setattr(plugin, name, host[1:-1])


def _refuse_many(spec: ChannelSpec, plugin: Any) -> None:
    """Refuse an address that tells several: when one of them fails, all would be told again."""
    lists = [getattr(plugin, name, None) for name in ("targets", "cc", "bcc")]
    sizes = [len(each) for each in lists if isinstance(each, list | tuple | set)]
    copies = sum(sizes[1:]) if len(sizes) == len(lists) else 0
    targets = max([len(plugin), *sizes[:1]]) + copies
    if targets > 1:
        raise UserError(
            f"{spec.where}: found {targets} receivers in one address, expected one, because when "
            f"one of them fails the others would be told twice; make a channel of each"
        )


def _limits(spec: ChannelSpec, scheme: str, plugin: Any) -> Limits:
    """Return what fits. Where title and body go out in one, both together fit."""
    whole = max(int(plugin.body_maxlen), 1)
    title = min(int(plugin.title_maxlen), _LONGEST_TITLE)
    body = whole - int(plugin.overflow_buffer)
    if title <= 0 or plugin.overflow_amalgamate_title:
        title = title if title > 0 else min(_LONGEST_TITLE, whole * 3 // 8)
        body -= title + (_LINE_END if whole <= _SHORT_BODY else _MARKUP)
    short = whole <= _SHORT_BODY or scheme == "pagerduty"
    asked = short if spec.short is None else spec.short
    return Limits(title, body, asked, incidents=scheme in _ACTIONS)


def _pace(spec: ChannelSpec, scheme: str, *, short: bool) -> float:
    """Return the real seconds between two messages."""
    if spec.pace_seconds is not None:
        return spec.pace_seconds
    if scheme in _PLAIN:
        return 0.0
    if scheme == "pagerduty":
        return 0.5
    return 0.2 if short else 1.0


def _never_wait(*_: object, **__: object) -> None:
    """Stand in for Apprise's throttle: the dispatcher keeps the pace."""


def _subject(title: str) -> str:
    """Return a title in which no mail program finds an encoded word (RFC 2047) to decode."""
    return title.replace("=?", "= ?")
