"""What the store knows of the desk, read once, for the commands that look without monitoring."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sla_console.cli.clock import SystemClock
from sla_console.cli.configuration import Configuration
from sla_console.domain.people.people import Client, Site, Technician
from sla_console.domain.people.rota import Absence, Handover
from sla_console.domain.sla.breach import SLABreach
from sla_console.domain.sla.policy import SLAPolicy
from sla_console.domain.tickets.ticket import Ticket

if TYPE_CHECKING:
    from sla_console.store.store import Store


@dataclass(frozen=True, slots=True)
class Stored:
    """The desk as last seen."""

    tickets: tuple[Ticket, ...] = ()
    """The open ones."""
    technicians: tuple[Technician, ...] = ()
    clients: tuple[Client, ...] = ()
    sites: tuple[Site, ...] = ()
    policies: tuple[SLAPolicy, ...] = ()
    """Those in force: the configuration's, then SuperOps' SLAs that it does not describe."""
    handovers: tuple[Handover, ...] = ()
    """Changes that people made to the on-call rotations."""
    absences: tuple[Absence, ...] = ()
    breaches: tuple[SLABreach, ...] = ()
    """Those that are not over."""
    owed_to: tuple[str, ...] = ()
    """Channels that messages wait for."""


@contextlib.asynccontextmanager
async def opened_store(configuration: Configuration) -> "AsyncIterator[Store | None]":
    """Give the store, None where there is none yet; none is made.

    Raises:
        SLAConsoleError: if it cannot be opened.
    """
    paths = configuration.paths
    from sla_console.store.key import KEYRING_ENTRY, load_or_create_key
    from sla_console.store.key_check import is_there, refuse_gone
    from sla_console.store.store import Store

    if not is_there(paths.database):
        refuse_gone(paths.database)
        yield None
        return

    # A key file that somebody named is the key; the keyring is not asked behind their back.
    entry = None if configuration.settings.store.key_file else KEYRING_ENTRY
    key = load_or_create_key(paths.key_file, entry)
    store = await Store.open(paths.database, key, SystemClock().now)
    try:
        yield store
    finally:
        await store.close()


async def read_stored(configuration: Configuration) -> Stored | None:
    """Return what the store knows, None where there is no store yet.

    Raises:
        SLAConsoleError: if it cannot be opened or read.
    """
    async with opened_store(configuration) as store:
        if store is None:
            return None
        now = SystemClock().now()
        return Stored(
            tuple(await store.tickets.load_open()),
            tuple(await store.people.technicians()),
            tuple(await store.people.clients()),
            tuple(await store.people.sites()),
            tuple(await policies_in_force(configuration, store)),
            tuple(await store.rota.handovers(now)),
            tuple(await store.rota.absences(now)),
            tuple(await store.breaches.load_active()),
            tuple(one.channel for one in await store.outbox.records() if one.waiting),
        )


async def policies_in_force(configuration: Configuration, store: "Store") -> list[SLAPolicy]:
    """Return the policies in force as the configuration and the store know them.

    Raises:
        StoreError: if the store cannot be read.
    """
    from sla_console.monitoring.policies import in_force

    known = await store.policies.load()
    configured = configuration.settings.policies_as_domain()
    return in_force(configured, known, known, SystemClock().now())
