"""The filter of the board: plain words, never an expression that can be wrong."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sla_console.domain.sla_clock import JudgedTicket
from sla_console.domain.ticket import Ticket

_PRIORITY = re.compile(r"p[1-5]")
_NAMES = {
    "p1": ("critical", "urgent", "emergency", "highest"),
    "p2": ("high",),
    "p3": ("medium", "normal"),
    "p4": ("low",),
    "p5": ("very low", "lowest", "planning"),
}


@dataclass(frozen=True, slots=True)
class _Term:
    text: str
    field: str
    wanted: bool

    def met(self, ticket: Ticket, haystack: str) -> bool:
        return self._found(ticket, haystack) is self.wanted

    def _found(self, ticket: Ticket, haystack: str) -> bool:
        if self.field == "@":
            return self.text in (ticket.technician or "nobody").casefold()
        if self.field == "#":
            return (
                self.text in (ticket.client or "").casefold()
                or self.text in ticket.display_id.casefold()
            )
        if self.field == "p":
            priority = (ticket.priority or "").casefold()
            return self.text in priority or priority in _NAMES[self.text]
        return self.text in haystack


class BoardFilter:
    """Words that a ticket must all have.

    ``text`` is looked for in number, client, subject, technician, status and priority; ``!text``
    must not be there; ``@name`` is a technician (``@nobody``: none), ``#name`` a client or
    number, ``p1`` to ``p5`` a priority. Upper and lower case are the same.

    Args:
        text: As typed.
    """

    def __init__(self, text: str = "") -> None:
        self.text = text.strip()
        self._terms = tuple(filter(None, map(_term, self.text.casefold().split())))
        self._haystacks: dict[str, tuple[Ticket, str]] = {}

    def __bool__(self) -> bool:
        return bool(self._terms)

    def typed(self, text: str) -> "BoardFilter":
        """Return the filter for another text, which remembers what this one has read."""
        other = BoardFilter(text)
        other._haystacks = self._haystacks
        return other

    def apply(self, tickets: Sequence[JudgedTicket]) -> Sequence[JudgedTicket]:
        """Return the tickets that have all the words, in the same order."""
        if not self._terms:
            return tickets
        if len(self._haystacks) > 2 * len(tickets) + 1000:
            self._haystacks.clear()
        return [judged for judged in tickets if self._meets(judged.ticket)]

    def _meets(self, ticket: Ticket) -> bool:
        kept = self._haystacks.get(ticket.id)
        if kept is None or kept[0] is not ticket:
            parts = (
                ticket.display_id, ticket.client, ticket.subject,
                ticket.technician, ticket.status, ticket.priority,
            )  # fmt: skip
            kept = (ticket, "\n".join(part for part in parts if part).casefold())
            self._haystacks[ticket.id] = kept
        haystack = kept[1]
        return all(term.met(ticket, haystack) for term in self._terms)


def _term(word: str) -> _Term | None:
    wanted = not word.startswith("!")
    word = word.removeprefix("!")
    if _PRIORITY.fullmatch(word):
        return _Term(word, "p", wanted)
    field = word[0] if word[:1] in {"@", "#"} else ""
    word = word.removeprefix(field) if field else word
    return _Term(word, field, wanted) if word else None
