"""Chooses the proxy of the environment for each request, and finds what is wrong with one.

The libraries read these variables each in its own way: one refuses all requests over an entry of
``NO_PROXY`` that the next understands. Here they are read once, for all clients alike.
"""

import ipaddress
import os
import socket
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, NamedTuple, TypedDict
from urllib.parse import SplitResult, urlsplit

from sla_console.domain.errors import UserError

if TYPE_CHECKING:
    import ssl

_LOCAL_NAMES: Final = frozenset(
    {"localhost", "ip6-localhost", "ip6-loopback", "localhost.localdomain"}
)
_SCHEMES: Final = ("http", "https")
_SOCKS: Final = ("socks5", "socks5h")
_SOCKS_PARTS: Final = ("socksio", "socks")
"""Packages that the two HTTP libraries need for SOCKS."""
_PORTS: Final = {"http": 80, "https": 443}

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class _Variable(NamedTuple):
    name: str
    value: str


class ClientOptions(TypedDict):
    """Settings with which every client of httpx is made."""

    proxy: str | None
    verify: "ssl.SSLContext"
    trust_env: bool
    follow_redirects: bool


def client_options(url: str, *, direct: bool = False) -> ClientOptions:
    """Return how a client of httpx that asks one address is made.

    Args:
        url: The address.
        direct: Go through no proxy, whatever the environment says.

    Raises:
        UserError: if the environment names a proxy for it that cannot be used.
    """
    import httpx  # noqa: PLC0415 - it takes 50 ms, and not everybody who asks for a proxy needs it

    return ClientOptions(
        proxy=None if direct else proxy_for(url),
        # Reads SSL_CERT_FILE and SSL_CERT_DIR; the proxies alone are read here.
        verify=httpx.create_ssl_context(),
        trust_env=False,
        follow_redirects=False,
    )


def proxy_for(url: str, environ: Mapping[str, str] | None = None) -> str | None:
    """Return the proxy that a request to an address goes through; None: it goes directly.

    This machine itself is never asked through a proxy.

    Args:
        url: The address that is asked.
        environ: The environment; None: the process's own.

    Raises:
        UserError: naming the variable, if its proxy cannot be used.
    """
    environ = os.environ if environ is None else environ
    parts = urlsplit(url)
    host = parts.hostname or ""
    variable = _variable(parts.scheme, environ)
    if variable is None or is_loopback(host):
        return None
    exceptions = _named("no_proxy", environ)
    if exceptions is not None and _excepted(host, _port(parts), exceptions.value):
        return None
    return _checked(variable)


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine, judged by its name or number."""
    name = plain_host(host)
    if name in _LOCAL_NAMES or name.endswith(".localhost"):
        return True
    address = address_of(name)
    mapped = getattr(address, "ipv4_mapped", None)
    return address is not None and (mapped or address).is_loopback


def plain_host(host: str) -> str:
    """Return a host without brackets, final dot and capitals."""
    return host.strip().strip("[]").rstrip(".").casefold()


def address_of(host: str) -> Address | None:
    """Return a host that is written as a number, in every form that the system's resolver takes."""
    name = plain_host(host)
    try:
        return ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        try:
            return ipaddress.ip_address(socket.inet_aton(name))
        except (OSError, ValueError, UnicodeError):
            return None


def bad_proxies(environ: Mapping[str, str] | None = None) -> Iterator[str]:
    """Yield what is wrong with each proxy that the environment names, a sentence each.

    Args:
        environ: The environment; None: the process's own.
    """
    environ = os.environ if environ is None else environ
    for name in ("https_proxy", "http_proxy", "all_proxy"):
        variable = _named(name, environ)
        if variable is not None and variable.value:
            try:
                _checked(variable)
            except UserError as error:
                yield str(error)


def unread_exceptions(environ: Mapping[str, str] | None = None) -> Iterator[str]:
    """Yield what ``NO_PROXY`` names that no host can match, a sentence each.

    Args:
        environ: The environment; None: the process's own.
    """
    environ = os.environ if environ is None else environ
    exceptions = _named("no_proxy", environ)
    for entry in _entries(exceptions.value) if exceptions else ():
        if "/" in entry and _network(entry) is None:
            yield (
                f"{exceptions.name if exceptions else ''}: found {entry[:60]!r}, expected a host, "
                f"a domain or a network such as 10.0.0.0/8; it excepts nothing, correct it"
            )


def _variable(scheme: str, environ: Mapping[str, str]) -> _Variable | None:
    """Return the variable that holds for a scheme; an empty one switches its proxy off."""
    found = _named(f"{scheme}_proxy", environ) or _named("all_proxy", environ)
    return found if found and found.value else None


def _named(name: str, environ: Mapping[str, str]) -> _Variable | None:
    """Return a variable in small letters or, if there is none, in capitals."""
    for written in (name, name.upper()):
        value = environ.get(written)
        if value is not None:
            return _Variable(written, value.strip())
    return None


def _checked(variable: _Variable) -> str:
    """Return the proxy of a variable as both HTTP libraries take it."""
    value = variable.value
    url = value if "://" in value else f"http://{value}"
    advice = "expected one such as http://proxy.example.com:3128; correct it or unset it"
    try:
        parts = urlsplit(url)
        whole = bool(parts.hostname) and parts.port is not None
        whole = whole or (bool(parts.hostname) and not parts.netloc.endswith(":"))
    except ValueError:
        parts, whole = SplitResult("", "", "", "", ""), False
    if not whole or not value.isprintable() or not value.isascii() or " " in value:
        raise UserError(f"{variable.name}: found no proxy's address (it is not shown), {advice}")
    if parts.scheme in _SOCKS:
        if not all(find_spec(part) for part in _SOCKS_PARTS):
            raise UserError(
                f"{variable.name}: found a proxy of {parts.scheme}://, for which a part is not "
                f"installed; run pip install '.[socks]', or name an http:// proxy"
            )
        return url
    if parts.scheme not in _SCHEMES:
        near = "; write socks5:// for a SOCKS proxy" if parts.scheme.startswith("socks") else ""
        raise UserError(f"{variable.name}: found a proxy of {parts.scheme[:20]}://, {advice}{near}")
    return url


def _port(parts: SplitResult) -> int | None:
    try:
        return parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None


def _entries(value: str) -> Iterator[str]:
    yield from (entry for entry in value.replace(",", " ").split() if entry)


def _excepted(host: str, port: int | None, exceptions: str) -> bool:
    name, address = plain_host(host), address_of(host)
    return any(
        entry == "*" or _matches(entry, name, address, port) for entry in _entries(exceptions)
    )


def _matches(entry: str, name: str, address: Address | None, port: int | None) -> bool:
    if "/" in entry:
        network = _network(entry)
        return (
            network is not None
            and address is not None
            and address.version == network.version
            and address in network
        )
    if address_of(entry) is not None:
        return address is not None and address == address_of(entry)
    written, _, wanted = entry.rpartition(":")
    if written and wanted.isdecimal():
        if int(wanted) != port:
            return False
        entry = written
    if address is not None:
        return address == address_of(entry)
    domain = plain_host(entry).removeprefix("*").removeprefix(".")
    return bool(domain) and (name == domain or name.endswith(f".{domain}"))


def _network(entry: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(entry.replace("[", "").replace("]", ""), strict=False)
    except ValueError:
        return None
