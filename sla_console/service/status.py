"""The board in words: the document that ``status --json`` prints, and plain lines."""

from dataclasses import asdict
from datetime import UTC, datetime
from textwrap import wrap
from typing import Any, Final

from sla_console.domain.alerts.bursts import Burst
from sla_console.domain.board import Board, Health
from sla_console.domain.durations import countdown, words
from sla_console.domain.forecast.risk import RiskThresholds
from sla_console.domain.readings import gaps_of
from sla_console.domain.sla.breach import SLABreach
from sla_console.domain.sla.sla_clock import ClockState, EvaluatedTicket, SLAClock
from sla_console.domain.wellness import (
    channel_word,
    heartbeat_word,
    monitor_word,
    part_word,
    sentence,
    sentences,
    store_word,
    waiting_word,
)

SCHEMA_VERSION: Final = 1


def status_document(board: Board, now: datetime, thresholds: RiskThresholds) -> dict[str, Any]:
    """Return the board as JSON data; new keys may come, those listed stay.

    - ``schema_version``: 1
    - ``generated_at``: ISO, UTC; ``data_age_seconds``: since the last complete sync, or null
    - ``counts``: ``open``, ``at_risk``, ``breached``, ``unacknowledged``, ``held``, ``degraded``
    - ``tickets``: each ``ticket_id``, ``display_id``, ``subject``, ``client``, ``technician``,
      ``status``, ``priority``, ``policy`` (its name, or that of SuperOps' SLA), ``risk``, ``degraded`` (list of reasons), and
      for ``response`` and ``resolution``: ``due`` (ISO UTC or null), ``remaining_seconds`` (of
      promised time, negative when late, or null), ``state`` (met, running, held, breached, in doubt,
      none), ``source`` (superops, computed, or null), ``hours`` (that count, in words), ``verdict``
      (met, missed, in doubt; null while it is open)
    - ``breaches``: each ``id``, ``ticket_id``, ``type``, ``breach_time``, ``severity``, ``state``,
      ``acknowledged_by``
    - ``bursts``: many tickets of one client or category at once; each ``kind`` (client, category),
      ``name``, ``since``, ``count``, ``window_minutes``, ``usual`` (count), ``chance`` (probability),
      ``tickets`` (ids)
    - ``stale``: what is old or missing of what was read from SuperOps, a list of words
    - ``health``: ``connection`` (starting, live, in doubt, stale, cannot sign in), ``message``, ``concerns`` (sentences), ``last_sync_at``, ``leader``, ``leading``,
      ``requests_left``, ``alerts_waiting``, ``alerts_dead``, ``operations_waiting``, ``parts``,
      ``readings`` (each ``name`` of a list, ``read_at`` and ``error``), ``figures`` (what is kept of
      them: ``hits``, ``misses``, ``renewals``, ``drops``, ``entries``, ``oldest_at``),
      ``monitor``, ``heartbeat`` and ``store`` (words), ``faults`` (what is wrong, sentences by the
      sign that says so), ``proofs`` (each ``sign``, ``holds``, ``age_seconds``, ``good_for_seconds``),
      ``channels`` (each ``name``, ``state`` as in ``alerts status``, ``waiting``, ``dead``) and
      ``backfill`` (what was decided of targets from before verdicts were kept, or null)
    """
    counts, health = board.counts, board.health
    age = health.data_age(now)
    return {
        "schema_version": SCHEMA_VERSION,
        "generated_at": _iso(now),
        "data_age_seconds": None if age is None else round(age.total_seconds(), 3),
        "counts": {
            "open": counts.open,
            "at_risk": counts.at_risk,
            "breached": counts.breached,
            "unacknowledged": counts.unacknowledged,
            "held": counts.held,
            "degraded": counts.degraded,
        },
        "tickets": [_ticket(judged, now, thresholds) for judged in board.tickets],
        "breaches": [_breach(breach) for breach in board.breaches],
        "bursts": [_burst(burst) for burst in board.alerts.bursts.running],
        "stale": list(gaps_of(health.readings, now)),
        "health": {
            "connection": health.connection,
            "message": health.message,
            "concerns": list(health.concerns),
            "last_sync_at": _iso(health.last_sync_at),
            "leader": health.leader,
            "leading": health.leading,
            "requests_left": health.requests_left,
            "alerts_waiting": health.alerts_waiting,
            "alerts_dead": health.alerts_dead,
            "operations_waiting": health.operations_waiting,
            "parts": [
                {
                    "name": part.name,
                    "running": part.running,
                    "state": part_word(part, health.faults).text,
                    "restarts": part.restarts,
                    "last_error": part.last_error,
                }
                for part in health.parts
            ],
            "readings": [
                {"name": one.name, "read_at": _iso(one.read_at), "error": one.error}
                for one in health.readings
            ],
            "figures": {**asdict(health.figures), "oldest_at": _iso(health.figures.oldest_at)},
            **_proved(health, now),
        },
    }


def _proved(health: Health, now: datetime) -> dict[str, Any]:
    """Return what is said to be well, and what shows it."""
    seen = health.seen_at
    return {
        "monitor": monitor_word(health).text,
        "heartbeat": heartbeat_word(health).text,
        "store": store_word(health).text,
        "faults": {sign: sentence(fault) for sign, fault in health.faults.items()},
        "proofs": [
            {
                "sign": one.sign,
                "holds": one.holds(seen),
                "age_seconds": None
                if one.at is None
                else round((seen - one.at).total_seconds(), 3),
                "good_for_seconds": one.good_for.total_seconds(),
            }
            for one in health.proofs
        ],
        "channels": [
            {
                "name": one.name,
                "state": channel_word(one, now).text,
                "waiting": one.waiting,
                "dead": one.dead,
            }
            for one in health.channels
        ],
        "backfill": health.backfill,
    }


def _ticket(judged: EvaluatedTicket, now: datetime, thresholds: RiskThresholds) -> dict[str, Any]:
    ticket = judged.ticket
    return {
        "ticket_id": ticket.id,
        "display_id": ticket.display_id,
        "subject": ticket.subject,
        "client": ticket.client,
        "technician": ticket.technician,
        "status": ticket.status,
        "priority": ticket.priority,
        "policy": judged.policy.name if judged.policy else ticket.sla_name,
        "risk": judged.risk(now, thresholds),
        "degraded": list(judged.degraded),
        "response": _clock(judged.response, now),
        "resolution": _clock(judged.resolution, now),
    }


def _clock(clock: SLAClock, now: datetime) -> dict[str, Any]:
    left = clock.remaining(now)
    return {
        "due": _iso(clock.due),
        "remaining_seconds": None if left is None else round(left.total_seconds(), 3),
        "state": clock.state(now),
        "source": clock.source,
        "hours": clock.hours,
        "verdict": None if clock.verdict is None else clock.verdict.outcome,
    }


def _breach(breach: SLABreach) -> dict[str, Any]:
    return {
        "id": breach.id,
        "ticket_id": breach.ticket_id,
        "type": breach.breach_type,
        "breach_time": _iso(breach.breach_time),
        "severity": breach.severity,
        "state": breach.state,
        "acknowledged_by": breach.acknowledged_by,
    }


def _burst(burst: Burst) -> dict[str, Any]:
    return {
        "kind": burst.kind,
        "name": burst.name,
        "since": _iso(burst.since),
        "count": burst.count,
        "window_minutes": burst.window.total_seconds() / 60,
        "usual": burst.usual,
        "chance": burst.chance,
        "tickets": list(burst.tickets),
    }


def _iso(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def status_lines(
    board: Board, now: datetime, thresholds: RiskThresholds, width: int = 100, most: int = 40
) -> list[str]:
    """Return the board as plain lines no wider than ``width``, the most pressing tickets first."""
    counts = board.counts
    lines = [
        (
            f"{counts.open} open, {counts.breached} breached ({counts.unacknowledged} breaches "
            f"unacknowledged), {counts.at_risk} at risk, {counts.held} held, {counts.degraded} degraded"
        ),
        *wrap(_age(board, now), width),
        *wrap(_watched(board, now), width),
        *_missing(board, now, width),
        *(line for said in sentences(board.health) for line in wrap(said, width)),
        *(f"{concern}." for concern in board.health.concerns),
        *([sentence(board.health.backfill)] if board.health.backfill else []),
        *(f"Burst: {burst.words}." for burst in board.alerts.bursts.running),
        *([board.alerts.bursts.note] if board.alerts.bursts.note else []),
        "",
    ]
    subject = max(12, min(60, width - 75))
    lines.append(
        f"{'TICKET':<10} {'CLIENT':<16} {'SUBJECT':<{subject}} {'PRIORITY':<8} "
        f"{'RESPONSE':>8} {'RESOLVE':>8}  {'RISK':<9} TECHNICIAN"
    )
    for judged in board.tickets[:most]:
        ticket = judged.ticket
        lines.append(
            f"{_cut(ticket.display_id, 10)} {_cut(ticket.client or '-', 16)} "
            f"{_cut(ticket.subject, subject)} {_cut(ticket.priority or '-', 8)} "
            f"{_left(judged.response, now):>8} {_left(judged.resolution, now):>8}  "
            f"{_risk(judged, now, thresholds):<9} {ticket.technician or 'unassigned'}"[:width]
        )
    if len(board.tickets) > most:
        lines.append(f"... and {len(board.tickets) - most} more")
    return [line.rstrip() for line in lines]


def _missing(board: Board, now: datetime, width: int) -> list[str]:
    gaps = gaps_of(board.health.readings, now)
    return wrap(f"Old or missing: {'; '.join(gaps)}", width) if gaps else []


def _age(board: Board, now: datetime) -> str:
    age = board.health.data_age(now)
    when = "never synced" if age is None else f"data {words(age)} old"
    message = f"; {board.health.message}" if board.health.message else ""
    return f"SuperOps: {board.health.connection}, {when}{message}"


def _watched(board: Board, now: datetime) -> str:
    """Return who monitors, whether somebody would notice if nobody did, and how alerts go out."""
    health = board.health
    channels = ", ".join(f"{one.name} {channel_word(one, now).text}" for one in health.channels)
    said = (
        f"{monitor_word(health).text}; {heartbeat_word(health).text}; {waiting_word(health).text}"
    )
    dead = f", {health.alerts_dead} given up" if health.alerts_dead else ""
    return f"{said[:1].upper()}{said[1:]}{dead}; channels: {channels or 'none'}"


def _cut(text: str, width: int) -> str:
    return text.ljust(width) if len(text) <= width else text[: width - 1] + "…"


def _left(clock: SLAClock, now: datetime) -> str:
    state, left = clock.state(now), clock.remaining(now)
    if state is ClockState.MET:
        return "met"
    if state is ClockState.HELD:
        return "held"
    if state is ClockState.IN_DOUBT:
        return "doubt"
    if state is ClockState.NONE or left is None:
        return "-"
    if clock.ended():
        return "late"
    return countdown(left).strip()


def _risk(judged: EvaluatedTicket, now: datetime, thresholds: RiskThresholds) -> str:
    if judged.breached(now):
        return "BREACHED"
    return "held" if judged.held else judged.risk(now, thresholds).lower()
