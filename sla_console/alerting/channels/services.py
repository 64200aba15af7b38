"""Lists for each service how its answer's body shows success, where the HTTP status does not."""

import re
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from sla_console.alerting.channels.replies import (
    Evaluator,
    Heard,
    answered,
    asked,
    by_code,
    code_of,
    common,
    document_of,
    said,
)
from sla_console.domain.alerts.alert import SendResult

_TEAMS: Final = re.compile(rb"endpoint returned HTTP error (\d{3})")
_TEAMS_FAILED: Final = re.compile(
    rb"^\s*(?:Webhook message delivery failed|System\.Net\.)", re.IGNORECASE
)


def judged(service: str, heard: Heard) -> SendResult | None:
    """Return what an answer says against its own status of success; None: nothing.

    Args:
        service: The service's class in Apprise, such as ``NotifySlack``; any other name is judged
            by what answers of all kinds have in common.
        heard: The answer.
    """
    document = document_of(heard.body)
    return _JUDGES.get(service, common)(document, heard)


def refused(service: str, heard: Heard) -> SendResult:
    """Return what it means that Apprise did not take an answer for a success.

    Args:
        service: The service's class in Apprise.
        heard: The last answer.
    """
    if not 200 <= heard.status < 300:
        return answered(heard.status, asked(document_of(heard.body), heard))
    known = judged(service, heard)
    # What nobody understands may pass: only a service that says so is given up for good.
    return known or SendResult(
        False, error=f"the channel answered with HTTP {heard.status}, but did not take it"
    )


_SLACK_PASSING: Final = frozenset(
    [
        "internal_error",
        "service_unavailable",
        "fatal_error",
        "request_timeout",
        "ratelimited",
        "rate_limited",
        "rollup_error",
        "team_added_to_org",
        "message_limit_exceeded",
    ]
)
_SLACK_BROKEN: Final = frozenset(
    [
        "invalid_auth",
        "not_authed",
        "token_revoked",
        "token_expired",
        "account_inactive",
        "no_permission",
        "missing_scope",
        "access_denied",
        "accesslimited",
        "ekm_access_denied",
        "channel_not_found",
        "is_archived",
        "channel_is_archived",
        "not_in_channel",
        "no_service",
        "no_active_hooks",
        "no_team",
        "team_disabled",
        "invalid_token",
        "action_prohibited",
        "restricted_action",
        "posting_to_general_channel_denied",
        "org_login_required",
        "user_not_found",
    ]
)


def _slack(document: Any, heard: Heard) -> SendResult | None:
    """Judge Slack: ``ok`` and ``error`` in JSON, or one bare word."""
    if isinstance(document, dict):
        if document.get("ok") is not False:
            return None
        code = code_of(document.get("error")) or "no reason"
    else:
        text = heard.body.decode("ascii", "replace").strip()
        if text.casefold().startswith("ok") or not re.fullmatch(r"[a-z]+_[a-z_]{2,40}", text):
            return None
        code = text
    return said(
        heard,
        code,
        passing=code in _SLACK_PASSING or code == "no reason",
        broken=code in _SLACK_BROKEN,
        document=document,
    )


_ZULIP_PASSING: Final = frozenset({"RATE_LIMIT_HIT", "INTERNAL_SERVER_ERROR", "unknown"})
_ZULIP_BROKEN: Final = frozenset(
    [
        "INVALID_API_KEY",
        "UNAUTHORIZED_PRINCIPAL",
        "UNAUTHORIZED",
        "USER_DEACTIVATED",
        "REALM_DEACTIVATED",
        "STREAM_DOES_NOT_EXIST",
        "NONEXISTENT_SUBDOMAIN",
    ]
)


def _zulip(document: Any, heard: Heard) -> SendResult | None:
    """Judge Zulip: ``result`` is ``success`` or ``error``, with a ``code``."""
    if not isinstance(document, dict) or document.get("result") in {None, "success"}:
        return None
    code = code_of(document.get("code")) or "unknown"
    return said(
        heard,
        f"code {code}",
        passing=code in _ZULIP_PASSING,
        broken=code in _ZULIP_BROKEN,
        document=document,
    )


def _teams(document: Any, heard: Heard) -> SendResult | None:
    """Judge Teams: it wraps the status of a refusal into the words of a 200."""
    wrapped = _TEAMS.search(heard.body)
    if wrapped is not None:
        return answered(int(wrapped[1]), heard.retry_after)
    if _TEAMS_FAILED.search(heard.body):
        return said(heard, "that the delivery failed", passing=True)
    return common(document, heard)


def _wrapped_status(document: Any, heard: Heard) -> SendResult | None:
    """Judge by a status of HTTP that stands in the answer, as Telegram and Google write it."""
    if isinstance(document, dict):
        error = document.get("error")
        status = error.get("code") if isinstance(error, dict) else document.get("error_code")
        if isinstance(status, int) and 300 <= status < 600:
            return answered(status, asked(document, heard))
    return common(document, heard)


def _pushover(document: Any, heard: Heard) -> SendResult | None:
    """Judge Pushover and Pushsafer: ``status`` is 1."""
    if isinstance(document, dict) and document.get("status") not in {None, 1, "1"}:
        return said(heard, "that its status is not 1", passing=False)
    return common(document, heard)


_VONAGE_PASSING: Final = frozenset({"1", "5", "10", "13"})
_VONAGE_BROKEN: Final = frozenset({"4", "8", "9", "11", "14", "15", "29"})


def _vonage(document: Any, heard: Heard) -> SendResult | None:
    """Judge Vonage: each part of a message has a ``status``, which is 0."""
    parts = document.get("messages") if isinstance(document, dict) else None
    for part in parts if isinstance(parts, list) else ():
        code = code_of(part.get("status")) if isinstance(part, dict) else None
        if code not in {None, "0"}:
            return said(
                heard,
                f"status {code}",
                passing=code in _VONAGE_PASSING,
                broken=code in _VONAGE_BROKEN,
            )
    return common(document, heard)


def _twilio(document: Any, heard: Heard) -> SendResult | None:
    """Judge Twilio: what failed at once has an ``error_code``."""
    if isinstance(document, dict):
        code = code_of(document.get("error_code"))
        if code is not None or document.get("status") in {"failed", "undelivered"}:
            return said(heard, f"error_code {code or 'unknown'}", passing=False)
    return common(document, heard)


def _seven(document: Any, heard: Heard) -> SendResult | None:
    """Judge seven: a bare number or ``success``; 100 and 101 are good."""
    code = code_of(document.get("success") if isinstance(document, dict) else document)
    if code is None or code in {"100", "101", "True", "true"}:
        return common(document, heard)
    return said(
        heard,
        f"code {code}",
        passing=code in {"600", "700", "802"},
        broken=code in {"900", "902", "903"},
    )


_CLICKSEND_PASSING: Final = frozenset({"TOO_MANY_REQUESTS", "THROTTLED"})


def _clicksend(document: Any, heard: Heard) -> SendResult | None:
    """Judge ClickSend: the answer and each message in it say SUCCESS."""
    if not isinstance(document, dict):
        return None
    data = document.get("data")
    messages = data.get("messages") if isinstance(data, dict) else None
    states = [document.get("response_code")]
    states += [
        each.get("status")
        for each in (messages if isinstance(messages, list) else ())
        if isinstance(each, dict)
    ]
    for code in map(code_of, states):
        if code not in {None, "SUCCESS"}:
            return said(heard, f"status {code}", passing=code in _CLICKSEND_PASSING)
    return common(document, heard)


# WeCom and DingTalk: 0 is good; -1, and too often, pass; the rest of those below are of a robot
# that is gone, stopped, or asks for words, an address or a signature that the message lacks.
_ERRCODE: Final[Evaluator] = partial(
    by_code,
    names=("errcode",),
    good={"0"},
    passing={"-1", "45009", "45033", "88", "90018", "130101", "130102", "430101", "430102"},
    broken={
        "93000", "40001", "40014", "42001", "301002", "60020", "310000", "300001", "300005",
        "400013", "400101", "400102", "400105", "400106",
    },
)  # fmt: skip
_FEISHU: Final[Evaluator] = partial(
    by_code,
    names=("code", "StatusCode"),
    good={"0"},
    passing={"2200", "9499", "11232", "11233", "99991400"},
    broken={"19001", "19021", "19022", "19024", "19036"},
)
_CODE_0: Final[Evaluator] = partial(by_code, names=("code", "errno"), good={"0", "200"})
_JUDGES: Final[Mapping[str, Evaluator]] = {
    "NotifySlack": _slack,
    "NotifyZulip": _zulip,
    "NotifyWorkflows": _teams,
    "NotifyWeComBot": _ERRCODE,
    "NotifyWeChat": _ERRCODE,
    "NotifyDingTalk": _ERRCODE,
    "NotifyFeishu": _FEISHU,
    "NotifyLark": _FEISHU,
    "NotifyTelegram": _wrapped_status,
    "NotifyBale": _wrapped_status,
    "NotifyGoogleChat": _wrapped_status,
    "NotifyPushover": _pushover,
    "NotifyPushSafer": _pushover,
    "NotifyVonage": _vonage,
    "NotifyTwilio": _twilio,
    "NotifySeven": _seven,
    "NotifyClickSend": _clicksend,
    "NotifyServerChan": _CODE_0,
    "NotifyPushDeer": _CODE_0,
    "NotifyBark": _CODE_0,
    "NotifyQQ": _CODE_0,
    "NotifyKook": _CODE_0,
    "NotifyWPush": _CODE_0,
    "NotifyPushplus": partial(
        by_code, names=("code",), good={"200"}, passing={"500"}, broken={"401", "403", "903"}
    ),
    "NotifyWxPusher": partial(
        by_code,
        names=("code",),
        good={"1000"},
        passing={"1008", "1009", "1006"},
        broken={"1001", "1002", "1004", "1005", "1010"},
    ),
    "NotifyVoipms": partial(
        by_code,
        names=("status",),
        good={"success"},
        broken={"invalid_credentials", "ip_not_enabled", "api_not_enabled", "invalid_did"},
    ),
}
"""Services by their class in Apprise, each with its own success."""
