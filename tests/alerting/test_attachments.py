"""A file that goes with a message really arrives, byte for byte, or the message says why not."""

import base64
import importlib
import json
import os
from dataclasses import replace
from pathlib import Path

import apprise
import pytest

from sla_console.alerting.channels import ChannelSpec, build_channel
from sla_console.alerting.channels.attached import _BOTS, _PICTURES, attached, takes_files
from sla_console.alerting.wording import Composer
from sla_console.config.secrets import Secret
from sla_console.domain.alerts.alert import AlertEvent, Limits, Notification

ALL_BYTES = bytes(range(256)) * 64
SLACK_HOOK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general"
SLACK_BOT = f"slack://xoxb-1234567890-1234567890-{'a' * 24}/#general"
TWILIO = f"twilio://AC{'a' * 32}:{'b' * 32}@15551234567/15557654321"
PUSHOVER = f"pover://{'a' * 30}@{'b' * 30}"
MODULES = {
    **{name: name.removeprefix("Notify").lower() for name in (*_PICTURES, *_BOTS)},
    "NotifyMatrix": "matrix",
}


def channel(url: str, service: str = "apprise"):
    return build_channel(ChannelSpec("ops", service, Secret(url), allow_private=True))


@pytest.fixture
def report(tmp_path) -> Path:
    path = tmp_path / "sla-report-acme-2026-10.html"
    path.write_bytes(b"<!doctype html>\r\n" + "Zahnärzte Grün".encode() + ALL_BYTES)
    return path


@pytest.fixture
def told(message, report):
    """The message of a report, as the dispatcher hands it over."""
    notification = Notification(
        AlertEvent.REPORT,
        message.created_at,
        headline="SLA report October 2026: Acme Ltd",
        lines=("Resolution: 80.0 % met (8 of 10), 2 missed", f"The whole report: {report.name}"),
    )
    plain = replace(
        message,
        key="report:Acme:2026-10:ops",
        event=AlertEvent.REPORT,
        ticket_id=None,
        notification=notification,
        attachment=str(report),
        attempts=1,
    )
    words = Composer().compose(plain, message.created_at, Limits())
    return replace(plain, title=words.title, body=words.body)


class TestMail:
    @pytest.fixture
    def mail(self, mailbox):
        box, port = mailbox
        address = f"mailto://127.0.0.1:{port}/?from=console@acme.example&to=noc@acme.example"
        return channel(f"{address}&mode=insecure"), box

    def test_brings_the_same_bytes_under_the_same_name(self, mail, told, report) -> None:
        sender, box = mail
        assert sender.send(told).accepted
        (arrived,) = box.mails
        assert arrived["Subject"] == "SLA report October 2026: Acme Ltd"
        (file,) = [part for part in arrived.walk() if part.get_filename()]
        assert file.get_filename() == report.name
        assert file.get_content_type() == "text/html"
        assert file.get_content_disposition() == "attachment"
        assert file.get_payload(decode=True) == report.read_bytes()

    def test_tells_the_figures_beside_it(self, mail, told) -> None:
        sender, box = mail
        sender.send(told)
        body = next(part for part in box.mails[0].walk() if part.get_content_type() == "text/plain")
        text = body.get_payload(decode=True).decode()
        assert "Resolution: 80.0 % met (8 of 10), 2 missed" in text
        assert "not attached" not in text

    @pytest.mark.parametrize("form", ["html", "csv", "json", "md"])
    def test_brings_every_form_of_a_report_as_it_is(self, mail, told, tmp_path, form) -> None:
        sender, box = mail
        path = tmp_path / f"report.{form}"
        path.write_bytes(ALL_BYTES)
        assert sender.send(replace(told, attachment=str(path))).accepted
        (file,) = [part for part in box.mails[0].walk() if part.get_filename()]
        assert file.get_payload(decode=True) == ALL_BYTES

    def test_goes_without_a_file_that_is_gone_and_says_so(self, mail, told, report) -> None:
        sender, box = mail
        report.unlink()
        assert sender.send(told).accepted
        text = box.mails[0].as_bytes().decode()
        assert not [part for part in box.mails[0].walk() if part.get_filename()]
        payload = box.mails[0].get_payload(decode=True) or text.encode()
        assert b"sla-report-acme-2026-10.html is not attached: it is no longer there." in payload

    def test_of_anything_else_has_no_parts_more_than_before(self, mail, message) -> None:
        sender, box = mail
        assert sender.send(message).accepted
        assert not [part for part in box.mails[0].walk() if part.get_filename()]


class TestOnlyOurOwnFiles:
    @pytest.mark.parametrize(
        "smuggled",
        ["http://{0}/steal", "https://{0}/steal", "file:///etc/hostname", "memory://x?y=z", "~/x"],
    )
    def test_no_address_is_fetched_or_read(self, receiver, told, smuggled) -> None:
        url = smuggled.format(receiver.address)
        assert (
            channel(f"json://{receiver.address}/hook").send(replace(told, attachment=url)).accepted
        )
        ((method, path, body),) = receiver.requests
        assert (method, path) == ("POST", "/hook")
        document = json.loads(body)
        assert document["attachments"] == []
        assert "is not attached: it is no longer there." in document["message"]

    def test_a_name_that_looks_like_an_address_is_still_a_file(
        self, receiver, told, tmp_path
    ) -> None:
        path = tmp_path / "http:" / "x%2fy?name=z&mime=a.html"
        path.parent.mkdir()
        path.write_bytes(ALL_BYTES)
        sent = channel(f"json://{receiver.address}/hook").send(replace(told, attachment=str(path)))
        assert sent.accepted
        (file,) = json.loads(receiver.bodies[0])["attachments"]
        assert base64.b64decode(file["base64"]) == ALL_BYTES

    @pytest.mark.parametrize("kind", ["folder", "pipe"])
    def test_what_is_no_file_is_not_opened(self, message, tmp_path, kind) -> None:
        path = tmp_path / kind
        path.mkdir() if kind == "folder" else os.mkfifo(path)
        found = attached(replace(message, attachment=str(path)), Limits(), 100)
        assert found.path is None
        assert found.message.body.endswith(f"{kind} is not attached: it is no longer there.")

    def test_one_too_large_for_the_channel_stays_and_is_named(self, message, report) -> None:
        with report.open("r+b") as file:
            file.truncate(19_500_000)
        limits = Limits()
        found = attached(replace(message, attachment=str(report)), limits, 18_000_000)
        assert found.path is None
        assert "it has 19.5 MB, more than the 18 MB that go through" in found.message.body

    @pytest.mark.parametrize("room", [1, 20, 80, 100, 200])
    def test_saying_why_keeps_within_what_the_channel_carries(self, message, room) -> None:
        long = replace(message, body="word " * 60, attachment="/gone/report.html")
        body = attached(long, Limits(body=room), 100).message.body
        assert 0 < len(body) <= room


class TestChannelsThatTakeNone:
    @pytest.mark.parametrize(
        ("url", "takes"),
        [
            ("mailto://u:p@mail.example.com?to=a@b.example", True),
            (SLACK_BOT, True),
            (SLACK_HOOK, False),
            (TWILIO, False),
            (PUSHOVER, False),
            ("json://8.8.8.8/", True),
        ],
    )
    def test_are_known_beforehand(self, url, takes) -> None:
        assert channel(url).takes_files is takes

    def test_are_told_without_it(self, told, monkeypatch) -> None:
        notified = {}

        def notify(self, **said) -> bool:
            notified.update(said)
            return True

        monkeypatch.setattr("apprise.Apprise.notify", notify)
        assert channel(SLACK_HOOK).send(told).accepted
        assert notified["attach"] is None
        assert "html is not attached: this channel takes no files." in notified["body"]

    def test_a_screen_takes_none_and_a_webhook_does(self) -> None:
        assert not build_channel(ChannelSpec("here", "terminal", None)).takes_files
        assert channel("https://example.com/hook", "webhook").takes_files

    @pytest.mark.parametrize("name", sorted({*_PICTURES, *_BOTS}))
    def test_each_that_is_named_is_a_service_of_apprise_that_claims_to_take_them(
        self, name
    ) -> None:
        """Else it would not have to be named."""
        plugin = getattr(importlib.import_module(f"apprise.plugins.{MODULES[name]}"), name)
        assert issubclass(plugin, apprise.NotifyBase)
        assert plugin.attachment_support

    def test_a_service_without_support_takes_none(self) -> None:
        plugin = apprise.Apprise.instantiate(f"gotify://8.8.8.8/{'a' * 15}")
        assert not takes_files(plugin, Limits())


class TestWebhook:
    @pytest.fixture
    def hook(self, receiver):
        hook = channel(f"http://{receiver.address}/hook", "webhook")
        yield hook
        hook.close()

    def test_carries_it_as_base64(self, hook, receiver, told, report) -> None:
        assert hook.send(told).accepted
        document = json.loads(receiver.bodies[0])
        assert (document["event"], document["ticket"]) == ("report", None)
        assert document["attachment_name"] == report.name
        assert base64.b64decode(document["attachment"], validate=True) == report.read_bytes()
        assert document["notice"]["lines"][0] == "Resolution: 80.0 % met (8 of 10), 2 missed"

    @pytest.mark.parametrize(("size", "goes"), [(4_999_999, True), (5_000_000, False)])
    def test_carries_less_than_five_megabytes(
        self, hook, receiver, told, report, size, goes
    ) -> None:
        with report.open("r+b") as file:
            file.truncate(size)
        assert hook.send(told).accepted
        document = json.loads(receiver.bodies[0])
        assert (document["attachment"] is not None) is goes
        assert ("is not attached: it has 5.0 MB" in document["body"]) is not goes

    def test_says_that_it_is_gone(self, hook, receiver, told, report) -> None:
        report.unlink()
        assert hook.send(told).accepted
        document = json.loads(receiver.bodies[0])
        assert (document["attachment_name"], document["attachment"]) == (report.name, None)
        assert "is not attached: it is no longer there." in document["body"]

    def test_tries_again_where_it_goes_between_the_look_and_the_reading(
        self, hook, receiver, told, monkeypatch
    ) -> None:
        def gone(self: Path) -> bytes:
            raise FileNotFoundError(self)

        with monkeypatch.context() as racing:
            racing.setattr(Path, "read_bytes", gone)
            result = hook.send(told)
        assert (result.accepted, result.permanent) == (False, False)
        assert result.error == "the file of the message cannot be read"
        assert receiver.requests == []

    def test_has_no_such_keys_without_one(self, hook, receiver, message) -> None:
        hook.send(message)
        assert not {"attachment", "attachment_name"} & set(json.loads(receiver.bodies[0]))
