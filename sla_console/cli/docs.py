"""``sla-console docs``: the documentation that comes with the package, a page at a time."""

import argparse
from importlib.resources import files
from importlib.resources.abc import Traversable

from sla_console.cli.parser import printable
from sla_console.domain.errors import UserError
from sla_console.domain.names import hint


def run(args: argparse.Namespace) -> int:
    """Print a page, or which pages there are.

    Raises:
        UserError: if there is no such page.
    """
    pages = _pages()
    if args.page is None:
        width = max(map(len, pages))
        for name, page in pages.items():
            print(f"{name:{width}}  {_title(page)}")
        return 0
    found = pages.get(args.page.lower().removesuffix(".md"))
    if found is None:
        meant = hint(args.page, pages) or f"there are {', '.join(pages)}"
        raise UserError(f"there is no page {printable(args.page)}; {meant}")
    print(found.read_text("utf-8"), end="")
    return 0


def _pages() -> dict[str, Traversable]:
    """Return the pages by name, in alphabetical order."""
    found = (page for page in (files("sla_console") / "docs").iterdir() if page.name[-3:] == ".md")
    return {page.name[:-3]: page for page in sorted(found, key=lambda page: page.name)}


def _title(page: Traversable) -> str:
    with page.open(encoding="utf-8") as text:
        return text.readline().strip("# \n")
