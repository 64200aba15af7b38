"""``init`` and ``info``: a first configuration without questions, and the facts without secrets."""

import os
import pty
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sla_console.config.load import load_settings

pytestmark = pytest.mark.slow

Start = Callable[..., subprocess.CompletedProcess[str]]
Refusal = Callable[..., str]


@pytest.fixture
def config(home: Path) -> Path:
    return home / ".config" / "sla-console" / "config.toml"


def test_the_first_configuration_is_valid_private_and_holds_no_token(
    start: Start, config: Path
) -> None:
    done = start(
        "init",
        SLA_CONSOLE_SUPEROPS__SUBDOMAIN="acme",
        SLA_CONSOLE_SUPEROPS__URL="http://127.0.0.1:9/",
        SLA_CONSOLE_TOKEN="hunter22",
        LOGNAME="ada",
    )
    assert done.returncode == 0
    assert "priorities could not be read" in done.stdout
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert "hunter22" not in config.read_text()
    settings = load_settings(config, {})
    assert settings.require_subdomain() == "acme"
    assert settings.superops.token_env == "SLA_CONSOLE_TOKEN"
    assert settings.ui.operator == "ada"
    assert settings.ui.timezone == "Europe/Dublin"
    assert str(config) in done.stdout
    assert "sla-console check" in done.stdout


def test_what_it_cannot_find_out_is_a_marked_line(start: Start, config: Path) -> None:
    done = start("init")
    assert done.returncode == 0
    assert "FILL IN" in config.read_text()
    assert "fill in the subdomain" in done.stdout
    assert load_settings(config, {}).superops.subdomain == ""


def test_at_a_terminal_it_asks_for_the_subdomain_alone(
    environ: dict[str, str], config: Path
) -> None:
    leader, follower = pty.openpty()
    with subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; from sla_console.cli import main; sys.exit(main(['init']))",
        ],
        env=environ,
        stdin=follower,
        stdout=follower,
        stderr=follower,
    ) as process:
        os.close(follower)
        os.write(leader, b"https://acme.superops.ai/\n")
        assert process.wait(timeout=60) == 0
    shown = os.read(leader, 65_536).decode()
    os.close(leader)
    assert shown.count("?") + shown.count("): ") == 1
    assert load_settings(config, {}).require_subdomain() == "acme"


def test_it_writes_where_config_says(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "new" / "my.toml"
    assert start("--config", str(path), "init").returncode == 0
    assert load_settings(path, {}).statuses.hold


def test_it_never_overwrites_by_itself(start: Start, refusal: Refusal, config: Path) -> None:
    start("init")
    config.write_text("# mine\n")
    assert "there is a configuration already" in refusal("init")
    assert config.read_text() == "# mine\n"


def test_force_keeps_a_copy_each_time(start: Start, config: Path) -> None:
    start("init")
    for text in ("# one\n", "# two\n"):
        config.write_text(text)
        assert start("init", "--force").returncode == 0
    assert config.with_name("config.toml.bak").read_text() == "# one\n"
    assert config.with_name("config.toml.bak2").read_text() == "# two\n"
    assert "[superops]" in config.read_text()
    assert len(list(config.parent.iterdir())) == 3


def test_a_bad_subdomain_writes_nothing(refusal: Refusal, config: Path) -> None:
    assert "expected the name alone" in refusal("init", SLA_CONSOLE_SUPEROPS__SUBDOMAIN='a"b')
    assert not config.exists()


def test_a_place_that_cannot_be_written_is_named(refusal: Refusal, home: Path) -> None:
    (home / "file").touch()
    assert "the configuration cannot be written" in refusal(
        "init", "--config", str(home / "file" / "x.toml")
    )


def test_info_names_paths_and_versions(start: Start, home: Path, config: Path) -> None:
    done = start("info")
    assert done.returncode == 0
    for word in ("python", "textual", "sqlcipher3", "apprise", "pydantic", str(config)):
        assert word in done.stdout
    assert f"{home}/.local/share/sla-console/sla-console.db (not there yet)" in done.stdout
    assert list(home.iterdir()) == []


def test_info_shows_what_the_configuration_changes_and_no_secret(
    start: Start, tmp_path: Path
) -> None:
    path = tmp_path / "my.toml"
    path.write_text('[superops]\ntoken = "hunter22"\n[store]\ndata_dir = "kept"\n')
    path.chmod(0o600)
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "sla-console.db").write_bytes(b"x" * 1234)
    done = start("info", "--config", str(path), SLA_CONSOLE_TOKEN="hunter33")
    assert done.returncode == 0
    assert f"{tmp_path}/kept/sla-console.db (there, 1,234 bytes)" in done.stdout
    assert "hunter" not in done.stdout + done.stderr


def test_info_tells_of_a_configuration_that_cannot_be_used(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_text("[ui]\nasci = true\n")
    done = start("info", "--config", str(path))
    assert done.returncode == 1
    assert "did you mean ascii?" in done.stdout
    assert "textual" in done.stdout
