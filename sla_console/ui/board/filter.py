"""The filter of the board: words, never an expression that can be wrong.

``text`` is looked for in number, client, subject, technician, status and priority; ``@name`` is a
technician (``@nobody``: none, ``@me``: who sits here), ``#name`` a client or number, ``p1`` to ``p5`` a priority,
``left<30m`` the promised time that is left, ``risk>=high`` and ``state:held`` how it stands,
``group:``, ``type:``, ``category:``, ``status:``, ``policy:``, ``source:``, ``requester:`` what else
it says.
``!`` in front turns a word round; what has spaces stands in quotes, and what begins with a quote is
text, whatever it looks like. Upper and lower case are the same. A ticket must have all of the words.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from sla_console.domain.forecast.risk import RiskLevel, RiskThresholds
from sla_console.domain.matcher import name_test
from sla_console.domain.names import folded
from sla_console.domain.sla.sla_clock import EvaluatedTicket
from sla_console.domain.tickets.ticket import Ticket
from sla_console.ui.widgets.ticket_cells import Attention

_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
_WORD: Final = re.compile(r'!?\b(?:left|risk)\s*(?:<=|>=|<|>|=)\s*\S*|!?(?:[@#]|\w+:)?"[^"]*"?|\S+')
_PRIORITY: Final = re.compile(r"p[1-5]")
_COMPARED: Final = re.compile(r"(left|risk)(<=|>=|<|>|=|:)(.*)")
_NAMED: Final = re.compile(r"(state|group|type|category|status|policy|requester|source):(.*)")
_PREFIX: Final = re.compile(r"([^\W\d_]+):.*")
_SPAN: Final = re.compile(r"(\d{1,5})([smhd])")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_LEVELS: Final = {
    "p1": RiskLevel.CRITICAL, "p2": RiskLevel.HIGH, "p3": RiskLevel.MEDIUM,
    "p4": RiskLevel.LOW, "p5": RiskLevel.LOW,
}  # fmt: skip
"""Meaning of each word for a priority, where a desk's names have no such numbers."""
_COMPARE: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b, "=": lambda a, b: a == b, ":": lambda a, b: a == b,
}  # fmt: skip
STATES: Final = (
    "held", "breached", "risk", "ok", "acked", "unacked", "escalated", "snoozed", "doubt",
)  # fmt: skip
_SOONEST: Final = timedelta(seconds=5)
"""Between two looks at whether time alone has let a ticket in."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What a filter needs to know beside the tickets."""

    now: datetime = _LONG_AGO
    thresholds: RiskThresholds = field(default_factory=RiskThresholds)
    attention: Mapping[str, Attention] = field(default_factory=dict)
    """By ticket id."""


Test = Callable[[EvaluatedTicket, str, Moment], bool]
"""Whether a ticket, with its text in lower case, has one word at a moment."""


class BoardFilter:
    """Words that a ticket must all have.

    Args:
        text: As typed.
        me: Name of the technician who sits here; empty: not known.
    """

    def __init__(self, text: str = "", me: str = "") -> None:
        self.text, self._me = text.strip(), me
        self.fault = ""
        """What is not understood yet, as a hint; such a word hides nothing."""
        self.again_at: datetime | None = None
        """When time alone may let another ticket in, as ``apply`` found it last; None: never."""
        self._left: list[timedelta] = []
        self._tests: tuple[Test, ...] = tuple(self._read(folded(self.text)))
        self._haystacks: dict[str, tuple[Ticket, str]] = {}

    def __bool__(self) -> bool:
        return bool(self._tests)

    def typed(self, text: str) -> "BoardFilter":
        """Return the filter for another text, which remembers what this one has read."""
        other = BoardFilter(text, self._me)
        other._haystacks = self._haystacks
        return other

    def apply(
        self, tickets: Sequence[EvaluatedTicket], moment: Moment | None = None
    ) -> Sequence[EvaluatedTicket]:
        """Return the tickets that have all the words, in the same order.

        Args:
            tickets: The tickets.
            moment: What words about time and states go by.
        """
        if not self._tests:
            return tickets
        if len(self._haystacks) > 2 * len(tickets) + 1000:
            self._haystacks.clear()
        at = moment or Moment()
        found = [judged for judged in tickets if self._meets(judged, at)]
        if self._left:
            self.again_at = self._next_look(tickets, at.now)
        return found

    def _meets(self, judged: EvaluatedTicket, moment: Moment) -> bool:
        haystack = self._haystack(judged.ticket)
        return all(test(judged, haystack, moment) for test in self._tests)

    def _haystack(self, ticket: Ticket) -> str:
        kept = self._haystacks.get(ticket.id)
        if kept is None or kept[0] is not ticket:
            parts = (
                ticket.display_id, ticket.client, ticket.subject,
                ticket.technician, ticket.status, ticket.priority,
            )  # fmt: skip
            kept = (ticket, "\n".join(folded(part) for part in parts if part))
            self._haystacks[ticket.id] = kept
        return kept[1]

    def _next_look(self, tickets: Iterable[EvaluatedTicket], now: datetime) -> datetime | None:
        """Return the earliest moment at which a clock can cross one of the limits.

        Promised time passes no faster than the clock on the wall, so it is no later than that.
        """
        soonest: timedelta | None = None
        for judged in tickets:
            for left in _left(judged, now):
                for limit in self._left:
                    if left > limit and (soonest is None or left - limit < soonest):
                        soonest = left - limit
        return None if soonest is None else now + max(soonest, _SOONEST)

    def _read(self, text: str) -> Iterable[Test]:
        for word in _WORD.findall(text):
            wanted = not word.startswith("!")
            bare = word.removeprefix("!")
            test = _of_text(_plain(bare)) if bare[0:1] == '"' else self._test(_plain(bare))
            if test is not None:
                yield test if wanted else _turned(test)

    def _test(self, word: str) -> Test | None:
        if _PRIORITY.fullmatch(word):
            return lambda judged, _, __: _has_priority(judged, word)
        if word[:1] == "@":
            return self._of_me() if word == "@me" else _of_person(word[1:])
        if word[:1] == "#":
            return _of_client(word[1:])
        if found := _COMPARED.fullmatch(word):
            name, sign, value = found.groups()
            return self._by_time(sign, value) if name == "left" else self._by_risk(sign, value)
        if found := _NAMED.fullmatch(word):
            name, value = found.groups()
            return self._by_state(value) if name == "state" else _by_field(name, value)
        if (found := _PREFIX.fullmatch(word)) and "//" not in word:
            known = ", ".join(f"{name}:" for name in ("state", *_FIELDS))
            self.fault = f"{found[1]}: is no word of the filter, so it is text; there are {known}"
        return _of_text(word)

    def _of_me(self) -> Test | None:
        if not self._me:
            self.fault = "@me: which technician you are is not known; ui.technician says it"
            return None
        me = folded(self._me)
        return lambda judged, _, __: folded(judged.ticket.technician or "") == me

    def _by_time(self, sign: str, value: str) -> Test | None:
        span = _SPAN.fullmatch(value)
        if span is None:
            self.fault = "left takes a span such as left<30m, left<2h, left<1d"
            return None
        limit = timedelta(**{_UNITS[span[2]]: int(span[1])})
        self._left.append(limit)
        compare, seconds = _COMPARE[sign], limit.total_seconds()

        def test(judged: EvaluatedTicket, _: str, moment: Moment) -> bool:
            lefts = _left(judged, moment.now)
            return bool(lefts) and compare(min(lefts).total_seconds(), seconds)

        return test

    def _by_risk(self, sign: str, value: str) -> Test | None:
        levels = [level for level in RiskLevel if value and level.lower().startswith(value)]
        if not levels:
            self.fault = "risk takes low, medium, high or critical, such as risk>=high"
            return None
        compare, rank = _COMPARE[sign], levels[0].rank
        return lambda judged, _, at: compare(judged.risk(at.now, at.thresholds).rank, rank)

    def _by_state(self, value: str) -> Test | None:
        names = [name for name in STATES if value and name.startswith(value)]
        if not names:
            self.fault = f"state takes {', '.join(STATES[:-1])} or {STATES[-1]}"
            return None
        return _STATES[names[0]]


def _of_text(text: str) -> Test | None:
    return (lambda _, haystack, __: text in haystack) if text else None


def _plain(word: str) -> str:
    """Return a word without its quotes, and a comparison without the spaces in it."""
    if '"' in word:
        return word.replace('"', "")
    return "".join(word.split())


def _turned(test: Test) -> Test:
    return lambda judged, haystack, moment: not test(judged, haystack, moment)


def _has_priority(judged: EvaluatedTicket, word: str) -> bool:
    priority = folded(judged.ticket.priority or "")
    if not priority or _PRIORITY.search(priority):
        return word in priority
    return judged.severity is _LEVELS[word]


def _of_person(name: str) -> Test | None:
    if not name:
        return None
    fits = name_test([name], partly=True, absent="nobody")
    return lambda judged, _, __: fits(judged.ticket.technician)


def _of_client(name: str) -> Test | None:
    if not name:
        return None
    fits = name_test([name], partly=True)
    return lambda judged, _, __: fits(judged.ticket.client) or fits(judged.ticket.display_id)


_FIELDS: Final[Mapping[str, Callable[[EvaluatedTicket], str | None]]] = {
    "group": lambda judged: judged.ticket.group,
    "type": lambda judged: judged.ticket.request_type,
    "category": lambda judged: judged.ticket.category,
    "status": lambda judged: judged.ticket.status,
    "policy": lambda judged: judged.policy.name if judged.policy else judged.ticket.sla_name,
    "requester": lambda judged: judged.ticket.requester,
    "source": lambda judged: judged.ticket.source,
}
"""Field that each word with a colon reads."""


def _by_field(name: str, value: str) -> Test | None:
    if not value:
        return None
    fits, of = name_test([value], partly=True, absent="none"), _FIELDS[name]
    return lambda judged, _, __: fits(of(judged))


def _left(judged: EvaluatedTicket, now: datetime) -> list[timedelta]:
    """Return what is left of each clock that has not ended; less than nothing: so late."""
    lefts = (clock.remaining(now) for clock in judged.clocks if not clock.ended())
    return [left for left in lefts if left is not None]


def _at_risk(judged: EvaluatedTicket, at: Moment) -> bool:
    return (
        not judged.breached(at.now)
        and judged.risk(at.now, at.thresholds).rank >= RiskLevel.HIGH.rank
    )


_NOBODY: Final = Attention()
_STATES: Final[Mapping[str, Test]] = {
    "held": lambda judged, _, __: judged.held,
    "breached": lambda judged, _, at: judged.breached(at.now),
    "risk": lambda judged, _, at: _at_risk(judged, at),
    "ok": lambda judged, _, at: (
        not judged.held and not judged.breached(at.now) and not _at_risk(judged, at)
    ),
    "acked": lambda judged, _, at: at.attention.get(judged.ticket.id, _NOBODY).acknowledged,
    "unacked": lambda judged, _, at: (
        judged.breached(at.now) and not at.attention.get(judged.ticket.id, _NOBODY).acknowledged
    ),
    "escalated": lambda judged, _, at: at.attention.get(judged.ticket.id, _NOBODY).escalated,
    "snoozed": lambda judged, _, at: at.attention.get(judged.ticket.id, _NOBODY).snoozed,
    "doubt": lambda judged, _, __: bool(judged.degraded),
}
