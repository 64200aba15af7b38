"""What an action is about: fixed at the moment the key was pressed, whatever moves later."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sla_console.domain.sla.breach import BreachState, SLABreach

_NAMED: Final = 4
"""Tickets or breaches named one by one; of the others only how many they are is said."""


@dataclass(frozen=True, slots=True)
class Selection:
    """One ticket, and those of its breaches that are meant."""

    ticket_id: str
    display_id: str
    client: str | None
    subject: str
    breaches: tuple[SLABreach, ...] = ()


@dataclass(frozen=True, slots=True)
class Chosen:
    """The tickets that an action is about: the marked ones, else the one under the cursor."""

    tickets: tuple[Selection, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the tickets."""
        return tuple(one.ticket_id for one in self.tickets)

    @property
    def first(self) -> Selection:
        """The one whose values a dialog offers."""
        return self.tickets[0]

    @property
    def several(self) -> bool:
        """Whether they are more than one."""
        return len(self.tickets) > 1

    @property
    def breaches(self) -> tuple[SLABreach, ...]:
        """Their breaches that are meant."""
        return tuple(breach for one in self.tickets for breach in one.breaches)

    def to_acknowledge(self, by: str) -> tuple[SLABreach, ...]:
        """Return the breaches that nobody has; where there are none, those that one has oneself.

        Args:
            by: Who acknowledges; what is acknowledged again is kept for longer.
        """
        free = _but(self.breaches, BreachState.ACKNOWLEDGED)
        return free or tuple(b for b in self.breaches if b.acknowledged_by == by)

    def acknowledged(self) -> tuple[SLABreach, ...]:
        """Return the breaches that somebody has, or put off."""
        taken = {BreachState.ACKNOWLEDGED, BreachState.SNOOZED}
        return tuple(b for b in self.breaches if b.state in taken)

    @property
    def name(self) -> str:
        """Number of the ticket, or how many they are."""
        return f"{len(self.tickets)} tickets" if self.several else self.first.display_id

    def lines(self) -> list[str]:
        """Return who they are, for the head of a dialog: the first line stands out."""
        if not self.several:
            one = self.first
            return [f"{one.display_id}  {one.client or ''}".rstrip(), one.subject]
        named = [f"{one.display_id}  {one.client or ''}, {one.subject}" for one in self.tickets]
        return [self.name, *shortened(named)]


def shortened(lines: Sequence[str]) -> list[str]:
    """Return the first few lines, and how many more there are."""
    more = len(lines) - _NAMED
    return [*lines[:_NAMED], *([f"and {more} more"] if more > 0 else [])]


def _but(breaches: Iterable[SLABreach], state: BreachState) -> tuple[SLABreach, ...]:
    return tuple(breach for breach in breaches if breach.state is not state)
