"""Colours: readable, told apart by every kind of eye, and a person's own checked before use."""

import itertools
from dataclasses import replace

import pytest
from textual.color import Color

from sla_console.domain.errors import UserError
from sla_console.ui.app import ConsoleApp
from sla_console.ui.run import run_console
from sla_console.ui.session.theme_files import ThemeFolder, contrast
from sla_console.ui.session.themes import OWN_THEMES

# G. M. Machado, M. M. Oliveira, L. A. F. Fernandes, 2009, severity 1.0, of linear light.
SEEN_BY = {
    "sla-deuteranopia": (
        (0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "sla-tritanopia": (
        (1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}  # fmt: skip
STATES = ("sla-breached", "sla-urgent", "sla-risk", "sla-ok", "sla-held", "sla-acked")
OWN = {theme.name: theme for theme in OWN_THEMES}


def lab(colour: str, matrix) -> tuple[float, float, float]:
    """CIE L*a*b* of a colour as an eye with this matrix sees it."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
              for c in (part / 255 for part in Color.parse(colour).rgb)]  # fmt: skip
    r, g, b = (min(1.0, max(0.0, sum(m * c for m, c in zip(row, linear, strict=True))))
               for row in matrix)  # fmt: skip
    x = (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    z = (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883
    fx, fy, fz = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def least_distance(theme, matrix) -> float:
    seen = [lab(theme.variables[name], matrix) for name in STATES]
    return min(
        sum((p - q) ** 2 for p, q in zip(a, b, strict=True)) ** 0.5
        for a, b in itertools.combinations(seen, 2)
    )


@pytest.mark.parametrize("name", SEEN_BY)
def test_those_who_see_other_colours_still_tell_every_state_from_every_other(name):
    matrix = SEEN_BY[name]
    assert least_distance(OWN[name], matrix) > 30
    assert least_distance(OWN["sla-dark"], matrix) < 30  # so it is not for nothing


@pytest.mark.parametrize("name", ["sla-contrast-dark", "sla-contrast-light"])
def test_high_contrast_means_seven_to_one_for_everything_that_is_read(name):
    theme = OWN[name]
    background = Color.parse(theme.background)
    for meaning, value in {**theme.variables, "text": theme.foreground}.items():
        if meaning != "sla-rule":
            assert contrast(Color.parse(value), background) >= 7, meaning


@pytest.mark.parametrize("theme", OWN_THEMES, ids=lambda theme: theme.name)
def test_every_shade_is_one_that_terminals_of_256_colours_have(theme):
    steps = {0, 0x5F, 0x87, 0xAF, 0xD7, 0xFF}
    greys = {8 + 10 * n for n in range(24)}
    for value in (*theme.variables.values(), theme.background, theme.foreground, theme.panel):
        r, g, b = Color.parse(value).rgb
        assert {r, g, b} <= steps or (r == g == b and r in greys), value


class TestFiles:
    @pytest.fixture
    def folder(self, tmp_path):
        (tmp_path / "themes").mkdir()
        return tmp_path / "themes"

    def test_what_is_not_said_is_as_in_the_theme_it_inherits(self, folder):
        (folder / "night.toml").write_text('inherits = "sla-light"\nbreached = "#870000"\n')
        (theme,) = ThemeFolder(folder).load().themes
        assert theme.name == "night"
        assert theme.variables["sla-breached"] == "#870000"
        assert theme.variables["sla-ok"] == OWN["sla-light"].variables["sla-ok"]
        assert theme.background == OWN["sla-light"].background
        assert not theme.dark

    @pytest.mark.parametrize(
        ("name", "text", "words"),
        [
            ("night", 'breeched = "red"', ["breeched", "did you mean 'breached'?"]),
            ("night", 'breached = "rot"', ["breached", "found 'rot'", 'such as "#ff5f5f"']),
            ("night", "breached = 3", ["breached", "found 3"]),
            ("night", 'inherits = "nord"', ["inherits", "found 'nord'", "sla-dark"]),
            ("night", 'dark = "yes"', ["dark", "expected true or false"]),
            ("night", 'ok = "#222222"', ["ok", "contrast of", "expected 3 or more"]),
            ("night", "breached = =\n", ["no TOML", "line 1"]),
            ("nord", "", ["'nord' is a theme already"]),
            ("sla-dark", "", ["is a theme already"]),
        ],
    )
    def test_each_mistake_is_one_sentence_and_the_others_still_work(
        self, folder, name, text, words
    ):
        (folder / f"{name}.toml").write_text(text)
        (folder / "fine.toml").write_text("")
        loaded = ThemeFolder(folder).load()
        assert [theme.name for theme in loaded.themes] == ["fine"]
        (fault,) = loaded.faults
        for word in (f"{name}.toml", *words):
            assert word in fault
        assert fault.count("\n") == 0

    def test_bytes_that_are_no_text_and_a_missing_folder(self, folder):
        (folder / "x.toml").write_bytes(b"\xff\xfe\x00")
        assert "not UTF-8" in ThemeFolder(folder).load().faults[0]
        assert ThemeFolder(folder / "none").load().faults == ()

    async def test_it_is_taken_up_while_somebody_works_on_it(
        self, folder, link, clock, options, monkeypatch
    ):
        path = folder / "night.toml"
        path.write_text('accent = "#00ffff"\n')
        app = ConsoleApp(link, clock, "Sam", replace(options, themes=folder, theme="night"))

        async def look(pilot) -> None:
            app._keeper._look()
            await app.workers.wait_for_complete()
            await pilot.pause()

        async with app.run_test(notifications=True) as pilot:
            await pilot.pause()
            assert app.theme == "night"
            assert app.theme_variables["sla-accent"] == "#00FFFF"
            path.write_text('accent = "#ff00ff" # another\n')
            await look(pilot)
            assert app.theme_variables["sla-accent"] == "#FF00FF"
            path.write_text('accent = "no colour"\n')
            await look(pilot)
            assert app.theme_variables["sla-accent"] == "#FF00FF"  # what there was stays
            assert "expected a colour" in " ".join(n.message for n in app._notifications)

    def test_a_configured_theme_whose_file_is_wrong_says_what_is_wrong(
        self, folder, link, clock, options, monkeypatch
    ):
        for name in ("NO_COLOR", "TEXTUAL_THEME", "TEXTUAL_FPS"):
            monkeypatch.delenv(name, raising=False)
        (folder / "night.toml").write_text('ok = "mud"')
        with pytest.raises(UserError, match=r"night\.toml: ok: found 'mud'"):
            run_console(link, clock, "Sam", replace(options, themes=folder, theme="night"))
        with pytest.raises(UserError, match="no theme 'nigth'"):
            run_console(link, clock, "Sam", replace(options, themes=folder, theme="nigth"))
