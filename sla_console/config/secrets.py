"""Secrets and where they come from: a value that shows itself nowhere, read anew when asked."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NoReturn

from sla_console.config.safe_file import read_file
from sla_console.domain.errors import UserError

HIDDEN: Final = "•••"
COMMAND_SECONDS: Final = 15.0
_MAX_LENGTH: Final = 8192
_MAX_OUTPUT: Final = 65_536


class Secret:
    """A string that must be seen by nobody: it shows itself only to ``reveal``."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value itself, to be handed on and never to be kept or shown."""
        return self._value

    def __repr__(self) -> str:
        return HIDDEN

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __copy__(self) -> "Secret":
        return self

    def __deepcopy__(self, memo: object) -> "Secret":
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not written anywhere, so it cannot be pickled")


class SecretSource:
    """Where a secret comes from. Each ``read`` asks the source again, so a changed one is found.

    Args:
        description: The source for people, without the secret.
        reader: Returns what the source holds now; raises ``UserError`` if it cannot.
    """

    def __init__(self, description: str, reader: Callable[[], str]) -> None:
        self._description = description
        self._reader = reader

    @classmethod
    def literal(cls, secret: Secret, where: str) -> "SecretSource":
        """Return the source for a value written in the configuration.

        Args:
            secret: The value.
            where: The setting that holds it, such as ``superops.token``.
        """
        return cls(f"{where} in the configuration", secret.reveal)

    @classmethod
    def environment(cls, name: str, environ: Mapping[str, str] | None = None) -> "SecretSource":
        """Return the source that reads an environment variable."""
        found = os.environ if environ is None else environ
        return cls(f"environment variable {name}", lambda: _from_environment(name, found))

    @classmethod
    def file(cls, path: Path) -> "SecretSource":
        """Return the source that reads a file only its owner may read."""
        return cls(f"file {path}", lambda: _from_file(path))

    @classmethod
    def command(cls, line: str) -> "SecretSource":
        """Return the source that runs a program, without a shell, and takes its first line."""
        return cls(f"command {_program(line)}", lambda: _from_command(line, COMMAND_SECONDS))

    @classmethod
    def keyring(cls, entry: str) -> "SecretSource":
        """Return the source that asks the desktop's keyring for ``service/username``."""
        return cls(f"keyring entry {entry}", lambda: _from_keyring(entry))

    def describe(self) -> str:
        """Return the source in words; never the secret."""
        return self._description

    def read(self) -> Secret:
        """Ask the source now. A command may take up to fifteen seconds.

        Raises:
            UserError: naming the source, if it holds no usable secret.
        """
        value = self._reader().strip()
        if not value:
            raise UserError(f"{self._description}: it is empty; put the secret there")
        if len(value) > _MAX_LENGTH or not value.isprintable():
            raise UserError(
                f"{self._description}: what it holds is no secret on one line of at most "
                f"{_MAX_LENGTH} printable characters; put the secret alone there"
            )
        return Secret(value)

    def __repr__(self) -> str:
        return f"SecretSource({self._description})"


def _from_environment(name: str, environ: Mapping[str, str]) -> str:
    value = environ.get(name)
    if value is None:
        raise UserError(f"environment variable {name}: it is not set; export it with the secret")
    return value


def _from_file(path: Path) -> str:
    content = read_file(path, "the secret's file")
    content.require_private("it holds a secret")
    try:
        return content.data.decode()
    except UnicodeDecodeError:
        raise UserError(f"{path}: the secret's file is not UTF-8 text; write it anew") from None


def _arguments(line: str) -> list[str]:
    import shlex  # noqa: PLC0415 - only this source needs it

    try:
        arguments = shlex.split(line)
    except ValueError:
        arguments = []
    if not arguments:
        raise UserError(
            "the command that prints a secret is empty or has an open quote; write the program "
            "and its arguments, for example: pass show superops"
        )
    return arguments


def _program(line: str) -> str:
    """Return the program alone: an argument may be a secret itself."""
    return line.split(maxsplit=1)[0] if line.strip() else "(empty)"


def _from_command(line: str, seconds: float) -> str:
    # These start other programs; nobody else needs them.
    import contextlib  # noqa: PLC0415
    import signal  # noqa: PLC0415
    import subprocess  # noqa: PLC0415
    import threading  # noqa: PLC0415

    name = f"command {_program(line)}"
    arguments = _arguments(line)
    try:
        process = subprocess.Popen(  # noqa: S603 - the owner of the configuration chose it
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UserError(f"{name}: it cannot be started ({reason}); check the program") from None
    timed_out = threading.Event()

    def stop() -> None:
        # The whole group: a child of the command could hold the pipe open for ever.
        timed_out.set()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    timer = threading.Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        with process:
            output = process.stdout.read(_MAX_OUTPUT) if process.stdout else b""
    finally:
        timer.cancel()
    if timed_out.is_set():
        raise UserError(
            f"{name}: no answer within {seconds:.0f} seconds; run it by hand to see why"
        )
    if process.returncode != 0:
        raise UserError(
            f"{name}: it ended with code {process.returncode}; run it by hand to see why"
        )
    return output.decode(errors="replace").partition("\n")[0]


def _from_keyring(entry: str) -> str:
    service, slash, username = entry.partition("/")
    if not (service and slash and username):
        raise UserError(
            f"keyring entry {entry!r}: expected service/username, for example sla-console/superops"
        )
    try:
        import keyring  # noqa: PLC0415 - optional, and slow to find its backend
        import keyring.errors  # noqa: PLC0415
    except ImportError:
        raise UserError(
            f"keyring entry {entry}: the keyring package is missing; run: pip install '.[keyring]'"
        ) from None
    try:
        value = keyring.get_password(service, username)
    except keyring.errors.KeyringError as error:
        raise UserError(
            f"keyring entry {entry}: the keyring cannot be asked ({type(error).__name__}); "
            f"unlock it, or use another source"
        ) from None
    if value is None:
        raise UserError(
            f"keyring entry {entry}: there is none; run: keyring set {service} {username}"
        )
    return str(value)
