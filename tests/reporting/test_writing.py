"""A file is written whole or not at all."""

import errno
import os
from pathlib import Path

import pytest

from sla_console.domain.errors import UserError
from sla_console.reporting.writing import write_whole


def test_what_stood_there_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_bytes(b"old")
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_leaves_the_old_one_whole_and_nothing_else(tmp_path, monkeypatch) -> None:
    path = tmp_path / "report.html"
    path.write_bytes(b"old and whole")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError, match=r"report.html: it cannot be written \(No space left"):
        write_whole(path, b"new" * 1000)
    assert path.read_bytes() == b"old and whole"
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="a folder that exists"):
        write_whole(tmp_path / "no" / "report.html", b"new")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_device_that_is_full_is_told() -> None:
    with pytest.raises(UserError, match="No space left"):
        write_whole(Path("/dev/full"), b"new")


def test_into_a_device_it_goes_as_it_comes() -> None:
    write_whole(Path(os.devnull), b"new")
    assert Path(os.devnull).is_char_device()
