"""The one door for people: what happened is written down, then it is done."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sla_console.domain.alerts.action_link import LinkUse
from sla_console.domain.board import Board, TicketDetail
from sla_console.domain.clock import Clock
from sla_console.domain.figures.clients import ClientMonth, Contracts
from sla_console.domain.figures.performance import PerformanceFigures, figures_by
from sla_console.domain.figures.record import Basis, Span
from sla_console.domain.figures.report import DateRange, SLAReport, TicketSLAStatus
from sla_console.domain.figures.technicians import TechnicianSLAMetrics
from sla_console.domain.forecast.feasibility import QueuePlan
from sla_console.domain.forecast.forecast import ForecastCoverage
from sla_console.domain.matcher import Matcher
from sla_console.domain.people.people import Technician
from sla_console.domain.readings import ListRead
from sla_console.domain.sla.breach import PotentialBreach, SLABreach
from sla_console.domain.sla.policy import SLAPolicy
from sla_console.domain.sla.sla_clock import EvaluatedTicket
from sla_console.domain.sla.what_if import WhatIf
from sla_console.domain.tickets.operation import AuditEntry, Operation
from sla_console.domain.tickets.ticket import TicketNote
from sla_console.domain.wellness import board_at
from sla_console.monitoring.engine import SLAMonitoringEngine
from sla_console.monitoring.explanation import Explanation, Supposition, explain
from sla_console.monitoring.status import sla_status
from sla_console.service.alert_actions import AlertActions, ChannelStatus
from sla_console.service.alert_preview import PreviewedAlert
from sla_console.service.breach_actions import BreachActions
from sla_console.service.health_reader import HealthReader, SelfFacts
from sla_console.service.on_call_actions import OnCallActions
from sla_console.service.people_figures import PeopleFigures, TeamFigures
from sla_console.service.policy_reader import PoliciesInForce, PolicyReader
from sla_console.service.report_service import ReportRules, ReportService
from sla_console.service.reports import report_of
from sla_console.service.ticket_actions import TicketActions
from sla_console.service.ticket_finder import TicketFinder
from sla_console.service.writing import writes


class SLAService:
    """What people can ask and do.

    Args:
        engine: The running engine.
        clock: The moment.
        write_notes: Whether acknowledging and escalating leave a private note in SuperOps.
        contracts: What is agreed with clients.
        report_rules: What the configuration says about reports.
        read_only: Whether people may only look: every method marked ``writes`` is refused.
    """

    def __init__(
        self,
        engine: SLAMonitoringEngine,
        clock: Clock,
        *,
        write_notes: bool = True,
        contracts: Contracts | None = None,
        report_rules: ReportRules | None = None,
        read_only: bool = False,
    ) -> None:
        self.read_only = read_only
        self._engine, self._clock = engine, clock
        self._data, self._records = engine.data, engine.data.records
        self._breach_actions = BreachActions(engine, write_notes=write_notes)
        self._ticket_actions = TicketActions(engine, clock)
        self._alert_actions = AlertActions(engine, clock)
        self._policy_reader = PolicyReader(engine, clock)
        self._health_reader = HealthReader(engine, clock)
        self._people_figures = PeopleFigures(engine, clock, contracts or Contracts())
        self._finder = TicketFinder(engine)
        rules, evaluator = report_rules or ReportRules(), engine.tracker.evaluator
        self.reports = ReportService(self._records, evaluator, clock, rules, engine.data.figures)
        """Makes and freezes reports."""
        self.on_call = OnCallActions.over(engine, clock, lambda: self.read_only)
        """Shows and changes who is on call."""

    # -- asking ------------------------------------------------------------------------------

    def board(self) -> Board:
        """Return the latest board, its health as it may be said to be now."""
        return board_at(self.latest(), self._clock.now(), self._clock.elapsed())

    def latest(self) -> Board:
        """Return the latest board as it was handed out; may be asked for from any thread."""
        return self._engine.board

    def subscribe(self, callback: Callable[[Board], None]) -> Callable[[], None]:
        """Have ``callback`` called with each new board, in the engine's loop."""
        return self._engine.subscribe(callback)

    async def get_sla_policies(self) -> list[SLAPolicy]:
        """Return the promises in force."""
        return await self._data.get_cached_sla_policies()

    async def get_ticket_sla_status(self, ticket_id: str) -> TicketSLAStatus:
        """Return how a ticket stands.

        Raises:
            NotFound: if the ticket is not known.
        """
        judged = await self._finder.judged(ticket_id)
        return sla_status(judged, self._clock.now(), self._engine.tracker.evaluator.thresholds)

    async def get_technician_sla_performance(self, technician_id: str) -> TechnicianSLAMetrics:
        """Return one technician's figures of the last thirty days.

        Raises:
            NotFound: if there is no such technician.
        """
        return await self._engine.calculate_technician_performance(technician_id)

    async def monitor_sla_breaches(self) -> list[SLABreach]:
        """Return the breaches that are not resolved; unacknowledged first, then the oldest."""
        return self._engine.tracker.board.breaches()

    async def generate_sla_report(self, date_range: DateRange) -> SLAReport:
        """Return the figures of a span of time, from what the store knows."""
        return await self._data.figures.get(
            ("report", date_range), lambda: report_of(self._data, date_range, self._clock)
        )

    async def performance(
        self, dimension: str, date_range: DateRange, basis: Basis = Basis.DUE
    ) -> dict[str, PerformanceFigures]:
        """Return the figures of the targets of a span of time.

        Args:
            dimension: By what they are told apart: technician, group, client, priority or policy.
            date_range: The span.
            basis: Whether targets belong to it by their due time, or by when they were settled.
        """
        start, end = date_range.start, date_range.end
        found = await self._data.target_records(start, end, basis, await self._data.names())
        span, complete = Span(start, end), found.complete_since
        return await asyncio.to_thread(figures_by, dimension, found.records, span, basis, complete)

    async def ticket_detail(self, ticket_id: str) -> TicketDetail:
        """Return what the console itself knows about a ticket.

        Raises:
            NotFound: if the ticket is not known.
        """
        return await self._finder.detail(ticket_id)

    async def ticket_conversation(self, ticket_id: str) -> list[TicketNote]:
        """Ask SuperOps for the messages and notes of a ticket, oldest first.

        Raises:
            SuperOpsError: if it cannot be asked.
        """
        talk = await self._data.desk.conversations(ticket_id)
        talk += await self._data.desk.notes(ticket_id)
        return sorted(talk, key=lambda n: (n.at is not None, n.at or self._clock.now()))

    async def explain(self, ticket_ref: str) -> Explanation:
        """Return why a ticket is due when it is.

        Args:
            ticket_ref: Its number or its id.

        Raises:
            UserError: if no such ticket is known.
        """
        ticket, observed = await self._finder.found(ticket_ref)
        evaluator = self._engine.tracker.evaluator
        forecasts = await self._engine.forecasts_of(evaluator.evaluate(ticket, observed))
        return explain(evaluator, ticket, observed, self._clock.now(), forecasts)

    async def detect_potential_breaches(self) -> list[PotentialBreach]:
        """Return the running clocks that are likely to break, by expected harm."""
        return await self._engine.detect_potential_breaches()

    def forecast_coverage(self) -> ForecastCoverage:
        """Return what the forecasts rested on when they were last asked for."""
        return self._engine.forecasts.coverage or ForecastCoverage()

    async def plan_queues(self) -> dict[str, QueuePlan]:
        """Return for each technician id whether the tickets in hand can be done in time."""
        return await self._engine.plan_queues()

    async def suppose(self, ticket_ref: str, change: WhatIf) -> Supposition:
        """Return what a change would make of a ticket; nothing is changed.

        Raises:
            UserError: if the ticket, or a client, technician or calendar it names, is not known.
        """
        return await self._finder.suppose(ticket_ref, change, self._clock.now())

    async def client_months(self, start: datetime, end: datetime) -> list[ClientMonth]:
        """Return how each client stands in a month, the worst first."""
        return await self._data.figures.get(
            ("clients", start, end), lambda: self._people_figures.clients(start, end)
        )

    async def kept_between(self, start: datetime, end: datetime) -> tuple[int, int]:
        """Return how many promises were kept, and how many missed, of those due in a span."""
        return await self._data.figures.get(
            ("kept", start, self._data.figures.end_of(end)),
            lambda: self._people_figures.kept(start, end),
        )

    async def team_figures(self, start: datetime, end: datetime) -> TeamFigures:
        """Return the technicians' figures of a span of time."""
        return await self._data.figures.get(
            ("team", start, self._data.figures.end_of(end)),
            lambda: self._people_figures.team(start, end),
        )

    async def policies_in_force(self) -> PoliciesInForce:
        """Return what is promised here, how it goes, and what looks wrong in it."""
        return await self._data.figures.get("policies", self._policy_reader.in_force)

    async def health_facts(self) -> SelfFacts:
        """Return what the console knows of itself."""
        return await self._health_reader.facts()

    async def recent_history(self, limit: int = 100) -> list[AuditEntry]:
        """Return what people and the console did last, newest first."""
        return await self._records.audit.recent(limit)

    def escalation_targets(self, breach_id: str) -> tuple[str, ...]:
        """Return the names of the channels that an escalation would reach."""
        alerting = self._engine.alerting
        breach = alerting.incidents.get(breach_id)
        if breach is None:
            return ()
        hours = alerting.incidents.hours_of(breach.ticket_id)
        return alerting.planner.escalation_targets(breach, hours)

    # -- doing -------------------------------------------------------------------------------

    async def refresh(self) -> None:
        """Ask SuperOps now."""
        self._engine.refresh()

    async def sync_once(self) -> tuple[ListRead, ...]:
        """Read everything once, where the engine's parts do not run; return what was not read."""
        return await self._engine.sync_once()

    async def read_history(self) -> int:
        """Read what ended without having been seen; return how many tickets were new.

        Raises:
            SuperOpsError: if SuperOps does not answer.
        """
        return await self._engine.history.read()

    @writes
    async def acknowledge(
        self, breach_ids: Sequence[str], reason: str | None, by: str, lasts: timedelta | None = None
    ) -> list[SLABreach]:
        """Note that somebody has these breaches. See ``BreachActions.acknowledge``."""
        return await self._breach_actions.acknowledge(breach_ids, reason, by, lasts)

    @writes
    async def unacknowledge(
        self, breach_ids: Sequence[str], reason: str | None, by: str
    ) -> list[SLABreach]:
        """Give these breaches back. See ``BreachActions.unacknowledge``."""
        return await self._breach_actions.unacknowledge(breach_ids, reason, by)

    @writes
    async def snooze(
        self, breach_ids: Sequence[str], until: datetime | None, reason: str | None, by: str
    ) -> list[SLABreach]:
        """Put these breaches off. See ``BreachActions.snooze``."""
        return await self._breach_actions.snooze(breach_ids, until, reason, by)

    @writes
    async def escalate(
        self, breach_ids: Sequence[str], reason: str | None, by: str
    ) -> list[SLABreach]:
        """Hand these breaches up and tell whom it concerns. See ``BreachActions.escalate``."""
        return await self._breach_actions.escalate(breach_ids, reason, by)

    @writes
    async def act_by_link(self, use: LinkUse, snooze_until: datetime) -> None:
        """Do what a link in a message was for. See ``BreachActions.by_link``."""
        await self._breach_actions.by_link(use, snooze_until)

    # -- tickets -----------------------------------------------------------------------------

    async def technicians(self) -> list[Technician]:
        """Return who a ticket can be given to. See ``TicketActions.technicians``."""
        return await self._ticket_actions.technicians()

    async def statuses(self) -> list[str]:
        """Return the names of the statuses. See ``TicketActions.statuses``."""
        return await self._ticket_actions.statuses()

    async def priorities(self) -> list[str]:
        """Return the names of the priorities. See ``TicketActions.priorities``."""
        return await self._ticket_actions.priorities()

    @writes
    async def assign(
        self, ticket_ids: Sequence[str], technician_id: str, by: str
    ) -> list[Operation]:
        """Queue that tickets are given to a technician. See ``TicketActions.assign``."""
        return await self._ticket_actions.assign(ticket_ids, technician_id, by)

    @writes
    async def change_status(
        self, ticket_ids: Sequence[str], status: str, by: str
    ) -> list[Operation]:
        """Queue that tickets are moved to a status. See ``TicketActions.change_status``."""
        return await self._ticket_actions.change_status(ticket_ids, status, by)

    @writes
    async def set_priority(
        self, ticket_ids: Sequence[str], priority: str, by: str
    ) -> list[Operation]:
        """Queue that tickets get a priority. See ``TicketActions.set_priority``."""
        return await self._ticket_actions.set_priority(ticket_ids, priority, by)

    @writes
    async def add_note(self, ticket_ids: Sequence[str], text: str, by: str) -> list[Operation]:
        """Queue a private note on tickets. See ``TicketActions.add_note``."""
        return await self._ticket_actions.add_note(ticket_ids, text, by)

    @writes
    async def retry_operation(self, operation_id: str, by: str) -> None:
        """Insist on a change that was not taken. See ``TicketActions.retry``."""
        await self._ticket_actions.retry(operation_id, by)

    @writes
    async def discard_operation(self, operation_id: str, by: str) -> None:
        """Give a change up. See ``TicketActions.discard``."""
        await self._ticket_actions.discard(operation_id, by)

    async def look_only(self, only: bool) -> None:
        """Take up that people may only look from here, or may change things again."""
        self.read_only = only

    # -- comfort -----------------------------------------------------------------------------

    async def remembered(self, who: str) -> str | None:
        """Return how somebody left the console, as ``remember`` was told; None: never."""
        return await self._records.meta.get(f"console of {who}")

    async def remember(self, who: str, text: str) -> None:
        """Keep how somebody left the console."""
        await self._records.meta.set(f"console of {who}", text)

    # -- alerts ------------------------------------------------------------------------------

    @writes
    async def retry_alert(self, key: str, by: str) -> None:
        """Try a message again now. See ``AlertActions.retry``."""
        await self._alert_actions.retry(key, by)

    @writes
    async def reroute_alert(self, key: str, channel: str, by: str) -> None:
        """Send a message through another channel. See ``AlertActions.reroute``."""
        await self._alert_actions.reroute(key, channel, by)

    @writes
    async def discard_alert(self, key: str, reason: str | None, by: str) -> None:
        """End a message that shall not be sent any more. See ``AlertActions.discard``."""
        await self._alert_actions.discard(key, reason, by)

    @writes
    async def add_silence(
        self, wanted: Matcher, reason: str, end: datetime, by: str, start: datetime | None = None
    ) -> None:
        """Tell nothing of what matches until a moment. See ``AlertActions.add_silence``."""
        await self._alert_actions.add_silence(wanted, reason, end, by, start)

    @writes
    async def end_silence(self, silence_id: str, by: str) -> None:
        """End a silence now. See ``AlertActions.end_silence``."""
        await self._alert_actions.end_silence(silence_id, by)

    @writes
    async def end_maintenance(self, name: str, by: str) -> None:
        """End maintenance that lasts now. See ``AlertActions.end_maintenance``."""
        await self._alert_actions.end_maintenance(name, by)

    async def alert_status(self) -> list[ChannelStatus]:
        """Return how each channel does."""
        return await self._alert_actions.status()

    async def explain_alerts(self, ticket_ref: str) -> tuple[EvaluatedTicket, list[PreviewedAlert]]:
        """Return a ticket and who would be told what of it, when and why; nothing is sent.

        Raises:
            UserError: if no such ticket is known.
        """
        ticket, _ = await self._finder.found(ticket_ref)
        judged = await self._finder.judged(ticket.id)
        return judged, self._alert_actions.foretell(judged)
