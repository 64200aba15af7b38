"""The table of a report: its figures by one dimension."""

from datetime import datetime
from typing import Final

from sla_console.reporting.figures import FigureGroup, Figures
from sla_console.reporting.forms.words import count, percent, span
from sla_console.ui.text.report_text import plain
from sla_console.ui.widgets.columns import Column
from sla_console.ui.widgets.line_table import LineTable
from sla_console.ui.widgets.paint import Cell

_NARROW: Final = (
    Column("response", "Resp", 7, right=True),
    Column("response_of", "of", 5, right=True),
    Column("resolution", "Reso", 7, right=True),
    Column("resolution_of", "of", 5, right=True),
    Column("missed", "Missed", 6, right=True),
    Column("median", "Median", 9, right=True),
    Column("p90", "9 of 10", 9, right=True),
)
_MEDIUM: Final = (
    Column("response", "Responses", 9, right=True),
    Column("response_of", "of", 6, right=True),
    Column("resolution", "Resolutions", 11, right=True),
    Column("resolution_of", "of", 6, right=True),
    Column("missed", "Missed", 7, right=True),
    Column("median", "Med reso", 10, right=True),
    Column("p90", "9 of 10", 10, right=True),
)
_WIDE: Final = (
    *_MEDIUM[:5],
    Column("response_median", "Med resp", 10, right=True),
    Column("response_p90", "9 of 10", 10, right=True),
    *_MEDIUM[5:],
)


class ReportTable(LineTable[FigureGroup]):
    """One row a value of the dimension."""

    dimension: str = "policy"
    """By which the promises are told apart."""

    def id_of(self, row: FigureGroup) -> str:
        """Return the value."""
        return row.name

    def columns_for(self, width: int) -> tuple[Column, ...]:
        """Return the columns of one of three layouts."""
        name = Column("name", self.dimension.capitalize(), 0)
        if width < 82:
            return (name, *_NARROW)
        return (name, *(_MEDIUM if width < 110 else _WIDE))

    def cells(
        self,
        row: FigureGroup,
        columns: tuple[Column, ...],
        now: datetime,  # noqa: ARG002 - figures stand until the next report
    ) -> list[Cell]:
        """Return the row."""
        return [self._cell(row, column.key) for column in columns]

    def _cell(self, row: FigureGroup, key: str) -> Cell:
        if key == "name":
            return Cell(f"{row.name}:00" if self.dimension == "hour" else row.name, "strong")
        if key == "missed":
            missed = row.response.tally.missed + row.resolution.tally.missed
            return Cell(count(missed), "breached" if missed else "muted")
        name, _, what = key.partition("_")
        # Without a word in front, a span is that of the resolutions.
        figures = row.response if name == "response" else row.resolution
        if what == "of":
            judged = figures.tally.judged
            return Cell(count(judged), "text" if judged else "muted")
        if name in {"response", "resolution"} and not what:
            return self._kept(figures)
        seconds = figures.median if "median" in key else figures.p90
        return self._shown_as(span(seconds), "text")

    def _kept(self, figures: Figures) -> Cell:
        share = figures.tally.compliance
        look = "ok" if (share or 0) >= 95 else "text" if (share or 0) >= 80 else "risk"
        return self._shown_as(percent(share), look)

    def _shown_as(self, text: str, look: str) -> Cell:
        text = plain(text, self.symbols)
        return Cell(text, "muted" if text == self.symbols.nothing else look)
