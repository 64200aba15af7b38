"""Putting the alerting room together: channels, rules, words, and what is not told."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sla_console.cli.logs import REDACTION
from sla_console.config.settings import Settings
from sla_console.domain.clock import Clock

if TYPE_CHECKING:
    from sla_console.alerting.channels import ChannelSpec
    from sla_console.alerting.channels.heartbeat import Heartbeat
    from sla_console.alerting.dispatcher import Dispatcher
    from sla_console.alerting.manager import AlertManager
    from sla_console.alerting.planner import Planner
    from sla_console.alerting.ports import Channel
    from sla_console.alerting.wording import Composer
    from sla_console.monitoring.duties import DutySettings
    from sla_console.monitoring.quiet import QuietKeeper
    from sla_console.store.store import Store


@dataclass(frozen=True, slots=True)
class Alerting:
    """What the engine and the service need of it."""

    manager: "AlertManager"
    dispatcher: "Dispatcher"
    quiet: "QuietKeeper"
    heartbeat: "Heartbeat | None"


def ticket_link(settings: Settings) -> Callable[[str], str | None]:
    """Return what makes a browser's address from a ticket's id."""
    host = settings.portal_host

    def link(ticket_id: str) -> str | None:
        return f"https://{host}/#/tickets/{ticket_id}/ticket" if host else None

    return link


def channel_spec(settings: Settings, name: str) -> "ChannelSpec":
    """Return what is known of a channel, its secrets read and kept out of the log.

    Raises:
        UserError: if one of its secrets cannot be read.
    """
    from sla_console.alerting.channels import ChannelSpec

    pieces = settings.alerts.channels[name].pieces(name)
    for secret in (pieces.url, pieces.signing_key):
        if secret is not None:
            REDACTION.know(secret.reveal())
    return ChannelSpec(**pieces._asdict())


def alert_channels(settings: Settings) -> "dict[str, Channel]":
    """Return the enabled channels by name.

    Raises:
        UserError: if one's address cannot be read or used.
    """
    names = settings.alerts.enabled()
    if not names:
        return {}
    from sla_console.alerting.channels import build_channel

    return {name: build_channel(channel_spec(settings, name)) for name in names}


def terminals(settings: Settings) -> dict[str, tuple[str, ...]]:
    """Return the channels that are terminals, with the signals each gives."""
    return {
        name: tuple(channel.signals)
        for name, channel in settings.alerts.channels.items()
        if channel.enabled and channel.service == "terminal"
    }


def wording(settings: Settings) -> "Composer":
    """Return what puts messages into words."""
    from sla_console.alerting.wording import Composer

    zone = ZoneInfo(settings.ui.timezone) if settings.ui.timezone else None
    readers = settings.alerts.directory_as_domain()
    return Composer(settings.alerts.templates, ticket_link(settings), zone, readers.zone_of)


def planner_of(settings: Settings, quiet: "QuietKeeper") -> "Planner":
    """Return what turns a notice into messages."""
    from sla_console.alerting.groups import Grouping, Groups
    from sla_console.alerting.planner import Planner, Quieting

    alerts = settings.alerts
    grouping = Grouping(
        wait=timedelta(seconds=alerts.group_wait_seconds),
        interval=timedelta(seconds=alerts.group_interval_seconds),
        repeat=timedelta(hours=alerts.repeat_hours),
        storm=alerts.storm_per_minute,
    )
    return Planner(
        alerts.enabled(),
        alerts.directory_as_domain(),
        Groups(grouping),
        Quieting(quiet.hush, alerts.quiet_hours),
    )


async def alerting_of(
    settings: Settings, store: "Store", clock: Clock, *, sending: bool
) -> Alerting:
    """Return the alerting room over an open store.

    Args:
        settings: The configuration.
        store: The open store.
        clock: The moment.
        sending: Whether anything will be sent. Where nothing is, no channel is built and no secret
            of one is read: looking at the store needs none and runs no command of somebody's.

    Raises:
        UserError: if a channel or a rule cannot be used.
    """
    from sla_console.alerting.dispatcher import DeliverySettings, Dispatcher
    from sla_console.alerting.gatherer import Gatherer
    from sla_console.alerting.manager import AlertManager
    from sla_console.monitoring.quiet import QuietKeeper

    alerts = settings.alerts
    quiet = QuietKeeper(store, alerts.maintenance_as_domain())
    planner = planner_of(settings, quiet)
    manager = AlertManager(store, planner, clock, alerts.escalations_as_domain())
    await manager.configure_alert_rules(settings.rules_as_domain())
    dispatcher = Dispatcher(
        store.outbox,
        alert_channels(settings) if sending else {},
        clock,
        wording(settings),
        store.deliveries,
        DeliverySettings(
            alerts.max_attempts,
            alerts.send_timeout_seconds,
            timedelta(hours=alerts.give_up_hours),
        ),
    )
    gatherer = Gatherer(store.outbox, planner.groups, dispatcher.look_again)
    dispatcher.gather = gatherer.step
    return Alerting(manager, dispatcher, quiet, heartbeat_of(settings) if sending else None)


def duty_settings(settings: Settings) -> "DutySettings":
    """Return what the engine does about alerts beside sending them."""
    from sla_console.monitoring.duties import DutySettings

    alerts = settings.alerts
    name = settings.ui.timezone
    return DutySettings(
        channels=alerts.enabled(),
        windows=alerts.maintenance_as_domain(),
        repeat=timedelta(hours=alerts.repeat_hours),
        canary_at=alerts.canary_time(),
        zone=ZoneInfo(name) if name else None,
        beat_every=timedelta(seconds=alerts.heartbeat.every_seconds),
        forewarn_from=alerts.forecast_percent / 100,
    )


def heartbeat_of(settings: Settings) -> "Heartbeat | None":
    """Return what tells the outside that the console is alive; None: nothing is set.

    Raises:
        UserError: if its address cannot be read or used.
    """
    found = settings.alerts.heartbeat
    source = found.source("alerts.heartbeat")
    if source is None:
        return None
    from sla_console.alerting.channels.heartbeat import Heartbeat

    url = source.read()
    REDACTION.know(url.reveal())
    return Heartbeat(url, allow_private=found.allow_private)
