"""``config.example.toml`` is complete, true about the defaults, and valid."""

import ast
import inspect
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest

from sla_console.config import (
    alerts,
    base,
    channels,
    contracts,
    escalation,
    hooks,
    log,
    maintenance,
    on_call,
    promises,
    screen,
    settings,
)
from sla_console.config.base import SECRET_SOURCES, SettingsGroup
from sla_console.config.load import load_settings
from sla_console.config.settings import Settings
from sla_console.config.tree import is_group, keys_of

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
FULL = tomllib.loads(re.sub(r"^#(?=[\[a-z])", "", EXAMPLE.read_text(), flags=re.MULTILINE))


def group_in(annotation: Any) -> type[SettingsGroup] | None:
    """The group that a field, or each item of it, is made of."""
    if get_origin(annotation) in {list, dict}:
        annotation = get_args(annotation)[-1]
    return annotation if is_group(annotation) else None


def pairs(
    group: type[SettingsGroup], table: dict[str, Any], at: str = ""
) -> Iterator[tuple[str, Any, Any]]:
    """Every setting of the models with its default and what the example says."""
    for key, field in keys_of(group).items():
        inner = group_in(field.annotation)
        shown = table.get(key)
        if inner is None:
            yield f"{at}{key}", field.get_default(call_default_factory=True), shown
        elif shown is None:
            yield f"{at}{key}", None, None
        else:
            if get_origin(field.annotation) is dict:
                shown = next(iter(shown.values()))
            if get_origin(field.annotation) is list:
                shown = shown[0]
            yield from pairs(inner, shown, f"{at}{key}.")


SETTINGS = list(pairs(Settings, FULL))


def test_the_walk_reaches_every_group() -> None:
    assert len(SETTINGS) > 60
    assert {"policies.escalation.channels", "alerts.channels.url", "calendars.sun"} <= {
        key for key, _, _ in SETTINGS
    }


@pytest.mark.parametrize(("key", "shown"), [(key, shown) for key, _, shown in SETTINGS])
def test_every_setting_is_shown(key: str, shown: Any) -> None:
    assert shown is not None


@pytest.mark.parametrize(
    ("key", "default", "shown"),
    [(*each,) for each in SETTINGS if each[1] is not None and each[1] not in ([], {}, "")],
)
def test_what_is_shown_is_the_default(key: str, default: Any, shown: Any) -> None:
    if key in {"policies.name", "alerts.rules.name", "calendars.timezone"}:
        return  # required: there is no default
    if "Undefined" not in repr(default):
        assert shown == default
        assert type(shown) is type(default)


def test_as_it_stands_it_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(EXAMPLE.read_text())
    assert load_settings(path, {}).model_dump() == Settings().model_dump()


def test_with_everything_switched_on_it_is_valid(tmp_path: Path) -> None:
    """All but the rival sources of one secret, of which only one may stand."""
    lines = []
    for line in EXAMPLE.read_text().splitlines():
        line = re.sub(r"^#(?=[\[a-z])", "", line)  # noqa: PLW2901
        if (
            re.match(r"(token|url)(_file|_command|_keyring)? = ", line)
            and "superops.ai" not in line
        ) or re.match(r"key(_env|_file|_command|_keyring)? = ", line):  # of webhooks alone
            continue
        lines.append(line)
    path = tmp_path / "config.toml"
    path.write_text("\n".join(lines))
    path.chmod(0o600)

    read = load_settings(path, {})

    assert read.superops.subdomain == "acme"
    assert list(read.alerts.channels) == ["team", "manager"]
    assert [policy.name for policy in read.policies_as_domain()] == [
        "Acme urgent",
        "Everybody else",
    ]


@pytest.mark.parametrize("source", SECRET_SOURCES)
def test_each_source_of_the_token_is_valid_alone(source: str, tmp_path: Path) -> None:
    value = FULL["superops"][f"token{source}"]
    path = tmp_path / "config.toml"
    path.write_text(f'[superops]\ntoken{source} = "{value}"\n')
    path.chmod(0o600)
    assert load_settings(path, {}).superops.written_sources() == [f"token{source}"]


def test_every_setting_has_a_docstring() -> None:
    silent = []
    for module in (
        alerts, channels, contracts, escalation, hooks, log, maintenance, on_call, promises, screen,
        settings, base,
    ):  # fmt: skip
        for node in ast.parse(inspect.getsource(module)).body:
            if not isinstance(node, ast.ClassDef) or node.name == "ChannelPieces":
                continue
            for field, after in zip(node.body, [*node.body[1:], None], strict=True):
                if not isinstance(field, ast.AnnAssign) or field.target.id.startswith("_"):
                    continue
                told = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
                if not told and not ast.unparse(field.annotation).startswith("ClassVar"):
                    silent.append(f"{node.name}.{field.target.id}")
    assert not silent
