"""What changed from one board to the next, in words."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sla_console.domain.board import Board, Counts, Health, SourceState
from sla_console.domain.forecast.risk import RiskLevel, RiskThresholds
from sla_console.domain.sla.breach import BreachType, SLABreach
from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.sla.evaluation import evaluate
from sla_console.domain.tickets.ticket import StatusPhases, Ticket
from sla_console.service.changes import ChangeReporter

NOW = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)
PHASES = StatusPhases.of(("On Hold",), ("Closed",))


def ticket(number: int, left: timedelta = timedelta(hours=5), **fields):
    return evaluate(
        Ticket(
            f"t{number}", str(number), "Printer", resolution_due=NOW + left,
            **{"status": "Open", "client": "Acme", "created_at": NOW - timedelta(hours=1)} | fields,
        ),
        None, BusinessCalendar.always(), PHASES,
    )  # fmt: skip


def breach(number: int) -> SLABreach:
    return SLABreach(
        id=f"b{number}", ticket_id=f"t{number}", breach_type=BreachType.RESOLUTION,
        breach_time=NOW - timedelta(minutes=12), severity=RiskLevel.CRITICAL,
        display_id=str(number), client="Acme", subject="Printer", technician="Tom",
        sla_policy=None, technician_id="t", customer_impact="", escalation_required=True,
    )  # fmt: skip


def board(*tickets, breaches=(), **health) -> Board:
    return Board(
        1, NOW, tuple(tickets), {one.ticket.id: one for one in tickets}, tuple(breaches),
        counts=Counts(open=len(tickets), breached=len(breaches), unacknowledged=len(breaches)),
        health=replace(Health(SourceState.LIVE, last_sync_at=NOW), **health),
    )  # fmt: skip


@pytest.fixture
def told():
    """Returns what is said of a board, after those before it."""
    teller = ChangeReporter(RiskThresholds())
    begun = []

    def tell(of: Board, now: datetime = NOW) -> list[str]:
        if not begun:
            begun.append(True)
            return [change.said for change in teller.begin(of, now)]
        return [change.said for change in teller.next(of, now)]

    return tell


def test_it_begins_with_the_counts_and_a_line_a_breach(told):
    assert told(board(ticket(1), breaches=[breach(1)])) == [
        "1 open, 1 breached, 1 unacknowledged, 0 at risk, 0 held",
        "breached: 1 Acme, resolution, 0 s late, Tom",
    ]


def test_the_same_board_again_says_nothing(told):
    told(board(ticket(1), ticket(2, timedelta(minutes=5))))
    assert told(board(ticket(1), ticket(2, timedelta(minutes=5)))) == []


def test_the_life_of_a_breach(told):
    late = ticket(7, timedelta(minutes=-12), technician="Tom")
    told(board(late))
    assert told(board(late, breaches=[breach(7)])) == [
        "breached: 7 Acme, resolution, 12 m late, Tom"
    ]
    seen = breach(7).acknowledge("Ada", None, NOW)
    assert told(board(late, breaches=[seen])) == [
        "acknowledged by Ada: 7 Acme, resolution, 12 m late, Tom"
    ]
    back = seen.unacknowledge(None)
    assert told(board(late, breaches=[back]))[0].startswith("given back: 7 Acme")
    up = back.escalate("Ada", None, NOW)
    assert told(board(late, breaches=[up]))[0].startswith("escalated by Ada: 7 Acme")
    assert told(board(late)) == ["resolved: 7 Acme, resolution, Tom"]


def test_a_clock_is_at_risk_once_although_it_wavers(told):
    told(board(ticket(1, timedelta(hours=5))))
    assert told(board(ticket(1, timedelta(minutes=50)))) == [
        "at risk: 1 Acme, resolution, 50 m left, nobody"
    ]
    assert told(board(ticket(1, timedelta(hours=5)))) == []
    assert told(board(ticket(1, timedelta(minutes=50)))) == []


def test_time_alone_makes_a_clock_risky(told):
    one = board(ticket(1, timedelta(hours=2), created_at=NOW - timedelta(hours=4)))
    told(one)
    assert told(one, NOW + timedelta(minutes=70)) == [
        "at risk: 1 Acme, resolution, 50 m left, nobody"
    ]


def test_tickets_come_change_hands_move_and_go(told):
    told(board(ticket(1), ticket(2)))
    assert told(board(ticket(1, technician="Ada"), ticket(3))) == [
        "assigned: 1 Acme, Ada now",
        "new: 3 Acme, Printer",
        "closed: 1 ticket",
    ]
    assert told(board(ticket(1, technician="Ada", status="On Hold"), ticket(3))) == [
        "status: 1 Acme, On Hold now"
    ]


def test_the_connection_and_lost_alerts(told):
    told(board())
    lost = board(
        connection=SourceState.STALE, message="It does not answer.", alerts_dead=2,
        last_sync_at=NOW - timedelta(minutes=4),
    )  # fmt: skip
    assert told(lost) == [
        "connection stale, data 4 m old: It does not answer.",
        "2 alerts could not be delivered",
    ]
    assert told(board(alerts_dead=2)) == ["connection live, data 0 s old"]


def test_forty_at_once_are_one_line_with_a_number_and_the_first_five(told):
    late = [ticket(n, timedelta(minutes=-12)) for n in range(40)]
    told(board(*late))
    (line,) = told(board(*late, breaches=[breach(n) for n in range(40)]))
    assert line == "breached: 40 at once, 0, 1, 2, 3, 4 and 35 more"
