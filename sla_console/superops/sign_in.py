"""The token: read from its source, read anew when refused, and the state "cannot sign in"."""

import asyncio
from datetime import timedelta
from typing import Final, Protocol

from sla_console.domain import fault_points
from sla_console.domain.clock import Clock
from sla_console.domain.errors import CannotSignIn, UserError
from sla_console.superops.transport import Revealable

REREAD_EVERY: Final = timedelta(seconds=30)
PROBE_EVERY: Final = timedelta(minutes=1)
_PROBE_UNKNOWN: Final = timedelta(minutes=10)
"""After so long a refused token is sent again of which nobody knows whether it ever worked."""


class TokenSource(Protocol):
    """Where the token comes from; each ``read`` asks again."""

    def read(self) -> Revealable:
        """Return the token as the source holds it now; may take seconds.

        Raises:
            UserError: if the source holds none.
        """
        ...

    def describe(self) -> str:
        """Return the source in words; never the token."""
        ...


class SignIn:
    """Holds the token, and remembers when it is useless to ask with it.

    A different token from the source ends that state; the source is asked at most every
    ``REREAD_EVERY`` of the clock. A token that has worked is tried again every ``PROBE_EVERY``, since
    a refusal may pass; so is a refused subdomain, which has no source to change. One that has not
    worked since the start may have worked before it, and is tried again much more rarely.
    """

    def __init__(self, source: TokenSource, clock: Clock) -> None:
        self._source = source
        self._clock = clock
        self._token: Revealable | None = None
        self._trouble: str | None = None
        self._read_at: timedelta | None = None
        self._held_until: timedelta | None = None
        self._held_because = ""
        self._worked: Revealable | None = None
        self._try_at: timedelta | None = None
        """When a refused token that has worked is sent again."""
        self._reading = asyncio.Lock()

    async def token(self) -> Revealable:
        """Return the token to sign in with.

        Raises:
            CannotSignIn: at once, while there is none that could be accepted.
        """
        self._check_hold()
        self._forgive()
        if self._token is not None and self._trouble is None:
            return self._token
        async with self._reading:
            if self._token is None or self._trouble is not None:
                await self._read_again()
            if self._trouble is not None or self._token is None:
                raise CannotSignIn(self._trouble or "There is no API token.")
            return self._token

    async def refused(self, token: Revealable) -> Revealable:
        """Take note that SuperOps refused ``token``, and return another one if there is one now.

        Raises:
            CannotSignIn: if the source still holds the same token.
        """
        async with self._reading:
            if not self._same(token):
                return self._usable()
            if self._trouble is None:
                worked = self._worked is not None and self._worked.reveal() == token.reveal()
                again = (
                    "It has worked before, so it is tried again every minute."
                    if worked
                    else "It is tried again every ten minutes."
                )
                self._trouble = (
                    f"SuperOps refuses the API token from {self._source.describe()} (HTTP 401): it "
                    f"is wrong, or a newer one was made. Put a valid one there; the console then "
                    f"goes on by itself. {again}"
                )
                self._try_at = self._clock.elapsed() + (PROBE_EVERY if worked else _PROBE_UNKNOWN)
                self._read_at = None
                await self._read_again()
            return self._usable()

    def accepted(self, token: Revealable) -> None:
        """Take note that SuperOps took ``token``."""
        if self._worked is not token:
            self._worked = token

    def try_again(self) -> None:
        """Let the next request go out whatever was refused, as a person asked for it."""
        self._held_until = None
        self._try_at = self._clock.elapsed()
        self._read_at = None

    def hold(self, because: str) -> None:
        """Send nothing for a while, since the account itself was refused."""
        self._held_until = self._clock.elapsed() + PROBE_EVERY
        self._held_because = because

    def _usable(self) -> Revealable:
        if self._trouble is not None or self._token is None:
            raise CannotSignIn(self._trouble or "There is no API token.")
        return self._token

    def _check_hold(self) -> None:
        if self._held_until is None:
            return
        if self._clock.elapsed() < self._held_until:
            raise CannotSignIn(self._held_because)
        self._held_until = None

    def _forgive(self) -> None:
        """Forget a refusal where the token is to be tried again."""
        if self._try_at is None:
            return
        if self._clock.elapsed() >= self._try_at:
            self._try_at = self._trouble = None

    def _same(self, token: Revealable) -> bool:
        return self._token is not None and self._token.reveal() == token.reveal()

    async def _read_again(self) -> None:
        now = self._clock.elapsed()
        if self._read_at is not None and now - self._read_at < REREAD_EVERY:
            return
        self._read_at = now
        try:
            # A command or a keyring may take seconds, in which the engine must go on.
            fault_points.hit("superops.token")
            found = await asyncio.to_thread(self._source.read)
        except UserError as error:
            if self._token is None:
                self._trouble = str(error)
            return
        if self._same(found):
            return
        self._token, self._trouble = found, None
        value = found.reveal()
        if not value or not value.isascii() or not value.isprintable():
            self._trouble = (
                f"The API token from {self._source.describe()} holds characters that no token of "
                f"SuperOps has; copy it again from My Profile, API token, in SuperOps."
            )
