"""Fault points are off unless a test plans faults, and cost next to nothing then."""

import time

import pytest

from sla_console.domain import fault_points


def test_without_a_plan_nothing_happens() -> None:
    fault_points.hit("store.commit.before")


def test_a_plan_hears_of_each_point_and_ends_with_its_block() -> None:
    passed: list[str] = []
    with fault_points.planned(passed.append):
        fault_points.hit("one")
    fault_points.hit("two")
    assert passed == ["one"]


def test_a_plan_ends_with_its_block_even_where_it_let_something_fail() -> None:
    def fail(point: str) -> None:
        raise OSError(point)

    with pytest.raises(OSError, match="one"), fault_points.planned(fail):
        fault_points.hit("one")
    fault_points.hit("two")


def test_a_point_that_is_passed_takes_less_than_a_microsecond() -> None:
    """The best of five rounds of 20,000, so that a busy machine is no reason to fail."""
    best = float("inf")
    for _ in range(5):
        begin = time.perf_counter()
        for _ in range(20_000):
            fault_points.hit("store.commit.before")
        best = min(best, time.perf_counter() - begin)
    assert best / 20_000 < 1e-6
