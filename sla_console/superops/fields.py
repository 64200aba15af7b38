"""Reading single values out of JSON that may hold anything: the value, or a reason why not."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sla_console.domain.text import clean
from sla_console.superops.transport import parse_json

_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?([Zz]|[+-]\d\d(:?\d\d)?)?", re.ASCII
)
_FIRST_YEAR: Final = 2000
_LAST_YEAR: Final = 2100
_EXACT: Final = 2**53
_LONGEST_ID: Final = 80
_LONGEST_JSON: Final = 20_000
_TRUE: Final = frozenset({"true", "yes"})
_FALSE: Final = frozenset({"false", "no"})


@dataclass(frozen=True, slots=True)
class Reference:
    """What a JSON field points to: a client, a technician, an SLA."""

    id: str | None = None
    name: str | None = None


def id_of(value: Any) -> str | None:
    """Return an id as text, exact to the last digit, or None where it is none."""
    if isinstance(value, str):
        # Ids are sent back, so one that needs cleaning is not an id.
        text = value.strip()
        return text if text and clean(text, _LONGEST_ID) == text else None
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        text = str(value) if abs(value) < 10**_LONGEST_ID else ""
        return text if 0 < len(text) <= _LONGEST_ID else None
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    return None


def text_of(value: Any, limit: int = 200) -> str | None:
    """Return cleaned text, or None for what is missing, empty or no text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if isinstance(value, int) and abs(value) >= 10**_LONGEST_ID:
        return None
    return clean(str(value), limit) or None


def moment_of(value: Any) -> datetime | None:
    """Return an ISO time as aware UTC, or None for anything else.

    SuperOps writes UTC without saying so, with or without a fraction, and sometimes without
    seconds. Years outside 2000 to 2100 are no times of a service desk.
    """
    if not isinstance(value, str):
        return None
    text = value.strip()
    if len(text) > 40 or not _TIME.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text.upper())
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if _FIRST_YEAR <= moment.year <= _LAST_YEAR else None


def flag_of(value: Any) -> bool | None:
    """Return a truth value, or None for what is missing or says neither."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        word = value.strip().casefold()
        return True if word in _TRUE else False if word in _FALSE else None
    return None


def count_of(value: Any) -> int | None:
    """Return a count from a number or its digits, or None."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 10:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def opened(value: Any) -> Any:
    """Return a JSON field's value: SuperOps sometimes sends it as a string of JSON."""
    if isinstance(value, str) and value.lstrip()[:1] in {"{", "["} and len(value) <= _LONGEST_JSON:
        try:
            return parse_json(value.encode("utf-8", "replace"))
        except ValueError:
            return value
    return value


def reference_of(value: Any, key: str) -> Reference:
    """Return what a JSON field points to; of several, the first.

    Args:
        value: An object, an array of them, a string of JSON, a bare name, or nothing.
        key: The object's name for its id, such as ``accountId``.
    """
    value = opened(value)
    if isinstance(value, list):
        value = next((entry for entry in value if isinstance(entry, dict)), None)
    if isinstance(value, dict):
        return Reference(id_of(value.get(key)), text_of(value.get("name")))
    return Reference(None, text_of(value) if isinstance(value, str) else None)


def names_of(value: Any) -> tuple[str, ...]:
    """Return the names in a JSON array of objects, each once."""
    value = opened(value)
    entries = value if isinstance(value, list) else [value]
    names = (text_of(entry.get("name")) for entry in entries[:200] if isinstance(entry, dict))
    return tuple(dict.fromkeys(name for name in names if name))


class AnswerRow:
    """One row of an answer, with the reasons why parts of it cannot be trusted.

    Args:
        values: The row's JSON object.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values
        self.reasons: list[str] = []

    def text(self, key: str, label: str, limit: int = 200) -> str | None:
        """Return cleaned text; what is present but no text is noted."""
        value = self._values.get(key)
        text = text_of(value, limit)
        if text is None and value is not None and value != "":
            self.reasons.append(f"{label} is not readable text")
        return text

    def moment(self, key: str, label: str) -> datetime | None:
        """Return a time in UTC; what is present but no believable time is noted."""
        value = self._values.get(key)
        moment = moment_of(value)
        if moment is None and value is not None and value != "":
            shown = text_of(value, 40)
            self.reasons.append(f"{label} is no believable time" + (f": {shown}" if shown else ""))
        return moment

    def flag(self, key: str, label: str) -> bool | None:
        """Return a truth value; what is present but neither true nor false is noted."""
        value = self._values.get(key)
        flag = flag_of(value)
        if flag is None and value is not None:
            self.reasons.append(f"{label} is neither true nor false")
        return flag

    def reference(self, key: str, id_key: str, label: str) -> Reference:
        """Return what a JSON field points to; what is present but points nowhere is noted."""
        value = self._values.get(key)
        found = reference_of(value, id_key)
        if found == Reference() and value not in (None, "", [], {}):
            self.reasons.append(f"{label} has neither id nor name")
        return found
