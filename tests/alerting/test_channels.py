"""Apprise as a transport: what it really does, held to what the console relies on."""

import importlib
import json
import logging
from dataclasses import replace

import pytest

from sla_console.alerting.channels import build_channel
from sla_console.config.secrets import Secret
from sla_console.domain.alert import AlertEvent
from sla_console.domain.errors import UserError


def channel(receiver, path: str = "/hook", **query: str):
    parameters = "&".join(f"{k}={v}" for k, v in query.items())
    return build_channel("ops", Secret(f"json://{receiver.address}{path}?{parameters}"))


def test_a_webhook_is_told_in_plain_text(receiver, message) -> None:
    result = channel(receiver).send(message)
    assert result.accepted
    sent = json.loads(receiver.bodies[0])
    assert (sent["title"], sent["message"]) == ("BREACHED: T-77", "It was due.")
    assert receiver.headers[0]["X-SLA-Key"] == "breach:b1:ops"


def test_a_mail_arrives_as_text_with_our_key(mailbox, message) -> None:
    box, port = mailbox
    address = (
        f"mailto://127.0.0.1:{port}/?from=console@acme.example&to=noc@acme.example&mode=insecure"
    )
    nasty = replace(message, body="due <img src=x>\nsecond line")
    result = build_channel("mail", Secret(address)).send(nasty)
    assert result.accepted, result.error
    (mail,) = box.mails
    assert mail["Subject"] == "BREACHED: T-77"
    assert mail["X-SLA-Key"] == "breach:b1:ops"
    part = next(p for p in mail.walk() if p.get_content_type() == "text/plain")
    text = part.get_payload(decode=True).decode()
    assert "due <img src=x>" in text
    assert not any(p.get_content_type() == "text/html" for p in mail.walk()), "no live HTML"


@pytest.mark.parametrize(
    ("status", "permanent"), [(500, False), (503, False), (429, False), (401, True), (404, True)]
)
def test_a_refusal_is_told_apart_as_passing_or_final(receiver, message, status, permanent) -> None:
    receiver.answers = [status]
    result = channel(receiver).send(message)
    assert receiver.faults_fired == 1
    assert (result.accepted, result.permanent) == (False, permanent)
    assert str(status) in result.error


def test_a_redirect_is_not_followed_and_is_no_success(receiver, message) -> None:
    receiver.answers = [302]
    assert not channel(receiver).send(message).accepted
    assert receiver.faults_fired == 1
    assert receiver.bodies == []


@pytest.mark.parametrize("option", ["optional=yes", "retry=2&wait=0", "redirect=yes"])
@pytest.mark.parametrize("status", [500, 302])
def test_no_option_of_an_address_makes_a_failure_a_success(
    receiver, message, option, status
) -> None:
    receiver.answers = [status]
    name, _, value = option.partition("=")
    assert not channel(receiver, **{name: value}).send(message).accepted
    assert receiver.faults_fired == 1
    assert receiver.asked == 1, "tries are counted in the outbox and nowhere else"


@pytest.fixture
def pagers(receiver, monkeypatch):
    """PagerDuty and Opsgenie, with their fixed addresses led to the receiver."""
    opsgenie = importlib.import_module("apprise.plugins.opsgenie")
    pagerduty = importlib.import_module("apprise.plugins.pagerduty")
    here = f"http://{receiver.address}/"
    monkeypatch.setitem(pagerduty.PAGERDUTY_API_LOOKUP, pagerduty.PagerDutyRegion.US, here)
    monkeypatch.setitem(opsgenie.OPSGENIE_API_LOOKUP, opsgenie.OpsgenieRegion.US, here)
    receiver.reply = b'{"requestId": "r1", "result": "taken"}'
    return {
        "pagerduty": build_channel("pager", Secret(f"pagerduty://{'A1' * 16}@{'b2' * 16}")),
        "opsgenie": build_channel("pager", Secret(f"opsgenie://{'a1' * 4}-{'b2' * 16}/")),
    }


def recovery_of(message):
    return replace(
        message, key="recovery:b1:ops", event=AlertEvent.RECOVERY, title="Over: T-77", body="Over."
    )


def test_a_recovery_resolves_the_incident_of_its_breach(receiver, pagers, message) -> None:
    other = replace(message, key="breach:b2:ops")
    for one in (message, message, other, recovery_of(message)):
        assert pagers["pagerduty"].send(one).accepted
    sent = [json.loads(body) for body in receiver.bodies]
    assert [(each["event_action"], each["dedup_key"]) for each in sent] == [
        ("trigger", "breach:b1:ops"),
        ("trigger", "breach:b1:ops"),
        ("trigger", "breach:b2:ops"),
        ("resolve", "breach:b1:ops"),
    ]


def test_what_is_called_accepted_was_really_sent_to_opsgenie(receiver, pagers, message) -> None:
    for one in (message, recovery_of(message)):
        assert pagers["opsgenie"].send(one).accepted
    assert [json.loads(body)["alias"] for body in receiver.bodies] == [
        "breach:b1:ops",
        "recovery:b1:ops",
    ]


def test_an_unreachable_channel_fails_and_may_be_tried_again(receiver, message) -> None:
    gone = build_channel("ops", Secret("json://127.0.0.1:9/x"))
    result = gone.send(message)
    assert (result.accepted, result.permanent) == (False, False)


def test_every_event_can_be_sent(receiver, message) -> None:
    to = channel(receiver)
    assert all(to.send(replace(message, event=event)).accepted for event in AlertEvent)


@pytest.mark.parametrize(
    ("address", "complaint"),
    [
        ("carrier-pigeon://hunter2@coop", "carrier-pigeon:// is no service that Apprise knows"),
        ("hunter2", "no service that Apprise knows"),
        ("slack://hunter2", "cannot read this address"),
    ],
)
def test_an_unusable_address_is_refused_without_showing_it(address, complaint) -> None:
    with pytest.raises(UserError, match=complaint) as refusal:
        build_channel("chat", Secret(address))
    assert "alerts.channels.chat" in str(refusal.value)
    assert "hunter2" not in str(refusal.value)


def test_the_secret_part_of_an_address_shows_up_nowhere(receiver, message, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    receiver.answers = [401]
    to = channel(receiver, "/s3cr3t-path", **{"%2BAuthorization": "s3cr3t-token"})
    result = to.send(message)
    assert receiver.faults_fired == 1
    shown = f"{to!r} {to!s} {result!r} {caplog.text}"
    assert "s3cr3t" not in shown
