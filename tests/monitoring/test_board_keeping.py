"""The table of all open tickets, and the queue of moments, at any size."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sla_console.domain.board import Health
from sla_console.domain.forecast.risk import RiskThresholds
from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.sla.evaluation import evaluate
from sla_console.domain.tickets.ticket import StatusPhases, Ticket
from sla_console.monitoring.board import BoardKeeper
from sla_console.monitoring.deadlines import Deadline, Deadlines, Matter

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
PHASES = StatusPhases.of((), ("Closed",))

steps = st.lists(st.tuples(st.booleans(), st.integers(0, 8), st.integers(1, 9)), max_size=60)


def row(number: int, due: int):
    ticket = Ticket(
        str(number), str(number), "", created_at=NOW, resolution_due=NOW + timedelta(hours=due)
    )
    return evaluate(ticket, None, BusinessCalendar.always(), PHASES)


@given(steps, st.integers(1, 7))
def test_the_board_is_in_order_whatever_came_and_went(steps: list, every: int) -> None:
    keeper, known = BoardKeeper(RiskThresholds()), {}
    for place, (comes, number, due) in enumerate(steps):
        if comes:
            known[str(number)] = due
            keeper.put(row(number, due), NOW)
        else:
            known.pop(str(number), None)
            keeper.remove(str(number))
        if place % every == 0:
            board = keeper.snapshot(NOW, Health())
            assert [known[j.ticket.id] for j in board.tickets] == sorted(known.values())
            assert board.counts.open == len(known) == len(board.by_id)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 50)), max_size=60), st.integers(0, 50))
def test_the_moments_that_come_soon_are_those_that_count(rows: list, minutes: int) -> None:
    deadlines, known = Deadlines(), {}
    for number, minute in rows:
        known[str(number)] = minute
        at = NOW + timedelta(minutes=minute)
        one = Deadline(at, str(number), BreachType.RESOLUTION, Matter.BREACH)
        deadlines.set(str(number), [one])
    soon = deadlines.until(NOW + timedelta(minutes=minutes))
    assert {d.ticket_id for d in soon} == {k for k, minute in known.items() if minute <= minutes}
    assert len(soon) == len({d.ticket_id for d in soon})
