"""What a person may decide about the screens."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sla_console.domain.forecast.risk import RiskThresholds
from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.ui.terminal.symbols import ASCII, LINUX, UNICODE, Symbols


@dataclass(frozen=True, slots=True)
class UIOptions:
    """How the console looks and behaves; none of it changes what is monitored."""

    theme: str | None = None
    """Name of a colour theme; None: the console's own dark one."""
    ascii: bool = False
    """Draw with plain ASCII only."""
    linux: bool = False
    """Draw with what the fonts of the Linux console have."""
    mouse: bool = True
    """React to the mouse."""
    timezone: str | None = None
    """IANA name of the zone in which times are shown; None: this machine's."""
    technician: str | None = None
    """Name or address of the technician who sits here; None: the one named like the operator."""
    title: str = "SLA Console"
    """Shown in the terminal's own title and in the top line."""
    frame_rate: int = 30
    """Frames painted a second at most."""
    ticket_link: Callable[[str], str | None] | None = None
    """Gives the address of a ticket by its id; None: there is nothing to link to."""
    thresholds: RiskThresholds = field(default_factory=RiskThresholds)
    """Where a running clock is shown as at risk."""
    working: BusinessCalendar | None = None
    """The hours worked here, for what falls due in the next of them; None: nobody asks."""
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By id of an action the keys that somebody wants for it."""
    themes: Path | None = None
    """Folder with themes of a person's own; None: there is none."""
    read_only: bool = False
    """Nothing is changed from here."""
    confirm_quit: bool = False
    """Ask before leaving."""
    reload: Callable[[], "Reloaded | None"] | None = None
    """Looks whether the configuration changed since it was asked last; called in a thread."""
    wall: bool = False
    """For a screen on the wall, that nobody sits at."""
    wall_page_seconds: int = 20
    """How long each page on the wall stays."""
    log_file: str | None = None
    """Named when something unexpected ends the console."""
    notification: str | None = None
    """Said when the screen is there; what went wrong with the one before."""
    on_painted: Callable[[], None] | None = None
    """Called once, when the first board is on the screen."""

    @property
    def plain(self) -> bool:
        """Whether there are no signs but the usual ones, and so no corners, bars and plots."""
        return self.ascii or self.linux

    @property
    def symbols(self) -> Symbols:
        """The signs to use."""
        return ASCII if self.ascii else LINUX if self.linux else UNICODE


@dataclass(frozen=True, slots=True)
class Reloaded:
    """What came of a configuration that changed while the console was open."""

    options: UIOptions | None = None
    """How the console shall look from now on; None: it stays, for ``fault`` says why."""
    restart: tuple[str, ...] = ()
    """Settings that changed and only a start takes up."""
    fault: str | None = None
