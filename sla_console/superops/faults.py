"""What an answer means that is no result: one sentence for people, of the right kind.

SuperOps says most of it with HTTP 200 and codes of its own, not always in the same place.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sla_console.domain.errors import (
    AnswerRefused,
    CannotSignIn,
    RateLimited,
    RequestRefused,
    SuperOpsError,
    Unreachable,
)
from sla_console.domain.text import clean
from sla_console.superops.documents import Document
from sla_console.superops.transport import HTTPAnswer, parse_json

RATE_LIMIT: Final = "rate_limit_exceeded"
MISSING: Final = "entity_does_not_exist"
_RATE_SENTENCE: Final = (
    "SuperOps answers no more requests this minute, to this console or to others that share the "
    "account; the next minute is waited for."
)
_MEANING: Final = {
    "forbidden": "the role of this token's user does not allow it; let an administrator widen it",
    MISSING: "SuperOps has no such record any more",
    "subscription_trial_expired": "the trial of this SuperOps account is over",
    "subscription_paused": "the subscription of this SuperOps account is paused",
    "subscription_cancelled": "the subscription of this SuperOps account is cancelled",
    "mandatory_validation_failed": "a value that this account requires is missing",
    "type_validation_failed": "a value has the wrong type",
    "value_length_exceeds_limit": "a value is too long",
    "referred_value_does_not_exist": "a value that it names does not exist",
    "value_pattern_validation_failed": "a value has the wrong form",
    "dependent_validation_failed": "a value does not fit another one",
    "unique_validation_failed": "a value that must be unique exists already",
}
_MALFORMED: Final = ("validation error", "invalid syntax", "subselectionnotallowed", "cannot query")
_MALFORMED_CLASSES: Final = frozenset({"ValidationError", "InvalidSyntax"})
_MOST: Final = 20


def result_of(exchange: HTTPAnswer, document: Document, subdomain: str) -> Any:
    """Return the value of the document's root field.

    Args:
        exchange: What came back.
        document: What was asked.
        subdomain: Named where SuperOps does not know it.

    Raises:
        SuperOpsError: of the kind that says what happened. ``CannotSignIn`` for 401 and 400.
    """
    status = exchange.status
    if status in {400, 403, 422} or 200 <= status < 300:
        try:
            body = parse_json(exchange.body)
        except ValueError:
            body = None
        fault = _fault_in(body, document) if isinstance(body, dict) else None
        if fault is not None:
            raise fault
        if 200 <= status < 300:
            return _root(body, document)
    raise _fault_of_status(status, document, subdomain)


def _root(body: Any, document: Document) -> Any:
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, dict):
        raise AnswerRefused(
            "SuperOps answered with something that is no GraphQL answer; a proxy or a login page "
            "may stand in between. Check superops.url."
        )
    return data.get(document.root)


def _fault_of_status(status: int, document: Document, subdomain: str) -> SuperOpsError:
    if status >= 500 or status == 408:
        return Unreachable(
            f"SuperOps failed on its side (HTTP {status}); what is shown stays as it was last known."
        )
    known: dict[int, SuperOpsError] = {
        400: CannotSignIn(
            f"SuperOps does not know the subdomain {clean(subdomain, 80)!r} (HTTP 400); check "
            f"superops.subdomain against Settings, MSP Information, in SuperOps."
        ),
        401: CannotSignIn(
            "SuperOps refuses the API token (HTTP 401): it is wrong, or a newer one was made."
        ),
        403: _refused(document, ("forbidden",), ""),
        422: RequestRefused(
            f"SuperOps refuses to {document.purpose}: it does not understand the request "
            f"(HTTP 422)."
        ),
        429: RateLimited(_RATE_SENTENCE),
    }
    return known.get(status) or AnswerRefused(
        f"SuperOps answered with HTTP {status}, which no GraphQL endpoint does; check superops.url."
    )


def _fault_in(body: Mapping[str, Any], document: Document) -> SuperOpsError | None:
    """Return the fault that an answer names in its body, None where it names none."""
    clients = list(_client_errors(body, document))
    codes = tuple(dict.fromkeys(code for code, _ in clients))
    if RATE_LIMIT in codes:
        return RateLimited(_RATE_SENTENCE)
    if codes:
        names = dict.fromkeys(name for _, attributes in clients for name in attributes)
        return _refused(document, codes, ", ".join(names))
    errors = body.get("errors")
    if not errors:
        return None
    message = _message(errors)
    if _malformed(errors, message):
        return RequestRefused(
            f"SuperOps refuses to {document.purpose}: the request does not fit its schema "
            f"({message or 'no message'}); this console may be too old for it."
        )
    return Unreachable(
        f"SuperOps failed on its side ({message or 'it gave no reason'}); what is shown stays as it "
        f"was last known."
    )


def _refused(document: Document, codes: tuple[str, ...], attributes: str) -> RequestRefused:
    reasons = "; ".join(_MEANING.get(code, f"its code is {code}") for code in codes)
    about = f" ({attributes})" if attributes else ""
    return RequestRefused(f"SuperOps refuses to {document.purpose}: {reasons}{about}.", codes)


def _client_errors(
    body: Mapping[str, Any], document: Document
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each code with the attributes that it is about, wherever the answer carries them."""
    errors = body.get("errors")
    places: list[Any] = [body, *(errors[:_MOST] if isinstance(errors, list) else [errors])]
    data = body.get("data")
    places.append(data)
    if isinstance(data, dict):
        places.append(data.get(document.root))
    for place in places:
        if not isinstance(place, dict):
            continue
        extensions = place.get("extensions")
        for holder in (place, extensions):
            if isinstance(holder, dict):
                yield from _codes(holder.get("clientError"))


def _codes(value: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    for entry in (value if isinstance(value, list) else [value])[:_MOST]:
        if not isinstance(entry, dict):
            continue
        code = entry.get("code")
        if not isinstance(code, str) or not code.strip():
            continue
        param = entry.get("param")
        named = param.get("attributes") if isinstance(param, dict) else None
        names = named if isinstance(named, list) else []
        yield clean(code, 80), tuple(clean(n, 60) for n in names[:_MOST] if isinstance(n, str))


def _message(errors: Any) -> str:
    """Return the first message, cleaned; empty where there is none, as SuperOps often does."""
    for error in errors if isinstance(errors, list) else [errors]:
        message = error.get("message") if isinstance(error, dict) else error
        if isinstance(message, str) and message.strip():
            return clean(message, 160)
    return ""


def _malformed(errors: Any, message: str) -> bool:
    """Return whether SuperOps could not make sense of the request itself."""
    if any(sign in message.casefold() for sign in _MALFORMED):
        return True
    for error in errors if isinstance(errors, list) else []:
        extensions = error.get("extensions") if isinstance(error, dict) else None
        kind = extensions.get("classification") if isinstance(extensions, dict) else None
        if isinstance(kind, str) and kind in _MALFORMED_CLASSES:
            return True
    return False
