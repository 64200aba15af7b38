"""Ends the waiting of messages that are sent together: by group, or by channel in a storm."""

from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from sla_console.alerting.alert import ALWAYS, Ended
from sla_console.alerting.digest import digest_of
from sla_console.alerting.grouping import Groups
from sla_console.alerting.left_out import note_left_out
from sla_console.alerting.ports import OutboxQueue
from sla_console.alerting.routing import notified_at
from sla_console.alerting.still_true import Check
from sla_console.domain.alerts.alert import AlertEvent, DeliveryState, OutboxMessage, WaitReason
from sla_console.domain.sla.calendar import BusinessCalendar

_MINUTE: Final = timedelta(minutes=1)


class Grouper:
    """Makes one message of several.

    Args:
        outbox: Where they wait.
        groups: How long they wait for each other.
        check: Says which of them are still true.
        pagers: Channels that keep incidents.
        hours: Returns the business hours of a ticket's client.
    """

    def __init__(
        self,
        outbox: OutboxQueue,
        groups: Groups,
        check: Check,
        pagers: frozenset[str] = frozenset(),
        hours: Callable[[str], BusinessCalendar] = lambda _ticket: ALWAYS,
    ) -> None:
        self._pagers, self._hours = pagers, hours
        self._outbox = outbox
        self._groups = groups
        self._check = check
        self._told: dict[str, deque[datetime]] = {}
        """Moments of the last minute by channel, one for each thing that it was notified of."""
        self._sent: dict[str, deque[datetime]] = {}
        """Moments of messages by channel, one for each message that it was given."""

    @property
    def rest(self) -> timedelta:
        """How long a channel rests between two digests of a storm."""
        return self._groups.grouping.wait

    async def calm(self, channel: str, now: datetime) -> bool:
        """Make one digest of what is due on a channel, where it is more than a storm may bring.

        Whatever way it came in: breaches of many clients at once, the end of a quiet time, copies
        from a channel that is down, or what waited while this one was.

        Returns:
            Whether it did; after it the channel rests for a moment.
        """
        limit, sent = self._groups.grouping.storm, self._sent_lately(channel, now)
        if await self._outbox.waiting(channel) + sent <= limit:
            return False
        pager = channel in self._pagers
        due = [m for m in await self._outbox.due(channel, now) if _may_merge(m, pager=pager)]
        if len(due) + sent <= limit:
            return False
        await self._tell(due, now)
        return True

    def sent(self, channel: str, now: datetime) -> None:
        """Note that a message went to a channel."""
        self._sent.setdefault(channel, deque()).append(now)

    def _sent_lately(self, channel: str, now: datetime) -> int:
        return _within_a_minute(self._sent.setdefault(channel, deque()), now)

    async def step(self, now: datetime, *, right: bool = True) -> int:
        """Let go what has waited long enough; return how many messages that makes.

        Args:
            now: The moment.
            right: Whether the clock can be trusted; if not, what waits for a time of day stays.
        """
        coming = await self._outbox.next_gathering()
        if coming is None or coming > now:
            return 0
        waiting = await self._outbox.gathering()
        if not right:
            waiting = [m for m in waiting if m.wait_reason is WaitReason.GROUP]
        waiting = [m for m in waiting if not self._stays_quiet(m, now)]
        made = 0
        for channel in dict.fromkeys(message.channel for message in waiting):
            mine = [message for message in waiting if message.channel == channel]
            for batch in _newest(self._batches(mine, now), mine):
                # A pager opens and closes one by one, as long as that is no storm.
                alone = channel in self._pagers and len(batch) <= self._groups.grouping.storm
                for part in [[one] for one in batch] if alone else [batch]:
                    made += await self._tell(part, now)
        return made

    def _stays_quiet(self, message: OutboxMessage, now: datetime) -> bool:
        """Return whether it waits for its client's hours, and those are not now.

        Nobody may have watched when they began, or a clock that was wrong said that they had.
        """
        notification = message.notification
        if message.wait_reason is not WaitReason.QUIET_HOURS or notification is None:
            return False
        return notified_at(notification, self._hours(message.ticket_id or ""), now) > now

    def _batches(
        self, messages: Sequence[OutboxMessage], now: datetime
    ) -> list[list[OutboxMessage]]:
        timed = [
            (m, m.next_at)
            for m in messages
            if m.next_at is not None and m.wait_reason is not WaitReason.FRESH_DATA
        ]
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
        """Return how many things a channel was notified of in the last minute."""
        return _within_a_minute(self._told.setdefault(channel, deque()), now)

    async def _tell(self, batch: Sequence[OutboxMessage], now: datetime) -> int:
        kept = []
        for message in batch:
            found = self._check(message, now)
            await note_left_out(self._outbox, message, found, self._check, now)
            if isinstance(found, Ended):
                await self._outbox.settle(message.key, found.state, found.why, reason=found.reason)
            else:
                kept.append(found)
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


def _newest(
    batches: Sequence[Sequence[OutboxMessage]], waiting: Sequence[OutboxMessage]
) -> list[list[OutboxMessage]]:
    """Return batches without what says that something is over which is broken again by now.

    Args:
        batches: What is told now.
        waiting: All that waits, the oldest first.
    """
    place = {message.key: number for number, message in enumerate(waiting)}
    broken = {
        message.thread: place[message.key]
        for batch in batches
        for message in batch
        if message.thread and message.event in _BROKEN
    }
    return [
        [
            message
            for message in batch
            if message.event is not AlertEvent.RECOVERY
            or broken.get(message.thread, -1) < place[message.key]
        ]
        for batch in batches
    ]


_BROKEN: Final = frozenset({AlertEvent.BREACH, AlertEvent.ESCALATION, AlertEvent.REMINDER})
_NEVER_MERGED: Final = frozenset(
    {AlertEvent.MONITOR, AlertEvent.TEST, AlertEvent.REPORT, AlertEvent.BURST}
)


def _may_merge(message: OutboxMessage, *, pager: bool) -> bool:
    """Return whether a message may become part of a digest: it is about tickets, and waits.

    What ends an incident of a pager ends that one alone.
    """
    notification = message.notification
    return (
        message.state is DeliveryState.PENDING
        and notification is not None
        and message.event not in _NEVER_MERGED
        and not (pager and message.ends_incident)
    )


def _within_a_minute(moments: deque[datetime], now: datetime) -> int:
    """Drop the moments that are older, or of a clock that was set back; return how many are left."""
    while moments and not timedelta() <= now - moments[0] < _MINUTE:
        moments.popleft()
    return len(moments)
