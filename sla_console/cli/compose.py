"""The composition root: where the rooms are put together.

What is heavy to import and not needed for the first screen is imported after it: the cache is on
screen before the first HTTP client exists.
"""

import contextlib
import logging
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from sla_console.cli.logs import REDACTION
from sla_console.config.paths import Paths
from sla_console.config.secrets import Secret, SecretSource
from sla_console.config.settings import Settings
from sla_console.domain.board import Board
from sla_console.domain.clock import Clock

if TYPE_CHECKING:
    from sla_console.monitoring.engine import SLAMonitoringEngine
    from sla_console.monitoring.evaluator import Evaluator
    from sla_console.service.sla_service import SLAService
    from sla_console.store.store import Store
    from sla_console.superops.client import SuperOpsClient

LOG = logging.getLogger(__name__)
_MEGABYTE: Final = 1024 * 1024
_PAINT_SECONDS: Final = 2.0
PATIENCE: Final = timedelta(minutes=1)
"""How long a command that asks once waits for a SuperOps that wants no requests."""


class _KnownSecret:
    """A token source whose every value is kept out of the log."""

    def __init__(self, source: SecretSource) -> None:
        self._source = source

    def read(self) -> Secret:
        """Return the token as its source has it now."""
        secret = self._source.read()
        REDACTION.know(secret.reveal())
        return secret

    def describe(self) -> str:
        """Return where the token comes from, never the token."""
        return self._source.describe()


def superops_client(
    settings: Settings, clock: Clock, patience: timedelta | None = None
) -> "SuperOpsClient":
    """Return the client for the configured account.

    Args:
        settings: The configuration.
        clock: The one source of time.
        patience: How long is waited for a SuperOps that wants no requests; None: for ever.

    Raises:
        UserError: if no subdomain is set.
    """
    from sla_console.superops.budget import RequestBudget
    from sla_console.superops.client import SuperOpsClient

    superops = settings.superops
    return SuperOpsClient(
        superops.url,
        settings.require_subdomain(),
        _KnownSecret(settings.token_source()),
        clock,
        RequestBudget(superops.requests_per_minute, clock, patience=patience),
        timeout_seconds=superops.timeout_seconds,
        max_bytes=superops.max_answer_megabytes * _MEGABYTE,
    )


class Screen(Protocol):
    """Where the first board goes before the service is ready."""

    def hand_out(self, board: Board) -> None:
        """Show a board."""
        ...

    async def until_painted(self, seconds: float) -> None:
        """Wait until it is on the screen, at most so long."""
        ...


@contextlib.asynccontextmanager
async def open_service(
    settings: Settings,
    paths: Paths,
    clock: Clock,
    *,
    monitoring: bool = True,
    screen: Screen | None = None,
) -> "AsyncIterator[SLAService]":
    """Give the service, its board already filled from the store.

    Args:
        settings: The configuration.
        paths: Where things are.
        clock: The time that everything lives by.
        monitoring: Start the engine's parts; False leaves it to the caller to sync by hand.
        screen: Is given a first board from the cache, and time to paint it.

    Raises:
        SLAConsoleError: for whatever keeps it from starting, in words.
    """
    from sla_console.monitoring.evaluator import Evaluator
    from sla_console.monitoring.first_board import first_board
    from sla_console.store.key import KEYRING_ENTRY, load_or_create_key
    from sla_console.store.store import Store

    # A key file that somebody named is the key; the keyring is not asked behind their back.
    keyring_entry = None if settings.store.key_file else KEYRING_ENTRY
    key = load_or_create_key(paths.key_file, keyring_entry)
    store = await Store.open(paths.database, key, clock.now)
    try:
        policies = settings.policies_as_domain()
        evaluator = Evaluator(
            settings.statuses.as_domain(),
            policies,
            settings.calendars_as_domain(),
            settings.default_calendar,
            settings.risk.as_domain(),
            settings.warnings.levels(),
            settings.site_holidays_as_domain(),
            settings.sla.no_first_response_for,
            settings.priorities.as_domain(),
        )
        if screen is not None and (board := await first_board(store, evaluator, clock)) is not None:
            screen.hand_out(board)
            await screen.until_painted(_PAINT_SECONDS)
        async with _running(settings, store, evaluator, clock, monitoring=monitoring) as service:
            yield service
    finally:
        await store.close()


@contextlib.asynccontextmanager
async def _running(
    settings: Settings, store: "Store", evaluator: "Evaluator", clock: Clock, *, monitoring: bool
) -> "AsyncIterator[SLAService]":
    """Give the service over an open store."""
    from sla_console.cli.alerting import alerting_of, terminals
    from sla_console.cli.hooks import action_links, receive
    from sla_console.cli.report_rules import report_rules
    from sla_console.http.proxies import proxy_for
    from sla_console.monitoring.absence import AbsenceRules
    from sla_console.monitoring.data_access import SLADataAccess
    from sla_console.monitoring.engine import SLAMonitoringEngine
    from sla_console.monitoring.engine_settings import EngineSettings
    from sla_console.monitoring.sync import SyncPlan
    from sla_console.service.sla_service import SLAService

    if monitoring:
        # Said now, since a monitor that can never read anything would say "starting" for ever.
        proxy_for(settings.superops.url)
    links = action_links(settings, store) if monitoring else None
    alerting = await alerting_of(settings, store, clock, sending=monitoring, links=links)
    client = superops_client(settings, clock, None if monitoring else PATIENCE)
    sync = settings.sync
    engine = SLAMonitoringEngine(
        SLADataAccess(client, store, evaluator, clock),
        alerting,
        evaluator,
        clock,
        EngineSettings(
            closed=tuple(settings.statuses.closed),
            plan=SyncPlan(
                timedelta(seconds=sync.hot_seconds),
                timedelta(seconds=sync.open_seconds),
                timedelta(minutes=sync.catalogue_minutes),
                timedelta(seconds=sync.stale_after_seconds),
                AbsenceRules(
                    share=sync.drop_percent / 100,
                    confirm=timedelta(minutes=sync.drop_confirm_minutes),
                    give_up=timedelta(hours=sync.missing_hours),
                ),
            ),
            keep_closed=timedelta(days=settings.store.keep_closed_days),
            history=timedelta(days=settings.sync.history_days),
            terminals=terminals(settings),
        ),
    )
    service = SLAService(
        engine,
        clock,
        write_notes=settings.alerts.write_notes,
        contracts=settings.contracts.as_domain(),
        report_rules=report_rules(settings),
        read_only=settings.ui.read_only,
    )
    if monitoring:
        _schedule_reports(settings, store, engine, service, clock)
        receive(settings, engine, service, clock, links)
        await engine.start_monitoring()
    else:
        await engine.store_watch.step()
        await engine.restore()
    try:
        yield service
    finally:
        await engine.stop_monitoring()
        await client.aclose()


def _schedule_reports(
    settings: Settings,
    store: "Store",
    engine: "SLAMonitoringEngine",
    service: "SLAService",
    clock: Clock,
) -> None:
    """Have the engine send reports; where none is scheduled any more, remove the old ones."""
    enabled = settings.alerts.enabled()
    found = [one.as_domain(enabled) for one in settings.reports.schedule]
    schedules = [one for one in found if one.channels]
    folder = store.path.parent / "reports"
    if not schedules and not folder.is_dir():
        return
    from sla_console.service.report_sender import ReportSender

    ReportSender(engine, service.reports, clock, schedules, folder).join()


def log_file(settings: Settings, paths: Paths) -> Path:
    """Start the log and return its file; say on standard error where it cannot be written."""
    from sla_console.cli.logs import log_to

    target = log_to(paths.log_dir, settings.logging.level)
    if target.fault is not None:
        print(f"sla-console: {target.fault}.", file=sys.stderr)
    return target.file
