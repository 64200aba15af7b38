"""Apprise as a transport: what it really does, held to what the console relies on."""

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
