"""To which technicians a target belongs: the one rule behind every figure of technicians.

- Compliance: a target counts for each technician by the share of its counted time in which they
  had the ticket, from the start until the verdict fell: the stop that met it, or its due time.
  What comes after cannot change the verdict, so it moves no credit. The shares, nobody's
  included, add up to 1.
- A breach is whole, and belongs to the technician who had the ticket when it fell due: nobody else
  could still have met it.
- Times belong to the technician who had the ticket for most of the target's time.
- Time before the console first saw a ticket belongs to the technician who had it then; how much of
  a credit rests on that is kept beside it.
"""

import sys
from collections.abc import Sequence
from datetime import datetime

from sla_console.domain.figures.names import NameBook
from sla_console.domain.figures.record import UNASSIGNED, Credit
from sla_console.domain.sla.evaluation import SEEN_AT_ONCE
from sla_console.domain.sla.sla_clock import SLAClock
from sla_console.domain.tickets.assignment import (
    Assignment,
    assignee_at,
    assumed_share,
    share_by_assignee,
)


class Attribution:
    """Credits technicians; equal credits are one object, since most tickets have one technician.

    Args:
        names: The names of technicians.
    """

    def __init__(self, names: NameBook) -> None:
        self._names = names
        self._whole: dict[str | None, tuple[Credit, ...]] = {}

    def assignee(self, assignments: Sequence[Assignment], at: datetime) -> Credit:
        """Return the technician who had the ticket at a moment, as a whole credit."""
        return self._only(assignments, assignee_at(assignments, at))[0]

    def credit(
        self,
        assignments: Sequence[Assignment],
        clock: SLAClock | None,
        started: datetime | None,
        fell: datetime,
    ) -> tuple[Credit, ...]:
        """Return the credits of a target, in the order of the names.

        Args:
            assignments: Oldest first, at least one.
            clock: Whose hours and holds count; None: not known.
            started: When the target's time began; None: not known.
            fell: When its verdict fell; now where it has not.
        """
        first = assignments[0]
        late = started is not None and first.start - started > SEEN_AT_ONCE
        if clock is None or started is None or (len(assignments) == 1 and not late):
            return self._only(assignments, assignments[-1].technician_id)
        hours, holds = clock.calendar, clock.holds
        shares = share_by_assignee(assignments, hours, started, fell, holds)
        assumed = assumed_share(assignments, hours, started, fell, holds) if late else 0.0
        found = (
            Credit(
                self._name(assignments, identity),
                share,
                identity,
                min(assumed, share) if identity == first.technician_id else 0.0,
            )
            for identity, share in shares.items()
        )
        return tuple(sorted(found, key=lambda one: (one.technician, one.key)))

    def _only(self, assignments: Sequence[Assignment], identity: str | None) -> tuple[Credit, ...]:
        if identity is None:
            name = next((a.technician for a in assignments if a.technician_id is None), None)
            if name is not None:
                return (Credit(sys.intern(name), 1.0),)
        if identity not in self._whole:
            self._whole[identity] = (Credit(self._name(assignments, identity), 1.0, identity),)
        return self._whole[identity]

    def _name(self, assignments: Sequence[Assignment], identity: str | None) -> str:
        given = next((a.technician for a in assignments if a.technician_id == identity), None)
        return sys.intern(self._names.shown(identity, given) or UNASSIGNED)
