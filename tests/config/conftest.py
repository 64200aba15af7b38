"""A configuration file written for one test, and what the console says about it."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from sla_console.config.load import load_settings
from sla_console.config.settings import Settings
from sla_console.domain.errors import UserError

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes ``config.toml`` and returns its path."""

    def write_file(text: str | bytes, mode: int = 0o600) -> Path:
        path = tmp_path / "config.toml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        path.chmod(mode)
        return path

    return write_file


@pytest.fixture
def load(write: Write) -> Callable[..., Settings]:
    """Reads settings from text."""

    def load_text(text: str, environ: Mapping[str, str] | None = None) -> Settings:
        return load_settings(write(text), environ or {})

    return load_text


@pytest.fixture
def refused(write: Write) -> Callable[..., str]:
    """Returns the sentence that refuses a text, having checked that it is one line."""

    def refuse(
        text: str | bytes, environ: Mapping[str, str] | None = None, mode: int = 0o600
    ) -> str:
        path = write(text, mode)
        with pytest.raises(UserError) as caught:
            load_settings(path, environ or {})
        sentence = str(caught.value)
        assert "\n" not in sentence
        assert caught.value.__cause__ is None
        return sentence.replace(str(path), "FILE")

    return refuse
