"""The misses that a client's month still allows."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_console.domain.figures.clients import Contracts, Month, client_months
from sla_console.domain.figures.names import NameBook
from sla_console.domain.figures.record import Span, TargetRecord
from sla_console.domain.figures.records import RecordMaker
from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.sla.evaluation import evaluate
from sla_console.domain.tickets.ticket import StatusPhases, Ticket
from sla_console.domain.tickets.ticket_history import TicketHistory

NOW = datetime(2026, 10, 20, 12, 0, tzinfo=UTC)
OCTOBER = Span(datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC))
PHASES = StatusPhases.of(("On Hold",), ("Closed",))
ALWAYS = BusinessCalendar.always()


def target(
    number: int, due: datetime, resolved: datetime | None = None, client: str = "Acme"
) -> TargetRecord:
    ticket = Ticket(
        str(number), str(number), "", status="Closed" if resolved else "Open", client=client,
        client_id=client.lower(), created_at=due - timedelta(days=3), resolution_due=due,
        resolved_at=resolved,
    )  # fmt: skip
    (found,) = RecordMaker(NOW).records_of(
        TicketHistory(ticket, evaluate(ticket, None, ALWAYS, PHASES))
    )
    return found


@pytest.mark.parametrize(
    ("met", "missed", "open_", "percent", "left"),
    [
        (19, 0, 1, 95, 1),  # 95 % of 20 allows exactly one
        (19, 1, 0, 95, 0),
        (18, 2, 0, 95, -1),
        (0, 0, 0, 95, 0),
        (999, 0, 1, "99.9", 1),
        (998, 1, 1, "99.9", 0),
        (10, 0, 0, 100, 0),
        (10, 1, 0, 100, -1),
        (3, 0, 0, 60, 1),
    ],
)
def test_by_hand(met, missed, open_, percent, left):
    assert Month(met, missed, open_).affordable(Fraction(percent) / 100) == left


@given(
    st.integers(0, 60), st.integers(0, 30), st.integers(0, 30), st.decimals("0.5", "100", places=1)
)
def test_it_is_what_trying_each_number_of_misses_finds(met, missed, open_, percent):
    share = Fraction(percent) / 100
    total = met + missed + open_

    def kept(more: int) -> bool:
        return total == 0 or Fraction(total - missed - more, total) >= share

    left = Month(met, missed, open_).affordable(share)
    if left >= 0:
        assert kept(left)
    if total:
        assert not kept(left + 1)


def test_a_target_belongs_to_the_month_in_which_it_falls_due():
    inside, before = datetime(2026, 10, 2, tzinfo=UTC), datetime(2026, 9, 30, 23, tzinfo=UTC)
    records = [
        target(1, inside, inside - timedelta(hours=1)),
        target(2, inside),  # missed and still owed
        target(3, datetime(2026, 10, 25, tzinfo=UTC)),
        target(4, before),
        target(5, OCTOBER.end),
    ]
    (one,) = client_months(records, OCTOBER, Contracts(Fraction(95, 100)))
    assert (one.month.met, one.month.missed, one.month.open) == (1, 1, 1)
    assert one.words == "lost by 1"


def test_the_worst_come_first_and_each_has_its_own_contract():
    due = datetime(2026, 10, 2, tzinfo=UTC)
    kept = due - timedelta(hours=1)
    records = [
        *(target(n, due, kept, "Fine") for n in range(40)),
        *(target(100 + n, due, kept if n else None, "Strict") for n in range(40)),
        *(target(200 + n, due, kept, "Free") for n in range(3)),
    ]
    contracts = Contracts(None, {"fine": Fraction(95, 100), "strict": Fraction(99, 100)})
    found = client_months(records, OCTOBER, contracts)
    assert [(one.client, one.words) for one in found] == [
        ("Strict", "lost by 1"), ("Fine", "2 more"), ("Free", "no contract"),
    ]  # fmt: skip


def test_names_of_clients_are_compared_without_case():
    contracts = Contracts(Fraction(9, 10), {"acme": Fraction(1, 2)})
    assert contracts.of("ACME") == Fraction(1, 2)
    assert contracts.of("other") == Fraction(9, 10)


def test_a_contract_under_an_earlier_name_still_counts():
    due = datetime(2026, 10, 2, tzinfo=UTC)
    contracts = Contracts(None, {"acme ltd": Fraction(1, 2)})
    book = NameBook([("acme", "Acme Ltd"), ("acme", "Acme")])
    (one,) = client_months([target(1, due)], OCTOBER, contracts, book)
    assert one.share == Fraction(1, 2)
