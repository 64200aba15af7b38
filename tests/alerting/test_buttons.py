"""Buttons of ntfy, Slack and Teams: what Apprise would send, with the links of the message in it."""

import json
from dataclasses import replace

import pytest

from sla_console.alerting.channels import ChannelSpec, build_channel
from sla_console.alerting.channels.buttons import buttons
from sla_console.config.secrets import Secret
from sla_console.domain.alerts.action_link import ActionLink, LinkAction

LINKS = tuple(
    ActionLink(action, "b1", "T-77", f"https://sla.example/a/{action}") for action in LinkAction
)
MORE = tuple(
    ActionLink(action, f"b{number}", f"T-{number}", f"https://sla.example/a/{number}{action}")
    for number in range(4)
    for action in LinkAction
)


def port_of(receiver) -> int:
    return receiver.server.server_address[1]


def rewritten(service: str, document: object, links=LINKS, headers=None):
    rewrite = buttons(service, links)
    assert rewrite is not None
    return json.loads(rewrite(headers or {}, json.dumps(document).encode()))


def test_ntfy_does_it_at_once_by_a_post() -> None:
    found = rewritten("NotifyNtfy", {"topic": "ops", "message": "x"})
    assert found["actions"] == [
        {
            "action": "http",
            "label": label,
            "url": f"https://sla.example/a/{action}",
            "method": "POST",
            "clear": True,
        }
        for label, action in (("Acknowledge", "acknowledge"), ("Snooze", "snooze"))
    ]


def test_ntfy_shows_three_and_names_the_tickets_of_a_digest() -> None:
    found = rewritten("NotifyNtfy", {"topic": "ops"}, MORE)
    assert [one["label"] for one in found["actions"]] == [
        "Acknowledge T-0",
        "Acknowledge T-1",
        "Acknowledge T-2",
    ]


def test_actions_of_ones_own_stay() -> None:
    found = rewritten("NotifyNtfy", {"topic": "ops"}, headers={"X-Actions": "view, Desk, x"})
    assert "actions" not in found


def test_slack_opens_the_page_whichever_kind_its_message_is() -> None:
    old = rewritten("NotifySlack", {"attachments": [{"text": "x"}]})
    assert old["attachments"][0]["actions"][1] == {
        "type": "button",
        "text": "Snooze",
        "url": "https://sla.example/a/snooze",
    }
    new = rewritten("NotifySlack", {"attachments": [{"blocks": []}]})
    (block,) = new["attachments"][0]["blocks"]
    assert block["type"] == "actions"
    assert block["elements"][0]["url"] == "https://sla.example/a/acknowledge"


def test_teams_opens_the_page() -> None:
    card = {"type": "AdaptiveCard", "body": []}
    found = rewritten("NotifyWorkflows", {"attachments": [{"content": card}]})
    assert found["attachments"][0]["content"]["actions"] == [
        {"type": "Action.OpenUrl", "title": "Acknowledge", "url": LINKS[1].url},
        {"type": "Action.OpenUrl", "title": "Snooze", "url": LINKS[2].url},
    ]


@pytest.mark.parametrize("service", ["NotifyNtfy", "NotifySlack", "NotifyWorkflows"])
@pytest.mark.parametrize("body", [b"", b"no JSON", b"[]", b"{}", b"null", b"\xff"])
def test_a_body_of_another_kind_stays_as_it_is(service, body) -> None:
    rewrite = buttons(service, LINKS)
    assert rewrite is not None
    if service != "NotifyNtfy" or body != b"{}":
        assert rewrite({}, body) == body


def test_other_services_and_messages_without_links_have_none() -> None:
    assert buttons("NotifyEmail", LINKS) is None
    assert buttons("NotifyNtfy", ()) is None
    assert buttons("NotifyNtfy", LINKS[:1]) is None


def test_they_go_out_over_http_and_only_with_their_own_message(receiver, message) -> None:
    spec = ChannelSpec("phone", "apprise", Secret(f"ntfy://127.0.0.1:{port_of(receiver)}/ops"),
                       allow_private=True)  # fmt: skip
    channel = build_channel(spec)
    assert channel.send(replace(message, links=LINKS)).accepted
    assert channel.send(message).accepted
    first, second = (json.loads(body) for body in receiver.bodies)
    assert [one["label"] for one in first["actions"]] == ["Acknowledge", "Snooze"]
    assert "actions" not in second


def test_a_webhook_of_ones_own_gets_them_as_data(receiver, message) -> None:
    url = Secret(f"http://127.0.0.1:{port_of(receiver)}/")
    channel = build_channel(ChannelSpec("own", "webhook", url, allow_private=True))
    assert channel.send(replace(message, links=LINKS)).accepted
    (body,) = receiver.bodies
    assert json.loads(body)["actions"][1] == {
        "action": "acknowledge",
        "ticket": "T-77",
        "url": "https://sla.example/a/acknowledge",
    }
