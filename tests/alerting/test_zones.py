"""Each person reads times in a zone of their own, whichever way a message comes.

Ada sits in New York, four hours behind UTC in October. What is due at 08:48 UTC is due at 04:48.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sla_console.alerting.digest import digest_of
from sla_console.alerting.wording import Composer
from sla_console.domain.alerts.alert import AlertEvent, Limits, OutboxMessage, Way
from sla_console.domain.alerts.notification import Notification, from_document, to_document
from sla_console.domain.people.directory import Directory, Person
from sla_console.domain.sla.breach import BreachType

NOW = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)
LONG = Limits(body=2000)
SMS = Limits(body=400, short=True)
READERS = Directory({"ada": Person("ada", ("phone",), zone=ZoneInfo("America/New_York"))}, {})


def about(event: AlertEvent, **more: object) -> OutboxMessage:
    due = NOW - timedelta(minutes=12)
    notification = Notification(
        event, due, ticket_id="77", display_id="T-77", subject="Printer down", due=due,
        target=BreachType.RESPONSE, breach_id="b1", reason="nobody took it",
    )  # fmt: skip
    return message(replace(notification, **more))


def message(notification: Notification) -> OutboxMessage:
    event, ticket = notification.event, notification.ticket_id
    return OutboxMessage(
        f"{event}:1", "phone", event, "", "", ticket, NOW, notification=notification, person="ada"
    )


def said(told: OutboxMessage, limits: Limits = LONG) -> str:
    found = Composer(zone_of=READERS.zone_of).compose(told, NOW, limits)
    assert found.fault is None
    return f"{found.title}\n{found.body}"


@pytest.mark.parametrize(
    "event",
    [AlertEvent.WARNING, AlertEvent.BREACH, AlertEvent.ESCALATION, AlertEvent.REMINDER,
     AlertEvent.RECOVERY, AlertEvent.FORECAST],
)  # fmt: skip
def test_what_is_about_one_ticket(event) -> None:
    ended = NOW if event is AlertEvent.RECOVERY else None
    text = said(about(event, ended_at=ended))
    assert "04:48 EDT" in text
    assert "UTC" not in text


def test_a_digest_tells_ages_which_are_alike_in_every_zone() -> None:
    text = said(replace(digest_of([about(AlertEvent.BREACH)] * 2, NOW), person="ada"))
    assert text.count("12 m late") == 2
    assert "08:48" not in text
    assert "UTC" not in text


def test_a_copy_that_came_another_way() -> None:
    elsewhere = replace(about(AlertEvent.BREACH), channel="mail")
    copy = elsewhere.copy_to("phone", Way.FALLBACK, "mail refused it; sent here instead", NOW)
    assert "04:48 EDT" in said(copy)
    assert "mail refused it" in said(copy)


@pytest.mark.parametrize("limits", [LONG, SMS])
@pytest.mark.parametrize("event", [AlertEvent.MONITOR, AlertEvent.REPORT])
def test_trouble_of_the_console_and_a_report(event, limits) -> None:
    begin = NOW - timedelta(hours=1)
    notification = Notification(
        event, NOW, headline=f"Blind from {begin:%Y-%m-%d %H:%M} to {NOW:%H:%M} UTC",
        lines=(f"Since {begin:%Y-%m-%d %H:%M} UTC",), times=(begin, NOW),
    )  # fmt: skip
    text = said(message(notification), limits)
    assert "Blind from 2026-10-12 04:00 EDT to 05:00 EDT" in text
    assert "Since 2026-10-12 04:00 EDT" in text
    assert "UTC" not in text


def test_a_time_that_somebody_else_wrote_stays_as_it_is() -> None:
    text = said(about(AlertEvent.BREACH, subject="Down since 2026-10-12 08:00 UTC"))
    assert "Down since 2026-10-12 08:00 UTC" in text


def test_what_waits_in_the_outbox_keeps_its_times() -> None:
    notification = Notification(AlertEvent.MONITOR, NOW, headline="x", times=(NOW,))
    assert from_document(to_document(notification)) == notification
