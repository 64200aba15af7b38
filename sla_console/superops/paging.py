"""Lists that come in pages, read to their end without being led astray.

Rows move between pages while they are read, ``hasMore`` is null on the last page, and a role that
may not see the rows gets a count and none of them. The last must never look like "all is well".
"""

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any, Final, Protocol, TypeVar

from sla_console.domain import fault_points
from sla_console.domain.errors import AnswerRefused
from sla_console.superops.documents import Document
from sla_console.superops.fields import count_of

PAGE_SIZE: Final = 100
_MOST_PAGES: Final = 2_000
_LEAST_SHORTFALL: Final = 10
_LOG: Final = logging.getLogger(__name__)


class _Named(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=_Named)
FetchPage = Callable[[int], Awaitable[Any]]
"""Takes the number of a page, from 1, and returns the list object."""


async def pages(
    document: Document, fetch: FetchPage, read: Callable[[Any], T | None]
) -> AsyncGenerator[list[T], None]:
    """Yield page after page what was not seen before.

    Args:
        document: The list query, which names where the rows are.
        fetch: Asks for one page.
        read: Turns a row into the domain, or returns None where it has no id.

    Raises:
        AnswerRefused: if rows that SuperOps counts are held back, or the list never ends.
    """
    tally = _Tally(document)
    for page in range(1, _MOST_PAGES + 1):
        rows, more = tally.count(await fetch(page))
        fresh = tally.take(rows, read)
        if page == 1 and not fresh:
            tally.check_empty()
        if fresh:
            fault_points.hit("superops.page")
            yield fresh
        # A page of nothing but repetitions comes from a server that ignores its number.
        if not fresh or not more or tally.complete():
            tally.check_end()
            return
    raise AnswerRefused(
        f"SuperOps has not come to an end after {_MOST_PAGES} pages, asked to {document.purpose}; "
        f"the rest was not read."
    )


def ignore(_: str) -> None:
    """Take no note of what is odd."""


async def everything(
    document: Document,
    fetch: FetchPage,
    read: Callable[[Any], T | None],
    odd: Callable[[str], None] = ignore,
) -> list[T]:
    """Return all rows of a list, each once.

    Args:
        document: The list query, which names where the rows are.
        fetch: Asks for one page.
        read: Turns a row into the domain, or returns None where it has no id.
        odd: Called with what is odd about the list, in words.

    Raises:
        AnswerRefused: as ``pages``.
    """
    first: dict[str, T] = {}
    twice: dict[str, None] = {}
    skipped = 0

    def noting(row: Any) -> T | None:
        nonlocal skipped
        item = read(row)
        if item is None:
            skipped += 1
        elif first.setdefault(item.id, item) != item:
            twice[item.id] = None
        return item

    found = [item async for page in pages(document, fetch, noting) for item in page]
    if skipped:
        odd(f"{skipped} rows have no id and were left out")
    for item_id in twice:
        odd(f"two rows have the id {item_id}, of which the first counts")
    return found


class _Tally:
    """What has been seen of a list, against what SuperOps counts."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._seen: set[str] = set()
        self._skipped = 0
        self._total: int | None = None

    def count(self, value: Any) -> tuple[list[Any], bool]:
        """Take the list object's own count; return its rows and whether more follow."""
        rows = value.get(self._document.rows) if isinstance(value, dict) else None
        info = value.get("listInfo") if isinstance(value, dict) else None
        info = info if isinstance(info, dict) else {}
        total = count_of(info.get("totalCount"))
        self._total = self._total if total is None else total
        return rows if isinstance(rows, list) else [], info.get("hasMore") is True

    def take(self, rows: list[Any], read: Callable[[Any], T | None]) -> list[T]:
        """Return what was not seen before."""
        fresh: list[T] = []
        for row in rows:
            item = read(row)
            if item is None:
                self._skipped += 1
            elif item.id not in self._seen:
                self._seen.add(item.id)
                fresh.append(item)
        return fresh

    def complete(self) -> bool:
        """Return whether as many rows came as SuperOps counts."""
        return bool(self._total) and self._known() >= (self._total or 0)

    def check_empty(self) -> None:
        """Refuse a first page with no usable row, unless SuperOps itself counts none."""
        if self._total == 0 and not self._skipped:
            return
        counted = self._total or self._skipped
        raise AnswerRefused(
            f"SuperOps counts {counted} rows but shows none of them, asked to "
            f"{self._document.purpose}; the role of this token's user may not see them, so nothing "
            f"is known. Let an administrator widen the role."
            if counted
            else f"SuperOps sent neither rows nor their count, asked to {self._document.purpose}; "
            f"nothing is concluded from that."
        )

    def check_end(self) -> None:
        """Refuse a list of which a good part is missing.

        Rows that come and go while the pages are read explain a few of them, not a tenth.
        """
        if self._skipped:
            _LOG.warning(
                "%d rows without an id were skipped, asked to %s",
                self._skipped,
                self._document.purpose,
            )
        if self._total is None:
            return
        if self._total - self._known() > max(_LEAST_SHORTFALL, self._total // 10):
            raise AnswerRefused(
                f"SuperOps counts {self._total} rows but sent {self._known()}, asked to "
                f"{self._document.purpose}; nothing is concluded from a part."
            )

    def _known(self) -> int:
        return len(self._seen) + self._skipped
