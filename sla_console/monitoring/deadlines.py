"""The moments in the lives of tickets that matter."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sla_console.domain.alerts.warning import WarningLevel
from sla_console.domain.sla.breach import BreachType
from sla_console.domain.timers import Timers


class Matter(StrEnum):
    """Why a moment matters."""

    WARNING = "warning"
    BREACH = "breach"
    RISK = "risk"


class Deadline(NamedTuple):
    """A moment in the life of one promise. Ten thousand tickets have eighty thousand of them."""

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


class Deadlines(Timers[Deadline]):
    """The next moments of all tickets, so that nothing has to be looked at in between.

    Those of a ticket that is known from the store alone stand apart until it is read: it may have
    ended a day ago. So what is read can be dealt with while the first sweep still goes on.
    """

    def __init__(self) -> None:
        super().__init__()
        self._unread: dict[str, list[Deadline]] = {}

    def hold(self, name: str, moments: Iterable[Deadline]) -> None:
        """Keep the moments of a ticket that was not read since the start."""
        self._unread[name] = list(moments)

    def read(self, names: Iterable[str]) -> None:
        """Let the moments of tickets count that were read."""
        for name in names:
            moments = self._unread.pop(name, None)
            if moments is not None:
                super().set(name, moments)

    def heard(self) -> None:
        """Let all moments count, since all that is open was read."""
        self.read(list(self._unread))

    def set(self, name: str, moments: Iterable[Deadline]) -> None:
        """Replace the moments of a ticket; whether they count yet stays as it is."""
        if name in self._unread:
            self.hold(name, moments)
        else:
            super().set(name, moments)

    def forget(self, name: str) -> None:
        """Drop the moments of a ticket."""
        self._unread.pop(name, None)
        super().forget(name)

    def until(self, moment: datetime) -> list[Deadline]:
        """Return the moments up to ``moment``, whether they count yet or not, in no order."""
        held = (one for moments in self._unread.values() for one in moments if one.at <= moment)
        return [*super().until(moment), *held]
