"""The facts of the bars: counts, health, trouble. Words first; colour only repeats them."""

from collections.abc import Sequence
from datetime import datetime

from sla_console.domain.board import Board, Health, SourceState
from sla_console.domain.durations import words
from sla_console.domain.errors import SLAConsoleError
from sla_console.domain.proof import Sign
from sla_console.domain.sla.due_hours import DueHour
from sla_console.domain.wellness import (
    heartbeat_word,
    monitor_word,
    poll_word,
    sentences,
    waiting_word,
)
from sla_console.ui.state import Shown
from sla_console.ui.terminal.symbols import Symbols
from sla_console.ui.text.local_time import LocalTime
from sla_console.ui.widgets.bar import Piece


def count_pieces(board: Board, symbols: Symbols) -> list[Piece]:
    """Return how many tickets are in which trouble, and how many promises probably will be."""
    if not board.known:
        return [Piece("nothing is known yet: SuperOps was never read", "urgent")]
    counts = board.counts
    likely = sum(one.probability is not None for one in board.potential)
    breached = "breached" if counts.breached else "muted"
    return [
        Piece(f"{counts.open} open", "strong"),
        Piece(f"{symbols.breached} {counts.breached} breached", breached),
        Piece(
            f"{counts.unacknowledged} unacknowledged",
            "urgent" if counts.unacknowledged else "muted",
        ),
        Piece(f"{symbols.at_risk} {counts.at_risk} at risk", "risk" if counts.at_risk else "muted"),
        *([Piece(f"{likely} likely to break", "risk", 1)] if likely else []),
        Piece(f"{symbols.held} {counts.held} held", "held" if counts.held else "muted", 1),
        *(
            [Piece(f"{symbols.degraded} {counts.degraded} in doubt", "muted", 2)]
            if counts.degraded
            else []
        ),
    ]


def connection_piece(health: Health, now: datetime, symbols: Symbols) -> Piece:
    """Return how the console stands with SuperOps."""
    age = health.data_age(now)
    match health.connection:
        case SourceState.LIVE:
            return Piece(f"{symbols.ok} live", "ok")
        case SourceState.IN_DOUBT:
            return Piece(f"{symbols.at_risk} in doubt", "urgent")
        case SourceState.STALE:
            for_long = f" {words(age)}" if age is not None else ""
            return Piece(f"{symbols.at_risk} stale{for_long}", "urgent")
        case SourceState.CANNOT_SIGN_IN:
            return Piece(f"{symbols.breached} cannot sign in", "breached")
        case _:
            return Piece("starting", "muted")


def health_pieces(health: Health, now: datetime, symbols: Symbols) -> list[Piece]:
    """Return the state of the console itself."""
    stale = health.connection is SourceState.STALE
    pieces = [connection_piece(health, now, symbols)]
    age = health.data_age(now)
    if age is None:
        pieces.append(Piece("never synced", "muted", 4))
    elif not stale:
        pieces.append(Piece(f"data {words(age)} old", "text", 2))
    if (poll := poll_word(health, now)) is not None:
        pieces.append(Piece(poll.text, "muted" if poll.good else "urgent", 5 if poll.good else 2))
    if health.requests_left is not None:
        of = f"/{health.requests_per_minute}" if health.requests_per_minute else ""
        look = "urgent" if health.requests_left == 0 else "muted"
        pieces.append(Piece(f"requests {health.requests_left}{of}", look, 6))
    if health.alerts_dead:
        pieces.append(Piece(f"{health.alerts_dead} alerts failed", "breached", 1))
    waiting = waiting_word(health)
    look = "urgent" if not waiting.good else "risk" if health.alerts_waiting else "muted"
    pieces.append(Piece(waiting.text, look, 4))
    if Sign.HEARTBEAT in health.faults:
        pieces.append(Piece(heartbeat_word(health).text, "urgent", 2))
    if health.operations_waiting:
        pieces.append(Piece(f"changes to send {health.operations_waiting}", "risk", 3))
    return pieces


def leader_piece(health: Health) -> Piece:
    """Return who monitors."""
    word = monitor_word(health)
    if word.good or health.connection is SourceState.STARTING:
        return Piece(word.text, "muted", 3)
    return Piece(word.text, "urgent", 1)


def trouble(shown: Shown) -> Piece | None:
    """Return the sentence that a person must see before anything else, None where all is well."""
    health = shown.board.health
    if shown.failure is not None:
        known = isinstance(shown.failure, SLAConsoleError)
        why = str(shown.failure) if known else type(shown.failure).__name__
        return Piece(
            "The engine has ended: nothing is watched and nobody is alerted. Quit with q and start "
            f"again. {why}",
            "breached",
        )
    if health.connection is SourceState.CANNOT_SIGN_IN:
        why = health.message or "SuperOps refuses the token."
        return Piece(f"{why} Mend the token or subdomain; r tries again.", "breached")
    down = next((part for part in health.parts if not part.running), None)
    if down is not None:
        why = f": {down.last_error}" if down.last_error else ""
        return Piece(f"The part {down.name!r} has stopped{why}", "breached")
    if health.connection is SourceState.STALE:
        why = health.message or "SuperOps cannot be reached; what is shown is what was last known."
        return Piece(f"{why} Countdowns go on.", "urgent")
    if health.connection is SourceState.IN_DOUBT:
        return Piece(health.message or "The console may not do what it should.", "urgent")
    lesser = sentences(health)
    lesser += [f"{concern}." for concern in health.concerns]
    lesser += [f"{burst.words}." for burst in shown.board.alerts.bursts.running]
    for broken in (channel for channel in health.channels if channel.dead):
        why = f": {broken.last_error}" if broken.last_error else ""
        lesser.append(f"{broken.dead} alerts to {broken.name!r} were given up{why}")
    return Piece(lesser[0], "urgent") if lesser else None


def strip_pieces(hours: Sequence[DueHour], local: LocalTime, now: datetime) -> list[Piece]:
    """Return how many promises fall due by the end of each of the next working hours."""
    if not hours:
        return []
    most = max(hour.due for hour in hours)
    pieces = [Piece("Due by", "muted")]
    day = local.day(now)
    for number, hour in enumerate(hours):
        at = local.hour(hour.end)
        if (other := local.day(hour.end)) != day:
            at, day = f"{other} {at}", other
        look = "muted" if not hour.due else "urgent" if hour.due == most else "text"
        pieces.append(Piece(f"{at} {hour.due}", look, number + 1 if number > 2 else 0))
    return pieces


def nobody_hears(health: Health, now: datetime) -> str | None:
    """Return what to say where every alert channel is down; None: one is not."""
    if not health.nobody_hears:
        return None
    why = "; ".join(
        f"{channel.name}: {channel.broken or _silent(channel.open_since, now)}"
        for channel in health.channels
        if channel.leads_outside
    )
    return f"NOBODY IS TOLD: every alert channel is down ({why})"


def _silent(since: datetime | None, now: datetime) -> str:
    return "no answer" if since is None else f"no answer for {words(max(now - since, now - now))}"


def breached_sentence(shown: Shown) -> str:
    """Return in one sentence what is breached now, for a screen that holds no more."""
    counts = shown.board.counts
    if shown.loading:
        return "Loading from cache."
    if not shown.board.known:
        return "Nothing is known yet: SuperOps was never read."
    if not counts.breached:
        return f"Nothing is breached; {counts.at_risk} of {counts.open} are at risk."
    numbers = [breach.display_id or breach.ticket_id for breach in shown.board.breaches]
    distinct = list(dict.fromkeys(numbers))
    named = ", ".join(distinct[:6])
    more = f" and {len(distinct) - 6} more" if len(distinct) > 6 else ""
    return f"{counts.breached} BREACHED: {named}{more}."
