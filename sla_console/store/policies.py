"""SLA policies in the order in which they were written, each as one JSON document.

A breach keeps a copy of the policy it broke, in the same form.
"""

import json
from collections.abc import Sequence
from dataclasses import fields as fields_of
from functools import lru_cache
from typing import Any, Final

from sla_console.domain.sla.policy import EscalationRule, SLAPolicy
from sla_console.store.database import Database
from sla_console.store.timestamps import from_ms_or_none, to_ms_or_none

_FIELDS: Final = frozenset(field.name for field in fields_of(SLAPolicy))


class PolicyStore:
    """The policies as last read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, policies: Sequence[SLAPolicy]) -> None:
        """Make these all the policies there are, in this order."""
        async with self._database.transaction() as transaction:
            await transaction.run("DELETE FROM policy")
            await transaction.many(
                "INSERT INTO policy (position, id, document) VALUES (:position, :id, :document)",
                (
                    {"position": position, "id": policy.id, "document": encode(policy)}
                    for position, policy in enumerate(policies)
                ),
            )

    async def load(self) -> list[SLAPolicy]:
        """Return all policies in their order."""
        rows = await self._database.rows("SELECT document FROM policy ORDER BY position")
        return [decode(document) for (document,) in rows]


@lru_cache(maxsize=256)
def encode(policy: SLAPolicy) -> str:
    """Return a policy as JSON; thousands of breaches share a handful."""
    return json.dumps(
        {
            "id": policy.id,
            "name": policy.name,
            "priority_level": policy.priority_level,
            "response_time_minutes": policy.response_time_minutes,
            "resolution_time_hours": policy.resolution_time_hours,
            "business_hours_only": policy.business_hours_only,
            "escalation_rules": [
                {"after_minutes": rule.after_minutes, "channels": rule.channels}
                for rule in policy.escalation_rules
            ],
            "created_at": to_ms_or_none(policy.created_at),
            "updated_at": to_ms_or_none(policy.updated_at),
            "sla_name": policy.sla_name,
            "client": policy.client,
            "default": policy.default,
            "group": policy.group,
            "request_type": policy.request_type,
            "order": policy.order,
            "calendar": policy.calendar,
            "response_calendar": policy.response_calendar,
        },
        ensure_ascii=False,
    )


def decode(document: str) -> SLAPolicy:
    """Return the policy that ``encode`` wrote.

    A field that an older console did not write yet gets its default; one that a newer console
    wrote and this one does not know is left out, so that both can share a store.
    """
    fields: dict[str, Any] = json.loads(document)
    fields["escalation_rules"] = tuple(
        EscalationRule(rule["after_minutes"], tuple(rule["channels"]))
        for rule in fields["escalation_rules"]
    )
    fields["created_at"] = from_ms_or_none(fields["created_at"])
    fields["updated_at"] = from_ms_or_none(fields["updated_at"])
    return SLAPolicy(**{name: value for name, value in fields.items() if name in _FIELDS})
