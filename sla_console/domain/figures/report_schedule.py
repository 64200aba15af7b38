"""A report that is sent by itself: what it is about, when it falls due, and who gets it."""

from dataclasses import dataclass
from datetime import time
from enum import StrEnum


class Every(StrEnum):
    """What a report is about: the whole week, month or quarter before."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


@dataclass(frozen=True, slots=True)
class ReportSchedule:
    """When a report is sent, of which tickets, and to whom."""

    name: str
    """What people call it; no other has it."""
    every: Every = Every.MONTH
    weekday: int = 0
    """Of weeks: the day on which it is sent; 0 is Monday."""
    day: int = 1
    """Of months and quarters: the day of the first month after, 1 to 28."""
    at: time = time(7)
    """Time of day, as a clock of the reports' zone shows it."""
    channels: tuple[str, ...] = ()
    form: str = "html"
    """What is attached: html, csv, json or md."""
    clients: tuple[str, ...] = ()
    """Only tickets of these; none: of all."""
    groups: tuple[str, ...] = ()
    """Only tickets of these technician groups; none: of all."""
    freeze: bool = False
    """What is sent gives the same figures for ever."""
