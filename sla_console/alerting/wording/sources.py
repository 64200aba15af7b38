"""Where templates are read from, and what one of the user's must look like."""

import difflib
import re
import stat
from collections.abc import Callable, Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from jinja2 import BaseLoader, Environment, TemplateNotFound, TemplateSyntaxError, nodes

from sla_console.domain.alerts.alert import AlertEvent

BLOCKS: Final = ("title", "short", "body", "what", "facts", "to_do")
SHARED: Final = ("base.j2", "parts.j2")
EVENTS: Final = tuple(f"{event}.j2" for event in AlertEvent)
NAMES: Final = (*EVENTS, *SHARED)
BUILT_IN: Final = "builtin/"
"""Before the name of a template: the one that comes with the console, overridden or not."""
_NAME: Final = re.compile(r"[\w-]{1,60}\.j2", re.ASCII)
_LONGEST: Final = 65_536
"""Bytes of a template of the user's."""
_OUTSIDE_BLOCKS: Final = (nodes.Block, nodes.Macro, nodes.Import, nodes.FromImport, nodes.Assign)


class BadTemplate(Exception):  # noqa: N818 - reads as what it is
    """A template of the user's cannot be read; the message begins with its file name."""


class Sources(BaseLoader):
    """Finds templates by name: the user's first, then the built-in ones.

    Args:
        folder: The user's; None: only the built-in ones.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        """Return the text of a template and the name that errors give it.

        Raises:
            TemplateNotFound: if there is none of this name.
            BadTemplate: if it cannot be read.
        """
        del environment
        own = None if self._folder is None else read_own(self._folder / template, template)
        if own is not None:
            return own, template, None
        name = template.removeprefix(BUILT_IN)
        if name not in NAMES:
            raise TemplateNotFound(template)
        return _built_in(name), f"the built-in {name}", None


@cache
def _built_in(name: str) -> str:
    assert __package__  # noqa: S101 - it is imported from a package
    return files(__package__).joinpath("templates", name).read_text("utf-8")


def read_own(path: Path, name: str) -> str | None:
    """Return the text of a user's template; None: there is no such file.

    Raises:
        BadTemplate: if it is no file, too long, not UTF-8, or may not be read.
    """
    if not _NAME.fullmatch(name):
        return None
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise BadTemplate(f"{name}: it is no file; expected a text file")
        if found.st_size > _LONGEST:
            raise BadTemplate(f"{name}: found {found.st_size} bytes, expected at most {_LONGEST}")
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise BadTemplate(f"{name}, line {line}: it is not UTF-8; save it as UTF-8") from None
    except OSError as error:
        raise BadTemplate(f"{name}: it cannot be read ({error.strerror or error})") from None


def complete(template: nodes.Template, name: str | None) -> None:
    """Let the template of an event build on the built-in one, and refuse what would be lost.

    Raises:
        TemplateSyntaxError: for text outside of the blocks, which would never be shown, and for
            blocks that nothing shows.
    """
    if name not in EVENTS:
        return
    built_in = f"{BUILT_IN}{name}"
    extends = next((node for node in template.body if isinstance(node, nodes.Extends)), None)
    if extends is None:
        extends = nodes.Extends(nodes.Const(built_in), lineno=1)
        template.body.insert(0, extends)
    elif isinstance(extends.template, nodes.Const) and extends.template.value == name:
        extends.template.value = built_in
    for node in template.body:
        if not (node is extends or isinstance(node, _OUTSIDE_BLOCKS) or _is_blank(node)):
            raise TemplateSyntaxError(
                "found words outside of a block, where nothing shows them; put them between "
                "{% block body %} and {% endblock %}",
                node.lineno or 1,
                name,
            )
    for block in template.find_all(nodes.Block):
        if block.name not in BLOCKS:
            raise TemplateSyntaxError(
                f"found the block '{block.name}', expected one of {', '.join(BLOCKS)}"
                f"{nearest(block.name, BLOCKS)}",
                block.lineno or 1,
                name,
            )


def nearest(found: str, known: Iterable[str]) -> str:
    """Return ``; the nearest is 'x'``, or nothing where nothing is near."""
    near = difflib.get_close_matches(found, list(known), 1, 0.5)
    return f"; the nearest is '{near[0]}'" if near else ""


def _is_blank(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Output) and all(
        isinstance(part, nodes.TemplateData) and not part.data.strip() for part in node.nodes
    )
