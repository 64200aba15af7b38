"""One call: its place in the budget, the token, the exchange, and what came of it.

Reads are tried again when the fault may pass. Writes never are: nobody can tell whether a write
that failed has happened, so the caller reads back.
"""

import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, Final

import stamina

from sla_console.domain import fault_points
from sla_console.domain.clock import Clock
from sla_console.domain.errors import AnswerRefused, CannotSignIn, RateLimited, Unreachable
from sla_console.superops.budget import RequestBudget, Turn
from sla_console.superops.documents import Document
from sla_console.superops.faults import result_of
from sla_console.superops.server_time import ServerTime
from sla_console.superops.sign_in import SignIn
from sla_console.superops.transport import HTTPAnswer, Revealable, Transport

ATTEMPTS: Final = 4
_LOG: Final = logging.getLogger(__name__)
_FIRST_WAIT: Final = 1.0
_LONGEST_WAIT: Final = 20.0


def full_jitter(failures: int) -> float:
    """Return real seconds to wait after so many failures: anything up to a doubling ceiling.

    Waiting a random part of the ceiling keeps many consoles from coming back together.
    """
    return random.uniform(0, min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(failures - 1, 10)))


class Calls:
    """Carries documents to SuperOps and brings back the value of their root field.

    Args:
        transport: Carries one request.
        sign_in: Holds the token.
        budget: Says when the next request may go.
        clock: Says when a wait that SuperOps asks for is over.
        server_time: Hears the date of each answer.
        backoff: Real seconds to wait after the n-th failure of a read.
    """

    def __init__(
        self,
        transport: Transport,
        sign_in: SignIn,
        budget: RequestBudget,
        clock: Clock,
        server_time: ServerTime,
        backoff: Callable[[int], float] = full_jitter,
    ) -> None:
        self._transport = transport
        self._sign_in = sign_in
        self._budget = budget
        self._clock = clock
        self._server_time = server_time
        self._backoff = backoff
        # Its own line names neither what was asked nor what came of it.
        logging.getLogger("stamina").setLevel(logging.ERROR)

    async def read(self, document: Document, variables: Mapping[str, Any], turn: Turn) -> Any:
        """Ask, and ask again where the fault may pass.

        Raises:
            SuperOpsError: what it came to in the end.
        """
        failures = 0

        def again(error: Exception) -> bool | float:
            nonlocal failures
            if isinstance(error, RateLimited | Unreachable):
                # Each try, for whoever looks closely; that SuperOps is away is told once, elsewhere.
                _LOG.debug("asked to %s: %s", document.purpose, error)
            if isinstance(error, RateLimited):
                return 0.0  # the budget is closed, and does the waiting
            if isinstance(error, Unreachable):
                failures += 1
                return self._backoff(failures)
            return False

        async for attempt in stamina.retry_context(on=again, attempts=ATTEMPTS, timeout=None):
            with attempt:
                return await self._once(document, variables, turn)
        raise AssertionError("the last attempt returns or raises")

    async def write(self, document: Document, variables: Mapping[str, Any]) -> Any:
        """Send a change, once.

        Raises:
            Unreachable: if nobody can tell whether it has happened; read back before anything else.
            SuperOpsError: if it has not happened.
        """
        try:
            result = await self._once(document, variables, Turn.PERSON)
        except AnswerRefused as error:
            raise Unreachable(
                f"{error} Whether the attempt to {document.purpose} succeeded is not known."
            ) from None
        if result is None:
            raise Unreachable(
                f"SuperOps did not confirm the attempt to {document.purpose}; whether it succeeded "
                f"is not known."
            )
        return result

    async def _once(self, document: Document, variables: Mapping[str, Any], turn: Turn) -> Any:
        payload = {
            "query": document.text,
            "operationName": document.root,
            "variables": dict(variables),
        }

        async def send(token: Revealable) -> HTTPAnswer:
            fault_points.hit(f"superops.ask.{document.file}")
            exchange = await self._transport.send(payload, token)
            fault_points.hit(f"superops.heard.{document.file}")
            self._server_time.heard(exchange.date)
            return exchange

        await self._sign_in.token()  # refuses at once, without using up a request
        await self._budget.take(turn)
        token = await self._sign_in.token()
        exchange, token = await self._send_signed(send, token, turn)
        if exchange.status not in {400, 401}:
            self._sign_in.accepted(token)
        try:
            return result_of(exchange, document, self._transport.subdomain)
        except CannotSignIn as error:
            self._sign_in.hold(str(error))
            raise
        except RateLimited:
            self._close(exchange)
            raise

    async def _send_signed(
        self,
        send: Callable[[Revealable], Awaitable[HTTPAnswer]],
        token: Revealable,
        turn: Turn,
    ) -> tuple[HTTPAnswer, Revealable]:
        """Send, and once more with another token where the source has one by now."""
        exchange = await send(token)
        if exchange.status != 401:
            return exchange, token
        token = await self._sign_in.refused(token)
        await self._budget.take(turn)
        exchange = await send(token)
        if exchange.status == 401:
            await self._sign_in.refused(token)
        return exchange, token

    def _close(self, exchange: HTTPAnswer) -> None:
        if exchange.retry_after is None:
            self._budget.close_for_window()
        else:
            wait = timedelta(seconds=max(1.0, exchange.retry_after))
            self._budget.close_until(self._clock.now() + wait)
