"""Whether an address reaches anybody, found before the night on which it should.

Apprise takes many addresses that tell nobody: it drops receivers that it cannot read, texts the
sender where none is left, and knows no placeholder from a value. Beside rules for what is known,
each service that is asked by HTTP is rehearsed: where it would ask nobody, it is refused.
"""

import copy
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import unquote, urlsplit

from sla_console.domain.errors import UserError

_PLACEHOLDER: Final = re.compile(
    r"\{[^{}]*\}|<[^<>]*>|\$\{\w+\}|(?-i:\$[A-Z][A-Z0-9_]{2,})|x{3,}|\*{3,}|\.{3,}|"
    r"your[-_ ]?\w*(?:token|key|id|secret|webhook|topic|number|url|name|password)\w*|"
    r"change[-_ ]?me|replace[-_ ]?me",
    re.IGNORECASE,
)
"""Matches a placeholder of the documentation that fills a whole piece of an address."""
_PIECES: Final = re.compile(r"[/:@,;&=?#\s]+")
_RECEIVERS: Final = ("targets", "channels", "topics", "rooms")
_UNREAD: Final = ("invalid_targets", "_invalid_targets", "invalid_rooms")
_SENDERS: Final = ("source", "from_phone", "from_num")
_SIGNS: Final = "#@+&~!*= "
_IRC: Final = frozenset({"irc", "ircs"})
_MAIL: Final = frozenset({"mailto", "mailtos"})
_LOCAL_PART: Final = r"[^\s@<>()\[\],;:\"\\]{1,64}"
_LABEL: Final = (
    r"[a-zA-Z0-9_\u00a1-\uffff](?:[a-zA-Z0-9_\u00a1-\uffff-]*[a-zA-Z0-9_\u00a1-\uffff])?"
)
_MAIL_ADDRESS: Final = re.compile(
    rf"(?:{_LOCAL_PART}|\"[^\"]+\")@(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9a-fA-F:.IPv]+\])"
)


class _Form(NamedTuple):
    """The form that one part of a service's address must have."""

    part: str
    looks: re.Pattern[str]
    words: str


_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_FORMS: Final[Mapping[str, tuple[_Form, ...]]] = {
    "discord": (
        _Form("webhook_id", re.compile(r"\d+"), "a webhook's id, which is a number"),
        _Form("webhook_token", re.compile(r"[\w-]{20,}"), "a webhook's token of 68 letters"),
    ),
    "pagerduty": (
        _Form("integration_key", re.compile(r"\w{20,}"), "an integration key of 32 letters"),
    ),
    "pover": (
        _Form("user_key", re.compile(r"[A-Za-z0-9]{30}"), "a user key of 30 letters"),
        _Form("token", re.compile(r"[A-Za-z0-9]{30}"), "an application's token of 30 letters"),
    ),
    "gotify": (_Form("token", re.compile(r"[\w.-]{10,}"), "an application's token"),),
    "wecombot": (_Form("key", _UUID, "a robot's key, as it stands after key="),),
    "lark": (_Form("token", re.compile(r"[\w-]{8,}"), "a robot's token"),),
    "feishu": (_Form("token", re.compile(r"[\w-]{8,}"), "a robot's token"),),
    "dingtalk": (_Form("token", re.compile(r"\w{16,}"), "a robot's access token"),),
}
_NOBODY: Final[Mapping[str, str]] = {
    "tgram": "a chat's number or @name after the bot's token; without one the bot writes to "
    "whoever wrote to it last",
    "goalert": "the key of a generic API integration, which is a UUID",
    "goalerts": "the key of a generic API integration, which is a UUID",
    "ntfy": "a topic, such as ntfys://ntfy.example.com/topic",
    "ntfys": "a topic, such as ntfys://ntfy.example.com/topic",
}


def refuse_placeholders(where: str, address: str) -> None:
    """Refuse an address in which a placeholder of some documentation was left.

    Raises:
        UserError: if one was.
    """
    parts = urlsplit(address) if _splits(address) else None
    texts = [address.partition("://")[2]] if parts is None else [
        parts.netloc, parts.path, parts.query, parts.fragment,
    ]  # fmt: skip
    pieces = (unquote(piece) for text in texts for piece in _PIECES.split(text))
    if any(_PLACEHOLDER.fullmatch(piece) for piece in pieces):
        raise UserError(
            f"{where}: found a placeholder in the address, such as {{token}} or xxx, expected the "
            f"value itself; copy the address anew from the service (it is not shown)"
        )


def refuse_nobody(where: str, scheme: str, plugin: Any, options: Mapping[str, str]) -> None:
    """Refuse an address that Apprise can read and that reaches nobody.

    Args:
        where: The setting, for the message.
        scheme: What the address begins with.
        plugin: The Apprise object that knows the service.
        options: The options after the ``?``, names in lower case.

    Raises:
        UserError: naming what is missing or wrong; the address itself is not in it.
    """
    for found, expected in _faults(scheme, plugin, options):
        raise UserError(
            f"{where}: found {found}, expected {expected}; correct the address (it is not shown)"
        )
    if asks_by_http(plugin) and not _asks_anybody(plugin):
        expected = _NOBODY.get(scheme, "one; see what Apprise's documentation has for this service")
        raise UserError(
            f"{where}: found an address of {scheme}:// with no receiver that it can reach, expected "
            f"{expected}; correct the address (it is not shown)"
        )


def asks_by_http(plugin: Any) -> bool:
    """Return whether a service is asked by HTTP, and so perhaps through a proxy."""
    own = (
        sys.modules[kind.__module__]
        for kind in type(plugin).__mro__
        if kind.__module__.startswith("apprise.plugins")
    )
    return any(hasattr(module, "requests") for module in own)


def _faults(scheme: str, plugin: Any, options: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what was found and what was expected, for each thing that is known to be wrong."""
    if any(getattr(plugin, name, None) for name in _UNREAD):
        yield (
            f"a receiver that {scheme}:// does not know",
            _NOBODY.get(scheme, "only such as it can reach"),
        )
    names = list(_names(plugin))
    if any(not name.strip(_SIGNS) for name in names):
        yield "a receiver without a name", "one"
    if scheme in _MAIL:
        yield from _mail_faults(plugin, options)
    if scheme == "tgram" and not names:
        yield "no chat", _NOBODY["tgram"]
    if scheme in _IRC and not names:
        yield "no channel and nobody to write to", "one, such as ircs://irc.example.com/#alerts"
    if scheme == "rsyslog" and ":" in str(getattr(plugin, "host", "")):
        yield "an IPv6 address, which this service cannot use", "a name or an IPv4 address"
    yield from _header_faults(plugin)
    yield from _sender_faults(plugin, names)
    for form in _FORMS.get(scheme, ()):
        value = getattr(plugin, form.part, None)
        if isinstance(value, str) and not form.looks.fullmatch(value):
            yield f"something else in the place of {form.words}", "that"


def _names(plugin: Any) -> Iterator[str]:
    """Yield the receivers that a service was given, as text."""
    for attribute in _RECEIVERS:
        value = getattr(plugin, attribute, None)
        for one in value if isinstance(value, list | tuple | set | dict) else ():
            # Pairs are of a name and an address, or of a kind and a number; the longest is it.
            parts = one if isinstance(one, tuple | list) else (one,)
            texts = [str(part) for part in parts if type(part) in {str, int}]
            if texts:
                yield max(texts, key=len)


def _mail_faults(plugin: Any, options: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    good = "one such as noc@example.com"
    found = [one[1] if isinstance(one, tuple) else str(one) for one in plugin.targets]
    if not found:
        yield "no mail address to write to", f"{good} after ?to="
    written = [
        piece
        for name in ("to", "cc", "bcc")
        for piece in re.split(r"[,;]", options.get(name, ""))
        if piece.strip()
    ]
    if any("@" not in piece.strip("@ <>") for piece in written) or not all(
        _MAIL_ADDRESS.fullmatch(str(address)) for address in found
    ):
        yield "a receiver that is no mail address", good


def _sender_faults(plugin: Any, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield that a number would text itself, as Apprise does where no other is left."""
    numbers = {_digits(name) for name in names}
    for attribute in _SENDERS:
        sender = _digits(getattr(plugin, attribute, None))
        if len(sender) > 4 and (not numbers or sender in numbers) and hasattr(plugin, "targets"):
            yield "a number that would text its own sender", "another number to text"


def _header_faults(plugin: Any) -> Iterator[tuple[str, str]]:
    """Yield that a header of the address cannot be sent: each message would fail over it."""
    headers = getattr(plugin, "headers", None)
    for part in (
        (text for pair in headers.items() for text in pair) if isinstance(headers, dict) else ()
    ):
        try:
            str(part).encode("latin-1")
        except UnicodeEncodeError:
            yield "a header (?+Name=value) with letters that no header can carry", "plain ones"
            return


def _digits(value: Any) -> str:
    return re.sub(r"\D", "", value) if isinstance(value, str) else ""


def _asks_anybody(plugin: Any) -> bool:
    """Return whether a message would make a service ask anybody; nothing is sent."""
    from sla_console.alerting.channels.quiet import overhearing  # noqa: PLC0415
    from sla_console.alerting.channels.wire import rehearsing  # noqa: PLC0415

    actor = copy.copy(plugin)
    with overhearing(), rehearsing() as heard:
        try:
            actor.send(body="rehearsal", title="rehearsal", notify_type="failure")
        except Exception:  # noqa: BLE001 - what a plugin raises says nothing about its receivers
            return True
    return bool(heard)


def _splits(address: str) -> bool:
    try:
        urlsplit(address)
    except ValueError:
        return False
    return True
