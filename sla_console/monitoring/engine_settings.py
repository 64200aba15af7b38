"""The settings of the monitoring engine."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sla_console.monitoring.leadership import boot_ms
from sla_console.monitoring.sync import SyncPlan


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Settings of monitoring, as the configuration gives them."""

    closed: Sequence[str]
    """Names of the statuses that end a ticket."""
    plan: SyncPlan = field(default_factory=SyncPlan)
    keep_closed: timedelta = timedelta(days=800)
    history: timedelta = timedelta(days=100)
    """How far back tickets that ended are read at the first start."""
    terminals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Channels that are terminals, with the signals each gives; that they work says nothing."""
    shared_ms: Callable[[], int] = boot_ms
    """Milliseconds of a clock that all consoles over one store share, and that is never set."""
