"""Writing verdicts as they fall, and keeping those of the tickets at hand.

A verdict is collected when it is decided and stored together with others; ``flush`` says when. It
is stored before the ticket that it follows from, so that a crash between the two decides it again.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sla_console.domain import fault_points
from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.sla_clock import EvaluatedTicket
from sla_console.domain.sla.verdict import Outcome, Verdict, in_force
from sla_console.domain.sla.verdict_rules import correction_of, decide, stop_of
from sla_console.monitoring.evaluator import Evaluator
from sla_console.monitoring.ports import VerdictRecord


class VerdictKeeper:
    """Decides what became of targets, and stores it once.

    Args:
        record: Where verdicts are kept.
        evaluator: Knows the hours of each ticket.
        term: Returns the term under which this console leads, None where it needs none.
    """

    def __init__(
        self, record: VerdictRecord, evaluator: Evaluator, term: Callable[[], int | None]
    ) -> None:
        self._record, self._evaluator, self._term = record, evaluator, term
        self._known: dict[str, tuple[Verdict, ...]] = {}
        self._written: list[Verdict] = []
        self._stopped: list[Verdict] = []

    async def restore(self) -> set[str]:
        """Take over what is stored of open tickets; return the ids for which that is news.

        Raises:
            StoreError: if it cannot be read.
        """
        before = self._known
        self._written, self._stopped = [], []
        stored = await self._record.of_open()
        self._known = {one: _latest(verdicts) for one, verdicts in stored.items()}
        return {
            ticket_id
            for ticket_id in before.keys() | self._known.keys()
            if before.get(ticket_id) != self._known.get(ticket_id)
        }

    async def learn(self, ticket_ids: Sequence[str]) -> None:
        """Take over what is stored of some tickets, open or not.

        Raises:
            StoreError: if it cannot be read.
        """
        wanted = [one for one in ticket_ids if one not in self._known]
        stored = await self._record.among(wanted)
        for ticket_id in wanted:
            self._known[ticket_id] = _latest(stored.get(ticket_id, ()))

    def of(self, ticket_id: str) -> tuple[Verdict, ...]:
        """Return the verdicts in force of a ticket."""
        return self._known.get(ticket_id, ())

    def weigh(self, judged: EvaluatedTicket, now: datetime, doubt: str = "") -> EvaluatedTicket:
        """Note what has become of a ticket's targets; return it with the verdicts in force.

        Args:
            judged: The ticket, with the verdicts that are known.
            now: The moment.
            doubt: Why nobody knows how long its latest cycle took; empty: that is known.
        """
        found: list[Verdict] = []
        for target in BreachType:
            known = judged.clock(target).verdict
            if known is None:
                fresh = decide(judged, target, now)
                if fresh is not None and doubt and fresh.cycle > 1:
                    fresh = replace(
                        fresh,
                        outcome=Outcome.IN_DOUBT,
                        by_times=None,
                        used=None,
                        late=None,
                        reason=doubt,
                    )
            else:
                then = self._evaluator.as_promised(judged, known)
                fresh = correction_of(known, then, judged, now)
                if fresh is None and (stopped := stop_of(known, then.clock(target))) is not None:
                    self._stopped.append(stopped)
                    found.append(stopped)
            if fresh is not None:
                self._written.append(fresh)
                found.append(fresh)
        if not found:
            return judged
        ticket_id = judged.ticket.id
        fresh_keys = {one.key for one in found}
        others = [one for one in self.of(ticket_id) if one.key not in fresh_keys]
        self._known[ticket_id] = (*others, *found)
        return judged.with_verdicts(self._known[ticket_id])

    async def flush(self) -> None:
        """Store what was decided since the last time.

        Raises:
            LostLease: if another term has begun.
            StoreError: if it could not be stored; it is kept for the next time.
        """
        if self._written:
            written = list(self._written)
            fault_points.hit("verdict.write")
            await self._record.write(written, self._term())
            del self._written[: len(written)]
        if self._stopped:
            stopped = list(self._stopped)
            fault_points.hit("verdict.stop")
            await self._record.stop(stopped, self._term())
            del self._stopped[: len(stopped)]

    def forget(self, ticket_id: str) -> None:
        """Drop a ticket that is no longer watched; what is stored stays."""
        self._known.pop(ticket_id, None)


def _latest(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    return tuple(in_force(verdicts).values())
