"""One matcher: the same field with the same spelling matches alike wherever it is asked about."""

from datetime import UTC, datetime, timedelta

import pytest

from sla_console.domain.alerts.alert import AlertRule
from sla_console.domain.alerts.notification import AlertEvent, Notification
from sla_console.domain.alerts.silence import MaintenanceWindow, Once, Silence, muted_by
from sla_console.domain.matcher import Matcher, name_test
from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.sla.evaluation import evaluate
from sla_console.domain.sla.policy import PolicyTable, SLAPolicy
from sla_console.domain.tickets.ticket import StatusPhases, Ticket
from sla_console.ui.board.filter import BoardFilter

NOW = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)
COMPOSED = "Caf\N{LATIN SMALL LETTER E WITH ACUTE} Nord"
APART = "Cafe\N{COMBINING ACUTE ACCENT} Nord"

SPELLINGS = [
    ("Acme Ltd", "Acme Ltd", True),
    ("acme ltd", "ACME LTD", True),
    ("Acme  Ltd", " Acme Ltd", True),
    (COMPOSED, APART, True),
    ("Stra\N{LATIN SMALL LETTER SHARP S}e", "STRASSE", True),
    ("Acme Ltd", "Acme GmbH", False),
    ("Acme Ltd", None, False),
    ("Acm\N{CYRILLIC SMALL LETTER IE}", "Acme", False),
]
"""What somebody wrote, what the ticket has, and whether they are one name."""


def rule(field: str, wanted: str, has: str | None) -> bool:
    plural = {"client": "clients", "priority": "priorities", "group": "groups"}[field]
    return AlertRule("r", **{plural: (wanted,)}).matches(about(field, has))


def silence(field: str, wanted: str, has: str | None) -> bool:
    plural = {"client": "clients", "priority": "priorities", "group": "groups"}[field]
    one = Silence("s", Matcher(**{plural: (wanted,)}), "Ada", "move", NOW, NOW + timedelta(hours=1))
    return muted_by(about(field, has), NOW, [one], []) is not None


def window(field: str, wanted: str, has: str | None) -> bool:
    plural = {"client": "clients", "priority": "priorities", "group": "groups"}[field]
    start = NOW.replace(tzinfo=None)
    one = MaintenanceWindow(
        "w", Matcher(**{plural: (wanted,)}), UTC, Once(start, start + timedelta(hours=1))
    )
    return muted_by(about(field, has), NOW, [], [one]) is not None


def policy(field: str, wanted: str, has: str | None) -> bool:
    own = "priority_level" if field == "priority" else field
    one = SLAPolicy("p", "P", resolution_time_hours=1.0, **{own: wanted})
    return PolicyTable([one]).policy_of(ticket(field, has)) is one


def board(field: str, wanted: str, has: str | None) -> bool:
    word = {"client": "#", "group": "group:"}[field]
    phases = StatusPhases.of((), ())
    judged = evaluate(ticket(field, has), None, BusinessCalendar.always(), phases)
    return bool(BoardFilter(f'{word}"{wanted}"').apply([judged]))


def about(field: str, has: str | None) -> Notification:
    return Notification(AlertEvent.BREACH, NOW, ticket_id="77", **{field: has})


def ticket(field: str, has: str | None) -> Ticket:
    return Ticket("77", "T-77", "Printer down", **{field: has})


@pytest.mark.parametrize(
    ("asks", "field"),
    [
        (asks, field)
        for asks in (rule, silence, window, policy, board)
        for field in ("client", "priority", "group")
        if (asks, field) != (board, "priority")  # the board has words for it of its own
    ],
)
@pytest.mark.parametrize(("wanted", "has", "fits"), SPELLINGS)
def test_the_same_field_matches_alike_wherever_it_is_asked_about(
    asks, field, wanted, has, fits
) -> None:
    assert asks(field, wanted, has) is fits


def test_a_part_of_a_name_is_enough_where_somebody_types_and_nowhere_else() -> None:
    assert name_test(["acm"], partly=True)("Acme Ltd")
    assert not name_test(["acm"])("Acme Ltd")


def test_what_is_absent_is_found_by_its_word_alone() -> None:
    nobody = name_test(["nobody"], partly=True, absent="nobody")
    assert nobody(None)
    assert not nobody("Ada")
    assert not name_test(["nobody"], partly=True)(None)


def test_a_ticket_is_meant_by_its_number_or_its_id_as_a_whole() -> None:
    wanted = Matcher(tickets=("t-77",))
    assert wanted.matches(ticket("client", None))
    assert Matcher(tickets=("77",)).matches(ticket("client", None))
    assert not Matcher(tickets=("7",)).matches(ticket("client", None))


def test_every_condition_must_be_met() -> None:
    wanted = Matcher(clients=("Acme",), priorities=("High", "Critical"))
    assert wanted.matches(Ticket("1", "1", "", client="acme", priority="critical"))
    assert not wanted.matches(Ticket("1", "1", "", client="acme", priority="Low"))
    assert wanted.words() == "client Acme, priority High or Critical"


def test_one_without_conditions_is_for_everything() -> None:
    assert not Matcher()
    assert Matcher().matches(ticket("client", None))
    assert Matcher().words() == "everything"
