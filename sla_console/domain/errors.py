"""The one small tree of errors that people may read.

::

    SLAConsoleError
    ├── UserError            bad input: one sentence, exit code 2
    ├── SuperOpsError        the service desk could not be asked
    │   ├── CannotSignIn     the token or the subdomain is refused; retrying does not help
    │   ├── RateLimited      the minute's requests are used up
    │   ├── Unreachable      network, timeout, server fault; retrying may help
    │   ├── AnswerRefused    the answer cannot be trusted (too large, not JSON, rows missing)
    │   └── RequestRefused   SuperOps named a reason in its own codes
    ├── StoreError           what survives could not be read or written
    │   ├── WrongKey         the database is sound but this key does not open it
    │   ├── StoreDamaged     the file fails its integrity check
    │   ├── StoreGone        the file is not there any more; also a UserError
    │   ├── StoreFull        no space is left
    │   ├── StoreTooNew      written by a newer version
    │   └── LostLease        another console monitors by now
    ├── NotReady             the engine is still starting, or has ended
    ├── NotFound             there is no ticket, technician or other thing of that name
    └── NotAllowed           a step that the rules of a breach do not allow

Every message is a whole sentence: what happened, what it means, what to do.
"""


class SLAConsoleError(Exception):
    """Base of every error whose message is meant for people."""


class UserError(SLAConsoleError):
    """Bad input. The command line prints the message and exits with 2."""


class SuperOpsError(SLAConsoleError):
    """The service desk could not be asked, or its answer not used."""


class CannotSignIn(SuperOpsError):  # noqa: N818 - reads as the state shown on screen
    """The token or subdomain is refused; nothing is retried until it changes."""


class RateLimited(SuperOpsError):  # noqa: N818
    """The minute's requests are used up; wait for the next window."""


class Unreachable(SuperOpsError):  # noqa: N818
    """Network, timeout or server fault. A read may be tried again."""


class AnswerRefused(SuperOpsError):  # noqa: N818
    """The answer cannot be trusted: too large, not JSON, or rows missing."""


class RequestRefused(SuperOpsError):  # noqa: N818
    """SuperOps refused the request with codes of its own.

    Args:
        message: The sentence for people.
        codes: The ``clientError`` codes, for example ``entity_does_not_exist``.
    """

    def __init__(self, message: str, codes: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.codes = codes


class StoreError(SLAConsoleError):
    """What survives could not be read or written."""


class WrongKey(StoreError):  # noqa: N818
    """The database is sound but this key does not open it."""


class StoreDamaged(StoreError):  # noqa: N818
    """The database file fails its integrity check. Nothing was deleted."""


class StoreGone(StoreError, UserError):  # noqa: N818
    """The database was deleted, emptied or moved; a person has to say what is to become of it."""


class StoreFull(StoreError):  # noqa: N818
    """No space is left on the device."""


class StoreTooNew(StoreError):  # noqa: N818
    """The database was written by a newer version of the console."""


class LostLease(StoreError):  # noqa: N818
    """Another console has taken over monitoring; writes of this one's term are refused."""


class NotReady(SLAConsoleError):  # noqa: N818
    """The engine is still starting, or has ended."""

    def __init__(self) -> None:
        super().__init__("The engine is not running yet; try again in a moment.")


class NotFound(SLAConsoleError, KeyError):  # noqa: N818
    """No such ticket, technician or other thing is known; a lookup, so also a ``KeyError``."""

    def __str__(self) -> str:
        """Return the sentence; ``KeyError`` would put it in quotes."""
        return str(self.args[0]) if self.args else ""


class NotAllowed(SLAConsoleError):  # noqa: N818
    """A step that the rules do not allow, such as acknowledging a resolved breach."""
