"""``policies list`` and ``policies check``: from the configuration, with what a store adds."""

import asyncio
import json
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from sla_console.cli.findings import CheckFinding, name_findings, site_findings
from sla_console.cli.main import main
from sla_console.cli.policies import known_names
from sla_console.cli.stored import Stored
from sla_console.domain.people.people import Client, HolidayRule, Site, Technician
from sla_console.domain.sla.policy import SLAPolicy
from sla_console.domain.tickets.ticket import Ticket
from sla_console.store.key import load_or_create_key
from sla_console.store.store import Store

SOUND = """
default_calendar = "office"
[superops]
subdomain = "acme"
[calendars.office]
timezone = "Europe/London"
mon = [["09:00", "17:00"]]
country = "GB"
[[policies]]
name = "Acme"
client = "Acme Ltd"
response_minutes = 30
resolution_hours = 4
[[policies]]
name = "Urgent"
priority = "Critical"
order = 1
response_minutes = 15
business_hours_only = false
[[policies]]
name = "Rest"
resolution_hours = 36
default = true
"""
CLASH = '[[policies]]\nname = "Gold"\nsla = "Gold"\nresponse_minutes = 5\n'

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs ``policies`` on a configuration; gives the exit code and what was printed."""
    for name in [name for name in os.environ if name.startswith("SLA_CONSOLE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "100")

    def start(text: str, *words: str) -> tuple[int, str]:
        file = tmp_path / "config.toml"
        file.write_text(f'{text}\n[store]\ndata_dir = "data"\nkey_file = "store.key"\n')
        code = main(["policies", *words, "--config", str(file)])
        found = capsys.readouterr()
        return code, found.out if code != 2 else found.err

    return start


@pytest.fixture
def store(tmp_path: Path) -> None:
    """Leaves a store with a few open tickets, a client, and a site where the run looks for it."""

    async def fill() -> None:
        key = load_or_create_key(tmp_path / "store.key", None)
        opened = await Store.open(tmp_path / "data" / "sla-console.db", key)
        made = (
            ("Acme Ltd", "Low"),
            ("acme ltd", "High"),
            ("Acme Ltd", "Critical"),
            ("Other", "Low"),
        )
        tickets = [
            Ticket(str(n), str(n), "x", client=client, priority=priority)
            for n, (client, priority) in enumerate(made)
        ]
        await opened.tickets.save([*tickets, Ticket("9", "9", "x", client="Other")], {"9"})
        await opened.people.save_clients([Client("c", "Acme Limited")])
        hours = (("mon", "09:00", "25:00"),)
        await opened.people.save_sites([Site("s", "Main", "c", "Europe/Dublin", hours=hours)])
        await opened.close()

    asyncio.run(fill())


class TestList:
    def test_each_policy_is_a_line_the_first_to_be_tried_on_top(self, run: Run) -> None:
        code, out = run(SOUND, "list")
        assert code == 0
        rows = [line.split("  ") for line in out.splitlines()]
        cells = [[cell.strip() for cell in row if cell.strip()] for row in rows]
        assert cells[:4] == [
            ["POLICY", "FOR", "RESPONSE", "RESOLVE", "HOURS", "OPEN"],
            ["Urgent", "priority is Critical", "15 m", "-", "24x7", "-"],
            ["Acme", "client is Acme Ltd", "30 m", "4 h", "office", "-"],
            ["Rest", "everything else", "-", "36 h", "office", "-"],
        ]
        assert "no open tickets are known yet" in out

    def test_without_a_word_it_is_the_list(self, run: Run) -> None:
        assert run(SOUND) == run(SOUND, "list")

    @pytest.mark.usefixtures("store")
    def test_a_store_tells_how_many_open_tickets_each_is_for(self, run: Run) -> None:
        found = json.loads(run(SOUND, "list", "--json")[1])
        counts = {policy["name"]: policy["open_tickets"] for policy in found["policies"]}
        assert counts == {"Urgent": 1, "Acme": 2, "Rest": 1}
        assert found["open_tickets_without_policy"] == 0

    @pytest.mark.usefixtures("store")
    def test_tickets_under_no_policy_are_counted_too(self, run: Run) -> None:
        without_default = SOUND.partition('[[policies]]\nname = "Rest"')[0]
        assert "open tickets under no policy: 1" in run(without_default, "list")[1]

    def test_json_has_what_is_documented(self, run: Run) -> None:
        found = json.loads(run(SOUND, "list", "--json")[1])
        assert found["schema_version"] == 1
        assert found["policies"][1] == {
            "name": "Acme",
            "conditions": ["client is Acme Ltd"],
            "default": False,
            "response_minutes": 30,
            "resolution_hours": 4.0,
            "business_hours_only": True,
            "calendar": "office",
            "response_calendar": "office",
            "order": None,
            "open_tickets": None,
        }
        assert found["policies"][0]["calendar"] is None
        assert found["open_tickets_without_policy"] is None

    def test_a_source_that_there_is_not_is_told(self, run: Run) -> None:
        text = SOUND + '[sla]\nno_first_response_for = ["AGNT"]\n'
        assert "no_first_response_for names 'AGNT'" in run(text, "check")[1]

    def test_other_hours_of_the_response_stand_beside_those_of_the_resolution(
        self, run: Run
    ) -> None:
        both = SOUND.replace(
            "response_minutes = 30", 'response_minutes = 30\nresponse_calendar = "24x7"'
        )
        assert "office, response 24x7" in run(both, "list")[1]
        found = json.loads(run(both, "list", "--json")[1])["policies"][1]
        assert (found["calendar"], found["response_calendar"]) == ("office", "24x7")

    def test_a_narrow_terminal_shortens_the_conditions_alone(
        self, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("COLUMNS", "60")
        long = SOUND.replace("Acme Ltd", "Acme Limited of a very long name in the city of London")
        lines = run(long, "list")[1].splitlines()[:4]
        assert max(map(len, lines)) <= 60
        assert "…" in lines[2]
        assert "4 h" in lines[2]

    def test_no_policies_are_said_to_be_none(self, run: Run) -> None:
        code, out = run('[superops]\nsubdomain = "acme"')
        assert (code, out[:11]) == (0, "no policies")

    def test_it_makes_no_store(self, run: Run, tmp_path: Path) -> None:
        run(SOUND, "list")
        assert not (tmp_path / "data").exists()
        assert not (tmp_path / "store.key").exists()


class TestCheck:
    def test_a_sound_configuration_is_fine(self, run: Run) -> None:
        code, out = run(SOUND, "check")
        assert code == 0
        assert [line.split()[:2] for line in out.splitlines()] == [
            ["ok", "policies"],
            ["ok", "calendar"],
        ]

    def test_a_conflict_is_trouble_and_names_both(self, run: Run) -> None:
        code, out = run(SOUND + CLASH, "check")
        assert code == 1
        (line,) = [line for line in out.splitlines() if line.startswith("trouble")]
        assert "'Acme' and 'Gold'" in line

    def test_what_is_only_odd_is_a_note(self, run: Run) -> None:
        text = SOUND.replace("default = true", 'group = "Network"\norder = 2').replace(
            'country = "GB"', 'sun = [["01:30", "23:59"]]'
        )
        code, out = run(text, "check")
        assert code == 0
        for part in (
            "no policy is the default",
            "has no holidays in",
            "sun: 23:59 is taken as 24:00",
            "sun opens at 01:30, which the clocks skip",
        ):
            assert part in out
        assert all(line.startswith("note") for line in out.splitlines())

    @pytest.mark.usefixtures("store")
    def test_a_store_adds_names_and_sites(self, run: Run) -> None:
        code, out = run(SOUND, "check")
        assert code == 1
        assert "'Acme' is for client 'Acme Ltd', which SuperOps does not have" in out
        assert "did you mean Acme Limited?" in out
        assert "trouble  sites          Main: mon: '25:00' is not a time of day" in out

    def test_json_has_the_same_findings(self, run: Run) -> None:
        lines = run(SOUND + CLASH, "check")[1].splitlines()
        code, out = run(SOUND + CLASH, "check", "--json")
        assert code == 1
        found = json.loads(out)["findings"]
        assert [CheckFinding(f["level"], f["subject"], f["words"]).line() for f in found] == lines

    def test_a_store_that_does_not_open_is_one_sentence(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "sla-console.db").write_bytes(b"x" * 4096)
        assert run(SOUND, "check")[0] == 1

    def test_another_word_is_refused(self, run: Run) -> None:
        code, error = run(SOUND, "chekc")
        assert code == 2
        assert "did you mean check?" in error


class TestSites:
    HOURS = (("mon", "09:00", "17:00"),)
    DAY = date(2026, 11, 23)

    def words(self, *sites: Site) -> list[tuple[str, str]]:
        found = site_findings(
            sites, [Client("c", "Acme")], [HolidayRule(frozenset({self.DAY}))], self.DAY
        )
        return [(finding.level, finding.words) for finding in found]

    def test_the_same_remark_about_many_sites_is_one_line(self) -> None:
        late = (("mon", "09:00", "23:59"),)
        sites = [Site(str(n), f"Site {n}", "c", "Europe/Dublin", hours=late) for n in range(30)]
        assert self.words(*sites) == [
            ("note", "Site 0 and 29 more: mon: 23:59 is taken as 24:00"),
        ]

    def test_a_name_that_no_client_or_site_has_is_told_and_an_earlier_one_is_not(self) -> None:
        sites = [Site("1", "Belfast", "c", "Europe/Dublin", working_24x7=True)]
        clients = [Client("c", "Acme Group", earlier=("Acme",))]
        days = frozenset({self.DAY})
        rules = [HolidayRule(days, client="acme"), HolidayRule(days, site="Belfst")]
        found = [f.words for f in site_findings(sites, clients, rules, self.DAY)]
        assert found == ["no site is called 'Belfst'; did you mean Belfast?"]

    def test_sites_without_hours_are_told(self) -> None:
        assert self.words(Site("1", "Bare", "c", None)) == [
            ("note", "Bare: has no hours, so every hour counts")
        ]

    def test_many_lines_of_a_kind_are_cut(self) -> None:
        sites = [
            Site(str(n), f"Site {n}", "c", "UTC", hours=(("mon", "09:00", f"{n}:99"),))
            for n in range(25, 60)
        ]
        found = self.words(*sites)
        assert len(found) == 11
        assert found[-1] == ("trouble", "and 25 more of this kind")

    def test_sound_sites_are_silent(self) -> None:
        always = Site("2", "Always", "c", None, working_24x7=True)
        assert self.words(Site("1", "Main", "c", "Europe/Dublin", hours=self.HOURS), always) == []


def test_groups_come_from_technicians_and_priorities_from_open_tickets() -> None:
    policies = [
        SLAPolicy("n", "Net", group="Netwrok"),
        SLAPolicy("c", "Crit", priority_level="Critcal"),
        SLAPolicy("h", "High", priority_level="High"),
    ]
    stored = Stored(
        tickets=(Ticket("1", "1", "x", priority="Critical"),),
        technicians=(Technician("t", "Ada", groups=("Network",)),),
    )
    found = [f.words for f in name_findings(policies, known_names(stored), stored)]
    assert found == [
        "'Net' is for group 'Netwrok', which SuperOps does not have; did you mean Network?",
        "'Crit' is for priority 'Critcal', which no open ticket has; did you mean Critical?",
    ]
    assert list(name_findings(policies, known_names(Stored()), Stored())) == []
