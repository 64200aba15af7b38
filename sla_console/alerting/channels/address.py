"""Which addresses are refused at the start, and in which words. The address is never in them."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import httpx

from sla_console.alerting.channels.reach import refuse_placeholders
from sla_console.config.secrets import Secret
from sla_console.domain.errors import UserError
from sla_console.http.proxies import address_of, is_loopback

_YES: Final = ("en", "al", "t", "y", "ye", "on", "1", "tr")


def is_private(host: str) -> bool:
    """Return whether a host is this machine or an address outside the public internet.

    Only what is written is judged: ``localhost`` and addresses in figures, in every form that the
    system's resolver takes, such as ``127.1`` or ``0x7f000001``. A name is not looked up, since
    what it means can change between the check and each send.
    """
    address = address_of(host)
    return is_loopback(host) or (address is not None and not address.is_global)


def refuse_private(where: str, hosts: Iterable[Any], *, allowed: bool) -> None:
    """Refuse an address into one's own network unless the configuration allows it.

    Args:
        where: The setting, for the message.
        hosts: The hosts that the address names; what is no text is passed over.
        allowed: Whether ``allow_private`` is true.

    Raises:
        UserError: if one is private.
    """
    if not allowed and any(isinstance(host, str) and is_private(host) for host in hosts):
        raise UserError(
            f"{where}: found an address inside your own network or on this machine, expected a "
            f"public one; if it is meant, set allow_private = true there"
        )


def web_address(where: str, url: Secret, *, allow_private: bool) -> httpx.URL:
    """Return a checked web address.

    Args:
        where: The setting, for the message.
        url: The address.
        allow_private: Whether it may lead into one's own network; only there may it be http.

    Raises:
        UserError: if it is none or holds a placeholder, is not encrypted, or leads where it may not.
    """
    refuse_placeholders(where, url.reveal())
    try:
        address = httpx.URL(url.reveal().strip())
    except (httpx.InvalidURL, UnicodeError, ValueError):
        address = httpx.URL()
    if address.scheme not in {"https", "http"} or not address.host:
        raise UserError(
            f"{where}: found no web address, expected one that begins with https:// and a host; "
            f"copy it anew (it is not shown)"
        )
    refuse_private(where, [address.host], allowed=allow_private)
    if address.scheme == "http" and not is_private(address.host):
        raise UserError(
            f"{where}: found http://, expected https://, because what is told would cross the "
            f"network in the open; use the encrypted address"
        )
    return address


def refuse_options(where: str, options: Mapping[str, str], known: Iterable[str]) -> None:
    """Refuse options of an Apprise address that would make a failure look like a success.

    Args:
        where: The setting, for the message.
        options: The options after the ``?``, names in lower case.
        known: Options with a meaning of their own to the service.

    Raises:
        UserError: naming the first that may not be.
    """
    # A word that Apprise does not know, or none, means no to it.
    if not _begins(options.get("verify", "yes"), _YES):
        raise UserError(
            f"{where}: found verify= with something other than yes, expected certificates to be "
            f"checked; to trust a private authority, remove it and set REQUESTS_CA_BUNDLE and "
            f"SSL_CERT_FILE to its file"
        )
    for name, harm in (
        ("redirect", "a redirect turns the message into a question that anything may answer"),
        ("optional", "a failure would be called a success"),
    ):
        if _begins(options.get(name), _YES):
            raise UserError(
                f"{where}: found {name}=yes, expected it to be left out, because {harm}; remove it"
            )
    for name in ("tag", "tags"):
        if name in options and name not in set(known):
            raise UserError(
                f"{where}: found {name}=, expected none, because who is told is decided by "
                f"alerts.rules; remove it"
            )


def refuse_action(where: str, options: Mapping[str, str], expected: str) -> None:
    """Refuse another action than the one that opens and closes what it should.

    Raises:
        UserError: if the address asks for another.
    """
    action = options.get("action", "").strip().casefold()
    if action and action != expected:
        raise UserError(
            f"{where}: found another action= in the address, expected {expected}, because with any "
            f"other a message may do nothing and still be called sent; remove it"
        )


def _begins(value: str | None, words: tuple[str, ...]) -> bool:
    """Read an option as Apprise does: by its first two letters."""
    return value is not None and value.casefold()[:2] in words
