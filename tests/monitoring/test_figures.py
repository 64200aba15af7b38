"""Figures of the past, from what the engine stored: leaderboard, report, performance."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from sla_console.domain.figures.record import NOBODY, Basis
from sla_console.domain.figures.report import DateRange
from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.policy import SLAPolicy
from sla_console.reporting.forms import render
from sla_console.reporting.period import Period
from sla_console.reporting.scope import Scope
from sla_console.service.report_service import ReportRequest


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


def _october(day: int = 31) -> ReportRequest:
    return ReportRequest(Period(date(2026, 10, 1), date(2026, 10, day), "UTC"))


def outcomes(report) -> list[tuple[str, int, str]]:
    return [
        (one.number, one.cycle, one.outcome)
        for one in report.promises
        if one.target is BreachType.RESOLUTION
    ]


async def test_each_cycle_counts_in_the_month_in_which_it_is_due(begin, clock, desk) -> None:
    """Resolved within two of four hours on 12 October; reopened on 20 November, and missed then.

    Two hours of the second cycle are left, so it is due two hours after it was opened again.
    """
    console = await begin(warn_at=())
    start = clock.now()
    ticket = desk.open("T1", start, technician=desk.technicians["9"], responded=start)
    await change(console, clock, ticket, hours=2)
    desk.set_status(ticket, "Closed", clock.now())
    await change(console, clock, ticket, days=9)
    before = await console.service.reports.report(_october(20), "sam")
    clock.advance(days=30)
    desk.set_status(ticket, "Open", clock.now())
    await change(console, clock, ticket, hours=3)
    await console.sync()
    november = DateRange(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
    october = DateRange(datetime(2026, 10, 1, tzinfo=UTC), november.start)
    first = await console.service.generate_sla_report(october)
    second = await console.service.generate_sla_report(november)
    assert (first.promises_met, first.promises_missed) == (2, 0), "the answer and the first cycle"
    assert (second.promises_met, second.promises_missed) == (0, 1)
    after = await console.service.reports.report(_october(), "sam")
    assert outcomes(before) == outcomes(after) == [("T1", 1, "met")]
    later = await console.service.reports.report(
        ReportRequest(Period.month(2026, 11, "UTC")), "sam"
    )
    assert outcomes(later) == [("T1", 2, "missed")]


@pytest.mark.parametrize("closed", [False, True])
async def test_what_waited_for_fourteen_months_is_in_the_month_in_which_it_is_due(
    begin, clock, desk, closed
) -> None:
    """Three of eight hours are used, then it waits for 425 days; it goes on for 13 hours: 8 h late.

    Nothing gives its due time but the policy and the holds: the last five hours begin after them.
    """
    policy = SLAPolicy(
        "p", "Eight", resolution_time_hours=8, business_hours_only=False, default=True
    )
    console = await begin(warn_at=(), policies=(policy,))
    ticket = desk.open("T1", clock.now(), responded=clock.now())
    ticket.sla = ticket.response_due = ticket.resolution_due = None
    await change(console, clock, ticket, hours=3)
    desk.set_status(ticket, "On Hold", clock.now())
    await change(console, clock, ticket, days=425)
    again = clock.now()
    desk.set_status(ticket, "Open", again)
    await change(console, clock, ticket, hours=13)
    if closed:
        desk.set_status(ticket, "Closed", clock.now())
        ticket.updated = clock.now()
    await console.sync()
    clock.advance(days=40)
    month = Period.month(again.year, again.month, "UTC")
    report = await console.service.reports.report(ReportRequest(month), "sam")
    (one,) = report.promises
    assert (one.outcome, one.due, one.owed) == ("missed", again + timedelta(hours=5), not closed)
    if closed:
        assert one.margin == -8 * 3600
    span = DateRange(month.span.start, month.span.end)
    figures = await console.service.generate_sla_report(span)
    assert (figures.total_tickets, figures.promises_missed) == (1, 1)
    (client,) = await console.service.client_months(span.start, span.end)
    assert client.month.missed == 1
    assert await console.service.kept_between(span.start, span.end) == (0, 1)


async def test_what_superops_lost_keeps_its_figures_and_is_listed(begin, clock, desk) -> None:
    """T1 was missed and T2 was not due when both were deleted: the one counts, the other is in doubt."""
    console = await begin(warn_at=())
    start = clock.now()
    missed = desk.open("T1", start, responded=start)
    early = desk.open("T2", start, responded=start)
    early.resolution_due = start + timedelta(days=2)
    await change(console, clock, missed, hours=5)
    await console.sync()
    missed.deleted = early.deleted = True
    for _ in range(4):
        await change(console, clock, missed, minutes=10)
    clock.advance(days=60)
    report = await console.service.reports.report(_october(), "sam")
    assert outcomes(report) == [("T1", 1, "missed"), ("T2", 1, "in doubt")]
    text = render(report, "md").decode()
    listed = text[text.index("## No longer in SuperOps") :]
    assert "| T1 | Harbour |" in listed
    assert "| T2 | Harbour |" in listed
    assert "2 of the tickets are no longer in SuperOps" in text
    whole = DateRange(start, start + timedelta(days=10))
    figures = await console.service.generate_sla_report(whole)
    assert (figures.promises_missed, figures.promises_in_doubt) == (1, 1)


async def test_a_renamed_client_stays_one_in_every_figure(begin, clock, desk) -> None:
    """Harbour's T1 is closed; then it is called Harbour & Sons, and T2 comes."""
    console = await begin(warn_at=())
    start = clock.now()
    one = desk.open("T1", start, responded=start)
    await change(console, clock, one, hours=1)
    desk.set_status(one, "Closed", clock.now())
    await change(console, clock, one, hours=1)
    renamed = replace(desk.clients["7"], name="Harbour & Sons")
    desk.clients["7"] = renamed
    two = desk.open("T2", clock.now(), responded=clock.now(), client=renamed)
    await console.engine.sync_once()
    await change(console, clock, two, days=30)
    await console.sync()
    span = DateRange(start, clock.now())
    assert set(await console.service.performance("client", span)) == {"Harbour & Sons"}
    (month,) = await console.service.client_months(span.start, span.end)
    assert month.client == "Harbour & Sons"
    for name in ("Harbour", "harbour & sons"):
        scope = Scope({"client": (name,)})
        request = ReportRequest(_october().period, scope)
        report = await console.service.reports.report(request, "sam")
        assert report.tickets == 2
        assert [group.name for group in report.groups["client"]] == ["Harbour & Sons"]


async def test_what_happens_after_a_verdict_moves_no_figure(begin, clock, desk) -> None:
    """Missed while Marta had it; then it is Tom's, Critical, renamed and closed: the sums stay."""
    console = await begin(warn_at=())
    start = clock.now()
    marta = desk.technicians["9"]
    ticket = desk.open("T1", start, technician=marta, responded=start)
    await change(console, clock, ticket, hours=5)
    await console.sync()
    span = DateRange(start, start + timedelta(days=1))

    async def figures() -> dict:
        return {
            by: {
                name: (one.met, one.missed, one.breach_count)
                for name, one in (await console.service.performance(by, span)).items()
            }
            for by in ("technician", "priority", "client", "policy")
        }

    before = await figures()
    assert before["technician"] == {"Marta Lindqvist": (1, 1, 1)}
    ticket.technician = desk.technicians["10"] = type(marta)("10", "Tom Hale", "5")
    ticket.priority, ticket.subject = "Critical", "Another one"
    await change(console, clock, ticket, days=1)
    desk.set_status(ticket, "Closed", clock.now())
    await change(console, clock, ticket, days=1)
    assert await figures() == before


async def test_a_queue_is_planned_by_the_pace_at_which_tickets_ended(begin, clock, desk) -> None:
    """Marta ends six tickets, three hours apart; of two that are due in four hours one must move."""
    console = await begin(warn_at=())
    marta = desk.technicians["9"]
    for number in range(6):
        ticket = desk.open(f"C{number}", clock.now(), technician=marta, responded=clock.now())
        await console.sync()
        clock.advance(hours=3)
        desk.set_status(ticket, "Closed", clock.now())
        ticket.updated = clock.now()
        await console.sync()
    assert await console.service.plan_queues() == {}, "nothing is in hand"
    for number in range(2):
        desk.open(f"N{number}", clock.now(), technician=marta, responded=clock.now())
    await console.sync()
    (plan,) = (await console.service.plan_queues()).values()
    assert len(plan.planned) == 2
    assert len(plan.must_move) == 1
