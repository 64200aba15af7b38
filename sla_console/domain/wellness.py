"""Says how the console is at one moment, in the same words everywhere, from what was proved alone.

``looked_at`` turns the health that the engine handed out into what may be said of it now. The
engine need not run for that: where it hangs, its proofs grow old, and the words change by themselves.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sla_console.domain.board import Board, ChannelHealth, Health, PartHealth, SourceState
from sla_console.domain.durations import words
from sla_console.domain.proof import PART, Proof, Sign, faults_of

CHANNEL_GOOD_FOR: Final = timedelta(hours=26)
"""For how long a message that a channel took shows that it works; a daily test is in time."""
POLL_LATE: Final = timedelta(seconds=60)
"""Delay of the next read that is not yet shown as late."""
_NOBODY: Final = "no console is known to monitor, so SuperOps is not read and nobody is alerted"
_SURE: Final = timedelta(seconds=1)
_ITSELF: Final = (Sign.STORE, Sign.LEASE, Sign.DEADLINES, Sign.CLOCK)
"""Without these the console may not do what it should, whatever was read."""


class Word(NamedTuple):
    """A word for the state of one thing."""

    text: str
    good: bool
    """Whether it says that it is well."""


def board_at(
    board: Board, now: datetime, elapsed: timedelta, health: Health | None = None
) -> Board:
    """Return a board with its health, or a later one, as it may be said to be at a moment."""
    return replace(board, health=looked_at(health or board.health, now, elapsed))


def looked_at(health: Health, now: datetime, elapsed: timedelta) -> Health:
    """Return the health as it may be said to be at a moment.

    Args:
        health: As the engine handed it out.
        now: The moment.
        elapsed: The same by time that passed, of the clock that the engine has.
    """
    faults = faults_of(health.proofs, elapsed)
    if not health.leading and Sign.LEASE in faults:
        faults[Sign.LEASE] = _NOBODY
    connection, message = _connection(health, faults, elapsed)
    return replace(
        health,
        connection=connection,
        message=message,
        faults=faults,
        seen_at=elapsed,
        last_sync_at=_read_at(health.last_sync_at, proof_of(health, Sign.READ), now, elapsed),
    )


def _connection(
    health: Health, faults: Mapping[str, str], elapsed: timedelta
) -> tuple[SourceState, str | None]:
    """Return how the console stands with SuperOps, and the sentence that explains trouble."""
    as_told = health.connection, health.message
    if health.connection is SourceState.CANNOT_SIGN_IN:
        return as_told
    if not health.reads_itself and Sign.LEASE in faults:
        return SourceState.STALE, sentence(faults[Sign.LEASE])
    if health.connection is SourceState.STARTING:
        return as_told
    read = proof_of(health, Sign.READ)
    if health.connection is SourceState.STALE or read is None or not read.holds(elapsed):
        age = None if read is None else read.age(elapsed)
        said = "not been read yet" if age is None else f"not been read whole for {words(age)}"
        return SourceState.STALE, health.message or f"SuperOps has {said}."
    alone = health.reads_itself and not health.leading
    doubts = (faults[one] for one in faults if one in _ITSELF or one.startswith(PART))
    doubt = None if alone else next(doubts, None)
    return as_told if doubt is None else (SourceState.IN_DOUBT, sentence(doubt))


def proof_of(health: Health, sign: Sign) -> Proof | None:
    """Return the proof of one thing, None if there is none."""
    return next((one for one in health.proofs if one.sign == sign), None)


def sentences(health: Health) -> list[str]:
    """Return what is wrong in sentences, without what the connection's message says already."""
    said = [sentence(fault) for fault in health.faults.values()]
    return [one for one in said if one != health.message]


def monitor_word(health: Health) -> Word:
    """Return who monitors."""
    doubt = Sign.LEASE in health.faults or proof_of(health, Sign.LEASE) is None
    if health.leading:
        return Word("monitored here, in doubt" if doubt else "monitored here", not doubt)
    if health.leader and not doubt:
        return Word(f"monitored by {health.leader}", good=True)
    return Word("nobody monitors", good=False)


def poll_word(health: Health, now: datetime) -> Word | None:
    """Return when SuperOps is read next; None: this console reads nothing, or says why not."""
    if health.next_poll_at is None or health.connection is SourceState.CANNOT_SIGN_IN:
        return None
    left = health.next_poll_at - now
    if left < -POLL_LATE:
        return Word(f"poll overdue {words(left)}", good=False)
    verb = "next poll" if health.connection is SourceState.LIVE else "retry in"
    return Word(f"{verb} {words(max(left, timedelta()))}", good=True)


def waiting_word(health: Health) -> Word:
    """Return how many alerts wait."""
    if Sign.COUNTS in health.faults or proof_of(health, Sign.COUNTS) is None:
        return Word("alerts waiting: not known", good=False)
    return Word(f"alerts waiting {health.alerts_waiting}", good=True)


def heartbeat_word(health: Health) -> Word:
    """Return whether somebody outside knows that all is well."""
    beat = proof_of(health, Sign.HEARTBEAT)
    if beat is None:
        return Word("no heartbeat is set", good=False)
    if (fault := beat.said(health.seen_at)) is not None:
        return Word(f"heartbeat withheld: {fault}", good=False)
    return Word(f"heartbeat taken {words(beat.age(health.seen_at) or timedelta())} ago", good=True)


def store_word(health: Health) -> Word:
    """Return whether the store keeps what it is given."""
    store = proof_of(health, Sign.STORE)
    age = None if store is None else store.age(health.seen_at)
    if store is None or age is None or not store.holds(health.seen_at):
        return Word((store and store.said(health.seen_at)) or "not written from here", good=False)
    verb = "written and read back" if health.leading else "read"
    return Word(f"{verb} {words(age)} ago", good=True)


def clock_word(health: Health) -> Word:
    """Return whether this machine's clock is right."""
    clock = proof_of(health, Sign.CLOCK)
    if clock is not None and clock.fault is not None:
        return Word(clock.fault, good=False)
    if clock is None or not clock.holds(health.seen_at):
        return Word("not compared with SuperOps'", good=False)
    return Word(
        f"compared with SuperOps' {words(clock.age(health.seen_at) or timedelta())} ago", good=True
    )


def channel_word(channel: ChannelHealth, now: datetime) -> Word:
    """Return how a channel is: it works where it took something lately, and nothing failed since."""
    if not channel.in_use:
        return Word("not used", good=False)
    if channel.broken is not None:
        return Word("broken", good=False)
    if channel.open_since is not None:
        return Word("no answer", good=False)
    if channel.paused_until is not None and now < channel.paused_until:
        return Word("paused", good=False)
    last = channel.last_accepted_at
    if last is None or now - last > CHANNEL_GOOD_FOR:
        return Word("untried", good=False)
    return Word("ok", good=True)


def part_word(part: PartHealth, faults: Iterable[str]) -> Word:
    """Return whether a part of the engine goes on.

    Args:
        part: The part.
        faults: The signs of what is wrong.
    """
    if not part.running:
        return Word("STOPPED", good=False)
    stuck = f"{PART}{part.name}" in faults
    return Word("STUCK" if stuck else "runs", not stuck)


def _read_at(
    last: datetime | None, read: Proof | None, now: datetime, elapsed: timedelta
) -> datetime | None:
    """Return when SuperOps was last read by the wall clock as it is now; it may have been set."""
    age = None if read is None else read.age(elapsed)
    if last is None or age is None:
        return last
    return last if abs(now - age - last) < _SURE else now - age


def sentence(text: str) -> str:
    """Return part of a sentence as a whole one."""
    text = text.rstrip(".")
    return f"{text[:1].upper()}{text[1:]}."
