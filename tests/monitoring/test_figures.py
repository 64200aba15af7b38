"""Figures of the past, from what the engine stored: leaderboard, report, performance."""

from datetime import timedelta

import pytest
from sla_console.domain.credit import NOBODY

from sla_console.domain.report import DateRange
from sla_console.service.reports import performance_of


async def change(console, clock, ticket, **span: float) -> None:
    """Let time pass and SuperOps be read after a change."""
    ticket.updated = clock.now()
    await console.sync()
    clock.advance(**span)


async def test_a_promise_kept_before_its_month_is_due_counts_in_the_month_it_was_kept(
    begin, clock, desk
) -> None:
    console = await begin(warn_at=())
    start = clock.now()
    ticket = desk.open("T1", start, technician=desk.technicians["9"], responded=start)
    ticket.resolution_due = start + timedelta(days=3)
    await change(console, clock, ticket, hours=1)
    desk.set_status(ticket, "Closed", clock.now())
    await change(console, clock, ticket, days=5)
    edge = start + timedelta(days=2)
    first = await console.service.generate_sla_report(DateRange(start, edge))
    second = await console.service.generate_sla_report(DateRange(edge, start + timedelta(days=4)))
    assert (first.total_tickets, first.promises_met, first.promises_missed) == (1, 2, 0)
    assert (second.total_tickets, second.promises_met) == (0, 0)
    assert second.compliance_rate is None


async def test_the_technicians_of_a_report_add_up_to_it(begin, clock, desk) -> None:
    console = await begin(warn_at=())
    start = clock.now()
    # Nobody takes it for half an hour; it is answered in time and resolved late, after the report.
    ticket = desk.open("T1", start)
    await change(console, clock, ticket, minutes=30)
    ticket.technician, ticket.responded = desk.technicians["9"], clock.now()
    await change(console, clock, ticket, days=2)
    desk.set_status(ticket, "Closed", clock.now())
    await change(console, clock, ticket, hours=1)
    report = await console.service.generate_sla_report(DateRange(start, start + timedelta(days=1)))
    assert (report.promises_met, report.promises_missed) == (1, 1)
    assert [person.technician_id for person in report.technicians] == ["9", NOBODY]
    assert sum(person.judged for person in report.technicians) == pytest.approx(2.0)
    marta, nobody = report.technicians
    assert (marta.breach_count, nobody.breach_count) == (1, 0)
    assert nobody.judged > 1.0, "the answer's whole time and the first half hour of the day"
    assert nobody.technician_name == "unassigned"
    assert marta.resolutions == 0, "resolved after the report's end"
    later = await console.service.generate_sla_report(
        DateRange(start + timedelta(days=1), start + timedelta(days=3))
    )
    assert (later.total_tickets, later.technicians) == (0, ()), "nothing was settled then"


async def test_what_nobody_had_stands_last_on_the_leaderboard(begin, clock, desk) -> None:
    console = await begin(warn_at=())
    await change(console, clock, desk.open("T1", clock.now(), responded=clock.now()), hours=5)
    await console.sync()
    marta, nobody = await console.engine.data.all_metrics()
    assert (marta.technician_id, marta.judged, marta.open_tickets) == ("9", 0.0, 0)
    assert (nobody.technician_id, nobody.breach_count, nobody.open_tickets) == (NOBODY, 1, 1)


async def test_what_was_before_the_first_sight_is_marked_as_assumed(begin, clock, desk) -> None:
    start = clock.now()
    clock.advance(hours=2)
    console = await begin(warn_at=())
    ticket = desk.open("T1", start, technician=desk.technicians["9"], responded=start)
    await change(console, clock, ticket, hours=2)
    desk.set_status(ticket, "Closed", clock.now())
    await change(console, clock, ticket)
    (marta,) = await console.engine.data.all_metrics()
    assert marta.judged == 2.0
    # All of the answer, and the first two hours of four until the resolution.
    assert marta.assumed == pytest.approx(1.5)


async def test_performance_is_of_the_promises_settled_in_the_span(begin, clock, desk) -> None:
    console = await begin(warn_at=())
    start = clock.now()
    ticket = desk.open("T1", start, technician=desk.technicians["9"], responded=start)
    await change(console, clock, ticket, hours=5)
    await console.sync()
    early = DateRange(start, start + timedelta(hours=1))
    late = DateRange(start + timedelta(hours=1), start + timedelta(hours=6))
    tickets = await console.engine.data.judged_since(start)
    first = performance_of(tickets, "client", early, clock)["Harbour"]
    second = performance_of(tickets, "client", late, clock)["Harbour"]
    assert (first.met, first.missed, first.open) == (1, 0, 1)
    assert (second.met, second.missed, second.open) == (0, 1, 0)
    assert (first.response.count, second.response.count) == (1, 0)
