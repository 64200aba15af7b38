"""The key comes from a named source, shows itself nowhere, and is never made anew over data."""

import os
import stat
import sys
import types
from pathlib import Path

import pytest

from sla_console.domain.errors import StoreError, UserError, WrongKey
from sla_console.store.key import load_or_create_key
from sla_console.store.store import Store

RAW = bytes(range(32))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_the_first_start_makes_a_key_and_a_database_for_the_owner_only(
    key_file, path, find_key
):
    old = os.umask(0)
    try:
        store = await Store.open(path, find_key())
        await store.meta.set("a", "b")
    finally:
        os.umask(old)
    files = [key_file, path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")]
    assert [mode(file) for file in files] == [0o600] * 4
    assert mode(path.parent) == mode(key_file.parent) == 0o700
    assert len(bytes.fromhex(key_file.read_text())) == 32
    await store.close()
    assert {file.name for file in key_file.parent.iterdir()} == {"store.key"}


async def test_looking_for_a_key_writes_nothing_before_a_database_is_made(key_file, find_key):
    assert find_key().new
    assert not key_file.exists()


async def test_one_key_in_memory_opens_the_database_again(path, find_key):
    key = find_key()
    await (await Store.open(path, key)).close()
    await (await Store.open(path, key)).close()
    assert not find_key().new


async def test_a_missing_key_is_said_and_no_new_one_is_made(key_file, path, find_key):
    await (await Store.open(path, find_key())).close()
    before = path.read_bytes()
    key_file.unlink()
    with pytest.raises(WrongKey, match="its key is not") as caught:
        await Store.open(path, find_key())
    assert str(path) in str(caught.value)
    assert str(key_file) in str(caught.value)
    assert not key_file.exists()
    assert path.read_bytes() == before


async def test_two_first_starts_agree_on_one_key(tmp_path, find_key):
    one, two = find_key(), find_key()
    assert one.check_value() != two.check_value()
    await (await Store.open(tmp_path / "one.db", one)).close()
    await (await Store.open(tmp_path / "two.db", two)).close()
    assert one.check_value() == two.check_value()


@pytest.mark.parametrize("bits", [0o640, 0o604, 0o620])
def test_a_key_that_others_may_read_is_refused(key_file, find_key, bits):
    key_file.parent.mkdir()
    key_file.write_text(RAW.hex())
    key_file.chmod(bits)
    with pytest.raises(UserError, match="chmod 600"):
        find_key()


def test_a_key_behind_a_link_is_refused(key_file, find_key, tmp_path):
    key_file.parent.mkdir()
    real = tmp_path / "real"
    real.write_text(RAW.hex())
    real.chmod(0o600)
    key_file.symlink_to(real)
    with pytest.raises(UserError, match="symbolic link"):
        find_key()


@pytest.mark.parametrize("content", ["", "secret but short", "zz" * 32, RAW.hex() + "00"])
def test_a_file_that_holds_no_key_is_refused_without_quoting_it(key_file, find_key, content):
    key_file.parent.mkdir()
    key_file.write_text(content)
    key_file.chmod(0o600)
    with pytest.raises(UserError, match="64 hexadecimal digits") as caught:
        find_key()
    assert not content or content not in str(caught.value)


def test_a_key_shows_itself_nowhere(key_file, find_key):
    key_file.parent.mkdir()
    key_file.write_text(RAW.hex() + "\n")
    key_file.chmod(0o600)
    key = find_key()
    assert key.literal() == f"x'{RAW.hex()}'"
    assert RAW.hex()[:8] not in repr(key) + str(key) + f"{key}" + key.check_value()


def test_a_systemd_credential_goes_before_the_file(key_file, tmp_path):
    credential = tmp_path / "sla-console-db-key"
    credential.write_bytes(RAW)
    credential.chmod(0o400)
    key = load_or_create_key(key_file, environ={"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert key.literal() == f"x'{RAW.hex()}'"
    assert "systemd" in key.source


class KeyringError(Exception):
    pass


class FakeKeyring(types.ModuleType):
    """Stands in for the optional package, which no test may need; keeps secrets in a dict."""

    def __init__(self, backend: type) -> None:
        super().__init__("keyring")
        self.__spec__ = types.SimpleNamespace()
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False
        self.errors = types.SimpleNamespace(KeyringError=KeyringError)
        self._backend = backend()

    def get_keyring(self):
        return self._backend

    def get_password(self, service, user):
        if self.locked:
            raise KeyringError
        return self.kept.get((service, user))

    def set_password(self, service, user, password):
        if self.locked:
            raise KeyringError
        self.kept[service, user] = password


@pytest.fixture
def keyring(monkeypatch):
    real = type("Keyring", (), {"__module__": "keyring.backends.SecretService"})
    fake = FakeKeyring(real)
    monkeypatch.setitem(sys.modules, "keyring", fake)
    return fake


async def test_a_real_keyring_keeps_the_key_instead_of_the_file(keyring, key_file, path):
    key = load_or_create_key(key_file, environ={})
    await (await Store.open(path, key)).close()
    assert keyring.kept == {("sla-console", "database-key"): key.literal()[2:-1]}
    assert not key_file.exists()
    again = load_or_create_key(key_file, environ={})
    assert not again.new
    await (await Store.open(path, again)).close()


async def test_a_key_file_from_before_the_keyring_still_opens(keyring, key_file, path, find_key):
    await (await Store.open(path, find_key())).close()
    key = load_or_create_key(key_file, environ={})
    assert str(key_file) in key.source
    await (await Store.open(path, key)).close()


async def test_a_locked_keyring_never_leads_to_a_new_key(keyring, key_file, path):
    await (await Store.open(path, load_or_create_key(key_file, environ={}))).close()
    keyring.locked = True
    with pytest.raises(WrongKey, match="keyring entry"):
        await Store.open(path, load_or_create_key(key_file, environ={}))


async def test_a_keyring_that_keeps_nothing_stops_the_first_start(keyring, key_file, path):
    keyring.locked = True
    with pytest.raises(StoreError, match="unlock"):
        await Store.open(path, load_or_create_key(key_file, environ={}))
    assert not path.exists()


@pytest.mark.parametrize("module", ["keyring.backends.fail", "keyrings.alt.file"])
def test_a_backend_that_keeps_no_secrets_is_not_used(monkeypatch, key_file, module):
    backend = type("Keyring", (), {"__module__": module})
    monkeypatch.setitem(sys.modules, "keyring", FakeKeyring(backend))
    assert "key file" in load_or_create_key(key_file, environ={}).source
