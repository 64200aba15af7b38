"""What the screens share and never change."""

from collections.abc import Callable
from dataclasses import dataclass

from sla_console.domain.clock import Clock
from sla_console.ui.link import ServiceLink
from sla_console.ui.moments import LocalTime
from sla_console.ui.options import UIOptions
from sla_console.ui.state import Shown
from sla_console.ui.symbols import Symbols


@dataclass(frozen=True, slots=True)
class Context:
    """Handed to every screen by the app."""

    link: ServiceLink
    clock: Clock
    operator: str
    """Whose name stands under what is done here."""
    options: UIOptions
    symbols: Symbols
    local: LocalTime
    shown: Callable[[], Shown]
    """Gives the board in hand at this moment."""
