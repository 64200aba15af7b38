"""Which tickets a report is about."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sla_console.domain.errors import UserError
from sla_console.domain.life import Life
from sla_console.domain.names import folded, hint, nearest
from sla_console.reporting.records import NONE, UNASSIGNED


def _policy(life: Life) -> str:
    judged = life.judged
    if judged is not None and judged.policy is not None:
        return judged.policy.name
    return life.ticket.sla_name or NONE


FILTERS: Final[Mapping[str, Callable[[Life], str]]] = {
    "client": lambda life: life.ticket.client or NONE,
    "group": lambda life: life.ticket.group or NONE,
    "policy": _policy,
    "priority": lambda life: life.ticket.priority or NONE,
    "request type": lambda life: life.ticket.request_type or NONE,
    "technician": lambda life: life.ticket.technician or life.ticket.technician_id or UNASSIGNED,
}
"""By what tickets can be chosen; each ticket has one value of each. Technician: who has it at last."""

OPTIONS: Final[Mapping[str, str]] = {
    name: "policy-name" if name == "policy" else name.replace(" ", "-") for name in FILTERS
}
"""What each filter is called on the command line, where ``--policy`` names a file."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The tickets that have, of each filter, one of its names; compared without case."""

    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """The filters for people; empty: everything."""
        return "; ".join(f"{name} {', '.join(names)}" for name, names in self.filters.items())

    @property
    def clients(self) -> tuple[str, ...]:
        """The clients it is limited to; none: all."""
        return self.filters.get("client", ())


class Sieve:
    """Picks the tickets of a scope, and remembers which names there are.

    Args:
        scope: What is wanted.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._wanted = {
            name: {folded(each) for each in names} for name, names in scope.filters.items()
        }
        self._known: dict[str, dict[str, str]] = {name: {} for name in scope.filters}

    def pick(self, lives: Iterable[Life]) -> list[Life]:
        """Return those that are wanted."""
        return [life for life in lives if self._fits(life)] if self._wanted else list(lives)

    def _fits(self, life: Life) -> bool:
        fits = True
        for name, wanted in self._wanted.items():
            value = FILTERS[name](life)
            self._known[name][folded(value)] = value
            fits = fits and folded(value) in wanted
        return fits

    def require_known(self, others: Mapping[str, Iterable[str]] | None = None) -> None:
        """Refuse names that no ticket has.

        Args:
            others: More names that there are, by filter.

        Raises:
            UserError: for the first, with the nearest one there is.
        """
        for name, wanted in self._scope.filters.items():
            known = dict(self._known[name])
            known.update((folded(each), each) for each in (others or {}).get(name, ()))
            for each in wanted:
                if folded(each) in known:
                    continue
                near = _hint(each, list(known.values()))
                some = ", ".join(sorted(known.values(), key=str.casefold)[:5])
                advice = near or (f"there are such as {some}" if some else "there is none yet")
                option = OPTIONS[name]
                raise UserError(f"--{option}: no ticket has the {name} {each[:60]!a}; {advice}")


def _hint(wanted: str, known: Sequence[str]) -> str | None:
    """Return the advice about the name that is most like one, or that has a word like it."""
    whole = hint(wanted, known)
    if whole is not None:
        return whole
    by_word = {word: name for name in known for word in folded(name).split()}
    word = nearest(wanted, by_word)
    return None if word is None else f"did you mean {by_word[word]}?"
