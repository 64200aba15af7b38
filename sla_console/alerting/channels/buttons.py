"""Buttons of the services that have some; to all others a link goes as text.

Apprise knows none of them, so they are added to the request that it is about to send. A body that is
not as expected stays as it is: the same link stands in the text.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sla_console.domain.alerts.action_link import ActionLink, LinkAction

Rewrite = Callable[[Mapping[str, str | bytes], bytes], bytes]
"""Takes the headers and the body of a request and returns the body to send."""

_LABELS: Final = {LinkAction.ACKNOWLEDGE: "Acknowledge", LinkAction.SNOOZE: "Snooze"}
_MOST: Final = 6
"""Buttons of one message; Teams shows six."""
_NTFY_MOST: Final = 3


def buttons(service: str, links: Sequence[ActionLink]) -> Rewrite | None:
    """Return what adds the buttons of a message to its request; None: there are none to add.

    Args:
        service: Name of Apprise's class.
        links: Links of the message.
    """
    add = _ADDERS.get(service)
    deeds = [one for one in links if one.action in _LABELS]
    if add is None or not deeds:
        return None
    several = len({one.breach_id for one in deeds}) > 1

    def label(link: ActionLink) -> str:
        return f"{_LABELS[link.action]} {link.ticket}" if several else _LABELS[link.action]

    def rewrite(headers: Mapping[str, str | bytes], body: bytes) -> bytes:
        try:
            document = json.loads(body)
            return json.dumps(document).encode() if add(document, headers, deeds, label) else body
        except (ValueError, TypeError, KeyError, IndexError, AttributeError):
            return body

    return rewrite


_Label = Callable[[ActionLink], str]


def _ntfy(
    document: Any, headers: Mapping[str, str | bytes], links: Sequence[ActionLink], label: _Label
) -> bool:
    """Add buttons that do it at once: the app of ntfy sends a POST itself."""
    if "X-Actions" in headers:
        return False  # somebody has put actions of their own into the address
    one_each = [one for one in links if one.action is LinkAction.ACKNOWLEDGE]
    shown = links if len(links) <= _NTFY_MOST else one_each[:_NTFY_MOST]
    document["actions"] = [
        {"action": "http", "label": label(one), "url": one.url, "method": "POST", "clear": True}
        for one in shown
    ]
    return True


def _slack(
    document: Any, _: Mapping[str, str | bytes], links: Sequence[ActionLink], label: _Label
) -> bool:
    """Add buttons that open the page; Slack itself asks for it without harm.

    In an attachment of the older kind, which is Apprise's own, they need no app of one's own.
    """
    attachment, shown = document["attachments"][0], links[:_MOST]
    if "blocks" not in attachment:
        attachment["actions"] = [
            {"type": "button", "text": label(one), "url": one.url} for one in shown
        ]
        return True
    elements = [
        {
            "type": "button",
            "text": {"type": "plain_text", "text": label(one)},
            "url": one.url,
            "action_id": f"sla-console-{number}",
        }
        for number, one in enumerate(shown)
    ]
    attachment["blocks"].append({"type": "actions", "elements": elements})
    return True


def _teams(
    document: Any, _: Mapping[str, str | bytes], links: Sequence[ActionLink], label: _Label
) -> bool:
    """Add buttons that open the page."""
    card = document["attachments"][0]["content"]
    if card["type"] != "AdaptiveCard" or "actions" in card:
        return False
    card["actions"] = [
        {"type": "Action.OpenUrl", "title": label(one), "url": one.url} for one in links[:_MOST]
    ]
    return True


_ADDERS: Final = {"NotifyNtfy": _ntfy, "NotifySlack": _slack, "NotifyWorkflows": _teams}
