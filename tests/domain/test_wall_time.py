"""Times that a local clock shows twice are told apart, all others stay as they are."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from sla_console.domain.wall_time import local_text

BERLIN, HOWE = ZoneInfo("Europe/Berlin"), ZoneInfo("Australia/Lord_Howe")


@pytest.mark.parametrize(
    ("utc", "zone", "shown"),
    [
        ("2026-10-25T00:30", BERLIN, "2026-10-25 02:30+02:00"),
        ("2026-10-25T01:30", BERLIN, "2026-10-25 02:30+01:00"),
        ("2026-10-24T23:59", BERLIN, "2026-10-25 01:59"),
        ("2026-10-25T02:00", BERLIN, "2026-10-25 03:00"),
        ("2026-03-29T01:30", BERLIN, "2026-03-29 03:30"),
        ("2026-04-04T14:45", HOWE, "2026-04-05 01:45+11:00"),
        ("2026-04-04T15:15", HOWE, "2026-04-05 01:45+10:30"),
        ("2026-10-25T01:30", UTC, "2026-10-25 01:30"),
    ],
)
def test_only_a_time_that_comes_twice_has_its_offset(utc: str, zone, shown: str) -> None:
    """Berlin puts 03:00 back to 02:00 at 01:00 UTC; Lord Howe 02:00 to 01:30 at 15:00 UTC."""
    assert local_text(datetime.fromisoformat(utc).replace(tzinfo=UTC), zone) == shown
