"""The typed calls: what is asked, how pages end, what is concluded from what is missing."""

from datetime import UTC, datetime

import pytest

from sla_console.domain.errors import AnswerRefused
from sla_console.superops import paging

CLOSED = ["Resolved", "Closed"]


def ids(count: int, first: int = 1) -> list[str]:
    return [str(number) for number in range(first, first + count)]


async def test_open_tickets_are_all_but_the_closed_ones_newest_first(client, desk, ticket_page):
    desk.will(ticket_page(ids(2), 2))
    tickets = await client.open_tickets(CLOSED)
    assert [ticket.id for ticket in tickets] == ["1", "2"]
    assert desk.asked()["operationName"] == "getTicketList"
    assert desk.asked_input() == {
        "page": 1,
        "pageSize": 100,
        "condition": {"attribute": "status", "operator": "notIncludes", "value": CLOSED},
        "sort": [{"attribute": "createdTime", "order": "DESC"}],
    }


async def test_pages_are_read_until_has_more_is_null(client, desk, ticket_page):
    desk.will(
        ticket_page(ids(100), 250, more=True),
        ticket_page(ids(100, 101), 250, more=True),
        ticket_page(ids(50, 201), 250, more=None),
    )
    assert len(await client.open_tickets(CLOSED)) == 250
    assert [desk.asked_input(page)["page"] for page in range(3)] == [1, 2, 3]


async def test_rows_that_move_between_pages_are_taken_once(client, desk, ticket_page):
    desk.will(
        ticket_page(ids(100), 151, more=True),
        ticket_page(ids(51, 100), 151),
    )
    tickets = await client.open_tickets(CLOSED)
    assert [ticket.id for ticket in tickets] == ids(150)


async def test_an_empty_page_ends_the_list(client, desk, ticket_page):
    desk.will(ticket_page(ids(100), 101, more=True), ticket_page([], 100, more=True))
    assert len(await client.open_tickets(CLOSED)) == 100


async def test_a_server_that_repeats_its_first_page_is_left(client, desk, ticket_page):
    desk.will(ticket_page(ids(100), 105, more=True))
    assert len(await client.open_tickets(CLOSED)) == 100
    assert len(desk.requests) == 2


async def test_a_list_without_end_is_refused(client, desk, ticket_page, monkeypatch):
    monkeypatch.setattr(paging, "_MOST_PAGES", 5)
    pages = iter(range(1, 100))
    desk.will(lambda _: ticket_page([str(next(pages))], None, more=True))
    with pytest.raises(AnswerRefused, match="not come to an end after 5 pages"):
        await client.open_tickets(CLOSED)


async def test_counted_rows_that_are_not_shown_are_a_fault_and_never_no_breaches(
    client, desk, ticket_page
):
    desk.will(ticket_page([], 61))
    with pytest.raises(AnswerRefused, match="counts 61 rows but shows none"):
        await client.open_tickets(CLOSED)


async def test_rows_without_ids_are_no_answer_either(client, desk, ticket_page):
    desk.will(ticket_page([None, None], None))
    with pytest.raises(AnswerRefused, match="counts 2 rows but shows none"):
        await client.open_tickets(CLOSED)


@pytest.mark.parametrize(
    "value", [None, {}, {"tickets": None, "listInfo": None}, {"tickets": [], "listInfo": {}}, []]
)
async def test_no_rows_without_a_count_says_nothing(client, desk, value):
    desk.will({"data": {"getTicketList": value}})
    with pytest.raises(AnswerRefused, match="neither rows nor their count"):
        await client.open_tickets(CLOSED)


async def test_a_good_part_missing_in_the_middle_is_a_fault(client, desk, ticket_page):
    desk.will(ticket_page(ids(100), 180, more=None))
    with pytest.raises(AnswerRefused, match="counts 180 rows but sent 100"):
        await client.open_tickets(CLOSED)


async def test_a_desk_without_open_tickets_is_empty(client, desk, ticket_page):
    desk.will(ticket_page([], 0))
    assert await client.open_tickets(CLOSED) == []


async def test_one_unusable_row_is_skipped_and_logged(client, desk, ticket_page, caplog):
    desk.will(ticket_page(["1", None], 2))
    assert len(await client.open_tickets(CLOSED)) == 1
    assert "1 rows without an id were skipped" in caplog.text


async def test_chosen_tickets_are_asked_for_in_batches_of_a_hundred(client, desk, ticket_page):
    desk.will(ticket_page(ids(100), 100), ticket_page(ids(20, 101), 20))
    assert len(await client.tickets_by_id(ids(120) + ids(5))) == 120
    assert desk.asked_input(0)["condition"] == {
        "attribute": "ticketId",
        "operator": "includes",
        "value": ids(100),
    }
    assert desk.asked_input(1)["condition"]["value"] == ids(20, 101)


async def test_asking_for_no_tickets_asks_nothing(client, desk):
    assert await client.tickets_by_id([]) == []
    assert desk.requests == []


async def test_tickets_that_nobody_asked_for_are_left_out(client, desk, ticket_page):
    desk.will(ticket_page(ids(5), 5))
    assert [ticket.id for ticket in await client.tickets_by_id(["3", "9"])] == ["3"]


async def test_changes_are_read_back_to_the_watermark_and_no_further(client, desk, ticket_row):
    def page(hour: int) -> dict:
        rows = [
            ticket_row(f"{hour}-{minute}", updatedTime=f"2026-10-12T{hour:02}:{59 - minute:02}:00")
            for minute in range(60)
        ]
        info = {"hasMore": True, "totalCount": 5000}
        return {"data": {"getTicketList": {"tickets": rows, "listInfo": info}}}

    desk.will(page(8), page(7), page(6))
    since = datetime(2026, 10, 12, 7, 30, tzinfo=UTC)
    changed = [ticket async for page in client.changed_ticket_pages(since) for ticket in page]
    assert len(changed) == 90
    assert len(desk.requests) == 2
    assert desk.asked_input()["sort"] == [{"attribute": "updatedTime", "order": "DESC"}]
    assert "condition" not in desk.asked_input()


async def test_a_ticket_that_is_gone_is_none(client, desk, refusal):
    desk.will(refusal("entity_does_not_exist"))
    assert await client.ticket("9") is None
    desk.will({"data": {"getTicket": None}})
    assert await client.ticket("9") is None


async def test_one_ticket_is_read_and_must_be_the_one_asked_for(client, desk, ticket_row):
    desk.will({"data": {"getTicket": ticket_row("9")}})
    assert (await client.ticket("9")).id == "9"
    with pytest.raises(AnswerRefused, match="something else"):
        await client.ticket("10")


async def test_statuses_come_from_the_newer_query_or_the_older_one(client, desk, refusal):
    options = [{"value": "Closed", "order": 2}, {"value": "Open", "order": 1}]
    desk.will({"data": {"getFields": [{"columnName": "status", "options": options}]}})
    assert await client.statuses() == ["Open", "Closed"]
    invalid = {"errors": [{"message": "Validation error (FieldUndefined)"}], "data": None}
    desk.will(invalid, {"data": {"getStatusList": [{"name": "Open"}, {"name": "On Hold"}]}})
    assert await client.statuses() == ["Open", "On Hold"]


async def test_priorities_come_from_the_newer_query_or_the_older_one(client, desk):
    fields = [
        {"columnName": "status", "options": [{"value": "Open", "order": 1}]},
        {"columnName": "priority", "options": [{"value": "High", "order": 1}]},
    ]
    desk.will({"data": {"getFields": fields}})
    assert await client.priorities() == ["High"]
    assert desk.asked_input() == [{"module": "TICKET", "columnName": "priority"}]
    invalid = {"errors": [{"message": "Validation error (FieldUndefined)"}], "data": None}
    desk.will(invalid, {"data": {"getPriorityList": [{"name": "Low"}]}})
    assert await client.priorities() == ["Low"]


async def test_notes_are_listed_oldest_first(client, desk):
    notes = [
        {"noteId": "2", "addedOn": "2026-10-12T08:00", "content": "<p>later</p>"},
        {"noteId": "1", "addedOn": "2026-10-12T07:00", "content": "<p>earlier</p>"},
        {"noteId": "3", "addedOn": None, "content": None},
    ]
    desk.will({"data": {"getTicketNoteList": notes}})
    assert [note.text for note in await client.notes("9")] == ["earlier", "later", ""]


async def test_a_note_is_private_and_no_markup_of_its_writer_gets_through(client, desk):
    desk.will({"data": {"createTicketNote": {"noteId": "1"}}})
    await client.add_note("9", "Waiting for <vendor> & parts\nETA \x1b[31mMonday")
    sent = desk.asked_input()
    assert sent["ticket"] == {"ticketId": "9"}
    assert sent["privacyType"] == "PRIVATE"
    assert sent["content"].startswith("Waiting for &lt;vendor&gt; &amp; parts<br>ETA ")
    assert "\x1b" not in sent["content"]


async def test_a_note_is_found_again_by_its_marker(client, desk):
    desk.will({"data": {"getTicketNoteList": [{"noteId": "1", "content": "Ack [b-7 &lt;a&gt;]"}]}})
    assert await client.note_exists("9", "[b-7 <a>]")
    assert not await client.note_exists("9", "[b-8]")


async def test_changes_to_a_ticket_say_only_what_changes(client, desk):
    desk.will({"data": {"updateTicket": {"ticketId": "9"}}})
    await client.assign("9", "77")
    assert desk.asked_input() == {"ticketId": "9", "technician": {"userId": "77"}}
    await client.set_status("9", "On Hold")
    assert desk.asked_input() == {"ticketId": "9", "status": "On Hold"}
    await client.set_priority("9", "High")
    assert desk.asked_input() == {"ticketId": "9", "priority": "High"}
    await client.assign("9", "")
    assert desk.asked_input() == {"ticketId": "9", "technician": None}, "a null clears"


async def test_people_and_places_are_read_by_pages(client, desk):
    info = {"hasMore": None, "totalCount": 1}
    person = {"userId": 5, "name": "Dev", "groups": [{"groupId": 1, "name": "Network"}]}
    desk.will({"data": {"getTechnicianList": {"userList": [person], "listInfo": info}}})
    (technician,) = await client.technicians()
    assert (technician.id, technician.groups) == ("5", ("Network",))
    row = {"accountId": "7", "name": "Quayside", "hqSite": '{"id": 8}'}
    desk.will({"data": {"getClientList": {"clients": [row], "listInfo": info}}})
    (customer,) = await client.clients()
    assert customer.hq_site_id == "8"
    place = {"id": "8", "name": "HQ", "working24x7": True, "client": {"accountId": 7}}
    desk.will({"data": {"getClientSiteList": {"sites": [place], "listInfo": info}}})
    (site,) = await client.sites()
    assert (site.client_id, site.working_24x7) == ("7", True)
    assert desk.asked_input() == {"listInfo": {"page": 1, "pageSize": 100}}
