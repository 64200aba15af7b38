"""Why Apprise did not succeed: for now, for good, or nobody knows.

Apprise answers yes or no. Which no it was, is heard where its services meet the network; of those
that do not ask by HTTP it stands only in the words that they log, mostly at DEBUG after
``Socket Exception:``. None of these words is passed on, because they hold addresses; they are read
and said anew.
"""

import logging
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from sla_console.alerting.channels.quiet import Overheard
from sla_console.alerting.channels.replies import Heard, answered
from sla_console.alerting.channels.services import refused
from sla_console.domain.alerts.alert import SendResult

_STATUS: Final = re.compile(r"\berror=(\d{3})\b")
_DETAIL: Final = "Socket Exception:"
_SMTP: Final = re.compile(r"\((\d{3}), b['\"]")
_REFUSED_RECIPIENT: Final = re.compile(r"SMTP recipient .* was refused: (\d{3}) ")
_NO_SIGN_IN: Final = frozenset({530, 534, 535, 538})
_HANDED_OVER: Final = re.compile(r'Sending email to ".*" failed')
_AFTER_SENDING: Final = re.compile(
    r"Read timed out|Connection aborted|RemoteDisconnected|Incomplete"
)
_CUT_OFF: Final = re.compile(
    r"timed out|unexpectedly closed|reset by peer|Broken pipe", re.IGNORECASE
)
_REASONS: Final = (
    (re.compile(r"NameResolution|name resolution|Name or service|getaddrinfo|nodename"),
     "its name is not known"),
    (re.compile(r"CERTIFICATE_VERIFY_FAILED"), "its certificate is not trusted"),
    (re.compile(r"STARTTLS extension"), "it offers no encryption (STARTTLS)"),
    (re.compile(r"\bSSL|\bTLS|WRONG_VERSION"), "it does not speak TLS as it should"),
    (re.compile(r"[Rr]efused"), "it refuses the connection"),
    (re.compile(r"timed out"), "no connection in time"),
    (re.compile(r"reset by peer|Broken pipe|unexpectedly closed"), "it broke off the connection"),
)  # fmt: skip
_BROKE_OFF: Final = frozenset({"it broke off the connection"})
_UNKNOWN: Final = SendResult(
    False, error="the channel did not answer in time; it may have arrived", unknown=True
)


def refusal(
    answer: Any, said: Sequence[Overheard], service: str = "", heard: Sequence[Heard] = ()
) -> SendResult:
    """Return what an answer of Apprise means that is no success.

    Args:
        answer: The answer.
        said: What was logged during the send.
        service: The service's class in Apprise.
        heard: What became of each request, if it asked by HTTP.
    """
    status = str(getattr(getattr(answer, "status", None), "name", ""))
    if status == "NOMATCH":
        return SendResult(
            False, permanent=True, error="nothing matches this channel's address", broken=True
        )
    if status == "TIMEOUT":
        return _UNKNOWN
    if heard:
        last = heard[-1]
        return refused(service, last) if last.status else _silence((), _cause(last.failure))
    # Other words at DEBUG hold the message itself, whose text must decide nothing.
    warnings = [each.text for each in said if each.level >= logging.WARNING]
    details = [
        _cause(each.text)
        for each in said
        if each.level < logging.WARNING and each.text.startswith(_DETAIL)
    ]
    return _by_words(warnings, details)


def _by_words(warnings: Sequence[str], details: Sequence[str]) -> SendResult:
    """Return what it means, of a service that was asked by something other than HTTP."""
    code = _last(_STATUS, warnings)
    if code is not None:
        return answered(code)
    smtp = _last(_REFUSED_RECIPIENT, warnings) or _last(_SMTP, details)
    if smtp is not None:
        return SendResult(
            False,
            permanent=500 <= smtp < 600,
            error=f"the mail server answered with {smtp}",
            broken=smtp in _NO_SIGN_IN,
        )
    return _silence(warnings, " ".join(details))


def _cause(text: str) -> str:
    """Return the cause alone; what stands before it holds the address."""
    return text.rpartition("Caused by")[2]


def _silence(warnings: Iterable[str], detail: str) -> SendResult:
    """Return what it means that the service gave no code at all."""
    handed_over = any(_HANDED_OVER.search(text) for text in warnings)
    if _AFTER_SENDING.search(detail) or (handed_over and _CUT_OFF.search(detail)):
        return _UNKNOWN
    why = next((words for pattern, words in _REASONS if pattern.search(detail)), None)
    if why is None:
        return SendResult(False, error="the channel could not be reached or did not take it")
    return SendResult(
        False, error=f"the channel cannot be reached: {why}", unreached=why not in _BROKE_OFF
    )


def _last(pattern: re.Pattern[str], texts: Iterable[str]) -> int | None:
    codes = [int(found[1]) for text in texts for found in pattern.finditer(text)]
    return codes[-1] if codes else None
