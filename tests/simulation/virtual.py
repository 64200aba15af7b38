"""One thread in which everything happens in the order of a seed: time, threads, disk and network.

The loop's time jumps to the next timer. What the product does in threads is done in place, so that
the same seed gives the same story. Nothing waits, and no socket is opened.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

import httpx

from sla_console.store.faults import DriverError, busy

HERE: ContextVar[Any] = ContextVar("process", default=None)
"""The simulated process that runs now; None: the test itself."""
_BUSY_SECONDS = 5.0


class Killed(BaseException):
    """The process is gone; nothing it does afterwards reaches anything."""


class _JumpingSelector:
    """Stands in for the wait for input: there is none, so time jumps to the next timer."""

    def __init__(self, real: Any) -> None:
        self._real = real
        self.now = 0.0

    def select(self, timeout: float | None) -> list[Any]:
        if timeout is None:
            raise RuntimeError("everybody waits for somebody else")
        self.now += max(0.0, timeout)
        return []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop that takes no time.

    What belongs to a process that stands still is kept and done when it goes on, as after a
    SIGSTOP; callbacks know their process by ``HERE``.
    """

    def __init__(self) -> None:
        super().__init__()
        self._selector = _JumpingSelector(self._selector)
        self._clock_resolution = 1e-9

    def time(self) -> float:
        return self._selector.now

    def call_soon(self, callback, *args, context=None):
        process = HERE.get() if context is None else context.get(HERE)
        if process is None:
            return super().call_soon(callback, *args, context=context)
        return self._kept(super().call_soon, process, callback, args, context)

    def call_at(self, when, callback, *args, context=None):
        process = HERE.get() if context is None else context.get(HERE)
        if process is None:
            return super().call_at(when, callback, *args, context=context)
        return self._kept(
            lambda *a, context: super(VirtualLoop, self).call_at(when, *a, context=context),
            process,
            callback,
            args,
            context,
        )

    def _kept(self, schedule, process, callback, args, context):
        def run() -> None:
            if process.still:
                process.kept.append(again)
            else:
                callback(*args)

        def again() -> None:
            if not handle.cancelled():
                callback(*args)

        handle = schedule(run, context=context)
        return handle

    def run_in_executor(self, executor, func, *args):
        done = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - as a thread would pass it on
            done.set_exception(error)
        return done

    def call_soon_threadsafe(self, callback, *args, context=None):
        return self.call_soon(callback, *args, context=context)


class Process:
    """What lives and dies together: tasks, connections to the database, sends on their way."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.dead = self.still = False
        self.kept: list[Callable[[], None]] = []
        self.connections: list[InlineDriver] = []
        self.tasks: set[asyncio.Task[Any]] = set()
        self.locks: list[Any] = []
        """Locks on files, which the system takes from a process that dies."""

    def check(self) -> None:
        """Raise ``Killed`` where the process is gone."""
        if self.dead:
            raise Killed

    def stop(self) -> None:
        """Let the process stand still, as by SIGSTOP."""
        self.still = True

    def go_on(self) -> None:
        """Let it go on; what fell due meanwhile is done now, in its order."""
        self.still = False
        kept, self.kept = self.kept, []
        loop = asyncio.get_running_loop()
        for each in kept:
            asyncio.SelectorEventLoop.call_soon(loop, each)

    def kill(self) -> None:
        """End the process at this very moment; what was not committed is gone."""
        self.dead = True
        for connection in list(self.connections):
            connection.break_off()
        for lock in self.locks:
            lock.release()
        for task in self.tasks:
            if task is not asyncio.current_task():
                task.cancel()
        self.still = False
        self.go_on()


class InlineDriver:
    """Stands in for ``aiosqlite.Connection``: the same calls, without a thread.

    A database that another process writes to is waited for in virtual time. Each call may let
    others go first, as the way to a thread and back does.
    """

    chance = random.Random(0)
    before: Callable[["InlineDriver", str], None] = staticmethod(lambda _driver, _sql: None)

    def __init__(self, opener: Callable[[], Any], _chunk: int) -> None:
        self._opener, self._connection = opener, None
        self.process = HERE.get()
        self._thread = self
        self.daemon = True
        self.wrote: set[str] = set()
        """First words of what was written since the last commit."""

    def join(self, _seconds: float) -> None:
        return

    def __await__(self):
        return self._open().__await__()

    async def _open(self) -> "InlineDriver":
        connection = self._opener()
        # What a killed process wrote is with the system, whatever the disk has of it.
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA busy_timeout = 0")
        self._connection = connection
        if self.process is not None:
            self.process.connections.append(self)
        return self

    async def _do(self, sql: str, *params: Any, many: bool = False) -> Any:
        def execute() -> Any:
            if sql in {"COMMIT", "ROLLBACK"}:
                # By name, as the product's own connection counts its commits.
                return getattr(self._connection, sql.lower())()
            run = self._connection.executemany if many else self._connection.execute
            return run(sql, *params).fetchall()

        loop = asyncio.get_running_loop()
        deadline = loop.time() + _BUSY_SECONDS
        while True:
            if self.process is not None:
                self.process.check()
            if self._connection is None:
                raise ValueError("Connection closed")
            self.before(self, sql)
            try:
                found = execute()
            except DriverError as error:
                if not busy(error) or loop.time() > deadline:
                    raise
                await asyncio.sleep(0.02)
                continue
            if self.chance.random() < 0.4:
                await asyncio.sleep(0)
            return found

    async def execute_fetchall(self, sql: str, params: Any) -> Any:
        return await self._do(sql, params)

    def executemany(self, sql: str, params: Any) -> "_Many":
        return _Many(self._do(sql, params, many=True))

    async def commit(self) -> None:
        await self._do("COMMIT")

    async def rollback(self) -> None:
        if self._connection is not None and self._connection.in_transaction:
            await self._do("ROLLBACK")

    async def close(self) -> None:
        self.break_off()

    def break_off(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
        if self.process is not None and self in self.process.connections:
            self.process.connections.remove(self)


class _Many:
    def __init__(self, doing: Awaitable[Any]) -> None:
        self._doing = doing

    async def __aenter__(self) -> None:
        await self._doing

    async def __aexit__(self, *_: object) -> None:
        return


class InlineWorker:
    """Stands in for a channel's thread: a send takes the channel's time, and may outlast its limit."""

    def __init__(self, channel, freed, moment, late) -> None:
        self._channel, self._freed, self._late = channel, freed, late
        self._process = HERE.get()
        self._jobs: list[Any] = []
        self._busy = self._finished = False
        self.ended = False

    def submit(self, message, limit: float):
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        self._jobs.append((message, loop.time() + limit, future))
        self._next()
        return future

    def finish(self) -> None:
        self._finished = True
        self._next()

    def _next(self) -> None:
        loop = asyncio.get_running_loop()
        if self._busy:
            return
        if self._jobs:
            self._busy = True
            there, back = self._channel.takes()
            loop.call_later(there, self._arrive, self._jobs.pop(0), back)
        elif self._finished and not self.ended:
            self.ended = True
            loop.call_soon(self._freed)

    def _arrive(self, job, back: float) -> None:
        from sla_console.alerting.channel_worker import _TOO_LATE

        message, until, future = job
        if self._process is not None and self._process.dead:
            return
        loop = asyncio.get_running_loop()
        result = self._channel.send(message) if loop.time() < until else _TOO_LATE
        loop.call_later(back, self._settle, message, future, result)

    def _settle(self, message, future, result) -> None:
        self._busy = False
        if self._process is not None and self._process.dead:
            return
        if future.done():
            self._late(message, result)
        else:
            future.set_result(result)
        self._next()


class InProcess(httpx.AsyncBaseTransport):
    """Carries requests to the simulator's own handler, through a network that may be bad."""

    def __init__(self, server, network) -> None:
        self._server, self._network = server, network
        self._process = HERE.get()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await self._network.there()
        self._process.check()
        answer = await self._server._answer(_Request(request))
        await self._network.back()
        self._process.check()
        body = answer.body or b""
        if answer.status == 200:
            self._network.answered = self._network.clock.now()
        headers = {"Content-Type": answer.content_type, "Date": self._network.date()}
        return httpx.Response(answer.status, headers=headers, stream=httpx.ByteStream(bytes(body)))


class _Request:
    """As much of a request as the simulator looks at."""

    transport = None

    def __init__(self, request: httpx.Request) -> None:
        self.headers = request.headers
        self._content = request.content

    async def text(self) -> str:
        return self._content.decode()
