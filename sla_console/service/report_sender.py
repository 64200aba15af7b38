"""Reports that are sent by themselves: made when they fall due, and put into the outbox.

A report is sent once for each period, whoever monitors and however often that changes: the store
remembers it, and the keys of its messages are the same with every try. What was due before the
schedule was first seen is not sent.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sla_console.domain import fault_points
from sla_console.domain.alerts.alert import OutboxMessage
from sla_console.domain.clock import Clock
from sla_console.domain.errors import SLAConsoleError
from sla_console.domain.figures.report_schedule import ReportSchedule
from sla_console.monitoring.engine import SLAMonitoringEngine
from sla_console.monitoring.history import history_to
from sla_console.monitoring.supervisor import turned
from sla_console.reporting.collect import NothingDue
from sla_console.reporting.forms import render
from sla_console.reporting.schedule import Due, last_due, next_due
from sla_console.reporting.scope import Scope
from sla_console.reporting.summary import summary_of
from sla_console.service.report_files import ReportFiles, slugs_of
from sla_console.service.report_service import ReportRequest, ReportService

LOG = logging.getLogger(__name__)
PART: Final = "reports"
"""What the part of the engine is called."""
_LOOK_SECONDS: Final = 5.0
_LONGEST: Final = timedelta(minutes=30)
"""Within which the reports of one moment are made, unless something hangs."""
_LATE: Final = timedelta(days=7)
"""A report that could not be sent for so long is of the past."""
_AGAIN: Final = timedelta(hours=1)
_KEPT: Final = timedelta(days=90)
_TIDY_EVERY: Final = timedelta(days=1)
_NAMED: Final = 3
"""Clients and groups that a title names."""


class ReportSender:
    """Sends what falls due while this console monitors.

    Args:
        engine: The engine, not yet started.
        desk: Makes the reports.
        clock: The moment.
        schedules: What is sent when.
        folder: Where the files are.
    """

    def __init__(
        self,
        engine: SLAMonitoringEngine,
        desk: ReportService,
        clock: Clock,
        schedules: Sequence[ReportSchedule],
        folder: Path,
    ) -> None:
        self._engine, self._desk, self._clock = engine, desk, clock
        self._schedules = tuple(schedules)
        self._files = ReportFiles(folder)
        self._slugs = slugs_of(schedule.name for schedule in schedules)
        self._records = engine.data.records
        self._settled: dict[str, str] = {}
        """The period that each is done with; the store has the same."""
        self._again: dict[str, datetime] = {}
        """When what failed is tried again."""
        self._tidied: datetime | None = None

    def join(self) -> None:
        """Become a part of the engine; before it is started."""
        self._engine.supervisor.add(PART, self.run, _LONGEST)

    async def run(self) -> None:
        """Send what falls due, for ever."""
        while True:
            await self.step()
            turned()
            await asyncio.sleep(_LOOK_SECONDS)

    async def step(self) -> int:
        """Send what is due and remove what is old; return how many messages were queued."""
        if not self._engine.leadership.leading:
            return 0
        queued = 0
        for schedule in self._schedules:
            queued += await self._look_at(schedule)
        if queued:
            await self._engine.alerts_changed()
        await self._tidy()
        return queued

    async def _look_at(self, schedule: ReportSchedule) -> int:
        now = self._clock.now()
        due = last_due(schedule, self._desk.rules.zone, now)
        again = self._again.get(schedule.name, now)
        # A clock that was put back must not make anybody wait for longer than an hour.
        if self._settled.get(schedule.name) == due.label or now < again <= now + _AGAIN:
            return 0
        try:
            return await self._settle(schedule, due, now)
        except Exception as error:  # noqa: BLE001 - one report must not keep back the others
            self._again[schedule.name] = now + _AGAIN
            about = f"the report {schedule.name!r} about {due.period.label}"
            self._failed(f"{about} was not sent and is tried again in an hour", error)
            return 0

    async def _settle(self, schedule: ReportSchedule, due: Due, now: datetime) -> int:
        """Send a report, or not, if that was not decided before; return how many messages."""
        name = f"report sent {schedule.name}"
        queued = 0
        before = await self._records.meta.get(name)
        if before != due.label:
            if before is None:
                # Nobody waits for what fell due before anybody wanted it.
                LOG.info(
                    "the report %r is new; it is sent from %s on",
                    schedule.name,
                    f"{next_due(schedule, self._desk.rules.zone, now).at:%Y-%m-%d %H:%M} UTC",
                )
            elif now - due.at > _LATE:
                LOG.warning(
                    "the report %r about %s was due %s UTC, longer than %d days ago, so it is not "
                    "sent; make it by hand",
                    schedule.name,
                    due.period.label,
                    f"{due.at:%Y-%m-%d %H:%M}",
                    _LATE.days,
                )
            elif not await self._is_known_up_to(due.at):
                return 0
            else:
                messages = await self._messages(schedule, due, now)
                fault_points.hit("report.queue")
                queued = await self._records.outbox.enqueue(messages)
                fault_points.hit("report.queued")
                LOG.info("the report %r about %s was queued", schedule.name, due.period.label)
            # After the messages: what a crash leaves between the two is queued again, under the
            # same keys, and so stays one.
            await self._records.meta.set(name, due.label)
        self._settled[schedule.name] = due.label
        return queued

    async def _is_known_up_to(self, moment: datetime) -> bool:
        """Return whether SuperOps has told all up to a moment, so that no figure is from before.

        What is open comes with each sync, what was closed unseen is read beside it.
        """
        last = self._engine.sync.last_sync
        if last is None or last < moment:
            return False
        closed = await history_to(self._records)
        return closed is not None and closed >= moment

    async def _messages(
        self, schedule: ReportSchedule, due: Due, now: datetime
    ) -> list[OutboxMessage]:
        title = f"SLA report {due.period.label}: {_whose(schedule)}"
        path: Path | None = None
        try:
            path, lines = await self._make(schedule, due, now)
        except NothingDue:
            lines = (f"No promise was due in {due.period.label}, so there is nothing to report.",)
        return self._engine.alerting.planner.plan_report(
            f"{schedule.name}:{due.label}",
            title,
            lines,
            schedule.channels,
            None if path is None else str(path),
            schedule.name,
        )

    async def _make(
        self, schedule: ReportSchedule, due: Due, now: datetime
    ) -> tuple[Path, tuple[str, ...]]:
        """Return the file of a report, and what its message says."""
        wanted = {"client": schedule.clients, "group": schedule.groups}
        request = ReportRequest(
            due.period, Scope({name: names for name, names in wanted.items() if names})
        )
        make = self._desk.freeze if schedule.freeze else self._desk.report
        report = await make(request, f"schedule {schedule.name}")
        content = await asyncio.to_thread(render, report, schedule.form)
        file = f"sla-report-{self._slugs[schedule.name]}-{due.label.lower()}.{schedule.form}"
        path = await asyncio.to_thread(self._files.write, file, content, now)
        return path, (*summary_of(report), f"The whole report: {file}")

    async def _tidy(self) -> None:
        now = self._clock.now()
        if self._tidied is not None and timedelta() <= now - self._tidied < _TIDY_EVERY:
            return
        self._tidied = now
        try:
            needed = await self._records.outbox.attachments_owed()
            removed = await asyncio.to_thread(self._files.sweep, now - _KEPT, needed)
        except SLAConsoleError as error:
            self._failed("old reports were not removed", error)
        else:
            for name in removed:
                LOG.info("the report %s is older than %d days and was removed", name, _KEPT.days)

    def _failed(self, what: str, error: Exception) -> None:
        expected = isinstance(error, SLAConsoleError)
        why = str(error) if expected else f"{type(error).__name__}: {error}"
        LOG.error("%s: %s", what, why, exc_info=None if expected else error)
        self._engine.supervisor.note(PART, f"{what}: {why}")


def _whose(schedule: ReportSchedule) -> str:
    """Return of whose tickets a report is, for its title."""
    names = (*schedule.clients, *schedule.groups)
    if len(names) > _NAMED:
        return f"{', '.join(names[: _NAMED - 1])} and {len(names) - _NAMED + 1} more"
    return ", ".join(names) or "all tickets"
