"""What settings mean: defaults, the environment, and the domain's values made from them."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sla_console.config.load import load_settings
from sla_console.config.paths import find_config, resolve_paths
from sla_console.config.secrets import Secret
from sla_console.config.settings import Settings
from sla_console.domain.alerts.alert import AlertEvent, AlertRule, Route
from sla_console.domain.errors import UserError
from sla_console.domain.forecast.risk import RiskThresholds
from sla_console.domain.tickets.ticket import Phase

Load = Callable[..., Settings]


def test_without_a_file_everything_has_a_default() -> None:
    settings = load_settings(None, {})
    assert settings.superops.url == "https://api.superops.ai/msp"
    assert settings.superops.requests_per_minute == 60
    assert settings.risk.as_domain() == RiskThresholds()
    assert settings.rules_as_domain() == []
    assert settings.portal_host is None


def test_statuses_become_phases(load: Load) -> None:
    phases = load('[statuses]\nhold = ["Parked"]\nclosed = ["Done"]').statuses.as_domain()
    assert phases.phase("parked") is Phase.HOLD
    assert phases.phase("DONE") is Phase.CLOSED
    assert phases.phase("Open") is Phase.ACTIVE


def test_a_calendar_counts_its_hours_in_its_zone(load: Load) -> None:
    settings = load(
        'default_calendar = "o"\n[calendars.o]\ntimezone = "Europe/Dublin"\n'
        'mon = [["09:00", "13:00"], ["14:00", "17:30"]]\nholidays = [2026-10-19]'
    )
    calendar = settings.calendars_as_domain()["o"]
    monday = datetime(2026, 10, 12, tzinfo=UTC)
    assert calendar.open_time(monday, monday + timedelta(days=1)) == timedelta(hours=7.5)
    assert not calendar.is_open(datetime(2026, 10, 19, 10, tzinfo=UTC))
    assert calendar.is_open(datetime(2026, 10, 12, 8, 30, tzinfo=UTC))


CHANNELS = """
[alerts.channels.team]
url_env = "TEAM"
[alerts.channels.boss]
url = "json://boss"
[alerts.channels.old]
url_env = "OLD"
enabled = false
"""


def test_a_policy_becomes_a_promise_that_escalates_in_order_to_enabled_channels(load: Load) -> None:
    (policy,) = load(
        CHANNELS
        + """
[[policies]]
name = "Gold"
sla = "Gold SLA"
priority = "High"
response_minutes = 30
resolution_hours = 4
business_hours_only = false
escalation = [
  { after_minutes = 60, channels = ["boss"] },
  { after_minutes = 15, channels = ["team", "old"] },
]
"""
    ).policies_as_domain()
    assert (policy.name, policy.sla_name, policy.client) == ("Gold", "Gold SLA", None)
    assert policy.response_target == timedelta(minutes=30)
    assert policy.resolution_target == timedelta(hours=4)
    assert not policy.business_hours_only
    assert [(step.after_minutes, step.channels) for step in policy.escalation_rules] == [
        (15, ("team",)),
        (60, ("boss",)),
    ]


def test_a_rule_says_continue_where_the_domain_says_proceed(load: Load) -> None:
    (rule,) = load(
        CHANNELS + '[[alerts.rules]]\nname = "r"\nchannels = ["team", "old"]\nevents = ["breach"]\n'
        'priorities = ["High"]\nclients = ["Acme"]\ncontinue = true'
    ).rules_as_domain()
    assert rule == AlertRule(
        "r", (), (AlertEvent.BREACH,), ("High",), ("Acme",), proceed=True, route=Route(("team",))
    )


def test_channels_know_where_their_address_comes_from(load: Load) -> None:
    sources = load(CHANNELS).channel_sources({"TEAM": "json://team"})
    assert {name: source.read() for name, source in sources.items()} == {
        "team": Secret("json://team"),
        "boss": Secret("json://boss"),
    }
    assert sources["boss"].describe() == "alerts.channels.boss.url in the configuration"


def test_the_token_comes_from_its_variable_unless_another_source_is_written(load: Load) -> None:
    environ = {"SLA_CONSOLE_TOKEN": "usual", "MINE": "special"}
    assert load("").token_source(environ).read() == Secret("usual")
    assert load('[superops]\ntoken_env = "MINE"').token_source(environ).read() == Secret("special")


def test_settings_show_no_secret(load: Load) -> None:
    settings = load('[superops]\ntoken = "hunter22"\n[alerts.channels.a]\nurl = "json://hunter22"')
    assert "hunter22" not in repr(settings) + str(settings) + str(settings.superops.__dict__)


def test_a_missing_subdomain_matters_only_when_it_is_needed(load: Load, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"superops\.subdomain is missing") as caught:
        load("").require_subdomain()
    assert str(tmp_path / "config.toml") in str(caught.value)
    settings = load('[superops]\nsubdomain = " acme "')
    assert settings.require_subdomain() == "acme"
    assert settings.portal_host == "acme.superops.ai"


def test_the_environment_wins_over_the_file(load: Load) -> None:
    settings = load(
        '[superops]\nsubdomain = "filed"\ntoken_env = "X"\n[ui]\nframe_rate = 5',
        {
            "SLA_CONSOLE_SUPEROPS__SUBDOMAIN": "acme",
            "SLA_CONSOLE_SUPEROPS__TOKEN": "abc",
            "SLA_CONSOLE_UI__ASCII": "true",
            "SLA_CONSOLE_UI__FRAME_RATE": "",
            "SLA_CONSOLE_UI__OPERATOR": "007",
            "SLA_CONSOLE_STATUSES__CLOSED": '["Done"]',
            "SLA_CONSOLE_DATA_DIR": "/data",
            "SLA_CONSOLE_MAIL_URL": "somebody's own",
        },
    )
    assert settings.superops.subdomain == "acme"
    assert settings.superops.written_sources() == ["token"]
    assert settings.ui.ascii
    assert settings.ui.frame_rate == 5
    assert settings.ui.operator == "007"
    assert settings.statuses.closed == ["Done"]
    assert settings.store.data_dir == Path("/data")


def test_the_environment_reaches_into_named_tables(load: Load) -> None:
    settings = load(
        '[alerts.channels.Team]\nurl_env = "TEAM"',
        {"SLA_CONSOLE_ALERTS__CHANNELS__TEAM__ENABLED": "false"},
    )
    assert not settings.alerts.channels["Team"].enabled


@pytest.mark.parametrize(
    ("variable", "value", "what"),
    [
        ("SLA_CONSOLE_UI__ASCII", "maybe", 'found "maybe", expected true or false'),
        ("SLA_CONSOLE_UI__ASCI", "true", "did you mean ascii?"),
        ("SLA_CONSOLE_UII__ASCII", "true", "did you mean ui?"),
        ("SLA_CONSOLE_DATADIR", "/x", "did you mean SLA_CONSOLE_DATA_DIR?"),
        ("SLA_CONSOLE_UI__ASCII__MORE", "x", "more parts"),
        ("SLA_CONSOLE_SYNC__HOT_SECONDS", "1\nx = 2", "a whole number"),
    ],
)
def test_a_fault_in_the_environment_names_the_variable(
    variable: str, value: str, what: str
) -> None:
    with pytest.raises(UserError) as caught:
        load_settings(None, {variable: value})
    assert str(caught.value).startswith(f"environment variable {variable}: ")
    assert what in str(caught.value)


def test_relative_paths_start_at_the_file_s_folder(load: Load, tmp_path: Path) -> None:
    settings = load('[store]\ndata_dir = "data"\nkey_file = "/keys/k"')
    assert settings.store.data_dir == tmp_path / "data"
    assert settings.store.key_file == Path("/keys/k")


def test_the_configuration_is_looked_for_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    assert find_config(None, {}) is None
    usual = tmp_path / "xdg" / "sla-console" / "config.toml"
    usual.parent.mkdir(parents=True)
    usual.touch()
    other, named = tmp_path / "other.toml", tmp_path / "named.toml"
    other.touch()
    named.touch()
    assert find_config(None, {}) == usual
    assert find_config(None, {"SLA_CONSOLE_CONFIG": str(other)}) == other
    assert find_config(str(named), {"SLA_CONSOLE_CONFIG": str(other)}) == named


@pytest.mark.parametrize(
    ("option", "environ", "asker"),
    [
        ("/no/such.toml", {}, "--config"),
        (None, {"SLA_CONSOLE_CONFIG": "/no/x"}, "SLA_CONSOLE_CONFIG"),
    ],
)
def test_a_configuration_that_was_asked_for_must_be_there(
    option: str | None, environ: dict[str, str], asker: str
) -> None:
    with pytest.raises(UserError, match=f"{asker} names this configuration"):
        find_config(option, environ)


def test_the_key_lies_away_from_the_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    paths = resolve_paths(tmp_path / "config.toml", tmp_path / "data")
    assert paths.database == tmp_path / "data" / "sla-console.db"
    assert paths.log_dir == tmp_path / "data" / "log"
    assert paths.key_file == tmp_path / "xdg" / "sla-console" / "store.key"
    assert resolve_paths(tmp_path, None, "/k").key_file == Path("/k")


def test_paths_and_secrets_are_light() -> None:
    code = (
        "import sys, sla_console.config.paths, sla_console.config.secrets\n"
        "heavy = {'pydantic', 'platformdirs', 'keyring', 'subprocess', 'tomllib'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
