"""Finds a ticket by what people call it: its own id, or its number, which two can carry."""

from collections.abc import Iterable, Sequence

from sla_console.domain.errors import UserError
from sla_console.domain.names import folded
from sla_console.domain.tickets.ticket import Ticket

_SHOWN = 5


def referred(reference: str, tickets: Iterable[Ticket]) -> list[Ticket]:
    """Return the tickets that somebody may mean: the one of this id, else all of this number.

    Args:
        reference: As typed, with or without ``#``.
        tickets: Those there are.
    """
    wanted = reference.strip().removeprefix("#").strip()
    number, found = folded(wanted), dict[str, Ticket]()
    for ticket in tickets:
        if ticket.id == wanted:
            return [ticket]
        if folded(ticket.display_id) == number:
            found[ticket.id] = ticket
    return list(found.values())


def only_one(reference: str, tickets: Sequence[Ticket]) -> Ticket | None:
    """Return the ticket that is meant, or None where there is none.

    Args:
        reference: As typed.
        tickets: Those it may mean, as ``referred`` gives them.

    Raises:
        UserError: if there are several, with each id to choose from.
    """
    if len(tickets) < 2:
        return tickets[0] if tickets else None
    shown = "; ".join(
        f"{one.id} ({one.client or 'no client'}, {one.subject[:60]})" for one in tickets[:_SHOWN]
    )
    more = f"; and {len(tickets) - _SHOWN} more" if len(tickets) > _SHOWN else ""
    raise UserError(
        f"ticket {reference[:60]!a}: {len(tickets)} tickets carry this number, expected one of "
        f"their ids: {shown}{more}"
    )
