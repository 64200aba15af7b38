"""Turning a refused configuration into one sentence: which key, what was found, what is expected."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, time
from typing import Any, Final

from pydantic_core import ErrorDetails

from sla_console.config.tree import dotted, is_group, is_secret, keys_of, type_at
from sla_console.domain.names import hint
from sla_console.domain.sla.calendar import WEEKDAYS
from sla_console.domain.text import clean

_EXPECTED: Final[Mapping[str, str]] = {
    "bool_type": "true or false",
    "date_type": "a date without quotes, such as 2026-12-25",
    "datetime_type": "a local date and time without quotes, such as 2026-12-24T09:00:00",
    "dict_type": "a table",
    "float_type": "a number",
    "int_type": "a whole number without quotes",
    "list_type": "a list in square brackets",
    "model_type": "a table",
    "string_type": "text in quotes",
}
_BOUNDED: Final[Mapping[str, Callable[[dict[str, Any]], str]]] = {
    "greater_than": lambda bound: f"more than {bound['gt']:g}",
    "greater_than_equal": lambda bound: f"at least {bound['ge']:g}",
    "less_than_equal": lambda bound: f"at most {bound['le']:g}",
    "literal_error": lambda bound: f"one of {bound['expected']}",
    "too_short": lambda bound: f"at least {bound['min_length']} of them",
    "too_long": lambda bound: f"at most {bound['max_length']} of them",
}
_HIDES_CONTENT: Final = {"model_type", "dict_type", "list_type"}


def sentence(error: ErrorDetails, origin: Callable[[Sequence[str | int]], str | None]) -> str:
    """Return one fault in words, without the file it is in.

    Args:
        error: The fault as pydantic reports it.
        origin: Gives the environment variable that set a key, or None for the file.
    """
    path = [step for step in error["loc"] if step != "[key]"]
    variable = origin(path)
    key = f"environment variable {variable}" if variable else dotted(path)
    kind = error["type"]
    if kind == "extra_forbidden":
        return f"{key}: {_unknown(path)}"
    if kind == "missing":
        return f"{key}: it is missing, expected it beside the other keys of {dotted(path[:-1])}"
    if kind == "value_error":
        message = str(error["ctx"]["error"])
        return f"{key}: {message}" if key else message
    if kind in {"secret", "path", "name"}:
        expected = error["msg"].removeprefix("expected ")
    elif _is_stretch(path):
        expected = 'a pair such as ["09:00", "17:30"]'
    else:
        expected = _expected(error)
    if is_secret(path):
        return f"{key}: expected {expected}"
    return (
        f"{key}: found {_found(error['input'], hide=kind in _HIDES_CONTENT)}, expected {expected}"
    )


def unknown_key(word: str, known: Iterable[str]) -> str:
    """Return what to say about a key that does not exist."""
    names = sorted(known)
    advice = hint(word, names) or f"the keys known here are {', '.join(names)}"
    return f"found a key that does not exist, expected a known one; {advice}"


def _unknown(path: Sequence[str | int]) -> str:
    group = type_at(path[:-1])
    return unknown_key(str(path[-1]), keys_of(group) if is_group(group) else ())


def _is_stretch(path: Sequence[str | int]) -> bool:
    """The fault is inside a day's list of hours."""
    return len(path) >= 4 and path[0] == "calendars" and path[2] in WEEKDAYS


def _expected(error: ErrorDetails) -> str:
    kind = error["type"]
    if kind in _EXPECTED:
        return _EXPECTED[kind]
    if kind in _BOUNDED:
        return _BOUNDED[kind](error["ctx"])
    return error["msg"].removeprefix("Input should be ")


def _found(value: Any, *, hide: bool) -> str:
    """Show a value as the file has it; what may hold a secret by mistake is named only."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "text" if hide else f'"{clean(value, 60)}"'
    if isinstance(value, int | float | date | time):
        return str(value)
    return (
        "a table" if isinstance(value, dict) else "a list" if isinstance(value, list) else "nothing"
    )
