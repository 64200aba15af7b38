"""A webhook of one's own: JSON over HTTPS, signed, with an answer that is looked at.

Every message is one POST of a JSON object with these keys:

==================  ==================================================================
``schema_version``  1; a change that an old reader would misread raises it
``key``             the same with every try of one message; also ``Idempotency-Key``
``thread``          the same for everything told about one promise
``event``           warning, breach, escalation, reminder, recovery, forecast, monitor,
                    digest, report or test
``title``, ``body`` in words
``sent_at``         this try, UTC
``attempt``         1 for the first
``repeat``          whether an earlier try may have arrived
``ticket``          null or an object: ``id``, ``display_id``, ``subject``, ``client``,
                    ``priority``, ``group``, ``policy``, ``technician``
``target``          null, ``RESPONSE`` or ``RESOLUTION``
``due``             null or when it is or was due, UTC
``severity``        null, ``LOW``, ``MEDIUM``, ``HIGH`` or ``CRITICAL``
``notice``          null or all that is known, in which what is empty is left out
``total``           of a digest: how many things it is made of, else 0
``members``         of a digest: the most pressing of them, as objects with ``event``,
                    ``ticket``, ``target``, ``due`` and ``severity``
==================  ==================================================================

One that carries a file has two more:

===================  =================================================================
``attachment_name``  the name of the file
``attachment``       its bytes as base64; null where it has 5 MB or more or is gone, which
                     ``body`` then says
===================  =================================================================

One that carries links has ``actions``: objects with ``action`` (choose, acknowledge or snooze),
``ticket`` and ``url``. A GET of one does nothing; a POST of one to acknowledge or to snooze does it,
once.

With a key it is signed as Standard Webhooks has it: ``webhook-id``, ``webhook-timestamp`` and
``webhook-signature``, the last ``v1,`` and the base64 of the HMAC-SHA256 of ``id.timestamp.body``.

An empty answer of success is taken for one. A JSON object that says otherwise is not: ``ok`` or
``success`` false, or an ``error`` or ``errors`` with something in it.
"""

import base64
import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import httpx

from sla_console.alerting.channels.address import web_address
from sla_console.alerting.channels.attached import MEGABYTE, attached
from sla_console.alerting.channels.clock import Now, machine_time
from sla_console.alerting.channels.exchange import PostConnection, Timeouts
from sla_console.alerting.channels.incident import header_key, incident_key
from sla_console.alerting.channels.replies import Heard
from sla_console.alerting.channels.services import judged
from sla_console.alerting.channels.spec import ChannelSpec
from sla_console.config.secrets import Secret
from sla_console.domain.alerts.alert import Limits, OutboxMessage, SendResult
from sla_console.domain.alerts.notification import Notification, to_document
from sla_console.http.proxies import proxy_for
from sla_console.http.standard_webhooks import sign, signing_key

SCHEMA_VERSION: Final = 1
_LARGEST_FILE: Final = 5 * MEGABYTE - 1


class WebhookChannel:
    """Posts each message to one address.

    Args:
        spec: What is known of it.
        now: The real moment.
        timeouts: How long one try may take.
        transport: What carries the bytes, instead of the network.

    Raises:
        UserError: if the address, the signing key or the proxy that leads there cannot be used.
    """

    def __init__(
        self,
        spec: ChannelSpec,
        now: Now = machine_time,
        timeouts: Timeouts | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.name = spec.name
        self.limits = Limits(short=spec.short or False)
        self.pace_seconds = spec.pace_seconds or 0.0
        self.takes_files = True
        """Whether a file can go with a message: as base64, if it is small enough."""
        self._url = web_address(
            spec.where, Secret(spec.address()), allow_private=spec.allow_private
        )
        if transport is None:
            proxy_for(str(self._url))
        key = spec.signing_key
        self._key = None if key is None else signing_key(f"{spec.where}.signing", key.reveal())
        self._now = now
        self._exchange = PostConnection(now, timeouts, transport)

    def __repr__(self) -> str:
        return f"WebhookChannel({self.name!r})"

    def send(self, message: OutboxMessage) -> SendResult:
        """Send one message; blocks. What becomes of it is in the answer, never raised."""
        now = self._now()
        try:
            told = self._told(message, now)
        except OSError:  # it went between the look at it and the reading; the next try says so
            return SendResult(False, error="the file of the message cannot be read")
        content = json.dumps(told, ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": header_key(message),
            "X-SLA-Key": header_key(message),
        }
        if self._key is not None:
            headers |= signature(self._key, message.key, now, content)
        reply = self._exchange.post(self._url, content, headers)
        return (judged("", reply) or SendResult(True)) if isinstance(reply, Heard) else reply

    def _told(self, message: OutboxMessage, now: datetime) -> dict[str, Any]:
        found = attached(message, self.limits, _LARGEST_FILE)
        told = document(found.message, now)
        if message.attachment is None:
            return told
        data = None if found.path is None else base64.b64encode(found.path.read_bytes()).decode()
        return {**told, "attachment_name": Path(message.attachment).name, "attachment": data}

    def close(self) -> None:
        """Close the connection. A later send opens another."""
        self._exchange.close()


def document(message: OutboxMessage, now: datetime) -> dict[str, Any]:
    """Return what is sent, as JSON data; the module says what each key means."""
    notification = message.notification
    told: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "key": message.key,
        "thread": incident_key(message),
        "event": str(message.event),
        "title": message.title,
        "body": message.body,
        "sent_at": now.isoformat(),
        "attempt": max(message.attempts, 1),
        "repeat": message.attempts > 1,
    }
    if message.links:
        told["actions"] = [
            {"action": str(one.action), "ticket": one.ticket, "url": one.url}
            for one in message.links
        ]
    if notification is None:
        ticket = None if message.ticket_id is None else {"id": message.ticket_id}
        nothing = {"target": None, "due": None, "severity": None, "notice": None}
        return {**told, "ticket": ticket, **nothing, "total": 0, "members": []}
    return {
        **told,
        **_facts(notification),
        "notice": {k: v for k, v in to_document(notification).items() if k != "members"},
        "total": notification.total,
        "members": [{"event": str(m.event), **_facts(m)} for m in notification.members],
    }


def _facts(notification: Notification) -> dict[str, Any]:
    ticket = None
    if notification.ticket_id is not None:
        ticket = {
            "id": notification.ticket_id,
            "display_id": notification.display_id,
            "subject": notification.subject,
            "client": notification.client,
            "priority": notification.priority,
            "group": notification.group,
            "policy": notification.policy,
            "technician": notification.technician,
        }
    return {
        "ticket": ticket,
        "target": None if notification.target is None else str(notification.target),
        "due": None if notification.due is None else notification.due.isoformat(),
        "severity": str(notification.severity),
    }


def signature(key: bytes, message_id: str, at: datetime, content: bytes) -> dict[str, str]:
    """Return the headers of Standard Webhooks (standardwebhooks.com, version 1).

    Args:
        key: The bytes that both sides know.
        message_id: The same with every try, so that the receiver can tell a repeat.
        at: The moment of this try; the receiver refuses old ones.
        content: The body as it is sent, byte for byte.
    """
    # The key may hold any text, an identifier neither a dot nor what no header can carry.
    identifier = f"msg_{hashlib.sha256(message_id.encode()).hexdigest()[:32]}"
    timestamp = str(int(at.timestamp()))
    return {
        "webhook-id": identifier,
        "webhook-timestamp": timestamp,
        "webhook-signature": sign(key, identifier, timestamp, content),
    }
