"""What stands on a wall: few words, large, each state in words as well as colour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.board import Board, SourceState
from sla_console.domain.figures.counting import percent_words
from sla_console.domain.figures.technicians import TechnicianSLAMetrics
from sla_console.domain.forecast.risk import RiskLevel, RiskThresholds
from sla_console.domain.sla.breach import SLABreach
from sla_console.domain.sla.due_hours import DueHour
from sla_console.ui.terminal.symbols import Symbols
from sla_console.ui.text.local_time import LocalTime
from sla_console.ui.wall.big_digits import HEIGHT, LOW, big, low, width_of
from sla_console.ui.wall.pages import WallPage
from sla_console.ui.wall.running import Running, RunningTickets
from sla_console.ui.widgets.canvas import Line
from sla_console.ui.widgets.paint import Cell, fit

_GAP: Final = 2
"""Cells between two large numbers."""
_BLANK: Final[Line] = (Cell(""),)


@dataclass(frozen=True, slots=True)
class Kept:
    """Promises due today so far."""

    met: int = 0
    missed: int = 0

    @property
    def words(self) -> str:
        """Percent kept, a dash where none was due."""
        settled = self.met + self.missed
        return f"{100 * self.met // settled}%" if settled else "-"


@dataclass(frozen=True, slots=True)
class Figure:
    """One large number."""

    label: str
    number: str
    caption: str
    look: str = "text"


class WallText:
    """Writes the lines of the wall.

    Args:
        symbols: The signs to use.
        local: The zone of the times.
        thresholds: Where risk begins.
    """

    def __init__(self, symbols: Symbols, local: LocalTime, thresholds: RiskThresholds) -> None:
        self._symbols, self._local, self._thresholds = symbols, local, thresholds
        self._running = RunningTickets()

    def figures(
        self, board: Board, kept: Kept | None, now: datetime, *, failed: bool = False
    ) -> list[Figure]:
        """Return the four large numbers, and the time.

        Args:
            board: What is known.
            kept: Promises due today so far; None: not counted so far.
            now: The moment.
            failed: They could not be counted when last tried.
        """
        time = Figure("TIME", self._local.hour(now), self._local.day_of_month(now))
        if not board.known:
            # A nought would say that all is well.
            labels = ("BREACHED", "AT RISK", "NEXT BREACH", "KEPT TODAY")
            return [*(Figure(label, "-", "not known yet", "muted") for label in labels), time]
        counts, well = board.counts, _ok(board)
        following = self._running.next_breach(board, now)
        return [
            Figure(
                "BREACHED", str(counts.breached), f"{counts.unacknowledged} unacknowledged",
                "breached" if counts.breached else well,
            ),
            Figure(
                "AT RISK", str(counts.at_risk), f"of {counts.open} open",
                "risk" if counts.at_risk else well,
            ),
            self._next(following, now, well),
            Figure("KEPT TODAY", "-" if kept is None else kept.words,
                   _settled(kept, failed=failed)),
            time,
        ]  # fmt: skip

    def _next(self, following: Running | None, now: datetime, well: str) -> Figure:
        if following is None:
            return Figure("NEXT BREACH", "-", "nothing is running", well)
        judged, clock = following
        left = clock.remaining(now) or timedelta()
        ticket = judged.ticket
        risk = judged.risk(now, self._thresholds)
        look = {RiskLevel.CRITICAL: "urgent", RiskLevel.HIGH: "risk"}.get(risk, "text")
        return Figure(
            "NEXT BREACH", short(left), f"{ticket.display_id} {ticket.client or ''}", look
        )

    def draw(self, figures: Sequence[Figure], width: int, scale: int) -> list[Line]:
        """Return some large numbers side by side, as many as there is room for.

        Args:
            figures: The numbers, the ones to leave out first at the end.
            width: Cells there are.
            scale: How many times as large, where a number is not too wide for that.
        """
        each = max(18 * scale, width // max(1, len(figures)))
        shown = figures[: max(1, width // each)]
        scales = [scale if width_of(one.number, scale) + _GAP <= each else 1 for one in shown]
        widths = _shared(
            [width_of(one.number, size) + _GAP for one, size in zip(shown, scales, strict=True)],
            width,
        )
        dots = self._symbols.ellipsis
        lines: list[list[Cell]] = [[] for _ in range(2 + HEIGHT * scale)]
        for figure, size, wide in zip(shown, scales, widths, strict=True):
            rows = big(figure.number, size, self._symbols.full)
            rows += [""] * (HEIGHT * scale - len(rows))
            lines[0].append(Cell(f"{fit(figure.label, wide - 1, dots)} ", "strong"))
            for row, line in zip(rows, lines[1:-1], strict=True):
                line.append(Cell(fit(row, wide, dots), figure.look))
            lines[-1].append(Cell(f"{fit(figure.caption, wide - 1, dots)} ", "text"))
        return [tuple(line) for line in lines]

    def page(
        self,
        page: WallPage,
        board: Board,
        strip: Sequence[DueHour],
        size: tuple[int, int],
        now: datetime,
        scale: int = 1,
    ) -> list[Line]:
        """Return the lines of one page, its heading first where there is room for one.

        Args:
            page: Which one.
            board: What is known.
            strip: What falls due in the next working hours.
            size: Cells and lines there are.
            now: The moment.
            scale: 1: times three lines high; else five.
        """
        width, height = size
        head: list[Line] = [(Cell(page.value, "accent"),), _BLANK]
        if height <= _lines(scale) + len(head):
            head = []
        room = height - len(head)
        if not board.known:
            return [*head, (Cell("Nothing is known yet: SuperOps was never read.", "urgent"),)]
        match page:
            case WallPage.BREACHES:
                rows = self._breaches(board, (width, room), now, scale)
            case WallPage.TEAM:
                rows = self._team(board.technicians, width, room)
            case WallPage.HOURS:
                rows = self._hours(strip, width, room, now)
            case _:
                rows = self._urgent(board, (width, room), now, scale)
        return [*head, *rows]

    def _urgent(self, board: Board, size: tuple[int, int], now: datetime, scale: int) -> list[Line]:
        width, room = size
        some = self._running.first(board, _fitting(room, scale))
        if not some:
            return [(Cell("Nothing is running against the clock.", _ok(board)),)]
        lines: list[Line] = []
        for judged, clock in some:
            ticket = judged.ticket
            left = clock.remaining(now) or timedelta()
            broken = judged.breached(now)
            risk = judged.risk(now, self._thresholds)
            look = (
                "breached" if broken else "urgent" if risk.rank >= RiskLevel.HIGH.rank else "text"
            )
            state = "BREACHED" if broken else "AT RISK" if look == "urgent" else "ok"
            told = (
                f"{ticket.display_id}  {ticket.client or ''}",
                ticket.subject,
                f"{state}, {clock.target.words}, {ticket.technician or 'nobody'}",
            )
            lines += [*self._tall(told, short(left), look, width, scale), _BLANK]
        return lines

    def _breaches(
        self, board: Board, size: tuple[int, int], now: datetime, scale: int
    ) -> list[Line]:
        width, room = size
        waiting = [one for one in board.breaches if one.acknowledged_by is None]
        shown = waiting[: _fitting(room, scale)]
        if len(shown) < len(waiting):
            # What says how many more takes the last line of air, so that a ticket needs all of its.
            shown = waiting[: max(1, room // (_lines(scale) + 1))]
        lines: list[Line] = []
        for one in shown:
            told = (
                f"{one.display_id}  {one.client or ''}",
                one.subject,
                f"{one.state}, {one.breach_type.words}, {one.technician or 'nobody'}",
            )
            late = _late(board, one, now)
            lines += [*self._tall(told, short(-late), "breached", width, scale), _BLANK]
        if len(waiting) > len(shown):
            if len(lines) >= room:
                lines = lines[: room - 1]
            lines.append((Cell(f"and {len(waiting) - len(shown)} more", "breached"),))
        return lines

    def _tall(
        self, told: Sequence[str], number: str, look: str, width: int, scale: int
    ) -> list[Line]:
        """Return one ticket in some lines, its time large at the right."""
        if scale > 1:
            rows = big(number, sign=self._symbols.full)
        else:
            rows = low(number) if self._symbols.halves else ["", " ".join(number), ""]
        right = max(map(len, rows))
        room = max(10, width - right - 3)
        said = list(zip(told, ("strong", "text", look), strict=True))
        beside = (_lines(scale) - len(said)) // 2
        said = [("", "text")] * beside + said + [("", "text")] * beside
        dots = self._symbols.ellipsis
        return [
            (Cell(fit(text, room, dots), own), Cell("  "), Cell(row.rjust(right), look))
            for (text, own), row in zip(said, rows, strict=True)
        ]

    def _team(self, team: Sequence[TechnicianSLAMetrics], width: int, room: int) -> list[Line]:
        if not team:
            return [(Cell("Nobody has tickets yet.", "muted"),)]
        lines: list[Line] = []
        for one in sorted(team, key=lambda each: (-each.at_risk, -each.open_tickets))[: room // 2]:
            rate = one.compliance_rate
            kept = "-" if rate is None else f"{percent_words(rate, 0)}%"
            lines += [
                (
                    Cell(
                        fit(one.technician_name, max(12, width - 48), self._symbols.ellipsis),
                        "strong",
                    ),
                    Cell(f"{one.open_tickets:>5} open "),
                    Cell(f"{one.at_risk:>4} at risk ", "risk" if one.at_risk else "muted"),
                    Cell(
                        f"{one.breach_count:>4} broken ",
                        "breached" if one.breach_count else "muted",
                    ),
                    Cell(f"{kept:>6} kept"),
                ),
                _BLANK,
            ]
        return lines

    def _hours(self, strip: Sequence[DueHour], width: int, room: int, now: datetime) -> list[Line]:
        if not strip:
            return [(Cell("No working hours are known; ui.working_hours names them.", "muted"),)]
        most = max(1, *(hour.due for hour in strip))
        lines: list[Line] = []
        today = self._local.day(now)
        for hour in strip[: room // 2]:
            day = self._local.day(hour.end)
            at = (
                self._local.hour(hour.end)
                if day == today
                else f"{day} {self._local.hour(hour.end)}"
            )
            bar = self._symbols.full * round(hour.due / most * max(1, width - 26))
            look = "urgent" if hour.due == most else "text"
            lines += [(Cell(f"by {at:<10}", "strong"), Cell(f"{hour.due:>4}  ", look), Cell(bar, look)),
                      _BLANK]  # fmt: skip
        return lines


def short(left: timedelta) -> str:
    """Return a countdown in few signs: ``12:31``, above an hour ``3h12``, above a day ``2d03``."""
    late = left < timedelta()
    seconds = int(abs(left).total_seconds())
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86_400
    if days:
        text = f"{days}d{hours % 24:02d}"
    elif hours:
        text = f"{hours}h{minutes % 60:02d}"
    else:
        text = f"{minutes}:{seconds % 60:02d}"
    return f"-{text}" if late else text


def _ok(board: Board) -> str:
    """Return the look of what is well: none in particular where it may not be so any more."""
    return "ok" if board.health.connection is SourceState.LIVE else "muted"


def _late(board: Board, breach: SLABreach, now: datetime) -> timedelta:
    """Return how late a breach is: in promised time where its clock is known."""
    judged = board.by_id.get(breach.ticket_id)
    for clock in judged.clocks if judged is not None else ():
        left = clock.remaining(now)
        if clock.target is breach.breach_type and left is not None:
            return abs(left)
    return max(now - breach.breach_time, timedelta())


def _settled(kept: Kept | None, *, failed: bool) -> str:
    if kept is None:
        return "not known" if failed else "being counted"
    settled = kept.met + kept.missed
    return f"{kept.missed} of {settled} missed" if settled else "nothing due yet"


def _lines(scale: int) -> int:
    """Return how many lines a ticket takes, without the air below it."""
    return LOW if scale == 1 else HEIGHT


def _fitting(room: int, scale: int) -> int:
    """Return how many tickets to show: one at least, and below the last there need be no air."""
    return max(1, (room + 1) // (_lines(scale) + 1))


def _shared(needs: Sequence[int], width: int) -> list[int]:
    """Share a width evenly, but leave nobody less than they need where the others can spare it."""
    widths = [width // len(needs)] * len(needs)
    for place, need in enumerate(needs):
        while widths[place] < need:
            spare = max(range(len(needs)), key=lambda other: widths[other] - needs[other])
            if widths[spare] <= needs[spare]:
                break
            widths[spare] -= 1
            widths[place] += 1
    return widths
