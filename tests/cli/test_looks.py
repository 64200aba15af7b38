"""The configuration as it is taken up while the console is open: a real file, edited for real."""

from dataclasses import replace

import pytest

from sla_console.cli.looks import ConfigurationWatch, screen_options
from sla_console.config.load import load_settings

GOOD = '[superops]\nsubdomain = "acme"\n\n[ui]\ntheme = "sla-dark"\n'


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(GOOD)
    return path


@pytest.fixture
def watch(file):
    settings = load_settings(file, {})
    return ConfigurationWatch(
        file, settings, screen_options(settings), lambda: load_settings(file, {})
    )


def edit(watch, file, text):
    """Save another text, and return what comes of it."""
    file.write_text(text)
    return watch()


def test_an_edit_is_taken_up_and_so_is_the_next_one(watch, file):
    """What an edit gives must go on looking: it stands in place of what looked before."""
    light = edit(watch, file, GOOD.replace("sla-dark", "sla-light"))
    assert light.options.theme == "sla-light"
    again = light.options.reload
    assert again() is None
    file.write_text(GOOD.replace("sla-dark", "sla-tritanopia"))
    assert again().options.theme == "sla-tritanopia"


def test_a_broken_edit_names_file_and_line_and_leaves_everything(watch, file):
    found = edit(watch, file, GOOD + "ascii = maybe\n")
    assert found.options is None
    assert f"{file}" in found.fault
    assert "line 6" in found.fault


def test_a_wrong_value_names_file_key_and_line(watch, file):
    found = edit(watch, file, GOOD.replace('"sla-dark"', "7"))
    assert str(file) in found.fault
    assert "ui.theme" in found.fault
    assert "line 5" in found.fault


def test_a_theme_that_there_is_not_names_file_and_line(watch, file):
    found = edit(watch, file, GOOD.replace("sla-dark", "sla-drak"))
    assert found.options is None
    assert str(file) in found.fault
    assert "line 5" in found.fault
    assert "did you mean 'sla-dark'?" in found.fault


def test_mending_it_is_taken_up(watch, file):
    edit(watch, file, "[ui\n")
    assert edit(watch, file, GOOD.replace("sla-dark", "sla-light")).options.theme == "sla-light"


def test_what_only_a_start_takes_up_is_named(watch, file):
    found = edit(watch, file, GOOD.replace("acme", "other"))
    assert found.restart == ("superops.subdomain",)


def test_a_file_that_went_and_came_back_is_read_again(watch, file):
    file.unlink()
    assert watch() is None
    assert edit(watch, file, GOOD.replace("sla-dark", "sla-light")).options.theme == "sla-light"


class TestSigns:
    """Which signs a terminal is trusted with, where the configuration says nothing."""

    @pytest.mark.parametrize(
        ("environ", "ascii_only", "linux"),
        [
            ({"LANG": "en_IE.UTF-8"}, False, False),
            ({"LANG": "C.utf8"}, False, False),
            ({"LC_ALL": "C.UTF-8", "LANG": "C"}, False, False),
            ({"LC_ALL": "C", "LANG": "en_IE.UTF-8"}, True, False),
            ({"LC_CTYPE": "de_DE.ISO-8859-1", "LANG": "de_DE.UTF-8"}, True, False),
            ({"LC_ALL": "", "LANG": "de_DE.UTF-8"}, False, False),
            ({}, True, False),
            ({"TERM": "linux", "LANG": "C.UTF-8"}, False, True),
            ({"TERM": "linux-16color"}, False, True),
            ({"TERM": "xterm-256color", "LANG": "C.UTF-8"}, False, False),
        ],
    )
    def test_the_locale_and_the_terminal_decide(self, file, environ, ascii_only, linux):
        options = screen_options(load_settings(file, {}), environ)
        assert (options.ascii, options.linux) == (ascii_only, linux)

    @pytest.mark.parametrize("environ", [{}, {"TERM": "linux"}, {"LANG": "C.UTF-8"}])
    @pytest.mark.parametrize("wanted", [True, False])
    def test_what_is_written_wins(self, file, environ, wanted):
        file.write_text(GOOD + f"ascii = {str(wanted).lower()}\n")
        options = screen_options(load_settings(file, {}), environ)
        assert (options.ascii, options.linux) == (wanted, False)

    def test_what_was_asked_for_at_the_start_stays_through_an_edit(self, file):
        settings = load_settings(file, {})
        forced = replace(screen_options(settings, {"LANG": "C.UTF-8"}), ascii=True)
        watch = ConfigurationWatch(file, settings, forced, lambda: load_settings(file, {}))
        found = edit(watch, file, GOOD + "ascii = false\n")
        assert found.options.ascii

    def test_what_was_written_at_the_start_does_not(self, file):
        file.write_text(GOOD + "ascii = true\n")
        settings = load_settings(file, {})
        options = screen_options(settings)
        watch = ConfigurationWatch(file, settings, options, lambda: load_settings(file, {}))
        assert not edit(watch, file, GOOD + "ascii = false\n").options.ascii
