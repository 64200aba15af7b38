"""A console with its receiver on a free port of loopback; only the console's time is played."""

import importlib.util
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from sla_console.alerting.action_links import PURPOSE, ActionLinks
from sla_console.alerting.wording import Composer
from sla_console.domain.alerts.action_link import LinkAction
from sla_console.domain.alerts.alert import AlertRule
from sla_console.domain.people.directory import Directory, Person
from sla_console.hooks.action_routes import ActionRoutes
from sla_console.hooks.event_routes import EventRoutes
from sla_console.hooks.pages import Pages
from sla_console.hooks.receiver import Receiver
from sla_console.hooks.server import HookServer
from sla_console.service.message_actions import MessageActions
from sla_console.service.outside_events import OutsideEvents

_SPEC = importlib.util.spec_from_file_location(
    "monitoring_fixtures", Path(__file__).parents[1] / "monitoring" / "conftest.py"
)
assert _SPEC
assert _SPEC.loader
_SHARED = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_SHARED)
begin, desk, server = _SHARED.begin, _SHARED.desk, _SHARED.server

KEY = b"a signing key of thirty bytes."
TOKEN = "0123456789abcdef0123456789abcdef"
ADA = Person("Ada Berg", ("ada",))
REAL = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)
"""The real moment, against which signatures are held."""


@dataclass
class Hooked:
    """A console and its receiver."""

    console: Any
    links: ActionLinks
    receiver: Receiver
    web: HookServer
    events: EventRoutes
    client: httpx.AsyncClient

    async def end(self) -> None:
        """Let the next console take over."""
        await self.console.engine.leadership.release()
        await self.receiver.step()

    async def sent(self, channel: str = "ada") -> Any:
        """Send what waits and return the latest message of a channel as it was given to it."""
        await self.console.send()
        return self.console.phones[channel].seen[-1]

    async def path(self, action: LinkAction = LinkAction.CHOOSE, channel: str = "ada") -> str:
        """Send what waits and return the path of a link in the latest message of a channel."""
        message = await self.sent(channel)
        return next(one.url for one in message.links if one.action is action).removeprefix(
            "https://sla.example"
        )

    @property
    def breach(self) -> Any:
        (breach,) = self.console.engine.alerting.incidents.all()
        return breach


@pytest.fixture
async def hook(begin, clock):
    """Begin a console with its receiver, as often as wanted; it leads and listens."""
    async with AsyncExitStack() as stack:

        async def start(
            people=(ADA,), port=0, warn=(), head=5.0, whole=10.0, **settings: Any
        ) -> Hooked:
            directory = Directory({one.name: one for one in people}, {})
            made: list[ActionLinks] = []

            def wording(store) -> Composer:
                key = store.derived_key(PURPOSE)
                made.append(ActionLinks(key, "https://sla.example", timedelta(hours=4), directory))
                return Composer(links=made[0])

            console = await begin(
                warn_at=warn,
                channels=("ada", "ops"),
                rules=[AlertRule("all", ("ada", "ops"))],
                directory=directory,
                wording=wording,
                **settings,
            )
            (links,) = made
            snooze = timedelta(hours=1)
            actions = MessageActions(console.service, console.engine, links, clock, snooze)
            events = EventRoutes(OutsideEvents(console.engine), lambda: REAL, TOKEN, KEY)
            routes = [*ActionRoutes(actions, Pages(snooze)).routes(), *events.routes()]
            web = HookServer(routes, "127.0.0.1", port, head, whole)
            receiver = Receiver(
                console.engine, web, "127.0.0.1", lambda heard: setattr(links, "heard", heard)
            )
            receiver.join()
            await console.engine.leadership.claim()
            await receiver.step()
            stack.push_async_callback(web.stop)
            client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{web.port}", trust_env=False)
            stack.push_async_callback(client.aclose)
            return Hooked(console, links, receiver, web, events, client)

        yield start


@pytest.fixture
async def hooked(hook, clock, desk) -> AsyncIterator[Hooked]:
    """A console on which the first response of T1, opened at 9:00, broke at 10:00."""
    found = await hook()
    desk.open("T1", clock.now(), subject="Printer on fire")
    await found.console.sync()
    await found.console.pass_time(clock, hours=1, minutes=12)
    return found
