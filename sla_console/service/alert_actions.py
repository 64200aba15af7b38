"""What people do about alerts: messages that wait or are lost, silences, and who would be told."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import quantiles
from typing import Final

from sla_console.domain.alerts.alert import (
    ChannelRecord,
    DeliveryState,
    OutboxMessage,
    WaitReason,
    Way,
)
from sla_console.domain.alerts.silence import Silence
from sla_console.domain.board import ChannelHealth
from sla_console.domain.clock import Clock
from sla_console.domain.errors import NotAllowed
from sla_console.domain.matcher import Matcher
from sla_console.domain.sla.sla_clock import EvaluatedTicket
from sla_console.domain.text import clean
from sla_console.domain.tickets.operation import AuditEntry
from sla_console.domain.tickets.reference import only_one, referred
from sla_console.monitoring.engine import SLAMonitoringEngine
from sla_console.service.alert_preview import AlertPreview, PreviewedAlert

_REASON: Final = 500
_DWELL: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ChannelStatus:
    """How one channel does."""

    channel: ChannelHealth
    """As everybody is shown it."""
    record: ChannelRecord
    accepted: int
    """Messages of the last seven days that the dwell times are of."""
    dwell_p50: timedelta | None
    """From the event to its acceptance."""
    dwell_p95: timedelta | None
    dwell_max: timedelta | None


class AlertActions:
    """One door for it.

    Args:
        engine: The engine.
        clock: The moment.
    """

    def __init__(self, engine: SLAMonitoringEngine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock
        self._records = engine.data.records
        self._foretelling = AlertPreview(engine.alerting.planner, engine.tracker.evaluator)

    # -- messages ----------------------------------------------------------------------------

    async def retry(self, key: str, by: str) -> None:
        """Try a message again now.

        Raises:
            NotAllowed: if it is not known, on its way, or was taken.
        """
        message = await self._message(key)
        if message.state in {DeliveryState.SENDING, DeliveryState.ACCEPTED}:
            raise NotAllowed(
                f"{message.title}: it is {message.state}, so there is nothing to retry."
            )
        now = self._clock.now()
        again = replace(
            message,
            state=DeliveryState.PENDING,
            # What was tried before may have arrived: the next try says that it may be a repeat.
            attempts=min(message.attempts, 1),
            next_at=now,
            why=None,
            wait_reason=None,
            superseded_by=None,
        )
        await self._records.outbox.requeue(again, self._entry(by, "retry alert", message))
        await self._engine.alerts_changed()

    async def reroute(self, key: str, channel: str, by: str) -> None:
        """Send a message through another channel.

        Raises:
            NotAllowed: if it is not known or was taken, or there is no such channel.
        """
        message = await self._message(key)
        if message.state is DeliveryState.ACCEPTED:
            raise NotAllowed(f"{message.title}: {message.channel} took it already.")
        if channel not in self._engine.board.alerts.channels:
            raise NotAllowed(f"There is no channel {channel!r}.")
        if channel == message.channel:
            raise NotAllowed(f"{message.title}: it is with {channel} already; retry it instead.")
        now = self._clock.now()
        other = message.copy_to(
            channel,
            Way.REROUTED,
            f"sent here by {by} instead of through {message.channel}",
            now,
            key=f"{message.key}:by-hand:{secrets.token_hex(3)}:{channel}",
        )
        entry = self._entry(by, "re-route alert", message, f"to {channel}")
        await self._records.outbox.reroute(message, other, entry)
        await self._engine.alerts_changed()

    async def discard(self, key: str, reason: str | None, by: str) -> None:
        """End a message that shall not be sent any more.

        Raises:
            NotAllowed: if it is not known, on its way, or was taken.
        """
        message = await self._message(key)
        if message.state in {DeliveryState.SENDING, DeliveryState.ACCEPTED}:
            raise NotAllowed(f"{message.title}: it is {message.state}, so it cannot be discarded.")
        words = clean(reason, _REASON) if reason else ""
        why = f"discarded by {by}{f': {words}' if words else ''}"
        ended = replace(
            message,
            state=DeliveryState.SUPPRESSED,
            next_at=None,
            why=why,
            wait_reason=WaitReason.DISCARDED,
        )
        await self._records.outbox.requeue(ended, self._entry(by, "discard alert", message, words))
        await self._engine.alerts_changed()

    async def _message(self, key: str) -> OutboxMessage:
        message = await self._records.outbox.get(key)
        if message is None:
            raise NotAllowed("This message is not known any more.")
        return message

    def _entry(self, by: str, action: str, about: OutboxMessage, detail: str = "") -> AuditEntry:
        words = f"{about.channel}: {about.title}{f' {detail}' if detail else ''}"
        return AuditEntry(self._clock.now(), by, action, about.ticket_id or about.channel, words)

    # -- silences ----------------------------------------------------------------------------

    async def add_silence(
        self,
        wanted: Matcher,
        reason: str,
        end: datetime,
        by: str,
        start: datetime | None = None,
    ) -> None:
        """Tell nothing of what matches until a moment.

        Args:
            wanted: What is meant.
            reason: Why.
            end: Until when.
            by: Who wants it.
            start: From when, for work that is planned; None: from now.

        Raises:
            NotAllowed: if there is no reason, or the end is not in the future and after the start.
            UserError: if it names a number that several tickets carry.
        """
        now, words = self._clock.now(), clean(reason, _REASON)
        if not words:
            raise NotAllowed("A silence needs a reason.")
        if end <= now:
            raise NotAllowed("A silence must end in the future.")
        start = now if start is None else max(start, now)
        if end <= start:
            raise NotAllowed("A silence must end after it begins.")
        tickets = [judged.ticket for judged in self._engine.tracker.board.tickets()]
        for reference in wanted.tickets:
            only_one(reference, referred(reference, tickets))
        silence = Silence(secrets.token_hex(4), wanted, by, words, start, end)
        begins = f"from {start:%Y-%m-%d %H:%M} " if start > now else ""
        detail = f"{wanted.words()} {begins}until {end:%Y-%m-%d %H:%M} UTC: {words}"
        entry = AuditEntry(now, by, "silence", silence.id, detail)
        await self._records.silences.add(silence, entry)
        await self._engine.alerts_changed()

    async def end_silence(self, silence_id: str, by: str) -> None:
        """End a silence now.

        Raises:
            NotAllowed: if it is over, or there is none.
        """
        now = self._clock.now()
        entry = AuditEntry(now, by, "end silence", silence_id)
        if not await self._records.silences.end(silence_id, now, entry):
            raise NotAllowed(f"There is no silence {silence_id} to end.")
        await self._engine.alerts_changed()

    async def end_maintenance(self, name: str, by: str) -> None:
        """End maintenance of the configuration that lasts now; the next one comes as planned.

        Raises:
            NotAllowed: if no such window is open.
        """
        now = self._clock.now()
        quiets = self._engine.board.alerts.quiets
        mine = (quiet for quiet in quiets if quiet.kind == "maintenance" and quiet.id == name)
        found = next((quiet for quiet in mine if quiet.active(now)), None)
        if found is None:
            raise NotAllowed(f"The maintenance {clean(name, 40)} does not last now.")
        entry = AuditEntry(now, by, "end maintenance", name)
        await self._records.silences.end_window(name, found.end, now, entry)
        await self._engine.alerts_changed()

    # -- asking ------------------------------------------------------------------------------

    async def status(self) -> list[ChannelStatus]:
        """Return how each channel does."""
        since = self._clock.now() - _DWELL
        dwell = await self._records.deliveries.dwell(since)
        known = await self._records.deliveries.channels()
        found = []
        for channel in self._engine.board.health.channels:
            plain = ChannelRecord(channel.name)
            record = known.get(channel.name, plain) if channel.in_use else plain
            took = sorted(dwell.get(channel.name, ()))
            found.append(
                ChannelStatus(
                    channel,
                    record,
                    len(took),
                    _percentile(took, 50),
                    _percentile(took, 95),
                    took[-1] if took else None,
                )
            )
        return found

    def foretell(self, judged: EvaluatedTicket) -> list[PreviewedAlert]:
        """Return who would be told what of a ticket, when and why, in order of time."""
        breaches = self._engine.alerting.incidents.of_ticket(judged.ticket.id)
        return self._foretelling.of(judged, breaches, self._clock.now())


def _percentile(values: Sequence[timedelta], percent: int) -> timedelta | None:
    if not values:
        return None
    if len(values) == 1:
        return values[0]
    seconds = [value.total_seconds() for value in values]
    return timedelta(seconds=quantiles(seconds, n=100, method="inclusive")[percent - 1])
