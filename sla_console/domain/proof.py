"""Proof that something is well: what was really done, how long ago, and for how long that counts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from sla_console.domain.durations import words

PART: Final = "part "
"""Before the name of a part of the engine, where its loop is what is proved."""


class Sign(StrEnum):
    """Something that is said to be well, and must be proved again and again."""

    READ = "read"
    """All open tickets were read from SuperOps."""
    LEASE = "lease"
    """The lease was renewed; where another console has it: it was seen in force."""
    STORE = "store"
    """Something was written to the store and read back."""
    DEADLINES = "deadlines"
    """Every deadline that has come was dealt with."""
    ESCALATION = "escalation"
    """The escalation steps were looked at, and none is late."""
    DELIVERY = "delivery"
    """The outbox was looked at, and no message waits for too long."""
    CHANNELS = "channels"
    """The channels were looked at, and one of them at least works."""
    COUNTS = "counts"
    """The messages that wait in the store were counted."""
    CLOCK = "clock"
    """This machine's clock was compared with that of SuperOps."""
    HEARTBEAT = "heartbeat"
    """The receiver of the heartbeat took one."""


GOOD_FOR: Final[Mapping[Sign, timedelta]] = MappingProxyType(
    {
        Sign.READ: timedelta(seconds=180),
        Sign.LEASE: timedelta(seconds=6),
        Sign.STORE: timedelta(seconds=10),
        Sign.DEADLINES: timedelta(seconds=15),
        Sign.ESCALATION: timedelta(seconds=15),
        Sign.DELIVERY: timedelta(seconds=15),
        Sign.CHANNELS: timedelta(seconds=15),
        Sign.COUNTS: timedelta(seconds=15),
        Sign.CLOCK: timedelta(minutes=10),
        Sign.HEARTBEAT: timedelta(seconds=135),
    }
)
"""For how long a proof counts where the configuration does not say otherwise; real time."""
PART_GOOD_FOR: Final = timedelta(seconds=60)
"""The same of a part whose loop never waits for long."""

_OLD: Final[Mapping[Sign, str]] = MappingProxyType(
    {
        Sign.READ: "SuperOps has not been read whole for {}",
        Sign.LEASE: "the lease was last renewed {} ago, so another console may monitor by now",
        Sign.STORE: "the store was last written and read back {} ago",
        Sign.DEADLINES: "the engine has not dealt with deadlines for {}",
        Sign.ESCALATION: "the escalation steps were last looked at {} ago",
        Sign.DELIVERY: "the outbox was last looked at {} ago",
        Sign.CHANNELS: "the channels were last looked at {} ago",
        Sign.COUNTS: "what waits was last counted {} ago",
        Sign.HEARTBEAT: "the heartbeat was last taken {} ago",
    }
)
_NEVER: Final[Mapping[Sign, str]] = MappingProxyType(
    {
        Sign.READ: "SuperOps has not been read yet",
        Sign.LEASE: "no console is known to monitor",
        Sign.HEARTBEAT: "the heartbeat was not taken yet",
    }
)


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof that one thing is well. Moments are time that passed, which no clock step moves."""

    sign: str
    """One of ``Sign``, or the name of a part after ``PART``."""
    good_for: timedelta
    at: timedelta | None = None
    """When it was last proved; None: never."""
    fault: str | None = None
    """Why it was not the last time it was tried, part of a sentence; None: it was."""
    needed: bool = True
    """Whether something is wrong where it is merely old; else only its word changes."""

    def age(self, elapsed: timedelta) -> timedelta | None:
        """Return how long ago it was proved, None if it never was."""
        return None if self.at is None else max(timedelta(), elapsed - self.at)

    def holds(self, elapsed: timedelta) -> bool:
        """Return whether it was proved lately, and not disproved since."""
        return self.fault is None and self.at is not None and elapsed - self.at <= self.good_for

    def said(self, elapsed: timedelta) -> str | None:
        """Return in part of a sentence what is wrong; None: it holds, or need not."""
        if self.fault is not None:
            return self.fault
        if not self.needed or self.holds(elapsed):
            return None
        age = self.age(elapsed)
        if self.sign.startswith(PART):
            name = self.sign.removeprefix(PART)
            for_long = "" if age is None else f" for {words(age)}"
            return f"the part {name!r} of the engine has been stuck{for_long}"
        sign = Sign(self.sign)
        if age is None:
            return _NEVER.get(sign, f"there is no proof yet of: {sign}")
        return _OLD[sign].format(words(age))


def faults_of(proofs: Iterable[Proof], elapsed: timedelta) -> dict[str, str]:
    """Return what is wrong by the sign that says so, in parts of sentences."""
    return {one.sign: said for one in proofs if (said := one.said(elapsed)) is not None}
