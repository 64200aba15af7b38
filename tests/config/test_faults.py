"""Bad configuration: one sentence with the key, what was found, what is expected."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from sla_console.config.load import load_settings
from sla_console.domain.errors import UserError

Refused = Callable[..., str]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ('[superops]\nsubdomian = "x"', ["superops.subdomian", "did you mean subdomain?"]),
        ("[synch]\nx = 1", ["synch", "did you mean sync?"]),
        ("[ui]\nzzzz = 1", ["ui.zzzz", "the keys known here are ascii, confirm_quit"]),
        ('[sync]\nhot_seconds = "20"', ["sync.hot_seconds", 'found "20"', "a whole number"]),
        ("[sync]\nhot_seconds = 1.5", ["sync.hot_seconds", "found 1.5", "whole number"]),
        ("[sync]\nhot_seconds = 1", ["sync.hot_seconds", "found 1", "at least 5"]),
        ('[ui]\nascii = "yes"', ["ui.ascii", 'found "yes"', "expected true or false"]),
        ("[ui]\nmouse = 1", ["ui.mouse", "found 1", "true or false"]),
        ('[ui]\ntimezone = "Mars/Base"', ["ui.timezone", "Mars/Base", "IANA"]),
        ("[ui]\noperator = 5", ["ui.operator", "found 5", "text in quotes"]),
        ('[ui]\noperator = "a\\u001b[2Jb"', ["ui.operator", "printable"]),
        ("[store]\ndata_dir = 5", ["store.data_dir", "a path in quotes"]),
        ('[logging]\nlevel = "LOUD"', ["logging.level", '"LOUD"', "'DEBUG', 'INFO'"]),
        ('superops = "x"', ["superops", "found text", "expected a table"]),
        ('[superops]\nurl = "http://api.example.com"', ["superops.url", "expected https"]),
        ('[superops]\nurl = "https://api:99999/"', ["superops.url", "expected an address"]),
        ('[superops]\nurl = "api"', ["superops.url", "expected an address"]),
        ('[superops]\nsubdomain = "a b"', ["superops.subdomain", "the name alone"]),
        ('[superops]\nportal = "https://x/"', ["superops.portal", "without https://"]),
        ("[warnings]\npercent = [90, 75]", ["warnings.percent", "rising"]),
        ("[warnings]\npercent = [100]", ["warnings.percent[0]", "at most 99"]),
        ("[risk]\nhigh_percent = 95", ["risk", "50, 95 and 90", "rise"]),
        ("[sync]\nopen_seconds = 300", ["sync.stale_after_seconds", "180", "300"]),
        ('[statuses]\nhold = ["closed"]', ["statuses", "'Closed'", "under hold and under closed"]),
        ("[statuses]\nclosed = []", ["statuses", "closed is empty"]),
        ('[calendars.o]\nmon = [["09:00", "17:00"]]', ["calendars.o.timezone", "missing"]),
        (
            '[calendars.o]\ntimezone = "Dublin"\nmon = [["09:00", "17:00"]]',
            ["calendars.o", "timezone", "'Dublin'", "IANA"],
        ),
        (
            '[calendars.o]\ntimezone = "UTC"\nmon = ["09:00", "17:00"]',
            ["calendars.o.mon[0]", "pair"],
        ),
        ('[calendars.o]\ntimezone = "UTC"\nmon = [["09:00"]]', ["calendars.o.mon[0]", "pair"]),
        (
            '[calendars.o]\ntimezone = "UTC"\nmon = [["9am", "17:00"]]',
            ["calendars.o", "mon", "'9am'", "09:30"],
        ),
        ('[calendars.o]\ntimezone = "UTC"', ["calendars.o", "never open"]),
        (
            '[calendars.o]\ntimezone = "UTC"\nmon = [["09:00", "17:00"]]\nholidays = ["2026-12-25"]',
            ["calendars.o.holidays[0]", "a date without quotes"],
        ),
        ('default_calendar = "office"', ["default_calendar", "'office'", "[calendars.NAME]"]),
        ("[[policies]]\nresponse_minutes = 5\ndefault = true", ["policies[0].name", "missing"]),
        ('[[policies]]\nname = "A"\ndefault = true', ["policies[0]", "'A' promises nothing"]),
        (
            '[[policies]]\nname = "A"\nresponse_minutes = 5',
            ["policies[0]", "'A' matches no ticket"],
        ),
        (
            '[[policies]]\nname = "A"\nresponse_minutes = 5\ndefault = true\nclient = "X"',
            ["policies[0]", "'A'", "default = true and conditions"],
        ),
        (
            '[[policies]]\nname = "A"\nresponse_minutes = 5\nclient = "X"\n' * 2,
            ["policies", "'A' more than once"],
        ),
        (
            "".join(
                f'[[policies]]\nname = "{n}"\nresponse_minutes = 5\ndefault = true\n' for n in "AB"
            ),
            ["policies", "'A' and in 'B'", "once"],
        ),
        (
            '[[policies]]\nname = "A"\nresponse_minutes = 0\ndefault = true',
            ["policies[0].response_minutes", "found 0", "more than 0"],
        ),
        (
            '[[policies]]\nname = "A"\nresolution_hours = inf\ndefault = true',
            ["policies[0].resolution_hours", "found inf"],
        ),
        (
            '[alerts.channels.team]\nurl_env = "X"\n[[alerts.rules]]\nname = "r"\nchannels = ["taem"]',
            ["alerts.rules[0].channels", "'taem'", "did you mean team?"],
        ),
        (
            '[[policies]]\nname = "A"\nresponse_minutes = 5\ndefault = true\n[[policies.escalation]]\nafter_minutes = 5\nchannels = ["boss"]',
            ["policies[0].escalation[0].channels", "'boss'", "[alerts.channels.NAME]"],
        ),
        ('[alerts]\nescalation_channels = ["boss"]', ["alerts.escalation_channels", "'boss'"]),
        (
            '[[alerts.rules]]\nname = "r"\nchannels = []\n' * 2,
            ["alerts.rules", "'r' more than once"],
        ),
        (
            '[[alerts.rules]]\nname = "r"\nchannels = []\nevents = ["breech"]',
            ["alerts.rules[0].events[0]", '"breech"', "'breach'"],
        ),
        ("[alerts.channels.team]\nenabled = true", ["alerts.channels.team", "url_command"]),
        ("[ui\nascii = true", ["not valid TOML", "line 1"]),
        ("a = 1\na = 2\n", ["not valid TOML", "line 2"]),
        ("x = " + "[" * 5000, ["nested too deeply"]),
    ],
)
def test_each_fault_gets_one_sentence(refused: Refused, text: str, parts: list[str]) -> None:
    sentence = refused(text)
    assert sentence.startswith("FILE: ")
    for part in parts:
        assert part in sentence


def test_text_that_is_not_utf8_is_refused_with_its_line(refused: Refused) -> None:
    assert "line 2 is not UTF-8" in refused(b'[ui]\noperator = "J\xfcrgen"')


def test_of_several_faults_the_first_is_told_and_the_others_counted(refused: Refused) -> None:
    sentence = refused('[ui]\nascii = 1\nmouse = 2\nframe_rate = "x"')
    assert "ui.ascii" in sentence
    assert sentence.endswith("(and 2 more faults)")


@pytest.mark.parametrize(
    "text",
    [
        '[superops]\ntoken = "hunter22"\ntoken_env = "X"',
        '[superops]\ntokn = "hunter22"',
        '[superops]\ntoken = ["hunter22"]',
        '[superops]\ntoken = "hunter22\\nhunter22"',
        '[superops]\nurl = "https://me:hunter22@api.example.com"',
        '[alerts.channels]\nteam = "mailto://me:hunter22@example.com"',
        '[alerts.channels.team]\nurl = "mailto://me:hunter22@example.com"\nurl_env = "X"',
        '[alerts.channels.team]\nurl = ["mailto://me:hunter22@example.com"]',
        '[alerts]\nescalation_channels = ["mailto://me:hunter22@example.com"]',
        'superops = "hunter22"',
    ],
)
def test_no_fault_shows_a_secret(refused: Refused, text: str) -> None:
    assert "hunter22" not in refused(text)


def test_two_sources_of_the_token_are_both_named(refused: Refused) -> None:
    sentence = refused('[superops]\ntoken_env = "X"\ntoken_command = "pass x"')
    assert "superops: found both token_env and token_command, expected one" in sentence


@pytest.mark.parametrize(
    ("text", "mode", "cure"),
    [
        ('[superops]\ntoken = "hunter22"', 0o644, "chmod 600"),
        ('[superops]\ntoken = "hunter22"', 0o640, "chmod 600"),
        ('[alerts.channels.team]\nurl = "json://hunter22@h"', 0o644, "chmod 600"),
        ('[superops]\ntoken_command = "pass x"', 0o664, "chmod go-w"),
    ],
)
def test_a_file_with_a_secret_or_a_command_must_be_kept_from_others(
    refused: Refused, text: str, mode: int, cure: str
) -> None:
    sentence = refused(text, mode=mode)
    assert cure in sentence
    assert f"{mode:04o}" in sentence
    assert "hunter22" not in sentence


def test_a_file_without_secrets_may_be_read_by_all(write: Callable[..., Path]) -> None:
    path = write('[superops]\ntoken_env = "X"\nurl = "https://euapi.superops.ai/msp"', 0o644)
    assert load_settings(path, {}).superops.url == "https://euapi.superops.ai/msp"


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda path: None, "not there"),
        (lambda path: path.mkdir(), "a folder"),
        (lambda path: path.write_bytes(b"#" * 1_100_000), "larger than 1 MiB"),
        (lambda path: path.symlink_to("elsewhere.toml"), "symbolic link"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, make: Callable[[Path], object], what: str
) -> None:
    path = tmp_path / "config.toml"
    make(path)
    with pytest.raises(UserError, match=what) as caught:
        load_settings(path, {})
    assert str(path) in str(caught.value)


def test_a_path_through_a_file_is_named_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"cannot be read \(Not a directory\)"):
        load_settings(tmp_path / "file" / "config.toml", {})


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission_is_named_with_the_reason(refused: Refused) -> None:
    assert "cannot be read (Permission denied)" in refused("", mode=0)
