"""The words of the health view. What is wrong comes first, in words and in colour."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from textual.content import Content

from sla_console.domain.board import (
    Board,
    ChannelHealth,
    FigureCacheHealth,
    Health,
    SourceState,
)
from sla_console.domain.durations import words
from sla_console.domain.wellness import (
    Word,
    channel_word,
    clock_word,
    heartbeat_word,
    monitor_word,
    part_word,
    poll_word,
    sentences,
    store_word,
)
from sla_console.ui.terminal.symbols import Symbols
from sla_console.ui.text.local_time import LocalTime
from sla_console.ui.text.wrap import hang

if TYPE_CHECKING:
    from sla_console.service.health_reader import SelfFacts

Part = tuple[str, str] | str
_NAME: Final = 15
"""Cells of a name, before what is said of it."""
_WIDTH: Final = 60
"""Cells of a line, where nobody says otherwise."""
_SYNC = {
    SourceState.LIVE: ("live", "$sla-ok"),
    SourceState.IN_DOUBT: ("in doubt", "$sla-urgent"),
    SourceState.STALE: ("stale", "$sla-urgent"),
    SourceState.CANNOT_SIGN_IN: ("cannot sign in", "$sla-breached"),
    SourceState.STARTING: ("starting", "$sla-muted"),
}


class HealthText:
    """Writes how the console itself is.

    Args:
        symbols: The signs to use.
        local: The zone of the times.
    """

    def __init__(self, symbols: Symbols, local: LocalTime) -> None:
        self._symbols, self._local = symbols, local

    def engine(self, board: Board, now: datetime, width: int = _WIDTH) -> Content:
        """Return sync, budget, lease and the parts of the engine."""
        health = board.health
        said, look = _SYNC[health.connection]
        age = health.data_age(now)
        parts: list[Part] = [
            _title("SuperOps"),
            _name("Connection"), (f"{said}\n", look),
            *([_told(health.message, look, width)] if health.message else []),
            *(_told(concern, "$sla-urgent", width) for concern in health.concerns),
            *(_told(said, "$sla-urgent", width) for said in sentences(health)),
            _name("Last sync"), f"{self._ago(health.last_sync_at, now)}\n",
            _name("Data age"), f"{words(age) if age is not None else 'never synced'}\n",
            _name("Next poll"), _said(poll_word(health, now) or Word("not from here", good=True)),
            _name("Clock"), _said(clock_word(health)),
            _name("Requests"), f"{_budget(health.requests_left, health.requests_per_minute)}\n",
            _name("To send"), f"{_count(health.operations_waiting, 'change')}\n",
            "\n",
            _title("Engine"),
            _name("Monitor"), _said(monitor_word(health)),
            _name("Store"), _said(store_word(health)),
            *self._parts(health, now, width),
            *([_name("Verdicts"), f"{hang(health.backfill, _NAME, width)}\n"]
              if health.backfill else []),
        ]  # fmt: skip
        return Content.assemble(*parts)

    def alerts(self, board: Board, now: datetime, width: int = _WIDTH) -> Content:
        """Return the channels and the heartbeat."""
        health = board.health
        parts: list[Part] = [_title("Alert channels")]
        for channel in sorted(health.channels, key=lambda one: not one.down):
            parts += self._channel(channel, now, width)
        if not health.channels:
            parts.append("None is configured, so nobody is told of a breach.\n")
        beat = heartbeat_word(health)
        said = beat.text.removeprefix("heartbeat ").removesuffix(" heartbeat is set")
        parts += [_name("Heartbeat"), _said(Word(hang(said, _NAME, width), beat.good))]
        if board.coverage is not None:
            record = board.coverage.record
            look = "$sla-urgent" if record.is_withdrawn else ""
            parts += ["\n", _title("Forecast"), _told(record.words(), look, width)]
        bursts = board.alerts.bursts
        for burst in bursts.running:
            since = f"since {self._ago(burst.since, now)}, {_count(len(burst.tickets), 'ticket')}"
            said = ". ".join(part for part in (burst.words, since, burst.shared) if part)
            parts += [_name("Burst"), (f"{hang(said, _NAME, width)}\n", "$sla-urgent")]
        if bursts.note:
            parts += [_name("Bursts"), f"{hang(bursts.note, _NAME, width)}\n"]
        return Content.assemble(*parts)

    def itself(
        self,
        facts: "SelfFacts",
        figures: FigureCacheHealth,
        now: datetime,
        width: int = _WIDTH,
    ) -> Content:
        """Return store, process and versions."""
        store = facts.store
        most = _mebibytes(facts.memory_most)
        parts: list[Part] = [
            _title("Store"),
            _name("File"), f"{store.path}\n",
            _name("Size"), f"{_mebibytes(store.bytes)}, encrypted, schema {store.schema}\n",
            _name("Lease"), f"{'follows' if facts.term is None else f'term {facts.term}'}\n",
            _name("Figures"), f"{_figures(figures, now)}\n",
            "\n",
            _title("Process"),
            _name("Runs"), f"{words(now - facts.started_at)}, process {facts.process}\n",
            _name("Memory"), f"{_mebibytes(facts.memory)}, {most} at most\n",
            _name("Versions"),
            hang(", ".join(f"{name} {version}" for name, version in facts.versions), _NAME, width),
            "\n",
        ]  # fmt: skip
        return Content.assemble(*parts)

    def _parts(self, health: Health, now: datetime, width: int) -> list[Part]:
        found: list[Part] = []
        words_of = {part.name: part_word(part, health.faults) for part in health.parts}
        for part in sorted(health.parts, key=lambda one: words_of[one.name].good):
            state = words_of[part.name]
            found += [_name(part.name), (state.text, "$sla-ok" if state.good else "$sla-breached")]
            if part.restarts:
                found.append((f", {_count(part.restarts, 'restart')}", "$sla-risk"))
            found.append("\n")
            if part.last_error:
                ago = f" {self._ago(part.last_error_at, now)}" if part.last_error_at else ""
                found.append(_told(f"last error{ago}: {part.last_error}", "$sla-muted", width))
        return found

    def _channel(self, channel: ChannelHealth, now: datetime, width: int) -> list[Part]:
        if channel.broken is not None:
            state: Part = (f"DOWN, {channel.broken}", "$sla-breached")
        elif channel.open_since is not None:
            silent = words(max(now - channel.open_since, timedelta()))
            state = (f"NO ANSWER for {silent}", "$sla-breached")
        elif channel.paused_until is not None and now < channel.paused_until:
            left = words(channel.paused_until - now)
            state = (f"ASKED TO WAIT, {left} left", "$sla-risk")
        else:
            word = channel_word(channel, now)
            state = (word.text, "$sla-ok" if word.good else "$sla-muted")
        dead: list[Part] = [(f", {channel.dead} given up", "$sla-urgent")] if channel.dead else []
        error: list[Part] = (
            [_told(channel.last_error, "$sla-muted", width)] if channel.last_error else []
        )
        accepted = f"last accepted {self._ago(channel.last_accepted_at, now)}"
        return [
            _name(channel.name), state, f", {channel.waiting} waiting", *dead, "\n",
            _told(accepted, "$sla-muted", width), *error,
        ]  # fmt: skip

    def _ago(self, moment: datetime | None, now: datetime) -> str:
        return "never" if moment is None else f"{words(max(now - moment, timedelta()))} ago"


def _figures(kept: FigureCacheHealth, now: datetime) -> str:
    """Return how often figures were kept ready, and how old those are."""
    if not kept.hits + kept.misses:
        return "not asked for yet"
    old = ""
    if kept.oldest_at is not None:
        old = f", up to {words(max(now - kept.oldest_at, timedelta()))} old"
    return f"given {kept.hits}, worked out {kept.misses}; {kept.entries} kept{old}"


def _said(word: Word) -> Part:
    """Return a word and the end of its line, marked where it says nothing good."""
    return f"{word.text}\n" if word.good else (f"{word.text}\n", "$sla-urgent")


def _title(text: str) -> Part:
    return (f"{text}\n", "bold $sla-accent")


def _name(text: str) -> Part:
    return (f"{text[: _NAME - 1]:<{_NAME}}", "$sla-muted")


def _told(text: str, look: str, width: int) -> Part:
    """Return a line of its own below what it is about."""
    return (f"{' ' * _NAME}{hang(text, _NAME, width)}\n", look)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _budget(left: int | None, per_minute: int | None) -> str:
    if left is None:
        return "not asked yet"
    return f"{left} left of this minute" + (f", of {per_minute}" if per_minute else "")


def _mebibytes(size: int) -> str:
    return f"{size / 1_048_576:.1f} MiB"
