"""A policy as one JSON document: every field, and documents of other versions."""

import json
from dataclasses import fields

from sla_console.domain.sla.policy import EscalationRule, SLAPolicy
from sla_console.store.policies import decode, encode

FULL = SLAPolicy(
    id="p",
    name="Gold",
    priority_level="High",
    response_time_minutes=30,
    resolution_time_hours=4.5,
    business_hours_only=False,
    escalation_rules=(EscalationRule(15, ("lead",)),),
    sla_name="Gold",
    client="Acme",
    default=True,
    group="Network",
    request_type="Incident",
    order=3,
    calendar="office",
)


def test_every_field_survives() -> None:
    assert decode(encode(FULL)) == FULL
    assert set(json.loads(encode(FULL))) == {field.name for field in fields(SLAPolicy)}


def test_a_document_of_an_older_console_gets_the_defaults() -> None:
    old = json.loads(encode(FULL))
    for name in ("group", "request_type", "order", "calendar"):
        del old[name]
    found = decode(json.dumps(old))
    assert (found.group, found.request_type, found.order, found.calendar) == (None,) * 4
    assert found.client == "Acme"


def test_a_field_of_a_newer_console_is_left_out() -> None:
    newer = json.loads(encode(FULL)) | {"colour": "green"}
    assert decode(json.dumps(newer)) == FULL
