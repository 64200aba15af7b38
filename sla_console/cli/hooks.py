"""Putting the receiver of links and events together, and what ``check`` has to say of it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sla_console.cli.findings import CheckFinding
from sla_console.cli.logs import REDACTION
from sla_console.config.settings import Settings
from sla_console.domain.clock import Clock
from sla_console.domain.errors import UserError
from sla_console.http.standard_webhooks import signing_key

if TYPE_CHECKING:
    from sla_console.alerting.action_links import ActionLinks
    from sla_console.monitoring.engine import SLAMonitoringEngine
    from sla_console.service.sla_service import SLAService
    from sla_console.store.store import Store

_SIGNING = "hooks.superops.signing"


def action_links(settings: Settings, store: "Store") -> "ActionLinks | None":
    """Return what makes the links in messages; None where there shall be none.

    Args:
        settings: The configuration.
        store: The open store, from whose key that of the links is derived.
    """
    hooks = settings.hooks
    # A console that may change nothing offers no buttons.
    if not hooks.enabled or hooks.public_url is None or settings.ui.read_only:
        return None
    from sla_console.alerting.action_links import PURPOSE, ActionLinks

    return ActionLinks(
        store.derived_key(PURPOSE),
        hooks.public_url,
        hooks.link_life,
        settings.alerts.directory_as_domain(),
        hooks.digest_links,
    )


def receive(
    settings: Settings,
    engine: "SLAMonitoringEngine",
    service: "SLAService",
    clock: Clock,
    links: "ActionLinks | None",
) -> None:
    """Have the engine listen for links and events, where that is wanted.

    Raises:
        UserError: if a secret of it cannot be read or used.
    """
    hooks = settings.hooks
    if not hooks.enabled:
        return
    from sla_console.alerting.channels.clock import machine_time
    from sla_console.hooks.action_routes import ActionRoutes
    from sla_console.hooks.event_routes import EventRoutes
    from sla_console.hooks.pages import Pages
    from sla_console.hooks.receiver import Receiver
    from sla_console.hooks.server import HookServer
    from sla_console.service.message_actions import MessageActions
    from sla_console.service.outside_events import OutsideEvents

    token, key = _secrets(settings)
    routes = EventRoutes(OutsideEvents(engine), machine_time, token, key).routes()
    if links is not None:
        zone = settings.ui.timezone
        actions = MessageActions(service, engine, links, clock, hooks.snooze)
        pages = Pages(hooks.snooze, ZoneInfo(zone) if zone else None)
        routes += ActionRoutes(actions, pages).routes()

    def heard(listening: bool) -> None:
        if links is not None:
            links.heard = listening

    Receiver(engine, HookServer(routes, *hooks.address), hooks.listen, heard).join()


def hook_findings(settings: Settings) -> Iterator[CheckFinding]:
    """Yield whether links and events from outside will be taken.

    Args:
        settings: The configuration.
    """
    hooks = settings.hooks
    if not hooks.enabled:
        return
    try:
        token, key = _secrets(settings)
    except UserError as error:
        yield CheckFinding("trouble", "hooks", str(error))
        return
    yield CheckFinding("ok", "hooks", f"the console that monitors will listen on {hooks.listen}")
    if hooks.public_url is None:
        yield CheckFinding("note", "hooks", "no public_url, so messages carry no links")
    elif settings.ui.read_only:
        yield CheckFinding("note", "hooks", "ui.read_only is true, so messages carry no links")
    else:
        where = f"messages carry links below {hooks.public_url}"
        yield CheckFinding("ok", "hooks", f"{where}, good for {hooks.link_hours} h")
    ways = [*(["a secret path"] if token else []), *(["a signature"] if key else [])]
    if ways:
        yield CheckFinding("ok", "hooks", f"events about tickets are taken by {' or '.join(ways)}")
    else:
        yield CheckFinding("note", "hooks", "no [hooks.superops], so no event is taken")


def _secrets(settings: Settings) -> tuple[str | None, bytes | None]:
    """Return the secret part of the path and the signing key of events, kept out of the log.

    Raises:
        UserError: if one cannot be read or used.
    """
    superops = settings.hooks.superops
    token, key = superops.read_token(), superops.read_key()
    for secret in (token, key):
        if secret is not None:
            REDACTION.know(secret.reveal())
    return (
        None if token is None else token.reveal(),
        None if key is None else signing_key(_SIGNING, key.reveal()),
    )
