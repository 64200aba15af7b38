"""What the pinned Apprise really does, and what the console makes of it (T18; T9 in ``TestHTTP``).

An upgrade that changes one of these facts fails here, before it can lose an alert.
"""

import contextlib
import gc
import importlib
import json
import re
import socket
import threading
import time
from dataclasses import replace
from email.header import decode_header, make_header

import apprise
import pytest
import requests
from apprise.decorators import notify
from apprise.manager_plugins import NotificationManager

from sla_console.alerting.channels import ChannelSpec, build_channel
from sla_console.alerting.channels.apprise_channel import _KINDS
from sla_console.alerting.channels.incident import incident_key
from sla_console.config.secrets import Secret
from sla_console.domain.alerts.alert import AlertEvent, Notification

PAGERDUTY = f"pagerduty://{'A1' * 16}@{'b2' * 16}"
OPSGENIE = f"opsgenie://{'a1' * 4}-{'b2' * 16}/"
JIRA = f"jira://{'a1' * 4}-{'b2' * 16}/"
GOALERT = "goalert://desk.example.com/3cc8ee31-90be-4e48-a6c1-3a1c8a2c4b5d"
SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general"
TELEGRAM = "tgram://123456789:abcdefg_hijklmnop/12315544/"
DISCORD = f"discord://{'1' * 10}/{'a' * 24}"
TWILIO = f"twilio://AC{'a' * 32}:{'b' * 32}@15551234567/15557654321"
NTFY = "ntfy://8.8.8.8/topic"
GCHAT = "gchat://workspace/key/token"
WORKFLOWS = "workflows://host.example.com/WFID/SIGNATURE"
MAIL = "mailto://user:pass@example.com?to=noc@example.com"
SERVICES = {
    "json": "json://8.8.8.8/",
    "slack": SLACK,
    "discord": DISCORD,
    "telegram": TELEGRAM,
    "twilio": TWILIO,
    "ntfy": NTFY,
    "pagerduty": PAGERDUTY,
    "opsgenie": OPSGENIE,
    "jira": JIRA,
    "goalert": GOALERT,
    "gchat": GCHAT,
    "workflows": WORKFLOWS,
    "gotify": f"gotify://8.8.8.8/{'a' * 15}",
    "mattermost": f"mmost://8.8.8.8/{'a' * 26}",
    "webex": f"wxteams://{'a' * 80}",
    "pushover": f"pover://{'a' * 30}@{'b' * 30}",
}


def channel(url: str):
    return build_channel(ChannelSpec("ops", "apprise", Secret(url), allow_private=True))


def local(receiver, options: str = "", path: str = "/hook"):
    return channel(f"json://{receiver.address}{path}?{options}")


def raw(*urls: str) -> apprise.Apprise:
    """Apprise as it comes, but in this thread and without a limit of its own."""
    made = apprise.Apprise(asset=apprise.AppriseAsset(service_timeout=0, async_mode=False))
    for url in urls:
        assert made.add(url)
    return made


def patient(told, seconds: float):
    """Give a channel a read timeout that a test can wait for."""
    told._plugin.socket_read_timeout = seconds
    return told


class Wire:
    """Stands where ``requests`` meets the network; answers alike to all."""

    def __init__(self) -> None:
        self.status = 200
        self.content = b'{"ok": true, "requestId": "r1", "status": 1}'
        self.headers: dict[str, str] = {}
        self.failing: list[str] = []
        """Parts of addresses that get a 503."""
        self.sent: list[requests.PreparedRequest] = []
        self.threads: set[str] = set()

    def carry(self, request, **_: object) -> requests.Response:
        self.sent.append(request)
        self.threads.add(threading.current_thread().name)
        answer = requests.Response()
        answer.status_code = 503 if any(p in request.url for p in self.failing) else self.status
        answer._content = b"ok" if "slack" in request.url else self.content
        answer.headers.update(self.headers)
        answer.url = request.url
        answer.request = request
        return answer

    @property
    def documents(self) -> list[dict]:
        return [json.loads(each.body) for each in self.sent]


@pytest.fixture
def wire(monkeypatch) -> Wire:
    wire = Wire()
    monkeypatch.setattr("requests.adapters.HTTPAdapter.send", wire.carry)
    return wire


@pytest.fixture
def mail(mailbox):
    """A channel into the mailbox, and the mailbox."""
    box, port = mailbox

    def to(options: str = "", address: str = "noc@acme.example"):
        return channel(
            f"mailto://127.0.0.1:{port}/?from=console@acme.example&to={address}&mode=insecure"
            f"{options}"
        )

    return to, box


class TestAnswers:
    """ALERTING 4.1."""

    def test_only_success_is_true(self, receiver) -> None:
        here = f"json://{receiver.address}/"
        assert raw(here).notify(body="x", notify_type="info").status.name == "SUCCESS"
        receiver.answers = [500]
        failed = raw(here).notify(body="x", notify_type="info")
        assert (failed.status.name, bool(failed)) == ("FAILURE", False)
        nobody = raw().notify(body="x", notify_type="info")
        assert (nobody.status.name, bool(nobody)) == ("NOMATCH", False)
        assert receiver.faults_fired == 1

    def test_a_tag_that_nothing_carries_tells_nobody_or_only_those_who_always_listen(
        self, wire
    ) -> None:
        """Which is why no tag is ever used, and an address with one is refused."""
        tagged = raw()
        tagged.add("json://8.8.8.8/one", tag="ops")
        assert tagged.notify(body="x", notify_type="info", tag="oops").status.name == "NOMATCH"
        assert wire.sent == []
        tagged.add("json://8.8.8.8/two", tag="always")
        assert tagged.notify(body="x", notify_type="info", tag="oops").status.name == "SUCCESS"
        assert [sent.path_url for sent in wire.sent] == ["/two"]

    def test_one_result_stands_for_all_targets_so_a_second_try_tells_the_first_again(
        self, wire
    ) -> None:
        both = raw("ntfy://8.8.8.8/one/two")
        both[0].request_rate_per_sec = 0
        wire.failing = ["8.8.8.8"]
        answers = [both.notify(body="x", notify_type="info") for _ in range(2)]
        assert [len(list(answer)) for answer in answers] == [1, 1]
        assert len(wire.sent) == 4, "which is why several targets in one address are refused"

    @pytest.mark.parametrize("service", SERVICES)
    @pytest.mark.parametrize(
        ("status", "permanent", "broken"), [(401, True, True), (429, False, False), (503, False, False)]
    )  # fmt: skip
    def test_the_status_is_found_in_the_words_of_every_service(
        self, wire, message, service, status, permanent, broken
    ) -> None:
        wire.status = status
        told = channel(SERVICES[service])
        result = told.send(message)
        # Discord alone asks once more, at once, when it is asked too often.
        twice = (service, status) == ("discord", 429)
        assert len(wire.sent) == 1 + twice, "the fault was met, and one try is one try"
        assert not result.accepted
        assert result.error == f"the channel answered with HTTP {status}"
        assert (result.permanent, result.broken) == (permanent, broken)

    def test_a_status_in_the_message_itself_decides_nothing(self, receiver, message) -> None:
        receiver.order(fault="reset")
        told = replace(message, title="error=401", body="Socket Exception: (550, b'x') error=401")
        result = local(receiver).send(told)
        assert receiver.faults_fired == 1
        assert (result.accepted, result.permanent, result.unknown) == (False, False, True)

    def test_the_send_runs_in_the_thread_that_asks_for_it(self, wire, message) -> None:
        told = channel(SLACK)
        lane = threading.Thread(target=told.send, args=(message,), name="channel ops")
        lane.start()
        lane.join(5)
        assert wire.threads == {"channel ops"}

    def test_apprise_would_use_threads_that_all_channels_share(self, wire) -> None:
        """One hung service then delays the others, and a queue eats the time of what waits in it."""
        usual = apprise.Apprise()
        usual.add("json://8.8.8.8/")
        assert usual.notify(body="x", notify_type="info")
        assert wire.threads != {threading.current_thread().name}
        asset = usual[0].asset
        assert (asset._service_timeout, asset.async_mode) == (60.0, True)

    def test_nothing_is_written_over_the_screen(self, receiver, message, capfd) -> None:
        receiver.answers = [500]
        for _ in range(2):
            local(receiver).send(message)
        assert receiver.faults_fired == 1
        assert capfd.readouterr() == ("", "")

    def test_what_a_plugin_raises_is_a_failure(self, wire, message, monkeypatch) -> None:
        told = channel(SLACK)
        monkeypatch.setattr(told, "_kind", lambda _: 1 / 0)
        assert told.send(message).error == "the channel failed (ZeroDivisionError)"


class TestHTTP:
    """ALERTING 4.2, over a real connection."""

    @pytest.mark.parametrize("status", [200, 201, 204])
    def test_success_is_success(self, receiver, message, status) -> None:
        receiver.answers = [status]
        assert local(receiver).send(message).accepted
        assert receiver.asked == 1

    @pytest.mark.parametrize(
        ("status", "permanent"),
        [
            (500, False), (503, False), (408, False), (425, False), (429, False),
            (400, True), (401, True), (403, True), (404, True), (410, True), (413, True),
        ],
    )  # fmt: skip
    def test_a_refusal_is_told_apart_as_passing_or_final(
        self, receiver, message, status, permanent
    ) -> None:
        receiver.order(status, {"Retry-After": "3"})
        result = local(receiver).send(message)
        assert receiver.faults_fired == 1
        assert (result.accepted, result.permanent) == (False, permanent)
        assert str(status) in result.error
        assert result.retry_after_seconds == (None if permanent else 3.0)

    def test_what_refuses_the_asker_is_broken_and_what_refuses_the_message_is_not(
        self, receiver, message
    ) -> None:
        receiver.answers = [401, 413]
        told = local(receiver)
        assert [told.send(message).broken for _ in range(2)] == [True, False]
        assert receiver.faults_fired == 2

    def test_a_redirect_makes_apprise_lose_the_message_and_call_it_success(
        self, receiver, message
    ) -> None:
        receiver.answers = [302]
        assert raw(f"json://{receiver.address}/").notify(body="x", notify_type="info")
        assert receiver.faults_fired == 1
        assert [method for method, _, _ in receiver.requests] == ["POST", "GET"]

    def test_so_it_is_never_followed(self, receiver, message) -> None:
        receiver.answers = [302]
        result = local(receiver).send(message)
        assert receiver.faults_fired == 1
        assert (result.accepted, result.permanent, result.broken) == (False, True, True)
        assert "redirects" in result.error
        assert receiver.bodies == []

    def test_a_success_whose_reply_says_otherwise_is_none(self, receiver, message) -> None:
        receiver.order(200, body=b'{"ok": false, "error": "no"}')
        result = local(receiver).send(message)
        assert (result.accepted, result.permanent) == (False, False)
        assert '"ok": false' in result.error
        assert local(receiver).send(message).accepted, "nor is an empty one a failure"

    def test_a_refused_connection_may_be_tried_again(self, receiver, message) -> None:
        receiver.close()
        result = local(receiver).send(message)
        assert (result.accepted, result.permanent, result.unknown) == (False, False, False)
        assert result.error == "the channel cannot be reached: it refuses the connection"

    def test_so_may_one_that_nobody_takes_up_in_time(self, message) -> None:
        """A server whose waiting room is full lets a connection hang before it begins."""
        with contextlib.ExitStack() as stack:
            full = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
            address = full.getsockname()
            for _ in range(4):
                waiting = stack.enter_context(socket.socket())
                waiting.setblocking(False)
                waiting.connect_ex(address)
            told = channel(f"json://127.0.0.1:{address[1]}/")
            told._plugin.socket_connect_timeout = 0.1
            result = told.send(message)
        assert (result.accepted, result.permanent, result.unknown) == (False, False, False)
        assert result.error == "the channel cannot be reached: no connection in time"

    def test_words_in_the_address_do_not_change_the_reason(self, receiver, message) -> None:
        receiver.close()
        result = local(receiver, path="/SSL-RemoteDisconnected").send(message)
        assert result.error == "the channel cannot be reached: it refuses the connection"
        assert not result.unknown

    def test_so_may_an_unknown_name(self, message, monkeypatch) -> None:
        def nobody(*_: object, **__: object) -> None:
            raise socket.gaierror(-2, "Name or service not known")

        monkeypatch.setattr(socket, "getaddrinfo", nobody)
        result = channel("json://desk.example.com/").send(message)
        assert (result.accepted, result.permanent, result.unknown) == (False, False, False)
        assert result.error == "the channel cannot be reached: its name is not known"

    def test_so_may_tls_to_a_plain_port(self, receiver, message) -> None:
        result = channel(f"jsons://{receiver.address}/").send(message)
        assert (result.accepted, result.permanent, result.unknown) == (False, False, False)
        assert result.error == "the channel cannot be reached: it does not speak TLS as it should"

    @pytest.mark.parametrize("fault", ["silence", "reset"])
    def test_a_connection_that_ends_without_an_answer_may_have_told(
        self, receiver, message, fault
    ) -> None:
        receiver.order(fault=fault)
        result = patient(local(receiver), 0.05).send(message)
        assert receiver.faults_fired == 1
        assert (result.accepted, result.permanent, result.unknown) == (False, False, True)

    def test_a_receiver_that_drips_outlasts_the_read_timeout(self, receiver, message) -> None:
        """Which is why the lane has a limit for the whole."""
        receiver.order(200, body=b"." * 60, fault="drip")
        began = time.monotonic()
        assert patient(local(receiver), 0.4).send(message).accepted
        assert receiver.faults_fired == 1
        assert time.monotonic() - began > 0.4

    def test_apprise_would_wait_four_seconds_for_each(self) -> None:
        (plugin,) = raw("json://8.8.8.8/")
        assert (plugin.socket_connect_timeout, plugin.socket_read_timeout) == (4.0, 4.0)

    def test_each_message_has_a_connection_of_its_own(self, receiver, message) -> None:
        receiver.keep_connections()
        told = local(receiver)
        assert all(told.send(message).accepted for _ in range(2))
        assert receiver.connections == 2

    def test_the_timeouts_are_ours(self, receiver) -> None:
        plugin = local(receiver, "cto=99&rto=99")._plugin
        assert (plugin.socket_connect_timeout, plugin.socket_read_timeout) == (4.0, 10.0)

    def test_apprise_tries_again_where_the_address_says_so_and_we_do_not(
        self, receiver, message
    ) -> None:
        receiver.answers = [500, 500]
        options = "retry=2&wait=0"
        (told,) = raw(f"json://{receiver.address}/?{options}").notify(body="x", notify_type="info")
        assert (told.status.name, len(list(told))) == ("SUCCESS", 3)
        receiver.answers = [500]
        assert not local(receiver, options).send(message).accepted
        assert receiver.asked == 4
        assert receiver.faults_fired == 3

    def test_apprise_calls_the_failure_of_something_optional_a_success(self, receiver) -> None:
        receiver.answers = [500]
        told = raw(f"json://{receiver.address}/?optional=yes")
        assert told.notify(body="x", notify_type="info").status.name == "SUCCESS"
        assert receiver.faults_fired == 1, "so the option is refused when the channel is built"

    @pytest.mark.parametrize(
        ("word", "checked"),
        [("yes", True), ("True", True), ("no", False), ("", False), ("2", False), ("sure", False)],
    )
    def test_apprise_checks_no_certificate_where_it_does_not_know_the_word(
        self, word, checked
    ) -> None:
        (plugin,) = raw(f"jsons://8.8.8.8/?verify={word}")
        assert plugin.verify_certificate is checked, "so only yes is taken"

    def test_no_service_limit_is_counted_so_a_queue_eats_no_time(self, receiver) -> None:
        asset = local(receiver)._plugin.asset
        assert (asset._service_timeout, asset.async_mode) == (0, False)


class TestMail:
    """ALERTING 4.2 and 4.5, over a real connection."""

    def test_arrives_as_text_with_our_key_in_a_thread_of_its_promise(self, mail, message) -> None:
        to, box = mail
        nasty = replace(message, body="due <img src=x>\nsecond line", thread="77:RESPONSE")
        assert to().send(nasty).accepted
        (got,) = box.mails
        thread = f"<{incident_key(nasty)}@sla-console>"
        assert got["Subject"] == "BREACHED: T-77"
        assert got["X-SLA-Key"] == "breach:b1:ops"
        assert (got["References"], got["In-Reply-To"]) == (thread, thread)
        assert got["Auto-Submitted"] == "auto-generated"
        part = next(p for p in got.walk() if p.get_content_type() == "text/plain")
        text = part.get_payload(decode=True).decode()
        assert "due <img src=x>" in text
        assert "second line" in text.splitlines()
        assert not any(p.get_content_type() == "text/html" for p in got.walk()), "no live HTML"

    def test_carries_one_message_id_and_another_each_time(self, mail, message) -> None:
        to, box = mail
        told = to()
        assert all(told.send(message).accepted for _ in range(2))
        ids = [got.get_all("Message-ID") for got in box.mails]
        assert [len(each) for each in ids] == [1, 1]
        assert ids[0] != ids[1]

    def test_the_keys_of_one_message_are_not_those_of_the_next(self, mail, message) -> None:
        to, box = mail
        told = to()
        for key in ("breach:b1:ops", "breach:b2:ops"):
            assert told.send(replace(message, key=key, thread=key)).accepted
        assert [got["X-SLA-Key"] for got in box.mails] == ["breach:b1:ops", "breach:b2:ops"]
        assert box.mails[0]["References"] != box.mails[1]["References"]

    def test_a_mail_that_hangs_before_its_headers_keeps_its_own(
        self, mail, message, monkeypatch
    ) -> None:
        """Apprise makes them after the server's greeting, which may come late."""
        to, box = mail
        told, begun, late = to(), threading.Event(), threading.Event()
        email = importlib.import_module("apprise.plugins.email.base")
        connect = email.AppriseSMTPController.__enter__

        def slow(controller):
            if threading.current_thread().name == "hung":
                begun.set()
                late.wait(5)
            return connect(controller)

        monkeypatch.setattr(email.AppriseSMTPController, "__enter__", slow)
        first, second = (replace(message, key=k, thread=k, title=k) for k in ("first", "second"))
        hung = threading.Thread(target=told.send, args=(first,), name="hung")
        hung.start()
        assert begun.wait(5)
        assert told.send(second).accepted
        late.set()
        hung.join(5)
        kept = {got["Subject"]: (got["X-SLA-Key"], got["References"]) for got in box.mails}
        assert kept == {
            each.title: (each.key, f"<{incident_key(each)}@sla-console>")
            for each in (first, second)
        }

    def test_no_header_can_be_put_in_through_the_title_or_the_key(self, mail, message) -> None:
        to, box = mail
        nasty = replace(message, title="a\r\nBcc: x@y.z", key="k\r\nBcc: x@y.z")
        assert to().send(nasty).accepted
        assert box.mails[0]["Bcc"] is None
        assert box.mails[0]["Subject"] == "a Bcc: x@y.z"

    def test_no_letters_can_be_smuggled_through_the_title(self, mail, message) -> None:
        to, box = mail
        told = to()
        for title in ("a =?utf-8?q?=0D=0ABcc:_=40all?= b", "\N{SNOWMAN} =?utf-8?q?=40all?="):
            assert told.send(replace(message, title=title)).accepted
        shown = [str(make_header(decode_header(got["Subject"]))) for got in box.mails]
        assert shown == ["a = ?utf-8?q?=0D=0ABcc:_=40all?= b", "\N{SNOWMAN} = ?utf-8?q?=40all?="]

    @pytest.mark.parametrize(
        ("at", "answer", "permanent"),
        [
            ("recipient", "451 later", False),
            ("recipient", "550 unknown", True),
            ("data", "451 later", False),
            ("data", "554 spam", True),
        ],
    )
    def test_a_refusal_is_told_apart_as_passing_or_final(
        self, mail, message, at, answer, permanent
    ) -> None:
        to, box = mail
        if at == "recipient":
            box.at_recipient["noc@acme.example"] = answer
        else:
            box.at_data = answer
        result = to().send(message)
        assert box.faults_fired == 1
        assert (result.accepted, result.permanent) == (False, permanent)
        assert result.error == f"the mail server answered with {answer[:3]}"

    def test_a_line_dropped_after_the_mail_was_kept_is_an_unknown_outcome(
        self, mail, message
    ) -> None:
        to, box = mail
        box.fault = "drop"
        result = to().send(message)
        assert (box.faults_fired, len(box.mails)) == (1, 1)
        assert (result.accepted, result.permanent, result.unknown) == (False, False, True)

    def test_so_is_a_server_that_says_nothing_about_it(self, mail, message) -> None:
        to, box = mail
        told = to()
        told._plugin.socket_connect_timeout = 0.2
        box.fault = "silence"
        result = told.send(message)
        assert box.faults_fired == 1
        assert (result.accepted, result.permanent, result.unknown) == (False, False, True)

    def test_one_that_takes_its_time_has_taken_it(self, mail, message) -> None:
        to, box = mail
        box.fault = "late"
        assert to().send(message).accepted
        assert (box.faults_fired, len(box.mails)) == (1, 1)

    @pytest.mark.parametrize("name", ["mail", "drop"])
    def test_apprise_says_the_same_of_every_failure(self, mailbox, name) -> None:
        """What tells them apart is only heard at DEBUG."""
        box, port = mailbox
        if name == "drop":
            box.fault = "drop"
        else:
            box.at_data = "451 later"
        plain = raw(f"mailto://127.0.0.1:{port}/?from=a@b.example&to=c@d.example&mode=insecure")
        (result,) = plain.notify(body="x", notify_type="info")
        assert box.faults_fired == 1
        assert result.status.name == "FAILURE"
        said = " ".join(line.message for line in result.logs())
        assert "451" not in said

    def test_two_message_ids_would_go_out_if_we_gave_one(self, mailbox) -> None:
        box, port = mailbox
        plain = raw(f"mailto://127.0.0.1:{port}/?from=a@b.example&to=c@d.example&mode=insecure")
        plain[0].headers["Message-ID"] = "<ours@example>"
        assert plain.notify(body="x", notify_type="info")
        assert len(box.mails[0].get_all("Message-ID")) == 2

    def test_without_saying_that_it_is_text_a_ticket_would_be_live_html(self, mailbox) -> None:
        box, port = mailbox
        plain = raw(f"mailto://127.0.0.1:{port}/?from=a@b.example&to=c@d.example&mode=insecure")
        assert plain.notify(body="<img src=x>", notify_type="info")
        html = next(part for part in box.mails[0].walk() if part.get_content_type() == "text/html")
        assert b"<img src=x>" in html.get_payload(decode=True)

    def test_a_server_that_cannot_be_reached_was_told_nothing(self, message, receiver) -> None:
        receiver.close()
        result = channel(
            f"mailto://{receiver.address}/?from=a@b.example&to=c@d.example&mode=insecure"
        ).send(message)
        assert (result.accepted, result.permanent, result.unknown) == (False, False, False)
        assert result.error == "the channel cannot be reached: it refuses the connection"

    def test_so_was_one_that_does_not_even_greet(self, message, receiver) -> None:
        told = channel(
            f"mailto://{receiver.address}/?from=a@b.example&to=c@d.example&mode=insecure"
        )
        told._plugin.socket_connect_timeout = 0.05
        result = told.send(message)
        assert receiver.connections == 1
        assert (result.accepted, result.permanent, result.unknown) == (False, False, False)
        assert result.error == "the channel cannot be reached: no connection in time"

    def test_a_server_without_encryption_is_told_nothing(self, mail, message) -> None:
        to, box = mail
        result = to("&mode=starttls").send(message)
        assert box.mails == []
        assert not result.accepted
        assert result.error == "the channel cannot be reached: it offers no encryption (STARTTLS)"

    def test_one_of_two_receivers_is_told_although_apprise_calls_it_a_failure(
        self, mail, mailbox
    ) -> None:
        _, port = mailbox
        _, box = mail
        box.at_recipient["gone@acme.example"] = "550 unknown"
        both = raw(
            f"mailto://127.0.0.1:{port}/?from=a@acme.example&mode=insecure"
            f"&to=noc@acme.example,gone@acme.example"
        )
        both[0].request_rate_per_sec = 0
        assert both.notify(body="x", notify_type="info").status.name == "FAILURE"
        assert (box.faults_fired, len(box.mails)) == (1, 1)

    def test_the_timeouts_are_ours(self, mail) -> None:
        to, _ = mail
        assert to()._plugin.socket_connect_timeout == 15.0


class TestPace:
    """ALERTING 4.4."""

    @pytest.mark.parametrize(
        ("service", "seconds"),
        [("ntfy", 5.5), ("pagerduty", 5.5), ("opsgenie", 5.5), ("workflows", 5.5),
         ("slack", 1.2), ("twilio", 0.2), ("discord", 0), ("json", 0), ("telegram", 0.001),
         ("pushover", 5.5), ("gchat", 5.5), ("webex", 5.5), ("gotify", 0), (MAIL, 5.5),
         ("rocket://user:pass@8.8.8.8/#channel", 5.5), (f"zulip://bot@org/{'a' * 32}/general", 5.5),
         ("form://8.8.8.8/", 0)],
    )  # fmt: skip
    def test_apprise_would_wait_so_long_between_two_messages(self, service, seconds) -> None:
        assert raw(SERVICES.get(service, service))[0].request_rate_per_sec == seconds

    @pytest.mark.parametrize("service", SERVICES)
    def test_we_do_not_let_it_wait_at_all(self, wire, message, service, monkeypatch) -> None:
        slept: list[float] = []
        monkeypatch.setattr(time, "sleep", slept.append)
        told = channel(SERVICES[service])
        for _ in range(2):
            told.send(message)
        assert wire.sent
        assert not [pause for pause in slept if pause > 0]

    def test_nor_for_as_long_as_discord_once_asked(self, wire, message, monkeypatch) -> None:
        slept: list[float] = []
        monkeypatch.setattr(time, "sleep", slept.append)
        wire.headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "4102444800"}
        plain = raw(DISCORD)
        assert plain.notify(body="x", notify_type="info")
        assert plain[0].ratelimit_remaining == 0, "it was asked to wait"
        told = channel(DISCORD)
        assert all(told.send(message).accepted for _ in range(2))
        assert len(wire.sent) == 3
        assert slept == []

    def test_nor_before_it_asks_discord_once_more(self, wire, message, monkeypatch) -> None:
        slept: list[float] = []
        monkeypatch.setattr(time, "sleep", slept.append)
        wire.status = 429
        wire.headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "4102444800"}
        assert not channel(DISCORD).send(message).accepted
        assert len(wire.sent) == 2
        assert slept == []

    def test_without_that_it_does(self, wire, monkeypatch) -> None:
        slept: list[float] = []
        monkeypatch.setattr(time, "sleep", slept.append)
        told = raw(NTFY)
        for _ in range(2):
            assert told.notify(body="x", notify_type="info")
        assert len(wire.sent) == 2
        assert max(slept) > 5


class TestContent:
    """ALERTING 4.5."""

    def test_a_webhook_is_told_in_plain_text(self, receiver, message) -> None:
        assert local(receiver).send(message).accepted
        sent = json.loads(receiver.bodies[0])
        assert (sent["title"], sent["message"]) == ("BREACHED: T-77", "It was due.")
        assert receiver.headers[0]["X-SLA-Key"] == "breach:b1:ops"

    @pytest.mark.parametrize("service", ["slack", "telegram", "webex", "workflows"])
    def test_markup_of_a_ticket_is_defused_where_the_service_reads_it(
        self, wire, message, service
    ) -> None:
        assert channel(SERVICES[service]).send(replace(message, body="<b>x</b> <!here>")).accepted
        sent = str(wire.documents[0])
        assert "<!here>" not in sent
        assert "<b>x</b>" not in sent

    @pytest.mark.parametrize(
        ("service", "live"), [("slack", "<!here> <@U1>"), ("telegram", "<b>x</b>")]
    )
    def test_without_saying_that_it_is_text_it_would_be_live(self, wire, service, live) -> None:
        assert raw(SERVICES[service]).notify(body=live, notify_type="info")
        assert live in str(wire.documents[0])

    @pytest.mark.parametrize(
        ("service", "pieces"),
        [("slack", 3), ("json", 3), ("ntfy", 10), ("gchat", 19), ("telegram", 22),
         ("discord", 39), ("workflows", 77), ("webex", 77), ("pagerduty", 77), ("twilio", 500)],
    )  # fmt: skip
    def test_apprise_would_make_many_of_a_long_one(self, wire, service, pieces) -> None:
        """A thousand lines of 75 characters; only where it is asked to split."""
        body = "\n".join(f"{n:04d} {'x' * 69}" for n in range(1000))
        address = SERVICES[service]
        told = raw(f"{address}{'&' if '?' in address else '?'}overflow=split")
        told[0].throttle = lambda *_, **__: None
        assert told.notify(title="t", body=body, body_format="text", notify_type="warning")
        assert len(wire.sent) == pieces

    @pytest.mark.parametrize("service", ["discord", "gchat"])
    def test_mentions_are_not_so_the_words_must_hold_none(self, wire, message, service) -> None:
        assert channel(SERVICES[service]).send(replace(message, body="@everyone <@1>")).accepted
        assert "@everyone" in str(wire.documents[0])

    @pytest.mark.parametrize("service", SERVICES)
    def test_what_is_too_long_after_all_is_cut_and_never_split(
        self, wire, message, service
    ) -> None:
        told = channel(
            f"{SERVICES[service]}{'&' if '?' in SERVICES[service] else '?'}overflow=split"
        )
        assert told.send(replace(message, body="line of text\n" * 6000)).accepted
        assert len(wire.sent) == 1

    @pytest.mark.parametrize("service", SERVICES)
    def test_what_fits_the_limits_arrives_whole(self, wire, message, service) -> None:
        told = channel(SERVICES[service])
        body = "b" * (told.limits.body - 1) + "Z"
        assert told.send(replace(message, title="t" * told.limits.title, body=body)).accepted
        assert len(wire.sent) == 1
        sent = wire.sent[0].body
        text = sent.decode() if isinstance(sent, bytes) else str(sent)
        assert "t" * min(told.limits.title, 100) in text
        assert text.count("Z") >= 1, "the end of the body arrived"
        longest = max(len(run) for run in re.findall("b+Z", text))
        assert longest >= told.limits.body

    @pytest.mark.parametrize(
        ("service", "most"),
        [("twilio", 160), ("workflows", 1000), ("webex", 1000), ("pagerduty", 1024),
         ("discord", 2000), ("gchat", 4000), ("telegram", 4096), ("ntfy", 7800),
         ("opsgenie", 15_000), ("json", 32_768), ("slack", 35_000)],
    )  # fmt: skip
    def test_the_limits_are_those_that_were_measured(self, service, most) -> None:
        assert raw(SERVICES[service])[0].body_maxlen == most
        assert channel(SERVICES[service]).limits.body <= most


class TestIncidents:
    """ALERTING 4.6."""

    @pytest.fixture
    def story(self, message) -> list:
        """Warning, breach and escalation of one promise, a breach of another, then the end."""
        one = replace(message, thread="77:RESPONSE")
        return [
            replace(one, key="warning:w1:ops", event=AlertEvent.WARNING),
            one,
            replace(one, key="escalation:b1:ops", event=AlertEvent.ESCALATION),
            replace(one, key="breach:b2:ops", thread="78:RESPONSE"),
            replace(one, key="recovery:b1:ops", event=AlertEvent.RECOVERY),
        ]

    def test_apprise_would_open_an_incident_with_good_news(self, wire) -> None:
        assert raw(PAGERDUTY).notify(body="over", notify_type="success")
        assert wire.documents[0]["event_action"] == "trigger"
        assert "dedup_key" not in wire.documents[0], "and every repeat would be another"

    @pytest.mark.parametrize(
        ("service", "action", "key", "ends"),
        [
            ("pagerduty", "event_action", "dedup_key", "resolve"),
            ("goalert", "action", "dedup", "close"),
        ],
    )
    def test_all_about_one_promise_is_one_incident_and_the_recovery_ends_it(
        self, wire, story, service, action, key, ends
    ) -> None:
        told = channel(SERVICES[service])
        assert all(told.send(each).accepted for each in story)
        keys = [sent[key] for sent in wire.documents]
        assert keys == [incident_key(each) for each in story]
        assert len(set(keys)) == 2
        actions = [sent.get(action) for sent in wire.documents]
        assert [each == ends for each in actions] == [False, False, False, False, True]

    @pytest.mark.parametrize(
        ("address", "ends"),
        [
            (f"signl4://{'a' * 12}", '"X-S4-Status": "resolved"'),
            (f"firehydrant://fhb-{'a' * 40}", '"status": "CLOSED"'),
            (f"ilert://il1api{'a' * 40}", '"eventType": "RESOLVE"'),
            (f"incidentio://01H{'A' * 23}/{'b' * 40}", '"status": "resolved"'),
            (f"squadcast://{'a' * 40}", '"status": "resolve"'),
            (f"pagertree://int_{'a' * 12}", '"event_type": "resolve"'),
            (f"splunk://route@{'a1b2c3d4-' * 4}a1b2", '"message_type": "RECOVERY"'),
            ("opsimate://key@8.8.8.8", '"status": "resolved"'),
        ],
    )
    def test_so_it_is_with_every_service_that_knows_incidents(
        self, wire, story, address, ends
    ) -> None:
        told = channel(address)
        assert all(told.send(each).accepted for each in story)
        bodies = [
            each.body.decode() if isinstance(each.body, bytes) else str(each.body)
            for each in wire.sent
        ]
        assert all(incident_key(each) in body for each, body in zip(story, bodies, strict=True)), (
            "one incident a promise, not one a title nor one for all"
        )
        assert [ends in body for body in bodies] == [False, False, False, False, True]

    @pytest.fixture
    def trouble(self, message) -> list:
        """SuperOps does not answer, and answers again."""
        begun = Notification(
            AlertEvent.MONITOR, message.created_at, headline="silent", about="outage:1"
        )
        over = replace(begun, headline="answers again", ended_at=message.created_at)
        return [
            replace(message, key=f"{n}", event=each.event, notification=each, thread=each.thread)
            for n, each in enumerate((begun, over))
        ]

    @pytest.mark.parametrize(
        ("service", "action", "key", "ends"),
        [
            ("pagerduty", "event_action", "dedup_key", "resolve"),
            ("goalert", "action", "dedup", "close"),
        ],
    )
    def test_good_news_of_the_console_ends_its_incident_and_opens_none(
        self, wire, trouble, service, action, key, ends
    ) -> None:
        told = channel(SERVICES[service])
        assert all(told.send(each).accepted for each in trouble)
        assert len({sent[key] for sent in wire.documents}) == 1
        assert [sent.get(action) == ends for sent in wire.documents] == [False, True]

    def test_apprise_calls_it_a_success_to_tell_opsgenie_nothing(self, wire) -> None:
        for kind in ("info", "success"):
            assert raw(OPSGENIE).notify(body="x", notify_type=kind)
        assert wire.sent == []

    @pytest.mark.parametrize("service", ["opsgenie", "jira"])
    def test_every_event_that_opens_an_incident_is_an_alert_under_its_alias(
        self, wire, story, service
    ) -> None:
        told = channel(SERVICES[service])
        every = [replace(story[1], event=event) for event in AlertEvent]
        events = [each for each in every if each.opens_incident]
        assert all(told.send(each).accepted for each in events)
        assert len(wire.sent) == len(events)
        assert {sent["alias"] for sent in wire.documents} == {incident_key(story[1])}
        kinds = {sent["details"]["type"] for sent in wire.documents}
        assert kinds == {"warning", "failure"}, "the others are mapped to doing nothing"

    @pytest.mark.parametrize("event", AlertEvent)
    @pytest.mark.parametrize("service", [s for s in SERVICES if s not in {"opsgenie", "jira"}])
    def test_no_event_is_called_sent_without_a_call(self, wire, message, service, event) -> None:
        assert channel(SERVICES[service]).send(replace(message, event=event)).accepted
        assert len(wire.sent) == 1

    def test_every_event_has_a_kind_of_its_own_choosing(self) -> None:
        assert set(_KINDS) == set(AlertEvent)
        assert set(_KINDS.values()) <= {str(kind.value) for kind in apprise.NotifyType}


class TestOnesOwnHandlers:
    """ALERTING 4.6: functions that Apprise calls. None is used, for what is shown here."""

    @pytest.fixture
    def handled(self):
        ran: list[str] = []

        def fails(*_: object, **__: object) -> None:
            raise ValueError

        async def never(*_: object, **__: object) -> None:
            ran.append("never")

        made = {"slaquiet": lambda *_, **__: None, "slafails": fails, "slanever": never}
        for schema, handler in made.items():
            notify(on=schema)(handler)
        yield lambda schema: raw(f"{schema}://").notify(body="x", notify_type="info").status.name
        NotificationManager().remove(*made)
        assert ran == []

    @pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
    @pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
    @pytest.mark.parametrize(
        ("schema", "status"),
        [("slaquiet", "SUCCESS"), ("slafails", "FAILURE"), ("slanever", "SUCCESS")],
    )
    def test_one_that_says_nothing_or_never_runs_is_called_a_success(
        self, handled, schema, status
    ) -> None:
        assert handled(schema) == status
        gc.collect()


class TestClosing:
    """An alert of Opsgenie is ended by its alias, past Apprise, over a real connection."""

    @pytest.fixture
    def opsgenie(self, receiver, monkeypatch):
        module = importlib.import_module("apprise.plugins.opsgenie")
        here = f"http://{receiver.address}/v2/alerts"
        monkeypatch.setitem(module.OPSGENIE_API_LOOKUP, module.OpsgenieRegion.US, here)
        receiver.reply = b'{"requestId": "r1", "result": "Request will be processed"}'
        return channel(OPSGENIE)

    @pytest.fixture
    def recovery(self, message):
        return replace(message, event=AlertEvent.RECOVERY, thread="77:RESPONSE", body="Over.")

    def test_the_recovery_closes_what_the_breach_opened(
        self, receiver, opsgenie, message, recovery
    ) -> None:
        receiver.answers = [202, 202]
        assert opsgenie.send(replace(message, thread="77:RESPONSE")).accepted
        assert opsgenie.send(recovery).accepted
        (_, opened, first), (method, closed, second) = receiver.requests
        alias = json.loads(first)["alias"]
        assert opened == "/v2/alerts"
        assert (method, closed) == ("POST", f"/v2/alerts/{alias}/close?identifierType=alias")
        assert json.loads(second)["note"] == "Over."

    def test_so_does_the_end_of_trouble_of_the_console(self, receiver, opsgenie, message) -> None:
        over = Notification(
            AlertEvent.MONITOR, message.created_at, about="x", ended_at=message.created_at
        )
        told = replace(message, event=over.event, notification=over, thread=over.thread)
        assert opsgenie.send(told).accepted
        ((_, closed, _),) = receiver.requests
        assert closed == f"/v2/alerts/{incident_key(told)}/close?identifierType=alias"

    def test_it_does_so_after_a_restart_as_well(self, receiver, opsgenie, recovery) -> None:
        assert opsgenie.send(recovery).accepted
        assert receiver.headers[0]["Authorization"] == f"GenieKey {'a1' * 4}-{'b2' * 16}"

    def test_what_is_not_there_needs_no_closing(self, receiver, opsgenie, recovery) -> None:
        receiver.answers = [404]
        assert opsgenie.send(recovery).accepted
        assert receiver.faults_fired == 1

    @pytest.mark.parametrize(("status", "permanent"), [(401, True), (429, False), (503, False)])
    def test_a_refusal_is_one(self, receiver, opsgenie, recovery, status, permanent) -> None:
        receiver.order(status, {"Retry-After": "3"})
        result = opsgenie.send(recovery)
        assert receiver.faults_fired == 1
        assert (result.accepted, result.permanent) == (False, permanent)
        assert result.retry_after_seconds == (None if permanent else 3.0)


def test_apprise_makes_nothing_of_what_it_cannot_read() -> None:
    """ALERTING 4.7: it says so by None, not by an error."""
    for address in ("slack://x", "carrier-pigeon://coop", "no address"):
        assert apprise.Apprise.instantiate(address) is None


def test_the_description_of_apprise_itself_would_leak() -> None:
    """ALERTING 4.7: which is why a channel shows nothing but its name."""
    leaking = raw("json://8.8.8.8/path-token?%2BAuthorization=header-token")[0]
    assert "header-token" in leaking.url(privacy=True)
