"""Links that cannot be made up, turned into others, or carried elsewhere."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sla_console.alerting.action_links import ActionLinks, claim_of
from sla_console.domain.alerts.action_link import LinkAction
from sla_console.domain.alerts.alert import AlertEvent, OutboxMessage
from sla_console.domain.alerts.notification import Notification
from sla_console.domain.people.directory import Directory, Person

NOW = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)
ADA = Directory({"Ada": Person("Ada", ("ops",))}, {})
MESSAGE = OutboxMessage(
    key="breach:b1:ops",
    channel="ops",
    event=AlertEvent.BREACH,
    title="",
    body="",
    ticket_id="77",
    created_at=NOW,
    notification=Notification(AlertEvent.BREACH, NOW, "77", "T-77", breach_id="b1"),
    number=300,
)


def made(key: bytes = bytes(32), directory: Directory = ADA, most: int = 3) -> ActionLinks:
    links = ActionLinks(key, "https://sla.example/", timedelta(hours=4), directory, most)
    links.heard = True
    return links


def token_of(links: ActionLinks, action: LinkAction, message: OutboxMessage = MESSAGE) -> str:
    (link,) = [one for one in links.of(message, NOW) if one.action is action]
    return link.url.rpartition("/")[2]


def breach_by(token: str, links: ActionLinks, message: OutboxMessage = MESSAGE) -> str | None:
    claim = claim_of(token)
    return links.breach_of(message, claim) if claim else None


def test_a_link_says_what_it_is_for_and_until_when() -> None:
    links = made()
    claim = claim_of(token_of(links, LinkAction.SNOOZE))
    assert claim is not None
    assert (claim.action, claim.number, claim.expires) == (
        LinkAction.SNOOZE, 300, NOW + timedelta(hours=4),
    )  # fmt: skip
    assert links.breach_of(MESSAGE, claim) == "b1"


def test_the_page_makes_the_same_token_for_its_buttons() -> None:
    links = made()
    claim = claim_of(token_of(links, LinkAction.CHOOSE))
    assert claim is not None
    other = links.other(MESSAGE, claim, LinkAction.ACKNOWLEDGE)
    assert other == token_of(links, LinkAction.ACKNOWLEDGE)
    forged = replace(claim, code=bytes(12))
    assert links.other(MESSAGE, forged, LinkAction.ACKNOWLEDGE) is None


def test_no_bit_of_it_can_be_changed() -> None:
    links = made()
    raw = base64.urlsafe_b64decode(token_of(links, LinkAction.ACKNOWLEDGE))
    for place in range(8 * len(raw)):
        changed = bytearray(raw)
        changed[place // 8] ^= 1 << place % 8
        assert breach_by(base64.urlsafe_b64encode(changed).decode(), links) is None, place


@pytest.mark.parametrize(
    "changes",
    [
        {"key": "breach:b1:other"},
        {"channel": "other"},
        {"notification": replace(MESSAGE.notification, breach_id="b2")},
        {"notification": None},
        {"notification": replace(MESSAGE.notification, event=AlertEvent.RECOVERY)},
    ],
    ids=["key", "channel", "breach", "nothing", "event"],
)
def test_it_is_bound_to_its_message(changes) -> None:
    links = made()
    token = token_of(links, LinkAction.ACKNOWLEDGE)
    assert breach_by(token, links, replace(MESSAGE, **changes)) is None


def test_it_is_bound_to_the_key_and_to_whose_channel_it_is() -> None:
    token = token_of(made(), LinkAction.ACKNOWLEDGE)
    two = {name: Person(name, ("ops",)) for name in ("Ada", "Bob")}
    assert breach_by(token, made()) == "b1"
    assert breach_by(token, made(bytes([1] * 32))) is None
    assert breach_by(token, made(directory=Directory(two, {}))) is None


def test_a_digest_has_links_for_its_first_things_that_can_be_taken() -> None:
    kinds = (AlertEvent.WARNING, AlertEvent.BREACH, AlertEvent.RECOVERY, AlertEvent.ESCALATION)
    members = tuple(
        Notification(kind, NOW, str(place), f"T-{place}", breach_id=f"b{place}")
        for place, kind in enumerate(kinds * 2)
    )
    told = Notification(AlertEvent.DIGEST, NOW, members=members, total=8)
    found = made(most=3).of(replace(MESSAGE, notification=told), NOW)
    assert list(dict.fromkeys(one.ticket for one in found)) == ["T-1", "T-3", "T-5"]
    assert made(most=0).of(replace(MESSAGE, notification=told), NOW) == ()


def test_its_address_shows_itself_in_no_log() -> None:
    assert "https" not in repr(made().of(MESSAGE, NOW))
    assert "https" not in repr(replace(MESSAGE, links=made().of(MESSAGE, NOW)))


@settings(max_examples=60, derandomize=True)
@given(st.text(max_size=60) | st.binary(min_size=27, max_size=27).map(
    lambda raw: base64.urlsafe_b64encode(raw).decode()
))  # fmt: skip
def test_whatever_is_claimed_is_answered_and_proves_nothing(token) -> None:
    assert breach_by(token, made()) is None
