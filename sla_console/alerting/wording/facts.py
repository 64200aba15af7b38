"""What a template may say: plain text, numbers and lists, made harmless beforehand.

==================  ==================================================================
``event``           warning, breach, escalation, reminder, recovery, forecast, burst,
                    monitor, digest, report or test
``ticket``          its number as people know it
``subject``, ``client``, ``priority``, ``group``, ``policy``, ``technician``
                    as the service desk has them; empty where unknown
``severity``        low, medium, high or critical
``promise``         first response or resolution
``due``             when, such as ``2026-10-12 09:00 UTC``
``due_short``       the same without the date, if it is today
``late``, ``left``  how long, such as ``12 m``; one of them is empty, both without a due time
``at``              when it happened
``level``           of a warning: which level was reached, such as ``75%`` or ``30m``
``chance``          of a forecast: the percent, 1 to 99; 0 where unknown
``likely``          of a forecast: the same in words
``step``            of an escalation: such as ``2 of 3``
``by``, ``reason``  who did it, and why
``person``          for whom the message is
``lasted``          of a recovery: for how long the promise was broken
``first_told``      of a recovery: whether nothing was told before
``headline``        of a digest, a report, a test, a burst and trouble of the console
``lines``           of the same: a list of facts; of a digest, its counts
``members``         of a digest: a list of things with all these names, the most pressing first;
                    as many as the message has room for
``more``            of a digest: how many things are not in ``members``
``total``           of a digest: how many things there are
``link``            the ticket's address
``act``             the address of a page on which the reader takes the breach or puts it off;
                    empty where links are not in use, and for what cannot be taken; the first
                    few ``members`` have one each
``tag``             what all titles about one promise end in
``attempt``         which try this is, from 1
``why``             why it comes through this channel instead of another
``ref``             the first ten digits of the SHA-256 of the message's key
==================  ==================================================================

Times of a day are in the zone of whoever reads the channel, which stands with them.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Final

from sla_console.domain.alerts.alert import AlertEvent, DeliveryState, OutboxMessage, Way
from sla_console.domain.alerts.notification import Notification
from sla_console.domain.durations import words
from sla_console.domain.text import clean

Facts = dict[str, Any]
"""Names and values: text, numbers, truths, and lists of text or of facts."""

_NAME: Final = 80
_TEXT: Final = 200
_LINE: Final = 500
_COUNTED: Final = 12
"""Clients and priorities that are counted by name."""
_AT: Final = re.compile(r"[@\N{FULLWIDTH COMMERCIAL AT}\N{SMALL COMMERCIAL AT}](?=\S)")
_ANGLE: Final = re.compile(r"<(?=[!@#/]|[A-Za-z])")
_FAR: Final = datetime.max.replace(tzinfo=UTC)
_LIKELY: Final = ((0.9, "almost certain"), (0.7, "likely"), (0.5, "more likely than not"))


def outside(text: str | None, limit: int = _TEXT) -> str:
    """Return text from outside so that no chat reads a mention or a link's other name in it.

    ``@everyone`` becomes ``(at)everyone``, ``<!here>`` becomes ``(!here>``, ``<users/all>``
    becomes ``(users/all>`` and ``[click](address)`` becomes ``[click] (address)``.
    """
    if not text:
        return ""
    # Each of the three makes it longer, so it is cut once more.
    plain = _AT.sub("(at)", _ANGLE.sub("(", clean(text, limit))).replace("](", "] (")
    return clean(plain, limit)


def facts_of(
    message: OutboxMessage,
    notification: Notification,
    now: datetime,
    link: str | None,
    zone: tzinfo,
    pages: Mapping[str, str] | None = None,
) -> Facts:
    """Return all that may be said of a message.

    Args:
        message: To whom, through what, and how often it was tried.
        notification: What it tells.
        now: The moment; ages count to it.
        link: The ticket's address.
        zone: In which times are shown.
        pages: Where a reader acts, by breach.
    """
    known = pages or {}
    members = [_of(member, now, zone, known) for member in in_order(notification.members)]
    return {
        **_of(notification, now, zone, known),
        "person": outside(message.person, _NAME),
        "lines": [_in_zone(line, notification, zone) for line in _lines(notification)],
        "members": members,
        "more": max(notification.total - len(members), 0),
        "total": max(notification.total, len(members)),
        "link": _link(link),
        "tag": tag_of(notification),
        "attempt": max(message.attempts, 1),
        "why": _why(message),
        "ref": reference(message),
    }


def fewer(facts: Facts, count: int) -> Facts:
    """Return the facts of a digest with its first members only."""
    return {**facts, "members": facts["members"][:count], "more": facts["total"] - count}


def in_order(members: Sequence[Notification]) -> list[Notification]:
    """Return the members of a digest, the most pressing first: by severity, then by due time."""
    return sorted(members, key=lambda one: (-one.severity.rank, one.due or _FAR))


def reference(message: OutboxMessage) -> str:
    """Return what tells a repeat from a new message: the same with every try."""
    return hashlib.sha256(message.key.encode("utf-8", "surrogatepass")).hexdigest()[:10]


def repeat_mark(message: OutboxMessage) -> str:
    """Return the sentence of a message that may have arrived before; empty for others."""
    if message.attempts <= 1 and message.state is not DeliveryState.UNKNOWN:
        return ""
    return f"This may be a repeat (attempt {max(message.attempts, 1)})."


def tag_of(notification: Notification) -> str:
    """Return what all titles about one promise end in; empty where there is no ticket."""
    if notification.ticket_id is None and not notification.display_id:
        return ""
    promise = f" {notification.target.words}" if notification.target else ""
    return f"[{_ticket(notification)}{promise}]"


def _of(notification: Notification, now: datetime, zone: tzinfo, pages: Mapping[str, str]) -> Facts:
    ended = notification.event is AlertEvent.RECOVERY and notification.ended_at
    past = notification.due is not None and notification.due <= now
    span = words(now - notification.due) if notification.due is not None else ""
    lasted = (
        notification.ended_at - notification.due
        if notification.ended_at and notification.due
        else None
    )
    return {
        "event": str(notification.event),
        "ticket": _ticket(notification),
        "subject": outside(notification.subject),
        "client": _client(notification),
        "priority": outside(notification.priority, _NAME),
        "group": outside(notification.group, _NAME),
        "policy": outside(notification.policy, _NAME),
        "technician": outside(notification.technician, _NAME),
        "severity": str(notification.severity).lower(),
        "promise": notification.target.words if notification.target else "promise",
        "due": _moment(notification.due, zone),
        "due_short": _moment(notification.due, zone, now),
        "late": span if past and not ended else "",
        "left": "" if past or ended else span,
        "at": _moment(notification.at, zone),
        "level": outside(notification.level, _NAME),
        "chance": _percent(notification.probability),
        "likely": _likely(notification.probability),
        "step": outside(notification.step, _NAME),
        "by": outside(notification.by, _NAME),
        "reason": outside(notification.reason),
        "lasted": words(lasted) if lasted is not None and lasted >= timedelta() else "",
        "first_told": notification.first_told,
        "headline": _in_zone(outside(notification.headline), notification, zone),
        "act": pages.get(notification.breach_id or "", ""),
    }


def _ticket(notification: Notification) -> str:
    return outside(notification.display_id or notification.ticket_id, _NAME)


def _lines(notification: Notification) -> list[str]:
    if notification.lines or notification.event is not AlertEvent.DIGEST:
        return [line for line in (outside(each, _LINE) for each in notification.lines) if line]
    if notification.total > len(notification.members) or not notification.members:
        return []  # counts of a part would be taken for counts of the whole
    clients = Counter(outside(each.client, _NAME) or "no client" for each in notification.members)
    ranks = Counter(outside(each.priority, _NAME) or "no priority" for each in notification.members)
    return [
        clean(f"{name}: {', '.join(f'{each} {count}' for each, count in found)}", _LINE)
        for name, found in (
            ("By client", clients.most_common(_COUNTED)),
            ("By priority", ranks.most_common(_COUNTED)),
        )
    ]


def _client(notification: Notification) -> str:
    """Return whose ticket it is, and whose it was before it moved while broken."""
    client = outside(notification.client, _NAME)
    if notification.moved_from is None:
        return client
    return f"{client or 'no client'} (moved from {outside(notification.moved_from, _NAME)})"


def _why(message: OutboxMessage) -> str:
    if not message.why or message.way is not Way.FALLBACK:
        return ""
    return f"{outside(message.why).rstrip('. ')}."


def _link(link: str | None) -> str:
    """Return an address that can stand in a line, else nothing."""
    return link if link and link.isprintable() and not re.search(r"\s", link) else ""


def _moment(at: datetime | None, zone: tzinfo, today: datetime | None = None) -> str:
    if at is None:
        return ""
    try:
        here, day = at.astimezone(zone), today and today.astimezone(zone).date()
    except OverflowError:  # at the edge of the calendar other zones have no such time
        here, day = at.astimezone(UTC), None
    shown = f"{here:%H:%M}" if here.date() == day else f"{here.date()} {here:%H:%M}"
    return f"{shown} {here.tzname() or 'UTC'}"


def _in_zone(text: str, notification: Notification, zone: tzinfo) -> str:
    """Return a text with the moments that it writes in UTC as they are in a zone."""
    for at in notification.times:
        whole = f"{at:%Y-%m-%d %H:%M}"
        text = text.replace(f"{whole} UTC", whole).replace(whole, _moment(at, zone))
        text = text.replace(f" {at:%H:%M} UTC", f" {_moment(at, zone, at)}")
    return text


def _percent(probability: float | None) -> int:
    """Return a probability in percent, never 0 and never 100: nothing foreseen is certain."""
    if probability is None or probability != probability:  # noqa: PLR0124 - not a number
        return 0
    return min(max(round(100 * min(max(probability, 0.0), 1.0)), 1), 99)


def _likely(probability: float | None) -> str:
    if not _percent(probability):
        return "possible"
    return next((word for least, word in _LIKELY if (probability or 0.0) >= least), "possible")
