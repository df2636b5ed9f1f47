import re

import pytest
from layerscope.analysis.analyze import Analysis
from layerscope.tui import keymap
from layerscope.tui.app import Explorer
from layerscope.tui.explorer import ExplorerScreen
from layerscope.tui.file_tree import FileTree
from layerscope.tui.keymap import KeymapError, parse_keys, spell
from layerscope.tui.lines import Lines
from layerscope.tui.settings import Settings
from textual.binding import Binding
from textual.dom import DOMNode
from textual.widgets import Input

from tests.tui.screens import screen_text


def owner(name: str) -> type[DOMNode]:
    return next(action.owner for action in keymap.actions() if action.id == name)


def test_actions_are_found_in_the_app_its_screens_and_its_widgets() -> None:
    assert [owner(name) for name in ("leave_at_once", "filter", "expand_below", "up")] == [
        Explorer,
        ExplorerScreen,
        FileTree,
        Lines,
    ]
    found = next(action for action in keymap.actions() if action.id == "filter")
    assert (found.keys, found.description) == (("slash", "ctrl+f"), "Filter")


def test_every_binding_of_the_explorer_can_be_remapped_and_explained() -> None:
    for action in keymap.actions():
        for binding in Binding.make_bindings(action.owner.__dict__["BINDINGS"]):
            assert binding.id is not None, (action.owner, binding)
            assert re.fullmatch("[a-z_]+", binding.id), binding
            assert binding.description, binding


def test_no_two_actions_share_an_id() -> None:
    names = [action.id for action in keymap.actions()]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("F", "F"),
        ("/", "slash"),
        ("slash", "slash"),
        (",", "comma"),
        ("+", "plus"),
        ("-", "minus"),
        ("[", "left_square_bracket"),
        ("é", "é"),
        ("space", "space"),
        ("pageup", "pageup"),
        ("f12", "f12"),
        ("ctrl+e", "ctrl+e"),
        ("ctrl++", "ctrl+plus"),
        ("ctrl+/", "ctrl+slash"),
        ("shift+ctrl+left", "ctrl+shift+left"),
        ("shift+f", "F"),
    ],
)
def test_a_key_is_written_as_people_write_it(written: str, named: str) -> None:
    assert parse_keys(written) == (named,)
    assert parse_keys(spell(named)) == (named,)


def test_control_and_space_has_two_names_one_from_most_terminals_one_from_others() -> None:
    assert parse_keys("ctrl+space") == parse_keys("ctrl+@") == ("ctrl+@", "ctrl+space")
    assert spell("ctrl+@") == "ctrl+space"


NO_KEYS = (
    "", " ", "a b", "ctrl+", "+a", "++", "ctrl+ctrl+a", "crtl+a", "pgup", "f99", "\x1b", "\n", "\udcff",
    "ctrl+F",
)  # fmt: skip


@pytest.mark.parametrize("text", NO_KEYS)
def test_what_no_terminal_sends_is_no_key(text: str) -> None:
    with pytest.raises(KeymapError, match="is no key"):
        parse_keys(text)


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("pgup", "did you mean 'pageup'?"),
        ("ctrl+escap", "did you mean 'ctrl+escape'?"),
        ("alt+F", "letters are small: 'alt+f'"),
    ],
)
def test_what_is_no_key_is_told_what_is(text: str, allowed: str) -> None:
    with pytest.raises(KeymapError) as wrong:
        parse_keys(text)
    assert wrong.value.allowed.endswith(allowed)


def test_an_unknown_id_is_told_the_closest_and_all_there_are() -> None:
    with pytest.raises(KeymapError, match="there is no binding 'filtr'") as wrong:
        keymap.check({"filtr": ("Z",)})
    assert wrong.value.allowed.startswith("did you mean filter? one of ")
    assert "expand_below" in wrong.value.allowed


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"filter": ("w",)}, "filter: 'w' is the key of waste too, on ExplorerScreen"),
        ({"filter": ("j",)}, "filter: 'j' is the key of down too, on ExplorerScreen"),
        ({"down": ("/",)}, None),
        ({"down": ("slash",)}, "down: '/' is the key of compare_filter too, on CompareScreen"),
        ({"filter": ("Z",), "waste": ("Z",)}, "filter: 'Z' is the key of waste too, on ExplorerScreen"),
        ({"filter": ("ctrl+i",)}, "filter: 'tab' is the key of next_pane too, on ExplorerScreen"),
        ({"filter": ("ctrl+c",)}, "filter: 'ctrl+c' is the key of leave_at_once too, on ExplorerScreen"),
        ({"filter": ("ctrl+p",)}, "filter: 'ctrl+p' opens the palette on every screen"),
        ({"filter": ("Z",)}, None),
        ({"filter": ("w",), "waste": ("slash",)}, None),
        ({"filter": ("slash", "Z")}, None),
    ],
)
def test_a_key_can_mean_one_thing_only_wherever_the_focus_is(
    wish: dict[str, tuple[str, ...]], message: str | None
) -> None:
    if message is None:
        keymap.check(wish)
    else:
        with pytest.raises(KeymapError) as wrong:
            keymap.check(wish)
        assert str(wrong.value) == message


def test_a_clash_names_keys_that_are_free() -> None:
    with pytest.raises(KeymapError) as wrong:
        keymap.check({"filter": ("w",)})
    free = wrong.value.allowed.rpartition("of the letters ")[2].partition(" are free")[0].split()
    assert "Z" in free
    assert not {"w", "j", "q", "E"} & set(free)


# In the explorer.


async def test_a_key_of_the_screen_can_be_another(demo: Analysis) -> None:
    app = Explorer(demo, Settings(keys={"filter": "Z"}))
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.pause()
        await pilot.press("slash", "ctrl+f")
        assert not app.screen.query_one("#filter", Input).has_focus
        await pilot.press("Z")
        assert app.screen.query_one("#filter", Input).has_focus


async def test_footer_and_help_show_the_key_it_is_now(demo: Analysis) -> None:
    app = Explorer(demo, Settings(keys={"filter": "Z,ctrl+g"}))
    async with app.run_test(size=(100, 60)) as pilot:
        await pilot.pause()
        assert "Z Filter" in " ".join(screen_text(app).splitlines()[-1].split())
        active = app.screen.active_bindings
        assert {key for key in active if active[key].binding.action == "filter"} == {"Z", "ctrl+g"}
        await pilot.press("question_mark")
        await pilot.pause()
        assert re.search(r"Z  \^g +Filter", screen_text(app))


async def test_keys_of_lists_can_be_others_in_every_list(demo: Analysis) -> None:
    app = Explorer(demo, Settings(keys={"up": "z,ctrl+t", "expand_below": "Z"}))
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.pause()
        assert isinstance(app.screen, ExplorerScreen)
        layers, files = app.screen.layer_list, app.screen.files
        before = layers.cursor
        await pilot.press("up", "k")
        assert layers.cursor == before
        await pilot.press("z", "ctrl+t")
        assert layers.cursor == before - 2
        await pilot.press("tab", "tab", "home", "E")
        rows = files.count()
        await pilot.press("Z")
        assert files.count() > rows


async def test_two_actions_can_change_places(demo: Analysis) -> None:
    app = Explorer(demo, Settings(keys={"scope": "u", "units": "a"}))
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.pause()
        assert isinstance(app.screen, ExplorerScreen)
        scope = app.screen.scope
        await pilot.press("a")
        assert (app.look.binary_units, app.screen.scope) == (True, scope)
        await pilot.press("u")
        assert app.look.binary_units
        assert app.screen.scope is not scope


async def test_a_remapped_key_is_still_typed_into_the_filter(demo: Analysis) -> None:
    app = Explorer(demo, Settings(keys={"filter": "Z"}))
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.pause()
        await pilot.press("Z", "Z", "/")
        assert app.screen.query_one("#filter", Input).value == "Z/"
