"""Names that people type, held against the names that there are.

Two spellings are one name where they are equal after Unicode's composition (NFC), without case and
with every run of spaces as one: the same letters can be stored in two ways, and a second space
shows nowhere. Names that differ by more are two, however alike they look; then the hint says what
the eye does not see.
"""

import difflib
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
_TWINS: Final = str.maketrans(
    "\N{CYRILLIC SMALL LETTER A}\N{CYRILLIC SMALL LETTER IE}\N{CYRILLIC SMALL LETTER O}"
    "\N{CYRILLIC SMALL LETTER ER}\N{CYRILLIC SMALL LETTER ES}\N{CYRILLIC SMALL LETTER U}"
    "\N{CYRILLIC SMALL LETTER HA}\N{CYRILLIC SMALL LETTER BYELORUSSIAN-UKRAINIAN I}"
    "\N{CYRILLIC SMALL LETTER JE}\N{CYRILLIC SMALL LETTER DZE}\N{CYRILLIC SMALL LETTER KA}"
    "\N{CYRILLIC SMALL LETTER EM}\N{CYRILLIC SMALL LETTER TE}\N{CYRILLIC SMALL LETTER EN}"
    "\N{CYRILLIC SMALL LETTER VE}\N{GREEK SMALL LETTER ALPHA}\N{GREEK SMALL LETTER BETA}"
    "\N{GREEK SMALL LETTER EPSILON}\N{GREEK SMALL LETTER ETA}\N{GREEK SMALL LETTER IOTA}"
    "\N{GREEK SMALL LETTER KAPPA}\N{GREEK SMALL LETTER MU}\N{GREEK SMALL LETTER NU}"
    "\N{GREEK SMALL LETTER OMICRON}\N{GREEK SMALL LETTER RHO}\N{GREEK SMALL LETTER TAU}"
    "\N{GREEK SMALL LETTER UPSILON}\N{GREEK SMALL LETTER CHI}\N{GREEK SMALL LETTER ZETA}"
    "\N{LATIN SMALL LETTER DOTLESS I}\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{FIGURE DASH}\N{EN DASH}"
    "\N{EM DASH}\N{HORIZONTAL BAR}\N{MINUS SIGN}\N{LEFT SINGLE QUOTATION MARK}"
    "\N{RIGHT SINGLE QUOTATION MARK}\N{MODIFIER LETTER APOSTROPHE}\N{PRIME}"
    "\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}",
    "aeopcyxijskmthb" + "abehikmnoptyxz" + "i" + "-------" + "''''" + '""',
)
"""Letters and marks of other scripts that look like Latin ones on every screen, in lower case."""


@lru_cache(maxsize=8192)
def folded(name: str) -> str:
    """Return what two spellings of one name have in common."""
    if not name.isascii():
        # Folding the case can take a composed letter apart again.
        name = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
    return " ".join(name.casefold().split())


def same(one: str, other: str) -> bool:
    """Return whether two spellings are one name."""
    return folded(one) == folded(other)


def nearest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Return the known name that was probably meant, if one is as close as ``cutoff`` of 1."""
    there = {folded(name): name for name in sorted(known, reverse=True)}
    close = difflib.get_close_matches(folded(word), sorted(there), n=1, cutoff=cutoff)
    if close:
        return there[close[0]]
    # One that looks the same is meant, however many of its letters are others.
    shape = _shape(word)
    return next((name for name in there.values() if shape and _shape(name) == shape), None)


def hint(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Return the advice about a name that does not exist: which was meant, or what it hides.

    A name that looks the same as what was typed is never proposed as it is, which would help
    nobody; the characters that differ are named instead.
    """
    name = nearest(word, known, cutoff)
    if name is None:
        return None
    if _shape(name) != _shape(word):
        return f"did you mean {name}?"
    odd = dict.fromkeys(c for c in word if not c.isascii() and c not in name)
    parts = [f"this one holds {', '.join(map(character_words, odd))}"] if odd else []
    if not name.isascii():
        parts.append(f"the one that exists is written {name!a}")
    if not parts:
        parts.append(f"the one that exists is written {name!a}, this one {word!a}")
    return f"one that looks the same exists: {', '.join(parts)}; copy the name from where it is"


def character_words(character: str) -> str:
    """Return a character's number and name, such as ``U+200B ZERO WIDTH SPACE``."""
    name = unicodedata.name(character, "")
    return f"U+{ord(character):04X} {name}".rstrip()


def invisible(name: str) -> str | None:
    """Return the first character of a name that does not show, None where all do."""
    return next((c for c in name if unicodedata.category(c) in _INVISIBLE), None)


def _shape(name: str) -> str:
    """Return what the eye sees of a name: without what does not show, alike letters as one."""
    shown = "".join(c for c in name if unicodedata.category(c) not in _INVISIBLE)
    return folded(folded(unicodedata.normalize("NFKC", shown)).translate(_TWINS))
