"""Channels that reach nobody: ``check`` names file, key and mend; the monitor says so and ends."""

import pytest

DESK = '[superops]\nurl = "https://desk.invalid/msp"\nsubdomain = "acme"\n'
BOT = "tgram://123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsawxx"
TWILIO = "twilio://AC" + "a" * 32 + ":" + "b" * 32 + "@15551234567"
HOOK = (
    '[alerts.channels.ops]\nservice = "webhook"\nurl = "https://ops.example.com/hook"\n'
    'signing = {{ key = "{}" }}\n'
)
BAD = [
    ('[alerts.channels.ops]\nurl = "mailto://u:p@example.com?to=nobody"\n', "no mail address"),
    (f'[alerts.channels.ops]\nurl = "{BOT}/@"\n', "found no chat"),
    ('[alerts.channels.ops]\nurl = "goalert://desk.example.com/x"\n', "which is a UUID"),
    (f'[alerts.channels.ops]\nurl = "{TWILIO}"\n', "would text its own sender"),
    (HOOK.format("short"), "alerts.channels.ops.signing: found "),
    (HOOK.format("whsec_!!!"), "alerts.channels.ops.signing: found "),
]


@pytest.fixture
def configured(home, environ):
    """Returns how a configuration is written."""
    environ |= {"SLA_CONSOLE_DATA_DIR": str(home / "data"), "SLA_CONSOLE_TOKEN": "hunter2"}

    def write(text: str) -> None:
        path = home / "config.toml"
        path.write_text(DESK + text, encoding="utf-8")
        path.chmod(0o600)
        environ["SLA_CONSOLE_CONFIG"] = str(path)

    return write


@pytest.mark.parametrize(("text", "said"), BAD)
def test_the_monitor_says_in_one_sentence_which_channel_and_ends(
    configured, start, text, said
) -> None:
    configured(text)
    done = start("monitor")
    assert done.returncode == 2
    assert done.stderr.startswith("sla-console: alerts.channels.ops")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_check_names_every_channel_and_goes_on(configured, start) -> None:
    """All of them in one file, and beside them one whose name is not Latin, which is no trouble."""
    texts = [text.replace(".ops]", f".ops{n}]") for n, (text, _) in enumerate(BAD)]
    configured("".join(texts) + '[alerts.channels."\u30c1"]\nurl = "json://8.8.8.8/hook"\n')
    done = start("check")
    assert done.returncode == 1
    found = " ".join(done.stdout.split())
    for n, (_, said) in enumerate(BAD):
        assert said.replace(".ops.", f".ops{n}.") in found
    assert "unexpected" not in done.stdout + done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines() if "\u30c1" in line] == ["ok"]
    assert done.stderr == ""
