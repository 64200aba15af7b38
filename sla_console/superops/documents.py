"""The GraphQL documents, each in its own file under ``queries/``, and what each is for."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final


@dataclass(frozen=True, slots=True)
class Document:
    """One query or mutation."""

    file: str
    """Name of the file without its ending."""
    root: str
    """The one root field, which is also the operation's name."""
    purpose: str
    """What it does, to complete "SuperOps does not let this token ..."."""
    rows: str | None = None
    """Where a list in pages keeps its rows; None for everything else."""
    write: bool = False
    """It changes something, so it is never sent twice."""

    @property
    def text(self) -> str:
        """The document as SuperOps is sent it."""
        return _read(self.file)


@cache
def _read(name: str) -> str:
    return files(__package__).joinpath("queries", f"{name}.graphql").read_text("utf-8")


TICKET_LIST: Final = Document("ticket_list", "getTicketList", "read tickets", "tickets")
TICKET: Final = Document("ticket", "getTicket", "read a ticket")
NOTES: Final = Document("notes", "getTicketNoteList", "read the notes of a ticket")
CONVERSATIONS: Final = Document(
    "conversations", "getTicketConversationList", "read the messages of a ticket"
)
TECHNICIANS: Final = Document("technicians", "getTechnicianList", "read technicians", "userList")
CLIENTS: Final = Document("clients", "getClientList", "read clients", "clients")
SITES: Final = Document("sites", "getClientSiteList", "read the sites of clients", "sites")
SLAS: Final = Document("slas", "getSLAList", "read the names of SLAs")
TICKET_FIELDS: Final = Document("ticket_fields", "getFields", "read the ticket fields")
STATUS_LIST: Final = Document("status_list", "getStatusList", "read the ticket statuses")
PRIORITY_LIST: Final = Document("priority_list", "getPriorityList", "read the ticket priorities")
ADD_NOTE: Final = Document("add_note", "createTicketNote", "add a note to a ticket", write=True)
UPDATE_TICKET: Final = Document("update_ticket", "updateTicket", "change a ticket", write=True)

ALL: Final = (
    TICKET_LIST,
    TICKET,
    NOTES,
    CONVERSATIONS,
    TECHNICIANS,
    CLIENTS,
    SITES,
    SLAS,
    TICKET_FIELDS,
    STATUS_LIST,
    PRIORITY_LIST,
    ADD_NOTE,
    UPDATE_TICKET,
)
