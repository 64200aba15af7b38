"""What a person may decide about the screens."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sla_console.domain.risk import RiskThresholds


@dataclass(frozen=True, slots=True)
class UIOptions:
    """How the console looks and behaves; none of it changes what is monitored."""

    theme: str | None = None
    """Name of a colour theme; None: the console's own dark one."""
    ascii: bool = False
    """Draw with plain ASCII only."""
    mouse: bool = True
    """React to the mouse."""
    timezone: str | None = None
    """IANA name of the zone in which times are shown; None: this machine's."""
    title: str = "SLA Console"
    """Shown in the terminal's own title and in the top line."""
    frame_rate: int = 30
    """Frames painted a second at most."""
    ticket_link: Callable[[str], str | None] | None = None
    """Gives the address of a ticket by its id; None: there is nothing to link to."""
    thresholds: RiskThresholds = field(default_factory=RiskThresholds)
    """Where a running clock is shown as at risk."""
    log_file: str | None = None
    """Named when something unexpected ends the console."""
    on_painted: Callable[[], None] | None = None
    """Called once, when the first board is on the screen."""
