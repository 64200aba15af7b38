"""A ticket is found by its id or its number, and asked about where two carry one number."""

import pytest

from sla_console.domain.errors import UserError
from sla_console.domain.tickets.reference import only_one, referred
from sla_console.domain.tickets.ticket import Ticket

PRINTER = Ticket("901", "60011", "Printer down", client="Acme")
MAIL = Ticket("902", "60011", "No mail", client="Kestrel")
OTHER = Ticket("903", "60012", "Slow laptop")
ALL = (PRINTER, MAIL, OTHER)


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("60012", [OTHER]),
        ("#60012 ", [OTHER]),
        ("60011", [PRINTER, MAIL]),
        ("902", [MAIL]),
        ("7", []),
    ],
)
def test_a_reference_means_the_one_of_the_id_else_all_of_the_number(reference, found) -> None:
    assert referred(reference, ALL) == found


def test_several_are_listed_with_what_tells_them_apart() -> None:
    with pytest.raises(UserError) as raised:
        only_one("60011", [PRINTER, MAIL])
    assert str(raised.value) == (
        "ticket '60011': 2 tickets carry this number, expected one of their ids: "
        "901 (Acme, Printer down); 902 (Kestrel, No mail)"
    )


def test_one_is_given_and_none_is_none() -> None:
    assert only_one("60012", [OTHER]) is OTHER
    assert only_one("7", []) is None


def test_a_ticket_whose_id_is_the_number_of_another_is_meant_by_it() -> None:
    own = Ticket("60012", "1", "Whose id looks like a number")
    assert referred("60012", (OTHER, own)) == [own]
