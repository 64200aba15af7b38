"""Filtering, sorting and paging of lists, with the operators that are documented or known to work.

A condition is read once into a test, and only then held against the items, so that a list of ten
thousand tickets can be asked page by page.
"""

import operator
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

from sla_console.simulator.refusal import Refusal

MAX_PAGE: Final = 100

Row = dict[str, Any]
Item = TypeVar("Item")
Getter = Callable[[Item], Any]
Reader = Callable[[str], Getter[Item]]
"""Gives for a dotted path, such as ``technician.name``, what reads it from an item."""
Test = Callable[[Any], bool]


def row_value(path: str) -> Getter[Row]:
    """Return what reads a dotted path from a row, None where there is nothing."""
    names = path.split(".")

    def read(row: Row) -> Any:
        found: Any = row
        for name in names:
            found = found.get(name) if isinstance(found, dict) else None
        return found

    return read


def condition_test(
    condition: Row | None, reader: Reader[Item], now: datetime
) -> Callable[[Item], bool]:
    """Read a condition, simple or compound.

    Args:
        condition: As in ``RuleConditionInput``.
        reader: Reads the attributes of an item.
        now: The moment that ``inLast`` and ``placeholder.today`` count from.

    Raises:
        Refusal: for an operator, join or value that the service does not know.
    """
    if not condition:
        return lambda _: True
    if operands := condition.get("operands"):
        tests = [condition_test(operand, reader, now) for operand in operands]
        join = condition.get("joinOperator")
        if join == "AND":
            return lambda item: all(test(item) for test in tests)
        if join == "OR":
            return lambda item: any(test(item) for test in tests)
        raise Refusal("type_validation_failed", "joinOperator")
    make = _OPERATORS.get(condition.get("operator") or "")
    if make is None:
        raise Refusal("type_validation_failed", "operator")
    get, test = reader(condition.get("attribute") or ""), make(condition.get("value"), now)
    return lambda item: test(get(item))


def page_of(
    items: Iterable[Item], listing: Row | None, now: datetime, reader: Reader[Item]
) -> tuple[list[Item], Row]:
    """Return one page of items and its ``listInfo``.

    A page above 100 is cut to 100; what the real service does there is not known. ``hasMore`` is
    true on inner pages and null on the last, as seen live.

    Raises:
        Refusal: for a condition that the service does not know.
    """
    listing = listing or {}
    found = list(filter(condition_test(listing.get("condition"), reader, now), items))
    for sort in reversed(listing.get("sort") or []):
        if sort is not None:
            get = reader(sort.get("attribute") or "")
            found = _sorted(found, get, descending=sort.get("order") == "DESC")
    page = max(1, listing.get("page") or 1)
    size = min(MAX_PAGE, max(1, listing.get("pageSize") or MAX_PAGE))
    start = (page - 1) * size
    info = {
        "page": page,
        "pageSize": size,
        "sort": listing.get("sort"),
        "condition": listing.get("condition"),
        "hasMore": True if start + size < len(found) else None,
        "totalCount": len(found),
    }
    return found[start : start + size], info


def _sorted(items: list[Item], get: Getter[Item], *, descending: bool) -> list[Item]:
    """Sort by one attribute; what has none comes before everything else."""
    pairs = [(get(item), item) for item in items]
    empty = [item for value, item in pairs if value is None]
    full = [pair for pair in pairs if pair[0] is not None]
    if not all(isinstance(value, datetime) for value, _ in full):
        full = [(str(value), item) for value, item in full]
    full.sort(key=operator.itemgetter(0), reverse=descending)
    ordered = [item for _, item in full]
    return ordered + empty if descending else empty + ordered


def _text(value: Any) -> str:
    return "" if value is None else str(value).casefold()


def _time(value: Any) -> datetime | None:
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _measure(value: Any) -> float | datetime | None:
    """Return a number or a moment, whichever the value is."""
    if isinstance(value, datetime):
        return value
    try:
        return float(value)
    except (TypeError, ValueError):
        return _time(value)


def _known(found: Any) -> Any:
    if found is None:
        raise Refusal("type_validation_failed", "value")
    return found


def _is(wanted: Any, _: datetime) -> Test:
    text, moment = _text(wanted), _time(wanted)
    return lambda value: value == moment if isinstance(value, datetime) else _text(value) == text


def _includes(wanted: Any, _: datetime) -> Test:
    texts = {_text(item) for item in _known(wanted if isinstance(wanted, list) else None)}
    # A list of thousands has but a few statuses: each spelling is judged once.
    judged: dict[str, bool] = {}

    def test(value: Any) -> bool:
        if not isinstance(value, str):
            return _text(value) in texts
        if (verdict := judged.get(value)) is None:
            verdict = judged[value] = value.casefold() in texts
        return verdict

    return test


def _compared(compare: Callable[[Any, Any], bool]) -> "Maker":
    def make(wanted: Any, _: datetime) -> Test:
        limit = _known(_measure(wanted))

        def test(value: Any) -> bool:
            found = _measure(value)
            return type(found) is type(limit) and compare(found, limit)

        return test

    return make


def _words(compare: Callable[[str, str], bool]) -> "Maker":
    def make(wanted: Any, _: datetime) -> Test:
        text = _text(wanted)
        return lambda value: compare(_text(value), text)

    return make


def _within(start: datetime, end: datetime) -> Test:
    def test(value: Any) -> bool:
        found = _time(value)
        return found is not None and start <= found < end

    return test


def _on(wanted: Any, now: datetime) -> Test:
    name = str(wanted)
    start = now.replace(hour=0, minute=0, second=0, microsecond=0)
    day, week = timedelta(days=1), timedelta(days=7)
    monday, first = start - start.weekday() * day, start.replace(day=1)
    spans = {
        "today": (start, start + day),
        "yesterday": (start - day, start),
        "this.week": (monday, monday + week),
        "last.week": (monday - week, monday),
        "this.month": (first, (first + 31 * day).replace(day=1)),
        "last.month": ((first - day).replace(day=1), first),
    }
    if name.startswith("placeholder."):
        return _within(*_known(spans.get(name.removeprefix("placeholder."))))
    date = _known(_time(wanted)).replace(hour=0, minute=0, second=0, microsecond=0)
    return _within(date, date + day)


def _between(wanted: Any, _: datetime) -> Test:
    ends = wanted if isinstance(wanted, list) and len(wanted) == 2 else [None, None]
    return _within(_known(_time(ends[0])), _known(_time(ends[1])))


_UNITS: Final = {"MINUTE": 60, "HOUR": 3600, "DAY": 86_400, "WEEK": 604_800, "MONTH": 2_592_000}


def _span(wanted: Any) -> timedelta:
    asked = wanted if isinstance(wanted, dict) else {}
    unit, quantity = _UNITS.get(str(asked.get("unit"))), asked.get("quantity")
    whole = isinstance(quantity, int) and 0 <= quantity <= 10_000
    return timedelta(seconds=_known(unit) * _known(quantity if whole else None))


def _negated(make: "Maker") -> "Maker":
    def negated(wanted: Any, now: datetime) -> Test:
        test = make(wanted, now)
        return lambda value: not test(value)

    return negated


def _empty(_: Any, __: datetime) -> Test:
    return lambda value: value in (None, "", [], {})


Maker = Callable[[Any, datetime], Test]

_OPERATORS: Final[dict[str, Maker]] = {
    "is": _is,
    "isNot": _negated(_is),
    "isEmpty": _empty,
    "isNotEmpty": _negated(_empty),
    "startsWith": _words(str.startswith),
    "endsWith": _words(str.endswith),
    "contains": _words(operator.contains),
    "notContains": _negated(_words(operator.contains)),
    "includes": _includes,
    "notIncludes": _negated(_includes),
    "greaterThan": _compared(operator.gt),
    "greaterThanOrEqual": _compared(operator.ge),
    "lessThan": _compared(operator.lt),
    "lessThanOrEqual": _compared(operator.le),
    "after": _compared(operator.gt),
    "before": _compared(operator.lt),
    "on": _on,
    "between": _between,
    "inLast": lambda wanted, now: _within(now - _span(wanted), now + timedelta.resolution),
    "inNext": lambda wanted, now: _within(now, now + _span(wanted)),
}
