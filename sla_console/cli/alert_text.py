"""The answers of ``sla-console alerts`` in words and as JSON."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sla_console.domain.alerts.alert import OutboxMessage
from sla_console.domain.durations import words
from sla_console.domain.sla.sla_clock import EvaluatedTicket
from sla_console.domain.text import clean
from sla_console.domain.wellness import channel_word
from sla_console.service.alert_actions import ChannelStatus
from sla_console.service.alert_preview import PreviewedAlert

SCHEMA_VERSION: Final = 1
_WIDEST: Final = 24
"""Characters of a channel's name; with up to 13 the table fits 80 columns."""


def status_lines(found: Sequence[ChannelStatus], now: datetime) -> Iterator[str]:
    """Yield one line a channel, and what is wrong below it."""
    if not found:
        yield "No channel is configured, so nobody is told of a breach."
        return
    wide = min(max(len("CHANNEL"), *(len(one.channel.name) for one in found)), _WIDEST)
    yield (
        f"{'CHANNEL':<{wide}} {'STATE':<9} {'LAST SUCCESS':<12} {'WAITING':>7} {'DEAD':>4} "
        f"{'TOOK p50':>8} {'p95':>6} {'MAX':>6} {'OF':>6}"
    )
    for one in found:
        last = _ago(one.channel.last_accepted_at, now)
        yield (
            f"{clean(one.channel.name, wide):<{wide}} {channel_word(one.channel, now).text:<9} {last:<12} {one.channel.waiting:>7} "
            f"{one.channel.dead:>4} {_span(one.dwell_p50):>8} {_span(one.dwell_p95):>6} "
            f"{_span(one.dwell_max):>6} {one.accepted:>6}"
        )
        for trouble in _troubles(one, now):
            yield f"  {trouble}"
    outside = [one.channel for one in found if one.channel.leads_outside]
    if outside and all(channel.down for channel in outside):
        yield "NOBODY IS TOLD: every channel is down."


def _pause(one: ChannelStatus, now: datetime) -> datetime | None:
    """Return until when a channel asked to be left alone, None: it did not."""
    until = one.channel.paused_until
    return until if until is not None and now < until else None


def _troubles(one: ChannelStatus, now: datetime) -> Iterator[str]:
    record, channel = one.record, one.channel
    if channel.broken:
        yield f"cannot work until somebody mends it: {channel.broken}"
    if channel.open_since:
        yield f"no answer for {words(now - channel.open_since)}; tried once a minute"
    if (until := _pause(one, now)) is not None:
        yield (
            f"asked to be left alone; tried again in {words(until - now)}, or once a test by hand "
            f"is accepted"
        )
    if record.canary_error:
        yield f"the last daily test failed: {record.canary_error}"
    elif record.canary_at:
        yield f"the last daily test was taken {_ago(record.canary_at, now)}"
    if one.channel.last_error and one.channel.last_error != channel.broken:
        yield f"last error: {one.channel.last_error}"


def _ago(moment: datetime | None, now: datetime) -> str:
    return "never" if moment is None else f"{words(max(now - moment, timedelta()))} ago"


def _span(span: timedelta | None) -> str:
    return "-" if span is None else words(span).replace(" ", "")


def status_document(found: Sequence[ChannelStatus], now: datetime) -> dict[str, Any]:
    """Return the channels as JSON data; new keys may come. Moments are ISO UTC, spans seconds.

    - ``schema_version``: 1; ``generated_at``
    - ``channels``: each ``name``, ``state`` (ok, untried, paused, no answer, broken, not used), ``why`` (or null),
      ``last_accepted_at``, ``waiting``, ``dead``, ``last_error``, ``canary_at``, ``canary_error``,
      ``open_since``, ``paused_until``, ``accepted`` (of seven days), ``dwell_p50``, ``dwell_p95``, ``dwell_max``
    - ``faults``: what is wrong with the console itself, sentences by the sign that says so, as in
      ``status --json``
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "generated_at": _iso(now),
        "channels": [
            {
                "name": one.channel.name,
                "state": channel_word(one.channel, now).text,
                "why": one.channel.broken,
                "last_accepted_at": _iso(one.channel.last_accepted_at),
                "waiting": one.channel.waiting,
                "dead": one.channel.dead,
                "last_error": one.channel.last_error,
                "canary_at": _iso(one.record.canary_at),
                "canary_error": one.record.canary_error,
                "open_since": _iso(one.channel.open_since),
                "paused_until": _iso(_pause(one, now)),
                "accepted": one.accepted,
                "dwell_p50": _seconds(one.dwell_p50),
                "dwell_p95": _seconds(one.dwell_p95),
                "dwell_max": _seconds(one.dwell_max),
            }
            for one in found
        ],
    }


def explanation_lines(
    judged: EvaluatedTicket,
    found: Sequence[PreviewedAlert],
    told: Sequence[OutboxMessage],
    zone: str | None,
) -> Iterator[str]:
    """Yield what was told of a ticket, and what would be.

    Args:
        judged: The ticket.
        found: What would be told, in order of time.
        told: What was, newest first.
        zone: In which times are shown; None: this machine's.
    """
    ticket = judged.ticket
    yield f"{ticket.display_id}  {ticket.client or 'no client'}  {ticket.subject}"
    if told:
        yield "Was told, newest first:"
    for message in told:
        why = f" ({message.last_error or message.why})" if message.last_error or message.why else ""
        whom = f"{message.channel} ({message.person})" if message.person else message.channel
        yield f"  {_local(message.created_at, zone)}  {message.event} to {whom}: {message.state}{why}"
    yield "Would be told, if nothing happens:" if found else "Nothing would be told."
    for one in found:
        whom = one.channel or "nobody"
        person = f" ({one.person})" if one.person else ""
        held = f"; held back: {one.held_back}" if one.held_back else ""
        yield f"  {_local(one.at, zone)}  {one.what}: {whom}{person}, by {one.why}{held}"


def explanation_document(
    judged: EvaluatedTicket, found: Sequence[PreviewedAlert], told: Sequence[OutboxMessage]
) -> dict[str, Any]:
    """Return the same as JSON data; new keys may come. Moments are ISO UTC.

    - ``schema_version``: 1; ``ticket_id``; ``display_id``
    - ``told``: each ``at``, ``event``, ``channel``, ``person``, ``state``, ``why``
    - ``would_be_told``: each ``at``, ``event``, ``what``, ``channel`` (null: nobody), ``person``,
      ``why``, ``held_back`` (null: nothing)
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "ticket_id": judged.ticket.id,
        "display_id": judged.ticket.display_id,
        "told": [
            {
                "at": _iso(message.created_at),
                "event": message.event,
                "channel": message.channel,
                "person": message.person,
                "state": message.state,
                "why": message.last_error or message.why,
            }
            for message in told
        ],
        "would_be_told": [
            {
                "at": _iso(one.at),
                "event": one.event,
                "what": one.what,
                "channel": one.channel,
                "person": one.person,
                "why": one.why,
                "held_back": one.held_back,
            }
            for one in found
        ],
    }


def _local(moment: datetime, zone: str | None) -> str:
    local = moment.astimezone(ZoneInfo(zone) if zone else None)
    return f"{local:%Y-%m-%d %H:%M:%S %Z}"


def _iso(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()
