"""SuperOps goes away for a night: what the log says of it."""

import logging

import pytest


@pytest.fixture
async def console(begin, desk, clock):
    desk.open("101", clock.now())
    one = await begin()
    await one.sync()
    return one


def said(caplog) -> list[str]:
    """The lines of the log, as it is kept when nobody asks for more."""
    return [
        record.message
        for record in caplog.records
        if record.name.startswith("sla_console") and record.levelno >= logging.INFO
    ]


async def test_a_night_without_superops_is_two_lines_in_the_log(console, server, clock, caplog):
    """One on the way down and one on the way up, whatever each try came to."""
    caplog.set_level("INFO")
    for minute in range(240):
        server.faults.clear()
        server.faults.next(("drop", "bad_gateway")[minute % 3 == 2], times=100)
        await console.pass_time(clock, minutes=1)
        await console.sync()
    server.faults.clear()
    await console.pass_time(clock, minutes=1)
    await console.sync()
    down, up = said(caplog)
    assert down.startswith("SuperOps cannot be read: ")
    assert up == "SuperOps can be read again after 240 failed tries"


async def test_another_kind_of_trouble_is_told_once_more(console, server, clock, caplog):
    caplog.set_level("INFO")
    for fault in ("drop", "drop", "forbidden", "drop", "forbidden"):
        server.faults.clear()
        server.faults.next(fault, times=100)
        await console.pass_time(clock, minutes=1)
        await console.sync()
    assert len(said(caplog)) == 2
