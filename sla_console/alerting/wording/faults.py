"""What is wrong with a template, in one sentence."""

import re
import traceback
from collections.abc import Collection
from typing import Final

from jinja2 import TemplateNotFound, TemplateSyntaxError, UndefinedError
from jinja2.exceptions import SecurityError

from sla_console.alerting.wording.sandbox import TooMuchWork
from sla_console.alerting.wording.sources import NAMES, BadTemplate, nearest
from sla_console.domain.text import clean

_UNKNOWN: Final = re.compile(r"'(\w+)' is undefined")
_LONGEST: Final = 400


class SaysNothing(Exception):  # noqa: N818 - reads as what it is
    """A template rendered to nothing but blanks."""


def is_lasting(error: Exception) -> bool:
    """Return whether a template fails with any message, or costs too much to be tried again."""
    lasting = (BadTemplate, TemplateSyntaxError, TemplateNotFound, TooMuchWork, RecursionError)
    return isinstance(error, lasting)


def sentence(error: Exception, name: str, known: Collection[str]) -> str:
    """Return the file, the line and what is wrong.

    Args:
        error: What was raised.
        name: The template that was asked for; the fault may be in one that it uses.
        known: The names that a template may say.
    """
    if isinstance(error, BadTemplate):
        return clean(str(error), _LONGEST)
    file, line = _place(error, name)
    where = f"{file}, line {line}" if line else file
    return clean(f"{where}: {_what(error, known)}", _LONGEST)


def _place(error: Exception, name: str) -> tuple[str, int | None]:
    if isinstance(error, TemplateSyntaxError):
        return error.filename or error.name or name, error.lineno
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.endswith(".j2")]
    own = [frame for frame in frames if "built-in" not in frame.filename]
    found = (own or frames)[-1:]
    return (found[0].filename, found[0].lineno) if found else (name, None)


def _what(error: Exception, known: Collection[str]) -> str:
    match error:
        case RecursionError():
            what = "it includes itself without end, or is nested too deep; make it flatter"
        case SaysNothing():
            what = f"{error}; write some words into it"
        case TooMuchWork():
            what = f"{error}; make it shorter"
        case TemplateNotFound():
            missing = str(error.name)
            what = f"it uses the template '{missing}', which is not there{nearest(missing, NAMES)}"
        case SecurityError():
            what = f"it does what a template may not: {error.message}".rstrip(".")
        case UndefinedError():
            unknown = _UNKNOWN.search(str(error))
            what = f"{error.message}{nearest(unknown[1], known) if unknown else ''}"
        case TemplateSyntaxError():
            what = (error.message or "it cannot be understood").rstrip(".")
        case _:
            what = f"it failed: {error} ({type(error).__name__})"
    return what
