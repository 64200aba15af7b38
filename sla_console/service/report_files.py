"""The files of reports that are sent: named, written whole, and removed when they are old."""

import errno
import hashlib
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime
from pathlib import Path
from typing import Final

from sla_console.domain.errors import StoreError, StoreFull
from sla_console.reporting.writing import replace_whole

_LONGEST: Final = 60
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


class ReportFiles:
    """A folder of reports, readable for its owner alone.

    Args:
        folder: Made when the first is written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()

    def write(self, name: str, content: bytes, at: datetime) -> Path:
        """Write a file whole, in place of one of the same name, and return where it is.

        Args:
            name: Its name in the folder.
            content: All of it.
            at: What its time is set to.

        Raises:
            StoreFull: if there is no room.
            StoreError: if it cannot be written otherwise.
        """
        path = self.folder / name
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            replace_whole(path, content, 0o600)
            os.utime(path, (at.timestamp(), at.timestamp()))
        except OSError as error:
            kind = StoreFull if error.errno in _FULL else StoreError
            why = error.strerror or type(error).__name__
            raise kind(f"{path}: the report cannot be written ({why})") from error
        return path

    def sweep(self, before: datetime, needed: Collection[str]) -> list[str]:
        """Remove old files and return their names.

        Args:
            before: Those from then on stay.
            needed: The paths of those that stay anyhow.

        Raises:
            StoreError: if the folder cannot be read, or a file not be removed.
        """
        removed = []
        try:
            found = sorted(self.folder.iterdir()) if self.folder.is_dir() else []
            for path in found:
                if str(path) in needed or path.is_symlink() or not path.is_file():
                    continue
                if path.stat().st_mtime < before.timestamp():
                    path.unlink()
                    removed.append(path.name)
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise StoreError(f"{self.folder}: an old report cannot be removed ({why})") from error
        return removed


def slugs_of(names: Iterable[str]) -> dict[str, str]:
    """Return for each name what its files are called, all of them different.

    Letters and figures of ASCII are kept, ``Acme, monthly`` becomes ``acme-monthly``; where that
    leaves nothing, or two names would be called alike, the beginning of the name's SHA-256 follows.
    """
    plain = {name: _slug(name) for name in names}
    times = Counter(plain.values())
    return {
        name: slug if slug and times[slug] == 1 else f"{slug or 'report'}-{_digest(name)}"
        for name, slug in plain.items()
    }


def _slug(name: str) -> str:
    text = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", text).strip("-")[:_LONGEST].rstrip("-")


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
