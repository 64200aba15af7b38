"""An explanation in words, for people to check by hand, and as a document for programs."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Final

from sla_console.domain.durations import hours_words, words
from sla_console.domain.sla.ledger import LedgerLine
from sla_console.domain.sla.sla_clock import ClockState, DueSource, EvaluatedTicket, SLAClock
from sla_console.domain.sla.verdict import Verdict
from sla_console.domain.wall_time import local_text
from sla_console.monitoring.explanation import Explanation, Supposition

SCHEMA_VERSION: Final = 1
_HEAD, _TAIL = 24, 12


def explanation_lines(explanation: Explanation, zone: tzinfo) -> Iterator[str]:
    """Give an explanation as lines of text.

    Args:
        explanation: What to tell.
        zone: Of the times shown.
    """
    judged, now = explanation.judged, explanation.now
    ticket = judged.ticket
    yield f"{ticket.display_id}  {ticket.subject}"
    yield (
        f"client {ticket.client or 'unknown'}, priority {ticket.priority or 'none'}, status "
        f"{ticket.status or 'none'}, created {_at(ticket.created_at, zone)}"
    )
    yield f"times in {_zone_name(zone, now)}; now {_at(now, zone)}"
    yield ""
    yield from _policy(explanation)
    yield f"Calendar: {explanation.calendar_words}"
    if explanation.response_calendar_words != explanation.calendar_words:
        yield f"Calendar of the first response: {explanation.response_calendar_words}"
    for reason in judged.degraded:
        yield f"Degraded: {reason}"
    for clock in judged.clocks:
        yield ""
        yield from _clock(explanation, clock, zone)


def _policy(explanation: Explanation) -> Iterator[str]:
    match = explanation.match
    if match.policy is None:
        yield f"Policy: none; {'; '.join(match.reasons)}"
        return
    yield f"Policy: {match.policy.name}, because {'; '.join(match.reasons)}"
    for other in match.others:
        yield f"  would match too: {other.name} ({', '.join(other.conditions)})"
    if match.conflict is not None:
        yield f"  conflict: {match.conflict.name} fits equally well; give one of them an order"


def _clock(explanation: Explanation, clock: SLAClock, zone: tzinfo) -> Iterator[str]:
    now = explanation.now
    name = clock.target.words.capitalize()
    if clock.due is None:
        yield f"{name}: {f'none, because {clock.exempt}' if clock.exempt else 'nothing is promised'}"
        theirs = explanation.judged.ticket.response_due
        if clock.exempt and theirs is not None:
            yield f"  SuperOps gives the due time {_at(theirs, zone)}, which does not count here"
        return
    source = "SuperOps says so" if clock.source is DueSource.SUPEROPS else "computed here"
    yield f"{name}: due {_at(clock.due, zone)} ({source}); {_standing(clock, now)}"
    target = clock.allowed
    if target is not None:
        yield f"  target {hours_words(target)} of promised time"
    if clock.disagreement is not None:
        one = clock.disagreement
        why = f": {one.words}" if one.words else ""
        yield f"  by the policy here it would be due {_at(one.ours, zone)}{why}"
    if clock.hours and clock.hours != explanation.calendar_words:
        yield f"  counted in {clock.hours}"
    for verdict in clock.earlier:
        yield f"  before it was opened again: {_verdict(verdict, zone)}"
    if clock.verdict is not None:
        yield f"  verdict: {_verdict(clock.verdict, zone)}"
    forecast = explanation.forecasts.get(clock.target)
    if forecast is not None:
        yield f"  forecast: {_forecast(forecast.probability)}{forecast.words}"
    yield from _ledger(explanation.ledgers.get(clock.target, []), zone)


def _verdict(verdict: Verdict, zone: tzinfo) -> str:
    """Return a verdict in words, as it was written."""
    stopped = "not stopped"
    if verdict.stopped_at is not None:
        stopped = f"stopped {_at(verdict.stopped_at, zone)}"
    late = f", {hours_words(verdict.late)} late" if verdict.late else ""
    reason = f"; {verdict.reason}" if verdict.reason else ""
    return f"{verdict.outcome}, due {_at(verdict.due, zone)}, {stopped}{late}{reason}"


def _forecast(probability: float | None) -> str:
    return "" if probability is None else f"{probability:.0%} to break; "


def _standing(clock: SLAClock, now: datetime) -> str:
    state, left = clock.state(now), clock.remaining(now) or timedelta()
    share = clock.consumed(now)
    used = "" if share is None else f", {share:.0%} used"
    wall = abs((clock.due or now) - now)
    if state is ClockState.BREACHED:
        return f"BREACHED, {hours_words(left)} of promised time late{used}"
    if state is ClockState.IN_DOUBT:
        return f"in doubt: {clock.ruling(now).reason}"
    if clock.ended():
        return f"met with {hours_words(left)} left{used}"
    if state is ClockState.HELD:
        return f"held, {hours_words(left)} left{used}"
    if clock.due is not None and clock.due < now:
        return f"due has passed, but no promised time since{used}"
    return f"{hours_words(left)} of promised time left, {words(wall)} on the wall{used}"


def _ledger(rows: list[LedgerLine], zone: tzinfo) -> Iterator[str]:
    if not rows:
        return
    yield f"  {'FROM':<19}  {'TO':<19}  {'COUNTS':>9}  {'TOTAL':>10}  WHY"
    left_out = max(0, len(rows) - _HEAD - _TAIL)
    for number, row in enumerate(rows):
        if left_out and _HEAD <= number < _HEAD + left_out:
            if number == _HEAD:
                yield f"  ... {left_out} more stretches; --json has them all"
            continue
        late = " (late)" if row.late else ""
        counts = _exact(row.passed) if row.counted else "-"
        yield (
            f"  {_second(row.start, zone)}  {_second(row.end, zone)}  {counts:>9}  "
            f"{_exact(row.total):>10}  {row.why}{late}"
        )


def supposition_lines(supposition: Supposition, now: datetime, zone: tzinfo) -> Iterator[str]:
    """Give what would change as lines of text.

    Args:
        supposition: What was supposed.
        now: The moment.
        zone: Of the times shown.
    """
    before, after = supposition.before, supposition.after
    yield ""
    yield "What if"
    yield f"  policy    {_name(before)} -> {_name(after)}"
    yield f"  calendar  {supposition.calendar_words}"
    for old, new in zip(before.clocks, after.clocks, strict=True):
        yield f"  {new.target.words}"
        yield f"    now   {_outlook(old, now, zone)}"
        yield f"    then  {_outlook(new, now, zone)}"
    for note in supposition.notes:
        yield f"  {note}"


def _outlook(clock: SLAClock, now: datetime, zone: tzinfo) -> str:
    if clock.due is None:
        return "no due time"
    if clock.held_since is not None and not clock.ended():
        since = _at(clock.held_since, zone)
        left = hours_words(clock.remaining(now) or timedelta())
        return f"stands still from {since} with {left} of promised time left"
    return f"due {_at(clock.due, zone)}; {_standing(clock, now)}"


def _name(judged: EvaluatedTicket) -> str:
    return judged.policy.name if judged.policy else "none"


def explanation_document(
    explanation: Explanation, supposition: Supposition | None = None
) -> dict[str, Any]:
    """Return an explanation as plain values for JSON; times are ISO 8601 in UTC, spans seconds.

    - ``ticket_id``, ``display_id``, ``now``, ``degraded``, ``calendar`` (words), ``timezone``,
      ``response_calendar`` (words), ``response_timezone``
    - ``policy``: ``name``, ``reasons``, ``others``, ``conflict``, ``default``; or null
    - ``clocks``: ``response`` and ``resolution``, each as ``_clock_document`` says
    - ``what_if``: ``policy``, ``calendar``, ``notes``, ``clocks``; or null
    """
    judged, match = explanation.judged, explanation.match
    return {
        "schema_version": SCHEMA_VERSION,
        "ticket_id": judged.ticket.id,
        "display_id": judged.ticket.display_id,
        "now": _iso(explanation.now),
        "degraded": list(judged.degraded),
        "calendar": explanation.calendar_words,
        "timezone": judged.resolution.calendar.timezone,
        "response_calendar": explanation.response_calendar_words,
        "response_timezone": judged.response.calendar.timezone,
        "policy": None
        if match.policy is None
        else {
            "name": match.policy.name,
            "reasons": list(match.reasons),
            "others": [other.name for other in match.others],
            "conflict": match.conflict.name if match.conflict else None,
            "default": match.fell_to_default,
        },
        "clocks": {
            clock.target.name.lower(): _clock_document(clock, explanation)
            for clock in judged.clocks
        },
        "what_if": None
        if supposition is None
        else {
            "policy": supposition.after.policy.name if supposition.after.policy else None,
            "calendar": supposition.calendar_words,
            "notes": list(supposition.notes),
            "clocks": {
                clock.target.name.lower(): _facts(clock, explanation.now)
                for clock in supposition.after.clocks
            },
        },
    }


def _clock_document(clock: SLAClock, explanation: Explanation) -> dict[str, Any]:
    one = clock.disagreement
    forecast = explanation.forecasts.get(clock.target)
    return {
        **_facts(clock, explanation.now),
        "exempt": clock.exempt or None,
        "disagreement": None
        if one is None
        else {
            "ours": _iso(one.ours),
            "theirs": _iso(one.theirs),
            "cause": one.cause,
            "words": one.words,
        },
        "earlier": [_verdict_document(verdict) for verdict in clock.earlier],
        "verdict": None if clock.verdict is None else _verdict_document(clock.verdict),
        "forecast": None
        if forecast is None
        else {"probability": forecast.probability, "words": forecast.words},
        "ledger": [
            {
                "start": _iso(row.start),
                "end": _iso(row.end),
                "counted": row.counted,
                "why": row.why,
                "seconds": row.passed.total_seconds(),
                "total_seconds": row.total.total_seconds(),
                "late": row.late,
            }
            for row in explanation.ledgers.get(clock.target, [])
        ],
    }


def _verdict_document(verdict: Verdict) -> dict[str, Any]:
    return {
        "cycle": verdict.cycle,
        "outcome": verdict.outcome,
        "due": _iso(verdict.due),
        "fell_at": _iso(verdict.fell_at),
        "stopped_at": _iso(verdict.stopped_at),
        "late_seconds": None if verdict.late is None else verdict.late.total_seconds(),
        "hours": verdict.hours,
        "policy": verdict.policy,
        "by_times": verdict.by_times,
        "reason": verdict.reason,
        "revision": verdict.revision,
    }


def _facts(clock: SLAClock, now: datetime) -> dict[str, Any]:
    left, share = clock.remaining(now), clock.consumed(now)
    return {
        "due": _iso(clock.due),
        "source": clock.source,
        "state": clock.state(now),
        "started_at": _iso(clock.started_at),
        "stopped_at": _iso(clock.stopped_at),
        "held_since": _iso(clock.held_since),
        "hours": clock.hours,
        "cycle": clock.cycle,
        "target_seconds": None if clock.allowed is None else clock.allowed.total_seconds(),
        "remaining_seconds": None if left is None else left.total_seconds(),
        "consumed_percent": None if share is None else round(100 * share, 3),
    }


def _at(moment: datetime | None, zone: tzinfo) -> str:
    if moment is None:
        return "unknown"
    seconds = ":%S" if moment.second else ""
    return local_text(moment, zone, f"%a %d %b %H:%M{seconds}")


def _second(moment: datetime, zone: tzinfo) -> str:
    return local_text(moment, zone, "%a %d %b %H:%M:%S")


def _exact(span: timedelta) -> str:
    """Return a span as hours, minutes and seconds, so that a column of them can be added up."""
    seconds = int(span.total_seconds())
    return f"{seconds // 3600}:{seconds % 3600 // 60:02}:{seconds % 60:02}"


def _zone_name(zone: tzinfo, now: datetime) -> str:
    return getattr(zone, "key", None) or now.astimezone(zone).tzname() or "UTC"


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
