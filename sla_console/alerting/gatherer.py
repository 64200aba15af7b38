"""Ends the waiting of what is told together: by group, or all of a channel's in a storm."""

from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sla_console.alerting.digest import digest_of
from sla_console.alerting.groups import Groups
from sla_console.alerting.ports import Ended, Gate, OutboxQueue
from sla_console.domain.alert import OutboxMessage, WaitReason

_MINUTE: Final = timedelta(minutes=1)


class Gatherer:
    """Makes one message of several.

    Args:
        outbox: Where they wait.
        groups: How long they wait for each other.
        gate: Says which of them are still true.
    """

    def __init__(self, outbox: OutboxQueue, groups: Groups, gate: Gate) -> None:
        self._outbox = outbox
        self._groups = groups
        self._gate = gate
        self._told: dict[str, deque[datetime]] = {}
        """By channel, a moment for each thing that it was told of in the last minute."""

    async def step(self, now: datetime) -> int:
        """Let go what has waited long enough; return how many messages that makes."""
        coming = await self._outbox.next_gathering()
        if coming is None or coming > now:
            return 0
        waiting = await self._outbox.gathering()
        made = 0
        for channel in dict.fromkeys(message.channel for message in waiting):
            mine = [message for message in waiting if message.channel == channel]
            for batch in self._batches(mine, now):
                made += await self._tell(batch, now)
        return made

    def _batches(
        self, messages: Sequence[OutboxMessage], now: datetime
    ) -> list[list[OutboxMessage]]:
        timed = [(m, m.next_at) for m in messages if m.next_at is not None]
        due = [m for m, at in timed if at <= now]
        if not due:
            return []
        # What is held back for a quiet time, or because the data is old, waits for its own moment.
        ready = [m for m, at in timed if m.wait_reason is WaitReason.GROUP or at <= now]
        groups = dict.fromkeys(message.group for message in due)
        # What breaks now, and what waited for its moment and would ring one after the other.
        new = sum(now - message.created_at < _MINUTE for message in ready)
        if max(new, len(groups)) + self._lately(due[0].channel, now) > self._groups.grouping.storm:
            return [ready]
        return [[m for m in ready if m.group == group] for group in groups]

    def _lately(self, channel: str, now: datetime) -> int:
        """Return of how much a channel was told in the last minute."""
        told = self._told.setdefault(channel, deque())
        while told and not timedelta() <= now - told[0] < _MINUTE:
            told.popleft()
        return len(told)

    async def _tell(self, batch: Sequence[OutboxMessage], now: datetime) -> int:
        kept = []
        for message in batch:
            found = self._gate(message, now)
            if isinstance(found, Ended):
                await self._outbox.settle(message.key, found.state, found.why, reason=found.reason)
            else:
                kept.append(message)
        if not kept:
            return 0
        for group in dict.fromkeys(message.group for message in kept):
            self._groups.told(group, now)
        self._told.setdefault(kept[0].channel, deque()).extend([now] * len(kept))
        if len(kept) == 1:
            await self._outbox.release([kept[0].key], now)
        else:
            await self._outbox.merge(digest_of(kept, now), [message.key for message in kept])
        return 1
