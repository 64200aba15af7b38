"""A webhook of one's own, over real connections: what it is told, and what its answers mean."""

import base64
import hashlib
import hmac
import json
import shutil
import ssl
import subprocess
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from sla_console.alerting.channels import ChannelSpec, build_channel
from sla_console.alerting.channels.exchange import PostConnection, Timeouts
from sla_console.alerting.channels.incident import incident_key
from sla_console.alerting.channels.webhook import WebhookChannel
from sla_console.config.secrets import Secret
from sla_console.domain.alerts.alert import AlertEvent
from sla_console.domain.alerts.notification import Notification
from sla_console.domain.errors import UserError
from sla_console.domain.forecast.risk import RiskLevel
from sla_console.domain.sla.breach import BreachType
from sla_console.http.standard_webhooks import sign

NOW = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)
KEY = "a signing key of thirty bytes."
RANDOM = base64.b64encode(b"k" * 31 + b"\xff").decode()
"""What ``openssl rand -base64 32`` prints, line end apart."""
SHORT = Timeouts(connect=2.0, read=0.15, total=0.3)
KEYS = {
    "schema_version", "key", "thread", "event", "title", "body", "sent_at", "attempt", "repeat",
    "ticket", "target", "due", "severity", "notice", "total", "members",
}  # fmt: skip


def spec(receiver, **changes) -> ChannelSpec:
    url = Secret(f"http://{receiver.address}/hook?from=console")
    return replace(ChannelSpec("ops", "webhook", url, allow_private=True), **changes)


@pytest.fixture
def hook(receiver):
    hook = build_channel(spec(receiver), now=lambda: NOW)
    yield hook
    hook.close()


@pytest.fixture
def notification() -> Notification:
    return Notification(
        event=AlertEvent.BREACH,
        at=NOW,
        ticket_id="77",
        display_id="T-77",
        subject="Printer down",
        client="Harbour Dental",
        priority="High",
        target=BreachType.RESPONSE,
        due=NOW - timedelta(minutes=12),
        severity=RiskLevel.CRITICAL,
        step="2 of 3",
    )


class TestWhatIsTold:
    def test_is_all_that_is_known_under_the_documented_keys(
        self, hook, receiver, message, notification
    ) -> None:
        assert hook.send(replace(message, notification=notification, attempts=1)).accepted
        told = json.loads(receiver.bodies[0])
        assert set(told) == KEYS
        assert told["ticket"] == {
            "id": "77",
            "display_id": "T-77",
            "subject": "Printer down",
            "client": "Harbour Dental",
            "priority": "High",
            "group": None,
            "policy": None,
            "technician": None,
        }
        assert (told["schema_version"], told["event"], told["key"]) == (
            1,
            "breach",
            "breach:b1:ops",
        )
        assert (told["title"], told["body"]) == ("BREACHED: T-77", "It was due.")
        assert (told["target"], told["severity"]) == ("RESPONSE", "CRITICAL")
        assert datetime.fromisoformat(told["due"]) == notification.due
        assert datetime.fromisoformat(told["sent_at"]) == NOW
        assert (told["attempt"], told["repeat"]) == (1, False)
        assert told["notice"]["step"] == "2 of 3"
        assert told["thread"] == incident_key(message)

    def test_has_the_same_keys_where_nothing_is_known(self, hook, receiver, message) -> None:
        assert hook.send(message).accepted
        told = json.loads(receiver.bodies[0])
        assert set(told) == KEYS
        assert told["ticket"] == {"id": "77"}
        assert (told["target"], told["due"], told["severity"]) == (None, None, None)
        assert hook.send(replace(message, ticket_id=None)).accepted
        assert json.loads(receiver.bodies[1])["ticket"] is None

    def test_of_a_digest_names_its_members(self, hook, receiver, message, notification) -> None:
        digest = Notification(
            AlertEvent.DIGEST,
            NOW,
            headline="many",
            members=(notification, replace(notification, ticket_id="78")),
            total=1000,
        )
        assert hook.send(replace(message, event=AlertEvent.DIGEST, notification=digest)).accepted
        told = json.loads(receiver.bodies[0])
        assert [member["ticket"]["id"] for member in told["members"]] == ["77", "78"]
        assert {member["event"] for member in told["members"]} == {"breach"}
        assert (told["total"], told["ticket"]) == (1000, None)

    def test_says_that_it_may_be_a_repeat_under_the_same_key(self, hook, receiver, message) -> None:
        for attempt in (1, 2):
            assert hook.send(replace(message, attempts=attempt)).accepted
        told = [json.loads(body) for body in receiver.bodies]
        assert [(each["attempt"], each["repeat"]) for each in told] == [(1, False), (2, True)]
        for name in ("Idempotency-Key", "X-SLA-Key"):
            assert [headers[name] for headers in receiver.headers] == ["breach:b1:ops"] * 2

    def test_keeps_every_letter(self, hook, receiver, message) -> None:
        odd = replace(message, key="k:\N{SNOWMAN}\n", title="Zahnärzte \N{SNOWMAN}", body='"\n\\')
        assert hook.send(odd).accepted
        told = json.loads(receiver.bodies[0])
        assert (told["title"], told["body"], told["key"]) == (odd.title, odd.body, odd.key)
        digest = hashlib.sha256(odd.key.encode()).hexdigest()
        assert receiver.headers[0]["Idempotency-Key"] == f"sha256-{digest}"

    def test_goes_to_the_address_as_it_is_written(self, hook, receiver, message) -> None:
        assert hook.send(message).accepted
        ((method, path, _),) = receiver.requests
        assert (method, path) == ("POST", "/hook?from=console")
        assert receiver.headers[0]["Content-Type"] == "application/json"

    def test_goes_over_one_connection(self, hook, receiver, message) -> None:
        receiver.keep_connections()
        receiver.answers = [200, 500, 200]
        assert [hook.send(message).accepted for _ in range(3)] == [True, False, True]
        assert (receiver.asked, receiver.faults_fired, receiver.connections) == (3, 1, 1)


class TestSignature:
    """Standard Webhooks: HMAC-SHA256 of ``id.timestamp.body``."""

    def of(self, key: bytes, headers, body: bytes) -> str:
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()

    @pytest.mark.parametrize(
        ("written", "key"),
        [
            (KEY, KEY.encode()),
            (f"whsec_{RANDOM}", b"k" * 31 + b"\xff"),
            (RANDOM, b"k" * 31 + b"\xff"),
            (f"\n{RANDOM}\n", b"k" * 31 + b"\xff"),
            (f"whsec_{RANDOM}\n", b"k" * 31 + b"\xff"),
            (f"{RANDOM[:20]}\n{RANDOM[20:]}", b"k" * 31 + b"\xff"),
        ],
    )
    def test_holds_for_the_body_as_it_is_sent(self, receiver, message, written, key) -> None:
        """A key is base64 to the libraries of the standard, with whsec_ before it or without."""
        hook = build_channel(spec(receiver, signing_key=Secret(written)), now=lambda: NOW)
        assert hook.send(replace(message, body="\N{SNOWMAN}")).accepted
        headers = {name.lower(): value for name, value in receiver.headers[0].items()}
        assert headers["webhook-signature"] == self.of(key, headers, receiver.bodies[0])
        assert headers["webhook-signature"] != self.of(key, headers, receiver.bodies[0] + b" ")
        assert int(headers["webhook-timestamp"]) == NOW.timestamp()
        hook.close()

    def test_names_the_same_message_with_every_try_and_another_moment(
        self, receiver, message
    ) -> None:
        moment = [NOW]
        hook = build_channel(spec(receiver, signing_key=Secret(KEY)), now=lambda: moment[0])
        for key, minutes in (("breach:b1:ops", 0), ("breach:b1:ops", 1), ("breach:b2:ops", 0)):
            moment[0] = NOW + timedelta(minutes=minutes)
            assert hook.send(replace(message, key=key)).accepted
        headers = [{k.lower(): v for k, v in each.items()} for each in receiver.headers]
        first, again, other = [each["webhook-id"] for each in headers]
        assert first == again != other
        assert "." not in first
        assert len({each["webhook-timestamp"] for each in headers}) == 2
        hook.close()

    def test_matches_the_example_of_the_standard(self) -> None:
        """The one that the standard's own libraries are tested with."""
        key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        signed = sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}')
        assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

    def test_is_not_there_without_a_key(self, hook, receiver, message) -> None:
        assert hook.send(message).accepted
        assert not [name for name in receiver.headers[0] if name.lower().startswith("webhook")]

    @pytest.mark.parametrize(
        ("key", "complaint"),
        [
            ("short-s3cr3t", "a key of 12 bytes"),
            ("whsec_!s3cr3t!", "no base64 after it"),
            ("s3cr3ts3cr3ts3cr3ts3cr3t", "a key of 18 bytes"),
        ],
    )
    def test_needs_a_key_that_is_one(self, receiver, key, complaint) -> None:
        with pytest.raises(UserError, match=complaint) as refusal:
            build_channel(spec(receiver, signing_key=Secret(key)))
        assert str(refusal.value).startswith("alerts.channels.ops.signing: found ")
        assert "s3cr3t" not in str(refusal.value)


class TestWhatAnAnswerMeans:
    """What a webhook answers: what is no acceptance, and the empty 2xx that is one."""

    @pytest.mark.parametrize("status", [200, 201, 202, 204])
    def test_an_empty_success_is_one(self, hook, receiver, message, status) -> None:
        receiver.answers = [status]
        assert hook.send(message).accepted
        assert receiver.asked == 1

    @pytest.mark.parametrize(
        "body",
        [b"ok", b'{"ok": true}', b'{"success": true, "error": null, "errors": []}', b'["error"]',
         b"<html>error</html>", b'{"error": ""}', b'"error"', b"\xff\xfe", b"[" * 60_000],
    )  # fmt: skip
    def test_so_is_one_that_says_nothing_against_it(self, hook, receiver, message, body) -> None:
        receiver.reply = body
        assert hook.send(message).accepted
        assert receiver.asked == 1

    @pytest.mark.parametrize(
        ("body", "words"),
        [
            (b'{"ok": false}', '"ok": false'),
            (b'{"success": false, "x": 1}', '"success": false'),
            (b'{"error": "quota"}', 'there is an "error"'),
            (b'{"ok": true, "errors": [{"code": 7}]}', 'there is an "errors"'),
        ],
    )
    def test_a_success_that_says_otherwise_is_a_failure_to_be_tried_again(
        self, hook, receiver, message, body, words
    ) -> None:
        receiver.reply = body
        result = hook.send(message)
        assert receiver.asked == 1
        assert (result.accepted, result.permanent, result.unknown) == (False, False, False)
        assert result.error == f"the channel answered with HTTP 200, but its reply says {words}"

    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    def test_a_redirect_is_final_and_not_followed(self, hook, receiver, message, status) -> None:
        receiver.answers = [status]
        result = hook.send(message)
        assert receiver.faults_fired == 1
        assert (result.accepted, result.permanent, result.broken) == (False, True, True)
        assert "give its final address" in result.error
        assert len(receiver.requests) == 1

    @pytest.mark.parametrize(
        ("status", "permanent", "broken"),
        [
            (408, False, False), (425, False, False), (429, False, False), (500, False, False),
            (503, False, False), (599, False, False), (400, True, False), (413, True, False),
            (422, True, False), (401, True, True), (403, True, True), (404, True, True),
            (410, True, True),
        ],
    )  # fmt: skip
    def test_a_refusal_is_told_apart_as_passing_or_final(
        self, hook, receiver, message, status, permanent, broken
    ) -> None:
        receiver.answers = [status]
        result = hook.send(message)
        assert receiver.faults_fired == 1
        assert (result.accepted, result.permanent, result.broken) == (False, permanent, broken)
        assert result.error == f"the channel answered with HTTP {status}"

    @pytest.mark.parametrize(
        ("header", "seconds"),
        [
            ("3", 3.0),
            (" 120 ", 120.0),
            (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0),
            (format_datetime(NOW - timedelta(seconds=90), usegmt=True), 0.0),
            ("999999999", 999_999_999.0),
            ("-3", None),
            ("soon", None),
            ("9" * 40, None),
            ("Mon, 99 Foo 2026", None),
            ("", None),
        ],
    )
    @pytest.mark.parametrize("status", [429, 503])
    def test_the_wait_it_asks_for_is_passed_on(
        self, hook, receiver, message, status, header, seconds
    ) -> None:
        receiver.order(status, {"Retry-After": header})
        result = hook.send(message)
        assert receiver.faults_fired == 1
        assert result.retry_after_seconds == seconds

    def test_but_not_where_waiting_cannot_help(self, hook, receiver, message) -> None:
        receiver.order(404, {"Retry-After": "3"})
        assert hook.send(message).retry_after_seconds is None
        assert receiver.faults_fired == 1

    def test_a_reply_without_end_is_not_read_to_its_end(self, receiver, message) -> None:
        given = 0

        def endless():
            nonlocal given
            while given < 10_000_000:
                given += 10_000
                yield b" " * 10_000

        transport = httpx.MockTransport(lambda _: httpx.Response(200, content=endless()))
        assert WebhookChannel(spec(receiver), lambda: NOW, SHORT, transport).send(message).accepted
        assert 60_000 < given < 100_000

    def test_only_the_beginning_of_a_long_reply_is_looked_at(self, hook, receiver, message) -> None:
        receiver.reply = b" " * 70_000 + b'{"ok": false}'
        assert hook.send(message).accepted
        assert hook.send(message).accepted, "and the connection is not the worse for it"


class TestWithoutAnAnswer:
    @pytest.mark.parametrize(
        ("fault", "words"),
        [
            ("silence", "did not answer in time"),
            ("reset", "broke off the connection before it answered"),
            ("drip", "did not finish its answer in time"),
            ("drip headers", "did not finish its answer in time"),
        ],
    )
    def test_it_may_have_arrived(self, receiver, message, fault, words) -> None:
        hook = WebhookChannel(spec(receiver), lambda: NOW, SHORT)
        receiver.order(200, body=b"." * 200, fault=fault)
        result = hook.send(message)
        assert receiver.faults_fired == 1
        assert (result.accepted, result.permanent, result.unknown) == (False, False, True)
        assert result.error == f"the channel {words}; it may have arrived"
        assert hook.send(message).accepted, "and the next message finds a new connection"
        hook.close()

    def test_a_connection_that_breaks_costs_one_try(self, receiver, message) -> None:
        receiver.keep_connections()
        hook = build_channel(spec(receiver), now=lambda: NOW)
        assert hook.send(message).accepted
        receiver.order(fault="reset")
        assert hook.send(message).unknown
        assert receiver.faults_fired == 1
        assert hook.send(message).accepted
        hook.close()

    @pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
    def test_a_drip_through_tls_ends_as_well(
        self, receiver, message, tmp_path, monkeypatch
    ) -> None:
        ask = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=127.0.0.1"
        names = ["-addext", "subjectAltName=IP:127.0.0.1"]
        key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
        subprocess.run(
            ["openssl", *ask.split(), *names, "-keyout", key, "-out", certificate],
            check=True,
            capture_output=True,
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        receiver.server.socket = context.wrap_socket(receiver.server.socket, server_side=True)
        url = Secret(f"https://{receiver.address}/")

        untrusted = WebhookChannel(spec(receiver, url=url), lambda: NOW, SHORT).send(message)
        assert untrusted.error == "the channel cannot be reached: its certificate is not trusted"

        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        hook = WebhookChannel(spec(receiver, url=url), lambda: NOW, SHORT)
        assert hook.send(message).accepted
        receiver.order(body=b"." * 200, fault="drip")
        result = hook.send(message)
        assert receiver.faults_fired == 1
        assert (result.unknown, result.error) == (
            True,
            "the channel did not finish its answer in time; it may have arrived",
        )
        hook.close()

    def test_a_message_that_hangs_holds_back_no_other(self, receiver, message) -> None:
        """A lane goes on with a new thread while the old one still waits."""
        receiver.order(fault="silence")
        hook = build_channel(spec(receiver), now=lambda: NOW)
        results = []
        lane = threading.Thread(target=lambda: results.append(hook.send(message)), daemon=True)
        lane.start()
        while not receiver.faults_fired:
            time.sleep(0.001)
        assert hook.send(message).accepted
        assert results == []
        receiver.over.set()
        lane.join(5)
        assert [result.unknown for result in results] == [True]
        assert hook.send(message).accepted
        hook.close()

    def test_a_refused_connection_told_nothing(self, hook, receiver, message) -> None:
        receiver.close()
        result = hook.send(message)
        assert (result.accepted, result.permanent, result.unknown) == (False, False, False)
        assert result.error == "the channel cannot be reached: it refuses the connection"

    def test_nor_did_tls_to_a_plain_port(self, receiver, message) -> None:
        address = Secret(f"https://{receiver.address}/")
        result = build_channel(spec(receiver, url=address)).send(message)
        assert (result.accepted, result.permanent, result.unknown) == (False, False, False)
        assert result.error == "the channel cannot be reached: it does not speak TLS as it should"

    def test_nor_did_an_unknown_name(self, receiver, message, monkeypatch) -> None:
        import socket

        def nobody(*_: object, **__: object) -> None:
            raise socket.gaierror(-2, "Name or service not known")

        monkeypatch.setattr(socket, "getaddrinfo", nobody)
        address = Secret("https://desk.example.com/")
        result = build_channel(spec(receiver, url=address)).send(message)
        assert (result.accepted, result.permanent, result.unknown) == (False, False, False)
        assert result.error == "the channel cannot be reached: its name is not known"

    @pytest.mark.parametrize(
        ("error", "cause", "words"),
        [
            (httpx.ConnectError("x"), ssl.SSLCertVerificationError(1, "CA"), "is not trusted"),
            (httpx.ConnectTimeout("x"), None, "no connection in time"),
            (httpx.WriteError("x"), BrokenPipeError(), "it broke off the connection"),
            (httpx.ProxyError("x"), None, "the network failed"),
        ],
    )
    def test_nor_did_what_never_got_there(self, receiver, message, error, cause, words) -> None:
        asked = []

        def fail(request: httpx.Request) -> httpx.Response:
            asked.append(request)
            raise error from cause

        transport = httpx.MockTransport(fail)
        result = WebhookChannel(spec(receiver), lambda: NOW, SHORT, transport).send(message)
        assert len(asked) == 1
        assert (result.accepted, result.permanent, result.unknown) == (False, False, False)
        assert result.error.startswith("the channel cannot be reached: ")
        assert result.error.endswith(words)

    def test_whatever_goes_wrong_is_a_result_and_never_raised(self, receiver, message) -> None:
        def fail(_: httpx.Request) -> httpx.Response:
            raise ZeroDivisionError

        transport = httpx.MockTransport(fail)
        result = WebhookChannel(spec(receiver), lambda: NOW, SHORT, transport).send(message)
        assert result.error == "the channel failed (ZeroDivisionError)"

    def test_the_limits_are_as_documented(self) -> None:
        timeouts = PostConnection(lambda: NOW)._timeouts
        assert (timeouts.connect, timeouts.read, timeouts.total) == (4.0, 10.0, 30.0)


class TestTheAddress:
    @pytest.mark.parametrize(
        ("address", "complaint"),
        [
            ("ftp://8.8.8.8/", "found no web address"),
            ("https://", "found no web address"),
            ("8.8.8.8/hook", "found no web address"),
            ("http://8.8.8.8/", "found http://, expected https://"),
            ("https://127.0.0.1/", "set allow_private = true"),
            ("http://localhost/", "set allow_private = true"),
            ("https://[fd00::1]/", "set allow_private = true"),
            ("https://127.1/", "set allow_private = true"),
        ],
    )
    def test_is_public_and_encrypted(self, address, complaint) -> None:
        with pytest.raises(UserError, match=complaint):
            build_channel(ChannelSpec("ops", "webhook", Secret(address)))

    def test_may_be_plain_in_ones_own_network_alone(self) -> None:
        with pytest.raises(UserError, match="found http://"):
            build_channel(
                ChannelSpec("ops", "webhook", Secret("http://8.8.8.8/"), allow_private=True)
            )
