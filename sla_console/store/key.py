"""The key of the database: 256 bits from a named source, never made anew over existing data.

Asked in this order: a systemd credential, the desktop's keyring where the optional ``keyring``
package has a real one, a file that only its owner may read. Where none has a key, a new one is
made, but it is kept only when the database is created (``StoreKey.keep``).
"""

import contextlib
import hashlib
import hmac
import os
import secrets
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from sla_console.config.safe_file import read_file
from sla_console.domain import fault_points
from sla_console.domain.errors import StoreError, UserError
from sla_console.store.faults import explain_os

CREDENTIAL: Final = "sla-console-db-key"
KEYRING_ENTRY: Final = "sla-console/database-key"
_BYTES: Final = 32
_PURPOSE: Final = b"sla-console key check"
_SALT: Final = b"sla-console derived keys"
_UNREAL_BACKENDS: Final = ("keyring.backends.fail", "keyring.backends.null", "keyrings.alt")


class StoreKey:
    """A key that shows itself nowhere.

    Args:
        raw: The 32 bytes.
        source: Where it came from, for people.
        keep: For a new key: stores it, and returns what is stored there by now.
    """

    __slots__ = ("_keep", "_raw", "source")

    def __init__(
        self, raw: bytes, source: str, keep: Callable[[bytes], bytes] | None = None
    ) -> None:
        self._raw = raw
        self.source = source
        self._keep = keep

    @property
    def new(self) -> bool:
        """The key was just made and is not stored anywhere yet."""
        return self._keep is not None

    def keep(self) -> None:
        """Store a new key at its source; if another console was quicker, become the one it stored.

        Raises:
            StoreError: if its source cannot keep it.
        """
        if self._keep is not None:
            self._raw = self._keep(self._raw)
            self._keep = None

    def literal(self) -> str:
        """Return the key as the cipher takes it: raw, so that no slow derivation is needed."""
        return f"x'{self._raw.hex()}'"

    def check_value(self) -> str:
        """Return a value that tells two keys apart and tells nothing about either."""
        return hmac.digest(self._raw, _PURPOSE, hashlib.sha256)[:8].hex()

    def derived(self, purpose: str) -> bytes:
        """Return a key of its own for a purpose, by HKDF-SHA256 (RFC 5869), from this one."""
        extracted = hmac.digest(_SALT, self._raw, hashlib.sha256)
        return hmac.digest(extracted, purpose.encode() + b"\x01", hashlib.sha256)

    def __repr__(self) -> str:
        return f"StoreKey(from {self.source})"


def load_or_create_key(
    key_file: Path,
    keyring_entry: str | None = KEYRING_ENTRY,
    environ: Mapping[str, str] | None = None,
) -> StoreKey:
    """Find the key of the database, or make a new one that is not stored yet.

    Args:
        key_file: Where the key is, or will be, if nothing better holds it.
        keyring_entry: ``service/username`` in the desktop's keyring; None: do not ask it.
        environ: Asked for ``CREDENTIALS_DIRECTORY``; None: this process's own.

    Raises:
        UserError: if a source holds something else than a key, or others may read the key file.
    """
    folder = (os.environ if environ is None else environ).get("CREDENTIALS_DIRECTORY")
    if folder and (Path(folder) / CREDENTIAL).exists():
        credential = Path(folder) / CREDENTIAL
        # systemd guards the folder and may grant access by ACL, which shows as group bits.
        content = read_file(credential, "the database key")
        content.require_unwritable("it holds the database key")
        return StoreKey(_parsed(content.data, str(credential)), f"systemd credential {CREDENTIAL}")
    ring = _Keyring.find(keyring_entry) if keyring_entry else None
    if ring is not None and (found := ring.read()) is not None:
        return StoreKey(found, ring.description)
    if os.path.lexists(key_file):
        return StoreKey(_read(key_file), f"key file {key_file}")
    fresh = secrets.token_bytes(_BYTES)
    if ring is not None:
        return StoreKey(fresh, ring.description, ring.keep)
    return StoreKey(fresh, f"key file {key_file}", lambda raw: _keep_file(key_file, raw))


def _parsed(data: bytes, where: str) -> bytes:
    """Read 64 hexadecimal digits, or 32 bytes as they are."""
    if len(data) == _BYTES:
        return data
    with contextlib.suppress(ValueError):  # what is said must not quote what was found
        raw = bytes.fromhex(data.decode("ascii", errors="replace"))
        if len(raw) == _BYTES:
            return raw
    raise UserError(
        f"{where}: it should hold the database key as {2 * _BYTES} hexadecimal digits, but holds "
        f"something else; put the right key back from where you keep a copy."
    )


def _read(key_file: Path) -> bytes:
    content = read_file(key_file, "the database key")
    content.require_private("it holds the database key")
    return _parsed(content.data, str(key_file))


def _keep_file(key_file: Path, raw: bytes) -> bytes:
    """Store ``raw`` under a name that must not exist yet; return what is there by now.

    The file appears whole or not at all: it is written under another name and linked. So two first
    starts at once agree on one key, and a crash leaves no empty key behind.
    """
    draft = key_file.with_name(f".{key_file.name}.{secrets.token_hex(4)}")
    try:
        key_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                fault_points.hit("store.key.write")
                file.write(raw.hex().encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
            fault_points.hit("store.key.link")
            with contextlib.suppress(FileExistsError):
                os.link(draft, key_file)
        finally:
            draft.unlink()
    except OSError as error:
        raise explain_os(error, key_file) from error
    return _read(key_file)


class _Keyring:
    """One entry of the desktop's keyring."""

    def __init__(self, package: Any, entry: str) -> None:
        self._package = package
        self._service, _, self._user = entry.partition("/")
        self.description = f"keyring entry {entry}"

    @classmethod
    def find(cls, entry: str) -> "_Keyring | None":
        """Return the keyring, or None where there is none that really keeps secrets."""
        if find_spec("keyring") is None:
            return None
        import keyring  # noqa: PLC0415 - optional and slow

        backend = keyring.get_keyring()
        chained = getattr(backend, "backends", None) or [backend]
        if type(next(iter(chained))).__module__.startswith(_UNREAL_BACKENDS):
            return None
        return cls(keyring, entry)

    def read(self) -> bytes | None:
        """Return the key kept there, or None if there is none or the keyring does not answer."""
        try:
            found = self._package.get_password(self._service, self._user)
        except self._package.errors.KeyringError:
            return None
        return None if found is None else _parsed(found.strip().encode(), self.description)

    def keep(self, raw: bytes) -> bytes:
        """Store the key and return what is stored by now."""
        try:
            self._package.set_password(self._service, self._user, raw.hex())
        except self._package.errors.KeyringError as error:
            raise StoreError(
                f"{self.description}: the keyring did not take the database key "
                f"({type(error).__name__}); unlock it and start again."
            ) from error
        stored = self.read()
        if stored is None:
            raise StoreError(
                f"{self.description}: the keyring took the database key but does not give it "
                f"back; unlock it and start again."
            )
        return stored
