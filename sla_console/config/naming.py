"""Names that point at nothing, and the ones that were probably meant."""

import difflib
from collections.abc import Iterable


def nearest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Return the known word that was probably meant, if one is as close as ``cutoff`` of 1."""
    folded = {name.casefold(): name for name in sorted(known, reverse=True)}
    close = difflib.get_close_matches(word.casefold(), sorted(folded), n=1, cutoff=cutoff)
    return folded[close[0]] if close else None


def unknown_name(key: str, name: str, known: Iterable[str], table: str) -> str:
    """Return what to say of a name that points at nothing.

    Args:
        key: Where it stands.
        name: The name.
        known: Those that exist.
        table: Where they stand, such as ``alerts.channels``.
    """
    names = sorted(known)
    meant = nearest(name, names)
    if meant:
        advice = f"did you mean {meant}?"
    elif names:
        advice = f"known are {', '.join(names)}"
    else:
        advice = f"there is none yet, so add one as [{table}.NAME]"
    # An address put where its name belongs may hold a password.
    found = "an address" if "://" in name else repr(name)
    return f"{key}: found {found}, expected a name from {table}; {advice}"
