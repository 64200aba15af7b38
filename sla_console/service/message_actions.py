"""Lets the reader of a message act on a breach by one of its links, and says what came of it."""

from dataclasses import dataclass, replace
from datetime import timedelta, tzinfo
from enum import StrEnum
from typing import Final

from sla_console.alerting.action_links import ActionLinks, LinkClaim, claim_of
from sla_console.domain.alerts.action_link import LinkAction, LinkUse
from sla_console.domain.alerts.alert import OutboxMessage
from sla_console.domain.clock import Clock
from sla_console.domain.errors import NotAllowed
from sla_console.domain.sla.breach import BreachState, SLABreach
from sla_console.monitoring.engine import SLAMonitoringEngine
from sla_console.service.sla_service import SLAService


class LinkState(StrEnum):
    """How it stands with a link."""

    INVALID = "invalid"
    """It was not made here, or what it was made for is no longer configured so."""
    EXPIRED = "expired"
    USED = "used"
    OVER = "over"
    """The breach has ended."""
    TAKEN = "taken"
    """Somebody has the breach already."""
    REFUSED = "refused"
    """Nothing may be changed from this console, or a colleague was quicker."""
    OFFERED = "offered"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class LinkAnswer:
    """The answer to somebody who follows a link."""

    state: LinkState
    breach: SLABreach | None = None
    """As it is now; None where the link says nothing true."""
    use: LinkUse | None = None
    """How the message's links were used."""
    tokens: tuple[tuple[LinkAction, str], ...] = ()
    """While it is offered: what can be done, each with the token that does it."""
    why: str = ""
    """Where it was refused: the sentence that says so."""
    zone: tzinfo | None = None
    """Time zone of whoever reads the channel; None: that of everybody."""


INVALID: Final = LinkAnswer(LinkState.INVALID)


@dataclass(frozen=True, slots=True)
class _Found:
    """A link that is true."""

    claim: LinkClaim
    message: OutboxMessage
    breach: SLABreach | None


class MessageActions:
    """Answers links; whoever has one needs nothing else.

    Args:
        service: The door through which the deed goes.
        engine: The engine.
        links: Reads links.
        clock: The moment.
        snooze: For how long a breach is put off.
    """

    def __init__(
        self,
        service: SLAService,
        engine: SLAMonitoringEngine,
        links: ActionLinks,
        clock: Clock,
        snooze: timedelta,
    ) -> None:
        self._service, self._engine, self._links = service, engine, links
        self._records, self._clock = engine.data.records, clock
        self.snooze = snooze

    async def look(self, token: str) -> LinkAnswer:
        """Return how it stands with a link; nothing is done."""
        found = await self._found(token)
        return self._for(found, await self._answer(found)) if found else INVALID

    async def act(self, token: str) -> LinkAnswer:
        """Do what a link is for, if that can still be done; return what came of it."""
        found = await self._found(token)
        return self._for(found, await self._act(found)) if found else INVALID

    async def _act(self, found: _Found) -> LinkAnswer:
        answer = await self._answer(found)
        wanted = found.claim.action
        if answer.state is not LinkState.OFFERED or found.breach is None:
            return answer
        if wanted not in [action for action, _ in answer.tokens]:
            return answer  # to choose from: its page, or what is still possible
        now = self._clock.now()
        channel = found.message.channel
        person = self._links.directory.owner_of(channel)
        use = LinkUse(found.message.key, found.breach.id, wanted, person, channel, now)
        try:
            await self._service.act_by_link(use, now + self.snooze)
        except NotAllowed as error:
            return await self._refused(found, str(error))
        breach = await self._breach(found.breach.id)
        return LinkAnswer(LinkState.DONE, breach, use)

    def _for(self, found: _Found, answer: LinkAnswer) -> LinkAnswer:
        """Return an answer in the time zone of whoever reads the channel."""
        message = found.message
        zone = self._links.directory.zone_of(message.channel, message.person)
        return replace(answer, zone=zone)

    async def _found(self, token: str) -> _Found | None:
        claim = claim_of(token)
        message = await self._records.links.message(claim.number) if claim else None
        if claim is None or message is None:
            return None
        breach_id = self._links.breach_of(message, claim)
        if breach_id is None:
            return None
        return _Found(claim, message, await self._breach(breach_id))

    async def _breach(self, breach_id: str) -> SLABreach | None:
        known = self._engine.alerting.incidents.get(breach_id)
        return known or await self._records.breaches.get(breach_id)

    async def _answer(self, found: _Found) -> LinkAnswer:
        breach = found.breach
        if breach is None:
            return INVALID
        use = await self._records.links.used(found.message.key, breach.id)
        if use is not None:
            return LinkAnswer(LinkState.USED, breach, use)
        if breach.state is BreachState.RESOLVED:
            return LinkAnswer(LinkState.OVER, breach)
        if found.claim.expires <= self._clock.now():
            return LinkAnswer(LinkState.EXPIRED, breach)
        tokens = []
        for action in self._possible(found.message, breach, found.claim.action):
            token = self._links.other(found.message, found.claim, action)
            if token is not None:
                tokens.append((action, token))
        state = LinkState.OFFERED if tokens else LinkState.TAKEN
        return LinkAnswer(state, breach, tokens=tuple(tokens))

    def _possible(
        self, message: OutboxMessage, breach: SLABreach, wanted: LinkAction
    ) -> list[LinkAction]:
        """Return what a link may still do: what a colleague has is taken from nobody by a link."""
        able = [LinkAction.ACKNOWLEDGE, LinkAction.SNOOZE]
        if breach.state is BreachState.ACKNOWLEDGED:
            mine = self._links.directory.owner_of(message.channel)
            able = able if mine and breach.acknowledged_by == mine else []
        return able if wanted is LinkAction.CHOOSE else [one for one in able if one is wanted]

    async def _refused(self, found: _Found, why: str) -> LinkAnswer:
        """Return why a deed was not done: the link was used, or a colleague was quicker."""
        breach = found.breach and await self._breach(found.breach.id)
        use = breach and await self._records.links.used(found.message.key, breach.id)
        if use:
            return LinkAnswer(LinkState.USED, breach, use)
        return LinkAnswer(LinkState.REFUSED, breach, why=why)
