"""Finds what looks wrong about the proxies that the environment names."""

from collections.abc import Iterator

from sla_console.cli.findings import CheckFinding
from sla_console.config.settings import Settings
from sla_console.domain.errors import UserError
from sla_console.http.proxies import bad_proxies, proxy_for, unread_exceptions


def proxy_findings(settings: Settings) -> Iterator[CheckFinding]:
    """Yield which proxies cannot be used, and whether SuperOps is asked through one.

    Args:
        settings: The configuration.
    """
    faults = list(bad_proxies())
    yield from (CheckFinding("trouble", "proxy", words) for words in faults)
    yield from (CheckFinding("note", "proxy", words) for words in unread_exceptions())
    try:
        through = proxy_for(settings.superops.url)
    except UserError:
        return
    if through is not None:
        yield CheckFinding("ok", "proxy", "SuperOps is asked through the proxy of the environment")
