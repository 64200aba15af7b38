"""What people see of the alerts: messages, quiet times, and what rings in the terminals."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sla_console.alerting.mutes import MuteIndex
from sla_console.domain.alerts.alert import ChannelRecord
from sla_console.domain.board import AlertsSnapshot, ChannelHealth, Ring
from sla_console.domain.people.directory import Directory
from sla_console.monitoring.burst_watch import bursts_view
from sla_console.monitoring.ports import StorePort

_MESSAGES: Final = 300
_RINGS: Final = timedelta(minutes=2)
"""What rang longer ago is news to nobody."""


class AlertsKeeper:
    """Reads it from the store.

    Args:
        records: The store.
        quiet: Silences and maintenance windows.
        directory: Who is on call; it follows what people change about it.
        channels: Names of the channels a message can be sent through.
        terminals: Of those, the terminals, with the signals each gives.
    """

    def __init__(
        self,
        records: StorePort,
        quiet: MuteIndex,
        directory: Directory,
        channels: Sequence[str] = (),
        terminals: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        self._records, self.quiet = records, quiet
        self._directory = directory
        self._channels, self._terminals = tuple(channels), dict(terminals or {})

    async def health(self, now: datetime) -> tuple[ChannelHealth, ...]:
        """Return how each channel is, those that nothing was sent through yet included.

        One that is no longer in use is among them while something of it waits or was given up.
        """
        self._directory.take(await self._records.rota.handovers(now))
        counted = {record.channel: record for record in await self._records.outbox.records()}
        known = await self._records.deliveries.channels()
        left = {one.channel for one in counted.values() if one.waiting or one.dead}
        names = sorted({*left, *self._channels})
        found = []
        for name in names:
            # Of one that is no longer in use nothing is tried, so nothing is known either.
            here = name in self._channels
            state = known.get(name, ChannelRecord(name)) if here else ChannelRecord(name)
            one = counted.get(name)
            found.append(
                ChannelHealth(
                    name,
                    one.waiting if one else 0,
                    one.dead if one else 0,
                    one.last_accepted_at if one else None,
                    state.broken or (one.last_error if one else None),
                    state.open_since,
                    state.broken,
                    here and name not in self._terminals,
                    state.paused_until,
                    here,
                )
            )
        return tuple(found)

    async def view(self, now: datetime) -> AlertsSnapshot:
        """Return it as it is now."""
        await self.quiet.refresh(now)
        rings = await self._records.deliveries.rings(list(self._terminals), now - _RINGS)
        return AlertsSnapshot(
            messages=tuple(await self._records.deliveries.recent(_MESSAGES)),
            quiets=self.quiet.shown(now),
            rings=tuple(
                Ring(position, title, urgent, self._terminals[channel])
                for position, channel, title, urgent in rings
            ),
            channels=self._channels,
            bursts=await bursts_view(self._records.meta),
        )
