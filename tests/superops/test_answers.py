"""Answers turned into the domain: everything ends as ok, degraded or skipped, never as a crash."""

import json
from datetime import UTC, datetime, timedelta
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_console.superops.answers import carries, message_of, names_in, note_of, rows_of, ticket_of
from sla_console.superops.fields import count_of, flag_of, id_of, moment_of, reference_of, text_of
from sla_console.superops.people_answers import (
    client_of,
    option_names,
    site_of,
    sla_name_of,
    technician_of,
)
from sla_console.superops.transport import parse_json

NOW = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)
ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=10**90, max_value=10**91)
    | st.floats()
    | st.text()
    | st.sampled_from(["2026-10-12T08:00", '{"name": "x"}', "[1]", "\x1b[31m", "\ud800"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
KEYS = [
    "ticketId",
    "displayId",
    "subject",
    "requestType",
    "client",
    "site",
    "requester",
    "techGroup",
    "technician",
    "status",
    "priority",
    "sla",
    "createdTime",
    "updatedTime",
    "firstResponseDueTime",
    "firstResponseTime",
    "firstResponseViolated",
    "resolutionDueTime",
    "resolutionTime",
    "resolutionViolated",
    "noteId",
    "addedBy",
    "addedOn",
    "content",
    "privacyType",
    "conversationId",
    "time",
    "user",
    "type",
    "userId",
    "name",
    "email",
    "groups",
    "accountId",
    "hqSite",
    "id",
    "timezoneCode",
    "working24x7",
    "businessHour",
    "hq",
    "columnName",
    "options",
]
ANY_ROW = st.dictionaries(st.sampled_from(KEYS), ANY_JSON, max_size=len(KEYS))


def fields_of(value) -> list[str]:
    return [
        text
        for name in value.__dataclass_fields__
        for text in (getattr(value, name),)
        if isinstance(text, str)
    ]


def test_a_sound_ticket_is_read_whole(ticket_row):
    ticket = ticket_of(ticket_row(), NOW)
    assert ticket.id == "6120987711204352000"
    assert ticket.client_id == "6120045519930011648"
    assert ticket.client == "Harbour Dental Group"
    assert ticket.technician == "Marta Lindqvist"
    assert ticket.group == "Service Desk"
    assert ticket.sla_name == "Standard SLA"
    assert ticket.created_at == datetime(2026, 10, 12, 7, 41, 9, 312000, tzinfo=UTC)
    assert ticket.resolution_due == datetime(2026, 10, 12, 15, 41, tzinfo=UTC)
    assert ticket.response_violated is False
    assert ticket.resolved_at is None
    assert ticket.degraded == ()


def test_what_is_rightly_absent_does_not_degrade_a_ticket(ticket_row):
    absent = dict.fromkeys(
        [
            "client",
            "site",
            "requester",
            "techGroup",
            "technician",
            "priority",
            "sla",
            "updatedTime",
            "firstResponseDueTime",
            "firstResponseTime",
            "firstResponseViolated",
            "resolutionDueTime",
            "resolutionViolated",
        ]
    )
    ticket = ticket_of(ticket_row(**absent), NOW)
    assert ticket.degraded == ()
    assert ticket.technician is None


@given(ANY_JSON | ANY_ROW)
def test_any_json_as_a_row_is_read_or_skipped(value):
    for read in (
        lambda row: ticket_of(row, NOW),
        note_of,
        message_of,
        technician_of,
        client_of,
        site_of,
    ):
        found = read(value)
        for text in fields_of(found) if found is not None else []:
            assert all(
                category(char) not in {"Cc", "Cf", "Cs", "Co"} or char == "\n" for char in text
            )
    sla_name_of(value)
    option_names(value, "status")
    rows_of(value, note_of)
    carries(value if isinstance(value, list) else [value], "marker")
    names_in([value], "name")


@given(ANY_ROW)
def test_a_ticket_of_any_content_has_clean_text_and_bounded_times(row):
    ticket = ticket_of(row | {"ticketId": "1"}, NOW)
    assert ticket is not None
    for name in ("created_at", "updated_at", "response_due", "resolution_due", "resolved_at"):
        moment = getattr(ticket, name)
        assert moment is None or (moment.utcoffset() == timedelta() and 2000 <= moment.year <= 2100)
    assert all(isinstance(reason, str) and "\x1b" not in reason for reason in ticket.degraded)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": None}, "status is missing"),
        ({"createdTime": None}, "creation time is missing"),
        ({"resolutionDueTime": "soon"}, "resolution due time is no believable time: soon"),
        ({"resolutionDueTime": "1969-01-01T00:00:00"}, "resolution due time is no believable time"),
        ({"firstResponseDueTime": 1760000000}, "first response due time is no believable time"),
        ({"resolutionDueTime": "2026-10-12T07:00:00"}, "resolution is due before the ticket was"),
        ({"firstResponseTime": "2026-10-12T07:00:00"}, "first response was before the ticket was"),
        ({"updatedTime": "2031-01-01T00:00:00"}, "time of the last change is in the future"),
        ({"createdTime": "2031-01-01T00:00:00"}, "creation time is in the future"),
        ({"resolutionViolated": "perhaps"}, "resolution violated is neither true nor false"),
        ({"subject": ["a"]}, "subject is not readable text"),
        ({"technician": {"email": "x"}}, "technician has neither id nor name"),
        ({"client": 7}, "client has neither id nor name"),
    ],
)
def test_what_cannot_be_trusted_is_kept_with_a_reason(changes, reason, ticket_row):
    ticket = ticket_of(ticket_row(**changes), NOW)
    assert any(reason in given for given in ticket.degraded), ticket.degraded


def test_a_due_time_of_superops_is_kept_even_where_it_is_odd(ticket_row):
    ticket = ticket_of(ticket_row(resolutionDueTime="2026-10-12T07:00:00"), NOW)
    assert ticket.resolution_due == datetime(2026, 10, 12, 7, tzinfo=UTC)


def test_a_row_without_an_id_is_skipped_and_counted(ticket_row):
    rows = [ticket_row("1"), ticket_row(None), ticket_row(True), "no row", ticket_row("1")]
    tickets, skipped = rows_of(rows, lambda row: ticket_of(row, NOW))
    assert [ticket.id for ticket in tickets] == ["1"]
    assert skipped == 3


def test_hostile_text_arrives_clean(ticket_row):
    ticket = ticket_of(ticket_row(subject="a\x1b]0;owned\x07\u202eb\u200bc [red]x[/]"), NOW)
    assert "\x1b" not in ticket.subject
    assert "\u202e" not in ticket.subject
    assert "\u200b" not in ticket.subject


def test_ids_above_two_to_the_53_keep_every_digit(ticket_row):
    sent = json.dumps(ticket_row(client={"accountId": 6120045519930061568, "name": "Quayside"}))
    ticket = ticket_of(parse_json(sent.encode()), NOW)
    assert ticket.client_id == "6120045519930061568"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"userId": 5, "name": "Dev"}, ("5", "Dev")),
        ([{"userId": "5", "name": "Dev"}, {"userId": "6"}], ("5", "Dev")),
        ('{"userId": 6120045519930061568, "name": "Dev"}', ("6120045519930061568", "Dev")),
        ("Dev Raman", (None, "Dev Raman")),
        ("{broken", (None, "{broken")),
        ({}, (None, None)),
        ([], (None, None)),
        (None, (None, None)),
        (12, (None, None)),
    ],
)
def test_a_json_field_may_come_in_any_of_its_forms(value, expected):
    found = reference_of(value, "userId")
    assert (found.id, found.name) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2022-06-28T05:25:10", (2022, 6, 28, 5, 25, 10, 0)),
        ("2022-06-28T05:25:10.9", (2022, 6, 28, 5, 25, 10, 900000)),
        ("2022-06-28T05:25:10.905", (2022, 6, 28, 5, 25, 10, 905000)),
        ("2022-06-28T05:25:10.123456789", (2022, 6, 28, 5, 25, 10, 123456)),
        ("2021-12-18T15:35", (2021, 12, 18, 15, 35, 0, 0)),
        ("2022-06-28T05:25:10Z", (2022, 6, 28, 5, 25, 10, 0)),
        ("2022-06-28T05:25:10+05:30", (2022, 6, 27, 23, 55, 10, 0)),
        (" 2022-06-28 05:25:10 ", (2022, 6, 28, 5, 25, 10, 0)),
    ],
)
def test_times_are_utc_with_or_without_fraction_seconds_and_zone(text, expected):
    assert moment_of(text) == datetime(*expected, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "", "2022-06-28", "20220628", "2022-W26-2T05:00", "2022-02-30T05:00:00",
        "2022-06-28T24:00:00", "2022-06-28T05:25:60", "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00", "1999-12-31T23:59:59", "2101-01-01T00:00:00",
        "٢٠٢٢-06-28T05:25:10", 1656393910, None, True, [], {},
    ],
)  # fmt: skip
def test_what_is_no_time_of_a_service_desk_is_no_time(value):
    assert moment_of(value) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("42", "42"), (42, "42"), (42.0, "42"), (2**63, str(2**63)), (float(2**60), None),
        (True, None), ("", None), ("a\x1bb", None), (float("nan"), None), (None, None), ({}, None),
    ],
)  # fmt: skip
def test_ids_are_exact_or_none(value, expected):
    assert id_of(value) == expected


def test_small_values_are_read_in_their_odd_forms():
    assert (flag_of("true"), flag_of(False), flag_of(1)) == (True, False, None)
    assert (count_of("61"), count_of(61), count_of(-1), count_of("x")) == (61, 61, None, None)
    assert (text_of(5), text_of(True), text_of("  ")) == ("5", None, None)


def test_a_note_becomes_plain_lines():
    note = note_of(
        {
            "noteId": "1",
            "addedBy": {"userId": "2", "name": "Dev Raman"},
            "addedOn": "2026-10-11T11:02:10",
            "content": "<p>Vendor <b>case</b>&nbsp;opened.</p><p>See \x1b[31m&lt;tag&gt;</p>",
            "privacyType": "PUBLIC",
        }
    )
    assert note.author == "Dev Raman"
    assert note.text.splitlines()[0] == "Vendor case opened."
    assert "<tag>" in note.text
    assert "\x1b" not in note.text
    assert note.private is False


def test_a_sender_unknown_to_superops_is_named_by_address():
    message = message_of({"conversationId": 1, "user": {"email": "p@q.example"}, "content": "Hi"})
    assert message.author == "p@q.example"


def test_a_marker_is_found_although_the_text_is_cut_for_the_screen():
    content = "<p>" + "x" * 6000 + " [sla-console breach-7 &amp; on]</p>"
    assert carries([{"content": content}], "[sla-console breach-7 & on]")
    assert not carries([{"content": content}], "breach-8")


def test_a_site_keeps_its_week(ticket_row):
    week = [
        {"day": "MONDAY", "start": "9:00", "end": "17:30:00"},
        {"day": "friday", "start": "22:00", "end": "02:00"},
    ]
    site = site_of(
        {
            "id": 6120045519930062592,
            "name": "HQ",
            "timezoneCode": "Europe/Dublin",
            "businessHour": week,
            "client": {"accountId": 6120045519930061568},
            "hq": True,
        }
    )
    assert site.client_id == "6120045519930061568"
    assert site.hours == (("mon", "09:00", "17:30"), ("fri", "22:00", "02:00"))
    assert site.calendar().is_open(datetime(2026, 10, 12, 9, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    "row", [{"day": "SOMEDAY", "start": "09:00", "end": "17:00"},
            {"day": "TUESDAY", "start": "25:00", "end": "17:00"}, {"day": "TUESDAY"}, 5]
)  # fmt: skip
def test_one_unreadable_day_leaves_out_the_whole_week(row, caplog):
    week = [{"day": "MONDAY", "start": "09:00", "end": "17:30"}, row]
    site = site_of({"id": "1", "name": "HQ", "timezoneCode": "UTC", "businessHour": week})
    assert site.hours == ()
    assert "HQ" in caplog.text


def test_statuses_come_in_the_order_of_the_desk():
    field = {
        "columnName": "status",
        "options": [
            {"value": "Closed", "order": 4},
            {"value": "Open", "order": 1},
            {"value": None, "order": 2},
        ],
    }
    assert option_names([{"columnName": "priority"}, field], "status") == ["Open", "Closed"]
