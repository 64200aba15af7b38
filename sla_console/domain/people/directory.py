"""Who is reached through which channel."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from sla_console.domain.alerts.route import ASSIGNEE, Route
from sla_console.domain.names import folded
from sla_console.domain.people.on_call import Rotation, on_call
from sla_console.domain.people.rota import Handover, with_handovers


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be told."""

    name: str
    channels: tuple[str, ...]
    technician: str | None = None
    """Their name in SuperOps; None: the same."""
    zone: tzinfo | None = None
    """Time zone of the times in their messages; None: that of everybody."""

    def is_technician(self, name: str | None) -> bool:
        """Return whether a technician of this name is this person; compared without case."""
        if not name:
            return False
        return folded(name) in {folded(self.technician or self.name), folded(self.name)}


@dataclass(frozen=True, slots=True)
class Recipient:
    """A channel, and whose it is."""

    channel: str
    person: str | None = None
    on_call: tuple[str, ...] = ()
    """Rotations by which the person was chosen; empty: by name, or for the ticket."""


class Directory:
    """Turns a route into recipients.

    Args:
        people: By name.
        rotations: By name.
    """

    def __init__(self, people: Mapping[str, Person], rotations: Mapping[str, Rotation]) -> None:
        self._people = dict(people)
        self._configured = dict(rotations)
        self._rotations = dict(rotations)
        self.lost: tuple[Handover, ...] = ()
        """Changes that hold no more, as their person or rotation is gone."""

    @property
    def rotations(self) -> tuple[Rotation, ...]:
        """The on-call rotations, with the changes that people made."""
        return tuple(self._rotations.values())

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody there is."""
        return tuple(self._people.values())

    def take(self, handovers: Sequence[Handover]) -> None:
        """Have it follow what people changed about who is on call.

        Args:
            handovers: All that hold or will, oldest first.
        """
        self.lost = tuple(
            one
            for one in handovers
            if one.rotation not in self._configured or one.person not in self._people
        )
        self._rotations = {
            name: with_handovers(rotation, handovers, self._people)
            for name, rotation in self._configured.items()
        }

    def recipients(
        self, route: Route, at: datetime, technician: str | None
    ) -> tuple[Recipient, ...]:
        """Return whom a route tells at a moment: its channels, its people, whoever is on call.

        Args:
            route: Who is meant.
            at: The moment.
            technician: Who has the ticket; None: nobody.
        """
        found = {name: Recipient(name) for name in route.channels}
        for person, _ in self._named(route, technician):
            for channel in person.channels if person else ():
                found.setdefault(channel, Recipient(channel, person.name if person else None))
        for name in route.on_call:
            for channel, who in self.on_call((name,), at):
                found.setdefault(channel, Recipient(channel, who, (name,)))
        return tuple(found.values())

    def on_call(self, rotations: Iterable[str], at: datetime) -> list[tuple[str, str]]:
        """Return the channels of those on call at a moment, each with the person's name."""
        route = Route(on_call=tuple(rotations))
        people = [person for person, _ in self._meant(route, at, None) if person]
        return [(channel, person.name) for person in people for channel in person.channels]

    def zone_of(self, channel: str, person: str | None) -> tzinfo | None:
        """Return the zone of the person who reads a channel; None: it is nobody's, or not known.

        Args:
            channel: Through which a message goes; where it is a person's own, that person reads it.
            person: For whom the message is, where several people share the channel.
        """
        readers = [one for one in self._people.values() if channel in one.channels]
        meant = [one for one in readers if one.name == person] or readers
        zones = {one.zone for one in meant}
        return next(iter(zones)) if len(zones) == 1 else None

    def owner_of(self, channel: str) -> str | None:
        """Return the one person who has a channel; None: nobody has it, or several people."""
        readers = [one.name for one in self._people.values() if channel in one.channels]
        return readers[0] if len(readers) == 1 else None

    def gone(self, route: Route) -> list[str]:
        """Return in words the people and rotations of a route that no longer exist."""
        people = [name for name in route.people if name != ASSIGNEE and name not in self._people]
        rotations = [name for name in route.on_call if name not in self._rotations]
        return [f"person {one}" for one in people] + [f"rotation {one}" for one in rotations]

    def missing(self, route: Route, at: datetime, technician: str | None) -> tuple[str, ...]:
        """Return in words whom a route means and does not reach."""
        found = []
        for person, who in self._meant(route, at, technician):
            if person is None:
                found.append(who)
            elif not person.channels:
                found.append(f"{person.name} has no channels")
        return tuple(found)

    def _meant(
        self, route: Route, at: datetime, technician: str | None
    ) -> Iterator[tuple[Person | None, str]]:
        """Yield each person that a route means, or in words why there is none."""
        yield from self._named(route, technician)
        for name in route.on_call:
            rotation = self._rotations.get(name)
            who = on_call(rotation, at) if rotation else None
            words = f"{who}, on call for {name}, is not among the people"
            yield self._people.get(who or ""), words if who else f"nobody is on call for {name}"

    def _named(self, route: Route, technician: str | None) -> Iterator[tuple[Person | None, str]]:
        """Yield the same of those that it names, or that have the ticket."""
        for name in route.people:
            if name != ASSIGNEE:
                yield self._people.get(name), f"{name} is not among the people"
                continue
            mine = (one for one in self._people.values() if one.is_technician(technician))
            words = f"{technician}, who has the ticket, is not among the people"
            yield next(mine, None), words if technician else "nobody has the ticket"
