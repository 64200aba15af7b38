"""What an action is about: fixed at the moment the key was pressed, whatever moves later."""

from dataclasses import dataclass

from sla_console.domain.breach import BreachState, SLABreach


@dataclass(frozen=True, slots=True)
class Selection:
    """One ticket, and those of its breaches that are meant."""

    ticket_id: str
    display_id: str
    client: str | None
    subject: str
    breaches: tuple[SLABreach, ...] = ()

    def to_acknowledge(self) -> tuple[SLABreach, ...]:
        """Return the breaches that nobody has."""
        return tuple(b for b in self.breaches if b.state is not BreachState.ACKNOWLEDGED)

    def acknowledged(self) -> tuple[SLABreach, ...]:
        """Return the breaches that somebody has."""
        return tuple(b for b in self.breaches if b.state is BreachState.ACKNOWLEDGED)
