"""Reports: gathered from the store a page at a time, protected, made, frozen, compared."""

import asyncio
import secrets
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Final

from sla_console.domain import fault_points
from sla_console.domain.clock import Clock
from sla_console.domain.errors import SLAConsoleError, UserError
from sla_console.domain.figures.clients import Contracts
from sla_console.domain.figures.names import Names
from sla_console.domain.figures.report import KeptReport
from sla_console.domain.names import folded
from sla_console.domain.tickets.operation import AuditEntry
from sla_console.domain.tickets.priority import BY_NAME, PriorityRanks
from sla_console.monitoring.evaluator import Evaluator
from sla_console.monitoring.figure_cache import FigureCache
from sla_console.monitoring.history import history_from, history_to
from sla_console.monitoring.ports import StorePort
from sla_console.monitoring.stored_histories import lives_of
from sla_console.reporting import records as made_of
from sla_console.reporting.build import Frame, report_of
from sla_console.reporting.collect import Collector, nothing_due
from sla_console.reporting.frozen import (
    changes_between,
    freeze,
    frozen_name,
    part_of,
    thaw,
    zones_frozen,
)
from sla_console.reporting.period import Period
from sla_console.reporting.privacy import Pseudonyms, protect
from sla_console.reporting.report import Frozen, Report, VerdictChange
from sla_console.reporting.scope import Scope, ScopeFilter
from sla_console.service.report_basis import require_read, stale_of

_KEY: Final = "report pseudonym key"
_PART: Final = (
    "Taken out of the frozen report of all tickets; the hashes given here are those of that report."
)
_FREEZE: Final = "freeze report"

Progress = Callable[[int, int], None]
"""Is told how many tickets were read, of how many."""


@dataclass(frozen=True, slots=True)
class ReportRules:
    """What the configuration says about reports."""

    zone: str = "UTC"
    """IANA name: whose months, weekdays and hours."""
    least: int = 5
    """Groups with tickets of fewer people are not broken out."""
    family: str = "reports"
    may_identify: tuple[str, ...] = ()
    excluded: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """By ticket number in lower case: why, and who decided it."""
    contracts: Contracts = field(default_factory=Contracts)
    source: str = "SuperOps"
    """Where the tickets come from, for people."""
    stale_after: timedelta = timedelta(minutes=3)
    """Age from which tickets are old while the period goes on."""
    priorities: PriorityRanks = BY_NAME
    """How urgent the desk's priorities are."""


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """Which report."""

    period: Period
    scope: Scope = field(default_factory=Scope)
    identify: bool = False
    """With the requesters' names; needs the permission, and is written down."""
    ledgers: bool = False
    """With the ledger of each missed promise."""


class ReportService:
    """Makes reports.

    Args:
        records: The store.
        evaluator: Evaluates tickets, by the hours of their sites.
        clock: The moment.
        rules: What the configuration says.
        figures: Keeps reports that were made lately; None: one of its own.
    """

    def __init__(
        self,
        records: StorePort,
        evaluator: Evaluator,
        clock: Clock,
        rules: ReportRules,
        figures: FigureCache | None = None,
    ) -> None:
        self._records, self._evaluator, self._clock, self.rules = records, evaluator, clock, rules
        self._figures = figures or FigureCache(clock)

    async def report(
        self, request: ReportRequest, by: str, progress: Progress | None = None
    ) -> Report:
        """Return a report; where it was frozen, as it was then, with what has changed since.

        That of some clients is taken out of the frozen one of all tickets, if that is there alone.

        Args:
            request: Which one.
            by: Who asks.
            progress: Is told how far it is.

        Raises:
            UserError: if there is nothing to report, a name is not known, or somebody may not
                see the requesters' names.
        """
        self._require_begun(request.period)
        if request.identify:
            await self._permit(request, by)
        made = await self._report(request, progress)
        if made.frozen is not None:
            return made  # it rests on what was read before it was frozen
        stale = await stale_of(
            self._records, request.period, self._clock.now(), self.rules.stale_after
        )
        return replace(made, stale=stale)

    async def _report(self, request: ReportRequest, progress: Progress | None) -> Report:
        kept = await self._kept(request)
        if kept is not None:
            return await self._frozen(kept, request, progress)
        part = await self._part(request)
        if part is None:
            records, frame = await self._gathered(request, progress)
            notes = (*frame.notes, *await self._frozen_elsewhere(request))
            return await self._made(records, replace(frame, notes=notes))
        records, frame, frozen = part
        report = replace(await self._made(records, frame), frozen=frozen)
        return replace(report, changes=await self._changes(records, report, request, progress))

    async def kept_report(self, request: ReportRequest, by: str) -> Report:
        """Return a report that was made lately, or make it; ``as_of`` says when that was.

        What is asked for with names is made each time, since each time is written down.

        Raises:
            UserError: as ``report``.
        """
        if request.identify:
            return await self.report(request, by)
        key = ("report", request.period, tuple(sorted(request.scope.filters.items())))
        wanted = (*key, request.ledgers)
        return await self._figures.get(wanted, lambda: self.report(request, by))

    async def freeze(
        self, request: ReportRequest, by: str, progress: Progress | None = None
    ) -> Report:
        """Freeze the report of a period that is over, and return it; once frozen it stays.

        Raises:
            UserError: if the period is not over, or not known to its end, and as ``report``.
        """
        now, end = self._clock.now(), request.period.span.end
        if now < end:
            raise UserError(
                f"{request.period.label} is not over before {end:%Y-%m-%d %H:%M} UTC, so it cannot "
                f"be frozen; leave --freeze out, or choose a period that is over"
            )
        name = frozen_name(request.period, request.scope)
        if await self._kept(request) is None:
            asked = replace(request, ledgers=True, identify=False)
            part = await self._part(asked)
            if part is None:
                await self._require_known(request.period)
                await require_read(self._records, request.period)
                records, frame = await self._gathered(asked, progress)
            else:
                records, frame, _ = part
            report = await self._made(records, frame)
            fault_points.hit("report.freeze")
            kept = await asyncio.to_thread(freeze, name, records, report, now, by)
            entry = AuditEntry(now, by, _FREEZE, name, _hashes(kept))
            await self._records.reports.keep(kept, entry)
            fault_points.hit("report.frozen")
            self._figures.changed()
        return await self.report(request, by, progress)

    async def frozen(self) -> list[tuple[str, datetime]]:
        """Return what is frozen, and when that was, newest first."""
        return await self._records.reports.names()

    async def _kept(self, request: ReportRequest) -> KeptReport | None:
        """Return the frozen report that was asked for, also under an earlier name of a client."""
        clients = (await self._names()).clients if request.scope.clients else None
        scopes = [request.scope] if clients is None else request.scope.other_names(clients)
        for scope in scopes:
            kept = await self._records.reports.get(frozen_name(request.period, scope))
            if kept is not None:
                return kept
        return None

    async def _names(self) -> Names:
        return Names(*await self._records.pages.names())

    def _require_begun(self, period: Period) -> None:
        if self._clock.now() < period.span.start:
            raise UserError(
                f"{period.label} has not begun; expected a period that begins before "
                f"{self._clock.now():%Y-%m-%d}"
            )

    async def _require_known(self, period: Period) -> None:
        """Refuse to freeze for ever what is only half known."""
        known = await history_to(self._records)
        if known is not None and known >= period.span.end:
            return
        upto = "was never read" if known is None else f"was read up to {known:%Y-%m-%d %H:%M} UTC"
        raise UserError(
            f"{period.label} cannot be frozen yet: what was closed in SuperOps {upto}, so some of it "
            f"would be missing for ever; add --sync, or let the console run"
        )

    async def _permit(self, request: ReportRequest, by: str) -> None:
        allowed = folded(by) in {folded(name) for name in self.rules.may_identify}
        await self._records.audit.append(
            AuditEntry(
                self._clock.now(),
                by,
                "report with names",
                frozen_name(request.period, request.scope),
                result="done" if allowed else "refused",
            )
        )
        if not allowed:
            raise UserError(
                f"--identify: {by} may not see the requesters' names; whoever owns the "
                f"configuration can add the operator to reports.may_identify"
            )

    async def _frozen(
        self, kept: KeptReport, request: ReportRequest, progress: Progress | None
    ) -> Report:
        await self._require_written_down(kept)
        frozen, report = await asyncio.to_thread(thaw, kept)
        changes = await self._changes(frozen, report, request, progress)
        if request.identify:
            frame = self._frame(request, report.as_of, report.notes, _as_agreed(report))
            report = replace(report_of(frozen, frame), frozen=report.frozen)
        return replace(report, changes=changes)

    async def _frozen_elsewhere(self, request: ReportRequest) -> Iterator[str]:
        """Say that the same days are frozen by the clock of another zone, where they are."""
        names = [name for name, _ in await self._records.reports.names()]
        zones = zones_frozen(request.period, request.scope, names)
        return (
            f"These days are frozen by the clock of {zone}, which is not that of this report; with "
            f'reports.timezone = "{zone}" it gives the frozen figures.'
            for zone in zones
        )

    async def _part(
        self, request: ReportRequest
    ) -> tuple[made_of.ReportRecords, Frame, Frozen] | None:
        """Return what the frozen report of all tickets holds of some clients; None: nothing."""
        if set(request.scope.filters) != {"client"}:
            return None
        kept = await self._records.reports.get(frozen_name(request.period, Scope()))
        if kept is None:
            return None
        await self._require_written_down(kept)
        records, whole = await asyncio.to_thread(thaw, kept)
        wanted = request.scope.with_all_names((await self._names()).clients)
        part, span = part_of(records, wanted.clients), request.period.span
        if whole.frozen is None or not any(span.start <= p.due < span.end for p in part.promises):
            return None
        notes = (*whole.notes, _PART)
        return part, self._frame(request, whole.as_of, notes, _as_agreed(whole)), whole.frozen

    async def _changes(
        self,
        frozen: made_of.ReportRecords,
        report: Report,
        request: ReportRequest,
        progress: Progress | None,
    ) -> tuple[VerdictChange, ...]:
        try:
            now, _ = await self._gathered(request, progress)
        except UserError:
            # Nothing of it is in the store any more; that is a change, no fault.
            now = made_of.ReportRecords()
        told = None if request.identify else _names_in(report)
        span = request.period.span
        return await asyncio.to_thread(changes_between, frozen, now, span, told)

    async def _require_written_down(self, kept: KeptReport) -> None:
        """Refuse a report whose hashes are not those that the history has.

        Raises:
            SLAConsoleError: if they differ, or the history has none.
        """
        for entry in await self._records.audit.for_subject(kept.name):
            if entry.action == _FREEZE and entry.detail == _hashes(kept):
                return
        raise SLAConsoleError(
            f"the frozen report {kept.name!r}: its hashes are not those that were written down in "
            f"the history when it was frozen; restore the database from a backup"
        )

    async def _gathered(
        self, request: ReportRequest, progress: Progress | None
    ) -> tuple[made_of.ReportRecords, Frame]:
        names = await self._names()
        frame = replace(self._frame(request, self._clock.now()), clients=names.clients)
        wide = frame.wide
        wanted = ScopeFilter(request.scope.as_shown(names))
        collector = Collector(
            wide,
            request.period.span,
            frame.as_of,
            self.rules.excluded,
            wanted,
            names,
            ledgers=request.ledgers,
            known_from=await history_from(self._records),
        )
        ids = await self._records.pages.due_between(wide.start, wide.end)
        done = 0
        async for page in lives_of(self._records, self._evaluator, ids):
            # Beside the engine's loop: a year of tickets takes its time.
            await asyncio.to_thread(collector.add, page)
            done += len(page)
            if progress is not None:
                progress(done, len(ids))
        wanted.require_known({"client": [c.name for c in await self._records.people.clients()]})
        if collector.empty:
            raise nothing_due(request.period, await self._records.pages.dues())
        return collector.finish(), replace(frame, notes=collector.notes())

    def _frame(
        self,
        request: ReportRequest,
        as_of: datetime,
        notes: tuple[str, ...] = (),
        contracts: Contracts | None = None,
    ) -> Frame:
        return Frame(
            period=request.period,
            as_of=as_of,
            scope=request.scope,
            source=self.rules.source,
            contracts=contracts or self.rules.contracts,
            least=1 if request.identify else self.rules.least,
            identified=request.identify,
            notes=notes,
            priorities=self.rules.priorities,
        )

    async def _made(self, records: made_of.ReportRecords, frame: Frame) -> Report:
        if frame.identified:
            return await asyncio.to_thread(report_of, records, frame)
        names = Pseudonyms(await self._key(), self.rules.family)
        return await asyncio.to_thread(
            lambda: report_of(protect(records, names, frame.least, frame.period.span), frame)
        )

    async def _key(self) -> bytes:
        """Return the key of the pseudonyms, made when it is first needed; it never leaves here."""
        return bytes.fromhex(await self._records.meta.settle(_KEY, secrets.token_hex(32)))


def _hashes(kept: KeptReport) -> str:
    return f"SHA-256 of its records {kept.inputs_hash}, of its figures {kept.figures_hash}"


def _names_in(report: Report) -> Mapping[str, Collection[str]]:
    """Return the names of groups, types, priorities and policies that stand in a report."""
    return {
        name: frozenset(group.name for group in report.groups[name])
        for name in ("group", "policy", "priority", "request type")
    }


def _as_agreed(report: Report) -> Contracts:
    """Return what was agreed with clients when a report was frozen."""
    return Contracts(
        None,
        {
            folded(one.client): Fraction(str(one.target)) / 100
            for one in report.allowances
            if one.target is not None
        },
    )
