"""What holds the house together: sizes, rooms, and nothing that points outside."""

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "sla_console").rglob("*.py"))


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in SOURCES
        if (count := len(path.read_text().splitlines())) > 400
    }
    assert not long


def test_every_room_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if path.name == "__init__.py" and not path.read_text().lstrip().startswith('"""')
    ]
    assert not silent


def test_the_clock_is_read_in_one_place() -> None:
    """Time is passed in: only the composition root may ask the machine for the moment."""
    askers = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if any(call in path.read_text() for call in ("datetime.now(", "time.time(", "utcnow("))
        and path.name != "clock.py"
    ]
    assert not askers


def test_no_class_name_stands_twice() -> None:
    named = Counter(
        name
        for path in SOURCES
        for name in re.findall(r"^class ([A-Z]\w*)", path.read_text(), re.MULTILINE)
    )
    assert not [name for name, count in named.items() if count > 1]
