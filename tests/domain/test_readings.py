"""What was read of the service desk, and what a statement may rest on."""

from datetime import UTC, datetime, timedelta

from sla_console.domain.readings import LISTS, TICKETS, ListRead, complete, gaps_of, unread

NOON = datetime(2026, 10, 12, 12, 0, tzinfo=UTC)
ALL = tuple(ListRead(name, NOON) for name in LISTS)


def test_where_all_was_read_nothing_is_missing():
    assert gaps_of(ALL, NOON, timedelta(minutes=3)) == ()
    assert unread(ALL) == ()


def test_what_the_store_does_not_know_was_never_read():
    reads = complete([one for one in ALL if one.name != "sites"])
    assert [one.name for one in reads] == list(LISTS)
    assert gaps_of(reads, NOON) == ("sites were never read",)


def test_a_list_that_failed_says_why_and_of_when_it_is():
    sites = ListRead("sites", NOON, "No.", NOON + timedelta(hours=1))
    found = gaps_of(complete([*ALL, sites]), NOON + timedelta(hours=1))
    assert found == ("sites could not be read (No), those shown are of 2026-10-12 12:00 UTC",)


def test_nothing_at_all_is_said_once():
    assert gaps_of(complete(()), NOON) == ("nothing was ever read from SuperOps",)


def test_old_tickets_are_said_where_age_matters():
    later = NOON + timedelta(minutes=4)
    assert gaps_of(ALL, later) == ()
    assert gaps_of(ALL, later, timedelta(minutes=3)) == (
        "tickets are of 2026-10-12 12:00 UTC, 4 m ago",
    )


def test_a_list_that_failed_after_it_was_read_is_unread():
    tickets = ListRead(TICKETS, NOON, "gone", NOON)
    assert unread(complete([*ALL, tickets])) == (tickets,)
