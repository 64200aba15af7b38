"""Whether this machine's clock can be trusted, by that of SuperOps and by what the store last saw."""

from datetime import datetime, timedelta
from typing import Final

from sla_console.alerting.concerns import Concern
from sla_console.alerting.outages import LAST_TICK
from sla_console.domain.clock import Clock
from sla_console.domain.durations import words
from sla_console.domain.proof import GOOD_FOR, Proof, Sign
from sla_console.monitoring.ports import MetaRecord, SuperOpsPort

_SHOWN: Final = timedelta(minutes=1)
_STOPS: Final = timedelta(hours=1)


class ClockCheck:
    """Says how wrong this machine's clock is.

    Args:
        desk: SuperOps.
        meta: The store.
        clock: This machine's.
    """

    def __init__(self, desk: SuperOpsPort, meta: MetaRecord, clock: Clock) -> None:
        self._desk, self._meta, self._clock = desk, meta, clock
        self.right = RightClock(clock, self)
        """The clock by which what is seen is dated."""
        # Where the clock is made to hurry, a slow answer is no wrong clock.
        pace = 1 / max(clock.real_seconds(timedelta(seconds=1)), 1e-6)
        self._shown, self._stops = _SHOWN * max(1.0, pace), _STOPS * max(1.0, pace)
        self._good_for = GOOD_FOR[Sign.CLOCK] * max(1.0, pace)
        self._seen: datetime | None = None

    async def recall(self) -> None:
        """Look up what the store last saw, until SuperOps says what is so.

        Raises:
            StoreError: if the store cannot be read.
        """
        stored = await self._meta.get(LAST_TICK)
        self._seen = datetime.fromisoformat(stored) if stored else None

    def answered(self) -> None:
        """Take note that SuperOps answers; an answer without a date changes nothing else."""
        self._seen = None

    def offset(self) -> timedelta:
        """Return how far this machine's clock is ahead, below zero: behind; zero where not known."""
        heard = self._desk.clock_offset()
        if heard is not None:
            return heard
        if self._seen is None:
            return timedelta()
        return min(timedelta(), self._clock.now() - self._seen)

    def is_right(self) -> bool:
        """Return whether it agrees with SuperOps' clock, as far as is known."""
        return abs(self.offset()) <= self._shown

    def is_confirmed(self) -> bool:
        """Return whether SuperOps itself says that it is right."""
        return self._desk.clock_offset() is not None and self.is_right()

    def can_be_trusted(self) -> bool:
        """Return whether it is right enough to delete, announce and freeze by."""
        return abs(self.offset()) <= self._stops

    def true_now(self) -> datetime:
        """Return the moment by SuperOps' clock where this machine's is wrong, else by this one."""
        now = self._clock.now()
        return now if self.is_right() else now - self.offset()

    def proof(self) -> Proof:
        """Return what shows that it is right; that it was not compared is no fault by itself."""
        fault = None
        if not self.can_be_trusted():
            fault = f"this machine's clock is {self._words()}, so nothing is judged late"
        heard = self._desk.clock_heard()
        return Proof(Sign.CLOCK, self._good_for, heard, fault, needed=False)

    def _words(self) -> str:
        offset = self.offset()
        way = "ahead of" if offset > timedelta() else "behind"
        whose = "SuperOps'" if self._desk.clock_offset() is not None else "what the store last saw"
        return f"{words(timedelta(seconds=round(abs(offset).total_seconds())))} {way} {whose}"

    def concern(self) -> Concern | None:
        """Return what there is to say of a clock that is wrong."""
        if self.is_right():
            return None
        stops = "; nothing is judged late, told of, deleted or frozen until it is right"
        return Concern(
            "This machine's clock is wrong",
            f"it is {self._words()}"
            + ("" if self.can_be_trusted() else stops)
            + ". Set it right, such as by NTP",
        )


class RightClock:
    """This machine's clock while it is right, else SuperOps' own.

    What is seen of tickets is dated by it: a change that a wrong clock dates moves due times and
    verdicts for ever.

    Args:
        clock: This machine's.
        check: Knows how wrong it is.
    """

    def __init__(self, clock: Clock, check: ClockCheck) -> None:
        self._clock, self._check = clock, check

    def now(self) -> datetime:
        """Return this moment as aware UTC."""
        return self._check.true_now()

    def elapsed(self) -> timedelta:
        """Return how much time has passed, as this machine counts it."""
        return self._clock.elapsed()

    def real_seconds(self, span: timedelta) -> float:
        """Return how many real seconds a span takes."""
        return self._clock.real_seconds(span)
