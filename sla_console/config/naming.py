"""Names that point at nothing, and the ones that were probably meant."""

from collections.abc import Iterable

from sla_console.domain.names import hint


def unknown_name(key: str, name: str, known: Iterable[str], table: str) -> str:
    """Return what to say of a name that points at nothing.

    Args:
        key: Where it stands.
        name: The name.
        known: Those that exist.
        table: Where they stand, such as ``alerts.channels``.
    """
    names = sorted(known)
    advice = hint(name, names) or ""
    if not advice and names:
        advice = f"known are {', '.join(names)}"
    elif not advice:
        advice = f"there is none yet, so add one as [{table}.NAME]"
    # An address put where its name belongs may hold a password.
    found = "an address" if "://" in name else repr(name)
    return f"{key}: found {found}, expected a name from {table}; {advice}"
