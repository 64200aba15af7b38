"""Links in messages: looking does nothing, a POST does the deed once."""

import asyncio
import logging
from datetime import timedelta
from typing import Final

from aiohttp import web

from sla_console.alerting.action_links import PATH
from sla_console.domain.errors import SLAConsoleError
from sla_console.hooks.limits import RateLimit
from sla_console.hooks.pages import POLICY, Pages
from sla_console.hooks.server import source_of
from sla_console.service.message_actions import LinkAnswer, LinkState, MessageActions

LOG = logging.getLogger(__name__)
_EACH: Final = 60
"""Requests a minute from one source."""
_ALL: Final = 1_200
_STATUS: Final = {
    LinkState.INVALID: 404,
    LinkState.EXPIRED: 410,
    LinkState.OVER: 410,
    LinkState.USED: 409,
    LinkState.TAKEN: 409,
    LinkState.REFUSED: 409,
}
"""Statuses of a deed that was not done, for programs; people read the page."""


class ActionRoutes:
    """Answers links.

    Args:
        actions: Reads links and does what they are for.
        pages: Writes what people read.
    """

    def __init__(self, actions: MessageActions, pages: Pages) -> None:
        self._actions, self._pages = actions, pages
        self._rate = RateLimit(_EACH, _ALL, timedelta())

    def routes(self) -> list[web.RouteDef]:
        """Return what is answered; a HEAD is answered as a GET."""
        path = f"/{PATH}/{{token}}"
        return [web.get(path, self._look), web.post(path, self._act)]

    async def _look(self, request: web.Request) -> web.Response:
        return await self._answer(request, act=False)

    async def _act(self, request: web.Request) -> web.Response:
        return await self._answer(request, act=True)

    async def _answer(self, request: web.Request, *, act: bool) -> web.Response:
        elapsed = timedelta(seconds=asyncio.get_running_loop().time())
        if not self._rate.allows(source_of(request), elapsed):
            return web.Response(
                status=429,
                text="Too many requests; wait a minute.\n",
                headers={"Retry-After": "60"},
            )
        token = request.match_info["token"]
        try:
            # A deed that has begun is done, also where the reader hangs up meanwhile.
            answer = await (
                asyncio.shield(self._actions.act(token)) if act else self._actions.look(token)
            )
        except SLAConsoleError as error:
            LOG.warning("a link in a message could not be answered: %s", error)
            return web.Response(
                status=503, text="It could not be done now; try again, or open the SLA console.\n"
            )
        if act and answer.state is LinkState.DONE and answer.use is not None:
            LOG.info("%s by a link in a message through %s", answer.use.action, answer.use.channel)
        return self._written(answer, act=act)

    def _written(self, answer: LinkAnswer, *, act: bool) -> web.Response:
        found = answer.state is not LinkState.INVALID
        status = _STATUS.get(answer.state, 200) if act or not found else 200
        return web.Response(
            status=status,
            text=self._pages.page(answer),
            content_type="text/html",
            headers={"Content-Security-Policy": POLICY},
        )
