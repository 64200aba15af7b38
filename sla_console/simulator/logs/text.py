"""A log's lines of text, whatever its encoding; no line takes more memory than a bound."""

import codecs
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

from sla_console.domain.errors import UserError

LONGEST: Final = 1_000_000
"""Characters of a line, beyond which it is not read."""
_MOST: Final = 4_000_000_000
"""Characters of a log."""
_LOOKED_AT: Final = 65_536
_MARKS: Final = (
    # The four bytes of UTF-32 begin with the two of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BINARY: Final = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_ARCHIVES: Final = {b"PK\x03\x04": "a workbook or an archive", b"\xd0\xcf\x11\xe0": "a workbook"}


class LogText:
    """The lines of a log, numbered from 1.

    Args:
        file: What is read.
        encoding: What it is decoded as.
        from_windows: Whether it is no UTF-8, but may be cp1252.
    """

    def __init__(self, file: TextIO, encoding: str, *, from_windows: bool) -> None:
        self.encoding = "utf-8" if encoding == "utf-8-sig" else encoding
        self.from_windows = from_windows
        self._file = file
        self._number = 0
        self._read = 0

    def __iter__(self) -> Iterator[tuple[int, str]]:
        return self

    def __next__(self) -> tuple[int, str]:
        """Return the next line; one that is too long comes as ``LONGEST`` + 1 characters.

        Raises:
            UserError: if the log is larger than any log.
        """
        line = self._file.readline(LONGEST + 1)
        if not line:
            raise StopIteration
        self._number += 1
        self._read += len(line)
        if len(line) > LONGEST:
            while (rest := self._file.readline(LONGEST)) and not rest.endswith(("\n", "\r")):
                self._count(len(rest))
        self._count(0)
        return self._number, line

    def _count(self, more: int) -> None:
        self._read += more
        if self._read > _MOST:
            raise UserError(
                f"the log has more than {_MOST:,} characters; expected fewer, so split it"
            )


@contextmanager
def open_text(path: Path, encoding: str | None) -> Iterator[LogText]:
    """Open a log, packed by gzip or not.

    Args:
        path: Where it is.
        encoding: What it is in; None: by the byte order mark, else UTF-8.

    Raises:
        UserError: if it cannot be opened or read.
    """
    try:
        with path.open("rb") as raw:
            packed = path.suffix == ".gz" or raw.peek(2)[:2] == b"\x1f\x8b"
            plain = gzip.GzipFile(fileobj=raw) if packed else raw
            # gzip gives what it has; a buffer around it can look further.
            buffer = io.BufferedReader(plain, _LOOKED_AT)
            start = buffer.peek(_LOOKED_AT)
            for begins, what in _ARCHIVES.items():
                if start.startswith(begins):
                    raise UserError(
                        f"{path}: this is {what}; expected CSV, so save the sheet as it"
                    )
            found = encoding or _encoding(start)
            text = io.TextIOWrapper(buffer, found, errors="replace", newline="")
            windows = encoding is None and found == "utf-8" and _from_windows(start)
            yield LogText(text, found, from_windows=windows)
    except FileNotFoundError:
        raise UserError(f"{path}: there is no such file; check the path of the log.") from None
    except (OSError, EOFError, zlib.error) as error:
        why = str(getattr(error, "strerror", None) or error)
        raise UserError(f"{path}: the log cannot be read ({why}).") from None


def _encoding(start: bytes) -> str:
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding
    # Text of mostly Latin letters in UTF-16 has a zero in every second byte.
    some = start[:2000]
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        zeros = some[first::2]
        if (
            len(zeros) >= 8
            and zeros.count(0) > 0.7 * len(zeros)
            and b"\0" not in some[1 - first :: 2]
        ):
            return encoding
    return "utf-8"


def _from_windows(start: bytes) -> bool:
    """Return whether bytes are no UTF-8 but text; a letter cut at the end proves nothing."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return not _BINARY.search(start)
    return False
