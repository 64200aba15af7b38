"""A channel that does not answer is asked once a minute, and what waits for it loses no tries."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.alerts.alert import ChannelRecord, SendResult

FAILURES: Final = 5
"""Passing failures in a row that open the circuit."""
PROBE: Final = timedelta(minutes=1)
"""Between two probes while it is open."""
LONGEST_PAUSE: Final = timedelta(minutes=15)
"""How long a channel is left alone at most, however long it asks for."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A time in which a channel is left alone."""

    since: datetime
    until: datetime

    def at(self, now: datetime) -> "Pause":
        """Return it as it is now: where the clock was set back, it begins anew."""
        return self if self.since <= now else Pause(now, now + (self.until - self.since))


def after(record: ChannelRecord, result: SendResult, now: datetime) -> ChannelRecord:
    """Return what is known of a channel once it has answered.

    Args:
        record: What was known.
        result: How it answered. One message that it refuses says nothing about the others.
        now: When.
    """
    if result.accepted:
        return replace(
            record, failures=0, open_since=None, probe_at=None, broken=None, paused_until=None
        )
    if result.permanent:
        broken = result.error if result.broken else record.broken
        return replace(record, failures=0, open_since=None, probe_at=None, broken=broken)
    failed = replace(record, failures=record.failures + 1)
    return failed if failed.failures < FAILURES else opened(failed, now)


def opened(record: ChannelRecord, now: datetime) -> ChannelRecord:
    """Return what is known of a channel that does not answer, however few times it was asked."""
    return replace(record, open_since=record.open_since or now, probe_at=now + PROBE)


def asked(result: SendResult) -> float:
    """Return for how many real seconds a channel asks to be left alone, within reason."""
    if result.accepted or result.permanent:
        return 0.0
    return min(result.retry_after_seconds or 0.0, LONGEST_PAUSE.total_seconds())


def paused(record: ChannelRecord, span: timedelta, now: datetime) -> ChannelRecord:
    """Return what is known of a channel that asks to be left alone.

    Args:
        record: What was known.
        span: For how long it asks.
        now: When.
    """
    return replace(record, paused_until=now + span)


def pause_of(record: ChannelRecord, longest: timedelta, now: datetime) -> datetime | None:
    """Return until when a channel is left alone because it asked for it; None: it did not.

    Args:
        record: What is known of it.
        longest: The longest pause; one that ends later was begun before the clock was set back.
        now: The moment.
    """
    until = record.paused_until
    return until if until is not None and now < until <= now + longest else None


def may_send(record: ChannelRecord, now: datetime) -> bool:
    """Return whether a channel may be asked now."""
    if record.open_since is None or record.probe_at is None:
        return True
    # A probe that is further away than one can be was planned before the clock was set back.
    return not now < record.probe_at <= now + PROBE


def out(record: ChannelRecord, longest: timedelta, soon: timedelta, now: datetime) -> str | None:
    """Return in words why a channel takes nothing for the time being; None: it may.

    Args:
        record: What is known of it.
        longest: The longest pause.
        soon: A pause that ends within this time is none.
        now: The moment.
    """
    until = pause_of(record, longest, now)
    if until is not None and until - now > soon:
        return f"asked to be left alone until {until:%H:%M} UTC"
    return "does not answer" if record.open_since is not None else None
