"""When two spellings are one name, and what is said of one that does not exist."""

import unicodedata
from datetime import UTC, date, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_console.domain.alerts.notification import AlertEvent, Notification
from sla_console.domain.figures.clients import Contracts
from sla_console.domain.matcher import Matcher
from sla_console.domain.names import folded, hint, nearest, same
from sla_console.domain.people.people import HolidayRule, special_days
from sla_console.domain.sla.policy import PolicyTable, SLAPolicy
from sla_console.domain.tickets.ticket import Phase, StatusPhases, Ticket

COMPOSED = "Caf\N{LATIN SMALL LETTER E WITH ACUTE} Noir"
APART = "Cafe\N{COMBINING ACUTE ACCENT} Noir"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (COMPOSED, APART),
        (COMPOSED.upper(), APART),
        ("Acme  Ltd", "Acme Ltd"),
        ("Acme\N{NO-BREAK SPACE}Ltd", "acme ltd"),
        (" Acme Ltd ", "Acme Ltd"),
        ("Stra\N{LATIN SMALL LETTER SHARP S}e", "STRASSE"),
    ],
)
def test_these_are_one_name(one: str, other: str) -> None:
    assert same(one, other)


def test_letters_of_two_scripts_are_two_names() -> None:
    assert not same("Acme", "\N{CYRILLIC CAPITAL LETTER A}cme")


@given(st.text(max_size=20))
def test_a_name_is_the_same_however_it_is_composed(name: str) -> None:
    assert folded(name) == folded(unicodedata.normalize("NFD", name))
    assert folded(name) == folded(folded(name))


class TestHints:
    def test_the_nearest_name_is_named(self) -> None:
        assert hint("Acne Ltd", ["Acme Ltd", "Kestrel"]) == "did you mean Acme Ltd?"

    def test_nothing_is_said_where_no_name_is_near(self) -> None:
        assert hint("xyz", ["Acme Ltd", "Kestrel"]) is None

    def test_a_name_of_letters_that_look_the_same_is_told_by_them(self) -> None:
        """Only the first letter differs: U+0410 looks like a Latin A on every screen."""
        said = hint("\N{CYRILLIC CAPITAL LETTER A}cme", ["Acme"])
        assert said is not None
        assert "did you mean" not in said
        assert "U+0410 CYRILLIC CAPITAL LETTER A" in said

    def test_letters_that_look_the_same_in_the_known_name_are_escaped(self) -> None:
        said = hint("Acme", ["\N{CYRILLIC CAPITAL LETTER A}cme"])
        assert said is not None
        assert "did you mean" not in said
        assert r"'\u0410cme'" in said

    def test_a_character_that_does_not_show_is_named(self) -> None:
        said = hint("Acme\N{ZERO WIDTH SPACE}", ["Acme"])
        assert said is not None
        assert "U+200B ZERO WIDTH SPACE" in said
        assert "did you mean" not in said

    def test_a_name_wholly_of_other_letters_that_looks_the_same_is_found(self) -> None:
        assert (
            nearest("\N{CYRILLIC CAPITAL LETTER ES}\N{CYRILLIC CAPITAL LETTER O}", ["CO"]) == "CO"
        )


class TestWhereNamesAreMatched:
    """Configured composed, as the desk has it taken apart and with two spaces."""

    TICKET = Ticket("1", "T-1", "", client=APART.replace(" ", "  "), status=APART)

    def test_a_policy_of_the_client_is_found(self) -> None:
        policy = SLAPolicy("p", "P", client=COMPOSED, resolution_time_hours=1.0)
        assert PolicyTable([policy]).policy_of(self.TICKET) is policy
        assert policy.matcher.matches(self.TICKET)

    def test_a_status_holds(self) -> None:
        phases = StatusPhases.of((COMPOSED,), ("Closed",))
        assert phases.phase(self.TICKET.status) is Phase.HOLD

    def test_a_silence_matches(self) -> None:
        notification = Notification(
            AlertEvent.BREACH, datetime(2026, 10, 12, tzinfo=UTC), client=APART
        )
        assert Matcher(clients=(COMPOSED.upper(),)).matches(notification)

    def test_holidays_of_the_client_count(self) -> None:
        day = date(2026, 12, 25)
        rules = [HolidayRule(frozenset({day}), client=COMPOSED)]
        assert special_days("Main", APART, rules).holidays == {day}

    def test_what_is_agreed_with_the_client_counts(self) -> None:
        contracts = Contracts(None, {folded(COMPOSED): Fraction(95, 100)})
        assert contracts.of(APART) == Fraction(95, 100)
