"""Every key that the last line or the help of a screen shows does something there.

`CASES` says for every screen and binding what comes before the key, so that it matters. A binding without an
entry fails `test_every_binding_has_a_case`.
"""

import contextlib
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import layerscope.tui.app
import pytest
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.findings.finding import Evidence, Finding, Severity
from layerscope.analysis.model import HistoryStep, LocalImage, LocalImages
from layerscope.errors import LayerscopeError
from layerscope.tui import keymap
from layerscope.tui.app import Explorer
from layerscope.tui.boxes import Boxes
from layerscope.tui.explorer import ExplorerScreen
from layerscope.tui.help import HelpPanel, active_keys
from layerscope.tui.lines import Lines
from layerscope.tui.picker import PickerScreen
from layerscope.tui.session import Jump, Session
from layerscope.tui.settings import Settings
from textual.dom import DOMNode
from textual.pilot import Pilot
from textual.widgets import Input

from tests import models
from tests.tui.driving import Text, idle, press, settle
from tests.tui.files import layer, with_findings
from tests.tui.screens import screen_text

LONG = b"".join(b"line %d %s\n" % (number, b"wide " * 24) for number in range(45))
CHANGED = LONG.replace(b"line 3 ", b"line three ").replace(b"line 40 ", b"line forty ")
MANY = [(f"var/many-{number:02}", b"x" * (number + 1)) for number in range(40)]
INSTALLED = b"\n".join(b"P:p%d\nV:1\nF:usr\nR:p%d\n" % (number, number) for number in range(40))
PACKAGES = [("lib/apk/db/installed", INSTALLED), *((f"usr/p{number}", b"p" * 50) for number in range(40))]
GONE = [f"var/.wh.many-{number:02}" for number in range(40)]
STEPS = tuple(HistoryStep(created_by=f"RUN step {number} " + "&& true " * 60) for number in range(3))
IMAGE = replace(
    models.image(
        layer(("etc/conf", LONG), ("etc/other", b"1"), ("usr/a", b"a" * 900), ("usr/b", b"b" * 800), *MANY),
        layer(("etc/conf", CHANGED), ("etc/new", b"n" * 50), ("opt/x", b"x" * 700), ("srv/x", b"x" * 700)),
        layer(*GONE, ("etc/new", b"m" * 60), *PACKAGES),
        history=STEPS,
    ),
    config={"Env": ["TOKEN=secret", *(f"NAME_{number}=value" for number in range(40))]},
)
FINDINGS = tuple(
    Finding(
        f"found-{number}",
        f"The {number}th thing",
        Severity.MEDIUM,
        (1,),
        tuple(Evidence(b"usr/a", 900, 1, 0) for _ in range(number)),
        0,
        900,
        "It is so. It need not be.",
        "RUN less",
    )
    for number in range(1, 30)
)
OTHER = with_findings(
    analyze(
        models.image(
            layer(("etc/conf", CHANGED), *((f"opt/{number}", b"o" * number) for number in range(40))),
            *(layer((f"srv/{number}", b"s")) for number in range(40)),
            history=tuple(
                HistoryStep(created_by=f"RUN old {number} " + "&& false " * 90) for number in range(41)
            ),
        )
    )
)
"""What the image is compared with."""
CONF = Jump(1, b"etc/conf")
LOCAL = [LocalImage(f"docker://app:{n}", f"app:{n}", f"sha256:{n:064}", n, n, "Docker") for n in range(60)]


class Watched(Explorer):
    """Notes what it cannot do in a test, and does not end."""

    CSS_PATH = str(Path(layerscope.tui.app.__file__).with_name("app.tcss"))
    did: tuple[str, ...] = ()
    is_new = True
    """Whether nothing has happened to the main screen that is there first."""

    def exit(self, *_args: Any, **_more: Any) -> None:
        self.did += ("exit",)

    @contextlib.contextmanager
    def suspend(self) -> Iterator[None]:
        self.did += ("suspend",)
        yield


class Way(NamedTuple):
    """How to get to a screen from the one that is there first."""

    keys: tuple[str, ...] = ()
    at: Jump | None = None


SCREENS = {
    "main": Way(at=None),
    "files": Way(at=Jump(1, b"etc")),
    "filter": Way(("slash", Text("e")), Jump(1, b"etc")),
    "waste": Way(("w",)),
    "waste filter": Way(("w", "slash", Text("many"))),
    "findings": Way(("F",)),
    "finding": Way(("F", "tab")),
    "packages": Way(("p",)),
    "packages filter": Way(("p", "slash", Text("a"))),
    "what if": Way(("F", "W")),
    "compare": Way(("D",)),
    "compare files": Way(("D", "tab", "tab", "tab")),
    "compare filter": Way(("D", "slash", Text("e"))),
    "compare ask": Way(("D",)),
    "treemap": Way(("t",)),
    "history": Way(("H",)),
    "image": Way(("I",)),
    "find": Way(("f", Text("many"))),
    "found": Way(("f", Text("many"), "enter")),
    "viewer": Way(("v",), CONF),
    "search": Way(("v", "slash", Text("line 1")), CONF),
    "diff": Way(("d",), CONF),
    "help": Way(("question_mark",)),
    "explain": Way(("i",)),
    "extract": Way(("x",), CONF),
    "export": Way(("e",)),
    "pager": Way(("o",), CONF),
    "picker": Way(),
    "loading": Way(),
    "failure": Way(),
}

LIST: dict[str, tuple[str, ...]] = {
    "up": ("end",),
    "down": ("home",),
    "page_up": ("end",),
    "page_down": ("home",),
    "first": ("end",),
    "last": ("home",),
}
"""Of every list; what it does with a line that is chosen differs."""
SHEET: dict[str, tuple[str, ...]] = {"scroll_left": ("right",), "scroll_right": ()}
LEAVING: dict[str, tuple[str, ...]] = {"leave_at_once": (), "help": ()}
TYPING: dict[str, tuple[str, ...]] = {"leave_at_once": (), "help": ()}
MAIN: dict[str, tuple[str, ...]] = {
    **LEAVING,
    "expand_all": (),
    "columns": (),
    "next_pane": (),
    "previous_pane": (),
    "previous_layer": ("right_square_bracket",),
    "next_layer": ("left_square_bracket",),
    "scope": ("right_square_bracket",),
    "scope_changes": ("right_square_bracket", "a"),
    "scope_up_to": ("right_square_bracket",),
    "filter": (),
    "clear_filter": ("slash", Text("e"), "enter"),
    "sort": (),
    "reverse": (),
    "kind_added": ("left_square_bracket",) * 2,
    "kind_changed": ("1",),
    "kind_metadata": ("2",),
    "kind_removed": ("3",),
    "kind_unchanged": ("4",),
    "next_change": ("5",),
    "previous_change": ("n", "n"),
    "bars": (),
    "units": (),
    "waste": (),
    "findings": (),
    "packages": (),
    "compare": (),
    "treemap": (),
    "history": (),
    "image": (),
    "find": (),
    "view": (),
    "diff": (),
    "pager": (),
    "extract": (),
    "copy_path": (),
    "copy_command": (),
    "export": (),
    "explain": (),
    "quit": (),
}

OWN_KEYS = {action.id: action.keys[0] for action in keymap.actions()}

CASES: dict[str, dict[str, tuple[str, ...]]] = {
    "main": {**MAIN, **LIST, "choose": ()},
    "files": {
        **LIST,
        "choose": (),
        "left": ("right",),
        "right": (),
        "open_close": ("home",),
        "copy_path": (),
        "extract": (),
        "explain": (),
        "expand_below": ("C",),
        "collapse_all": ("E",),
    },
    "filter": {
        **TYPING,
        "scope_changes": ("escape", "a", "slash", Text("e")),
        "sort": (),
        "columns": (),
        "keep_filter": (),
        "clear_filter": (),
        "next_pane": (),
        "previous_pane": (),
    },
    "waste": {
        **LEAVING,
        **LIST,
        "group_choose": (),
        "group_left": ("tab", "right", "down"),
        "group_right": ("tab",),
        "group_open_close": ("tab",),
        "group_back": (),
        "waste_leave": (),
        "group_next": (),
        "group_previous": (),
        "group_filter": (),
    },
    "waste filter": {
        **TYPING,
        "group_back": (),
        "group_next": (),
        "group_previous": (),
        "group_to_list": (),
    },
    "findings": {
        **LEAVING,
        **LIST,
        "finding_choose": (),
        "finding_mark": (),
        "finding_mark_all": (),
        "finding_what_if": (),
        "finding_pane": (),
        "finding_copy": (),
        "findings_back": (),
        "findings_leave": (),
    },
    "finding": {
        **LEAVING,
        **LIST,
        "finding_place": (),
        "finding_mark": (),
        "finding_mark_all": (),
        "finding_what_if": (),
        "finding_pane": (),
        "finding_copy": (),
        "findings_back": (),
        "findings_leave": (),
    },
    "packages": {
        **LEAVING,
        **LIST,
        "group_choose": (),
        "group_left": ("tab", "right", "down"),
        "group_right": ("tab",),
        "group_open_close": (),
        "group_back": (),
        "packages_leave": (),
        "group_next": (),
        "group_previous": (),
        "group_filter": (),
        "packages_copy": (),
    },
    "packages filter": {
        **TYPING,
        "group_back": (),
        "group_next": (),
        "group_previous": (),
        "group_to_list": (),
    },
    "what if": {"close_panel": (), "close_what_if": (), "help_panel": ()},
    "compare": {
        **LEAVING,
        **LIST,
        "compare_choose": (),
        "compare_next": (),
        "compare_previous": (),
        "compare_filter": (),
        "compare_details_down": ("tab", "tab", "tab", "tab", "tab"),
        "compare_details_up": ("J",),
        "compare_copy": (),
        "compare_other": (),
        "compare_back": (),
        "compare_leave": (),
    },
    "compare files": {"compare_diff": (), "compare_choose": ()},
    "compare filter": {
        **TYPING,
        "compare_next": (),
        "compare_previous": (),
        "compare_to_list": (),
        "compare_back": (),
    },
    "compare ask": {"cancel_compare": (), "help_panel": ()},
    "treemap": {
        **LEAVING,
        "box_above": ("right", "down"),
        "box_below": ("right",),
        "box_left": ("right",),
        "box_right": (),
        "open_box": (),
        "treemap_up": ("enter",),
        "treemap_colours": (),
        "treemap_show": (),
        "treemap_close": (),
    },
    "history": {
        **LEAVING,
        **LIST,
        "choose": (),
        "history_reverse": (),
        "history_copy": (),
        "history_close": (),
    },
    "image": {**LEAVING, **LIST, "image_mask": (), "image_copy": ("home",), "image_close": ()},
    "find": {**TYPING, "find_list": (), "find_close": ()},
    "found": {**LEAVING, **LIST, "choose": (), "find_name": (), "find_sort": (), "find_close": ()},
    "viewer": {
        **LEAVING,
        **LIST,
        **SHEET,
        "leave_viewer": (),
        "close_viewer": (),
        "hex": (),
        "search_file": (),
        "next_match": ("slash", Text("line 1"), "enter"),
        "previous_match": ("slash", Text("line 1"), "enter"),
        "view_in_pager": (),
        "copy_viewed_path": (),
    },
    "search": {**TYPING, "leave_viewer": ()},
    "diff": {
        **LEAVING,
        **LIST,
        **SHEET,
        "leave_diff": (),
        "close_diff": (),
        "next_hunk": (),
        "previous_hunk": ("end",),
        "copy_compared_path": (),
    },
    "help": {"close_panel": (), "close_help": ()},
    "explain": {"close_panel": (), "close_sums": (), "help_panel": ()},
    "extract": {"cancel_extract": (), "help_panel": ()},
    "export": {"cancel_export": (), "previous_format": (), "next_format": (), "help_panel": ()},
    "pager": {"cancel_pager": ()},
    "picker": {
        **TYPING,
        "open_image": (),
        "image_up": ("pagedown",),
        "image_down": (),
        "image_page_up": ("pagedown",),
        "image_page_down": (),
        "leave_images": (),
    },
    "loading": {"cancel": (), "leave_at_once": (), "help": ()},
    "failure": {"leave": (), "leave_at_once": (), "help": ()},
}
RELEASED = threading.Event()
"""What was kept waiting may go on."""


MEANT = {
    ("enter", "keep_filter", "choose"),  # one while a filter is typed, the other in a list
    ("down", "find_list", "down"),  # from the line to the list, and in the list
    ("down", "group_to_list", "down"),
    ("down", "group_to_list", "down"),
    ("down", "compare_to_list", "down"),
    ("enter", "open_image", "choose"),  # the list under the line never has the focus
    ("up", "image_up", "up"),
    ("down", "image_down", "down"),
    ("pageup", "image_page_up", "page_up"),
    ("pagedown", "image_page_down", "page_down"),
}
"""Keys that mean one thing to a screen and another to a list on it."""


def blocked(_progress: Any) -> Analysis:
    """A reading that is never over."""
    RELEASED.wait(20)
    raise LayerscopeError("released")


def failing(_progress: Any) -> Analysis:
    raise LayerscopeError("it is not an image", "Take another.")


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    return with_findings(analyze(IMAGE, keep_past=True), *FINDINGS)


@pytest.fixture(autouse=True)
def _no_pager(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    RELEASED.clear()
    monkeypatch.setattr("layerscope.tui.pager.run_pager", lambda *_: None)
    yield
    RELEASED.set()


@contextlib.asynccontextmanager
async def running(analysis: Analysis, screen: str) -> AsyncIterator[Pilot[Any]]:
    """The explorer, with one of what it is made for."""
    source = {"loading": blocked, "failure": failing}.get(screen, analysis)
    app = Watched(source, Settings(pager=(sys.executable,)), reference="test")
    async with app.run_test(size=(120, 30), notifications=True) as pilot:
        await idle(pilot)
        yield pilot
        RELEASED.set()


async def go_to(pilot: Pilot[Any], screen: str, analysis: Analysis) -> None:
    """To a screen from a main screen that nothing has happened to, everything there."""
    app, way = pilot.app, SCREENS[screen]
    assert isinstance(app, Watched)
    if screen not in ("loading", "failure"):
        while len(app.screen_stack) > 2:
            app.pop_screen()
        for name in ("waste", "findings", "packages", "comparison", "find"):
            if app.is_screen_installed(name):
                app.uninstall_screen(name)
        app.clear_notifications()
        app.copy_to_clipboard("")
        app.theme, app.did = "textual-dark", ()
        if not app.is_new:
            app.switch_screen(ExplorerScreen(Session(analysis, pager=(sys.executable,)).prepare()))
            await idle(pilot)
        app.is_new = False
        assert isinstance(app.screen, ExplorerScreen)
        app.screen.jump(way.at)
        session = app.screen.session
        session.load = lambda *_: analysis
        session.before = OTHER if screen in ("compare", "compare files", "compare filter") else None
        for key in way.keys:
            await press(pilot, key)
            if screen != "pager":
                await settle(pilot)
    if screen == "picker":
        app.push_screen(PickerScreen(lambda: LocalImages(LOCAL, ()), app.look))
        while "asking" in screen_text(app):
            await pilot.pause(0.01)
    while app.screen.id == "_default":
        await pilot.pause(0.01)
    if screen not in ("loading", "pager"):
        await settle(pilot)


def shown(app: Explorer) -> dict[str, str]:
    """What the last line and the help say of this package's bindings: by id, a key that does it."""
    told = {key.says for key in active_keys(app.screen)}
    found: dict[str, str] = {}
    for key, active in app.screen.active_bindings.items():
        binding = active.binding
        if active.enabled and binding.id and (binding.tooltip or binding.description) in told:
            found.setdefault(binding.id, key)
    return found


def state(app: Watched) -> tuple[object, ...]:
    """All that a user would notice."""
    return (
        app.did,
        app.clipboard,
        [type(screen) for screen in app.screen_stack],
        app.focused and app.focused.id,
        [(one.cursor, one.scroll_offset, getattr(one, "left", 0)) for one in app.screen.query(Lines)],
        [one.box for one in app.screen.query(Boxes)],
        screen_text(app),
    )


@pytest.mark.parametrize("screen", SCREENS)
async def test_every_key_that_is_shown_does_something(
    analysis: Analysis, screen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if screen == "pager":
        monkeypatch.setattr("layerscope.tui.pager.write", lambda *_: RELEASED.wait(20))
    useless = []
    async with running(analysis, screen) as pilot:
        assert isinstance(pilot.app, Watched)
        await go_to(pilot, screen, analysis)
        more = CASES.get({"files": "main", "compare files": "compare"}.get(screen, ""), {}).keys()
        assert shown(pilot.app).keys() - CASES[screen].keys() - more == set(), "these need a case"
        begun = (pilot.app.screen, pilot.app.focused)
        for name, keys in CASES[screen].items():
            while begun[0] in pilot.app.screen_stack[:-1]:
                pilot.app.pop_screen()
                await idle(pilot)
            if (pilot.app.screen, pilot.app.focused) != begun:
                await go_to(pilot, screen, analysis)
                begun = (pilot.app.screen, pilot.app.focused)
            await press(pilot, *keys)
            before = state(pilot.app)
            # An input line has keys to scroll with; where it cannot, they are the screen's.
            key = shown(pilot.app).get(name) or OWN_KEYS[name]
            await press(pilot, key)
            if state(pilot.app) == before:
                useless.append((name, key))
    assert useless == []


def test_every_binding_of_the_package_has_a_case() -> None:
    assert {name for cases in CASES.values() for name in cases} == keymap.ids()


@pytest.mark.parametrize("screen", [name for name in SCREENS if name not in ("loading", "failure", "pager")])
async def test_help_opens_everywhere_and_escape_leads_back(analysis: Analysis, screen: str) -> None:
    async with running(analysis, screen) as pilot:
        await go_to(pilot, screen, analysis)
        if screen != "help":
            await press(pilot, "f1" if isinstance(pilot.app.focused, Input) else "question_mark")
            assert isinstance(pilot.app.screen, HelpPanel)
        for _ in range(4):
            if isinstance(pilot.app.screen, ExplorerScreen):
                break
            await press(pilot, "escape")
        assert isinstance(pilot.app.screen, ExplorerScreen)


async def test_q_quits_from_every_pane_of_the_main_screen(analysis: Analysis) -> None:
    async with running(analysis, "main") as pilot:
        app = pilot.app
        assert isinstance(app, Watched)
        for done in (1, 2, 3):
            await press(pilot, "q", "tab")
            assert app.did == ("exit",) * done


def keys_of(kind: type[DOMNode]) -> dict[str, str]:
    """By key: the id of what it does in a class; a class says it over again for its bases."""
    return {
        key: action.id
        for base in reversed(kind.__mro__)
        for action in keymap.actions()
        if action.owner is base
        for key in action.keys
    }


@pytest.mark.parametrize("screen", [name for name in SCREENS if name not in ("loading", "failure", "pager")])
async def test_no_key_has_two_meanings_on_a_screen(analysis: Analysis, screen: str) -> None:
    async with running(analysis, screen) as pilot:
        await go_to(pilot, screen, analysis)
        shown = pilot.app.screen
        outer = {**keys_of(Explorer), **keys_of(type(shown))}
        found = {
            (key, outer[key], name)
            for widget in shown.query("*")
            for key, name in keys_of(type(widget)).items()
            if outer.get(key, name) != name
        }
        assert found <= MEANT, found - MEANT
