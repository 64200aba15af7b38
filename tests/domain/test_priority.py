"""How urgent the names are that desks give their priorities."""

import pytest

from sla_console.domain.forecast.risk import RiskLevel
from sla_console.domain.tickets.priority import BY_NAME, PriorityRanks

CRITICAL, HIGH, MEDIUM, LOW = reversed(RiskLevel)


@pytest.mark.parametrize(
    "name",
    [
        "Critical", "critical", "CRITICAL", "1 - Critical", "P1 - Critical", "P1", "P0", "Sev-1",
        "Emergency", "Blocker", "Highest", "Kritisch", "Notfall", "URGENT!!", "Very  High",
        "Sehr hoch", "Critique", "Crítica", "Cri\N{COMBINING ACUTE ACCENT}tica", "Höchste",
        "Priority 1", "\N{LARGE RED CIRCLE} Critical", "P4 - Critical", "Low / Urgent",
    ],
)  # fmt: skip
def test_these_ring(name):
    assert BY_NAME.ranked(name)
    assert BY_NAME.severity(name) is CRITICAL


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("High", HIGH), ("P2", HIGH), ("2 - High", HIGH), ("Hoch", HIGH), ("Major", HIGH),
        ("Medium", MEDIUM), ("3 - Moderate", MEDIUM), ("Normal", MEDIUM), ("Mittel", MEDIUM),
        ("Low", LOW), ("4 - Low", LOW), ("Very low", LOW), ("Lowest", LOW), ("P5", LOW),
        ("Niedrig", LOW), ("Low priority", LOW), ("Planning", LOW),
    ],
)  # fmt: skip
def test_the_usual_ones_are_known(name, level):
    assert BY_NAME.severity(name) is level


@pytest.mark.parametrize(
    "name",
    ["Non-Urgent", "Not critical", "non urgent", "NOT URGENT", "Nicht dringend", "P4 - not urgent",
     "Uncritical", "Noncritical", "Less urgent", "Not  Critical", "Non\N{NON-BREAKING HYPHEN}Urgent"],
)  # fmt: skip
def test_what_is_denied_does_not_ring(name):
    assert BY_NAME.severity(name) is LOW


@pytest.mark.parametrize(
    "name", ["Whatever", "Lowish", "Red", "VIP", "24x7", "10", "Not low", "Very", "High water", "-"]
)
def test_what_says_nothing_is_urgent_and_known_to_be_unranked(name):
    assert BY_NAME.severity(name) is CRITICAL
    assert BY_NAME.unranked([name, "High"]) == [name]


@pytest.mark.parametrize("name", [None, "", "  "])
def test_a_ticket_without_a_priority_is_medium_or_as_configured(name):
    assert BY_NAME.severity(name) is MEDIUM
    assert PriorityRanks(without=HIGH).severity(name) is HIGH


class TestConfigured:
    RANKS = PriorityRanks({CRITICAL: ["Red", "Rouge"], LOW: ["Urgent for us", "Élevé  bas"]})

    def test_a_name_is_ranked_as_it_says(self):
        assert self.RANKS.severity("Red") is CRITICAL
        assert self.RANKS.severity("Urgent for us") is LOW

    @pytest.mark.parametrize("name", ["RED", " red ", "re\N{ZERO WIDTH SPACE}d"[:2] + "d"])
    def test_case_and_spaces_make_no_difference(self, name):
        assert self.RANKS.severity(name) is CRITICAL

    @pytest.mark.parametrize(
        "name", ["E\N{COMBINING ACUTE ACCENT}leve\N{COMBINING ACUTE ACCENT} bas"]
    )
    def test_nor_does_how_letters_are_composed(self, name):
        assert self.RANKS.ranked(name)
        assert self.RANKS.severity(name) is LOW

    def test_what_stands_in_no_list_is_still_understood_by_its_name(self):
        assert self.RANKS.severity("High") is HIGH

    def test_they_are_sorted_by_rank_then_as_they_were_written(self):
        names = ["Low", "Rouge", "High", "Red", "Blocker"]
        assert sorted(names, key=self.RANKS.order) == ["Red", "Rouge", "Blocker", "High", "Low"]
