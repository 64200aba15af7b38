"""What the configuration says about reports, as the service takes it."""

from datetime import timedelta

from sla_console.cli.zone import local_zone
from sla_console.config.settings import Settings
from sla_console.service.report_service import ReportRules


def report_zone(settings: Settings) -> str:
    """Return whose months and hours reports go by."""
    return settings.reports.timezone or settings.ui.timezone or local_zone() or "UTC"


def report_rules(settings: Settings) -> ReportRules:
    """Return the rules of reports."""
    reports = settings.reports
    return ReportRules(
        zone=report_zone(settings),
        least=reports.least_people,
        family=reports.family or settings.superops.subdomain or "reports",
        may_identify=tuple(reports.may_identify),
        excluded=reports.excluded(),
        contracts=settings.contracts.as_domain(),
        stale_after=timedelta(seconds=settings.sync.stale_after_seconds),
        priorities=settings.priorities.as_domain(),
        source=f"SuperOps, {settings.superops.subdomain or 'demo'}",
    )
