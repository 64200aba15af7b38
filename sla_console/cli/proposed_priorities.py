"""Proposes the table ``[priorities]`` for ``init`` from the desk's own list."""

import asyncio
import json
import os
from collections.abc import Sequence
from typing import Final

from sla_console.config.load import load_settings
from sla_console.config.settings import TOKEN_VARIABLE
from sla_console.domain.errors import SLAConsoleError
from sla_console.domain.forecast.risk import RiskLevel
from sla_console.domain.text import clean
from sla_console.domain.tickets.priority import BY_NAME

_SECONDS: Final = 10.0
_UNKNOWN: Final = """\
# [priorities]
# How urgent your desk's priorities are. They are understood by their names, such as "P1 - Critical"
# or "Not urgent"; sla-console check names those that say nothing, which are taken as critical.
# critical = ["Red"]
"""


def priorities_of_desk(subdomain: str | None) -> tuple[list[str], str | None]:
    """Ask SuperOps for the desk's priorities where a token is at hand.

    Returns:
        Their names, and why they could not be read; neither where there is no token to ask with.
    """
    if subdomain is None or not os.environ.get(TOKEN_VARIABLE):
        return [], None
    try:
        return asyncio.run(_asked(subdomain)), None
    except TimeoutError:
        return [], "SuperOps did not answer in time"
    except SLAConsoleError as error:
        return [], str(error)


async def _asked(subdomain: str) -> list[str]:
    from sla_console.cli.clock import SystemClock
    from sla_console.cli.compose import superops_client

    environ = {**os.environ, "SLA_CONSOLE_SUPEROPS__SUBDOMAIN": subdomain}
    client = superops_client(load_settings(None, environ), SystemClock())
    try:
        async with asyncio.timeout(_SECONDS):
            return await client.priorities()
    finally:
        await client.aclose()


def table_of(names: Sequence[str]) -> str:
    """Return the table that ranks these priorities as their names say, to be looked over."""
    if not names:
        return _UNKNOWN
    lines = ["[priorities]", "# How urgent your desk's priorities are; move what is wrong."]
    for level in reversed(RiskLevel):
        mine = [name for name in names if BY_NAME.severity(name) is level]
        unranked = BY_NAME.unranked(mine)
        if unranked:
            said = ", ".join(map(_quoted, unranked))
            lines.append(f"# Nothing in their names says how urgent they are, so look at: {said}")
        lines.append(f"{level.lower()} = [{', '.join(map(_quoted, mine))}]")
    return "\n".join(lines) + "\n"


def _quoted(name: str) -> str:
    return json.dumps(clean(name, 100), ensure_ascii=False)
