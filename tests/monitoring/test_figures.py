"""Figures of the past, from what the engine stored: leaderboard, report, performance."""

from datetime import timedelta

import pytest

from sla_console.domain.figures.record import NOBODY, Basis
from sla_console.domain.report import DateRange


async def change(console, clock, ticket, **span: float) -> None:
    """Let time pass and SuperOps be read after a change."""
    ticket.updated = clock.now()
    await console.sync()
    clock.advance(**span)


async def test_a_target_met_before_its_month_counts_in_the_month_it_is_due(
    begin, clock, desk
) -> None:
    """The response is due within the hour and the resolution after three days; both are met."""
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
    assert (first.total_tickets, first.promises_met, first.promises_missed) == (1, 1, 0)
    assert (second.total_tickets, second.promises_met, second.promises_missed) == (1, 1, 0)
    later = DateRange(edge, start + timedelta(days=4))
    settled = await console.service.performance("client", later, Basis.SETTLED)
    assert settled == {}, "by when it was settled, both belong to the first days"


async def test_the_technicians_of_a_report_add_up_to_it(begin, clock, desk) -> None:
    """Nobody has it for half an hour; it is answered in time, and resolved late after the report.

    The answer's whole time is nobody's, and half an hour of the four until the resolution was due.
    """
    console = await begin(warn_at=())
    start = clock.now()
    ticket = desk.open("T1", start)
    await change(console, clock, ticket, minutes=30)
    ticket.technician, ticket.responded = desk.technicians["9"], clock.now()
    await change(console, clock, ticket, days=2)
    desk.set_status(ticket, "Closed", clock.now())
    await change(console, clock, ticket, hours=1)
    report = await console.service.generate_sla_report(DateRange(start, start + timedelta(days=1)))
    assert (report.promises_met, report.promises_missed) == (1, 1)
    assert [person.technician_id for person in report.technicians] == ["9", NOBODY]
    marta, nobody = report.technicians
    assert nobody.judged == pytest.approx(1 + 0.5 / 4)
    assert marta.judged == pytest.approx(3.5 / 4)
    assert (marta.breach_count, nobody.breach_count) == (1, 0)
    assert nobody.technician_name == "unassigned"
    later = await console.service.generate_sla_report(
        DateRange(start + timedelta(days=1), start + timedelta(days=3))
    )
    assert (later.total_tickets, later.technicians) == (0, ()), "nothing was due then"


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


async def test_performance_is_of_the_targets_due_in_the_span(begin, clock, desk) -> None:
    """The response is due after one hour and met at once, the resolution after four and missed."""
    console = await begin(warn_at=())
    start = clock.now()
    ticket = desk.open("T1", start, technician=desk.technicians["9"], responded=start)
    await change(console, clock, ticket, hours=5)
    await console.sync()
    early = DateRange(start, start + timedelta(hours=2))
    late = DateRange(start + timedelta(hours=2), start + timedelta(hours=6))
    first = (await console.service.performance("client", early))["Harbour"]
    second = (await console.service.performance("client", late))["Harbour"]
    assert (first.met, first.missed, first.open) == (1, 0, 0)
    assert (second.met, second.missed, second.open) == (0, 1, 0)
    settled = await console.service.performance("client", early, Basis.SETTLED)
    assert (settled["Harbour"].met, settled["Harbour"].open) == (1, 1)
