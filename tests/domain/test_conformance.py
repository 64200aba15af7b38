"""The calendar against worked examples: reading them, running them, and what a failure is."""

import json
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sla_console.domain.sla.calendar import WEEKDAYS, BusinessCalendar
from sla_console.domain.sla.conformance import (
    VectorOutcome,
    read_vector,
    run_vectors,
)
from sla_console.domain.sla.worked_examples import EXAMPLES

VECTORS = Path(__file__).parents[3] / "shared" / "sla"
OFFICE = BusinessCalendar("Europe/Dublin", {day: [("09:00", "17:00")] for day in WEEKDAYS[:5]})
ADD: dict[str, Any] = {
    "source": "peer/project tests/x.py:case",
    "timezone": "UTC",
    "hours": {"mon": [["09:00", "17:00"]]},
    "holidays": [],
    "op": "add",
    "start": "2026-03-02T10:00Z",
    "seconds": 3600,
    "expected": "2026-03-02T11:00Z",
}


def outcome(**changes: Any) -> VectorOutcome:
    (found,) = run_vectors([read_vector(ADD | changes)])
    return found


def test_every_built_in_example_is_met() -> None:
    assert len(EXAMPLES) >= 20
    failed = [o for o in run_vectors(map(read_vector, EXAMPLES)) if not o.passed]
    assert not failed


def test_a_wrong_calendar_would_fail_the_built_in_examples() -> None:
    """Each is told something else than it expects, and each notices."""
    for example in EXAMPLES:
        wrong = deepcopy(dict(example))
        expected = wrong["expected"]
        wrong["expected"] = expected + 1 if isinstance(expected, int) else "2026-01-01T00:00Z"
        (found,) = run_vectors([read_vector(wrong)])
        assert not found.passed, wrong["source"]


@pytest.mark.parametrize("name", ["vectors.jsonl", "dst.jsonl"])
def test_every_public_vector_is_met(name: str) -> None:
    if not (VECTORS / name).exists():
        pytest.skip("the public test vectors are not beside the project")
    lines = (VECTORS / name).read_text().splitlines()
    outcomes = run_vectors(read_vector(json.loads(line)) for line in lines)
    assert len(outcomes) == len(lines) > 50
    assert [o.vector.source for o in outcomes if not o.passed] == []


class TestWhatIsExpected:
    def test_an_answer_that_differs_fails_and_is_kept(self) -> None:
        found = outcome(expected="2026-03-02T11:00:01Z")
        assert not found.passed
        assert found.found == datetime(2026, 3, 2, 11, tzinfo=UTC)

    def test_where_the_source_is_wrong_the_oracle_counts(self) -> None:
        right = "2026-03-02T11:00Z"
        assert outcome(expected="2026-03-09T09:00Z", oracle=right, oracle_agrees=False).passed
        assert not outcome(expected=right, oracle="2026-03-09T09:00Z", oracle_agrees=False).passed

    def test_whole_minutes_are_compared_where_the_source_tells_no_seconds(self) -> None:
        assert outcome(expected="2026-03-02T11:00:59Z", precision="minute").passed
        assert not outcome(expected="2026-03-02T11:01:00Z", precision="minute").passed

    def test_never_is_right_for_hours_that_are_none_and_wrong_for_others(self) -> None:
        assert outcome(hours={}, expected=None).passed
        assert not outcome(expected=None).passed
        assert not outcome(hours={}).passed
        assert not outcome(hours={"mon": [["09:00", "25:00"]]}, expected=None).passed

    def test_overrides_and_holidays_count(self) -> None:
        day = {"holidays": ["2026-03-02"]}
        assert outcome(**day, expected="2026-03-09T10:00Z").passed
        assert outcome(**day, overrides={"2026-03-02": [["10:30", "12:00"]]},
                       expected="2026-03-02T11:30Z").passed  # fmt: skip


class TestBadVectors:
    @pytest.mark.parametrize(
        ("changes", "complaint"),
        [
            ({"source": " "}, "source is empty"),
            ({"source": None}, "source is missing"),
            ({"source": 5}, "source is no text"),
            ({"timezone": "Mars/Base"}, "'Mars/Base'"),
            ({"hours": [["09:00", "17:00"]]}, "hours is no table"),
            ({"hours": {"monday": []}}, "'monday'"),
            ({"hours": {"mon": ["09:00", "17:00"]}}, "hours.mon is no list of pairs"),
            ({"hours": {"mon": [[9, 17]]}}, "expected a time of day"),
            ({"holidays": ["soon"]}, "'soon'"),
            ({"holidays": None}, "holidays is missing"),
            ({"overrides": []}, "overrides is no table"),
            ({"overrides": {"soon": []}}, "'soon'"),
            ({"op": "subtract"}, "expected add or elapsed"),
            ({"start": "2026-03-02T10:00"}, "with its offset"),
            ({"start": 5}, "with its offset"),
            ({"start": "0001-01-01T00:00+14:00"}, "with its offset"),
            ({"seconds": "60"}, "a number of seconds"),
            ({"seconds": True}, "a number of seconds"),
            ({"seconds": float("nan")}, "a number of seconds"),
            ({"seconds": 10**400}, "a number of seconds"),
            ({"op": "elapsed", "end": None}, "end is None"),
            ({"pauses": [["2026-03-02T10:00Z"]]}, "pauses is no list of pairs"),
            ({"oracle_agrees": False}, "oracle is missing"),
        ],
    )
    def test_each_is_refused_with_what_is_wrong(self, changes: dict, complaint: str) -> None:
        with pytest.raises(ValueError) as caught:
            read_vector(ADD | changes)
        assert complaint in str(caught.value)

    def test_impossible_hours_fail_with_their_error(self) -> None:
        found = outcome(hours={"mon": [["09:00", "25:00"]]})
        assert not found.passed
        assert "25:00" in str(found.found)
