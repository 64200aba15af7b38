"""What stands out in a report stands there in words, and chance alone does not stand out."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from sla_console.domain.figures.clients import Contracts
from sla_console.domain.tickets.sighting import Sighting
from sla_console.reporting.build import report_of
from sla_console.reporting.findings import findings_of

AT = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def found(ticket, gather, frame):
    """Returns what stands out in tickets of one promise each, given as fields."""

    def make(*tickets: dict, **fields: object) -> list[str]:
        lives = [
            ticket(**{
                "id": str(n), "display_id": f"T-{n}", "response_due": None, "status": "Closed",
                "resolved_at": AT + HOUR, "resolution_due": AT + 8 * HOUR,
            } | one)
            for n, one in enumerate(tickets)
        ]  # fmt: skip
        return [one.words for one in findings_of(report_of(gather(lives), frame(**fields)))]

    return make


LATE = {"resolved_at": AT + 20 * HOUR}


def test_nothing_stands_out_where_all_is_kept(found) -> None:
    assert found({}, {}, {}) == []


def test_a_client_that_is_served_worse_than_all_others_is_named(found) -> None:
    acme = [{"client": "Acme"} | (LATE if n < 8 else {}) for n in range(20)]
    others = [{"client": f"Client {n % 4}"} | (LATE if n < 4 else {}) for n in range(80)]
    assert "Client Acme: 60.0 % of 20 resolutions were kept, of all others 95.0 %." in found(
        *acme, *others
    )


def test_a_difference_that_may_be_chance_is_not_told(found) -> None:
    acme = [{"client": "Acme"} | (LATE if n < 2 else {}) for n in range(10)]
    others = [{"client": f"Client {n % 4}"} | (LATE if n < 8 else {}) for n in range(80)]
    assert not [words for words in found(*acme, *others) if "Acme" in words]


def test_the_same_tickets_are_told_of_once(found) -> None:
    gold = [{"priority": "Gold", "group": "Golden"} | (LATE if n < 9 else {}) for n in range(20)]
    others = [{"priority": "Low", "group": "Desk"} for _ in range(80)]
    assert sum("of all others" in words for words in found(*gold, *others)) == 1


def test_what_is_owed_still_comes_first_of_what_is_missed(found) -> None:
    owed = {"status": "In Progress", "resolved_at": None}
    assert found(owed, LATE, {})[0] == "1 of the 2 missed promises are owed still."


def test_misses_by_minutes_are_told_where_they_are_a_good_part(found) -> None:
    narrow = {"resolved_at": AT + 8 * HOUR + HOUR / 4}
    assert "1 of the 3 missed promises were late by half an hour or less." in found(
        narrow, LATE, LATE
    )
    assert not [words for words in found(narrow, *[LATE] * 9) if "half an hour" in words]


def test_time_in_which_nobody_had_it_is_told(found) -> None:
    seen = (
        Sighting(AT, "New"),
        Sighting(AT + 10 * HOUR, "In Progress", technician_id="ada", technician="Ada"),
    )
    assert "50 % of the time of the missed promises passed while nobody had the ticket." in found(
        LATE | {"seen": seen}
    )


@pytest.mark.parametrize(
    ("percent", "said"),
    [(50, "and 1 more may be missed."), (75, "and no more may be missed."),
     (90, "and the month is lost by 1.")],
)  # fmt: skip
def test_one_client_has_its_contract_in_a_sentence(found, percent, said) -> None:
    words = found({}, {}, {}, LATE, contracts=Contracts(Fraction(percent, 100)))[0]
    assert words.startswith(f"Agreed with Harbour for October 2026 are {percent}.0 % of the")
    assert "kept are 75.0 % of 4" in words
    assert words.endswith(said)


def test_clients_that_have_lost_their_month_are_counted_and_named(found) -> None:
    tickets = [{"client": "Acme"} | LATE, {"client": "Blue"}, {"client": "Cyan"}]
    assert found(*tickets, contracts=Contracts(Fraction(90, 100)))[0] == (
        "1 of 3 clients with an agreed percentage have lost October 2026: Acme (lost by 1)."
    )
