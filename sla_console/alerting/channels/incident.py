"""The key that everything told about one promise has in common."""

import hashlib

from sla_console.domain.alert import OutboxMessage


def incident_key(message: OutboxMessage) -> str:
    """Return the key that warning, breach, escalation and recovery of one promise share.

    Paging services open one incident for it and close the same one. It is a hash, because a thread
    may hold any text while a key stands in headers and addresses and must be short. A message
    without a thread stands for itself.
    """
    source = message.thread or message.key
    return f"sla-{hashlib.sha256(source.encode()).hexdigest()[:32]}"
