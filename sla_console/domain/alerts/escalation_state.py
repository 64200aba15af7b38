"""The timer of one breach: which step of the escalation comes next, and when.

It knows moments only. Who is told, and whether somebody has the breach, is the breach's own.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.alerts.escalation import EscalationPlan, StepPage
from sla_console.domain.copies import copy_with

GRACE: Final = timedelta(seconds=10)
"""Between giving a breach back and the first page, so that taking it at once pages nobody."""
_REMIND_AT: Final = 0.8
"""Share of an acknowledgement's time after which whoever has it is reminded."""


@dataclass(frozen=True, slots=True)
class EscalationState:
    """A copy of the plan and the place in it. All times aware UTC."""

    plan: EscalationPlan
    opened_at: datetime
    base: datetime
    """From when the steps count: the opening, or the last resumption."""
    round: int = 0
    """Rises each time that it begins anew."""
    place: int = 0
    """Which of the plan's pages comes next."""
    stopped: bool = False
    """Somebody has it, or it sleeps: no page comes."""
    held_since: datetime | None = None
    """Set while the ticket waits: no page comes, and no acknowledgement runs out."""
    remind_at: datetime | None = None
    """When whoever has it is reminded that the acknowledgement runs out."""
    acknowledged_until: datetime | None = None

    @classmethod
    def open(cls, plan: EscalationPlan, at: datetime) -> "EscalationState":
        """Return the timer of a breach that has just been found."""
        return cls(plan, at, at)

    @property
    def next_at(self) -> datetime | None:
        """When the next page comes; None: none does, as things are."""
        pages = self.plan.pages
        if self.stopped or self.held_since is not None or self.place >= len(pages):
            return None
        return self.base + pages[self.place].after

    @property
    def next_page(self) -> StepPage | None:
        """The page that comes next, or would if it were not stopped."""
        pages = self.plan.pages
        return pages[self.place] if self.place < len(pages) else None

    @property
    def words(self) -> str:
        """Which step was taken last, such as ``2 of 3``; empty before the first."""
        taken = {page.step for page in self.plan.pages[: self.place]}
        return f"{max(taken) + 1} of {len(self.plan.steps)}" if taken else ""

    def advance(self, now: datetime) -> tuple["EscalationState", StepPage | None]:
        """Pass over what has come by now, and return the last step of it.

        After a gap several pages may have come; only the one of the highest step is told, since
        whoever gets it is told of the same breach.
        """
        if self.stopped or self.held_since is not None:
            return self, None
        pages = self.plan.pages
        place = self.place
        while place < len(pages) and self.base + pages[place].after <= now:
            place += 1
        passed = pages[self.place : place]
        if not passed:
            return self, None
        return copy_with(self, place=place), max(passed, key=lambda page: (page.step, page.repeat))

    def hasten(self, now: datetime) -> tuple["EscalationState", StepPage | None]:
        """Take the next step now, because somebody asked; the later ones keep their distance."""
        pages = self.plan.pages
        taken = max((page.step for page in pages[: self.place]), default=-1)
        ahead = [
            (at, page) for at, page in enumerate(pages) if page.step > taken and not page.repeat
        ]
        running = replace(
            self,
            stopped=False,
            held_since=None if self.held_since is None else now,
            remind_at=None,
            acknowledged_until=None,
        )
        if not ahead:
            return running, None
        at, page = ahead[0]
        return replace(running, place=at + 1, base=now - page.after), page

    def acknowledge(self, now: datetime, lasts: timedelta | None) -> "EscalationState":
        """Stop for as long as somebody asked, else as its plan says; neither: for ever."""
        lasts = lasts or self.plan.acknowledged_for
        return replace(
            self,
            stopped=True,
            held_since=None if self.held_since is None else now,
            remind_at=None if lasts is None else now + _REMIND_AT * lasts,
            acknowledged_until=None if lasts is None else now + lasts,
        )

    def reminded(self) -> "EscalationState":
        """Note that the reminder went out."""
        return replace(self, remind_at=None)

    def sleep(self) -> "EscalationState":
        """Stop until somebody or something wakes it."""
        return replace(self, stopped=True, remind_at=None, acknowledged_until=None)

    def begin_anew(self, now: datetime) -> "EscalationState":
        """Start from the first step again, after a moment's grace."""
        return replace(
            self,
            base=now + GRACE,
            round=self.round + 1,
            place=0,
            stopped=False,
            held_since=None if self.held_since is None else now,
            remind_at=None,
            acknowledged_until=None,
        )

    def earlier(self, by: timedelta) -> "EscalationState":
        """Return it with every span of time as long as it was, on a clock that was set back."""
        held, remind, until = self.held_since, self.remind_at, self.acknowledged_until
        return replace(
            self,
            base=self.base - by,
            held_since=None if held is None else held - by,
            remind_at=None if remind is None else remind - by,
            acknowledged_until=None if until is None else until - by,
        )

    def hold(self, now: datetime) -> "EscalationState":
        """Stand still while the ticket waits."""
        return self if self.held_since is not None else replace(self, held_since=now)

    def release(self, now: datetime) -> "EscalationState":
        """Go on where it stood: what was left of each span of time is left still."""
        if self.held_since is None:
            return self
        waited = max(now - self.held_since, timedelta())
        remind, until = self.remind_at, self.acknowledged_until
        return replace(
            self,
            held_since=None,
            base=self.base + waited,
            remind_at=None if remind is None else remind + waited,
            acknowledged_until=None if until is None else until + waited,
        )
