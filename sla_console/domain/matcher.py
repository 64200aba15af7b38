"""Conditions on tickets: the one place that decides how a field is compared with names.

Rules, silences, maintenance windows, policies and the filter of the board all ask here. A whole name
is meant where somebody set it down, a part of one where somebody types; case, composition and runs
of spaces never count (``domain.names``).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sla_console.domain.names import folded

if TYPE_CHECKING:
    # Breaches name their policy, whose conditions are asked here.
    from sla_console.domain.sla.breach import BreachType

NameTest = Callable[[str | None], bool]


def name_test(names: Iterable[str], *, partly: bool = False, absent: str = "") -> NameTest:
    """Return what says whether a name is one of these.

    Args:
        names: At least one.
        partly: Whether a part of the name is enough.
        absent: How people write that there is no name; empty: then none fits.
    """
    wanted, nothing = frozenset(map(folded, names)), folded(absent)
    if not partly:
        return lambda name: (nothing if name is None else folded(name)) in wanted
    return lambda name: any(part in (folded(name) if name else nothing) for part in wanted)


@dataclass(frozen=True, slots=True)
class Condition:
    """A field of tickets that can be asked about."""

    names: str
    """Field of ``Matcher`` that holds the names."""
    word: str
    """The field in words."""
    reads: tuple[str, ...]
    """Attributes of a ticket, a notification or a breach that hold it; any of them may fit."""


CONDITIONS: Final = (
    Condition("clients", "client", ("client",)),
    Condition("priorities", "priority", ("priority",)),
    Condition("groups", "group", ("group",)),
    Condition("policies", "policy", ("policy",)),
    Condition("tickets", "ticket", ("display_id", "ticket_id", "id")),
    Condition("technicians", "technician", ("technician",)),
    Condition("slas", "SLA", ("sla_name",)),
    Condition("request_types", "request type", ("request_type",)),
)
BY_NAMES: Final[Mapping[str, Condition]] = {one.names: one for one in CONDITIONS}


@dataclass(frozen=True, slots=True)
class Matcher:
    """A condition on tickets. An empty tuple matches everything; names are compared without case."""

    clients: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    tickets: tuple[str, ...] = ()
    """Numbers or ids."""
    technicians: tuple[str, ...] = ()
    targets: "tuple[BreachType, ...]" = ()
    slas: tuple[str, ...] = ()
    """SuperOps' names of SLAs."""
    request_types: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in self.__slots__)

    def matches(self, about: object) -> bool:
        """Return whether a ticket, or a notification about one, meets every condition."""
        if self.targets and getattr(about, "target", None) not in self.targets:
            return False
        return all(
            any(fits(getattr(about, attribute, None)) for attribute in reads)
            for reads, fits in _tests(self)
        )

    def renamed(self, names: Mapping[str, str]) -> "Matcher":
        """Return it with the clients by their names of now, as ``renames`` has them."""
        clients = tuple(names.get(folded(name), name) for name in self.clients)
        return self if clients == self.clients else replace(self, clients=clients)

    def words(self) -> str:
        """Return it in words, such as ``client Harbour Dental, priority High``."""
        found = [
            f"{one.word} {' or '.join(getattr(self, one.names))}"
            for one in CONDITIONS
            if getattr(self, one.names)
        ]
        found += [f"the {target.words}" for target in self.targets]
        return ", ".join(found) or "everything"


@lru_cache(maxsize=1024)
def _tests(matcher: Matcher) -> tuple[tuple[tuple[str, ...], NameTest], ...]:
    """Return the conditions that a matcher has, made ready."""
    return tuple(
        (one.reads, name_test(names))
        for one in CONDITIONS
        if (names := getattr(matcher, one.names))
    )
