"""Channels from their settings: what is understood, what is refused, and what nobody ever sees."""

import logging
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sla_console.alerting.channels import ChannelSpec, build_channel
from sla_console.alerting.channels.address import is_private
from sla_console.alerting.channels.heartbeat import Heartbeat
from sla_console.alerting.channels.incident import incident_key
from sla_console.config.channels import ChannelSettings, HeartbeatSettings
from sla_console.config.secrets import Secret
from sla_console.domain.alerts.alert import AlertEvent, OutboxMessage
from sla_console.domain.errors import UserError

AT = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)

SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general"
PAGERDUTY = f"pagerduty://{'A1' * 16}@{'b2' * 16}"
OPSGENIE = f"opsgenie://{'a1' * 4}-{'b2' * 16}/"
GOALERT = "goalerts://desk.example.com/3cc8ee31-90be-4e48-a6c1-3a1c8a2c4b5d"
SMS = f"twilio://AC{'a' * 32}:{'b' * 32}@15551234567/15557654321"


def spec(url: str | None, **changes) -> ChannelSpec:
    plain = ChannelSpec("ops", "apprise", None if url is None else Secret(url))
    return replace(plain, **changes)


class TestAnUnusableAddress:
    @pytest.mark.parametrize(
        ("address", "complaint"),
        [
            ("carrier-pigeon://hunter2@coop", "found carrier-pigeon://"),
            ("hunter2", "found an address, expected the beginning of a service"),
            ("slack://hunter2", "found an address of slack:// that Apprise cannot read"),
            ("https://hunter2.example.com/x", 'set service = "webhook"'),
            ("json://8.8.8.8/hunter2?verify=no", "REQUESTS_CA_BUNDLE and SSL_CERT_FILE"),
            ("jsons://8.8.8.8/hunter2?verify=", "expected certificates to be checked"),
            ("jsons://8.8.8.8/hunter2?verify=2", "expected certificates to be checked"),
            ("jsons://8.8.8.8/hunter2?Verify=certainly", "expected certificates to be checked"),
            ("json://8.8.8.8/hunter2?redirect=yes", "found redirect=yes"),
            ("json://8.8.8.8/hunter2?Optional=True", "found optional=yes"),
            ("json://8.8.8.8/hunter2?tag=oncall", "found tag="),
            (f"{OPSGENIE}?action=close", "found another action= in the address, expected new"),
            (f"{GOALERT}?action=close", "found another action= in the address, expected map"),
            (f"{PAGERDUTY}?action=trigger", "found another action= in the address, expected map"),
            ("mailto://u:hunter2@x.com?to=a@b.com,c@d.com", "found 2 receivers"),
            ("mailto://u:hunter2@x.com?to=a@b.com&cc=c@d.com", "found 2 receivers"),
            (f"{SLACK}/#hunter2", "found 2 receivers"),
            ("ntfy://ntfy.sh/hunter2/other", "found 2 receivers"),
        ],
    )
    def test_is_refused_in_one_sentence_without_being_shown(self, address, complaint) -> None:
        with pytest.raises(UserError) as refusal:
            build_channel(spec(address))
        said = str(refusal.value)
        assert complaint in said
        assert said.startswith("alerts.channels.ops: found ")
        assert "expected" in said
        assert "hunter2" not in said

    @pytest.mark.parametrize("service", ["apprise", "webhook"])
    def test_may_also_be_one_that_is_not_there(self, service) -> None:
        with pytest.raises(UserError, match="found no address, expected one"):
            build_channel(spec(None, service=service))

    @pytest.mark.parametrize("option", ["verify=yes", "redirect=no", "optional=no", "retry=2"])
    def test_is_not_one_whose_options_change_nothing(self, option) -> None:
        assert build_channel(spec(f"json://8.8.8.8/?{option}")).name == "ops"

    def test_is_not_one_whose_service_has_tags_of_its_own(self) -> None:
        assert build_channel(spec(f"{OPSGENIE}?tags=sla")).name == "ops"


class TestOnesOwnNetwork:
    HOSTS = (
        "127.0.0.1", "localhost", "LOCALHOST.", "desk.localhost", "10.1.2.3", "192.168.0.9",
        "172.16.4.4", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::1", "[fe80::1]", "fd00::7",
        "::ffff:10.0.0.1", "127.1", "0x7f000001", "2130706433", "fe80::1%eth0",
    )  # fmt: skip

    @pytest.mark.parametrize("host", HOSTS)
    def test_is_known_by_what_is_written(self, host) -> None:
        assert is_private(host)

    @pytest.mark.parametrize(
        "host", ["8.8.8.8", "2606:4700::1111", "hooks.example.com", "", "10.ch"]
    )
    def test_is_not_the_public_one(self, host) -> None:
        assert not is_private(host)

    @given(st.text(max_size=40))
    def test_is_judged_for_any_text(self, host) -> None:
        assert is_private(host) in {True, False}

    @pytest.mark.parametrize(
        "address",
        [
            "json://127.0.0.1/x",
            "json://[::1]:8080/x",
            "form://localhost/x",
            "mailto://10.0.0.8?from=a@b.com&to=c@d.com",
            "mailto://u:p@x.com?to=a@b.com&smtp=192.168.1.1",
        ],
    )
    def test_is_reached_only_where_that_is_allowed(self, address) -> None:
        with pytest.raises(UserError, match="set allow_private = true"):
            build_channel(spec(address))
        assert build_channel(spec(address, allow_private=True)).name == "ops"

    def test_is_not_looked_for_in_a_token_that_stands_in_the_hosts_place(self) -> None:
        address = "tgram://2130706433:abcdefg_hijklmnopqrstuvwxyz012345678/12315544/"
        assert build_channel(spec(address)).name == "ops"


class TestLimitsAndPace:
    @pytest.mark.parametrize(
        ("address", "whole", "short", "pace"),
        [
            (SMS, 160, True, 0.2),
            (PAGERDUTY, 1024, True, 0.5),
            ("tgram://123456789:abcdefg_hijklmnop/12315544/", 4096, False, 1.0),
        ],
    )
    def test_title_and_body_together_fit_where_a_service_has_no_title(
        self, address, whole, short, pace
    ) -> None:
        channel = build_channel(spec(address))
        assert channel.limits.title > 0
        assert whole - 40 <= channel.limits.title + channel.limits.body < whole
        assert (channel.limits.short, channel.pace_seconds) == (short, pace)

    @pytest.mark.parametrize(
        ("address", "body", "pace"),
        [
            (SLACK, 35_000, 1.0),
            (OPSGENIE, 15_000, 1.0),
            ("json://8.8.8.8/", 32_768, 0.0),
            ("mailto://u:p@x.com?to=a@b.com", 32_768, 1.0),
        ],
    )
    def test_else_each_has_its_own(self, address, body, pace) -> None:
        channel = build_channel(spec(address))
        assert (channel.limits.title, channel.limits.body) == (250, body)
        assert (channel.limits.short, channel.pace_seconds) == (False, pace)

    @pytest.mark.parametrize("service", ["apprise", "webhook", "terminal"])
    def test_what_the_settings_say_wins(self, service) -> None:
        url = {"apprise": SMS, "webhook": "https://8.8.8.8/", "terminal": None}[service]
        channel = build_channel(spec(url, service=service, pace_seconds=7.5, short=True))
        assert (channel.pace_seconds, channel.limits.short) == (7.5, True)
        assert build_channel(spec(url, service=service, short=False)).limits.short is False


class TestTheTerminal:
    def test_takes_every_message_at_once(self, message) -> None:
        terminal = build_channel(spec(None, service="terminal"))
        assert terminal.send(message).accepted
        assert (terminal.signals, terminal.pace_seconds) == (("bell", "title"), 0.0)

    def test_calls_as_it_is_told(self) -> None:
        told = build_channel(spec(None, service="terminal", signals=("osc9",)))
        assert told.signals == ("osc9",)

    def test_knows_no_other_signals(self) -> None:
        with pytest.raises(UserError, match=r"signals: found 'siren', expected any of bell"):
            build_channel(spec(None, service="terminal", signals=("siren",)))


class TestTheIncident:
    def test_is_the_same_for_all_that_is_told_of_one_promise(self, message) -> None:
        told = [
            replace(message, key=f"{event}:b1:ops", event=event, thread="77:RESPONSE")
            for event in AlertEvent
        ]
        assert len({incident_key(each) for each in told}) == 1

    def test_is_another_for_another_promise(self, message) -> None:
        keys = {incident_key(replace(message, thread=f"77:{t}")) for t in ("RESPONSE", "X")}
        assert len(keys) == 2

    def test_is_the_message_itself_where_there_is_no_thread(self, message) -> None:
        keys = {incident_key(replace(message, key=key)) for key in ("a", "b")}
        assert len(keys) == 2

    @given(st.text(max_size=300))
    def test_fits_a_header_and_an_address_whatever_the_thread(self, thread) -> None:
        message = OutboxMessage("k", "ops", AlertEvent.BREACH, "t", "b", "1", AT, thread=thread)
        key = incident_key(message)
        assert key.replace("-", "").isalnum()
        assert key.isascii()
        assert len(key) <= 64


class TestSettings:
    def test_become_the_description_of_a_channel(self) -> None:
        settings = ChannelSettings.model_validate(
            {
                "service": "webhook",
                "url_env": "HOOK",
                "pace_seconds": 0.5,
                "allow_private": True,
                "short": False,
                "signing": {"key_env": "KEY"},
            }
        )
        pieces = settings.pieces("ops", {"HOOK": "https://8.8.8.8/x", "KEY": "k" * 32})
        described = ChannelSpec(**pieces._asdict())
        assert described == ChannelSpec(
            name="ops",
            service="webhook",
            url=Secret("https://8.8.8.8/x"),
            signing_key=Secret("k" * 32),
            pace_seconds=0.5,
            allow_private=True,
            signals=(),
            short=False,
        )
        assert build_channel(described).name == "ops"

    def test_of_a_terminal_need_no_address(self) -> None:
        settings = ChannelSettings.model_validate({"service": "terminal", "signals": ["osc9"]})
        assert not settings.lacks_address
        assert settings.pieces("here").signals == ("osc9",)

    @pytest.mark.parametrize("service", ["apprise", "webhook"])
    def test_of_the_others_need_one(self, service) -> None:
        assert ChannelSettings.model_validate({"service": service}).lacks_address

    @pytest.mark.parametrize(
        ("written", "complaint"),
        [
            ({"signing": {"key_env": "K"}}, "a signing key although service is 'apprise'"),
            ({"service": "terminal", "url_env": "U"}, "url_env although service is 'terminal'"),
            ({"url_env": "U", "url_command": "c"}, "both url_env and url_command"),
            ({"signing": {"key_env": "K", "key_file": "/k"}}, "both key_env and key_file"),
            ({"service": "pigeon"}, "service"),
            ({"signals": ["siren"]}, "signals"),
            ({"pace_seconds": -1.0}, "pace_seconds"),
        ],
    )
    def test_that_contradict_themselves_are_refused(self, written, complaint) -> None:
        with pytest.raises(ValidationError) as refusal:
            ChannelSettings.model_validate(written)
        assert complaint in str(refusal.value)

    def test_hold_a_sign_of_life(self) -> None:
        settings = HeartbeatSettings.model_validate({"url": "https://hc.example.com/uuid"})
        assert (settings.every_seconds, settings.allow_private) == (60, False)
        assert settings.source("heartbeat").read() == Secret("https://hc.example.com/uuid")
        for seconds in (9, 3601):
            with pytest.raises(ValidationError):
                HeartbeatSettings.model_validate({"every_seconds": seconds})


class TestNoSecretShowsUp:
    """Everything secret in these tests holds the word s3cr3t."""

    def test_in_a_log_a_result_or_a_description_of_apprise(self, receiver, message, caplog) -> None:
        caplog.set_level(logging.DEBUG)
        address = (
            f"json://s3cr3t-user:s3cr3t-pass@{receiver.address}/s3cr3t-path"
            f"?%2BAuthorization=s3cr3t-header&-token=s3cr3t-query&:extra=s3cr3t-payload"
        )
        described = spec(address, allow_private=True)
        channel = build_channel(described)
        shown = [repr(described), repr(channel), str(channel)]
        for status, fault in ((200, ""), (401, ""), (500, ""), (302, ""), (200, "reset")):
            receiver.order(status, body=b"s3cr3t-reply", fault=fault)
            shown.append(repr(channel.send(message)))
        assert receiver.asked == 5
        assert receiver.faults_fired == 4
        receiver.close()
        shown.append(repr(channel.send(message)))
        assert "refuses the connection" in shown[-1]
        assert "s3cr3t" not in " ".join(shown) + caplog.text

    def test_nor_of_a_webhook(self, receiver, message, caplog) -> None:
        caplog.set_level(logging.DEBUG)
        address = f"http://s3cr3t-user:s3cr3t-pass@{receiver.address}/s3cr3t-path?q=s3cr3t-query"
        described = spec(
            address,
            service="webhook",
            signing_key=Secret("s3cr3t-signing-key-of-many-bytes"),
            allow_private=True,
        )
        channel = build_channel(described)
        shown = [repr(described), repr(channel), str(channel)]
        for status, fault in ((200, ""), (401, ""), (302, ""), (200, "reset")):
            receiver.order(status, body=b'{"error": "s3cr3t-reply"}', fault=fault)
            shown.append(repr(channel.send(message)))
        assert receiver.asked == 4
        assert receiver.faults_fired == 3
        receiver.close()
        shown.append(repr(channel.send(message)))
        assert "refuses the connection" in shown[-1]
        assert "s3cr3t" not in " ".join(shown) + caplog.text
        channel.close()

    async def test_nor_of_a_heartbeat(self, receiver, caplog) -> None:
        caplog.set_level(logging.DEBUG)
        heartbeat = Heartbeat(
            Secret(f"http://{receiver.address}/s3cr3t-path?q=s3cr3t"), allow_private=True
        )
        receiver.answers = [200, 404]
        shown = [repr(heartbeat), repr(await heartbeat.beat()), repr(await heartbeat.fail("x"))]
        assert receiver.faults_fired == 1
        assert "s3cr3t" not in " ".join(shown) + caplog.text

    def test_nor_of_a_mail(self, mailbox, message, caplog) -> None:
        caplog.set_level(logging.DEBUG)
        caplog.set_level(logging.CRITICAL, "mail.log")  # the receiver's own
        box, port = mailbox
        box.at_data = "550 no"
        address = (
            f"mailto://127.0.0.1:{port}/?from=console@acme.example&to=s3cr3t@acme.example"
            f"&mode=insecure&name=s3cr3t"
        )
        channel = build_channel(spec(address, allow_private=True))
        result = channel.send(message)
        assert box.faults_fired == 1
        assert "s3cr3t" not in f"{result!r} {channel!r} {caplog.text}"

    @pytest.mark.parametrize("service", ["apprise", "webhook"])
    @pytest.mark.parametrize(
        "address",
        ["s3cr3t", "json://[s3cr3t", "https://", "ftp://s3cr3t@8.8.8.8", "http://8.8.8.8/s3cr3t",
         "https://10.0.0.1/s3cr3t", "json://10.0.0.1/s3cr3t", "https://\ns3cr3t", "jsons://s3cr3t:x:y/"],
    )  # fmt: skip
    def test_nor_when_it_is_refused(self, service, address, caplog) -> None:
        caplog.set_level(logging.DEBUG)
        with pytest.raises(UserError) as refusal:
            build_channel(spec(address, service=service))
        assert "s3cr3t" not in f"{refusal.value}{refusal.value.__cause__!r} {caplog.text}"
