"""On-call actions of people: see the turns, take, give or swap them, end a change."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sla_console.domain.clock import Clock
from sla_console.domain.errors import NotAllowed
from sla_console.domain.people.directory import Directory
from sla_console.domain.people.on_call import Rotation
from sla_console.domain.people.rota import Handover, OnCallPlan, handed_over, stretch_at, turns
from sla_console.domain.text import clean
from sla_console.domain.tickets.operation import AuditEntry
from sla_console.service.writing import writes

if TYPE_CHECKING:
    # Only named here: the command line works on the store alone.
    from sla_console.monitoring.engine import SLAMonitoringEngine
    from sla_console.monitoring.ports import RotaRecord

AHEAD: Final = timedelta(days=21)
"""How far people look ahead."""
LONGEST: Final = timedelta(days=366)
_REASON: Final = 500


async def _nothing_more() -> None:
    """Do nothing more after a change."""


class OnCallActions:
    """One door for it.

    Args:
        rota: The store of what people changed.
        directory: Who there is, and who is on call by the configuration.
        clock: The moment.
        changed: Called after each change.
        only_looks: Returns whether nothing may be changed from here.
    """

    def __init__(
        self,
        rota: "RotaRecord",
        directory: Directory,
        clock: Clock,
        changed: Callable[[], Awaitable[None]] = _nothing_more,
        only_looks: Callable[[], bool] = lambda: False,
    ) -> None:
        self._rota, self._directory, self._clock = rota, directory, clock
        self._changed, self._only_looks = changed, only_looks

    @classmethod
    def over(
        cls, engine: "SLAMonitoringEngine", clock: Clock, only_looks: Callable[[], bool]
    ) -> "OnCallActions":
        """Return the one over a running engine, which follows each change at once."""
        directory = engine.alerting.settings.directory
        return cls(engine.data.records.rota, directory, clock, engine.alerts_changed, only_looks)

    @property
    def read_only(self) -> bool:
        """Whether nothing may be changed from here."""
        return self._only_looks()

    async def plan(self, by: str) -> OnCallPlan:
        """Return who is on call from now on, with gaps and absences.

        Args:
            by: Who asks.
        """
        now = self._clock.now()
        handovers, absences = await self._rota.handovers(now), await self._rota.absences(now)
        self._directory.take(handovers)
        people = self._directory.people
        me = next((one.name for one in people if one.is_technician(by)), None)
        found = [
            turn
            for rotation in self._directory.rotations
            for turn in turns(rotation, handovers, absences, now, now + AHEAD)
        ]
        return OnCallPlan(tuple(found), tuple(one.name for one in people), me)

    @writes
    async def hand_over(
        self,
        rotation: str,
        spans: Mapping[str, tuple[datetime, datetime]],
        by: str,
        reason: str = "",
        action: str = "give on call",
    ) -> list[Handover]:
        """Have people take over, all or none.

        Args:
            rotation: Its name.
            spans: From when until when, by person.
            by: Who wants it.
            reason: Why.
            action: What it is called in the history.

        Raises:
            NotAllowed: if a person or the rotation is not known, or a span is over or too long.
        """
        now, words = self._clock.now(), clean(reason, _REASON)
        self._rotation(rotation)
        known = {one.name for one in self._directory.people}
        for person, (start, end) in spans.items():
            if person not in known:
                raise NotAllowed(f"{clean(person, 60)} is not among alerts.people.")
            if not max(start, now) < end <= start + LONGEST:
                raise NotAllowed("It must end in the future, after it begins and within a year.")
        made = [
            Handover(secrets.token_hex(4), rotation, person, start, end, by, now, words)
            for person, (start, end) in spans.items()
        ]
        said = "; ".join(
            f"{one.person} {one.start:%Y-%m-%d %H:%M} to {one.end:%Y-%m-%d %H:%M} UTC"
            for one in made
        )
        detail = f"{said}{f': {words}' if words else ''}"
        await self._rota.hand_over(made, AuditEntry(now, by, action, rotation, detail))
        await self._follow()
        return made

    @writes
    async def swap(
        self, rotation: str, mine: datetime, theirs: datetime, by: str, reason: str = ""
    ) -> list[Handover]:
        """Have two people change turns, each as a whole.

        Args:
            rotation: Its name.
            mine: A moment in the one turn.
            theirs: A moment in the other.
            by: Who wants it.
            reason: Why.

        Raises:
            NotAllowed: if nobody has one of them, one person both, or one is over.
        """
        self._directory.take(await self._rota.handovers(self._clock.now()))
        found = self._rotation(rotation)
        both = [stretch_at(found, at, whole=True) for at in (mine, theirs)]
        try:
            spans = handed_over(found, *both)
        except ValueError as error:
            raise NotAllowed(f"{error}.") from None
        return await self.hand_over(rotation, spans, by, reason, "swap on call")

    @writes
    async def end(self, handover_id: str, by: str) -> None:
        """End a change; the turns are as they were before it.

        Raises:
            NotAllowed: if there is none that holds or will.
        """
        now = self._clock.now()
        entry = AuditEntry(now, by, "end handover", clean(handover_id, 40))
        if not await self._rota.end(handover_id, now, entry):
            raise NotAllowed(f"There is no change {clean(handover_id, 40)} that holds or will.")
        await self._follow()

    def _rotation(self, name: str) -> Rotation:
        found = next((one for one in self._directory.rotations if one.name == name), None)
        if found is None:
            raise NotAllowed(f"There is no rotation {clean(name, 60)}.")
        return found

    async def _follow(self) -> None:
        """Let everybody here follow at once."""
        self._directory.take(await self._rota.handovers(self._clock.now()))
        await self._changed()
