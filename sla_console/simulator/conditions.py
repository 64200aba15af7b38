"""Filtering, sorting and paging of lists, with the operators that are known to work."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sla_console.simulator.refusal import Refusal

MAX_PAGE: Final = 100

Row = dict[str, Any]


def matches(row: Row, condition: dict[str, Any] | None, now: datetime) -> bool:
    """Return whether a row meets a condition, simple or compound."""
    if not condition:
        return True
    operands = condition.get("operands")
    if operands:
        join = condition.get("joinOperator")
        if join not in {"AND", "OR"}:
            raise Refusal("type_validation_failed", "joinOperator")
        answers = (matches(row, operand, now) for operand in operands)
        return all(answers) if join == "AND" else any(answers)
    operator = condition.get("operator")
    test = _OPERATORS.get(operator or "")
    if test is None:
        raise Refusal("type_validation_failed", "operator")
    return test(_value(row, condition.get("attribute") or ""), condition.get("value"), now)


def _value(row: Row, path: str) -> Any:
    found: Any = row
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _text(value: Any) -> str:
    return "" if value is None else str(value).casefold()


def _time(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _among(value: Any, wanted: Any, _: datetime) -> bool:
    if not isinstance(wanted, list):
        raise Refusal("type_validation_failed", "value")
    return _text(value) in {_text(item) for item in wanted}


def _after(value: Any, wanted: Any, _: datetime) -> bool:
    found, limit = _time(value), _time(wanted)
    return found is not None and limit is not None and found > limit


def _before(value: Any, wanted: Any, _: datetime) -> bool:
    found, limit = _time(value), _time(wanted)
    return found is not None and limit is not None and found < limit


def _in_last(value: Any, wanted: Any, now: datetime) -> bool:
    found = _time(value)
    if found is None or not isinstance(wanted, dict):
        return False
    unit = {"MINUTE": "minutes", "HOUR": "hours", "DAY": "days", "WEEK": "weeks"}.get(
        str(wanted.get("unit")), "days"
    )
    return found >= now - timedelta(**{unit: int(wanted.get("quantity", 0))})


def _is(value: Any, wanted: Any, _: datetime) -> bool:
    return _text(value) == _text(wanted)


_OPERATORS: Final[dict[str, Callable[[Any, Any, datetime], bool]]] = {
    "is": _is,
    "isNot": lambda v, w, n: not _is(v, w, n),
    "isEmpty": lambda v, _, __: v in (None, "", [], {}),
    "isNotEmpty": lambda v, _, __: v not in (None, "", [], {}),
    "startsWith": lambda v, w, _: _text(v).startswith(_text(w)),
    "endsWith": lambda v, w, _: _text(v).endswith(_text(w)),
    "contains": lambda v, w, _: _text(w) in _text(v),
    "notContains": lambda v, w, _: _text(w) not in _text(v),
    "includes": _among,
    "notIncludes": lambda v, w, n: not _among(v, w, n),
    "greaterThan": _after,
    "after": _after,
    "before": _before,
    "lessThan": _before,
    "inLast": _in_last,
}


def page_of(
    rows: Sequence[Row], listing: dict[str, Any] | None, now: datetime
) -> tuple[list[Row], Row]:
    """Return one page and its ``listInfo``.

    A page above 100 is cut to 100; what the real service does there is not known. ``hasMore`` is
    true on inner pages and null on the last, as seen live.
    """
    listing = listing or {}
    found = [row for row in rows if matches(row, listing.get("condition"), now)]
    for sort in reversed(listing.get("sort") or []):
        attribute = sort.get("attribute") or ""
        found.sort(
            key=lambda row: (_value(row, attribute) is not None, str(_value(row, attribute) or "")),
            reverse=sort.get("order") == "DESC",
        )
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
