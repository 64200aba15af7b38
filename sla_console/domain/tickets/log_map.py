"""How the columns, times and statuses of a log of tickets are to be read; presets for known ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from sla_console.domain.names import folded
from sla_console.domain.tickets.ticket import USUAL_CLOSED, USUAL_HOLD, StatusPhases

Columns = Mapping[str, tuple[str, ...]]

FIELDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "number": "the ticket's number",
        "created": "when it was opened",
        "updated": "when the row's status began, or the ticket was last changed",
        "status": "its status",
        "first_response": "when it was first answered",
        "first_response_minutes": "or so many minutes after it was opened",
        "resolved": "when it was resolved",
        "resolved_minutes": "or so many minutes after it was opened",
        "closed": "when it was closed",
        "priority": "its priority",
        "group": "the technician group",
        "technician": "the technician",
        "requester": "the requester",
        "client": "the client",
        "request_type": "the request type",
        "subcategory": "the subcategory",
        "subject": "the subject",
        "source": "how it came in",
        "met_sla": "the source system's own verdict, true or false",
    }
)
"""The columns that can be named, each with its meaning."""
TIMES: Final = ("created", "updated", "first_response", "resolved", "closed")
"""The columns that hold a moment."""
ORDERS: Final = ("day-month", "month-day")
"""The two ways to read 01/03/2016."""
DATE_FORMATS: Final = (*ORDERS, "iso", "excel", "epoch")
"""Names of date formats; any other format is a pattern with % signs."""
ENCODINGS: Final = (
    "utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "ascii", "cp1252", "latin-1",
    "iso-8859-1", "iso-8859-2", "iso-8859-15", "cp1250", "cp1251", "cp1253", "cp1254", "cp437",
    "cp850", "mac-roman", "shift_jis", "cp932", "euc-jp", "euc-kr", "gb18030", "big5",
)  # fmt: skip
"""The encodings that a log may be in."""
ROWS: Final = ("tickets", "events")
"""The kinds of rows: whole tickets, or tickets after something happened to them."""


@dataclass(frozen=True, slots=True)
class LogMap:
    """How a log is to be read."""

    columns: Columns
    """Field to the names it may have in the first line; the first that is there counts."""
    preset: str | None = None
    needed: tuple[str, ...] = ("number",)
    """The fields without which it is no such log."""
    date_format: str | None = None
    """One of ``DATE_FORMATS`` or a pattern; None: found from the dates, if they prove it."""
    usual_order: str | None = None
    """The order of day and month where the dates prove none; None: then they are refused."""
    timezone: str = "UTC"
    """Zone of times that name none."""
    delimiter: str | None = None
    """The sign between two cells; None: found from the first line."""
    encoding: str | None = None
    """None: by the byte order mark, else UTF-8."""
    rows: str | None = None
    """One of ``ROWS``; None: found from how often a number stands there."""
    missing: tuple[str, ...] = ("?", "-", "null", "none", "n/a", "#n/a")
    """Cells that hold no value, beside empty ones."""
    new: tuple[str, ...] = ()
    """Statuses of unanswered tickets; empty: the first one of each ticket."""
    answered: tuple[str, ...] = ()
    """Statuses that answer a ticket; empty: every other than the new ones."""
    hold: tuple[str, ...] | None = None
    """Statuses in which time stands still; None: the usual ones."""
    resolved: tuple[str, ...] = ("Resolved", "Solved")
    """Those of the ending statuses after which a ticket is still to be closed."""
    closed: tuple[str, ...] | None = None
    """Statuses that end a ticket; None: the usual ones."""
    statuses: Columns = field(default_factory=dict)
    """The table of statuses, ``hold`` and ``closed``; a base adds to it."""
    written: frozenset[str] = frozenset()
    """The settings that somebody wrote; a column as ``columns.number``."""
    where: str = ""
    """The file that the map stands in, for messages."""

    def over(self, base: "LogMap") -> "LogMap":
        """Return this map with everything that is not written in it taken from another one."""
        chosen = {name: getattr(self, name) for name in self.written if "." not in name}
        columns = {**base.columns, **self.columns}
        found = replace(
            base,
            **chosen,
            columns=columns,
            statuses=self.statuses,
            written=self.written,
            where=self.where or base.where,
        )
        hold, closed = self._names("hold", base.hold), self._names("closed", base.closed)
        # A status that somebody gave one meaning has no other, whatever the base says.
        return replace(
            found,
            hold=_without(hold, self._own("closed"), self._own("hold")),
            closed=_without(closed, self._own("hold"), self._own("closed")),
        )

    def _own(self, meaning: str) -> tuple[str, ...]:
        """Return the statuses to which somebody gave a meaning."""
        if meaning in self.written:
            return getattr(self, meaning) or ()
        return self.statuses.get(meaning, ())

    def _names(self, meaning: str, base: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if meaning in self.written:
            names: tuple[str, ...] | None = getattr(self, meaning)
            return names
        own = self.statuses.get(meaning)
        return base if own is None else (*own, *(base or ()))

    def phases(self) -> StatusPhases:
        """Return what its statuses mean; what the map does not say is as usual."""
        return StatusPhases.of(
            USUAL_HOLD if self.hold is None else self.hold,
            USUAL_CLOSED if self.closed is None else self.closed,
        )


def _without(
    names: tuple[str, ...] | None, others: tuple[str, ...], own: tuple[str, ...]
) -> tuple[str, ...] | None:
    """Return names without those that mean something else, unless they are one's own."""
    if names is None:
        return None
    taken = set(map(folded, others)) - set(map(folded, own))
    return tuple(dict.fromkeys(name for name in names if folded(name) not in taken))


def _names(**columns: tuple[str, ...]) -> Columns:
    return MappingProxyType(columns)


UCI: Final = LogMap(
    preset="uci",
    columns=_names(
        number=("number",),
        created=("opened_at",),
        updated=("sys_updated_at",),
        status=("incident_state",),
        resolved=("resolved_at",),
        closed=("closed_at",),
        priority=("priority",),
        group=("assignment_group",),
        technician=("assigned_to",),
        requester=("caller_id",),
        client=("location",),
        request_type=("category",),
        subcategory=("subcategory",),
        subject=("category", "subcategory", "u_symptom"),
        met_sla=("made_sla",),
    ),
    needed=(
        "number", "status", "updated", "created", "priority", "group", "technician", "requester",
        "client", "request_type",
    ),
    usual_order="day-month",
    rows="events",
    missing=("?",),
    new=("New",),
)  # fmt: skip
"""The event log of a ServiceNow instance as published by C. A. L. Amaral, M. Fantinato and S. M.
Peres (UCI Machine Learning Repository, dataset 498)."""

PRESETS: Final[Mapping[str, LogMap]] = MappingProxyType(
    {
        "uci": UCI,
        "servicenow": LogMap(
            preset="servicenow",
            columns=_names(
                number=("Number", "Task", "ID"),
                created=("opened_at", "Opened", "sys_created_on", "Created"),
                updated=("sys_updated_on", "Updated", "Start"),
                status=("State", "incident_state", "Incident state", "Value"),
                first_response=(
                    "First response", "u_first_response", "first_response_at", "Responded",
                    "u_responded_at", "responded_at",
                ),
                resolved=("resolved_at", "Resolved"),
                closed=("closed_at", "Closed"),
                priority=("Priority",),
                group=("assignment_group", "Assignment group"),
                technician=("assigned_to", "Assigned to"),
                requester=("caller_id", "Caller"),
                client=("Company", "Location"),
                request_type=("Category",),
                subcategory=("Subcategory",),
                subject=("short_description", "Short description"),
                source=("contact_type", "Contact type", "Channel"),
                met_sla=("made_sla", "Made SLA"),
            ),
            new=("New", "1"),
            hold=(
                "On Hold", "3", "Awaiting User Info", "Awaiting Caller", "Awaiting Vendor",
                "Awaiting Problem", "Awaiting Change", "Awaiting Evidence",
            ),
            resolved=("Resolved", "6"),
            closed=("Resolved", "6", "Closed", "7", "Canceled", "Cancelled", "8"),
        ),
        "jira": LogMap(
            preset="jira",
            columns=_names(
                number=("Issue key", "Key"),
                created=("Created",),
                updated=("Transition date", "Change date", "Changed", "Updated"),
                status=("To status", "New status", "To", "Status"),
                first_response=(
                    "First response", "Custom field (First response)", "First response date",
                    "Custom field (First response date)",
                ),
                resolved=("Resolved", "Resolution date"),
                priority=("Priority",),
                group=("Team", "Custom field (Team)", "Custom field (Group)"),
                technician=("Assignee",),
                requester=("Reporter",),
                client=(
                    "Organizations", "Custom field (Organizations)", "Project name", "Project key"
                ),
                request_type=("Issue Type",),
                subject=("Summary",),
            ),
            hold=("On Hold", "Pending", "Waiting for customer", "Waiting for third party"),
            closed=("Resolved", "Done", "Closed", "Canceled", "Cancelled", "Declined"),
        ),
        "zendesk": LogMap(
            preset="zendesk",
            columns=_names(
                number=("Ticket ID", "ID", "#"),
                created=("Created at", "Ticket created - Timestamp", "Requested"),
                updated=("Update - Timestamp", "Updated at", "Ticket updated - Timestamp", "Updated"),
                status=("Changes - New value", "Ticket status", "Status"),
                first_response=(
                    "First reply at", "Ticket first reply - Timestamp", "First replied at"
                ),
                first_response_minutes=("First reply time in minutes", "First reply time (min)"),
                resolved=("Solved at", "Ticket solved - Timestamp"),
                resolved_minutes=(
                    "Full resolution time in minutes", "Full resolution time (min)"
                ),
                closed=("Closed at", "Ticket closed - Timestamp"),
                priority=("Ticket priority", "Priority"),
                group=("Ticket group", "Group"),
                technician=("Assignee name", "Assignee"),
                requester=("Requester name", "Requester"),
                client=("Ticket organization name", "Organization"),
                request_type=("Ticket type", "Type"),
                subject=("Ticket subject", "Subject"),
                source=("Ticket channel", "Channel", "Via"),
            ),
            # Open says that somebody has it, not that somebody answered.
            new=("New", "Open"),
            hold=("Pending", "On-hold", "On hold", "Hold"),
            closed=("Solved", "Closed", "Deleted"),
        ),
    }
)  # fmt: skip
"""The logs that people can export and that need no columns named."""
