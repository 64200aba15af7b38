"""The token: read anew when refused, then one clear state, and no hammering."""

import asyncio

import pytest

from sla_console.domain.errors import CannotSignIn


def only(token: str):
    """Accept one token, answer 401 to all others."""

    def answer(request):
        accepted = request.headers["Authorization"] == f"Bearer {token}"
        return {"data": {"getSLAList": [{"id": 1, "name": "Gold"}]}} if accepted else 401

    return answer


async def test_the_token_is_read_once_while_it_is_accepted(client, desk, source):
    desk.will(only(source.value))
    await client.sla_names()
    await client.sla_names()
    assert source.reads == 1


async def test_a_refused_token_is_read_anew_and_the_request_sent_again(client, desk, source):
    desk.will(only(source.value))
    await client.sla_names()
    source.value = "tok-new"
    desk.will(only("tok-new"))
    assert await client.sla_names() == [("1", "Gold")]
    assert len(desk.requests) == 3


async def test_an_unchanged_token_ends_in_one_state_that_names_its_source(client, desk):
    desk.will(401)
    with pytest.raises(CannotSignIn, match=r"file /run/token.*401"):
        await client.sla_names()
    assert len(desk.requests) == 1


async def test_a_second_refused_token_is_not_sent_a_second_time(client, desk, source):
    tokens = iter(["tok-a", "tok-b", "tok-b"])
    source.read = lambda read=source.read: setattr(source, "value", next(tokens)) or read()
    desk.will(401)
    with pytest.raises(CannotSignIn):
        await client.sla_names()
    assert [request.headers["Authorization"] for request in desk.requests] == [
        "Bearer tok-a",
        "Bearer tok-b",
    ]


async def test_while_it_cannot_sign_in_nothing_is_sent_and_the_source_is_left_in_peace(
    client, desk, source, clock
):
    desk.will(401)
    for _ in range(100):
        with pytest.raises(CannotSignIn):
            await client.sla_names()
        with pytest.raises(CannotSignIn):
            await client.add_note("1", "hello")
        clock.advance(seconds=1)
    assert len(desk.requests) == 1
    assert source.reads <= 6


async def test_a_new_token_in_the_source_ends_the_state_by_itself(client, desk, source, clock):
    desk.will(only("tok-new"))
    with pytest.raises(CannotSignIn):
        await client.sla_names()
    source.value = "tok-new"
    clock.advance(minutes=1)
    assert await client.sla_names() == [("1", "Gold")]


async def test_a_source_that_cannot_be_read_says_so_and_recovers(client, desk, source, clock):
    source.value = None
    desk.will(only("tok-late"))
    with pytest.raises(CannotSignIn, match="/run/token: it cannot be read"):
        await client.sla_names()
    assert desk.requests == []
    source.value = "tok-late"
    clock.advance(minutes=1)
    await client.sla_names()


async def test_a_token_that_no_header_can_carry_is_never_sent(client, desk, source, clock):
    source.value = "tök\nen"
    desk.will(only("tok-good"))
    with pytest.raises(CannotSignIn, match="characters that no token"):
        await client.sla_names()
    assert desk.requests == []
    source.value = "tok-good"
    clock.advance(minutes=1)
    await client.sla_names()


async def test_a_wrong_subdomain_is_named_and_tried_once_a_minute(client, desk, clock):
    desk.will(400)
    for _ in range(59):
        with pytest.raises(CannotSignIn, match=r"subdomain 'northwind-msp'.*HTTP 400"):
            await client.sla_names()
        clock.advance(seconds=1)
    assert len(desk.requests) == 1
    clock.advance(minutes=1)
    desk.will({"data": {"getSLAList": []}})
    assert await client.sla_names() == []


async def test_many_at_once_with_a_refused_token_read_the_source_once_and_all_go_on(
    client, desk, source
):
    desk.will(only(source.value))
    await client.sla_names()
    source.value = "tok-new"
    desk.will(only("tok-new"))
    answers = await asyncio.gather(*(client.sla_names() for _ in range(6)))
    assert answers == [[("1", "Gold")]] * 6
    assert source.reads == 2


class TestATokenThatHasWorked:
    async def test_one_passing_refusal_ends_within_a_minute(self, client, desk, source, clock):
        """Accepted 9:00, refused 9:01; not sent at 9:01:59, sent and accepted at 9:02."""
        desk.will(only(source.value))
        await client.sla_names()
        clock.advance(minutes=1)
        desk.will(401)
        with pytest.raises(CannotSignIn, match="tried again every minute"):
            await client.sla_names()
        desk.will(only(source.value))
        clock.advance(seconds=59)
        with pytest.raises(CannotSignIn):
            await client.sla_names()
        clock.advance(seconds=1)
        assert await client.sla_names() == [("1", "Gold")]

    async def test_it_is_sent_once_a_minute_while_it_is_refused(self, client, desk, source, clock):
        """One accepted request, one refused, then one more in each of five minutes."""
        desk.will(only(source.value))
        await client.sla_names()
        desk.will(401)
        for _ in range(301):
            with pytest.raises(CannotSignIn):
                await client.sla_names()
            clock.advance(seconds=1)
        assert len(desk.requests) == 1 + 1 + 5

    async def test_a_person_who_asks_does_not_wait(self, client, desk, source):
        desk.will(only(source.value))
        await client.sla_names()
        desk.will(401)
        with pytest.raises(CannotSignIn):
            await client.sla_names()
        desk.will(only(source.value))
        client.try_again()
        assert await client.sla_names() == [("1", "Gold")]

    async def test_a_clock_that_is_set_back_does_not_prolong_it(self, client, desk, source, clock):
        desk.will(only(source.value))
        await client.sla_names()
        desk.will(401)
        with pytest.raises(CannotSignIn):
            await client.sla_names()
        desk.will(only(source.value))
        clock.step(days=-3)
        clock.advance(minutes=1)
        assert await client.sla_names() == [("1", "Gold")]


async def test_a_passing_refusal_right_after_the_start_ends_within_ten_minutes(
    client, desk, source, clock
):
    """The first request of all is refused at 9:00; sent again, and accepted, at 9:10."""
    desk.will(401)
    with pytest.raises(CannotSignIn, match="tried again every ten minutes"):
        await client.sla_names()
    desk.will(only(source.value))
    clock.advance(minutes=9, seconds=59)
    with pytest.raises(CannotSignIn):
        await client.sla_names()
    clock.advance(seconds=1)
    assert await client.sla_names() == [("1", "Gold")]
