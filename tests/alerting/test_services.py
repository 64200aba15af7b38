"""What services say in the body of an answer: shapes as they were seen, each with its meaning.

``passing``: another try may help. ``final``: it cannot, for this message. ``broken``: it cannot, for
any. ``taken``: it is a success.
"""

import json

import pytest
import requests

from sla_console.alerting.channels import ChannelSpec, build_channel
from sla_console.alerting.channels.replies import Heard
from sla_console.alerting.channels.services import judged, refused
from sla_console.config.secrets import Secret

BOT = "slack://xoxb-1234-1234-4ddbc191d40ee098cbaae6f3523ada2d/#general"
HOOK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general"
ZULIP = f"zulip://bot@acme/{'a' * 32}/ops"
WECOM = "wecombot://3cc8ee31-90be-4e48-a6c1-3a1c8a2c4b5d"
DINGTALK = f"dingtalk://{'a' * 64}"
TEAMS = "workflows://host.example.com/WFID/SIGNATURE"
FEISHU = "feishu://3cc8ee31-90be-4e48-a6c1-3a1c8a2c4b5d"
LARK = "lark://3cc8ee31-90be-4e48-a6c1-3a1c8a2c4b5d"
TELEGRAM = "tgram://123456789:abcdefg_hijklmnop/12315544/"
GCHAT = "gchat://workspace/key/token"
PUSHOVER = f"pover://{'a' * 30}@{'b' * 30}"
VONAGE = "vonage://ApiKey12:ApiSecret12345678@15551234567/15557654321"
TWILIO = f"twilio://AC{'a' * 32}:{'b' * 32}@15551234567/15557654321"
DISCORD = f"discord://{'1' * 18}/{'a' * 68}"
ROCKET = f"rocket://8.8.8.8/{'a' * 24}/{'b' * 24}/#ops"
SERVERCHAN = "schan://SCT1234abcdefgh"
PUSHPLUS = f"pushplus://{'a' * 32}"
CLICKSEND = "clicksend://user:pass@15557654321"

SEEN = [
    (HOOK, 200, b"ok", "taken"),
    (HOOK, 200, b"service_unavailable", "passing"),
    (HOOK, 404, b"no_service", "broken"),
    (HOOK, 400, b"invalid_payload", "final"),
    (BOT, 200, {"ok": True, "ts": "1.2"}, "taken"),
    (BOT, 200, {"ok": False, "error": "internal_error"}, "passing"),
    (BOT, 200, {"ok": False, "error": "service_unavailable"}, "passing"),
    (BOT, 200, {"ok": False, "error": "ratelimited"}, "passing"),
    (BOT, 200, {"ok": False}, "passing"),
    (BOT, 200, {"ok": False, "error": "invalid_auth"}, "broken"),
    (BOT, 200, {"ok": False, "error": "channel_not_found"}, "broken"),
    (BOT, 200, {"ok": False, "error": "msg_too_long"}, "final"),
    (ZULIP, 200, {"result": "success", "msg": "", "id": 42}, "taken"),
    (ZULIP, 200, {"result": "error", "msg": "x", "code": "STREAM_DOES_NOT_EXIST"}, "broken"),
    (ZULIP, 200, {"result": "error", "msg": "x", "code": "BAD_REQUEST"}, "final"),
    (ZULIP, 200, {"result": "error", "msg": "x", "code": "RATE_LIMIT_HIT"}, "passing"),
    (WECOM, 200, {"errcode": 0, "errmsg": "ok"}, "taken"),
    (WECOM, 200, {"errcode": 93000, "errmsg": "invalid webhook url, hint: [1]"}, "broken"),
    (WECOM, 200, {"errcode": 45009, "errmsg": "api freq out of limit"}, "passing"),
    (WECOM, 200, {"errcode": -1, "errmsg": "system busy"}, "passing"),
    (WECOM, 200, {"errcode": 40008, "errmsg": "invalid message type"}, "final"),
    (DINGTALK, 200, {"errcode": 0, "errmsg": "ok"}, "taken"),
    (DINGTALK, 200, {"errcode": 310000, "errmsg": "keywords not in content"}, "broken"),
    (DINGTALK, 200, {"errcode": 300001, "errmsg": "token is not exist"}, "broken"),
    (DINGTALK, 200, {"errcode": 130101, "errmsg": "send too fast"}, "passing"),
    (DINGTALK, 200, {"errcode": 460101, "errmsg": "message too long"}, "final"),
    (TEAMS, 202, b"", "taken"),
    (TEAMS, 200, b"1", "taken"),
    (
        TEAMS,
        200,
        b"Webhook message delivery failed with error: x endpoint returned HTTP error 429 with y",
        "passing",
    ),
    (TEAMS, 200, b"x: Microsoft Teams endpoint returned HTTP error 413 with", "final"),
    (TEAMS, 200, b"x: Microsoft Teams endpoint returned HTTP error 404 with", "broken"),
    (TEAMS, 200, b"Webhook message delivery failed with error: no contact", "passing"),
    (TEAMS, 200, b"System.Net.Http.HttpRequestException: it broke", "passing"),
    (FEISHU, 200, {"code": 0, "data": {}, "msg": "success"}, "taken"),
    (FEISHU, 200, {"Extra": None, "StatusCode": 0, "StatusMessage": "success"}, "taken"),
    (FEISHU, 200, {"code": 19024, "data": {}, "msg": "Key Words Not Found"}, "broken"),
    (FEISHU, 200, {"code": 11232, "msg": "frequency limited"}, "passing"),
    (LARK, 200, {"code": 19021, "data": {}, "msg": "sign match fail"}, "broken"),
    (LARK, 200, {"code": 9499, "data": {}, "msg": "too many request"}, "passing"),
    (TELEGRAM, 200, {"ok": True, "result": {}}, "taken"),
    (TELEGRAM, 200, {"ok": False, "error_code": 403, "description": "blocked"}, "broken"),
    (TELEGRAM, 200, {"ok": False, "error_code": 500, "description": "x"}, "passing"),
    (GCHAT, 200, {"name": "spaces/A/messages/B"}, "taken"),
    (GCHAT, 200, {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}, "passing"),
    (GCHAT, 200, {"error": {"code": 404, "status": "NOT_FOUND"}}, "broken"),
    (PUSHOVER, 200, {"status": 1, "request": "r"}, "taken"),
    (PUSHOVER, 200, {"status": 0, "user": "invalid", "errors": ["x"]}, "final"),
    (VONAGE, 200, {"message-count": "1", "messages": [{"status": "0"}]}, "taken"),
    (VONAGE, 200, {"messages": [{"status": "1", "error-text": "Throttled"}]}, "passing"),
    (VONAGE, 200, {"messages": [{"status": "4", "error-text": "x"}]}, "broken"),
    (VONAGE, 200, {"messages": [{"status": "0"}, {"status": "6"}]}, "final"),
    (TWILIO, 201, {"status": "queued", "error_code": None}, "taken"),
    (TWILIO, 201, {"status": "failed", "error_code": 30003}, "final"),
    (DISCORD, 204, b"", "taken"),
    (DISCORD, 404, {"message": "Unknown Webhook", "code": 10015}, "broken"),
    (SERVERCHAN, 200, {"code": 0, "message": ""}, "taken"),
    (SERVERCHAN, 200, {"code": 40001, "message": "x"}, "final"),
    (PUSHPLUS, 200, {"code": 200, "msg": "x", "data": "id"}, "taken"),
    (PUSHPLUS, 200, {"code": 903, "msg": "x"}, "broken"),
    (PUSHPLUS, 200, {"code": 500, "msg": "x"}, "passing"),
    (CLICKSEND, 200, {"response_code": "SUCCESS", "data": {"messages": [{"status": "SUCCESS"}]}},
     "taken"),
    (CLICKSEND, 200, {"response_code": "SUCCESS", "data": {"messages": [
        {"status": "INVALID_RECIPIENT"}]}}, "final"),
    ("json://8.8.8.8/", 200, {"success": False}, "passing"),
    ("json://8.8.8.8/", 200, {"errors": ["x"]}, "passing"),
    ("json://8.8.8.8/", 200, {"error": None, "errors": []}, "taken"),
    ("json://8.8.8.8/", 200, b"<html>fine</html>", "taken"),
]  # fmt: skip


def meaning(result) -> str:
    if result.accepted:
        return "taken"
    if not result.permanent:
        return "passing"
    return "broken" if result.broken else "final"


@pytest.mark.parametrize(("url", "status", "said", "meant"), SEEN)
def test_each_service_has_its_own_success(monkeypatch, message, url, status, said, meant) -> None:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    asked = []

    def carry(_adapter, request, **_: object) -> requests.Response:
        asked.append(request)
        answer = requests.Response()
        answer.status_code, answer._content, answer.url = status, body, request.url
        return answer

    monkeypatch.setattr("requests.adapters.HTTPAdapter.send", carry)
    result = build_channel(ChannelSpec("ops", "apprise", Secret(url))).send(message)
    assert asked, "a message made a request"
    assert (meaning(result), url) == (meant, url)
    assert result.accepted or str(status) in result.error or "HTTP" in result.error


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ({"ok": False, "error_code": 429, "parameters": {"retry_after": 35}}, 35.0),
        ({"ok": False, "error_code": 429}, None),
        ({"ok": False, "error_code": 429, "parameters": {"retry_after": "soon"}}, None),
        ({"ok": False, "error_code": 429, "parameters": {"retry_after": -1}}, None),
    ],
)
def test_a_wait_that_stands_in_the_body_is_obeyed(said, seconds) -> None:
    found = judged("NotifyTelegram", Heard(200, json.dumps(said).encode()))
    assert found.retry_after_seconds == seconds


def test_one_in_the_header_goes_before() -> None:
    body = json.dumps({"retry_after": 0.5}).encode()
    assert refused("NotifyDiscord", Heard(429, body, 7.0)).retry_after_seconds == 7.0
    assert refused("NotifyDiscord", Heard(429, body)).retry_after_seconds == 0.5


@pytest.mark.parametrize("service", ["NotifySlack", "NotifyWeComBot", "NotifyVonage", ""])
@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b"17", b'"x"', b"{", b"[" * 100_000, b'{"errcode": {"a": 1}}',
     b'{"messages": [null, 3]}', b"\xff\xfe", b'{"errcode": true}'],
)  # fmt: skip
def test_an_answer_of_any_shape_is_judged_without_a_fault(service, body) -> None:
    """None of these says anything against its own status."""
    assert judged(service, Heard(200, body)) is None


def test_no_word_of_an_answer_is_passed_on() -> None:
    said = {
        "ok": False,
        "error": "see https://hooks.example/s3cr3t for more",
        "errcode": "s3cr3t x",
    }
    for service in ("NotifySlack", "NotifyWeComBot", "NotifyZulip", ""):
        found = judged(service, Heard(200, json.dumps(said).encode()))
        assert found is None or "s3cr3t" not in found.error
