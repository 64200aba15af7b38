"""Reading an answer without letting it fill the memory."""

import gzip
import tracemalloc
import zlib

import pytest

from sla_console.http.bodies import BoundedBody, CannotUnpack, UnknownPacking

MEGABYTE = 1_000_000


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [("", bytes), ("identity", bytes), ("gzip", gzip.compress), ("Deflate", zlib.compress)],
)
def test_a_body_is_kept_as_it_was_before_packing(encoding, pack) -> None:
    body = BoundedBody(encoding, 100)
    packed = pack(b"all is well")
    body.add(packed[:5])
    body.add(packed[5:])
    assert (body.content, body.full) == (b"all is well", False)


def test_more_than_is_wanted_is_neither_kept_nor_unpacked() -> None:
    """100 MB of zeros pack to about 100 kB; no more than a few hundred kB are ever held."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(bytes(MEGABYTE)) for _ in range(100)) + packer.flush()
    assert len(bomb) < MEGABYTE
    tracemalloc.start()
    body = BoundedBody("gzip", 65_536)
    for at in range(0, len(bomb), 16_384):
        body.add(bomb[at : at + 16_384])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert body.full
    assert len(body.content) == 65_536
    assert peak < MEGABYTE


def test_what_is_not_packed_as_it_says_cannot_be_read() -> None:
    with pytest.raises(CannotUnpack):
        BoundedBody("gzip", 100).add(b"plain text")


def test_a_packing_that_was_not_offered_is_refused() -> None:
    with pytest.raises(UnknownPacking):
        BoundedBody("br", 100)
