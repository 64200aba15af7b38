"""``silences add`` takes every name that the other commands show."""

import json

import pytest

pytestmark = pytest.mark.slow

CONFIG = """[superops]
subdomain = "demo"
url = "{url}"
[ui]
operator = "Ada"
[[policies]]
name = "Gold urgent"
priority = "Critical"
response_minutes = 15
"""
SPAN = ("--for", "1h", "--reason", "why")


@pytest.fixture
def configured(start, home):
    """A store that was made, and nothing read into it yet."""
    folder = home / ".config" / "sla-console"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(CONFIG.format(url="http://127.0.0.1:9/"))
    assert start("status").returncode == 0


@pytest.mark.usefixtures("configured")
class TestNamesOfTheConfiguration:
    def test_a_policy_that_policies_list_shows(self, start):
        assert "Gold urgent" in start("policies").stdout
        done = start("silences", "add", "--policy", "Gold urgent", *SPAN)
        assert (done.returncode, done.stderr) == (0, "")
        (one,) = json.loads(start("silences", "--json").stdout)["silences"]
        assert one["words"] == "policy Gold urgent"

    def test_a_priority_that_a_policy_names(self, start):
        assert start("silences", "add", "--priority", "critical", *SPAN).returncode == 0

    def test_one_that_is_misspelt_is_still_refused(self, refusal):
        said = refusal("silences", "add", "--policy", "Gold urgnet", *SPAN)
        assert "did you mean Gold urgent?" in said


def test_an_sla_of_superops_that_was_read(start, home, simulate):
    folder = home / ".config" / "sla-console"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(CONFIG.format(url=simulate(5)))
    assert start("status", "--sync", SLA_CONSOLE_TOKEN="demo-token").returncode == 0
    slas = json.loads(start("policies", "--json").stdout)["superops_slas"]
    assert slas
    assert all(sla["known_since"] == sla["unchanged_since"] for sla in slas)
    listed = start("policies").stdout
    for sla in slas:
        assert sla["name"] in listed
        assert start("silences", "add", "--policy", sla["name"], *SPAN).returncode == 0
