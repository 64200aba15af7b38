"""``[hooks]``: off by default, on this machine alone by default, every fault in one sentence."""

import pytest

from sla_console.cli.hooks import hook_findings
from sla_console.domain.errors import UserError


def test_nothing_is_received_unless_somebody_wants_it(load) -> None:
    hooks = load("").hooks
    assert not hooks.enabled
    assert hooks.address == ("127.0.0.1", 8455)
    assert list(hook_findings(load(""))) == []


@pytest.mark.parametrize(
    ("listen", "address"),
    [("[::1]:8455", ("::1", 8455)), ("localhost:1", ("localhost", 1)), ("127.9.9.9:2", ("127.9.9.9", 2))],
)  # fmt: skip
def test_loopback_has_several_names(load, listen, address) -> None:
    assert load(f'[hooks]\nlisten = "{listen}"').hooks.address == address


@pytest.mark.parametrize("listen", ["0.0.0.0:8455", "[::]:8455", "192.168.1.10:8455"])
def test_more_than_this_machine_has_to_be_allowed(load, refused, listen) -> None:
    said = refused(f'[hooks]\nlisten = "{listen}"')
    assert said == (
        f"FILE: line 1: hooks: found listen {listen!r}, which other machines can reach without "
        "TLS, expected an address of this machine alone, such as 127.0.0.1:8455, behind a TLS "
        "proxy; or set allow_remote = true"
    )
    load(f'[hooks]\nlisten = "{listen}"\nallow_remote = true')


@pytest.mark.parametrize(
    "listen", ["8455", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", "desk.example:1", "::1:8455"]
)
def test_what_is_no_address_says_what_one_looks_like(refused, listen) -> None:
    said = refused(f'[hooks]\nlisten = "{listen}"')
    assert said == (
        f"FILE: line 2: hooks.listen: found {listen!r}, expected an address of this machine and a "
        "port, such as 127.0.0.1:8455 or [::1]:8455"
    )


@pytest.mark.parametrize(
    "url",
    ["sla.example.com", "ftp://sla.example", "https://u:p@sla.example", "https://sla.example/?a=1",
     "https://", "https://sla.example/#x", "https://süd.example"],
)  # fmt: skip
def test_a_public_address_is_plain(refused, url) -> None:
    assert "no plain address, expected one such as https://sla.example.com" in refused(
        f'[hooks]\npublic_url = "{url}"'
    )


def test_a_link_crosses_no_network_in_the_open_unless_that_is_allowed(load, refused) -> None:
    text = '[hooks]\npublic_url = "http://sla.example"'
    assert "expected https, because whoever reads a link on its way can use it" in refused(text)
    load(f"{text}\nallow_remote = true")
    load('[hooks]\npublic_url = "http://127.0.0.1:8455"')


def test_a_receiver_with_nothing_to_receive_is_a_mistake(refused) -> None:
    assert "found enabled = true and nothing to listen for" in refused("[hooks]\nenabled = true")


EVENTS = "[hooks]\nenabled = true\n[hooks.superops]\n"


def test_a_path_that_could_be_guessed_is_refused(load) -> None:
    superops = load(f'{EVENTS}token_env = "T"').hooks.superops
    assert superops.source("x", {"T": "short"}) is not None
    with pytest.raises(UserError, match=r"found 5 characters, expected at least 32 .*openssl rand"):
        load(f'{EVENTS}token = "short"').hooks.superops.read_token()
    with pytest.raises(UserError, match="letters, digits, - or _"):
        load(f'{EVENTS}token = "{"a/" * 20}"').hooks.superops.read_token()


def test_check_says_what_will_be_received(load) -> None:
    settings = load(
        f'{EVENTS}token = "{"a" * 32}"\nsigning = {{ key = "whsec_{"A" * 40}" }}\n'.replace(
            "enabled = true", 'enabled = true\npublic_url = "https://sla.example"'
        )
    )
    assert [(one.level, one.words) for one in hook_findings(settings)] == [
        ("ok", "the console that monitors will listen on 127.0.0.1:8455"),
        ("ok", "messages carry links below https://sla.example, good for 4 h"),
        ("ok", "events about tickets are taken by a secret path or a signature"),
    ]


def test_check_says_what_is_missing_and_what_cannot_be_used(load) -> None:
    only_links = load('[hooks]\nenabled = true\npublic_url = "https://sla.example"')
    assert [one.level for one in hook_findings(only_links)] == ["ok", "ok", "note"]
    looking = load(
        '[hooks]\nenabled = true\npublic_url = "https://sla.example"\n[ui]\nread_only = true'
    )
    assert "ui.read_only is true, so messages carry no links" in [
        one.words for one in hook_findings(looking)
    ]
    (short,) = hook_findings(load(f'{EVENTS}signing = {{ key = "abc" }}'))
    assert short.level == "trouble"
    assert short.words.startswith("hooks.superops.signing: found a key of 3 bytes, expected")
