"""The record of itself that the monitoring console keeps in the store, for those that follow.

A console that follows, or a command that asks once, has no proof of its own that all is well. It
has what the monitor wrote down last, and how long ago that was by a clock that all of them share.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from sla_console.domain.board import Health, SourceState
from sla_console.domain.clock import Clock
from sla_console.domain.errors import StoreError
from sla_console.domain.proof import PART, Proof, Sign, faults_of
from sla_console.monitoring.leadership import Leadership
from sla_console.monitoring.ports import MetaRecord

_NAME: Final = "monitor record"
_AGAIN: Final = timedelta(seconds=4)
"""Real time after which it is written although it says the same."""
_ON_THE_WAY: Final = timedelta(seconds=6)
"""Real time until others have read what is new, as the monitor and they look every two seconds."""


@dataclass(frozen=True, slots=True)
class MonitorRecord:
    """How the monitor was when it wrote this."""

    term: int
    """Under which it monitored."""
    connection: SourceState
    message: str | None
    concerns: tuple[str, ...]
    proofs: tuple[Proof, ...]
    """Their moments are those of whoever reads them."""


class RecordKeeper:
    """Writes and reads the record.

    Args:
        meta: The store.
        leadership: Who monitors.
        clock: Time that passed.
    """

    def __init__(self, meta: MetaRecord, leadership: Leadership, clock: Clock) -> None:
        self._meta, self._leadership, self._clock = meta, leadership, clock
        self._pace = 1 / max(clock.real_seconds(timedelta(seconds=1)), 1e-6)
        self._said: object = None
        self._written: timedelta | None = None
        self.latest: MonitorRecord | None = None
        """As it was last read; None: the console that monitors now has written none."""

    async def write(self, health: Health, *, anyway: bool = False) -> bool:
        """Write how this console is, where that is news or was long ago, and read it back.

        Args:
            health: How it is.
            anyway: Write it in any case.

        Returns:
            Whether it was; if not, it was not due.

        Raises:
            StoreError: if it cannot be written, or is not there afterwards.
        """
        elapsed = self._clock.elapsed()
        said = (
            health.connection,
            health.message,
            health.concerns,
            tuple(faults_of(health.proofs, elapsed)),
            self._leadership.term,
        )
        due = self._written is None or elapsed - self._written >= _AGAIN * self._pace
        if said == self._said and not due and not anyway:
            return False
        text = json.dumps(self._encoded(health, elapsed))
        await self._meta.set(_NAME, text)
        if await self._meta.get(_NAME) != text:
            raise StoreError("What was written to the store is not what it holds.")
        self._said, self._written = said, elapsed
        return True

    async def read(self) -> None:
        """Take over what the console that monitors now wrote last.

        Raises:
            StoreError: if it cannot be read.
        """
        text = await self._meta.get(_NAME)
        self.latest = self._decoded(json.loads(text)) if text else None

    def _encoded(self, health: Health, elapsed: timedelta) -> dict[str, Any]:
        return {
            "term": self._leadership.term,
            "at_ms": self._leadership.now_ms,
            "connection": health.connection,
            "message": health.message,
            "concerns": health.concerns,
            # That this can be read is proof that the store could be written now.
            "proofs": [
                _encoded(replace(one, at=elapsed, fault=None), elapsed)
                if one.sign == Sign.STORE
                else _encoded(one, elapsed)
                for one in health.proofs
            ],
        }

    def _decoded(self, row: dict[str, Any]) -> MonitorRecord | None:
        since = timedelta(milliseconds=self._leadership.now_ms - row["at_ms"]) * self._pace
        if row["term"] != self._leadership.seen_term or since < timedelta():
            return None  # of a monitor that is none any more, or from before a restart
        written = self._clock.elapsed() - since
        return MonitorRecord(
            row["term"],
            SourceState(row["connection"]),
            row["message"],
            tuple(row["concerns"]),
            tuple(_decoded(one, written, _ON_THE_WAY * self._pace) for one in row["proofs"]),
        )


def _encoded(proof: Proof, elapsed: timedelta) -> Sequence[Any]:
    age = proof.age(elapsed)
    return (
        proof.sign,
        proof.good_for.total_seconds(),
        None if age is None else age.total_seconds(),
        proof.fault,
        proof.needed,
    )


def _decoded(row: Sequence[Any], written: timedelta, later: timedelta) -> Proof:
    sign, good_for, age, fault, needed = row
    return Proof(
        sign.replace(PART, f"{PART}monitor's ", 1) if sign.startswith(PART) else sign,
        timedelta(seconds=good_for) + later,
        None if age is None else written - timedelta(seconds=age),
        fault,
        needed,
    )
