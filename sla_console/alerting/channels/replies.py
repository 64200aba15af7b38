"""Reads what services say in the body of an answer, where the HTTP status does not decide.

Many answer 200 to what they refuse. Whether another try can help, and whether the refusal is of
this message or of everybody, stands in codes of their own. Their words are never passed on: they
are somebody else's and may hold the address.
"""

import json
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Final

from sla_console.domain.alerts.alert import SendResult

_REFUSES_ALL: Final = frozenset({401, 403, 404, 405, 407, 410})
"""Statuses that judge the asker or the address, not the message."""
_TRANSIENT: Final = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Heard:
    """The result of one request."""

    status: int = 0
    """Status of HTTP; 0: there was no answer."""
    body: bytes = b""
    """Its beginning, unpacked."""
    retry_after: float | None = None
    """Seconds that the receiver asks to wait."""
    failure: str = ""
    """Error of the network library without an answer; never shown, since it may hold addresses."""


Evaluator = Callable[[Any, Heard], SendResult | None]
"""Returns what the JSON of an answer says against its success; None: nothing."""


def answered(status: int, retry_after: float | None = None) -> SendResult:
    """Return what a status of HTTP other than success means.

    Args:
        status: The status.
        retry_after: Seconds the receiver asks to wait.
    """
    if 300 <= status < 400:
        return SendResult(
            False,
            permanent=True,
            error=f"the channel redirects (HTTP {status}); give its final address",
            broken=True,
        )
    passing = status >= 500 or status < 200 or status in _TRANSIENT
    return SendResult(
        False,
        permanent=not passing,
        error=f"the channel answered with HTTP {status}",
        retry_after_seconds=retry_after if passing else None,
        broken=status in _REFUSES_ALL,
    )


def document_of(body: bytes) -> Any:
    """Return an answer's JSON, None if it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def said(
    heard: Heard, words: str, *, passing: bool, broken: bool = False, document: Any = None
) -> SendResult:
    """Return that an answer says something against its status of success.

    Args:
        heard: The answer.
        words: What it says; nothing of somebody else's.
        passing: Another try can help.
        broken: It refuses everybody, not this message alone.
        document: Its JSON, in which it may ask to wait.
    """
    return SendResult(
        False,
        permanent=not passing,
        error=f"the channel answered with HTTP {heard.status}, but its reply says {words}",
        retry_after_seconds=asked(document, heard) if passing else None,
        broken=broken and not passing,
    )


def asked(document: Any, heard: Heard) -> float | None:
    """Return how many seconds a service asks to wait, in the header or in its JSON."""
    if heard.retry_after is not None:
        return heard.retry_after
    places = [document, document.get("parameters")] if isinstance(document, dict) else []
    for place in places:
        for name in ("retry_after", "retry-after"):
            value = place.get(name) if isinstance(place, dict) else None
            if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
                return float(value)
    return None


def code_of(value: Any) -> str | None:
    """Return a code as text, None where there is none that can be one."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    text = str(value).strip()
    return text if text.isascii() and re.fullmatch(r"[\w.:-]{1,40}", text) else None


def common(document: Any, heard: Heard) -> SendResult | None:
    """Judge by what answers of all kinds have in common."""
    if not isinstance(document, dict):
        return None
    for name in ("ok", "success"):
        if document.get(name) is False:
            return said(heard, f'"{name}": false', passing=True, document=document)
    for name in ("error", "errors"):
        if document.get(name):
            return said(heard, f'there is an "{name}"', passing=True, document=document)
    return None


def by_code(
    document: Any,
    heard: Heard,
    *,
    names: Collection[str],
    good: Collection[str],
    passing: Collection[str] = (),
    broken: Collection[str] = (),
) -> SendResult | None:
    """Judge by a code, of which one means success.

    Args:
        document: The answer's JSON.
        heard: The answer.
        names: Where the code may stand.
        good: Codes of success.
        passing: Codes after which another try can help.
        broken: Codes that refuse everybody, not this message alone.
    """
    if not isinstance(document, dict):
        return None
    for name in names:
        code = code_of(document.get(name))
        if code is not None and code not in good:
            return said(
                heard,
                f"{name} {code}",
                passing=code in passing,
                broken=code in broken,
                document=document,
            )
    return common(document, heard)
