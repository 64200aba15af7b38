"""The terminal as a channel: rings once for what is new since the console began to look."""

from datetime import datetime, timedelta
from typing import Final

from textual.app import App

from sla_console.domain.board import Board
from sla_console.ui.terminal.sequences import notify_desktop

_TITLE_LASTS: Final = timedelta(seconds=60)


class Ringer:
    """Rings the bell, notifies the desktop, and lends the title to the newest alert.

    Args:
        app: Whose terminal.
    """

    def __init__(self, app: App[None]) -> None:
        self._app = app
        self._seen: int | None = None
        self._title = ""
        self._title_until: datetime | None = None
        self.muted_until: datetime | None = None
        """The bell is quiet until then; None: it is not."""

    def board_arrived(self, board: Board, now: datetime) -> None:
        """Ring for what this board has and none before it had; many ring once."""
        rings = board.alerts.rings
        if not board.version:
            return
        last = max((ring.position for ring in rings), default=0)
        seen, self._seen = self._seen, max(last, self._seen or 0)
        if seen is None:
            return  # what rang before this console was opened
        new = [ring for ring in rings if ring.position > seen]
        if not new:
            return
        signals = {signal for ring in new for signal in ring.signals}
        newest = max(new, key=lambda ring: (ring.urgent, ring.position)).title
        more = f" (and {len(new) - 1} more)" if len(new) > 1 else ""
        if "bell" in signals and not self.is_muted(now):
            self._app.bell()
        if "osc9" in signals:
            notify_desktop(self._app, f"{newest}{more}")
        if "title" in signals:
            self._title, self._title_until = f"{newest}{more}", now + _TITLE_LASTS

    def mute(self, now: datetime, lasts: timedelta) -> bool:
        """Keep the bell quiet for a while, or let it ring again; return whether it is quiet now."""
        self.muted_until = None if self.is_muted(now) else now + lasts
        return self.is_muted(now)

    def is_muted(self, now: datetime) -> bool:
        """Return whether the bell is quiet."""
        return self.muted_until is not None and now < self.muted_until

    def quiet(self) -> None:
        """Give the title back: somebody is here."""
        self._title_until = None

    def title(self, now: datetime) -> str | None:
        """Return what the title shall say; None: what it always says."""
        if self._title_until is None or now >= self._title_until:
            return None
        return self._title
