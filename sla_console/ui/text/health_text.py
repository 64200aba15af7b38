"""The words of the health view. What is wrong comes first, in words and in colour."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from textual.content import Content

from sla_console.domain.board import (
    Board,
    ChannelHealth,
    FigureCacheHealth,
    PartHealth,
    SourceState,
)
from sla_console.domain.durations import words
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
            _name("Last sync"), f"{self._ago(health.last_sync_at, now)}\n",
            _name("Data age"), f"{words(age) if age is not None else 'never synced'}\n",
            _name("Next poll"), f"{self._in(health.next_poll_at, now)}\n",
            _name("Requests"), f"{_budget(health.requests_left, health.requests_per_minute)}\n",
            _name("To send"), f"{_count(health.operations_waiting, 'change')}\n",
            "\n",
            _title("Engine"),
            _name("Monitored"), f"{'here' if health.leading else health.leader or 'by nobody'}\n",
            *self._parts(health.parts, now, width),
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
        beat = health.heartbeat
        parts += [_name("Heartbeat")]
        withheld = hang(f"withheld: {beat}", _NAME, width)
        parts += [(f"{withheld}\n", "$sla-urgent")] if beat else ["not withheld\n"]
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

    def _parts(self, parts: Iterable[PartHealth], now: datetime, width: int) -> list[Part]:
        found: list[Part] = []
        for part in sorted(parts, key=lambda one: one.running):
            state, look = ("runs", "$sla-ok") if part.running else ("STOPPED", "$sla-breached")
            found += [_name(part.name), (state, look)]
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
            state = ("ready", "$sla-ok")
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

    def _in(self, moment: datetime | None, now: datetime) -> str:
        return "not planned" if moment is None else f"in {words(max(moment - now, timedelta()))}"


def _figures(kept: FigureCacheHealth, now: datetime) -> str:
    """Return how often figures were kept ready, and how old those are."""
    if not kept.hits + kept.misses:
        return "not asked for yet"
    old = ""
    if kept.oldest_at is not None:
        old = f", up to {words(max(now - kept.oldest_at, timedelta()))} old"
    return f"given {kept.hits}, worked out {kept.misses}; {kept.entries} kept{old}"


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
