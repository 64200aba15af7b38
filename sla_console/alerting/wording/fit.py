"""Cutting words to a length: at the end of a line or of a word, and never inside a link.

Lengths are in characters. A limit below 1 is taken as 1, because a message is never empty.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

ELLIPSIS: Final = "\N{HORIZONTAL ELLIPSIS}"
DOTS: Final = "..."
"""Instead of an ellipsis in an SMS, where one character beyond the GSM alphabet halves its length."""
_TITLE_ROOM: Final = 12
"""Fewest characters of a title before its tag is worth its place."""


@dataclass(frozen=True, slots=True)
class Tail:
    """A line after the words that is there whole or not at all."""

    text: str
    room: int
    """Fewest characters that must be left for the words; else the line is dropped."""


def fit_title(title: str, tag: str, limit: int, mark: str = ELLIPSIS) -> str:
    """Return a title of one line that ends in its tag, if there is room for both.

    Args:
        title: What is cut.
        tag: What all titles about one promise end in; empty: none.
        limit: Longest answer.
        mark: What stands where something was cut.
    """
    title = " ".join(title.split())
    words = title.removesuffix(tag).rstrip() if tag else title
    if not tag or not words:
        return cut(words or tag, limit, mark)
    left = limit - len(tag) - 1
    if left < min(_TITLE_ROOM, len(words)):
        return cut(words, limit, mark)
    return f"{cut(words, left, mark)} {tag}"


def fit_body(text: str, tails: Sequence[Tail], limit: int, mark: str = ELLIPSIS) -> str:
    """Return words and the lines after them, the words cut as far as needed.

    Args:
        text: The words.
        tails: The lines after them, in their order; the last has the first claim to its place.
        limit: Longest answer.
        mark: What stands where something was cut.
    """
    kept: list[str] = []
    left = limit
    for tail in reversed(tails):
        if left - len(tail.text) - 1 >= min(tail.room, max(len(text), 1)):
            kept.insert(0, tail.text)
            left -= len(tail.text) + 1
    return "\n".join([cut(text, left, mark), *kept])


def is_whole(text: str, tails: Sequence[Tail], limit: int) -> bool:
    """Return whether nothing would have to be cut or dropped."""
    return len(text) + sum(len(tail.text) + 1 for tail in tails) <= limit


def cut(text: str, limit: int, mark: str = ELLIPSIS) -> str:
    """Return text of at most so many characters: whole lines, or the first line's whole words.

    A link is left out rather than cut. What is empty becomes the mark, as far as there is room.
    """
    limit = max(limit, 1)
    mark = mark[:limit]
    if text and len(text) <= limit:
        return text
    lines = text.split("\n")
    kept = _whole(lines, limit - len(mark) - 1, 1)
    if kept:
        return "\n".join([*kept, mark])
    words = lines[0].split(" ")
    some = _whole(words, limit - len(mark) - 1, 1)
    if some:
        return f"{' '.join(some).rstrip(' ,:;')} {mark}".strip()
    if "://" in words[0]:
        return mark
    return words[0][: limit - len(mark)] + mark


def _whole(parts: Sequence[str], limit: int, joint: int) -> list[str]:
    """Return the first parts that fit together, not counting empty ones at the end."""
    length = -joint
    kept: list[str] = []
    for part in parts:
        length += len(part) + joint
        if length > limit:
            break
        kept.append(part)
    while kept and not kept[-1].strip():
        kept.pop()
    return kept
