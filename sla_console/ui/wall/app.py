"""The console as it stands on a wall."""

from datetime import datetime, timedelta
from typing import Any, Final

from textual.events import Event, InputEvent

from sla_console.ui.app import ConsoleApp

_ALONE: Final = 120.0
"""Seconds without a key, after which the wall comes back by itself."""


class WallApp(ConsoleApp):
    """Opens with the wall, and does nothing until somebody unlocks it.

    Whoever walks away from another view leaves neither it nor its keys to whoever passes by.
    """

    DEFAULT_MODE = "wall"

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._used_at: datetime | None = None

    async def on_event(self, event: Event) -> None:
        """Handle an event; a key or the mouse says that somebody is here."""
        if isinstance(event, InputEvent):
            self._used_at = self.context.clock.now()
        await super().on_event(event)

    def tick(self) -> None:
        """Show this moment, on the wall where nobody is at the keys any more."""
        super().tick()
        clock = self.context.clock
        alone = max(clock.now() - (self._used_at or clock.now()), timedelta())
        if self.current_mode != "wall" and clock.real_seconds(alone) >= _ALONE:
            self.run_worker(self._come_back_to_the_wall(), exclusive=True, group="wall")

    async def _come_back_to_the_wall(self) -> None:
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        await self.switch_mode("wall")
