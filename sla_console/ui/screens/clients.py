"""How each client stands, and the misses that its month still allows."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from textual import on, work
from textual.app import ComposeResult

from sla_console.domain.board import Board
from sla_console.domain.errors import NotReady
from sla_console.domain.forecast.risk import RiskLevel
from sla_console.domain.sla.sla_clock import EvaluatedTicket
from sla_console.ui.actions.action import CONSOLE, LIST
from sla_console.ui.actions.base import sentence
from sla_console.ui.actions.selection import Selection
from sla_console.ui.context import Context
from sla_console.ui.messages import ShowTickets
from sla_console.ui.screens.view import View
from sla_console.ui.state import Shown
from sla_console.ui.widgets.bar import Piece
from sla_console.ui.widgets.client_table import ClientRow, ClientTable
from sla_console.ui.widgets.line_table import LineTable

if TYPE_CHECKING:
    from sla_console.domain.figures.clients import ClientMonth

_AGAIN: Final = timedelta(seconds=60)
_NONE: Final = "none"


class ClientsView(View):
    """The clients; what their month allows is asked for once a minute.

    Args:
        context: What the screens share.
    """

    NAME = "clients"
    KEY_LINE = frozenset({LIST, CONSOLE})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._asked_at: datetime | None = None
        self._months: dict[str, ClientMonth] | None = None
        self._fault = ""
        self._counted = -1
        self._rows: dict[str, ClientRow] = {}

    def compose_body(self) -> ComposeResult:
        """Lay out the one list."""
        yield ClientTable(self.context.symbols, id="clients")

    def show_body(self, shown: Shown) -> None:
        """Show a new board."""
        if not shown.loading and (
            self._asked_at is None or not timedelta() <= shown.now - self._asked_at < _AGAIN
        ):
            self._asked_at = shown.now
            self._ask()
        if self._counted != shown.board.version:
            self._counted = shown.board.version
            self._rows = _rows(shown.board, shown.now, self.context)
        table = self.query_one(ClientTable)
        table.empty_words = self.nothing(shown, "No client has a ticket.")
        self.fade_if_stale(table)
        table.show(self._with_months(), shown.now)

    def tick_body(self, shown: Shown) -> None:
        """Count down."""
        self.query_one(ClientTable).tick(shown.now)

    def _with_months(self) -> Sequence[ClientRow]:
        """Return the rows: what is lost first, then what is broken, then by name."""
        months = self._months or {}
        names = dict.fromkeys((*months, *self._rows))
        rows = [
            replace(self._rows.get(name, ClientRow(name)), month=months.get(name)) for name in names
        ]
        return sorted(rows, key=_worst_first)

    @work(exclusive=True, group="clients", exit_on_error=False)
    async def _ask(self) -> None:
        start, end = self.context.local.month(self.context.clock.now())
        future = self.context.link.submit(lambda service: service.client_months(start, end))
        try:
            self._months = {one.client: one for one in await asyncio.wrap_future(future)}
            self._fault = ""
        except NotReady:
            self._asked_at = None  # the next board asks again
            return
        except Exception as error:  # noqa: BLE001 - said to the person instead
            self._fault = f"The month is not known: {sentence(error)}"
        self.show(self.context.shown())

    def notes(self) -> list[Piece]:
        """Return of which month the figures are, or why there are none."""
        if self._fault:
            return [Piece(self._fault, "urgent", 1)]
        if self._months is None:
            return [Piece("reading the month", "muted", 2)]
        start, _ = self.context.local.month(self.context.clock.now())
        doubt = sum(one.month.in_doubt for one in self._months.values())
        said = [Piece(f"{doubt} in doubt", "urgent", 2)] if doubt else []
        month = self.context.local.month_name(start)
        return [*said, Piece(f"kept in {month}, by due date", "muted", 3)]

    def selection(self) -> Selection | None:
        """A client is no ticket."""
        return None

    def action_open(self) -> None:
        """Show the client's tickets."""
        self.query_one(ClientTable).action_open()

    @on(LineTable.Opened)
    def _show_tickets(self, event: LineTable.Opened) -> None:
        event.stop()
        row = self.query_one(ClientTable).selected
        if row is not None:
            self.post_message(ShowTickets(f'#"{row.client}"'))


def _rows(board: Board, now: datetime, context: Context) -> dict[str, ClientRow]:
    """Count the tickets of each client."""
    mine: dict[str, list[EvaluatedTicket]] = {}
    for judged in board.tickets:
        mine.setdefault(judged.ticket.client or _NONE, []).append(judged)
    unacknowledged: dict[str, int] = {}
    for breach in board.breaches:
        if breach.acknowledged_by is None:
            client = breach.client or _NONE
            unacknowledged[client] = unacknowledged.get(client, 0) + 1
    thresholds = context.options.thresholds
    rows = {}
    for client, tickets in mine.items():
        broken = [one for one in tickets if one.breached(now)]
        sound = [one for one in tickets if not one.breached(now)]
        risky = sum(one.risk(now, thresholds).rank >= RiskLevel.HIGH.rank for one in sound)
        held = sum(one.held for one in tickets)
        # The board comes ordered by next due time, and what waits last.
        clocks = (one.next_clock() for one in sound if not one.held)
        following = next((clock for clock in clocks if clock is not None), None)
        rows[client] = ClientRow(
            client, len(tickets), len(broken), unacknowledged.get(client, 0), risky, held, following
        )
    return rows


def _worst_first(row: ClientRow) -> tuple[bool, int, int, int, str]:
    left = row.month.affordable if row.month else None
    name = row.client.casefold()
    return (left is None, left if left is not None else 0, -row.breached, -row.at_risk, name)
