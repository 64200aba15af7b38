"""The mark of a method that changes something, and its refusal where one may only look."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec, Protocol, TypeVar

from sla_console.domain.errors import NotAllowed

REFUSED: Final = (
    "Nothing is changed from here: ui.read_only is true in the configuration; set it to false to "
    "change things."
)

P = ParamSpec("P")
T = TypeVar("T")


class _Door(Protocol):
    @property
    def read_only(self) -> bool:
        """Whether nothing may be changed through it."""
        ...


D = TypeVar("D", bound=_Door)


def writes(
    method: Callable[Concatenate[D, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[D, P], Coroutine[Any, Any, T]]:
    """Mark a method that changes something; a read-only service refuses it to every caller."""

    @wraps(method)
    async def guarded(self: D, /, *args: P.args, **kwargs: P.kwargs) -> T:
        if self.read_only:
            raise NotAllowed(REFUSED)
        return await method(self, *args, **kwargs)

    guarded.writes = True  # type: ignore[attr-defined]  # what a test reads: no writer unmarked
    return guarded
