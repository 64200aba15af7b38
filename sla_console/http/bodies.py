"""Reading an answer without letting it fill the memory.

HTTP libraries unpack each piece whole, so that a small bomb fills the memory before it can be
counted. Here the unpacking itself is limited.
"""

import zlib
from typing import Final

_WINDOWS: Final = {"gzip": 31, "x-gzip": 31, "deflate": 15}
_PLAIN: Final = frozenset({"", "identity"})


class UnknownPacking(ValueError):  # noqa: N818 - reads as what it says
    """An answer is packed in a way that was not offered."""


class CannotUnpack(ValueError):  # noqa: N818
    """An answer is not packed as it says."""


class BoundedBody:
    """Collects an answer piece by piece, unpacked, up to a number of bytes.

    Args:
        encoding: The answer's ``Content-Encoding``.
        most: The number of bytes; what comes after them is not unpacked.

    Raises:
        UnknownPacking: for a packing other than gzip and deflate.
    """

    def __init__(self, encoding: str, most: int) -> None:
        packing = encoding.strip().casefold()
        if packing not in _PLAIN and packing not in _WINDOWS:
            raise UnknownPacking(packing)
        self._unpack = zlib.decompressobj(_WINDOWS[packing]) if packing in _WINDOWS else None
        self._most = most
        self._body = bytearray()

    def add(self, piece: bytes) -> None:
        """Take one piece as it came over the network.

        Raises:
            CannotUnpack: if it is not packed as the answer says.
        """
        if self.full:
            return
        room = self._most - len(self._body) + 1
        try:
            self._body += self._unpack.decompress(piece, room) if self._unpack else piece[:room]
        except zlib.error:
            raise CannotUnpack from None

    @property
    def full(self) -> bool:
        """Whether there is more than may be kept."""
        return len(self._body) > self._most

    @property
    def content(self) -> bytes:
        """The part of the body that was kept."""
        return bytes(self._body[: self._most])
