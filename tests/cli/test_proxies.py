"""Proxy variables that cannot be used, as people meet them on the command line."""

import re

import pytest

pytestmark = pytest.mark.slow

BAD = [
    {"ALL_PROXY": "socks://proxy.example:1080"},
    {"https_proxy": "socks5://proxy.example:1080"},
    {"HTTPS_PROXY": "http://proxy.example:port"},
]


@pytest.fixture
def configured(home, environ):
    """Writes a configuration whose desk is outside this machine; nothing is listening there."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        environ.pop(name, None)
        environ.pop(name.upper(), None)
    environ |= {"SLA_CONSOLE_DATA_DIR": str(home / "data"), "SLA_CONSOLE_TOKEN": "hunter2"}
    path = home / "config.toml"
    path.write_text(
        '[superops]\nurl = "https://desk.invalid/msp"\nsubdomain = "acme"\n'
        '[alerts.channels.mail]\nurl_env = "MAIL"\n'
    )
    path.chmod(0o600)
    environ |= {"SLA_CONSOLE_CONFIG": str(path)}
    environ |= {"MAIL": "mailto://u:hunter2@127.0.0.1:9/?from=a@b.example&to=c@d.example"}
    return path


@pytest.mark.parametrize("variables", BAD)
def test_a_monitor_that_could_never_read_anything_says_so_and_ends(
    configured, start, variables
) -> None:
    """It said "starting" for ever, with hundreds of lines in its log."""
    (name,) = variables
    done = start("monitor", **variables)
    assert done.returncode == 2
    assert done.stderr.startswith(f"sla-console: {name}: found ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("variables", BAD)
def test_check_names_the_variable_and_goes_on(configured, start, variables) -> None:
    (name,) = variables
    done = start("check", **variables)
    assert done.returncode == 1
    assert re.search(rf"trouble\s+proxy\s+{name}: found ", done.stdout)
    assert "unexpected" not in done.stdout + done.stderr
    assert "hunter2" not in done.stdout + done.stderr
    assert done.stderr == ""


def test_what_excepts_nothing_is_a_note(configured, start) -> None:
    done = start("check", HTTPS_PROXY="http://127.0.0.1:9", NO_PROXY="[::1],10.0.0.0/8,10.0.0.0/99")
    assert re.findall(r"(?m)^(\w+)\s+proxy\s+(\S+)", done.stdout) == [
        ("note", "NO_PROXY:"),
        ("ok", "SuperOps"),
    ]
