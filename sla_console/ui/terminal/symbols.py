"""The few signs beside the words, in three alphabets. All are one cell wide in every terminal."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Symbols:
    """Signs used on the screens; each stands beside a word, never alone."""

    breached: str = "●"
    at_risk: str = "▲"
    held: str = "‖"
    ok: str = "·"
    acknowledged: str = "✓"
    escalated: str = "↑"
    degraded: str = "~"
    ellipsis: str = "…"
    nothing: str = "\N{EN DASH}"
    dot: str = "·"
    rule: str = "─"
    bar: str = "│"
    marked: str = "▌"
    new: str = "+"
    changed: str = "»"
    pending: str = "→"
    rising: str = "▲"
    falling: str = "▼"
    full: str = "█"
    late: str = "▓"
    empty: str = "░"
    halves: bool = True
    """There are halves of a full block."""
    eighths: bool = True
    """There are eighths of a full block."""


UNICODE = Symbols()
ASCII = Symbols(
    breached="*",
    at_risk="!",
    held="=",
    ok=".",
    acknowledged="v",
    escalated="^",
    degraded="~",
    ellipsis="~",
    nothing="-",
    dot="-",
    rule="-",
    bar="|",
    marked=">",
    new="+",
    changed="'",
    pending="?",
    rising="^",
    falling="v",
    full="#",
    late="!",
    empty=".",
    halves=False,
    eighths=False,
)
LINUX = Symbols(
    breached="*",
    at_risk="!",
    held="=",
    acknowledged="v",
    escalated="^",
    ellipsis="~",
    nothing="-",
    pending="?",
    rising="^",
    falling="v",
    eighths=False,
)
"""What the fonts of the Linux console have: their blocks and lines are those of code page 437."""
