"""The targets that a report is about."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, product
from typing import Final

from sla_console.domain.errors import UserError
from sla_console.domain.figures.names import NameBook, Names
from sla_console.domain.figures.record import NONE, UNASSIGNED, TargetRecord
from sla_console.domain.names import folded, hint, nearest
from sla_console.domain.tickets.ticket import Ticket

FILTERS: Final[Mapping[str, Callable[[TargetRecord], str]]] = {
    "client": lambda one: one.client,
    "group": lambda one: one.group,
    "policy": lambda one: one.policy,
    "priority": lambda one: one.priority,
    "request type": lambda one: one.request_type,
    "technician": lambda one: one.owner,
}
"""Ways to choose targets; each target has one value of each. The technician is the one who had it
for most of its time."""

_MOST_NAMES: Final = 100
"""So many ways to name the clients of a scope are tried."""

OPTIONS: Final[Mapping[str, str]] = {
    name: "policy-name" if name == "policy" else name.replace(" ", "-") for name in FILTERS
}
"""What each filter is called on the command line, where ``--policy`` names a file."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The targets that have, of each filter, one of its names; compared without case."""

    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """The filters for people; empty: everything."""
        return "; ".join(f"{name} {', '.join(names)}" for name, names in self.filters.items())

    @property
    def clients(self) -> tuple[str, ...]:
        """The clients it is limited to; none: all."""
        return self.filters.get("client", ())

    def as_shown(self, names: Names) -> "Scope":
        """Return the same with earlier names of clients and technicians as they are shown now."""
        found = dict(self.filters)
        for filter_, book in (("client", names.clients), ("technician", names.technicians)):
            if filter_ in found:
                found[filter_] = tuple(
                    dict.fromkeys(
                        shown for name in found[filter_] for shown in book.find(name) or (name,)
                    )
                )
        return replace(self, filters=found)

    def with_all_names(self, clients: NameBook) -> "Scope":
        """Return the same with all names that its clients have and had."""
        found = (
            each
            for name in self.clients
            for shown in clients.find(name) or (name,)
            for each in (name, *clients.names_of(shown))
        )
        return replace(self, filters={**self.filters, "client": tuple(dict.fromkeys(found))})

    def other_names(self, clients: NameBook) -> Iterator["Scope"]:
        """Give the same scope with its clients under each of their names."""
        names = [
            Scope({"client": (name,)}).with_all_names(clients).clients for name in self.clients
        ]
        for chosen in islice(product(*names), _MOST_NAMES):
            yield replace(self, filters={**self.filters, "client": chosen})


class ScopeFilter:
    """Picks the records of a scope, and remembers which names there are.

    Args:
        scope: What is wanted, under the names that are shown.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._wanted = {
            name: {folded(each) for each in names} for name, names in scope.filters.items()
        }
        self._known: dict[str, dict[str, str]] = {name: {} for name in scope.filters}

    def pick(self, records: Sequence[TargetRecord]) -> list[TargetRecord]:
        """Return those that are wanted."""
        if not self._wanted:
            return list(records)
        if "technician" in self._known:
            for one in records:
                for credit in (*one.credit, *((one.assignee,) if one.assignee else ())):
                    self._known["technician"].setdefault(
                        folded(credit.technician), credit.technician
                    )
        return [one for one in records if self._fits({n: FILTERS[n](one) for n in self._wanted})]

    def fits_ticket(self, ticket: Ticket, client: str) -> bool:
        """Return whether a ticket that has no record would be wanted.

        Args:
            ticket: The ticket.
            client: Under which name its client is shown.
        """
        values = {
            "client": client,
            "group": ticket.group or NONE,
            "policy": ticket.sla_name or NONE,
            "priority": ticket.priority or NONE,
            "request type": ticket.request_type or NONE,
            "technician": ticket.technician or UNASSIGNED,
        }
        return self._fits({name: values[name] for name in self._wanted})

    def _fits(self, values: Mapping[str, str]) -> bool:
        fits = True
        for name, value in values.items():
            self._known[name][folded(value)] = value
            fits = fits and folded(value) in self._wanted[name]
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
