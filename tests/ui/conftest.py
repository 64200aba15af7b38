"""A console over a service that is not there: fixed clock, seeded boards, answers on demand."""

import asyncio
import functools
import random
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from sla_console.domain.alerts.alert import AlertEvent, DeliveryState, OutboxMessage
from sla_console.domain.alerts.escalation import EscalationPlan, EscalationStep
from sla_console.domain.alerts.escalation_state import EscalationState
from sla_console.domain.alerts.notification import notification_of
from sla_console.domain.alerts.route import Route
from sla_console.domain.board import (
    AlertsSnapshot,
    Board,
    ChannelHealth,
    Counts,
    Health,
    PartHealth,
    Quiet,
    SourceState,
    TicketDetail,
)
from sla_console.domain.figures.clients import ClientMonth, Contracts, client_months
from sla_console.domain.figures.performance import figures_by
from sla_console.domain.figures.record import Span, TargetRecord
from sla_console.domain.figures.records import RecordMaker
from sla_console.domain.figures.technicians import TechnicianSLAMetrics
from sla_console.domain.figures.trend import Trend
from sla_console.domain.forecast.feasibility import QueuedWork, QueuePlan, plan_queue
from sla_console.domain.forecast.forecast import Forecast
from sla_console.domain.forecast.risk import RiskLevel, RiskThresholds
from sla_console.domain.people.people import Technician
from sla_console.domain.proof import Proof, Sign
from sla_console.domain.sla.breach import (
    BreachState,
    BreachType,
    PotentialBreach,
    SLABreach,
    event_id,
)
from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.sla.evaluation import evaluate
from sla_console.domain.sla.policy import SLAPolicy
from sla_console.domain.sla.sla_clock import EvaluatedTicket
from sla_console.domain.tickets.operation import AuditEntry
from sla_console.domain.tickets.ticket import Hold, HoldReason, StatusPhases, Ticket, TicketNote
from sla_console.domain.tickets.ticket_history import TicketHistory
from sla_console.reporting.build import Frame, report_of
from sla_console.reporting.collect import Collector, nothing_due
from sla_console.reporting.report import Report
from sla_console.service.health_reader import SelfFacts, StoreFacts
from sla_console.service.people_figures import TeamFigures
from sla_console.service.policy_reader import PoliciesInForce
from sla_console.service.report_service import ReportRequest, ReportRules
from sla_console.ui.app import ConsoleApp
from sla_console.ui.session.options import UIOptions

START = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)
PHASES = StatusPhases.of(("On Hold", "Waiting on Client"), ("Resolved", "Closed"))
ALWAYS = BusinessCalendar.always()
FAR = datetime(9999, 1, 1, tzinfo=UTC)

CLIENTS = ("Acme Logistics", "Northwind Dental", "Harbour & Sons", "Białystok Print", "Kappa Labs")
SUBJECTS = (
    "VPN drops every ten minutes", "Printer on floor 3 prints blank pages", "Mailbox is full",
    "Laptop does not wake from sleep", "Cannot open the shared calendar", "New starter on Monday",
    "Backup of the file server failed last night", "Teams calls have no sound",
)  # fmt: skip
TECHNICIANS = ("Maya Fischer", "Tom O'Brien", "Ines Duarte", None, "Li Wei")
PRIORITIES = ("Critical", "High", "Medium", "Low")


class Desk:
    """Makes boards out of the domain's own values."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.version = 0
        self.policies = {
            name: SLAPolicy(f"p{n}", f"{name} promise", response_time_minutes=30 * (n + 1),
                            resolution_time_hours=4 * (n + 1), priority_level=name,
                            business_hours_only=False)
            for n, name in enumerate(PRIORITIES)
        }  # fmt: skip

    def ticket(self, number: int, left: timedelta, **fields: object) -> EvaluatedTicket:
        """One ticket whose resolution is due ``left`` from now."""
        rng = random.Random(number)
        priority = fields.pop("priority", PRIORITIES[number % 4])
        policy = self.policies.get(priority)
        ticket = Ticket(
            id=str(7_000_000_000 + number), display_id=str(1000 + number),
            subject=SUBJECTS[number % len(SUBJECTS)], status="In Progress", priority=priority,
            client=CLIENTS[number % len(CLIENTS)], client_id=str(number % len(CLIENTS)),
            technician=TECHNICIANS[number % len(TECHNICIANS)], technician_id="t",
            created_at=self.now - timedelta(hours=4), updated_at=self.now - timedelta(minutes=50),
            response_due=self.now - timedelta(hours=3),
            responded_at=self.now - timedelta(hours=3, minutes=rng.randint(1, 50)),
            resolution_due=self.now + left, request_type="Incident", requester="Jo Park",
        )  # fmt: skip
        ticket = replace(ticket, **fields)
        return evaluate(ticket, policy, ALWAYS, PHASES)

    def tickets(self, count: int) -> list[EvaluatedTicket]:
        rng = random.Random(7)
        made = []
        for number in range(count):
            left = timedelta(minutes=-40 + number * (5 + number / 4), seconds=rng.randint(0, 59))
            fields: dict[str, object] = {}
            if number % 9 == 5:
                fields["status"] = "Waiting on Client"
            if number % 7 == 3:
                fields |= {
                    "responded_at": None,
                    "status": "Open",
                    "response_due": self.now + timedelta(minutes=12 * number, seconds=9),
                }
            if number == 11:
                fields["degraded"] = ("created time is missing",)
            made.append(self.ticket(number, left, **fields))
        return made

    def breach(self, judged: EvaluatedTicket, **fields: object) -> SLABreach:
        ticket = judged.ticket
        due = judged.resolution.due
        return replace(
            SLABreach(
                id=event_id(ticket.id, BreachType.RESOLUTION, due), ticket_id=ticket.id,
                breach_type=BreachType.RESOLUTION, breach_time=due, sla_policy=judged.policy,
                technician_id="t", severity=RiskLevel.CRITICAL, customer_impact="",
                escalation_required=False, display_id=ticket.display_id, subject=ticket.subject,
                client=ticket.client, priority=ticket.priority, technician=ticket.technician,
            ),
            **fields,
        )  # fmt: skip

    def board(
        self,
        tickets: list[EvaluatedTicket],
        breaches: list[SLABreach] | None = None,
        health: Health | None = None,
    ) -> Board:
        now, thresholds = self.now, RiskThresholds()
        tickets = sorted(tickets, key=lambda judged: judged.next_due() or FAR)
        if breaches is None:
            breaches = [self.breach(judged) for judged in tickets if judged.breached(now)]
        breaches = sorted(
            breaches, key=lambda b: (b.state is BreachState.ACKNOWLEDGED, b.breach_time)
        )
        broken = [judged for judged in tickets if judged.breached(now)]
        risky = [
            judged for judged in tickets
            if not judged.breached(now) and judged.risk(now, thresholds).rank >= 2
        ]  # fmt: skip
        self.version += 1
        return Board(
            version=self.version, made_at=now, tickets=tuple(tickets),
            by_id={judged.ticket.id: judged for judged in tickets}, breaches=tuple(breaches),
            technicians=self.team(),
            counts=Counts(
                open=len(tickets), at_risk=len(risky), breached=len(broken),
                unacknowledged=sum(b.state is not BreachState.ACKNOWLEDGED for b in breaches),
                held=sum(judged.held for judged in tickets),
                degraded=sum(bool(judged.degraded) for judged in tickets),
            ),
            health=health or self.health(),
        )  # fmt: skip

    def health(self, *, heartbeat: str | None = None, **fields: object) -> Health:
        health = replace(
            Health(
                connection=SourceState.LIVE, last_sync_at=self.now - timedelta(seconds=4),
                next_poll_at=self.now + timedelta(seconds=16), requests_left=52,
                requests_per_minute=60, leader="desk-1", leading=True,
                parts=(
                    PartHealth("sync"), PartHealth("deadlines"),
                    PartHealth("delivery", restarts=2, last_error="OSError: disk is full",
                               last_error_at=self.now - timedelta(hours=3)),
                ),
                channels=(
                    ChannelHealth("team", last_accepted_at=self.now - timedelta(minutes=9)),
                    ChannelHealth("on-call phone", waiting=1,
                                  open_since=self.now - timedelta(minutes=4)),
                ),
            ),
            **fields,
        )  # fmt: skip
        if "proofs" in fields:
            return health
        return replace(health, proofs=self.proofs(health, heartbeat))

    def proofs(self, health: Health, heartbeat: str | None) -> tuple[Proof, ...]:
        """Proofs that hold for as long as a test lasts, given when its clock began to count."""
        last = health.last_sync_at
        read = None if last is None else last - self.now
        months = timedelta(days=90)
        signs = (Sign.LEASE, Sign.STORE, Sign.COUNTS, Sign.CLOCK)
        return (
            Proof(Sign.READ, months, read),
            *(Proof(sign, months, timedelta()) for sign in signs),
            Proof(Sign.HEARTBEAT, months, timedelta(), heartbeat),
        )

    def team(self) -> tuple[TechnicianSLAMetrics, ...]:
        trends = (Trend.IMPROVING, Trend.STABLE, Trend.STABLE, Trend.DECLINING)
        names = [name for name in TECHNICIANS if name]
        return tuple(
            TechnicianSLAMetrics(
                technician_id=name, technician_name=name, total_tickets=40 - 3 * n,
                sla_compliant_tickets=38 - 5 * n, compliance_rate=98.0 - 9 * n,
                average_response_time=timedelta(minutes=14 + 6 * n),
                average_resolution_time=timedelta(hours=3 + n, minutes=20),
                median_response_time=timedelta(minutes=9 + 4 * n),
                p90_response_time=timedelta(minutes=41 + 9 * n),
                median_resolution_time=timedelta(hours=2 + n, minutes=5),
                p90_resolution_time=timedelta(hours=9 + n), judged=71.5 - n,
                breach_count=n, performance_trend=trends[n],
                period_start=self.now - timedelta(days=30), period_end=self.now,
                open_tickets=9 - n, at_risk=n % 3,
            )
            for n, name in enumerate(names)
        )  # fmt: skip

    def typical(self) -> Board:
        """Forty tickets: some broken, one of them acknowledged, one escalated."""
        tickets = self.tickets(40)
        breaches = [self.breach(judged) for judged in tickets if judged.breached(self.now)]
        breaches[1] = breaches[1].acknowledge("Maya", "calling them now", self.now)
        breaches[2] = breaches[2].escalate("Tom", "needs the vendor", self.now)
        board = with_episodes(self.board(tickets, breaches), self.now)
        potential = likely(tickets[8:13])
        known = [one for one in potential if one.probability is not None]
        chances = {one.ticket_id: one.probability or 0.0 for one in known}
        board = replace(board, potential=potential, chances=chances)
        return replace(board, alerts=alerts(board, self.now))


def likely(tickets: list[EvaluatedTicket]) -> tuple[PotentialBreach, ...]:
    """Some promises that will probably break, one of them without enough history to say."""
    return tuple(
        PotentialBreach(
            judged.ticket.id, BreachType.RESOLUTION, judged.resolution.due, RiskLevel.CRITICAL,
            judged.ticket.display_id, judged.ticket.subject, judged.ticket.client,
            judged.ticket.technician, chance, why,
        )
        for judged, (chance, why) in zip(
            tickets,
            (
                (0.97, "58 of 60 like it took longer"), (0.74, "31 of 42 like it took longer"),
                (0.55, "22 of 40 like it took longer"), (0.41, "12 of 29 like it took longer"),
                (None, "only 3 of 20 needed have ended"),
            ),
            strict=True,
        )
    )  # fmt: skip


PLAN = EscalationPlan(
    "standard",
    tuple(EscalationStep(timedelta(minutes=15 * n), Route(("team",))) for n in range(1, 4)),
)


def with_episodes(board: Board, now: datetime) -> Board:
    """The same breaches, each at another place of its escalation."""
    found = []
    for number, breach in enumerate(board.breaches):
        escalation_state = EscalationState.open(PLAN, now - timedelta(minutes=7 + 9 * number))
        escalation_state = escalation_state.advance(now)[0]
        if breach.state is BreachState.ACKNOWLEDGED:
            escalation_state = escalation_state.acknowledge(now, timedelta(minutes=30))
        found.append(replace(breach, escalation_state=escalation_state))
    return replace(board, breaches=tuple(found))


def alerts(board: Board, now: datetime) -> AlertsSnapshot:
    """Messages in every state, a silence and a window to come."""
    states = (
        (DeliveryState.DEAD, "sms", "HTTP 401", None),
        (DeliveryState.UNKNOWN, "team", "no answer in time; it may have arrived", None),
        (DeliveryState.PENDING, "team", None, None),
        (DeliveryState.GATHERING, "mail", None, "quiet until Northwind Dental opens in 9 h"),
        (DeliveryState.ACCEPTED, "mail", None, "sms refused it (HTTP 401); sent here instead"),
        (DeliveryState.SUPPRESSED, "team", None, "silenced by Sam until 14:00 UTC: new switch"),
        (DeliveryState.SUPERSEDED, "team", None, "told together with others"),
    )
    messages = []
    for number, (state, channel, error, why) in enumerate(states):
        breach = board.breaches[number % len(board.breaches)]
        at = now - timedelta(minutes=3 * number + 1)
        notification = notification_of(breach, AlertEvent.BREACH, at)
        messages.append(
            OutboxMessage(
                f"k{number}", channel, AlertEvent.BREACH,
                f"BREACHED: {breach.breach_type.words} of {breach.display_id}", "",
                breach.ticket_id, at, state=state, attempts=number % 3, last_error=error, why=why,
                notification=notification, rule="rule Urgent",
            )
        )  # fmt: skip
    quiets = (
        Quiet("s1", "silence", "client Acme Logistics", "Sam", "new switch",
              now - timedelta(hours=1), now + timedelta(hours=4)),
        Quiet("Patch night", "maintenance", "everything", "configuration", "Patch night",
              now + timedelta(hours=13), now + timedelta(hours=19)),
    )  # fmt: skip
    return AlertsSnapshot(tuple(messages), quiets, (), ("mail", "sms", "team"))


@functools.cache
def stored_histories() -> tuple[TicketHistory, ...]:
    """Thirteen weeks of tickets, most of them resolved in time; the last ones are on the board."""
    rng, policies = random.Random(3), Desk(START).policies
    lives = []
    for number in range(360):
        priority = PRIORITIES[rng.choice((0, 1, 1, 2, 2, 2, 3))]
        policy = policies[priority]
        created = (
            START - timedelta(days=90) + timedelta(hours=6 * number, minutes=rng.randint(0, 99))
        )
        answered = created + policy.response_target * rng.choice((0.2, 0.4, 0.5, 0.7, 0.9, 1.2))
        resolved = created + policy.resolution_target * rng.choice((0.1, 0.4, 0.6, 0.8, 0.95, 1.7))
        done = resolved < START
        ticket = Ticket(
            id=str(6_000_000_000 + number), display_id=str(640 + number), subject=SUBJECTS[number % 8],
            status="Resolved" if done else "In Progress", priority=priority,
            client=CLIENTS[rng.choice((0, 0, 1, 2, 3, 4))], technician=TECHNICIANS[number % 5],
            technician_id=f"t{number % 5}" if TECHNICIANS[number % 5] else None, group=("Helpdesk", "Field")[number % 3 == 0],
            request_type=("Incident", "Request")[number % 4 == 0], requester=f"person {number % 50}",
            created_at=created, updated_at=min(resolved, START),
            responded_at=answered if answered < START else None,
            resolved_at=resolved if done else None,
            degraded=("created time is missing",) if number == 352 else (),
        )  # fmt: skip
        lives.append(TicketHistory(ticket, evaluate(ticket, policy, ALWAYS, PHASES)))
    return tuple(lives)


class FakeReports:
    """Makes real reports of fixed tickets."""

    def __init__(self, service: "FakeService") -> None:
        self._service = service
        self.rules = ReportRules(zone="Europe/Dublin")
        self.lives = stored_histories()
        self.asked: list[tuple[str, str]] = []
        self.finish: Callable[[Report], Report] = lambda report: report

    async def kept_report(self, request: ReportRequest, by: str) -> Report:
        return await self.report(request, by)

    async def report(self, request: ReportRequest, by: str, progress=None) -> Report:
        self.asked.append((request.period.label, by))
        if self._service.error is not None:
            raise self._service.error
        frame = Frame(request.period, START, request.scope, self.rules.source)
        left_out = {"990": ("a drill of our own", "Sam")}
        collector = Collector(frame.wide, request.period.span, START, left_out)
        collector.add(self.lives)
        if collector.empty:
            raise nothing_due(request.period, collector.dues)
        frame = replace(frame, notes=collector.notes())
        return self.finish(report_of(collector.finish(), frame))


def _records(tickets) -> list[TargetRecord]:
    maker = RecordMaker(START)
    return [one for j in tickets for one in maker.records_of(TicketHistory(j.ticket, j))]


class FakeService:
    """Answers at once, remembers what it was asked, and fails when told to."""

    def __init__(self, link: "FakeLink") -> None:
        self._link = link
        self.calls: list[tuple[object, ...]] = []
        self.error: Exception | None = None
        self.targets: tuple[str, ...] = ("on-call phone", "service lead")
        self.notes: list[TicketNote] = []
        self.memory: str | None = None
        self.explanation: object = None
        self.spans: list[tuple[datetime, datetime]] = []
        self.reports = FakeReports(self)

    async def _step(self, name: str, ids, reason, by) -> list[SLABreach]:
        await self._call(name, tuple(ids), reason, by)
        return [breach for breach in self._link.board.breaches if breach.id in ids]

    async def acknowledge(self, breach_ids, reason, by, lasts=None) -> list[SLABreach]:
        self.lasts = lasts
        return await self._step("acknowledge", breach_ids, reason, by)

    async def unacknowledge(self, breach_ids, reason, by) -> list[SLABreach]:
        return await self._step("unacknowledge", breach_ids, reason, by)

    async def escalate(self, breach_ids, reason, by) -> list[SLABreach]:
        return await self._step("escalate", breach_ids, reason, by)

    def escalation_targets(self, breach_id: str) -> tuple[str, ...]:
        return self.targets

    async def ticket_detail(self, ticket_id: str) -> TicketDetail:
        if self.error is not None:
            raise self.error
        board = self._link.board
        judged = board.by_id[ticket_id]
        at = START - timedelta(minutes=30)
        return TicketDetail(
            judged=judged,
            holds=(
                Hold(START - timedelta(hours=3), START - timedelta(hours=2), HoldReason.INFERRED),
                Hold(START - timedelta(hours=2), START - timedelta(hours=1)),
            ),
            forecasts={
                BreachType.RESOLUTION: Forecast(0.68, 60, 41, "41 of 60 like it took longer")
            },
            breaches=tuple(b for b in board.breaches if b.ticket_id == ticket_id),
            messages=(OutboxMessage("k", "service lead", AlertEvent.BREACH, "", "", ticket_id, at,
                                    state=DeliveryState.ACCEPTED, accepted_at=at),),
            history=(AuditEntry(at, "console", "breach recorded", ticket_id),),
        )  # fmt: skip

    async def ticket_conversation(self, ticket_id: str) -> list[TicketNote]:
        await self._call("conversation", ticket_id)
        return self.notes

    async def _call(self, *call) -> None:
        self.calls.append(call)
        if self.error is not None:
            raise self.error

    async def snooze(self, breach_ids, until, reason, by) -> list[SLABreach]:
        await self._call("snooze", tuple(breach_ids), until, reason, by)
        return [breach for breach in self._link.board.breaches if breach.id in breach_ids]

    async def retry_alert(self, key, by) -> None:
        await self._call("retry", key, by)

    async def reroute_alert(self, key, channel, by) -> None:
        await self._call("reroute", key, channel, by)

    async def discard_alert(self, key, reason, by) -> None:
        await self._call("discard", key, reason, by)

    async def add_silence(self, wanted, reason, end, by, start=None) -> None:
        await self._call("silence", wanted, reason, end, by, *([start] if start else []))

    async def end_maintenance(self, name, by) -> None:
        await self._call("end maintenance", name, by)

    async def end_silence(self, silence_id, by) -> None:
        await self._call("end silence", silence_id, by)

    async def refresh(self) -> None:
        await self._call("refresh")

    async def technicians(self) -> list[Technician]:
        return [Technician("t1", "Maya Fischer", "maya@msp.example"),
                Technician("t2", "Tom O'Brien"), Technician("t3", "Ines Duarte")]  # fmt: skip

    async def statuses(self) -> list[str]:
        return ["Open", "In Progress", "On Hold", "Waiting on Client", "Resolved"]

    async def priorities(self) -> list[str]:
        return list(PRIORITIES)

    async def assign(self, ticket_ids, technician_id, by) -> None:
        await self._call("assign", tuple(ticket_ids), technician_id, by)

    async def change_status(self, ticket_ids, status, by) -> None:
        await self._call("status", tuple(ticket_ids), status, by)

    async def set_priority(self, ticket_ids, priority, by) -> None:
        await self._call("priority", tuple(ticket_ids), priority, by)

    async def add_note(self, ticket_ids, text, by) -> None:
        await self._call("note", tuple(ticket_ids), text, by)

    async def retry_operation(self, operation_id, by) -> None:
        await self._call("insist", operation_id, by)

    async def discard_operation(self, operation_id, by) -> None:
        await self._call("give up", operation_id, by)

    async def look_only(self, only) -> None:
        self.read_only = only

    async def remembered(self, who) -> str | None:
        return self.memory

    async def remember(self, who, text) -> None:
        self.memory = text

    async def plan_queues(self) -> dict[str, QueuePlan]:
        await self._asked()
        due = START + timedelta(hours=1)
        work = [QueuedWork(one.ticket.id, due, timedelta(minutes=40))
                for one in self._link.board.tickets[8:11] or self._link.board.tickets]  # fmt: skip
        late = plan_queue(work, ALWAYS, START)
        fine = plan_queue(work[:1], ALWAYS, START)
        return {"t0": late, "t1": fine}

    async def policies_in_force(self) -> PoliciesInForce:
        await self._asked()
        policies = tuple(Desk(START).policies.values())
        lints = ("Low promise can never win: High promise matches wherever it does.",)
        tickets = [one for one in self._link.board.tickets if one.policy]
        return PoliciesInForce(policies, figures_by("policy", _records(tickets)), lints)

    async def client_months(self, start, end) -> list[ClientMonth]:
        await self._asked()
        self.spans.append((start, end))
        contracts = Contracts(Fraction(95, 100), {"kappa labs": Fraction(99, 100)})
        tickets = self._link.board.tickets
        return client_months(_records(tickets), Span(start, end), contracts)

    async def kept_between(self, start, end) -> tuple[int, int]:
        await self._asked()
        self.spans.append((start, end))
        return 57, 3

    async def team_figures(self, start, end) -> TeamFigures:
        await self._asked()
        self.spans.append((start, end))
        weekly = dict.fromkeys(TECHNICIANS, (50.0, None, 70.0, 80.0, 90.0, 95.0, 99.0, 100.0))
        return TeamFigures(start, end, Desk(START).team()[:2], weekly)

    async def health_facts(self) -> SelfFacts:
        await self._asked()
        store = StoreFacts("/var/lib/sla-console/sla-console.db", 12_345_678, 6)
        versions = (("sla-console", "0.1.0"), ("python", "3.11.9"), ("textual", "8.2.8"))
        begun = START - timedelta(days=3, hours=4)
        return SelfFacts(store, 7, 4711, begun, 91_000_000, 104_000_000, versions)

    async def _asked(self) -> None:
        if self.error is not None:
            raise self.error

    async def explain(self, ticket_ref):
        return self.explanation


class FakeLink:
    """What a service thread offers; ``hold`` keeps answers back until ``release``."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.failure: BaseException | None = None
        self.service = FakeService(self)
        self.listeners: list[Callable[[Board], None]] = []
        self.held: list[tuple[Future, object]] | None = None

    def subscribe(self, callback):
        self.listeners.append(callback)
        return lambda: self.listeners.remove(callback)

    def publish(self, board: Board) -> None:
        self.board = board
        for listener in self.listeners:
            listener(board)

    def publish_from_thread(self, boards: list[Board]) -> None:
        thread = threading.Thread(target=lambda: [self.publish(board) for board in boards])
        thread.start()
        thread.join()

    def submit(self, operation) -> Future:
        future: Future = Future()
        if self.held is not None:
            self.held.append((future, operation))
        else:
            asyncio.get_running_loop().create_task(self._run(future, operation))
        return future

    def hold(self) -> None:
        self.held = []

    def release(self) -> None:
        held, self.held = self.held or [], None
        for future, operation in held:
            asyncio.get_running_loop().create_task(self._run(future, operation))

    async def _run(self, future: Future, operation) -> None:
        try:
            future.set_result(await operation(self.service))
        except Exception as error:  # noqa: BLE001 - handed to whoever waits
            future.set_exception(error)


@pytest.fixture
def desk(clock) -> Desk:
    return Desk(clock.now())


@pytest.fixture
def link(desk) -> FakeLink:
    return FakeLink(desk.typical())


@pytest.fixture
def options() -> UIOptions:
    return UIOptions(
        timezone="Europe/Dublin",
        ticket_link=lambda ticket: f"https://desk.example/{ticket}",
        working=ALWAYS,
    )


@pytest.fixture
def console(link, clock, options) -> ConsoleApp:
    return ConsoleApp(link, clock, "Sam", options)


@pytest.fixture
def screen_text():
    """The screen as a person reads it: one string, a line a row."""

    def read(app) -> str:
        strips = app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips)

    return read
