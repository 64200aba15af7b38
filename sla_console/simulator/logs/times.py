"""The moments of a log: one reading for the whole log, decided before any of them is used."""

from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from sla_console.domain.errors import UserError
from sla_console.domain.tickets.log_map import ORDERS, LogMap
from sla_console.simulator.logs.written import MomentFormat, Written, written

_DAY_ZERO: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's wall time
_FEW: Final = 0.05
"""Share of the moments that may be written in another way without putting the rest in doubt."""
YEARS: Final = range(2000, 2100)
"""Years of which a moment can be."""
_UNREADABLE: Final = "unreadable time"
_BY_FORMAT: Final = {
    "day-month": (MomentFormat.ORDER, MomentFormat.ISO, MomentFormat.NAMED),
    "month-day": (MomentFormat.ORDER, MomentFormat.ISO, MomentFormat.NAMED),
    "iso": (MomentFormat.ISO,),
    "excel": (MomentFormat.SERIAL,),
    "epoch": (MomentFormat.EPOCH,),
}
_TEXT: Final = (MomentFormat.ORDER, MomentFormat.ISO, MomentFormat.NAMED)


class LogMapError(UserError):
    """A map does not fit its log; the message names the map's file and key."""


class When(NamedTuple):
    """One moment, aware UTC."""

    at: datetime
    later: datetime | None = None
    """The second reading of a time in the hour that comes twice."""
    skipped: bool = False
    """Whether its zone skips that hour."""


class MomentReader:
    """Reads the moments of one log.

    First it sees all of them (``see``), then it decides once (``decide``), then it reads.
    """

    def __init__(self, plan: LogMap) -> None:
        self.format = plan.date_format
        self._usual = plan.usual_order
        self._where = plan.where
        self._zone = ZoneInfo(plan.timezone)
        self._kinds: dict[MomentFormat, int] = {}
        self._first: dict[MomentFormat, tuple[int, str]] = {}
        self._proof: dict[str, tuple[int, str]] = {}
        self._doubtful: tuple[int, str] | None = None
        self._only_dots = True
        self._seen: set[str] = set()
        self._read: dict[str, When | str] = {}
        self._taken: tuple[MomentFormat, ...] = _TEXT
        self._order: str | None = None
        self._last: datetime | None = None

    def see(self, line: int, text: str) -> None:
        """Take notice of a moment and of what it proves."""
        if text in self._seen:
            return
        self._seen.add(text)
        found = written(text)
        if found is None:
            return
        self._kinds[found.kind] = self._kinds.get(found.kind, 0) + 1
        self._first.setdefault(found.kind, (line, text))
        if found.kind is not MomentFormat.ORDER:
            return
        possible = [order for order in ORDERS if _possible(found, order)]
        if len(possible) == 1:
            self._proof.setdefault(possible[0], (line, text))
        elif possible and found.first != found.second:
            self._doubtful = self._doubtful or (line, text)
            self._only_dots = self._only_dots and found.dotted

    def decide(self) -> None:
        """Decide how all moments are read.

        Raises:
            UserError: if day and month cannot be told apart, or contradict what is written.
        """
        if self.format is not None and self.format not in _BY_FORMAT:
            return
        if self.format is not None:
            self._taken = _BY_FORMAT[self.format]
        else:
            self._taken = self._main_kinds()
        self._order = self._order_of_day_and_month() if MomentFormat.ORDER in self._taken else None

    def _main_kinds(self) -> tuple[MomentFormat, ...]:
        counts = {
            kinds: sum(self._kinds.get(kind, 0) for kind in kinds)
            for kinds in (_TEXT, (MomentFormat.SERIAL,), (MomentFormat.EPOCH,))
        }
        main = max(counts, key=lambda kinds: counts[kinds])
        for kinds, count in counts.items():
            if kinds != main and count > _FEW * sum(counts.values()):
                one, other = (
                    next(self._first[kind] for kind in each if kind in self._first)
                    for each in (main, kinds)
                )
                raise UserError(
                    f"times are written in two ways: {one[1]!r} in line {one[0]}, {other[1]!r} in "
                    f"line {other[0]}; a spreadsheet that turns some dates into numbers swaps day "
                    f"and month in them, so export it anew, or write date_format in [log]"
                )
        return main

    def _order_of_day_and_month(self) -> str | None:
        if self.format is not None:
            other = "month-day" if self.format == "day-month" else "day-month"
            if other in self._proof and self.format not in self._proof:
                line, text = self._proof[other]
                place = f"{self._where}: log.date_format" if self._where else "date_format"
                raise LogMapError(
                    f'{place}: found "{self.format}", but {text!r} in line {line} can only be '
                    f'{other} and no date only {self.format}; write "{other}"'
                )
            return self.format
        if len(self._proof) > 1:
            (line, text), (line_2, text_2) = (self._proof[o] for o in ("day-month", "month-day"))
            raise UserError(
                f"day and month are mixed: {text!r} in line {line} can only be day-month, "
                f"{text_2!r} in line {line_2} only month-day; write the right one as date_format in "
                f"[log], and rows with the other are left out"
            )
        if len(self._proof) == 1:
            return next(iter(self._proof))
        if self._doubtful is None:
            return "day-month"
        if self._usual is None and self._only_dots:
            return "day-month"
        if self._usual is None:
            line, text = self._doubtful
            raise UserError(f"{self.two_readings()}; write one of them as date_format in [log]")
        return self._usual

    @property
    def in_doubt(self) -> bool:
        """Whether no date and no setting decides between day and month first."""
        return not (
            self._proof or self._doubtful is None or self._only_dots or self._usual or self.format
        )

    def two_readings(self) -> str:
        """Return the two ways to read an ambiguous date."""
        line, text = self._doubtful or (0, "")
        found = written(text)
        if found is None:
            return "day and month cannot be told apart"
        one = _naive(found, "day-month")
        other = _naive(found, "month-day")
        return (
            f"day and month cannot be told apart: {text!r} in line {line} is {one:%d %B %Y} if "
            f'"day-month" and {other:%d %B %Y} if "month-day", and no date proves either'
        )

    def settled(self) -> str | None:
        """Return the format that reads the same again, None where that needs none."""
        if self.format is not None or self._taken == _TEXT:
            return self.format or (self._order if MomentFormat.ORDER in self._kinds else None)
        return "excel" if self._taken == (MomentFormat.SERIAL,) else "epoch"

    def words(self) -> str:
        """Return how the dates are read and why, for people."""
        if self.format is not None and self.format not in _BY_FORMAT:
            return f"dates by {self.format}"
        if self._taken in {(MomentFormat.SERIAL,), (MomentFormat.EPOCH,)}:
            return (
                "dates as numbers of days"
                if self._taken[0] is MomentFormat.SERIAL
                else "dates as epoch"
            )
        if MomentFormat.ORDER not in self._kinds:
            return "dates as written"
        if self.format is not None:
            return f"dates {self.format}"
        proof = self._proof.get(self._order or "")
        if proof is not None:
            return f"dates {self._order}, as {proof[1]!r} in line {proof[0]} proves"
        return f"dates {self._order}, as is usual in such a log, though no date in it proves that"

    def read(self, text: str) -> When | str:
        """Return the moment, or why it is none."""
        if (known := self._read.get(text)) is None:
            known = self._read[text] = self._of(text)
        return known

    def last(self, otherwise: datetime) -> datetime:
        """Return the last moment of the log, of which all that is open was as it stands there."""
        if self._last is None:
            found = (self.read(text) for text in self._seen)
            moments = [w.at for w in found if isinstance(w, When) and w.at.year in YEARS]
            self._last = max(moments, default=otherwise)
        return self._last

    def _of(self, text: str) -> When | str:
        try:
            if self.format is not None and self.format not in _BY_FORMAT:
                return self._in_zone(datetime.strptime(text, self.format))  # noqa: DTZ007
            found = written(text)
            if found is not None and found.kind in self._taken:
                return self._moment(found)
        except (ValueError, OverflowError):
            return _UNREADABLE
        only = found is not None and found.kind is MomentFormat.DATE_ONLY
        return "a date without a time" if only else _UNREADABLE

    def _moment(self, found: Written) -> When:
        if found.kind is MomentFormat.EPOCH:
            return When(datetime.fromtimestamp(found.number, UTC))
        naive = _naive(found, self._order or "day-month")
        if found.offset is not None:
            return When((naive - found.offset).replace(tzinfo=UTC))
        return self._in_zone(naive)

    def _in_zone(self, moment: datetime) -> When:
        if moment.tzinfo is not None:
            return When(moment.astimezone(UTC))
        one, other = (moment.replace(tzinfo=self._zone, fold=fold) for fold in (0, 1))
        at, later = one.astimezone(UTC), other.astimezone(UTC)
        if at == later:
            return When(at)
        # In an hour that comes twice the second reading is later, in one that is skipped earlier.
        return When(at, later) if later > at else When(at, skipped=True)


def _possible(found: Written, order: str) -> bool:
    """Return whether there is such a moment if day and month come in this order."""
    try:
        _naive(found, order)
    except (ValueError, OverflowError):
        return False
    return True


def _naive(found: Written, order: str) -> datetime:
    """Return the wall time of what is written.

    Raises:
        ValueError: if there is no such moment.
    """
    if found.kind is MomentFormat.SERIAL:
        moment = _DAY_ZERO + timedelta(days=found.number)
        # Days in decimals are never exact to the second.
        return (moment + timedelta(milliseconds=500)).replace(microsecond=0)
    day, month = found.second, found.first
    if found.kind is MomentFormat.ORDER and order == "day-month":
        day, month = month, day
    return datetime(found.year, month, day, *found.time)  # noqa: DTZ001 - its zone comes later
