"""Which faults strike where: drawn from a seed, or the n-th call of something."""

import errno
import random
from collections import Counter
from collections.abc import Callable, Collection, Iterable

import httpx

from sla_console.domain.errors import AnswerRefused, RateLimited, StoreError, Unreachable, UserError
from sla_console.store.faults import DriverError
from tests.simulation.virtual import HERE, Killed

DRIVER = ("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_BUSY", "SQLITE_IOERR_READ")
KILL, ERROR, STEP = "kill", "error", "clock step"


def driver_error(name: str) -> Exception:
    """Return what the driver raises, by the name of its code."""
    error = DriverError(f"a fault to order ({name})")
    error.sqlite_errorname = name
    return error


def error_at(point: str, chance: random.Random) -> Exception:  # noqa: PLR0911 - one a kind of point
    """Return what really fails at a point."""
    if point.startswith(("store.key", "file.")):
        return OSError(errno.ENOSPC, "No space left on device")
    if point.startswith("store."):
        return driver_error(chance.choice(DRIVER))
    if point == "superops.token":
        return UserError("the keyring does not answer")
    if point == "superops.send":
        return httpx.ConnectError("no route")
    if point == "superops.answer":
        return httpx.ReadError("reset")
    if point.startswith("superops.heard"):
        lost = [AnswerRefused("odd"), Unreachable("lost")]
        # What was carried out was not refused for the number of requests.
        wrote = point.endswith(("add_note", "update_ticket"))
        return chance.choice(lost if wrote else [*lost, RateLimited("enough")])
    if point.startswith("superops."):
        return Unreachable("not reached")
    if point.startswith(("channel.", "heartbeat.", "part.", "board.", "monitor.")):
        return RuntimeError(f"nobody foresaw {point}")
    return chance.choice([StoreError(f"full at {point}"), RuntimeError(f"nobody foresaw {point}")])


class SeededFaults:
    """Strikes at some of the points, more rarely the more often one was passed.

    Args:
        chance: The seed.
        points: Where it may strike.
        step_clock: Sets the machine's clock to another moment.
        wanted: Points that have not been struck yet, struck the next time they are passed.
    """

    def __init__(
        self,
        chance: random.Random,
        points: Iterable[str],
        step_clock: Callable[[], None],
        wanted: Collection[str] = (),
    ) -> None:
        self._chance, self._step_clock = chance, step_clock
        self.points, self._wanted = frozenset(points), set(wanted)
        self.passed: Counter[str] = Counter()
        self.fired: Counter[str] = Counter()
        self.log: list[str] = []
        self.on = True

    def __call__(self, point: str) -> None:
        process = HERE.get()
        if process is None:
            return
        process.check()
        if point not in self.points or not self.on:
            return
        self.passed[point] += 1
        often = self._chance.random() * (2 + self.passed[point]) > 1
        if often and point not in self._wanted:
            return
        self._wanted.discard(point)
        self.fired[point] += 1
        if point == "monitor.clock":
            self.log.append(f"{point}: {STEP}")
            self._step_clock()
            return
        # After the commit only a process that dies has not heard of it.
        only_kill = point == "store.commit.after"
        if only_kill or self._chance.random() < 0.25:
            self.log.append(f"{process.name} {point}: {KILL}")
            process.kill()
            raise Killed
        error = error_at(point, self._chance)
        self.log.append(f"{process.name} {point}: {error!r}")
        raise error


class NthCall:
    """Lets the n-th of some calls fail, and counts them."""

    def __init__(self, nth: int, make: Callable[[], BaseException]) -> None:
        self._left, self._make = nth, make
        self.calls = 0
        self.fired = False
        self.on = False

    def __call__(self) -> None:
        if not self.on:
            return
        self.calls += 1
        self._left -= 1
        if self._left == 0:
            self.fired = True
            raise self._make()
