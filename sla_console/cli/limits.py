"""Limits that the system sets to a process, and what the console needs of them."""

import resource
from typing import Final

from sla_console.domain.errors import UserError

_NEEDED: Final = 24
"""Files that monitoring has open at once: database, log, SuperOps, one channel, the loop's own."""
_WANTED: Final = 256


def require_files() -> None:
    """Make sure that enough files may be open at once to monitor; raise the limit where that goes.

    Raises:
        UserError: if it is too low, since parts of the engine would fail all the time.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= _WANTED:
        return
    most = _WANTED if hard == resource.RLIM_INFINITY else min(_WANTED, hard)
    if most > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    if max(most, soft) < _NEEDED:
        raise UserError(
            f"this process may have {soft} files open at once, and monitoring needs {_NEEDED} or "
            f"more; raise the limit ('ulimit -n {_WANTED}', or LimitNOFILE={_WANTED} for a service)"
        )
