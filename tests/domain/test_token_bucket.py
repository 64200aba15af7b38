"""A token bucket grows back with time and never above what it is."""

from datetime import timedelta

from sla_console.domain.token_bucket import TokenBucket


def at(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def test_three_in_a_minute_are_three_at_once_and_then_one_in_twenty_seconds() -> None:
    bucket = TokenBucket(3, at(60), at(0))
    assert [bucket.take(at(0)) for _ in range(4)] == [True, True, True, False]
    assert bucket.wait(at(0)) == at(20)
    assert not bucket.take(at(19))
    assert bucket.take(at(20))
    assert not bucket.take(at(39))


def test_a_long_rest_gives_no_more_than_all() -> None:
    bucket = TokenBucket(2, at(60), at(0))
    assert [bucket.take(at(3600)) for _ in range(3)] == [True, True, False]


def test_time_that_goes_back_gives_nothing() -> None:
    bucket = TokenBucket(1, at(60), at(100))
    assert bucket.take(at(100))
    assert not bucket.take(at(50))
