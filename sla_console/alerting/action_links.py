"""Makes and reads the links by which the reader of a message acts on a breach.

A link's address ends in a token of 36 characters: what it is for, the message's place in the outbox,
when it expires, which of the message's breaches is meant, and a code over all of these and over the
message's key, the breach, the channel and its owner. Who has no key can make none, nor turn one into
another. Nothing of it is stored but its one use.
"""

import base64
import hashlib
import hmac
import json
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sla_console.domain.alerts.action_link import ActionLink, LinkAction
from sla_console.domain.alerts.alert import AlertEvent, OutboxMessage
from sla_console.domain.alerts.notification import Notification
from sla_console.domain.people.directory import Directory

PATH: Final = "a"
"""Where the links are, below the public address."""
PURPOSE: Final = "action links"
"""Names the key that the codes are made with among those derived from the store's."""
_EVENTS: Final = frozenset({AlertEvent.BREACH, AlertEvent.ESCALATION, AlertEvent.REMINDER})
_ACTIONS: Final = (LinkAction.CHOOSE, LinkAction.ACKNOWLEDGE, LinkAction.SNOOZE)
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{36}", re.ASCII)
_HEAD: Final = struct.Struct(">BHIII")
"""Action, upper and lower part of the message's number, end of life in seconds, breach."""
_CODE: Final = 12
_LOW: Final = 1 << 32
_NUMBERS: Final = 1 << 48


@dataclass(frozen=True, slots=True)
class LinkClaim:
    """A link as it was read; true only once its code was checked against its message."""

    action: LinkAction
    number: int
    """Place of the message in the outbox."""
    expires: datetime
    mark: int
    """Tells the breaches of one message apart."""
    code: bytes


class ActionLinks:
    """The links of all messages.

    Args:
        key: What the codes are made with.
        address: Public address of the receiver, without a slash at its end.
        life: How long a link can be used.
        directory: Whose channels are whose.
        most: How many things of one digest have a link.
    """

    def __init__(
        self,
        key: bytes,
        address: str,
        life: timedelta,
        directory: Directory,
        most: int = 3,
    ) -> None:
        self._key, self._address, self._life = key, address.rstrip("/"), life
        self.directory = directory
        self._most = most
        self.heard = False
        """Whether the receiver listens; a link that nobody answers is not sent."""

    def of(self, message: OutboxMessage, now: datetime) -> tuple[ActionLink, ...]:
        """Return the links of a message that is about to be sent: three for each breach.

        Args:
            message: As it is sent; one that was not taken from the outbox has none.
            now: When; a link expires so long after.
        """
        if not self.heard or message.number is None or message.number >= _NUMBERS:
            return ()
        expires = now + self._life
        told = list(_about(message))[: self._most]
        return tuple(
            self._link(message, message.number, one, action, expires)
            for one in told
            for action in _ACTIONS
        )

    def other(self, message: OutboxMessage, claim: LinkClaim, action: LinkAction) -> str | None:
        """Return the token for another action, of a link that is true."""
        breach_id = self.breach_of(message, claim)
        if breach_id is None:
            return None
        return self._token(message, claim.number, breach_id, action, claim.expires)

    def breach_of(self, message: OutboxMessage, claim: LinkClaim) -> str | None:
        """Return the breach that a link is about; None: it was not made here for this message.

        Args:
            message: The one at its place in the outbox.
            claim: What the link says.
        """
        for one in _about(message):
            breach_id = one.breach_id or ""
            if claim.mark == _mark(breach_id):
                code = self._code(
                    message, breach_id, _head(claim.action, claim.number, claim.expires, breach_id)
                )
                if hmac.compare_digest(code, claim.code):
                    return breach_id
        return None

    def _link(
        self,
        message: OutboxMessage,
        number: int,
        about: Notification,
        action: LinkAction,
        expires: datetime,
    ) -> ActionLink:
        breach_id = about.breach_id or ""
        token = self._token(message, number, breach_id, action, expires)
        ticket = about.display_id or about.ticket_id or ""
        return ActionLink(action, breach_id, ticket, f"{self._address}/{PATH}/{token}")

    def _token(
        self,
        message: OutboxMessage,
        number: int,
        breach_id: str,
        action: LinkAction,
        expires: datetime,
    ) -> str:
        head = _head(action, number, expires, breach_id)
        return base64.urlsafe_b64encode(head + self._code(message, breach_id, head)).decode()

    def _code(self, message: OutboxMessage, breach_id: str, head: bytes) -> bytes:
        owner = self.directory.owner_of(message.channel)
        bound = json.dumps([message.key, breach_id, message.channel, owner]).encode()
        return hmac.digest(self._key, head + bound, hashlib.sha256)[:_CODE]


def claim_of(token: str) -> LinkClaim | None:
    """Return what a token claims; None: it is none."""
    if not _TOKEN.fullmatch(token):
        return None
    raw = base64.urlsafe_b64decode(token)
    action, high, low, seconds, mark = _HEAD.unpack_from(raw)
    if action >= len(_ACTIONS):
        return None
    expires = datetime.fromtimestamp(seconds, UTC)
    return LinkClaim(_ACTIONS[action], high * _LOW + low, expires, mark, raw[_HEAD.size :])


def _about(message: OutboxMessage) -> Iterator[Notification]:
    """Yield what a message tells that its reader can act on."""
    notification = message.notification
    if notification is None:
        return
    for one in notification.members or (notification,):
        if one.breach_id and one.event in _EVENTS:
            yield one


def _head(action: LinkAction, number: int, expires: datetime, breach_id: str) -> bytes:
    seconds = int(expires.timestamp()) % _LOW
    return _HEAD.pack(_ACTIONS.index(action), *divmod(number, _LOW), seconds, _mark(breach_id))


def _mark(breach_id: str) -> int:
    return int.from_bytes(hashlib.sha256(breach_id.encode()).digest()[:4])
