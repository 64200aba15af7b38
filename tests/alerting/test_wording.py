"""The words of the alerts: what a message says, how it is cut, and the templates of the user's."""

import hashlib
import subprocess
import sys
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sla_console.alerting.action_links import ActionLinks
from sla_console.alerting.wording import Composer, check_templates
from sla_console.alerting.wording.facts import facts_of, outside
from sla_console.alerting.wording.fit import Tail, cut, fit_body, fit_title
from sla_console.alerting.wording.samples import samples
from sla_console.alerting.wording.sandbox import PURSE
from sla_console.domain.alerts.alert import (
    AlertEvent,
    DeliveryState,
    Limits,
    Notification,
    OutboxMessage,
    Way,
)
from sla_console.domain.forecast.risk import RiskLevel
from sla_console.domain.people.directory import Directory, Person
from sla_console.domain.sla.breach import BreachType

NOW = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)
LONG = Limits()
SMS = Limits(title=60, body=160, short=True)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def link(ticket_id: str) -> str:
    return f"https://desk.example/#/tickets/{ticket_id}"


def notification(event: AlertEvent, **changes) -> Notification:
    usual = Notification(
        event,
        NOW,
        ticket_id="77",
        display_id="T-77",
        subject="Printer down",
        client="Harbour Dental",
        priority="High",
        policy="Gold",
        technician="Marta Lindqvist",
        target=BreachType.RESPONSE,
        due=NOW - minutes(12),
        severity=RiskLevel.HIGH,
    )
    return replace(usual, **changes)


def message(told: Notification | None, **changes) -> OutboxMessage:
    usual = OutboxMessage(
        key="breach:b1:ops",
        channel="ops",
        event=told.event if told else AlertEvent.BREACH,
        title="BREACHED: first response of T-77",
        body="",
        ticket_id="77",
        created_at=NOW,
        notification=told,
        attempts=1,
    )
    return replace(usual, **changes)


BUILT_IN = Composer(link=link)


def worded(
    told: Notification, limits: Limits = LONG, now: datetime = NOW, **changes
) -> tuple[str, str]:
    found = BUILT_IN.compose(message(told, **changes), now, limits)
    assert found.fault is None
    return found.title, found.body


def own(folder: Path, name: str, text: str) -> Composer:
    (folder / name).write_text(text)
    return Composer(folder, link)


def block(name: str, text: str) -> str:
    return f"{{% block {name} %}}{text}{{% endblock %}}"


# Whole messages


def test_a_breach_says_what_whose_how_late_and_what_to_do() -> None:
    title, body = worded(notification(AlertEvent.BREACH), person="Ada Berg")
    assert title == "BREACHED 12 m ago: Harbour Dental, Printer down [T-77 first response]"
    assert body == (
        "The first response of T-77 is broken: it was due 2026-10-12 08:48 UTC, 12 m ago.\n"
        "\n"
        "Subject: Printer down\n"
        "Client: Harbour Dental\n"
        "Priority: High\n"
        "Technician: Marta Lindqvist\n"
        "Policy: Gold\n"
        "For: Ada Berg\n"
        "\n"
        "To do: acknowledge it in the SLA console, or answer the client.\n"
        "https://desk.example/#/tickets/77\n"
        "Ref: 6543a84769"
    )


def test_a_warning_says_how_long_is_left() -> None:
    told = notification(
        AlertEvent.WARNING,
        target=BreachType.RESOLUTION,
        due=NOW + minutes(75),
        level="75%",
        technician=None,
        policy=None,
    )
    title, body = worded(told)
    assert title == "1 h 15 m left: Harbour Dental, Printer down [T-77 resolution]"
    assert body == (
        "The resolution of T-77 is about to be late: it is due 2026-10-12 10:15 UTC, "
        "in 1 h 15 m.\n"
        "Used: 75 % of its time.\n"
        "\n"
        "Subject: Printer down\n"
        "Client: Harbour Dental\n"
        "Priority: High\n"
        "Technician: nobody has it\n"
        "\n"
        "To do: resolve the ticket before 2026-10-12 10:15 UTC.\n"
        "https://desk.example/#/tickets/77\n"
        "Ref: 6543a84769"
    )


def test_an_escalation_says_which_step_who_and_why() -> None:
    told = notification(
        AlertEvent.ESCALATION, step="2 of 3", by="Ada Berg", reason="the client called twice"
    )
    title, body = worded(told)
    assert title == (
        "ESCALATED, step 2 of 3, 12 m late: Harbour Dental, Printer down [T-77 first response]"
    )
    assert body == (
        "Ada Berg escalated the first response of T-77 (step 2 of 3): "
        "it was due 2026-10-12 08:48 UTC, 12 m ago.\n"
        "Reason: the client called twice\n"
        "\n"
        "Subject: Printer down\n"
        "Client: Harbour Dental\n"
        "Priority: High\n"
        "Technician: Marta Lindqvist\n"
        "Policy: Gold\n"
        "\n"
        "To do: acknowledge it in the SLA console, which ends the escalation; "
        "then answer the client.\n"
        "https://desk.example/#/tickets/77\n"
        "Ref: 6543a84769"
    )


def test_an_escalation_by_the_console_says_that_nobody_took_it() -> None:
    _, body = worded(notification(AlertEvent.ESCALATION, step="1 of 3"))
    assert body.startswith(
        "Nobody has taken the first response of T-77, so it is escalated (step 1 of 3): "
    )


def test_a_recovery_says_how_long_it_lasted() -> None:
    title, body = worded(notification(AlertEvent.RECOVERY, ended_at=NOW), now=NOW + minutes(30))
    assert title == "Over after 12 m: Harbour Dental, Printer down [T-77 first response]"
    assert body == (
        "The breach of the first response of T-77 is over after 12 m; "
        "it was due 2026-10-12 08:48 UTC.\n"
        "\n"
        "Subject: Printer down\n"
        "Client: Harbour Dental\n"
        "Priority: High\n"
        "Technician: Marta Lindqvist\n"
        "Policy: Gold\n"
        "\n"
        "To do: nothing.\n"
        "https://desk.example/#/tickets/77\n"
        "Ref: 6543a84769"
    )


def test_a_recovery_of_what_was_never_told_says_both() -> None:
    told = notification(AlertEvent.RECOVERY, ended_at=NOW, first_told=True)
    title, body = worded(told)
    assert title == "Breached and recovered: Harbour Dental, Printer down [T-77 first response]"
    assert body.startswith(
        "Breached and recovered: the first response of T-77 was broken at 2026-10-12 08:48 UTC "
        "and is over after 12 m; nothing was told before.\n"
    )


def test_a_reminder_says_what_became_of_the_acknowledgement() -> None:
    told = notification(AlertEvent.REMINDER, by="Ada Berg", reason="the snooze is over")
    title, body = worded(told)
    assert title.startswith("REMINDER, 12 m late: ")
    assert "Reminder: the snooze is over.\nIt was last in the hands of Ada Berg.\n" in body


@pytest.mark.parametrize(
    ("probability", "told"),
    [
        (0.8, "It is likely (80 %) that"),
        (0.55, "It is more likely than not (55 %) that"),
        (1.0, "It is almost certain (99 %) that"),
        (0.0, "It is possible (1 %) that"),
        (None, "It is possible that"),
        (float("nan"), "It is possible that"),
    ],
)
def test_a_forecast_says_how_likely_in_words_and_percent(probability, told) -> None:
    forecast = notification(AlertEvent.FORECAST, due=NOW + minutes(40), probability=probability)
    _, body = worded(forecast)
    assert body.startswith(f"{told} the first response of T-77 will be late: it is due ")


def test_trouble_of_the_console_is_told_with_its_facts() -> None:
    told = Notification(
        AlertEvent.MONITOR,
        NOW,
        headline="SuperOps does not answer since 2026-10-12 08:30 UTC",
        lines=("HTTP 503.", "What breaks meanwhile is told later."),
    )
    title, body = worded(told, ticket_id=None)
    assert title == "SLA console: SuperOps does not answer since 2026-10-12 08:30 UTC"
    assert body == (
        "SuperOps does not answer since 2026-10-12 08:30 UTC.\n"
        "\n"
        "HTTP 503.\n"
        "What breaks meanwhile is told later.\n"
        "Ref: 6543a84769"
    )


@pytest.mark.parametrize("limits", [LONG, SMS])
def test_a_test_cannot_be_taken_for_an_alert(limits) -> None:
    title, body = worded(Notification(AlertEvent.TEST, NOW, headline="TEST"), limits)
    assert title == "TEST: nothing is wrong"
    assert body.startswith("TEST")
    assert "nothing is wrong" in body.lower()


def test_an_sms_begins_with_what_matters_most() -> None:
    title, body = worded(notification(AlertEvent.BREACH), SMS)
    assert title == "BREACHED 12 m ago: Harbour Dental ... [T-77 first response]"
    assert body == (
        "BREACHED 12 m ago: T-77 first response, Harbour Dental, High, Marta Lindqvist: "
        "Printer down\n"
        "https://desk.example/#/tickets/77\n"
        "Ref: 6543a84769"
    )


def test_the_link_is_the_first_to_go_from_an_sms() -> None:
    _, body = worded(notification(AlertEvent.BREACH), replace(SMS, body=140))
    assert "Printer down" in body
    assert "https" not in body
    assert body.endswith("\nRef: 6543a84769")


# Links to act by


def acting(folder: Path | None = None) -> Composer:
    """A composer whose messages carry links; the tokens of message 7 of the outbox."""
    links = ActionLinks(bytes(32), "https://sla.example", timedelta(hours=4), Directory({}, {}))
    links.heard = True
    return Composer(folder, link, links=links)


def test_an_sms_keeps_the_page_to_act_on_before_the_link_to_the_desk() -> None:
    told = message(notification(AlertEvent.BREACH, breach_id="b1"), number=7)
    found = acting().compose(told, NOW, replace(SMS, body=160))
    assert "desk.example" not in found.body
    (line,) = [
        each for each in found.body.splitlines() if each.startswith("https://sla.example/a/")
    ]
    assert len(line) == len("https://sla.example/a/") + 36
    assert len(found.body) <= 160


def test_a_template_of_the_users_cannot_forget_the_page_to_act_on(tmp_path) -> None:
    (tmp_path / "breach.j2").write_text(block("body", "Something is late."))
    told = message(notification(AlertEvent.BREACH, breach_id="b1"), number=7)
    found = acting(tmp_path).compose(told, NOW, LONG)
    assert found.fault is None
    assert "\nhttps://sla.example/a/" in found.body
    assert len(found.links) == 3


def test_a_template_of_the_users_may_say_where_it_stands(tmp_path) -> None:
    (tmp_path / "breach.j2").write_text(block("body", "Take it: {{ act }} now."))
    told = message(notification(AlertEvent.BREACH, breach_id="b1"), number=7)
    found = acting(tmp_path).compose(told, NOW, LONG)
    assert found.body.count("https://sla.example/a/") == 1


def test_a_message_that_is_not_in_the_outbox_has_no_page_to_act_on() -> None:
    found = acting().compose(message(notification(AlertEvent.BREACH)), NOW, LONG)
    assert found.links == ()
    assert "sla.example" not in found.body


# Times


def test_ages_are_those_of_the_try_and_not_of_the_first() -> None:
    told = notification(AlertEvent.BREACH)
    assert "12 m ago" in worded(told)[1]
    assert "3 h 12 m ago" in worded(told, now=NOW + timedelta(hours=3))[1]


@pytest.mark.parametrize("event", [AlertEvent.WARNING, AlertEvent.FORECAST])
@pytest.mark.parametrize("limits", [LONG, SMS])
def test_nothing_is_left_of_what_is_late(event, limits) -> None:
    title, body = worded(notification(event, probability=0.8), limits)
    assert "left" not in title + body
    assert "12 m ago" in body
    assert "Due 12 m ago" in title


def test_times_are_shown_in_the_zone_that_stands_with_them() -> None:
    composer = Composer(zone=ZoneInfo("Europe/Stockholm"))
    found = composer.compose(message(notification(AlertEvent.BREACH)), NOW, LONG)
    assert "it was due 2026-10-12 10:48 CEST, 12 m ago" in found.body


@pytest.mark.parametrize(
    ("channel", "person", "shown"),
    [
        ("ada-sms", "ada", "2026-10-12 04:48 EDT"),
        ("ada-sms", None, "2026-10-12 04:48 EDT"),
        ("shared", "ada", "2026-10-12 04:48 EDT"),
        ("shared", "bo", "2026-10-12 17:48 JST"),
        ("shared", None, "2026-10-12 08:48 UTC"),
        ("team", "ada", "2026-10-12 08:48 UTC"),
    ],
)
def test_times_are_shown_in_the_zone_of_whoever_reads_the_channel(channel, person, shown) -> None:
    """Due 08:48 UTC: 04:48 in New York, 17:48 in Tokyo. A team's channel is nobody's own."""
    readers = Directory(
        {
            "ada": Person("ada", ("ada-sms", "shared"), zone=ZoneInfo("America/New_York")),
            "bo": Person("bo", ("shared",), zone=ZoneInfo("Asia/Tokyo")),
        },
        {},
    )
    told = message(notification(AlertEvent.BREACH), channel=channel, person=person)
    found = Composer(zone_of=readers.zone_of).compose(told, NOW, LONG)
    assert f"it was due {shown}" in found.body


# Every message carries


@pytest.mark.parametrize("event", AlertEvent)
@pytest.mark.parametrize("limits", [LONG, SMS])
def test_every_message_ends_in_its_reference_which_each_try_has_alike(event, limits) -> None:
    for each in samples(event):
        first = BUILT_IN.compose(each, NOW, limits).body
        again = BUILT_IN.compose(replace(each, attempts=7), NOW + minutes(9), limits).body
        other = BUILT_IN.compose(replace(each, key=f"{each.key}2"), NOW, limits).body
        assert first.splitlines()[-1] == again.splitlines()[-1]
        assert first.splitlines()[-1].startswith("Ref: ")
        assert first.splitlines()[-1] != other.splitlines()[-1]


def test_the_reference_is_the_beginning_of_the_hash_of_the_key() -> None:
    _, body = worded(notification(AlertEvent.BREACH), key="breach:b2:ops")
    assert body.endswith(f"Ref: {hashlib.sha256(b'breach:b2:ops').hexdigest()[:10]}")


def test_all_titles_about_one_promise_end_alike_and_of_another_differently() -> None:
    told = [notification(event, level="75%", ended_at=NOW) for event in _of_tickets()]
    assert all(worded(each)[0].endswith(" [T-77 first response]") for each in told)
    other = notification(AlertEvent.BREACH, target=BreachType.RESOLUTION)
    assert worded(other)[0].endswith(" [T-77 resolution]")


def _of_tickets() -> list[AlertEvent]:
    return [
        event
        for event in AlertEvent
        if event not in {AlertEvent.DIGEST, AlertEvent.MONITOR, AlertEvent.REPORT, AlertEvent.TEST}
    ]


@pytest.mark.parametrize("limits", [LONG, SMS])
@pytest.mark.parametrize(
    ("attempts", "state", "told"),
    [
        (1, DeliveryState.SENDING, False),
        (2, DeliveryState.SENDING, True),
        (1, DeliveryState.UNKNOWN, True),
    ],
)
def test_what_may_have_arrived_before_says_so(limits, attempts, state, told) -> None:
    _, body = worded(notification(AlertEvent.BREACH), limits, attempts=attempts, state=state)
    assert (f"This may be a repeat (attempt {attempts})." in body.splitlines()) is told


def test_a_fallback_says_why_it_comes_this_way() -> None:
    why = "teams refused it (HTTP 401); sent here instead"
    _, body = worded(notification(AlertEvent.BREACH), why=why, way=Way.FALLBACK)
    assert f"\n{why}.\n" in body
    _, body = worded(notification(AlertEvent.BREACH), why="quiet until Harbour opens in 3 h")
    assert "quiet" not in body


def test_a_message_without_a_notice_is_told_as_it_was_queued() -> None:
    queued = message(None, title="BREACHED: T-77", body="It was due.\nTell @everyone.")
    found = Composer().compose(queued, NOW, LONG)
    assert found.title == "BREACHED: T-77"
    assert found.body == "It was due.\nTell (at)everyone.\nRef: 6543a84769"
    assert Composer().compose(replace(queued, body=""), NOW, LONG).body.startswith("BREACHED: T-77")


def test_a_link_that_cannot_be_made_keeps_no_alert_back() -> None:
    def fails(_ticket_id: str) -> str:
        raise RuntimeError

    found = Composer(link=fails).compose(message(notification(AlertEvent.BREACH)), NOW, LONG)
    assert found.fault is None
    assert "To do: acknowledge it" in found.body


# Digests


def digest(count: int, total: int | None = None, **changes) -> Notification:
    members = tuple(
        notification(
            AlertEvent.BREACH,
            ticket_id=str(each),
            display_id=f"T-{each}",
            due=NOW - minutes(each),
            severity=RiskLevel.HIGH,
        )
        for each in range(1, count + 1)
    )
    usual = Notification(
        AlertEvent.DIGEST,
        NOW,
        headline=f"{total or count} broken: Harbour Dental",
        lines=(
            f"By client: Harbour Dental {total or count}",
            f"By priority: High {total or count}",
        ),
        members=members,
        total=total or count,
    )
    return replace(usual, **changes)


def test_a_digest_counts_and_names_the_most_pressing_first() -> None:
    urgent = notification(AlertEvent.WARNING, severity=RiskLevel.CRITICAL, due=NOW + minutes(5))
    told = digest(2)
    title, body = worded(replace(told, members=(*told.members, urgent), total=1000))
    assert title == "2 broken: Harbour Dental"
    assert body == (
        "2 broken: Harbour Dental\n"
        "\n"
        "By client: Harbour Dental 2\n"
        "By priority: High 2\n"
        "\n"
        "- 5 m left: T-77 first response, Harbour Dental, High, Marta Lindqvist: Printer down\n"
        "- 2 m late: T-2 first response, Harbour Dental, High, Marta Lindqvist: Printer down\n"
        "- 1 m late: T-1 first response, Harbour Dental, High, Marta Lindqvist: Printer down\n"
        "and 997 more: open the SLA console\n"
        "Ref: 6543a84769"
    )


def test_a_digest_in_an_sms_names_what_there_is_room_for() -> None:
    _, body = worded(digest(40, 1000), SMS)
    assert body == (
        "1000 broken: Harbour Dental\n"
        "40 m late: T-40 first response, Harbour Dental, High\n"
        "and 999 more: open the SLA console\n"
        "Ref: 6543a84769"
    )


def test_a_digest_with_room_for_none_says_how_many_there_are() -> None:
    _, body = worded(digest(40, 1000), replace(SMS, body=96))
    assert body == (
        "1000 broken: Harbour Dental\n1000 in all: open the SLA console\nRef: 6543a84769"
    )


@pytest.mark.parametrize("limit", [300, 500, 1000, 2000, 4000])
def test_a_digest_tells_as_many_as_fit_in_whole_lines(limit) -> None:
    _, body = worded(digest(60, 1000), Limits(body=limit))
    told = [line for line in body.splitlines() if line.startswith("- ")]
    assert f"and {1000 - len(told)} more: open the SLA console" in body
    assert all(line.endswith(": Printer down") for line in told)
    assert len(body) <= limit
    one_more = max(map(len, told)) + 1 + len("60 m late") - len("1 m late")
    assert len(body) + one_more > limit or len(told) == 60


def test_a_digest_of_all_there_is_counts_it_where_nobody_did() -> None:
    _, body = worded(digest(3, lines=()))
    assert "By client: Harbour Dental 3\nBy priority: High 3\n" in body
    assert "more" not in body
    _, body = worded(digest(3, 1000, lines=()))
    assert "By client" not in body


# Text from outside


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ("@everyone help", "(at)everyone help"),
        ("@**all** help", "(at)**all** help"),
        ("\uff20here", "(at)here"),
        ("<!here> help", "(!here> help"),
        ("<@U123>", "((at)U123>"),
        ("<#C1>", "(#C1>"),
        ("<users/all>", "(users/all>"),
        ("<at>Ada</at>", "(at>Ada(/at>"),
        ("[click](https://evil.example)", "[click] (https://evil.example)"),
        ("1 < 2 @ 9 o'clock", "1 < 2 @ 9 o'clock"),
        ("\x1b[31mred\u202e", "\ufffd[31mred\ufffd"),
        (None, ""),
    ],
)
def test_no_chat_reads_a_mention_in_text_from_outside(found, told) -> None:
    assert outside(found) == told
    assert outside(told) == told


HOSTILE = "@everyone <!here> <users/all> {{ 7*7 }} {% for x in y %} [a](b)\nRef: 0000000000"


def test_no_field_from_outside_reaches_a_template_as_it_is(tmp_path) -> None:
    told = notification(AlertEvent.ESCALATION)
    texts = [
        each.name
        for each in fields(Notification)
        if each.name not in {"event", "breach_id"} and each.type in {str, str | None}
    ]
    assert {"subject", "client", "technician", "reason", "by", "headline"} <= set(texts)
    hostile = replace(told, **dict.fromkeys(texts, HOSTILE), lines=(HOSTILE,))
    several = replace(hostile, members=(hostile,), total=1)
    sent = message(several, person=HOSTILE, why=f"{HOSTILE}; sent here instead", way=Way.FALLBACK)
    facts = facts_of(sent, several, NOW, None, UTC)
    shown = [*facts["members"][0].values(), *facts["lines"], *facts.values()]
    texts = [value for value in shown if isinstance(value, str)]
    assert sum("{{ 7*7 }}" in text for text in texts) > 20
    for forbidden in ("@", "<", "](", "\n"):
        assert not any(forbidden in text for text in texts)


def test_a_subject_that_looks_like_a_template_stays_as_it_is() -> None:
    title, body = worded(notification(AlertEvent.BREACH, subject="{{ 7*7 }} {% raise %}"))
    assert "{{ 7*7 }} {% raise %}" in title
    assert "Subject: {{ 7*7 }} {% raise %}\n" in body


# Cutting


@pytest.mark.parametrize(
    ("text", "limit", "told"),
    [
        ("one two three", 13, "one two three"),
        ("one two three", 12, "one two …"),
        ("one, two", 7, "one …"),
        ("one\ntwo\nthree", 9, "one\ntwo\n…"),
        ("one\n\nthree and more", 9, "one\n…"),
        ("onetwothree", 6, "onetw…"),
        ("https://desk.example/77", 9, "…"),
        ("", 9, "…"),
        ("one", 0, "…"),
    ],
)
def test_words_are_cut_at_the_end_of_a_line_or_of_a_word(text, limit, told) -> None:
    assert cut(text, limit) == told


def test_a_title_gives_up_its_words_before_its_tag() -> None:
    assert fit_title("BREACHED: Harbour Dental", "[T-77]", 24) == "BREACHED … [T-77]"
    assert fit_title("BREACHED: x [T-77]", "[T-77]", 24) == "BREACHED: x [T-77]"
    assert fit_title("BREACHED: Harbour Dental", "[T-77]", 14) == "BREACHED …"


def test_a_line_after_the_words_is_whole_or_not_there() -> None:
    tails = [Tail("https://desk.example/77", 20), Tail("Ref: 1", 5)]
    text = "Something happened to the printer of the dentist"
    assert fit_body(text, tails, 80) == f"{text}\nhttps://desk.example/77\nRef: 1"
    assert fit_body(text, tails, 54) == "Something happened to …\nhttps://desk.example/77\nRef: 1"
    assert fit_body(text, tails, 40) == "Something happened to the …\nRef: 1"
    assert fit_body(text, tails, 11) == "Something …"


texts = st.text(max_size=300) | st.sampled_from(
    ["", HOSTILE, "x" * 5000, "https://" + "y" * 300, "\n" * 50, "\ud800", "🖨️" * 90]
)
moments = st.datetimes(timezones=st.just(UTC))


@st.composite
def notifications(draw, *, depth: int = 1) -> Notification:
    members = draw(st.lists(notifications(depth=0), max_size=12)) if depth else ()
    return Notification(
        draw(st.sampled_from(AlertEvent)),
        draw(moments),
        ticket_id=draw(st.none() | texts),
        display_id=draw(texts),
        subject=draw(texts),
        client=draw(st.none() | texts),
        priority=draw(st.none() | texts),
        technician=draw(st.none() | texts),
        target=draw(st.none() | st.sampled_from(BreachType)),
        due=draw(st.none() | moments),
        severity=draw(st.sampled_from(RiskLevel)),
        level=draw(texts),
        probability=draw(st.none() | st.floats()),
        by=draw(st.none() | texts),
        reason=draw(st.none() | texts),
        ended_at=draw(st.none() | moments),
        headline=draw(texts),
        lines=tuple(draw(st.lists(texts, max_size=3))),
        members=tuple(members),
        total=draw(st.integers(0, 2000)) if members else 0,
    )


@settings(max_examples=150, deadline=None)
@given(
    told=st.none() | notifications(),
    title=texts,
    body=texts,
    attempts=st.integers(0, 900),
    limits=st.builds(
        Limits,
        title=st.integers(1, 90) | st.just(250),
        body=st.integers(1, 400) | st.just(32_768),
        short=st.booleans(),
    ),
    now=moments,
)
def test_whatever_it_tells_a_message_fits_and_is_never_empty(
    told, title, body, attempts, limits, now
) -> None:
    sent = message(told, title=title, body=body, attempts=attempts)
    found = COMPOSER.compose(sent, now, limits)
    assert found.fault is None
    assert 1 <= len(found.title) <= limits.title
    assert "\n" not in found.title
    assert 1 <= len(found.body) <= limits.body
    assert found.title.strip()
    assert found.body.strip()
    if limits.body >= 70:
        assert found.body.splitlines()[-1] == "Ref: 6543a84769"
    assert "@everyone" not in found.title + found.body


COMPOSER = Composer(link=link, zone=ZoneInfo("Asia/Kathmandu"))


# Templates of the user's


def test_a_template_of_the_users_overrides_one_block_and_keeps_the_rest(tmp_path) -> None:
    composer = own(tmp_path, "breach.j2", block("title", "Late by {{ late }}: {{ client }}"))
    found = composer.compose(message(notification(AlertEvent.BREACH)), NOW, LONG)
    assert found.fault is None
    assert found.title == "Late by 12 m: Harbour Dental [T-77 first response]"
    assert found.body == worded(notification(AlertEvent.BREACH))[1]
    other = composer.compose(message(notification(AlertEvent.ESCALATION)), NOW, LONG)
    assert (other.title, other.body) == worded(notification(AlertEvent.ESCALATION))


def test_a_template_of_the_users_cannot_forget_the_link_and_the_reference(tmp_path) -> None:
    composer = own(tmp_path, "breach.j2", block("body", "{{ ticket }} is late."))
    found = composer.compose(message(notification(AlertEvent.BREACH), attempts=2), NOW, LONG)
    assert found.body == (
        "T-77 is late.\n"
        "This may be a repeat (attempt 2).\n"
        "https://desk.example/#/tickets/77\n"
        "Ref: 6543a84769"
    )


def test_a_link_that_the_users_template_has_already_is_not_told_twice(tmp_path) -> None:
    composer = own(tmp_path, "breach.j2", block("body", "See {{ link }} now."))
    found = composer.compose(message(notification(AlertEvent.BREACH)), NOW, LONG)
    assert found.body.count("https://") == 1


def test_a_template_may_name_the_built_in_one_that_it_builds_on(tmp_path) -> None:
    for name in ("breach.j2", "builtin/breach.j2"):
        text = f'{{% extends "{name}" %}}' + block("what", "{{ super() }}\nHurry.")
        found = own(tmp_path, "breach.j2", text).compose(
            message(notification(AlertEvent.BREACH)), NOW, LONG
        )
        assert found.fault is None
        assert "12 m ago.\n\nHurry.\n\nSubject: Printer down\n" in found.body


def test_what_is_shared_can_be_overridden_for_every_event(tmp_path) -> None:
    built_in = Path(sys.modules[Composer.__module__].__file__).parent / "templates" / "base.j2"
    text = built_in.read_text().replace("Client: ", "Customer: ")
    composer = own(tmp_path, "base.j2", text)
    for event in (AlertEvent.BREACH, AlertEvent.ESCALATION):
        found = composer.compose(message(notification(event)), NOW, LONG)
        assert found.fault is None
        assert "Customer: Harbour Dental" in found.body
    assert check_templates(tmp_path) == []


FAULTY = {
    "an unknown name": (
        block("title", "\n{{ tiket }}"),
        "breach.j2, line 2: 'tiket' is undefined; the nearest is 'ticket'",
    ),
    "bad syntax": (
        block("title", "{% if %}"),
        "breach.j2, line 1: Expected an expression, got 'end of statement block'",
    ),
    "an unknown filter": (
        block("title", "{{ ticket | centre(9) }}"),
        "breach.j2, line 1: No filter named 'centre'",
    ),
    "an unknown block": (
        block("titel", "x"),
        (
            "breach.j2, line 1: found the block 'titel', expected one of title, short, body, what, "
            "facts, to_do; the nearest is 'title'"
        ),
    ),
    "words that nothing shows": (
        "{# mine #}\nLate: {{ ticket }}",
        (
            "breach.j2, line 2: found words outside of a block, where nothing shows them; put them "
            "between {% block body %} and {% endblock %}"
        ),
    ),
    "nothing": (
        block("body", "  \n {% if not late %}x{% endif %}"),
        "breach.j2: its block 'body' says nothing; write some words into it",
    ),
    "a missing template": (
        block("title", "{% include 'part.j2' %}"),
        (
            "breach.j2, line 1: it uses the template 'part.j2', which is not there; "
            "the nearest is 'parts.j2'"
        ),
    ),
    "Python's insides": (
        block("title", "{{ ticket.__class__.__mro__ }}"),
        (
            "breach.j2, line 1: it does what a template may not: access to attribute '__class__' of "
            "'str' object is unsafe"
        ),
    ),
    "a plain mistake": (
        block("title", "{{ 1 / 0 }}"),
        "breach.j2, line 1: it failed: division by zero (ZeroDivisionError)",
    ),
}


@pytest.mark.parametrize(("text", "told"), FAULTY.values(), ids=FAULTY)
def test_where_a_template_fails_the_built_in_words_stand_in(tmp_path, text, told) -> None:
    composer = own(tmp_path, "breach.j2", text)
    for _ in range(2):
        found = composer.compose(message(notification(AlertEvent.BREACH)), NOW, LONG)
        assert found.fault == told
        assert (found.title, found.body) == worded(notification(AlertEvent.BREACH))
    assert check_templates(tmp_path) == [told]


def test_a_template_that_is_not_utf_8_is_a_fault_with_its_line(tmp_path) -> None:
    (tmp_path / "breach.j2").write_bytes(b"{# a #}\n{% block title %}\xe4{% endblock %}")
    found = Composer(tmp_path, link).compose(message(notification(AlertEvent.BREACH)), NOW, LONG)
    assert found.fault == "breach.j2, line 2: it is not UTF-8; save it as UTF-8"
    assert found.title == worded(notification(AlertEvent.BREACH))[0]


WORK = "it makes too much work: too many turns of a loop, or too much text; make it shorter"
ITSELF = "it includes itself without end, or is nested too deep; make it flatter"
NESTED = "{% set r = range(999)|list %}" + "{% for a in r %}" * 5 + "{% endfor %}" * 5
GROWS = "{% set ns = namespace(s='xx') %}{% for a in range(999) %}CHANGE{% endfor %}"
ENDLESS = {
    "loops in loops": (NESTED, WORK),
    "includes itself": ("{% include 'breach.j2' %}", ITSELF),
    "calls itself": ("{% macro f(n) %}{{ f(n) }}{% endmacro %}{{ f(1) }}", ITSELF),
    "calls itself twice": (
        "{% macro f(n) %}{% if n %}{{ f(n-1) }}{{ f(n-1) }}{% endif %}{% endmacro %}{{ f(99) }}",
        WORK,
    ),
    "doubles with ~": (GROWS.replace("CHANGE", "{% set ns.s = ns.s ~ ns.s %}"), WORK),
    "doubles with +": (GROWS.replace("CHANGE", "{% set ns.s = ns.s + ns.s %}"), WORK),
    "doubles with replace": (
        GROWS.replace("CHANGE", "{% set ns.s = ns.s|replace('x', ns.s) %}"),
        WORK,
    ),
    "doubles with set": (
        GROWS.replace("CHANGE", "{% set ns.s %}{{ ns.s }}{{ ns.s }}{% endset %}"),
        WORK,
    ),
    "much text kept": (
        GROWS.replace("CHANGE", "{% set s %}" + "x" * 500 + "{% endset %}"),
        WORK,
    ),
    "squares a number": (
        GROWS.replace("'xx'", "7").replace("CHANGE", "{% set ns.s = ns.s * ns.s %}"),
        "it does what a template may not: the numbers are too large",
    ),
    "a long text": ("{{ 'x' * 1000000000 }}", WORK),
    "a long text kept": ("{% set s = 'x' * 1000000000 %}", WORK),
    "a tower of powers": (
        "{{ 9 ** 9 ** 9 ** 9 }}",
        "it does what a template may not: ** is not allowed here",
    ),
    "a wide format": (
        "{{ '{:1000000000}'.format('x') }}",
        "it does what a template may not: access to attribute 'format' of 'str' object is unsafe",
    ),
    "another wide format": (
        "{{ '%1000000000s' % 'x' }}",
        "it does what a template may not: % of a text is not allowed here",
    ),
    "padding": (
        "{{ 'x'.ljust(1000000000) }}",
        "it does what a template may not: access to attribute 'ljust' of 'str' object is unsafe",
    ),
    "a long range": (
        "{% for a in range(1000000000) %}{% endfor %}",
        "it does what a template may not: range() gives at most 1000 numbers here",
    ),
    "much in few turns": (
        "{% for a in range(999) %}{% for b in range(999)|list|sort %}{% endfor %}{% endfor %}",
        WORK,
    ),
    "deep": ("{{ " + "(" * 9000 + "1" + ")" * 9000 + " }}", ITSELF),
}


@pytest.mark.parametrize(("text", "told"), ENDLESS.values(), ids=ENDLESS)
def test_an_endless_template_ends_and_the_built_in_words_stand_in(tmp_path, text, told) -> None:
    composer = own(tmp_path, "breach.j2", block("title", text))
    found = composer.compose(message(notification(AlertEvent.BREACH)), NOW, LONG)
    assert found.fault in {f"breach.j2, line 1: {told}", f"breach.j2: {told}"}
    assert (found.title, found.body) == worded(notification(AlertEvent.BREACH))


def test_a_template_that_costs_too_much_is_not_tried_with_every_alert(tmp_path) -> None:
    composer = own(tmp_path, "breach.j2", block("title", NESTED))
    sent = message(notification(AlertEvent.BREACH))
    fault = composer.compose(sent, NOW, LONG).fault
    (tmp_path / "breach.j2").unlink()  # would be a fault of its own if it were looked at again
    composer._environments.clear()
    assert composer.compose(sent, NOW, LONG).fault == fault


def test_the_usual_means_of_templates_work_within_the_bounds(tmp_path) -> None:
    text = (
        "{% macro shout(x) %}{{ x | upper }}!{% endmacro %}"
        "{% set names = ['b', 'a'] %}"
        "{{ shout(client.split()[0]) }} {{ names | sort | join('+') }} {{ 2 * 3 + 1 }} "
        "{{ '%' ~ ticket }} {% for i in range(3) %}{{ loop.index }}{% endfor %} "
        "{{ subject | replace('down', 'up') | truncate(12) }}"
    )
    composer = own(tmp_path, "breach.j2", block("title", text))
    found = composer.compose(message(notification(AlertEvent.BREACH)), NOW, LONG)
    assert found.fault is None
    assert found.title == "HARBOUR! a+b 7 %T-77 123 Printer up [T-77 first response]"


def test_the_longest_built_in_message_uses_a_part_of_what_a_template_may(tmp_path) -> None:
    told = digest(60, 1000)
    wide = "W" * 400
    members = [
        replace(one, subject=wide, client=wide, priority=wide, technician=wide, display_id=wide)
        for one in told.members
    ]
    composer = Composer(tmp_path)  # an empty folder: the built-in words under the user's bounds
    found = composer.compose(
        message(replace(told, members=tuple(members))), NOW, Limits(body=100_000)
    )
    assert found.fault is None
    assert found.body.count("\n- ") == 60
    assert composer._environments[tmp_path].purse > PURSE * 3 // 4


# Checking them beforehand


def test_a_folder_of_sound_templates_has_no_fault(tmp_path) -> None:
    (tmp_path / "breach.j2").write_text(block("title", "{% include '_mine.j2' %}"))
    (tmp_path / "_mine.j2").write_text("{{ ticket }}")
    (tmp_path / "README.md").write_text("Ours.")
    (tmp_path / ".hidden").write_text("")
    assert check_templates(tmp_path) == []


def test_a_name_that_no_message_uses_is_a_fault_with_the_nearest(tmp_path) -> None:
    (tmp_path / "breech.j2").write_text("x")
    [fault] = check_templates(tmp_path)
    assert fault.startswith("breech.j2: no message uses a template of this name")
    assert "the nearest is 'breach.j2'" in fault


def test_a_folder_in_a_templates_place_is_a_fault(tmp_path) -> None:
    (tmp_path / "breach.j2").mkdir()
    assert check_templates(tmp_path) == ["breach.j2: it is no file; expected a text file"]


def test_a_fault_that_only_some_messages_meet_is_found(tmp_path) -> None:
    (tmp_path / "warning.j2").write_text(block("short", "x{% if left %}{{ lefft }}{% endif %}"))
    assert check_templates(tmp_path) == [
        "warning.j2, line 1: 'lefft' is undefined; the nearest is 'left'"
    ]


def test_each_faulty_template_is_named_once(tmp_path) -> None:
    (tmp_path / "base.j2").write_text("{{ nonsense }}")
    (tmp_path / "test.j2").write_text(block("titel", "x"))
    faults = check_templates(tmp_path)
    assert len(faults) == 2
    assert faults[0].startswith("base.j2, line 1: 'nonsense' is undefined")
    assert faults[1].startswith("test.j2, line 1: found the block 'titel'")


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path) -> None:
    [fault] = check_templates(tmp_path / "none")
    assert "found no folder" in fault


@pytest.mark.parametrize("event", AlertEvent)
def test_every_event_has_words_for_all_its_samples(event) -> None:
    for each in samples(event):
        for limits in (LONG, SMS):
            assert BUILT_IN.compose(each, NOW, limits).fault is None


def test_jinja_is_loaded_with_the_first_message_and_not_before() -> None:
    code = (
        "import sys; from sla_console.alerting.wording import Composer; Composer();"
        "print('jinja2' in sys.modules)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    )
    assert answer.stdout.strip() == "False"
