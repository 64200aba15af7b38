"""Keeps what was last proved: each thing that is said to be well writes down here that it is."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from sla_console.domain.clock import Clock
from sla_console.domain.proof import GOOD_FOR, Proof, Sign


class Proofs:
    """The proofs of one console.

    Args:
        clock: Time that passed.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        # What the machine may take is real time, however fast the clock runs.
        self._pace = 1 / max(clock.real_seconds(timedelta(seconds=1)), 1e-6)
        self._known: dict[str, Proof] = {}

    def __iter__(self) -> Iterator[Proof]:
        return iter(self._known.values())

    def expect(self, sign: str, good_for: timedelta | None = None) -> None:
        """Ask for a proof from now on: it counts as given at this moment.

        Args:
            sign: One of ``Sign``, or the name of a part.
            good_for: Real time for which each proof counts; None: as in ``GOOD_FOR``.
        """
        span = GOOD_FOR[Sign(sign)] if good_for is None else good_for
        self._known[sign] = Proof(sign, span * self._pace, self._clock.elapsed())

    def drop(self, sign: str) -> None:
        """Ask for a proof no more."""
        self._known.pop(sign, None)

    def proved(self, sign: str) -> None:
        """Note that something was just shown to be well."""
        if sign not in self._known:
            self.expect(sign)
            return
        self._known[sign] = replace(self._known[sign], at=self._clock.elapsed(), fault=None)

    def failed(self, sign: str, why: str) -> None:
        """Note that something is not well; when it last was stays known.

        Args:
            sign: One of ``Sign``.
            why: Part of a sentence.
        """
        known = self._known.get(sign) or Proof(sign, GOOD_FOR[Sign(sign)] * self._pace)
        self._known[sign] = replace(known, fault=why.rstrip("."))

    def judged(self, sign: str, fault: str | None) -> None:
        """Note how something is that was looked at just now.

        Args:
            sign: One of ``Sign``.
            fault: Why it is not well, part of a sentence; None: it is.
        """
        if fault is None:
            self.proved(sign)
        else:
            self.failed(sign, fault)

    def of(self, sign: str) -> Proof | None:
        """Return what is known of one sign, None if it was never asked for."""
        return self._known.get(sign)
