"""``selftest``: the calendar held against examples, from the package or from files."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sla_console.cli.main import main

GOOD: dict[str, Any] = {
    "source": "peer/project tests/x.py:an hour",
    "timezone": "UTC",
    "hours": {"mon": [["09:00", "17:00"]]},
    "holidays": [],
    "op": "add",
    "start": "2026-03-02T10:00Z",
    "seconds": 3600,
    "expected": "2026-03-02T11:00Z",
}
ELAPSED = GOOD | {
    "source": "other/project: half an hour",
    "op": "elapsed",
    "end": "2026-03-02T10:30Z",
    "expected": 1800,
}
WRONG = GOOD | {"source": "peer/project: wrong", "expected": "2026-03-02T12:00Z"}

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def start(*words: str) -> tuple[int, str]:
        code = main(["selftest", *words])
        found = capsys.readouterr()
        return code, found.err if code == 2 else found.out

    return start


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., str]:
    def lines(*items: dict[str, Any] | str | bytes, name: str = "vectors.jsonl") -> str:
        path = tmp_path / name
        texts = [json.dumps(item) if isinstance(item, dict) else item for item in items]
        path.write_bytes(
            b"".join((t if isinstance(t, bytes) else t.encode()) + b"\n" for t in texts)
        )
        return str(path)

    return lines


def test_without_a_file_the_built_in_examples_are_met(run: Run) -> None:
    code, out = run()
    assert code == 0
    passed, total = (int(word) for word in out.splitlines()[-1].split()[:3] if word.isdecimal())
    assert passed == total >= 20


def test_it_needs_no_configuration(start: Callable[..., Any], home: Path) -> None:
    assert start("selftest").returncode == 0
    assert list(home.iterdir()) == []


def test_vectors_are_counted_by_their_project(run: Run, write: Callable[..., str]) -> None:
    code, out = run("--vectors", write(GOOD, ELAPSED, "", GOOD))
    assert code == 0
    assert out.splitlines() == [
        "ok       peer/project   2 of 2 pass",
        "ok       other/project  1 of 1 pass",
        "3 of 3 vectors pass",
    ]


def test_a_failure_is_shown_with_both_answers_and_is_exit_code_1(
    run: Run, write: Callable[..., str]
) -> None:
    wrong_span = ELAPSED | {"expected": 1800.5}
    impossible = GOOD | {"hours": {"mon": [["09:00", "25:00"]]}}
    code, out = run("--vectors", write(GOOD, WRONG, wrong_span, impossible))
    assert code == 1
    assert "trouble  peer/project   1 of 3 pass" in out
    assert "expected 2026-03-02T12:00:00Z, found 2026-03-02T11:00:00Z" in out
    assert "expected 1,800.5 s, found 1,800 s" in out
    assert "'25:00' is not a time of day" in out
    assert out.splitlines()[-1] == "1 of 4 vectors pass"


def test_of_many_failures_twenty_are_shown_and_all_are_in_json(
    run: Run, write: Callable[..., str]
) -> None:
    file = write(*[WRONG] * 25)
    code, out = run("--vectors", file)
    assert code == 1
    assert out.count("fails    ") == 20
    assert "and 5 more fail" in out
    found = json.loads(run("--vectors", file, "--json")[1])
    assert len(found["failures"]) == 25


def test_files_are_taken_together(run: Run, write: Callable[..., str]) -> None:
    one, two = write(GOOD, name="one"), write(ELAPSED, name="two")
    assert "2 of 2 vectors pass" in run("--vectors", one, "--vectors", two)[1]


def test_json_has_what_is_documented(run: Run, write: Callable[..., str]) -> None:
    code, out = run("--vectors", write(GOOD, WRONG, "{"), "--json")
    assert code == 1
    assert json.loads(out) == {
        "schema_version": 1,
        "vectors": 2,
        "passed": 1,
        "failed": 1,
        "sources": {"peer/project": {"vectors": 2, "passed": 1}},
        "failures": [
            {
                "source": "peer/project: wrong",
                "expected": "2026-03-02T12:00:00Z",
                "found": "2026-03-02T11:00:00Z",
            }
        ],
        "bad_lines": [
            {
                "file": "vectors.jsonl",
                "line": 3,
                "why": "it is no JSON: Expecting property name enclosed in double quotes",
            }
        ],
    }


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("nonsense", "it is no JSON"),
        ("[1, 2]", "it is no JSON object"),
        (b'{"source": "\xff"}', "it is no UTF-8 text"),
        ("[" * 100_000, "it is nested too deeply"),
        ('{"source": "a", "op": "add"}', "expected is missing"),
        (json.dumps(GOOD | {"seconds": "\u001b[2J"}), "seconds is '\\x1b[2J'"),
    ],
)
def test_a_bad_line_is_named_by_its_number_and_the_rest_goes_on(
    run: Run, write: Callable[..., str], line: str | bytes, why: str
) -> None:
    code, out = run("--vectors", write(GOOD, line, ELAPSED))
    assert code == 1
    assert f"vectors.jsonl: line 2: {why}" in out
    assert "2 of 2 vectors pass, 1 line is no vector" in out
    assert "\x1b" not in out


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda path: None, "No such file"),
        (lambda path: path.mkdir(), "Is a directory"),
        (lambda path: path.touch(), "found no line in it"),
    ],
)
def test_a_file_that_gives_nothing_is_one_sentence_and_exit_code_2(
    run: Run, tmp_path: Path, make: Callable[[Path], object], what: str
) -> None:
    path = tmp_path / "v.jsonl"
    make(path)
    code, error = run("--vectors", str(path))
    assert code == 2
    assert what in error
    assert "--vectors" in error
    assert error.count("\n") == 1
