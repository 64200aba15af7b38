"""From a message to a title and a body that a channel can carry."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sla_console.alerting.action_links import ActionLinks
from sla_console.alerting.wording.facts import (
    Facts,
    facts_of,
    fewer,
    outside,
    reference,
    repeat_mark,
)
from sla_console.alerting.wording.fit import DOTS, ELLIPSIS, Tail, fit_body, fit_title, is_whole
from sla_console.domain.alerts.action_link import ActionLink, LinkAction
from sla_console.domain.alerts.alert import AlertEvent, Limits, Notification, OutboxMessage

if TYPE_CHECKING:
    from sla_console.alerting.wording.sandbox import BoundedEnvironment

LOG: Final = logging.getLogger(__name__)
_REF_ROOM: Final = 24
_REPEAT_ROOM: Final = 32
_WHY_ROOM: Final = 48
_LINK_ROOM: Final = 80
_ACT_ROOM: Final = 40
_ALL: Final = 1 << 30
"""Room that only words which need not be cut leave."""


@dataclass(frozen=True, slots=True)
class Composed:
    """A message in words."""

    title: str
    body: str
    fault: str | None = None
    """What is wrong with the user's template, in one sentence; the built-in words stand in."""
    links: tuple[ActionLink, ...] = ()
    """Links by which the reader acts; the words name those to choose."""


class Composer:
    """Puts messages into words, anew with every try. Templates are read once, when first needed.

    Args:
        templates: A folder of the user's; a template in it overrides the built-in one of the same
            file name.
        link: Returns a ticket's address.
        zone: In which times are shown; None: UTC.
        zone_of: Returns the zone of whoever reads a channel, by channel and person; None: ``zone``.
        links: Makes the links by which the reader acts; None: there are none.
    """

    def __init__(
        self,
        templates: Path | None = None,
        link: Callable[[str], str | None] | None = None,
        zone: tzinfo | None = None,
        zone_of: Callable[[str, str | None], tzinfo | None] = lambda _channel, _person: None,
        links: ActionLinks | None = None,
    ) -> None:
        self._folder = templates
        self._zone_of, self._links = zone_of, links
        self._link = link
        self._zone = zone or UTC
        self._lock = threading.Lock()
        self._environments: dict[Path | None, BoundedEnvironment] = {}
        self._given_up: dict[AlertEvent, str] = {}

    def compose(self, message: OutboxMessage, now: datetime, limits: Limits) -> Composed:
        """Return a message in words, no longer than the limits; never raises.

        Args:
            message: What to say; without a notice, its own title and body are said.
            now: The moment; ages count to it.
            limits: What the channel can carry; a limit below 1 is taken as 1.
        """
        notification = message.notification
        if notification is None:
            return _plain(message, limits, None)
        fault = None
        links = self._links.of(message, now) if self._links else ()
        try:
            zone = self._zone_of(message.channel, message.person) or self._zone
            pages = {one.breach_id: one.url for one in links if one.action is LinkAction.CHOOSE}
            facts = facts_of(message, notification, now, self._address(notification), zone, pages)
            if self._folder is not None:
                worded, fault = self.own(notification, facts, message, limits)
                if worded is not None:
                    return replace(worded, links=links)
            words = self._words(None, notification.event, facts, message, limits)
            return Composed(*words, fault, links)
        except Exception as error:  # an alert without fine words is still an alert
            LOG.exception("the built-in words failed")
            failed = f"the built-in words failed ({type(error).__name__})"
            return _plain(message, limits, fault or failed)

    def own(
        self, notification: Notification, facts: Facts, message: OutboxMessage, limits: Limits
    ) -> tuple[Composed | None, str | None]:
        """Return a message in the user's words, or None and what is wrong with them."""
        if notification.event in self._given_up:
            return None, self._given_up[notification.event]
        try:
            words = self._words(self._folder, notification.event, facts, message, limits)
        except Exception as error:  # noqa: BLE001 - a template may fail in any way
            from sla_console.alerting.wording.faults import is_lasting, sentence  # noqa: PLC0415

            fault = sentence(error, f"{notification.event}.j2", facts.keys())
            if is_lasting(error):
                self._given_up[notification.event] = fault
            return None, fault
        return Composed(*words), None

    def _address(self, notification: Notification) -> str | None:
        if self._link is None or notification.ticket_id is None:
            return None
        try:
            return self._link(notification.ticket_id)
        except Exception:
            LOG.exception("no link could be made for ticket %s", outside(notification.ticket_id))
            return None

    def _words(
        self,
        folder: Path | None,
        event: AlertEvent,
        facts: Facts,
        message: OutboxMessage,
        limits: Limits,
    ) -> tuple[str, str]:
        # One template runs at a time: the environment counts its work.
        with self._lock:
            environment = self._environment(folder)
            part = "short" if limits.short else "body"

            def say(which: str, some: Facts) -> str:
                values: dict[str, Any] = {**some, "part": which}
                return _said(environment.words(f"{event}.j2", values), which)

            title = say("title", facts)
            text = say(part, facts)
            tails = _tails(message, facts, text, short=limits.short)
            if facts["members"] and not is_whole(text, tails, limits.body):
                text = _with_most(lambda some: say(part, some), facts, tails, limits.body)
        mark = DOTS if limits.short else ELLIPSIS
        return (
            fit_title(title, facts["tag"], limits.title, mark),
            fit_body(text, tails, limits.body, mark),
        )

    def _environment(self, folder: Path | None) -> "BoundedEnvironment":
        if folder not in self._environments:
            # Jinja takes 40 ms to load, which only a process that sends has to spend.
            from sla_console.alerting.wording.sandbox import BoundedEnvironment  # noqa: PLC0415
            from sla_console.alerting.wording.sources import Sources, complete  # noqa: PLC0415

            self._environments[folder] = BoundedEnvironment(Sources(folder), complete)
        return self._environments[folder]


def _said(text: str, which: str) -> str:
    """Return rendered words without blank lines at their ends or more than one in a row.

    Raises:
        SaysNothing: if there are none.
    """
    kept: list[str] = []
    for line in text.splitlines():
        line = line.rstrip()  # noqa: PLW2901
        if line or (kept and kept[-1]):
            kept.append(line)
    said = "\n".join(kept).strip()
    if not said:
        from sla_console.alerting.wording.faults import SaysNothing  # noqa: PLC0415 - loads Jinja

        raise SaysNothing(f"its block '{which}' says nothing")
    return said


def _with_most(say: Callable[[Facts], str], facts: Facts, tails: list[Tail], limit: int) -> str:
    """Return a digest with as many of its members as fit; with none, if not even one does."""
    fits, too_many = 0, len(facts["members"])
    text = say(fewer(facts, 0))
    while too_many - fits > 1:
        count = (fits + too_many) // 2
        longer = say(fewer(facts, count))
        if is_whole(longer, tails, limit):
            fits, text = count, longer
        else:
            too_many = count
    return text


def _tails(message: OutboxMessage, facts: Facts, text: str, *, short: bool) -> list[Tail]:
    """Return what no template can forget; the later, the firmer its place."""
    found = [
        Tail(facts["why"], _ALL if short else _WHY_ROOM),
        Tail(repeat_mark(message), _REPEAT_ROOM),
        Tail("" if facts["link"] in text else facts["link"], _ALL if short else _LINK_ROOM),
        Tail("" if facts["act"] in text else facts["act"], _ACT_ROOM),
        Tail(f"Ref: {facts['ref']}", _REF_ROOM),
    ]
    return [tail for tail in found if tail.text]


def _plain(message: OutboxMessage, limits: Limits, fault: str | None) -> Composed:
    """Return a message in the words it was queued with."""
    title = outside(message.title, 500) or f"SLA console: {message.event}"
    lines = [outside(line, 2000) for line in message.body[: 2 * max(limits.body, 1)].splitlines()]
    text = "\n".join(lines).strip() or title
    facts: Facts = {"why": "", "link": "", "act": "", "ref": reference(message)}
    tails = _tails(message, facts, text, short=limits.short)
    mark = DOTS if limits.short else ELLIPSIS
    return Composed(
        fit_title(title, "", limits.title, mark), fit_body(text, tails, limits.body, mark), fault
    )
