"""What everything told about one promise, or one trouble of the console, has in common."""

import hashlib

from sla_console.domain.alerts.alert import OutboxMessage


def incident_key(message: OutboxMessage) -> str:
    """Return the key that warning, breach, escalation and recovery of one promise share.

    So do the beginning and the end of a trouble of the console. Paging services open one incident
    for it and close the same one. It is a hash, because a thread may hold any text while a key
    stands in headers and addresses and must be short. A message without a thread stands for itself.
    """
    return f"sla-{hashlib.sha256(message.incident.encode()).hexdigest()[:32]}"


def header_key(message: OutboxMessage) -> str:
    """Return the key of a message as any header can carry it.

    It holds the channel's name, which may be written in any alphabet.
    """
    key = message.key
    if key.isascii() and key.isprintable():
        return key
    return f"sha256-{hashlib.sha256(key.encode()).hexdigest()}"
