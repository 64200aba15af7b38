"""Signatures of Standard Webhooks (standardwebhooks.com, version 1), given and verified."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sla_console.domain.errors import UserError

TOLERANCE: Final = timedelta(minutes=5)
"""Most by which a signature's moment may differ from the receiver's."""
_PREFIX: Final = "whsec_"
_KEY_BYTES: Final = 24
"""Fewest bytes of a signing key, as Standard Webhooks asks."""
_IDENTIFIER: Final = re.compile(r"[\x21-\x7e]{1,128}")
_SECONDS: Final = re.compile(r"\d{1,11}")
_VERSION: Final = b"v1,"


class BadSignature(Exception):  # noqa: N818 - reads as what it is
    """A request does not prove that it comes from somebody who has the key."""


@dataclass(frozen=True, slots=True)
class SignedCall:
    """A request that was signed with the key, at about this moment."""

    identifier: str
    """The same with every try of one message."""
    at: datetime


def signing_key(where: str, secret: str) -> bytes:
    """Read a signing key as the libraries of Standard Webhooks do: base64, or whsec_ and base64.

    A text that is no base64 is taken as its own bytes, for receivers of one's own.

    Args:
        where: The setting that holds it.
        secret: The key as it is written.

    Raises:
        UserError: if it cannot be used; the key itself is not in the message.
    """
    text = "".join(secret.split())
    try:
        key = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        if text.startswith(_PREFIX):
            raise UserError(
                f"{where}: found a key that begins with {_PREFIX} and is no base64 after "
                f"it, expected base64; copy it anew (it is not shown)"
            ) from None
        key = secret.strip().encode()
    if len(key) < _KEY_BYTES:
        raise UserError(
            f"{where}: found a key of {len(key)} bytes, expected at least {_KEY_BYTES}; "
            f"make one with: openssl rand -base64 32"
        )
    return key


def sign(key: bytes, identifier: str, timestamp: str, content: bytes) -> str:
    """Return ``v1,`` and the base64 of the HMAC-SHA256 of ``identifier.timestamp.content``."""
    signed = f"{identifier}.{timestamp}.".encode() + content
    code = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return f"v1,{code}"


def verified(key: bytes, headers: Mapping[str, str], content: bytes, now: datetime) -> SignedCall:
    """Return what the headers of a request prove; a replay is for the caller to find.

    Args:
        key: The bytes that both sides know.
        headers: Of the request, by names without case.
        content: Its body, byte for byte.
        now: The moment.

    Raises:
        BadSignature: if a header is missing or odd, the moment is not near, or no signature fits.
    """
    identifier = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    if not _IDENTIFIER.fullmatch(identifier) or not _SECONDS.fullmatch(timestamp):
        raise BadSignature("the headers webhook-id and webhook-timestamp are missing or odd")
    at = datetime.fromtimestamp(int(timestamp), UTC)
    if abs(now - at) > TOLERANCE:
        raise BadSignature("it was signed more than five minutes from now; set the clocks right")
    # As bytes: text outside of ASCII makes the comparison raise.
    wanted = sign(key, identifier, timestamp, content).encode()
    given = headers.get("webhook-signature", "").encode("utf-8", "surrogateescape").split(b" ")
    fits = [hmac.compare_digest(one, wanted) for one in given if one.startswith(_VERSION)]
    if not any(fits):
        raise BadSignature("no signature fits")
    return SignedCall(identifier, at)
