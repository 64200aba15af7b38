"""Which proxy a request goes through, and what is said of one that cannot be used."""

import httpx
import pytest

from sla_console.domain.errors import UserError
from sla_console.http.proxies import bad_proxies, client_options, proxy_for, unread_exceptions

DESK = "https://api.superops.ai/msp"
PROXY = {"HTTPS_PROXY": "http://proxy.example:3128"}
NAMES = (
    "http_proxy", "https_proxy", "all_proxy", "no_proxy",
    "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
)  # fmt: skip


def test_without_a_variable_nothing_is_asked_through_a_proxy() -> None:
    assert proxy_for(DESK, {}) is None


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
def test_each_variable_is_read_in_small_letters_and_in_capitals(name) -> None:
    assert proxy_for(DESK, {name: "http://p.example:1"}) == "http://p.example:1"


def test_the_variable_of_the_scheme_goes_before_that_of_all() -> None:
    environ = {"ALL_PROXY": "http://all.example:1", "https_proxy": "http://tls.example:2"}
    assert proxy_for(DESK, environ) == "http://tls.example:2"
    assert proxy_for("http://desk.example/", environ) == "http://all.example:1"


def test_an_empty_variable_in_small_letters_switches_the_proxy_off() -> None:
    assert proxy_for(DESK, {"https_proxy": "", "HTTPS_PROXY": "http://p.example:1"}) is None


def test_a_proxy_without_a_scheme_speaks_http() -> None:
    assert proxy_for(DESK, {"HTTPS_PROXY": "p.example:3128"}) == "http://p.example:3128"


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.9.8.7", "127.1", "[::1]", "localhost", "LOCALHOST.", "a.localhost",
     "[::ffff:127.0.0.1]"],
)  # fmt: skip
def test_this_machine_is_never_asked_through_a_proxy_however_it_is_written(host) -> None:
    assert proxy_for(f"http://{host}:8080/", {"ALL_PROXY": "socks://p.example:1"}) is None


@pytest.mark.parametrize(
    ("url", "exceptions", "direct"),
    [
        (DESK, "superops.ai", True),
        (DESK, ".superops.ai", True),
        (DESK, "*.superops.ai", True),
        (DESK, "perops.ai", False),
        (DESK, "api.superops.ai:443", True),
        (DESK, "api.superops.ai:8443", False),
        (DESK, "*", True),
        (DESK, "localhost,[::1],10.0.0.0/8, other.example", False),
        ("https://10.1.2.3/", "[::1], 10.0.0.0/8", True),
        ("https://11.1.2.3/", "10.0.0.0/8", False),
        ("https://10.1.2.3:8443/", "10.1.2.3:8443", True),
        ("https://10.1.2.3/", "10.1.2.3", True),
        ("https://[fd00::5]/", "fd00::/8", True),
        ("https://[fd00::5]/", "[fd00::]/8", True),
        ("https://[fd00::5]/", "[fd00::5]", True),
        ("https://[fd00::5]/", "fd00::5", True),
        ("https://[fd00::5]:8443/", "[fd00::5]:8443", True),
        ("https://[fd00::6]/", "[fd00::5]", False),
        ("https://10.1.2.3/", "10.0.0.0/99", False),
    ],
)
def test_no_proxy_takes_names_domains_addresses_and_networks(url, exceptions, direct) -> None:
    found = proxy_for(url, {**PROXY, "NO_PROXY": exceptions})
    assert (found is None) is direct


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("socks://p.example:1080", "a proxy of socks://"),
        ("socks4://p.example:1080", "a proxy of socks4://"),
        ("socks5://p.example:1080", ".[socks]"),
        ("socks5h://p.example:1080", ".[socks]"),
        ("ftp://p.example:21", "a proxy of ftp://"),
        ("http://", "no proxy's address"),
        ("http://p.example:99999", "no proxy's address"),
        ("http://p.example:port", "no proxy's address"),
        ("http://[::1", "no proxy's address"),
        ("http://a b.example:1", "no proxy's address"),
        ("://", "no proxy's address"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_one_sentence_that_names_its_variable(value, said) -> None:
    for name in ("ALL_PROXY", "all_proxy"):
        with pytest.raises(UserError, match=f"^{name}: found ") as raised:
            proxy_for(DESK, {name: value})
        assert said in str(raised.value)
        assert "\n" not in str(raised.value)


def test_the_password_of_a_proxy_is_never_shown() -> None:
    with pytest.raises(UserError) as raised:
        proxy_for(DESK, {"ALL_PROXY": "socks://ada:hunter2@p.example:1"})
    assert "hunter2" not in str(raised.value)


def test_a_check_finds_bad_proxies_that_nothing_has_asked_for_yet() -> None:
    assert list(bad_proxies(PROXY)) == []
    (said,) = bad_proxies({"http_proxy": "socks://p.example:1"})
    assert said.startswith("http_proxy: ")


def test_a_check_finds_what_except_nothing() -> None:
    environ = {"NO_PROXY": "10.0.0.0/99,[::1],10.0.0.0/8,localhost,http://desk.example/"}
    assert [said.partition(",")[0] for said in unread_exceptions(environ)] == [
        "NO_PROXY: found '10.0.0.0/99'",
        "NO_PROXY: found 'http://desk.example/'",
    ]


def test_a_client_of_httpx_reads_no_variable_by_itself(monkeypatch) -> None:
    """With ``NO_PROXY=[::1]`` httpx itself would refuse to be made."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "[::1],10.0.0.0/8")
    monkeypatch.setenv("HTTPS_PROXY", "http://p.example:1")
    with httpx.Client(**client_options("https://10.1.2.3/")) as client:
        assert not any(client._mounts.values())
    with httpx.Client(**client_options(DESK)) as client:
        assert client._mounts
