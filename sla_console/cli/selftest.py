"""``sla-console selftest``: does the calendar answer as worked examples say it must?

Without a file: the examples that come with the console. With files: vectors, one JSON object a
line, as ``conformance.read_vector`` reads them. It needs no configuration and asks nobody.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sla_console.cli.parser import printable
from sla_console.domain.errors import UserError
from sla_console.domain.sla.conformance import Vector, VectorOutcome, read_vector, run_vectors
from sla_console.domain.sla.worked_examples import EXAMPLES
from sla_console.domain.text import clean

SCHEMA_VERSION: Final = 1
_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line of a file that states no vector."""

    file: str
    line: int
    why: str


def run(args: argparse.Namespace) -> int:
    """Print how many vectors pass and which do not; 1 if one fails or a line is no vector."""
    vectors: list[Vector] = []
    bad: list[BadLine] = []
    for name in args.vectors or ():
        for item in _read(Path(name).expanduser()):
            if isinstance(item, BadLine):
                bad.append(item)
            else:
                vectors.append(item)
    if not args.vectors:
        vectors = [read_vector(example) for example in EXAMPLES]
    elif not vectors and not bad:
        raise UserError(
            f"--vectors {printable(args.vectors[0])}: found no line in it, expected one JSON object "
            f"a line with source, timezone, hours, op, start and expected"
        )
    outcomes = run_vectors(vectors)
    if args.json:
        print(json.dumps(document(outcomes, bad), indent=2))
    else:
        print("\n".join(lines(outcomes, bad)))
    return 1 if bad or not all(outcome.passed for outcome in outcomes) else 0


def document(outcomes: Sequence[VectorOutcome], bad: Sequence[BadLine]) -> dict[str, Any]:
    """Return the result as JSON data; new keys may come, those listed stay.

    - ``schema_version``: 1
    - ``vectors``, ``passed``, ``failed``: how many
    - ``sources``: by project, each ``vectors`` and ``passed``
    - ``failures``: all, each ``source``, ``expected`` and ``found`` (moment in UTC, seconds, an
      error in words, or null for never)
    - ``bad_lines``: each ``file``, ``line``, ``why``
    """
    passed = sum(outcome.passed for outcome in outcomes)
    return {
        "schema_version": SCHEMA_VERSION,
        "vectors": len(outcomes),
        "passed": passed,
        "failed": len(outcomes) - passed,
        "sources": {
            project: {"vectors": count, "passed": right}
            for project, count, right in _by_project(outcomes)
        },
        "failures": [
            {
                "source": outcome.vector.source,
                "expected": _data(outcome.vector.expected),
                "found": _data(outcome.found),
            }
            for outcome in outcomes
            if not outcome.passed
        ],
        "bad_lines": [{"file": one.file, "line": one.line, "why": one.why} for one in bad],
    }


def lines(outcomes: Sequence[VectorOutcome], bad: Sequence[BadLine]) -> list[str]:
    """Return the result for people: a line a project, then what fails, then the sum."""
    rows = [(clean(project, 60), count, right) for project, count, right in _by_project(outcomes)]
    width = max((len(project) for project, _, _ in rows), default=0)
    found = [
        f"{'ok' if right == count else 'trouble':<8} {project:<{width}}  {right} of {count} pass"
        for project, count, right in rows
    ]
    failures = [outcome for outcome in outcomes if not outcome.passed]
    for outcome in failures[:_SHOWN]:
        found += [
            f"fails    {clean(outcome.vector.source, 200)}",
            f"         expected {_words(outcome.vector.expected)}, found {_words(outcome.found)}",
        ]
    if len(failures) > _SHOWN:
        found.append(f"         ... and {len(failures) - _SHOWN} more fail; --json lists all")
    found += [f"no vector {one.file}: line {one.line}: {one.why}" for one in bad[:_SHOWN]]
    if len(bad) > _SHOWN:
        found.append(f"         ... and {len(bad) - _SHOWN} more lines")
    unread = ""
    if bad:
        unread = f", {len(bad)} " + (
            "line is no vector" if len(bad) == 1 else "lines are no vectors"
        )
    passed = len(outcomes) - len(failures)
    return [*found, f"{passed} of {len(outcomes)} vectors pass{unread}"]


def _read(path: Path) -> Iterator[Vector | BadLine]:
    """Give each line of a file as a vector, or as what is wrong with it; empty lines are skipped."""
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield _vector(path, number, line)
    except OSError as error:
        raise UserError(
            f"--vectors {printable(str(path))}: it cannot be read ({error.strerror}), expected a "
            f"file with one JSON object a line"
        ) from None


def _vector(path: Path, number: int, line: bytes) -> Vector | BadLine:
    name = clean(path.name, 100)
    try:
        fields = json.loads(line)
        if not isinstance(fields, dict):
            return BadLine(name, number, "it is no JSON object")
        return read_vector(fields)
    except json.JSONDecodeError as error:
        return BadLine(name, number, f"it is no JSON: {error.msg}")
    except UnicodeDecodeError:
        return BadLine(name, number, "it is no UTF-8 text")
    except RecursionError:
        return BadLine(name, number, "it is nested too deeply")
    except ValueError as error:
        return BadLine(name, number, clean(str(error), 200))


def _by_project(outcomes: Sequence[VectorOutcome]) -> list[tuple[str, int, int]]:
    """Return each project with its vectors and how many pass, in the order of appearance."""
    counts: dict[str, tuple[int, int]] = {}
    for outcome in outcomes:
        count, right = counts.get(outcome.vector.project, (0, 0))
        counts[outcome.vector.project] = (count + 1, right + outcome.passed)
    return [(project, count, right) for project, (count, right) in counts.items()]


def _data(answer: datetime | timedelta | str | None) -> str | float | None:
    if isinstance(answer, timedelta):
        return answer.total_seconds()
    if isinstance(answer, datetime):
        return answer.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return answer


def _words(answer: datetime | timedelta | str | None) -> str:
    if isinstance(answer, timedelta):
        return f"{answer.total_seconds():,.6f}".rstrip("0").rstrip(".") + " s"
    return "never" if answer is None else str(_data(answer))
