"""One name for each client and technician: found by id, shown under the latest, known by all."""

from collections.abc import Iterable

from sla_console.domain.names import folded


class NameBook:
    """The names of clients, or of technicians.

    Args:
        known: Id and name, the latest name of an id last.
    """

    def __init__(self, known: Iterable[tuple[str, str]] = ()) -> None:
        self._latest: dict[str, str] = {}
        self._all: dict[str, dict[str, None]] = {}
        for identity, name in known:
            self._latest[identity] = name
            self._all.setdefault(identity, {})[name] = None
        holders: dict[str, list[str]] = {}
        for identity, name in self._latest.items():
            holders.setdefault(folded(name), []).append(identity)
        # Two of the same name stay two.
        self._shown = {
            identity: name if len(holders[folded(name)]) == 1 else f"{name} ({identity})"
            for identity, name in self._latest.items()
        }
        self._ids = {shown: identity for identity, shown in self._shown.items()}

    def shown(self, identity: str | None, name: str | None) -> str | None:
        """Return under which name an id is shown; without an id, the name as it is."""
        if identity is None:
            return name
        if identity not in self._shown:
            # The first name that is met stands for the id from then on.
            self._shown[identity] = name or identity
            self._ids.setdefault(self._shown[identity], identity)
        return self._shown[identity]

    def names_of(self, shown: str) -> tuple[str, ...]:
        """Return all names of what is shown under a name, the shown one first."""
        earlier = self._all.get(self._ids.get(shown, ""), {})
        return tuple(dict.fromkeys((shown, *reversed(earlier))))

    def find(self, name: str) -> tuple[str, ...]:
        """Return what is shown of everything that has, or had, a name; however it is spelled.

        A name that one has now is not taken for one that another had before.
        """
        wanted = folded(name)
        now = [s for i, s in self._shown.items() if wanted in {folded(s), self._now(i)}]
        if now:
            return tuple(now)
        return tuple(
            self._shown[identity]
            for identity, names in self._all.items()
            if any(folded(each) == wanted for each in names)
        )

    def _now(self, identity: str) -> str:
        return folded(self._latest.get(identity, ""))


class Names:
    """The names of clients and technicians.

    Args:
        clients: Id and name, the latest name of an id last.
        technicians: The same of technicians.
    """

    def __init__(
        self,
        clients: Iterable[tuple[str, str]] = (),
        technicians: Iterable[tuple[str, str]] = (),
    ) -> None:
        self.clients = NameBook(clients)
        self.technicians = NameBook(technicians)
