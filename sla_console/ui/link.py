"""The console's one door to everything that is not screen: what it needs of the service.

The service lives in a thread and an event loop of its own. A board comes out of it by callback, an
operation goes in by ``submit``; nothing else crosses.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol, TypeVar

from sla_console.domain.board import Board, TicketDetail
from sla_console.domain.people.people import Technician
from sla_console.domain.sla.breach import SLABreach
from sla_console.domain.tickets.operation import Operation
from sla_console.domain.tickets.ticket import TicketNote

if TYPE_CHECKING:
    # Only named here: the first screen is painted before it is needed.
    from sla_console.domain.figures.clients import ClientMonth
    from sla_console.domain.forecast.feasibility import QueuePlan
    from sla_console.domain.matcher import Matcher
    from sla_console.domain.sla.what_if import WhatIf
    from sla_console.monitoring.explanation import Explanation, Supposition
    from sla_console.service.health_reader import SelfFacts
    from sla_console.service.on_call_actions import OnCallActions
    from sla_console.service.people_figures import TeamFigures
    from sla_console.service.policy_reader import PoliciesInForce
    from sla_console.service.report_service import ReportService

T = TypeVar("T")


class ServiceDoor(Protocol):
    """The operations that the screens offer; each runs in the service's own loop."""

    @property
    def reports(self) -> "ReportService":
        """What makes reports."""
        ...

    @property
    def on_call(self) -> "OnCallActions":
        """Return the part that shows and changes who is on call."""
        ...

    async def acknowledge(
        self, breach_ids: Sequence[str], reason: str | None, by: str, lasts: timedelta | None
    ) -> list[SLABreach]:
        """Note that somebody has these breaches; None: for as long as is configured."""
        ...

    async def unacknowledge(
        self, breach_ids: Sequence[str], reason: str | None, by: str
    ) -> list[SLABreach]:
        """Give these breaches back: they are nobody's again."""
        ...

    async def escalate(
        self, breach_ids: Sequence[str], reason: str | None, by: str
    ) -> list[SLABreach]:
        """Hand these breaches up."""
        ...

    def escalation_targets(self, breach_id: str) -> tuple[str, ...]:
        """Return the names of those who are told when this breach is escalated."""
        ...

    async def ticket_detail(self, ticket_id: str) -> TicketDetail:
        """Return what the console itself knows about a ticket."""
        ...

    async def explain(self, ticket_ref: str) -> "Explanation":
        """Return why a ticket is due when it is."""
        ...

    async def suppose(self, ticket_ref: str, change: "WhatIf") -> "Supposition":
        """Return what a change would make of a ticket; nothing is changed."""
        ...

    async def plan_queues(self) -> "Mapping[str, QueuePlan]":
        """Return for each technician id whether the tickets in hand can be done in time."""
        ...

    async def client_months(self, start: datetime, end: datetime) -> "list[ClientMonth]":
        """Return how each client stands in a month, the worst first."""
        ...

    async def kept_between(self, start: datetime, end: datetime) -> tuple[int, int]:
        """Return how many promises were kept, and how many missed, of those due in a span."""
        ...

    async def team_figures(self, start: datetime, end: datetime) -> "TeamFigures":
        """Return the technicians' figures of a span of time."""
        ...

    async def policies_in_force(self) -> "PoliciesInForce":
        """Return what is promised here, how it goes, and what looks wrong in it."""
        ...

    async def health_facts(self) -> "SelfFacts":
        """Return what the console knows of itself."""
        ...

    async def ticket_conversation(self, ticket_id: str) -> list[TicketNote]:
        """Ask SuperOps for the messages and notes of a ticket."""
        ...

    async def refresh(self) -> None:
        """Ask SuperOps now."""
        ...

    async def snooze(
        self, breach_ids: Sequence[str], until: datetime | None, reason: str | None, by: str
    ) -> list[SLABreach]:
        """Put these breaches off; None: until their ticket begins or ends to wait."""
        ...

    async def technicians(self) -> list[Technician]:
        """Return who a ticket can be given to."""
        ...

    async def statuses(self) -> list[str]:
        """Return the names of the statuses."""
        ...

    async def priorities(self) -> list[str]:
        """Return the names of the priorities."""
        ...

    async def assign(
        self, ticket_ids: Sequence[str], technician_id: str, by: str
    ) -> list[Operation]:
        """Queue that these tickets are given to somebody."""
        ...

    async def change_status(
        self, ticket_ids: Sequence[str], status: str, by: str
    ) -> list[Operation]:
        """Queue that these tickets are moved to a status."""
        ...

    async def set_priority(
        self, ticket_ids: Sequence[str], priority: str, by: str
    ) -> list[Operation]:
        """Queue that these tickets get a priority."""
        ...

    async def add_note(self, ticket_ids: Sequence[str], text: str, by: str) -> list[Operation]:
        """Queue a private note on these tickets."""
        ...

    async def retry_operation(self, operation_id: str, by: str) -> None:
        """Insist on a change that was not taken."""
        ...

    async def discard_operation(self, operation_id: str, by: str) -> None:
        """Give a change up."""
        ...

    async def look_only(self, only: bool) -> None:
        """Take up that people may only look from here, or may change things again."""
        ...

    async def remembered(self, who: str) -> str | None:
        """Return how somebody left the console, as ``remember`` was told."""
        ...

    async def remember(self, who: str, text: str) -> None:
        """Keep how somebody left the console."""
        ...

    async def retry_alert(self, key: str, by: str) -> None:
        """Try a message again now."""
        ...

    async def reroute_alert(self, key: str, channel: str, by: str) -> None:
        """Send a message through another channel."""
        ...

    async def discard_alert(self, key: str, reason: str | None, by: str) -> None:
        """End a message that shall not be sent any more."""
        ...

    async def add_silence(
        self,
        wanted: "Matcher",
        reason: str,
        end: datetime,
        by: str,
        start: datetime | None = None,
    ) -> None:
        """Tell nothing of what matches until a moment; from now, or from ``start``."""
        ...

    async def end_maintenance(self, name: str, by: str) -> None:
        """End maintenance of the configuration that lasts now."""
        ...

    async def end_silence(self, silence_id: str, by: str) -> None:
        """End a silence now."""
        ...


class ServiceLink(Protocol):
    """A service that runs in another thread. Every member may be used from any thread."""

    @property
    def board(self) -> Board:
        """The latest board."""
        ...

    @property
    def failure(self) -> BaseException | None:
        """What ended the service, None while it runs."""
        ...

    def subscribe(self, callback: Callable[[Board], None]) -> Callable[[], None]:
        """Have ``callback`` called with each new board, in the service's thread."""
        ...

    def submit(self, operation: Callable[[ServiceDoor], Awaitable[T]]) -> "Future[T]":
        """Run ``operation`` in the service's loop."""
        ...
