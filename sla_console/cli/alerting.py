"""Putting the alerting room together: channels, rules, words, and what is not told."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sla_console.cli.logs import REDACTION
from sla_console.config.settings import Settings
from sla_console.domain.clock import Clock

if TYPE_CHECKING:
    from sla_console.alerting.action_links import ActionLinks
    from sla_console.alerting.channels import ChannelSpec
    from sla_console.alerting.channels.heartbeat import Heartbeat
    from sla_console.alerting.ports import Channel
    from sla_console.alerting.room import AlertingRoom, AlertingSettings
    from sla_console.alerting.wording import Composer
    from sla_console.store.store import Store


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


def wording(settings: Settings, links: "ActionLinks | None" = None) -> "Composer":
    """Return what puts messages into words.

    Args:
        settings: The configuration.
        links: Makes the links by which a reader acts; None: messages have none.
    """
    from sla_console.alerting.wording import Composer

    zone = ZoneInfo(settings.ui.timezone) if settings.ui.timezone else None
    readers = settings.alerts.directory_as_domain()
    templates, address = settings.alerts.templates, ticket_link(settings)
    return Composer(templates, address, zone, readers.zone_of, links)


def alerting_settings(settings: Settings) -> "AlertingSettings":
    """Return what the configuration says about alerts."""
    from sla_console.alerting.dispatcher import DeliverySettings
    from sla_console.alerting.grouping import Grouping
    from sla_console.alerting.room import AlertingSettings

    alerts, zone = settings.alerts, settings.ui.timezone
    return AlertingSettings(
        channels=alerts.enabled(),
        renamed=alerts.renamed(),
        directory=alerts.directory_as_domain(),
        grouping=Grouping(
            wait=timedelta(seconds=alerts.group_wait_seconds),
            interval=timedelta(seconds=alerts.group_interval_seconds),
            storm=alerts.storm_per_minute,
        ),
        quiet_hours=alerts.quiet_hours,
        windows=alerts.maintenance_as_domain(),
        escalations=alerts.escalations_as_domain(),
        repeat=timedelta(hours=alerts.repeat_hours),
        canary_at=alerts.canary_time(),
        zone=ZoneInfo(zone) if zone else None,
        beat_every=timedelta(seconds=alerts.heartbeat.every_seconds),
        forewarn_from=alerts.forecast_percent / 100,
        forewarn_most=alerts.forecast_budget_percent / 100,
        stale_after=timedelta(seconds=settings.sync.stale_after_seconds),
        bursts=alerts.bursts.as_domain(),
        delivery=DeliverySettings(
            alerts.max_attempts,
            alerts.send_timeout_seconds,
            timedelta(hours=alerts.give_up_hours),
        ),
    )


async def alerting_of(
    settings: Settings,
    store: "Store",
    clock: Clock,
    *,
    sending: bool,
    links: "ActionLinks | None" = None,
) -> "AlertingRoom":
    """Return the alerting room over an open store.

    Args:
        settings: The configuration.
        store: The open store.
        clock: The moment.
        sending: Whether anything will be sent. Where nothing is, no channel is built and no secret
            of one is read: looking at the store needs none and runs no command of somebody's.
        links: Makes the links by which a reader acts; None: messages have none.

    Raises:
        UserError: if a channel or a rule cannot be used.
    """
    from sla_console.alerting.room import AlertingRoom

    room = AlertingRoom(
        store,
        alert_channels(settings) if sending else {},
        clock,
        wording(settings, links),
        alerting_settings(settings),
        heartbeat_of(settings) if sending else None,
    )
    await room.manager.configure_alert_rules(settings.rules_as_domain())
    return room


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
