"""A secret shows itself nowhere, and each source is asked anew."""

import copy
import logging
import os
import pickle
import sys
import time
import types
from pathlib import Path

import pytest

from sla_console.config import secrets
from sla_console.config.secrets import Secret, SecretSource
from sla_console.domain.errors import UserError

VALUE = "s3cr3t-value"


def test_a_secret_shows_itself_to_nobody_but_reveal(caplog: pytest.LogCaptureFixture) -> None:
    secret = Secret(VALUE)
    with caplog.at_level(logging.INFO):
        logging.getLogger("x").info("token %s %r", secret, secret)
    shown = f"{secret} {secret!r} {secret!s:>20} {[secret]} {caplog.text}"
    assert VALUE not in shown
    assert "•••" in shown
    assert secret.reveal() == VALUE


def test_a_secret_is_never_pickled() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(Secret(VALUE))


def test_secrets_compare_by_value_and_copy_as_themselves() -> None:
    assert Secret(VALUE) == Secret(VALUE) != Secret("other")
    assert Secret(VALUE) != VALUE
    assert len({Secret(VALUE), Secret(VALUE)}) == 1
    secret = Secret(VALUE)
    assert copy.deepcopy(secret) is secret


def test_a_changed_variable_is_found_at_the_next_read() -> None:
    environ = {"TOKEN": " old \n"}
    source = SecretSource.environment("TOKEN", environ)
    assert source.read() == Secret("old")
    environ["TOKEN"] = "new"
    assert source.read() == Secret("new")


def test_a_missing_variable_is_named() -> None:
    with pytest.raises(UserError, match="environment variable TOKEN: it is not set"):
        SecretSource.environment("TOKEN", {}).read()


@pytest.mark.parametrize("value", ["", "  \n", "two\nlines", "esc\x1b[0m", "x" * 9000])
def test_what_cannot_be_a_secret_is_refused_without_being_shown(value: str) -> None:
    with pytest.raises(UserError) as caught:
        SecretSource.environment("TOKEN", {"TOKEN": value}).read()
    assert str(caught.value).startswith("environment variable TOKEN: ")
    assert not value.strip() or value.strip() not in str(caught.value)


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text(VALUE + "\n")
    path.chmod(0o600)
    return path


def test_a_file_of_its_owner_is_read_each_time(token_file: Path) -> None:
    source = SecretSource.file(token_file)
    assert source.read() == Secret(VALUE)
    token_file.write_text("renewed")
    assert source.read() == Secret("renewed")
    assert source.describe() == f"file {token_file}"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o620, 0o604])
def test_a_file_that_others_may_use_is_refused_with_the_cure(token_file: Path, mode: int) -> None:
    token_file.chmod(mode)
    with pytest.raises(UserError, match=f"{mode:04o}.*chmod 600") as caught:
        SecretSource.file(token_file).read()
    assert VALUE not in str(caught.value)


def test_a_file_in_a_folder_that_anybody_may_write_to_is_refused(token_file: Path) -> None:
    token_file.parent.chmod(0o777)
    with pytest.raises(UserError, match="chmod o-w"):
        SecretSource.file(token_file).read()


def test_a_link_in_the_file_s_place_is_refused(token_file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(token_file)
    with pytest.raises(UserError, match="symbolic link"):
        SecretSource.file(link).read()


def test_a_pipe_in_the_file_s_place_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(UserError, match="not a regular file"):
        SecretSource.file(tmp_path / "pipe").read()


def python(code: str) -> str:
    return f'{sys.executable} -c "{code}"'


def test_a_command_gives_its_first_line() -> None:
    assert SecretSource.command(python(f"print('{VALUE}'); print('more')")).read() == Secret(VALUE)


def test_a_command_runs_without_a_shell() -> None:
    assert SecretSource.command("echo $HOME; id").read() == Secret("$HOME; id")


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("/nowhere/at-all s3cr3t-value", "cannot be started"),
        ("false s3cr3t-value", "ended with code 1"),
        ("true s3cr3t-value", "it is empty"),
        ("echo 's3cr3t-value", "open quote"),
        (" ", "is empty"),
    ],
)
def test_a_command_that_fails_is_named_without_its_arguments(line: str, what: str) -> None:
    with pytest.raises(UserError, match=what) as caught:
        SecretSource.command(line).read()
    assert VALUE not in str(caught.value)
    assert VALUE not in SecretSource.command(line).describe()


def test_a_command_that_hangs_is_stopped_with_its_children(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(secrets, "COMMAND_SECONDS", 0.2)
    began = time.monotonic()
    with pytest.raises(UserError, match="no answer within"):
        SecretSource.command("sh -c 'sleep 60 & wait'").read()
    assert time.monotonic() - began < 10


def test_a_keyring_entry_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    ring = {("desk", "ada"): VALUE}
    fake = types.ModuleType("keyring")
    fake.get_password = lambda service, user: ring.get((service, user))
    fake.errors = types.ModuleType("keyring.errors")
    fake.errors.KeyringError = RuntimeError
    monkeypatch.setitem(sys.modules, "keyring", fake)
    monkeypatch.setitem(sys.modules, "keyring.errors", fake.errors)

    assert SecretSource.keyring("desk/ada").read() == Secret(VALUE)
    with pytest.raises(UserError, match="keyring set desk bob"):
        SecretSource.keyring("desk/bob").read()


def test_without_the_keyring_package_the_cure_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(UserError, match=r"pip install '\.\[keyring\]'"):
        SecretSource.keyring("desk/ada").read()


def test_a_keyring_entry_has_two_parts() -> None:
    with pytest.raises(UserError, match="service/username"):
        SecretSource.keyring("desk").read()
