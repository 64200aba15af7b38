"""A real incident log served as a desk: what its source calls violated is never told as met.

The log: "Incident management process enriched event log", UCI Machine Learning Repository, dataset
498 (C. A. L. Amaral, M. Fantinato, S. M. Peres), CC BY 4.0. Its own verdict, ``made_sla``, is given
to the tickets as SuperOps' flag. Of each part every fortieth incident is read.
"""

from datetime import timedelta
from pathlib import Path

import pytest

from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.verdict import Outcome, in_force
from sla_console.simulator.incident_log import load_log
from sla_console.simulator.replay import build_replay_desk
from sla_console.simulator.server import SimulatorServer

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
PARTS = (
    "incident_event_log_until_2016-03-13.csv.gz",
    "incident_event_log_2016-03-14_to_2016-04-17.csv.gz",
)
EACH = 40


@pytest.mark.parametrize("part", PARTS)
async def test_nothing_that_its_source_calls_violated_is_told_as_met(begin, clock, part) -> None:
    if not (DATA / part).exists():
        pytest.skip("the incident log is not here")
    log = load_log(DATA / part)
    numbers = set(sorted({event.number for event in log.events})[::EACH])
    log.events = [event for event in log.events if event.number in numbers]
    made = {event.number: event.made_sla for event in log.events}
    end = log.last + timedelta(days=1)
    desk = build_replay_desk(log, end)
    for ticket in desk.tickets.values():
        if made[ticket.number] is not None:
            ticket.fields["resolutionViolated"] = not made[ticket.number]
    clock.set(end)
    server = SimulatorServer(
        desk, clock, token="right", subdomain="acme", requests_per_minute=100_000
    )
    await server.start()
    try:
        console = await begin(url=server.url, warn_at=())
        await console.sync()
        console.engine.history._back = timedelta(days=400)  # the log has a long tail
        await console.engine.history.read()
        ended = [
            one
            for one in desk.tickets.values()
            if not desk.is_open(one) and one.resolution_due is not None
        ]
        violated = 0
        for ticket in ended:
            found = in_force(await console.store.verdicts.for_ticket(ticket.id))
            verdict = found[ticket.id, BreachType.RESOLUTION, 1]
            if ticket.fields.get("resolutionViolated"):
                violated += 1
                assert verdict.outcome is not Outcome.MET, ticket.number
            if verdict.outcome is Outcome.IN_DOUBT:
                assert verdict.reason
            first = found[ticket.id, BreachType.RESPONSE, 1]
            if ticket.responded and ticket.response_due and ticket.responded > ticket.response_due:
                assert first.outcome is not Outcome.MET, ticket.number
        assert violated > 10
    finally:
        await server.stop()
