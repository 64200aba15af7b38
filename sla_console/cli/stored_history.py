"""The tickets of the store with the lives that the console saw, to try promises on."""

import argparse
import sys
from datetime import UTC, datetime

from sla_console.cli.configuration import configured
from sla_console.cli.stored import opened_store
from sla_console.domain.errors import UserError
from sla_console.domain.tickets.past_tickets import PastTicket


async def stored_history(args: argparse.Namespace) -> list[PastTicket]:
    """Return every ticket of the store as one of the past; those without a creation are counted.

    Raises:
        UserError: if there is no store yet, or no ticket in it.
        SLAConsoleError: if it cannot be opened or read.
    """
    from sla_console.domain.tickets.sighting import past_of

    configuration = configured(args)
    settings, database = configuration.settings, configuration.paths.database
    async with opened_store(configuration) as store:
        if store is None:
            raise UserError(
                f"{database}: there is no history yet; the first start of the console makes it"
            )
        tickets = await store.tickets.load_open()
        tickets += await store.tickets.load_closed_since(datetime(1970, 1, 1, tzinfo=UTC))
        sightings = await store.lives.all_sightings()
    phases = settings.statuses.as_domain()
    found, without = [], 0
    for ticket in tickets:
        if ticket.created_at is None:
            without += 1
            continue
        found.append(past_of(ticket, sightings.get(ticket.id, ()), phases))
    if without:
        print(f"{without} tickets without a creation time are left out", file=sys.stderr)
    if not found:
        raise UserError(f"{database}: it holds no ticket yet; let the console run a while")
    return sorted(found, key=lambda past: (past.opened_at, past.number))
