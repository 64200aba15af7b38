"""The service's door while people may only look: the last guard behind every key and command."""

import inspect
from datetime import timedelta

import pytest

from sla_console.domain.alerts.action_link import LinkAction, LinkUse
from sla_console.domain.errors import NotAllowed
from sla_console.domain.matcher import Matcher
from sla_console.service.sla_service import SLAService

WRITING = sorted(
    name
    for name, method in inspect.getmembers(SLAService, inspect.iscoroutinefunction)
    if getattr(method, "writes", False)
)


def test_whatever_is_done_in_somebodys_name_is_marked_as_writing() -> None:
    """Each change has an author, in ``by`` or ``use.by``; a new one without the mark fails here."""
    signed = {
        name
        for name, method in inspect.getmembers(SLAService, inspect.iscoroutinefunction)
        if {"by", "use"} & inspect.signature(method).parameters.keys()
    }
    assert signed == set(WRITING)


@pytest.mark.parametrize("name", WRITING)
async def test_what_writes_is_refused_and_leaves_the_store_as_it_was(begin, clock, desk, name):
    console = await begin(warn_at=())
    desk.open("T1", clock.now())
    await console.sync()
    await console.pass_time(clock, hours=2)
    breach = console.board.breaches[0]
    await console.service.look_only(True)
    known = {
        "breach_ids": [breach.id], "ticket_ids": [breach.ticket_id], "by": "Sam", "reason": "why",
        "until": clock.now() + timedelta(hours=1), "end": clock.now() + timedelta(hours=1),
        "technician_id": "9", "status": "On Hold", "priority": "Low", "text": "hello",
        "wanted": Matcher(clients=("Harbour",)), "key": "k", "channel": "ops", "name": "n",
        "operation_id": "o", "silence_id": "s", "snooze_until": clock.now() + timedelta(hours=1),
        "use": LinkUse("k", breach.id, LinkAction.ACKNOWLEDGE, "Sam", "ops", clock.now()),
    }  # fmt: skip
    method = getattr(console.service, name)
    asked = inspect.signature(method).parameters.values()
    wanted = {p.name: known[p.name] for p in asked if p.default is inspect.Parameter.empty}
    before = await console.store.audit.recent(100)
    with pytest.raises(NotAllowed, match=r"ui\.read_only is true"):
        await method(**wanted)
    assert await console.store.audit.recent(100) == before
    assert await console.store.operations.waiting() == 0


async def test_allowed_again_it_is_done(begin, clock, desk):
    console = await begin(warn_at=())
    desk.open("T1", clock.now())
    await console.sync()
    await console.pass_time(clock, hours=2)
    await console.service.look_only(True)
    await console.service.look_only(False)
    ids = [console.board.breaches[0].id]
    assert await console.service.acknowledge(ids, None, "Sam")
