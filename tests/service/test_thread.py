"""The service in its own thread: boards come out, operations go in, failures are told."""

import asyncio
import concurrent.futures
import threading
from contextlib import asynccontextmanager

import pytest

from sla_console.domain.board import Board
from sla_console.domain.errors import NotReady, UserError
from sla_console.service.thread import ServiceThread


class Service:
    """As much of a service as the thread needs."""

    def __init__(self) -> None:
        self.listeners: list = []
        self.closed = threading.Event()
        self.version = 1

    def latest(self) -> Board:
        return Board(version=self.version)

    def subscribe(self, callback):
        self.listeners.append(callback)
        return lambda: self.listeners.remove(callback)

    async def where(self) -> str:
        return threading.current_thread().name

    async def fail(self) -> None:
        raise UserError("no")

    async def publish(self, version: int) -> None:
        self.version = version
        for listener in self.listeners:
            listener(Board(version=version))


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def thread(service):
    @asynccontextmanager
    async def opened():
        yield service
        service.closed.set()

    thread = ServiceThread(opened)
    thread.start(timeout=5)
    yield thread
    thread.stop()


def test_the_board_is_there_once_it_has_started(thread) -> None:
    assert thread.board.version == 1
    assert thread.failure is None


def test_operations_run_in_the_services_own_thread(thread) -> None:
    assert thread.submit(lambda s: s.where()).result(5) == "engine"


def test_what_an_operation_raises_reaches_whoever_asked(thread) -> None:
    with pytest.raises(UserError):
        thread.submit(lambda s: s.fail()).result(5)


def test_boards_reach_those_who_listen_until_they_leave(thread) -> None:
    seen = []
    leave = thread.subscribe(lambda board: seen.append(board.version))
    thread.submit(lambda s: s.publish(2)).result(5)
    leave()
    leave()
    thread.submit(lambda s: s.publish(3)).result(5)
    assert seen == [2]
    assert thread.board.version == 3


def test_stopping_closes_the_service_and_refuses_what_comes_after(thread, service) -> None:
    thread.stop()
    assert service.closed.is_set()
    with pytest.raises(NotReady):
        thread.submit(lambda s: s.where()).result(5)


def test_what_still_runs_when_it_stops_is_told_so(thread) -> None:
    begun = threading.Event()

    async def wait(_service) -> None:
        begun.set()
        await asyncio.Event().wait()

    future = thread.submit(wait)
    assert begun.wait(5)
    thread.stop()
    with pytest.raises(concurrent.futures.CancelledError):
        future.result(5)


def test_what_keeps_it_from_starting_is_raised_as_it_is() -> None:
    @asynccontextmanager
    async def broken():
        raise UserError("the key is wrong")
        yield

    thread = ServiceThread(broken)
    with pytest.raises(UserError, match="the key is wrong"):
        thread.start(timeout=5)
    assert isinstance(thread.failure, UserError)


def test_it_waits_for_the_first_paint_but_not_for_ever(thread) -> None:
    thread.submit(lambda _: thread.until_painted(0.01)).result(5)
    waiting = thread.submit(lambda _: thread.until_painted(60))
    thread.screen_painted()
    waiting.result(5)
