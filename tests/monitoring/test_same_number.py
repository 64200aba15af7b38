"""Two tickets that carry one number: whoever names it is asked which one is meant."""

from datetime import timedelta

import pytest

from sla_console.domain.errors import UserError
from sla_console.domain.matcher import Matcher
from sla_console.domain.sla.what_if import parse_what_if


@pytest.fixture
async def two(begin, clock, desk):
    console = await begin()
    console.first = desk.open("60011", clock.now(), subject="Printer down")
    console.second = desk.open("60011", clock.now(), subject="No mail")
    await console.sync()
    return console


async def test_explaining_the_number_lists_both_and_the_id_explains_one(two) -> None:
    with pytest.raises(UserError, match="2 tickets carry this number") as raised:
        await two.service.explain("60011")
    assert f"{two.first.id} (Harbour, Printer down)" in str(raised.value)
    assert f"{two.second.id} (Harbour, No mail)" in str(raised.value)
    explained = await two.service.explain(two.second.id)
    assert explained.judged.ticket.subject == "No mail"


async def test_one_that_has_left_the_board_counts_too(two, clock) -> None:
    clock.advance(minutes=1)
    two.first.status, two.first.updated = "Closed", clock.now()
    await two.sync()
    with pytest.raises(UserError, match="2 tickets carry this number"):
        await two.service.explain("60011")


async def test_what_is_supposed_and_what_would_be_told_ask_as_well(two, clock) -> None:
    with pytest.raises(UserError, match="carry this number"):
        await two.service.suppose("60011", parse_what_if("priority=Low", clock.now()))
    with pytest.raises(UserError, match="carry this number"):
        await two.service.explain_alerts("60011")


async def test_a_silence_of_the_number_is_refused_and_of_the_id_taken(two, clock) -> None:
    end = clock.now() + timedelta(hours=1)
    with pytest.raises(UserError, match="carry this number"):
        await two.service.add_silence(Matcher(tickets=("60011",)), "work", end, "ada")
    await two.service.add_silence(Matcher(tickets=(two.first.id,)), "work", end, "ada")
    (silence,) = await two.store.silences.active(clock.now())
    assert silence.matcher.tickets == (two.first.id,)


async def test_the_filter_of_the_board_shows_both(two) -> None:
    from sla_console.ui.board.filter import BoardFilter

    found = BoardFilter("#60011").apply(two.board.tickets)
    assert {one.ticket.id for one in found} == {two.first.id, two.second.id}
