"""The leaderboard: how well each technician's promises are kept."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType

from sla_console.domain.durations import words
from sla_console.domain.figures.counting import percent_words
from sla_console.domain.figures.technicians import TechnicianSLAMetrics
from sla_console.domain.figures.trend import Trend
from sla_console.ui.widgets.line_table import Column, LineTable
from sla_console.ui.widgets.paint import Cell
from sla_console.ui.widgets.sparkline import sparkline

_STRIP = (
    Column("name", "Technician", 0),
    Column("compliance", "Kept", 5, right=True),
    Column("open", "Open", 4, right=True),
    Column("breaches", "Broken", 6, right=True),
    Column("trend", "Trend", 9),
)
_FULL = (
    Column("name", "Technician", 0),
    Column("compliance", "Kept", 6, right=True),
    Column("judged", "Judged", 7, right=True),
    Column("open", "Open", 5, right=True),
    Column("at_risk", "At risk", 7, right=True),
    Column("breaches", "Broken", 6, right=True),
    Column("median_response", "Med resp", 9, right=True),
    Column("median_resolution", "Med reso", 9, right=True),
    Column("trend", "Trend", 9),
)
_WIDE = (
    Column("name", "Technician", 0),
    Column("compliance", "Kept", 6, right=True),
    Column("judged", "Judged", 7, right=True),
    Column("tickets", "Tickets", 8, right=True),
    Column("open", "Open", 6, right=True),
    Column("at_risk", "At risk", 8, right=True),
    Column("breaches", "Broken", 8, right=True),
    Column("response", "Resp avg", 10, right=True),
    Column("median_response", "median", 10, right=True),
    Column("p90_response", "9 of 10", 10, right=True),
    Column("resolution", "Reso avg", 10, right=True),
    Column("median_resolution", "median", 10, right=True),
    Column("p90_resolution", "9 of 10", 10, right=True),
    Column("trend", "Trend", 12),
)

_WEEKS = Column("weeks", "8 weeks", 8)

_TREND = {
    Trend.IMPROVING: Cell("improving", "ok"),
    Trend.STABLE: Cell("stable", "muted"),
    Trend.DECLINING: Cell("declining", "risk"),
}


class TechnicianTable(LineTable[TechnicianSLAMetrics]):
    """One row a technician, best compliance first."""

    weekly: Mapping[str, Sequence[float | None]] = MappingProxyType({})
    """By technician id: compliance of the last weeks in percent, oldest first."""

    def id_of(self, row: TechnicianSLAMetrics) -> str:
        """Return the technician's id."""
        return row.technician_id

    def columns_for(self, width: int) -> tuple[Column, ...]:
        """Return the columns of one of three layouts."""
        if width < 70:
            return _STRIP
        columns = _FULL if width < 145 else _WIDE
        # Before the word that sums it up.
        return (*columns[:-1], _WEEKS, columns[-1]) if self.weekly and width >= 88 else columns

    def cells(
        self,
        row: TechnicianSLAMetrics,
        columns: tuple[Column, ...],
        now: datetime,  # noqa: ARG002 - figures stand until the next board
    ) -> list[Cell]:
        """Return the row."""
        made = {
            "name": Cell(row.technician_name, "strong"),
            "compliance": self._compliance(row.compliance_rate),
            "judged": Cell(f"{round(row.judged, 1):g}", "text" if row.judged else "muted"),
            "tickets": Cell(str(row.total_tickets)),
            "open": Cell(str(row.open_tickets)),
            "at_risk": Cell(str(row.at_risk), "risk" if row.at_risk else "muted"),
            "breaches": Cell(str(row.breach_count), "breached" if row.breach_count else "muted"),
            "response": self._span(row.average_response_time),
            "median_response": self._span(row.median_response_time),
            "p90_response": self._span(row.p90_response_time),
            "resolution": self._span(row.average_resolution_time),
            "median_resolution": self._span(row.median_resolution_time),
            "p90_resolution": self._span(row.p90_resolution_time),
            "trend": _TREND[row.performance_trend],
            "weeks": self._weeks(row),
        }
        return [made[column.key] for column in columns]

    def _weeks(self, row: TechnicianSLAMetrics) -> Cell:
        line = sparkline(self.weekly.get(row.technician_id, ()), blocks=self.symbols.eighths)
        return Cell(line) if line.strip() else Cell(self.symbols.nothing, "muted")

    def _compliance(self, rate: float | None) -> Cell:
        if rate is None:
            return Cell(self.symbols.nothing, "muted")
        look = "ok" if rate >= 95 else "text" if rate >= 80 else "risk"
        return Cell(f"{percent_words(rate, 0)}%", look)

    def _span(self, span: timedelta | None) -> Cell:
        return Cell(self.symbols.nothing, "muted") if span is None else Cell(words(span))
