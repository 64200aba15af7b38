"""Examples of counted time that anybody can check with a calendar and a pencil.

Written as the vectors that ``conformance.read_vector`` reads. 2 March 2026 is a Monday; clocks in
Dublin go forward on Sunday 29 March 2026 at 01:00 and back on Sunday 25 October 2026 at 02:00.
"""

from collections.abc import Mapping
from typing import Any, Final

_HOUR: Final = 3600
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri")
_OFFICE: Final = {day: [["09:00", "17:00"]] for day in _DAYS}
_LUNCH: Final = {day: [["09:00", "12:00"], ["13:00", "17:00"]] for day in _DAYS}
_NIGHTS: Final = {day: [["22:00", "06:00"]] for day in (*_DAYS, "sat", "sun")}
_ALWAYS: Final = {day: [["00:00", "24:00"]] for day in (*_DAYS, "sat", "sun")}
_SMALL_HOURS: Final = {"sun": [["00:30", "01:30"]]}


def _add(
    what: str, hours: Mapping[str, Any], start: str, seconds: int, due: str | None, **more: Any
) -> dict[str, Any]:
    """Return a vector: this much open time after ``start`` has passed at ``due``."""
    return _vector(what, hours, more) | {
        "op": "add",
        "start": start,
        "seconds": seconds,
        "expected": due,
    }


def _elapsed(
    what: str, hours: Mapping[str, Any], start: str, end: str, seconds: int, **more: Any
) -> dict[str, Any]:
    """Return a vector: between ``start`` and ``end`` it is open for this long."""
    return _vector(what, hours, more) | {
        "op": "elapsed",
        "start": start,
        "end": end,
        "expected": seconds,
    }


def _vector(what: str, hours: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    return {"source": f"built-in: {what}", "timezone": "Europe/Dublin", "hours": hours, **more}


EXAMPLES: Final[tuple[Mapping[str, Any], ...]] = (
    _add("within a day", _OFFICE, "2026-03-02T10:00Z", 2 * _HOUR, "2026-03-02T12:00Z"),
    _add("over a weekend", _OFFICE, "2026-03-06T16:00Z", 2 * _HOUR, "2026-03-09T10:00Z"),
    _add("used up at closing", _OFFICE, "2026-03-06T16:00Z", _HOUR, "2026-03-06T17:00Z"),
    _add("from outside hours", _OFFICE, "2026-03-07T12:00Z", _HOUR, "2026-03-09T10:00Z"),
    _add("nothing is due at once", _OFFICE, "2026-03-07T12:00Z", 0, "2026-03-07T12:00Z"),
    _add("over lunch", _LUNCH, "2026-03-02T11:30Z", _HOUR, "2026-03-02T13:30Z"),
    _add("a week of forty hours", _OFFICE, "2026-03-02T09:00Z", 40 * _HOUR, "2026-03-06T17:00Z"),
    _add("no hours are never due", {}, "2026-03-02T09:00Z", _HOUR, None),
    _elapsed("Friday to Monday", _OFFICE, "2026-03-06T16:30Z", "2026-03-09T09:30Z", _HOUR),
    _elapsed("the wrong way round", _OFFICE, "2026-03-03T12:00Z", "2026-03-02T12:00Z", 0),
    _elapsed("a night shift", _NIGHTS, "2026-03-02T23:00Z", "2026-03-03T12:00Z", 7 * _HOUR),
    _elapsed(
        "a holiday",
        _OFFICE,
        "2026-03-16T16:00Z",
        "2026-03-18T10:00Z",
        2 * _HOUR,
        holidays=["2026-03-17"],
    ),
    _elapsed(
        "half a day in a holiday's place",
        _OFFICE,
        "2026-12-24T00:00Z",
        "2026-12-25T00:00Z",
        3 * _HOUR,
        holidays=["2026-12-24"],
        overrides={"2026-12-24": [["09:00", "12:00"]]},
    ),
    _elapsed(
        "a night shift cut at a holiday's midnight",
        _NIGHTS,
        "2026-03-16T21:00Z",
        "2026-03-17T12:00Z",
        2 * _HOUR,
        holidays=["2026-03-17"],
    ),
    _elapsed(
        "the day of 23 hours", _ALWAYS, "2026-03-29T00:00Z", "2026-03-30T00:00+01:00", 23 * _HOUR
    ),
    _elapsed(
        "the day of 25 hours", _ALWAYS, "2026-10-25T00:00+01:00", "2026-10-26T00:00Z", 25 * _HOUR
    ),
    _elapsed(
        "closing in the skipped hour",
        _SMALL_HOURS,
        "2026-03-29T00:00Z",
        "2026-03-29T12:00Z",
        _HOUR // 2,
    ),
    _elapsed(
        "closing in the doubled hour",
        _SMALL_HOURS,
        "2026-10-24T23:00Z",
        "2026-10-25T12:00Z",
        3 * _HOUR // 2,
    ),
    _add(
        "the same wall clock after the change",
        _OFFICE,
        "2026-03-27T16:00Z",
        2 * _HOUR,
        "2026-03-30T10:00+01:00",
    ),
    _add(
        "a hold inside hours",
        _OFFICE,
        "2026-03-02T10:00Z",
        2 * _HOUR,
        "2026-03-02T13:30Z",
        pauses=[["2026-03-02T11:00Z", "2026-03-02T12:30Z"]],
    ),
    _add(
        "a hold outside hours moves nothing",
        _OFFICE,
        "2026-03-02T16:00Z",
        2 * _HOUR,
        "2026-03-03T10:00Z",
        pauses=[["2026-03-02T18:00Z", "2026-03-03T08:00Z"]],
    ),
    _elapsed(
        "two holds that overlap count once",
        _OFFICE,
        "2026-03-02T09:00Z",
        "2026-03-02T17:00Z",
        5 * _HOUR,
        pauses=[
            ["2026-03-02T10:00Z", "2026-03-02T12:00Z"],
            ["2026-03-02T11:00Z", "2026-03-02T13:00Z"],
        ],
    ),
)
