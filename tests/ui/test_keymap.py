"""A person's own keys: they win, and what cannot be is told of at start."""

from dataclasses import replace

import pytest

from sla_console.ui.actions.action import spellings
from sla_console.ui.actions.catalogue import EVERY
from sla_console.ui.actions.keymap import Keymap
from sla_console.ui.app import ConsoleApp
from sla_console.ui.dialogs.form import FormDialog


@pytest.fixture
def with_keys(link, clock, options):
    return lambda **keys: ConsoleApp(
        link,
        clock,
        "Sam",
        replace(options, keys={name.replace("_", ".", 1): keys[name] for name in keys}),
    )


async def test_another_key_takes_the_place_of_the_first(with_keys, screen_text):
    app = with_keys(ticket_acknowledge=("x", "f5"))
    async with app.run_test(size=(120, 30)) as pilot:
        assert "x Ack" in screen_text(app)
        await pilot.press("a")
        await pilot.pause()
        assert app.screen is app.view
        for key in ("x", "f5"):
            await pilot.press(key)
            await pilot.pause()
            assert isinstance(app.screen, FormDialog)
            await pilot.press("escape")


async def test_an_action_without_a_key_has_none_and_the_palette_still_runs_it(
    with_keys, screen_text
):
    app = with_keys(view_pause=())
    async with app.run_test(size=(120, 30)) as pilot:
        assert "Pause" not in screen_text(app)
        await pilot.press("p")
        await pilot.pause()
        assert "paused" not in screen_text(app)
        await pilot.press("ctrl+p", *"pause")
        await pilot.pause(0.3)
        await pilot.press("down", "enter")
        await pilot.pause()
        assert "order paused" in screen_text(app)


async def test_two_actions_change_places(with_keys, link):
    app = with_keys(ticket_acknowledge=("e",), ticket_escalate=("a",))
    async with app.run_test() as pilot:
        await pilot.press("e", "enter")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert [call[0] for call in link.service.calls] == ["acknowledge"]


@pytest.mark.slow
async def test_a_clash_is_told_at_start_with_both_names_and_the_console_starts(
    with_keys, screen_text
):
    app = with_keys(ticket_note=("a",))
    async with app.run_test(size=(140, 40), notifications=True) as pilot:
        await pilot.pause()
        told = " ".join(screen_text(app).split())
        assert "'ticket.note' (Note)" in told
        assert "'ticket.acknowledge' (Ack), which has no key now" in told
        await pilot.press("n")
        await pilot.pause()
        assert app.screen is app.view
        await pilot.press("a")  # what a person wrote wins
        await pilot.pause()
        assert "Private note" in screen_text(app)


def test_of_several_keys_only_the_one_that_clashes_is_lost():
    keymap = Keymap.of({"ticket.note": ("?", "f7")})
    assert keymap.keys["ticket.note"] == ("?", "f7")
    assert keymap.keys["app.help"] == ("f1",)
    assert "'app.help' (Help), which has f1 now" in keymap.faults[0]


def test_a_key_may_mean_two_things_in_two_places_but_not_in_one():
    assert Keymap.of({"view.hours": ("x",)}).faults == ()
    (fault,) = Keymap.of({"ticket.note": ("x",)}).faults
    assert "'detail.explain' (Explain), which has no key now" in fault


async def test_in_a_ticket_and_in_the_help_a_persons_own_keys_work_too(with_keys, screen_text):
    app = with_keys(**{"detail_what-if": ("f9",), "move_down": ("f10",), "app_help": ("f4",)})
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "F9 what if" in screen_text(app).replace("f9", "F9")
        await pilot.press("f9")
        await pilot.pause()
        assert isinstance(app.screen, FormDialog)
        await pilot.press("escape", "escape", "f4", "f10", "f10")
        await pilot.pause()
        assert app.screen.scrolled.scroll_offset.y == 2
        await pilot.press("f4")
        await pilot.pause()
        assert app.screen is app.view


@pytest.mark.parametrize(
    ("name", "key", "words"),
    [
        ("ticket.acknowlege", "x", "did you mean 'ticket.acknowledge'?"),
        ("zzz", "x", "'sla-console keys' lists them"),
        ("ticket.note", "hyper+x", "'hyper+x' is not a key"),
        ("ticket.note", "nokey", "'nokey' is not a key"),
        ("ticket.note", "ctrl+h", "deliver 'ctrl+h' as backspace"),
        ("ticket.note", "ctrl+i", "deliver 'ctrl+i' as tab"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_changes_nothing(name, key, words):
    keymap = Keymap.of({name: (key,)})
    assert words in keymap.faults[0]
    assert len(keymap.faults) == 1
    assert keymap.keys == Keymap().keys
    assert keymap.for_textual() == {}


def test_of_two_that_want_one_key_neither_gets_that_of_a_third():
    keymap = Keymap.of({"ticket.note": ("f7",), "ticket.assign": ("f7",)})
    assert len(keymap.faults) == 1
    owners = [name for name, keys in keymap.keys.items() if "f7" in keys]
    assert len(owners) == 1


def test_every_default_key_is_one_that_terminals_deliver():
    for action in EVERY:
        for key in action.keys:
            assert spellings(key)


@pytest.mark.parametrize(
    ("written", "named"),
    [("A", ("A", "shift+a")), ("shift+a", ("A", "shift+a")), ("/", ("slash",)),
     ("ctrl+P", ("ctrl+p",)), ("+", ("plus",)), ("pgdn", ("pagedown",)), ("Space", ("space",)),
     ("F5", ("f5",)), ("ü", ("ü",))],
)  # fmt: skip
def test_keys_are_read_as_people_write_them(written, named):
    assert spellings(written) == named
