"""Cleaning of text from outside: the one gate that every ticket subject and name passes.

A string that leaves ``clean`` holds no control, format, surrogate or private-use character, no
line or paragraph separator, no blank-looking letter, and no tower of combining marks, so it can
reach no terminal as an escape sequence and cannot reorder or hide its neighbours. It may still
look like markup: whoever shows it never parses it as such.
"""

import re
import unicodedata
from typing import Final

REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"
_MARKS_IN_A_ROW: Final = 3
_PRINTABLE: Final = re.compile(r"[ -~]*")
_SPACE: Final = re.compile(r"[\s\u00A0]+")
# Categories Cc (but tab and line ends, which become spaces), Cf, Cs, Co, Zl, Zp, noncharacters,
# variation selectors, and letters that show nothing. A test holds this against unicodedata.
_UNSAFE: Final = re.compile(
    "["
    "\u0000-\u0008\u000b-\u000c\u000e-\u001f\u007f-\u009f\u00ad\u034f\u0600-\u0605\u061c"
    "\u06dd\u070f\u0890-\u0891\u08e2\u115f-\u1160\u17b4-\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u2064\u2066-\u206f\u2800\u3164\ud800-\uf8ff\ufdd0-\ufdef"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\ufffe-\uffff\U000110bd\U000110cd"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U0001fffe-\U0001ffff"
    "\U0002fffe-\U0002ffff\U0003fffe-\U0003ffff\U0004fffe-\U0004ffff\U0005fffe-\U0005ffff"
    "\U0006fffe-\U0006ffff\U0007fffe-\U0007ffff\U0008fffe-\U0008ffff\U0009fffe-\U0009ffff"
    "\U000afffe-\U000affff\U000bfffe-\U000bffff\U000cfffe-\U000cffff\U000dfffe-\U000dffff"
    "\U000e0001\U000e0020-\U000e007f\U000e0100-\U000e01ef\U000efffe-\U0010ffff"
    "]"
)


def clean(text: str, limit: int = 500) -> str:
    """Return ``text`` fit to be shown and sent: one line, at most ``limit`` characters.

    Args:
        text: Anything that came from outside.
        limit: Longest answer, in characters; what is cut ends in an ellipsis.
    """
    if len(text) > 4 * limit:
        text = text[: 4 * limit]
    if not _PRINTABLE.fullmatch(text):
        text = _UNSAFE.sub(REPLACEMENT, _SPACE.sub(" ", text))
        text = _thin_marks(text)
    text = text.strip()
    return text if len(text) <= limit else text[: limit - 1] + "\N{HORIZONTAL ELLIPSIS}"


def clean_lines(text: str, limit: int = 4000) -> str:
    """Return text of several lines, each cleaned, at most ``limit`` characters in all."""
    lines = [clean(line) for line in text[: 2 * limit].splitlines()]
    joined = "\n".join(lines).strip()
    return joined if len(joined) <= limit else joined[: limit - 1] + "\N{HORIZONTAL ELLIPSIS}"


def _thin_marks(text: str) -> str:
    """Keep at most three combining marks in a row."""
    if text.isascii():
        return text
    kept: list[str] = []
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.category(char) in {"Mn", "Me"} else 0
        if marks <= _MARKS_IN_A_ROW:
            kept.append(char)
    return "".join(kept)
