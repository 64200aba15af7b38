"""Commands that send nothing need no channel's address and run nobody's command for one."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

READING = (
    ("status",), ("status", "--json"), ("report", "--period", "2026-10"), ("report", "--frozen"),
    ("performance",), ("forecast",), ("alerts", "status"), ("explain", "1"), ("policies",),
    ("policies", "check"), ("silences", "list"), ("alerts", "explain", "1"), ("keys",),
)  # fmt: skip


@pytest.fixture
def marker(home: Path) -> Path:
    """A file that says that the command of a channel or of the heartbeat was run."""
    folder = home / ".config" / "sla-console"
    folder.mkdir(parents=True)
    marker, script = home / "was-run", home / "secret.sh"
    script.write_text(f"#!/bin/sh\necho x >> {marker}\necho json://localhost/\n")
    script.chmod(0o700)
    (folder / "config.toml").write_text(
        '[superops]\nsubdomain = "acme"\nurl = "http://127.0.0.1:9/"\n'
        f'[alerts.channels.team]\nservice = "apprise"\nurl_command = "{script}"\n'
        f'allow_private = true\n[alerts.heartbeat]\nurl_command = "{script}"\n'
    )
    return marker


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_no_command_of_a_channel_is_run(start, marker, words):
    """Six runs of it for seven such commands were seen before."""
    done = start(*words)
    assert "Traceback" not in done.stderr
    assert not marker.exists()


def test_a_variable_that_is_not_set_stands_in_no_readers_way(start, home, marker):
    config = home / ".config" / "sla-console" / "config.toml"
    config.write_text(
        '[superops]\nsubdomain = "acme"\n[alerts.channels.team]\nurl_env = "NOT_SET_ANYWHERE"\n'
        '[alerts.heartbeat]\nurl_env = "NOT_SET_EITHER"\n'
    )
    for words in (("status",), ("performance",), ("forecast",), ("alerts", "status")):
        done = start(*words)
        assert "NOT_SET" not in done.stderr, words
        assert done.returncode in {0, 1}, (words, done.stderr)


def test_check_still_says_that_it_is_not_set(start, home, marker):
    config = home / ".config" / "sla-console" / "config.toml"
    config.write_text(
        '[superops]\nsubdomain = "acme"\n[alerts.channels.team]\nurl_env = "NOT_SET_ANYWHERE"\n'
    )
    done = start("check")
    assert done.returncode == 1
    assert "trouble  channel team" in done.stdout
    assert "NOT_SET_ANYWHERE: it is not set" in done.stdout


class TestReadOnly:
    """``ui.read_only`` holds for the commands that change something too."""

    @pytest.fixture(autouse=True)
    def configured(self, start, home):
        folder = home / ".config" / "sla-console"
        folder.mkdir(parents=True)
        text = '[superops]\nsubdomain = "acme"\nurl = "http://127.0.0.1:9/"\n'
        (folder / "config.toml").write_text(text)
        start("status")  # makes the store
        (folder / "config.toml").write_text(f"{text}[ui]\nread_only = true\n")

    @pytest.mark.parametrize(
        "words",
        [
            ("silences", "add", "--all", "--for", "1h", "--reason", "why"),
            ("silences", "end", "abc"),
            ("report", "--period", "2026-10", "--freeze"),
        ],
    )
    def test_they_refuse(self, refusal, words):
        assert "ui.read_only is true" in refusal(*words)

    def test_looking_still_works(self, start):
        assert start("silences", "list").stdout == "Nothing is silenced.\n"
