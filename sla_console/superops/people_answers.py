"""Answers about technicians, clients and sites turned into the domain."""

import logging
import re
from typing import Any, Final

from sla_console.domain.people.people import Client, Site, Technician
from sla_console.domain.sla.calendar import WEEKDAYS
from sla_console.superops.fields import flag_of, id_of, names_of, opened, reference_of, text_of

_LOG: Final = logging.getLogger(__name__)
_TIME_OF_DAY: Final = re.compile(r"(\d{1,2}):(\d\d)(:\d\d(\.\d+)?)?", re.ASCII)
_DAYS: Final = dict(
    zip(
        ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"),
        WEEKDAYS,
        strict=True,
    )
)


def technician_of(value: Any) -> Technician | None:
    """Read a technician, or return None where there is no id."""
    technician_id = id_of(value.get("userId")) if isinstance(value, dict) else None
    if technician_id is None:
        return None
    return Technician(
        id=technician_id,
        name=text_of(value.get("name")) or technician_id,
        email=text_of(value.get("email")),
        groups=names_of(value.get("groups")),
    )


def client_of(value: Any) -> Client | None:
    """Read a client, or return None where there is no id."""
    client_id = id_of(value.get("accountId")) if isinstance(value, dict) else None
    if client_id is None:
        return None
    return Client(
        id=client_id,
        name=text_of(value.get("name")) or client_id,
        hq_site_id=reference_of(value.get("hqSite"), "id").id,
    )


def site_of(value: Any) -> Site | None:
    """Read a site, or return None where there is no id.

    Hours count all together or not at all: a week with one unreadable day would silently promise
    something else.
    """
    site_id = id_of(value.get("id")) if isinstance(value, dict) else None
    if site_id is None:
        return None
    name = text_of(value.get("name")) or site_id
    hours = _hours(value.get("businessHour"))
    if hours is None:
        _LOG.warning("the business hours of site %s cannot be read; they are left out", name)
    return Site(
        id=site_id,
        name=name,
        client_id=reference_of(value.get("client"), "accountId").id,
        timezone=text_of(value.get("timezoneCode"), 80),
        working_24x7=flag_of(value.get("working24x7")) is True,
        hours=hours or (),
        hq=flag_of(value.get("hq")) is True,
    )


def sla_name_of(value: Any) -> tuple[str, str] | None:
    """Read id and name of an SLA, or return None where either is missing."""
    if not isinstance(value, dict):
        return None
    sla_id, name = id_of(value.get("id")), text_of(value.get("name"))
    return (sla_id, name) if sla_id and name else None


def option_names(fields: Any, column: str) -> list[str]:
    """Return the options of one of the ticket fields, in the order that the desk gave them."""
    for field in fields if isinstance(fields, list) else []:
        if not isinstance(field, dict) or field.get("columnName") != column:
            continue
        options = field.get("options")
        rows = (
            [row for row in options if isinstance(row, dict)] if isinstance(options, list) else []
        )
        rows.sort(key=_order)
        names = (text_of(row.get("value"), 80) for row in rows)
        return list(dict.fromkeys(name for name in names if name))
    return []


def _order(row: dict[str, Any]) -> int:
    order = row.get("order")
    return order if isinstance(order, int) else 0


def _hours(value: Any) -> tuple[tuple[str, str, str], ...] | None:
    """Return the rows of a week, or None where one of them cannot be read."""
    value = opened(value)
    if value is None:
        return ()
    if not isinstance(value, list):
        return None
    rows = [_hour(row) for row in value[:100]]
    read = tuple(row for row in rows if row is not None)
    return read if len(read) == len(rows) else None


def _hour(value: Any) -> tuple[str, str, str] | None:
    if not isinstance(value, dict):
        return None
    name = value.get("day")
    day = _DAYS.get(name.strip().upper()) if isinstance(name, str) else None
    start, end = _time_of_day(value.get("start")), _time_of_day(value.get("end"))
    return (day, start, end) if day and start and end else None


def _time_of_day(value: Any) -> str | None:
    match = _TIME_OF_DAY.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return None
    hour, minute = int(match[1]), int(match[2])
    possible = (hour < 24 and minute < 60) or (hour == 24 and minute == 0)
    return f"{hour:02}:{minute:02}" if possible else None
