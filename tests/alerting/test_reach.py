"""Addresses that Apprise can read and that reach nobody are found before the night they should."""

import socket

import pytest
from aiosmtpd.controller import Controller

from sla_console.alerting.channels import ChannelSpec, build_channel
from sla_console.alerting.channels.heartbeat import Heartbeat
from sla_console.config.secrets import Secret
from sla_console.domain.errors import UserError
from tests.alerting.conftest import Mailbox

TWILIO = f"twilio://AC{'a' * 32}:{'b' * 32}@15551234567"
BOT = "tgram://123456789:hunter2_hijklmnop"
SLACK = "slack://xoxb-1234-1234-4ddbc191d40ee098cbaae6f3523ada2d"


def build(url: str, service: str = "apprise"):
    return build_channel(ChannelSpec("ops", service, Secret(url), allow_private=True))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mailto://u:hunter2@example.com?to=notanaddress", "no mail address to write to"),
        ("mailto://u:hunter2@example.com?to=noc@", "no mail address to write to"),
        ("mailto://u:hunter2@example.com/noc", "no mail address to write to"),
        ("mailto://u:hunter2@example.com?to=noc@x.example,hunter2", "that is no mail address"),
        ("mailto://u:hunter2@example.com?to=noc@x.example&cc=hunter2", "that is no mail address"),
        ("mailto://u:hunter2@example.com?to=noc@x..example", "no mail address"),
        (f"{BOT}/@", "found no chat"),
        (f"{BOT}/", "found no chat"),
        (BOT, "found no chat"),
        ("goalert://desk.example.com/hunter2", "which is a UUID"),
        ("goalert://desk.example.com/", "which is a UUID"),
        (TWILIO, "would text its own sender"),
        (f"{TWILIO}/15551234567", "would text its own sender"),
        (f"{TWILIO}/+1-555-123-4567", "would text its own sender"),
        (f"{TWILIO}/notanumber", "would text its own sender"),
        ("vonage://ApiKey12:ApiSecret12345678@15551234567", "would text its own sender"),
        ("signal://127.0.0.1:8080/15551234567", "would text its own sender"),
        (f"sinch://{'a' * 32}:{'b' * 32}@15551234567", "would text its own sender"),
        ("slack://T1JJ3T3L2/hunter2", "three tokens"),
        (f"{SLACK}/#", "a receiver without a name"),
        ("ntfy://ntfy.sh", "expected a topic"),
        ("ntfys://", "expected a topic"),
        ("ntfy://8.8.8.8/", "expected a topic"),
        ("bulksms://user:hunter2@", "no receiver that it can reach"),
        ("whatsapp://hunter2@1234567890/", "no receiver that it can reach"),
        ("sns://AHIAJGNT76XIMXDBIJYA/bu1dHSdO22pfaaVy/wmNsdjJFERND07GD/us-east-1",
         "no receiver that it can reach"),
        ("ncloud://user:hunter2@localhost", "no receiver that it can reach"),
        ("irc://irc.example.com/", "no channel and nobody to write to"),
        ("rsyslog://[2001:db8::1]/", "IPv6 address, which this service cannot use"),
        ("discord://{WebhookID}/{WebhookToken}", "found a placeholder"),
        ("discord://xxx/xxx", "found a placeholder"),
        ("discord://ops-hook/hunter2", "a webhook's id"),
        ("slack://{TokenA}/{TokenB}/{TokenC}", "found a placeholder"),
        ("ntfys://ntfy.sh/%7Btopic%7D", "found a placeholder"),
        ("mailto://user:$PASSWORD@example.com?to=noc@example.com", "found a placeholder"),
        ("mailto://user:hunter2@example.com?to=%7Bto%7D", "found a placeholder"),
        ("tgram://<bot_token>/<chat>", "found a placeholder"),
        ("gotify://8.8.8.8/YOUR_TOKEN", "found a placeholder"),
        ("opsgenie://xxxxxxxx", "found a placeholder"),
        ("pover://hunter2@token", "a user key"),
        ("json://8.8.8.8/?%2BX-Team=%E3%82%B9", "letters that no header can carry"),
    ],
)  # fmt: skip
def test_an_address_that_reaches_nobody_is_refused_in_one_sentence(url, said) -> None:
    with pytest.raises(UserError, match=r"^alerts\.channels\.ops: found ") as refusal:
        build(url)
    assert said in str(refusal.value)
    assert "hunter2" not in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "url",
    [
        "mailto://user:pass@example.com",
        "mailto://user:pass@example.com?to=noc@localhost",
        "mailto://user:$ecret@example.com?to=noc@example.com",
        "ntfys://ntfy.sh/my-topic",
        "mailtos://user:pass@mail.example.com?to=Ada<ada@example.com>",
        f"{BOT}/@ops",
        f"{BOT}/-1001234567890",
        "goalert://desk.example.com/3cc8ee31-90be-4e48-a6c1-3a1c8a2c4b5d",
        f"{TWILIO}/15557654321",
        f"{SLACK}/#general",
        SLACK,
        "ntfy://topic",
        "ntfys://ntfy.sh/alerts",
        f"zulip://bot@acme/{'a' * 32}/ops",
        "matrix://user:token@desk.example.com",
        "irc://irc.example.com/#ops",
        "syslog://",
        "json://[2001:db8::1]:8080/hook",
        "gotify://[2001:db8::1]/aaaaaaaaaaaaaaa",
    ],
)
def test_one_that_reaches_somebody_is_taken(url) -> None:
    assert build(url).name == "ops"


def test_nothing_is_sent_to_find_out(receiver) -> None:
    build(f"json://{receiver.address}/")
    build(f"ntfy://{receiver.address}/topic")
    assert receiver.connections == 0


@pytest.mark.parametrize("url", ["https://hooks.example/{token}", "https://hc-ping.com/..."])
def test_a_placeholder_in_an_address_of_ones_own_is_found_as_well(url) -> None:
    with pytest.raises(UserError, match="found a placeholder"):
        build(url, "webhook")
    with pytest.raises(UserError, match="found a placeholder"):
        Heartbeat(Secret(url))


@pytest.mark.parametrize(
    "url",
    [
        "mailto://[::1]:{port}/?from=a@b.example&to=c@d.example&mode=insecure",
        "mailto://mail.example?smtp=[::1]&port={port}&from=a@b.example&to=c@d.example&mode=insecure",
    ],
)
def test_mail_goes_to_a_server_that_is_named_by_its_ipv6_address(message, url) -> None:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6) as free:
            port = free.getsockname()[1]
    except OSError:
        pytest.skip("this machine has no IPv6")
    box = Mailbox()
    controller = Controller(box, hostname="::1", port=port)
    controller.start()
    try:
        assert build(url.format(port=port)).send(message).accepted
    finally:
        controller.stop()
    assert len(box.mails) == 1
