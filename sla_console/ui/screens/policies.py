"""What is promised, to what it applies, and how it goes."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from textual import on, work
from textual.app import ComposeResult
from textual.content import Content

from sla_console.domain.board import Board
from sla_console.domain.durations import hours_words
from sla_console.domain.errors import NotReady
from sla_console.domain.forecast.risk import RiskLevel
from sla_console.domain.readings import POLICIES
from sla_console.ui.actions.action import CONSOLE, LIST
from sla_console.ui.actions.base import sentence
from sla_console.ui.actions.selection import Selection
from sla_console.ui.context import Context
from sla_console.ui.messages import ShowTickets
from sla_console.ui.screens.view import View
from sla_console.ui.state import Shown
from sla_console.ui.widgets.bar import Piece, PieceBar
from sla_console.ui.widgets.line_table import LineTable
from sla_console.ui.widgets.policy_table import PolicyRow, PolicyTableWidget, conditions, hours
from sla_console.ui.widgets.reading import Reading

if TYPE_CHECKING:
    from sla_console.service.policy_reader import PoliciesInForce

_AGAIN: Final = timedelta(seconds=60)
_NONE: Final = "no policy"


class PoliciesView(View):
    """The policies; below them the one under the cursor in full, and what looks wrong.

    Args:
        context: What the screens share.
    """

    NAME = "policies"
    KEY_LINE = frozenset({LIST, CONSOLE})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._asked_at: datetime | None = None
        self._known: PoliciesInForce | None = None
        self._fault = ""
        self._counted: tuple[int, dict[str, Counter[str]]] = (-1, {})

    def compose_body(self) -> ComposeResult:
        """Lay out the list and what is said in full."""
        yield PolicyTableWidget(self.context.symbols, id="policies")
        yield PieceBar(id="policy-title")
        yield Reading(id="policy-whole")

    def show_body(self, shown: Shown) -> None:
        """Show a new board."""
        again = self._asked_at is None or not timedelta() <= shown.now - self._asked_at < _AGAIN
        if again and not shown.loading:
            self._asked_at = shown.now
            self._ask()
        table = self.query_one(PolicyTableWidget)
        table.empty_words = self._empty_words(shown)
        self.fade_if_stale(table)
        table.show(self._rows(shown), shown.now)
        self._tell_whole()

    def _empty_words(self, shown: Shown) -> str:
        if self._known is None:
            return self._fault or "Reading the policies" + self.context.symbols.ellipsis
        gaps = [one.gap() for one in shown.board.health.readings if one.name == POLICIES]
        if gaps[0] is not None:
            return f"The configuration names no policy; of SuperOps' {gaps[0]}."
        return "Nothing is promised: neither SuperOps nor the configuration names a policy."

    def tick_body(self, shown: Shown) -> None:
        """Nothing here changes with time alone."""

    @work(exclusive=True, group="policies", exit_on_error=False)
    async def _ask(self) -> None:
        future = self.context.link.submit(lambda service: service.policies_in_force())
        try:
            self._known = await asyncio.wrap_future(future)
        except NotReady:
            self._asked_at = None  # the next board asks again
            return
        except Exception as error:  # noqa: BLE001 - said to the person instead
            self._fault = f"The policies cannot be read: {sentence(error)}"
        self.show(self.context.shown())

    def _rows(self, shown: Shown) -> tuple[PolicyRow, ...]:
        known = self._known
        if known is None:
            return ()
        counts = self._counts(shown)
        policies = {policy.name: policy for policy in known.policies if policy.targets}
        named = [policy.name for policy in known.policies]
        names = [*named, *sorted(set(counts) - set(named))]
        rows = []
        for name in names:
            lately = (known.lately or {}).get(name)
            count = counts.get(name, Counter())
            kept, judged = (lately.compliance, round(lately.judged)) if lately else (None, 0)
            trouble = (count["open"], count["breached"], count["risk"])
            rows.append(PolicyRow(name, policies.get(name), *trouble, kept, judged))
        return tuple(rows)

    def _counts(self, shown: Shown) -> dict[str, Counter[str]]:
        """Count the tickets under each policy, once a board."""
        if self._counted[0] != shown.board.version:
            self._counted = (shown.board.version, self._count(shown.board, shown.now))
        return self._counted[1]

    def _count(self, board: Board, now: datetime) -> dict[str, Counter[str]]:
        found: dict[str, Counter[str]] = {}
        thresholds = self.context.options.thresholds
        for judged in board.tickets:
            name = (judged.policy.name if judged.policy else judged.ticket.sla_name) or _NONE
            count = found.setdefault(name, Counter())
            count["open"] += 1
            if judged.breached(now):
                count["breached"] += 1
            elif judged.risk(now, thresholds).rank >= RiskLevel.HIGH.rank:
                count["risk"] += 1
        return found

    @on(LineTable.Moved)
    def _tell_whole(self) -> None:
        row = self.query_one(PolicyTableWidget).selected
        title = self.query_one("#policy-title", PieceBar)
        parts: list[tuple[str, str] | str] = []
        if row is not None:
            title.show([Piece(row.name, "accent")])
            parts += self._about(row)
        for lint in self._known.lints if self._known else ():
            parts += [(f"{self.context.symbols.at_risk} {lint}\n", "$sla-urgent")]
        self.query_one(Reading).say(Content.assemble(*parts))

    def _about(self, row: PolicyRow) -> list[tuple[str, str] | str]:
        policy = row.policy
        if policy is None:
            said = (
                "Tickets without a promise: neither SuperOps nor a policy here names one.\n"
                if row.name == _NONE
                else "SuperOps gives its due times; the configuration says no more of it.\n"
            )
            return [said, "enter shows its tickets\n"]
        response, resolution = policy.response_target, policy.resolution_target
        lines = [
            ("For", conditions(policy)),
            ("Respond in", hours_words(response) if response else "not promised"),
            ("Resolve in", hours_words(resolution) if resolution else "not promised"),
            ("Hours", hours(policy)),
            *(
                ("Escalates", f"after {rule.after_minutes} m to {', '.join(rule.channels)}")
                for rule in policy.escalation_rules
            ),
        ]
        parts: list[tuple[str, str] | str] = []
        for name, value in lines:
            parts += [(f"{name:<12}", "$sla-muted"), f"{value}\n"]
        parts.append(
            ("enter shows its tickets; in a ticket, x explains its due times\n", "$sla-muted")
        )
        return parts

    def notes(self) -> list[Piece]:
        """Return of when the figures are."""
        lately = (self._known.lately if self._known else None) or {}
        doubt = round(sum(one.in_doubt for one in lately.values()))
        said = [Piece(f"{doubt} in doubt", "urgent", 2)] if doubt else []
        return [*said, Piece("kept in the last 30 days", "muted", 3)]

    def selection(self) -> Selection | None:
        """A policy is no ticket."""
        return None

    def action_open(self) -> None:
        """Show the tickets under the policy."""
        self.query_one(PolicyTableWidget).action_open()

    @on(LineTable.Opened)
    def _show_tickets(self, event: LineTable.Opened) -> None:
        event.stop()
        row = self.query_one(PolicyTableWidget).selected
        if row is not None:
            name = "none" if row.name == _NONE else row.name
            self.post_message(ShowTickets(f'policy:"{name}"'))
