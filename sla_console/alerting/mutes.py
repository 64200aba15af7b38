"""The silences and maintenance windows in force, at hand without asking the store."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sla_console.alerting.ports import AlertStore
from sla_console.domain.alerts.alert import Notification
from sla_console.domain.alerts.silence import (
    MaintenanceWindow,
    MutedBy,
    Silence,
    ended_early,
    muted_by,
)
from sla_console.domain.board import Quiet
from sla_console.domain.people.people import renames

_AHEAD: Final = timedelta(days=7)
"""Maintenance that begins within this time is shown."""


class MuteIndex:
    """Knows what is muted now.

    Args:
        store: The store, where silences are.
        windows: Maintenance windows of the configuration.
    """

    def __init__(self, store: AlertStore, windows: Sequence[MaintenanceWindow] = ()) -> None:
        self._store = store
        self._planned = tuple(windows)
        self.windows = self._planned
        """As they are planned, without what was ended early."""
        self.silences: tuple[Silence, ...] = ()

    async def refresh(self, now: datetime) -> bool:
        """Read the silences again; return whether they changed.

        What names a client by an earlier name is for the one that has another name now.
        """
        renamed = renames(await self._store.people.clients())
        active = await self._store.silences.active(now)
        found = tuple(replace(one, matcher=one.matcher.renamed(renamed)) for one in active)
        if self._planned:
            planned = [replace(one, matcher=one.matcher.renamed(renamed)) for one in self._planned]
            self.windows = ended_early(planned, await self._store.silences.windows_over())
        changed = found != self.silences
        self.silences = found
        return changed

    def muted(self, notification: Notification, now: datetime) -> MutedBy | None:
        """Return what mutes a notification; None: nothing does."""
        if not self.silences and not self.windows:
            return None
        return muted_by(notification, now, self.silences, self.windows)

    def shown(self, now: datetime) -> tuple[Quiet, ...]:
        """Return what people see of them: what holds now, then what comes."""
        found = [
            Quiet(s.id, "silence", s.matcher.words(), s.author, s.reason, s.start, s.end, s.matcher)
            for s in self.silences
        ]
        for window in self.windows:
            shown = _window(window, now)
            if shown is not None:
                found.append(shown)
        return tuple(sorted(found, key=lambda quiet: (not quiet.active(now), quiet.end)))


def _window(window: MaintenanceWindow, now: datetime) -> Quiet | None:
    if window.active(now):
        start, end = now, window.end_after(now)
    else:
        begin = window.next_start(now)
        if begin is None or begin - now > _AHEAD:
            return None
        start, end = begin, window.end_after(begin)
    if end is None:
        return None
    return Quiet(
        window.name, "maintenance", window.matcher.words(), "configuration", window.name, start, end,
        window.matcher,
    )  # fmt: skip
