"""What ``init`` proposes and ``check`` says about the names a desk gives its priorities."""

import tomllib

import pytest

from sla_console.cli.findings import priority_findings
from sla_console.cli.proposed_priorities import table_of
from sla_console.cli.stored import Stored
from sla_console.config.load import load_settings
from sla_console.config.settings import Settings
from sla_console.domain.tickets.ticket import Ticket

pytestmark = pytest.mark.slow


class TestInit:
    def test_the_table_is_proposed_from_the_desks_own_list(self, start, home, simulate):
        done = start(
            "init",
            SLA_CONSOLE_SUPEROPS__SUBDOMAIN="demo",
            SLA_CONSOLE_SUPEROPS__URL=simulate(3),
            SLA_CONSOLE_TOKEN="demo-token",
        )
        assert done.returncode == 0, done.stderr
        settings = load_settings(home / ".config" / "sla-console" / "config.toml", {})
        assert settings.priorities.critical == ["Critical"]
        assert settings.priorities.low == ["Low"]

    def test_without_a_token_it_says_how_to_write_it(self, start, home):
        assert start("init", SLA_CONSOLE_SUPEROPS__SUBDOMAIN="demo").returncode == 0
        text = (home / ".config" / "sla-console" / "config.toml").read_text()
        assert "# [priorities]" in text

    def test_names_that_say_nothing_are_pointed_out(self):
        text = table_of(["Blocker", "Red", 'Say "now"', "Niedrig", "Not critical"])
        assert tomllib.loads(text)["priorities"] == {
            "critical": ["Blocker", "Red", 'Say "now"'],
            "high": [],
            "medium": [],
            "low": ["Niedrig", "Not critical"],
        }
        assert 'look at: "Red", "Say' in text


class TestCheck:
    def found(self, settings: Settings, listed=("Emergency", "Red", "Not critical")) -> list[str]:
        tickets = (Ticket("1", "1", "x", priority="Blau"), Ticket("2", "2", "x"))
        return [f.line() for f in priority_findings(settings, listed, Stored(tickets))]

    def test_it_names_those_of_the_desk_and_of_open_tickets_that_are_not_ranked(self):
        note, ranked = self.found(Settings())
        assert "'Blau', 'Red' are not ranked and taken as critical" in note
        assert ranked.endswith("Emergency is critical, Not critical is low")

    def test_those_that_are_ranked_by_the_configuration_are_not_named(self):
        settings = Settings.model_validate({"priorities": {"high": ["red"], "low": ["BLAU"]}})
        (ranked,) = self.found(settings)
        assert ranked.startswith("ok       priorities")
        assert "Red is high" in ranked

    def test_a_ranked_name_that_the_desk_does_not_have_is_said(self):
        settings = Settings.model_validate(
            {"priorities": {"high": ["Red", "Emergensy"], "low": ["Blau"]}}
        )
        said = self.found(settings)[-1]
        assert "no priority is called 'Emergensy'; did you mean Emergency?" in said


@pytest.mark.parametrize(
    "table", ['high = ["Red"]\nlow = [" RED "]', 'critical = "Red"', 'urgent = ["Red"]']
)
def test_a_table_that_is_wrong_is_refused_in_one_sentence(refusal, home, table):
    folder = home / ".config" / "sla-console"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(f'[superops]\nsubdomain = "acme"\n[priorities]\n{table}\n')
    assert "priorities" in refusal("status")
