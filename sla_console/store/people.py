"""Technicians, clients and sites: catalogues that are always saved whole."""

import json
from collections.abc import Iterable, Sequence

from sla_console.domain.people.people import Client, Site, Technician
from sla_console.store.connection import Params
from sla_console.store.database import Database


class PeopleStore:
    """The people and places that tickets name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save_technicians(self, technicians: Sequence[Technician]) -> None:
        """Make these all the technicians there are."""
        await self._replace(
            "DELETE FROM technician",
            "INSERT INTO technician (id, name, email, tech_groups) "
            "VALUES (:id, :name, :email, :groups)",
            (
                {"id": one.id, "name": one.name, "email": one.email, "groups": _list(one.groups)}
                for one in technicians
            ),
        )

    async def technicians(self) -> list[Technician]:
        """Return all technicians by name."""
        rows = await self._database.rows(
            "SELECT id, name, email, tech_groups FROM technician ORDER BY name, id"
        )
        return [
            Technician(key, name, email, tuple(json.loads(groups)))
            for key, name, email, groups in rows
        ]

    async def save_clients(self, clients: Sequence[Client]) -> None:
        """Make these all the clients there are; the names that they had before are kept."""
        await self._replace(
            "DELETE FROM client",
            "INSERT INTO client (id, name, hq_site_id) VALUES (:id, :name, :hq_site_id)",
            ({"id": one.id, "name": one.name, "hq_site_id": one.hq_site_id} for one in clients),
            "INSERT INTO client_name (client_id, name) SELECT id, name FROM client WHERE true "
            "ON CONFLICT (client_id, name) DO NOTHING",
        )

    async def clients(self) -> list[Client]:
        """Return all clients by name."""
        rows = await self._database.rows(
            "SELECT id, name, hq_site_id FROM client ORDER BY name, id"
        )
        earlier: dict[str, list[str]] = {}
        for client_id, name in await self._database.rows(
            "SELECT was.client_id, was.name FROM client_name AS was "
            "JOIN client ON client.id = was.client_id WHERE client.name <> was.name "
            "ORDER BY was.client_id, was.name"
        ):
            earlier.setdefault(client_id, []).append(name)
        return [
            Client(key, name, hq_site_id, tuple(earlier.get(key, ())))
            for key, name, hq_site_id in rows
        ]

    async def save_sites(self, sites: Sequence[Site]) -> None:
        """Make these all the sites there are."""
        await self._replace(
            "DELETE FROM site",
            "INSERT INTO site (id, name, client_id, timezone, working_24x7, hours, hq) "
            "VALUES (:id, :name, :client_id, :timezone, :working_24x7, :hours, :hq)",
            (
                {
                    "id": one.id,
                    "name": one.name,
                    "client_id": one.client_id,
                    "timezone": one.timezone,
                    "working_24x7": one.working_24x7,
                    "hours": _list(one.hours),
                    "hq": one.hq,
                }
                for one in sites
            ),
        )

    async def sites(self) -> list[Site]:
        """Return all sites by name."""
        rows = await self._database.rows(
            "SELECT id, name, client_id, timezone, working_24x7, hours, hq "
            "FROM site ORDER BY name, id"
        )
        return [
            Site(
                key,
                name,
                client_id,
                timezone,
                bool(always),
                tuple((day, start, end) for day, start, end in json.loads(hours)),
                bool(hq),
            )
            for key, name, client_id, timezone, always, hours, hq in rows
        ]

    async def _replace(
        self, delete: str, insert: str, params: Iterable[Params], then: str | None = None
    ) -> None:
        async with self._database.transaction() as transaction:
            await transaction.run(delete)
            await transaction.many(insert, params)
            if then is not None:
                await transaction.run(then)


def _list(items: Sequence[object]) -> str:
    return json.dumps(items, ensure_ascii=False)
