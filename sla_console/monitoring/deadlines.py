"""The moments in the lives of tickets that matter."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sla_console.domain.alerts.warning import WarningLevel
from sla_console.domain.sla.breach import BreachType
from sla_console.domain.timers import Timers


class Matter(StrEnum):
    """Why a moment matters."""

    WARNING = "warning"
    BREACH = "breach"
    RISK = "risk"


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment in the life of one promise."""

    at: datetime
    ticket_id: str
    target: BreachType
    matter: Matter
    level: WarningLevel | None = None
    """The level reached, of a warning."""

    @property
    def name(self) -> str:
        """The ticket: its moments are replaced together."""
        return self.ticket_id


Deadlines = Timers[Deadline]
"""The next moments of all tickets, so that nothing has to be looked at in between."""
