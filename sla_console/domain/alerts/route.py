"""Who is told, and through what if that fails."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

ASSIGNEE: Final = "assignee"
"""In a route: whoever has the ticket."""


@dataclass(frozen=True, slots=True)
class Route:
    """Who is told, and through what if that fails."""

    channels: tuple[str, ...] = ()
    """Channels that are told always."""
    people: tuple[str, ...] = ()
    """People, told through channels of their own; ``ASSIGNEE``: whoever has the ticket."""
    on_call: tuple[str, ...] = ()
    """Rotations; whoever is on call then is told."""
    fallback: tuple[str, ...] = ()
    """Channels that are tried one after the other where one of the others does not take it."""
    fallback_after: timedelta | None = None
    """How long to wait for the one before; None: a minute where urgent, else five."""

    def __bool__(self) -> bool:
        return bool(self.channels or self.people or self.on_call)

    @property
    def means_holder_alone(self) -> bool:
        """Whether nobody is told where nobody has the ticket."""
        return set(self.people) == {ASSIGNEE} and not (self.channels or self.on_call)
