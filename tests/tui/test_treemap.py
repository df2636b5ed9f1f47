"""The treemap: boxes, walking through them, and what is written around them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from layerscope.analysis.analyze import analyze
from layerscope.analysis.model import HistoryStep, Image
from layerscope.analysis.view import Scope
from layerscope.tui.boxes import Boxes
from layerscope.tui.display import Display
from layerscope.tui.labels import whole_percent
from layerscope.tui.session import Jump, Session
from layerscope.tui.treemap import TreemapScreen
from rich.cells import cell_len
from textual.pilot import Pilot
from textual.widgets import Static

from tests.models import image, layer
from tests.tui.screens import Host, screen_text

BUILD = image(
    layer("usr/lib/big.so:600000", "usr/lib/python3/a.py:200000", "usr/bin/sh:100000", "etc/key:40000"),
    layer("etc/.wh.key", "app/main:300000", "usr/lib/big.so:610000", *(f"app/i{n}:10" for n in range(12))),
    history=(
        HistoryStep("", "/bin/sh -c #(nop) ADD file:0123 in / "),
        HistoryStep("", "RUN /bin/sh -c make install"),
    ),
)

Opened = tuple[Pilot[Any], TreemapScreen, list[Jump | None]]


@asynccontextmanager
async def treemap(
    opened: Image,
    size: tuple[int, int] = (80, 24),
    *,
    path: bytes = b"",
    scope: Scope = Scope.UP_TO,
    index: int = -1,
    look: Display | None = None,
) -> AsyncIterator[Opened]:
    session = Session(analyze(opened, keep_past=True), look or Display()).prepare()
    view = session.views.view(scope, index % len(opened.layers))
    screen = TreemapScreen(session, view, session.timeline.find(path) or 0)
    app = Host(screen)
    async with app.run_test(size=size, notifications=True) as pilot:
        await pilot.pause()
        yield pilot, screen, app.left


def drawn(screen: TreemapScreen) -> str:
    return "\n".join(screen.boxes.render_line(y).text.rstrip() for y in range(screen.boxes.size.height))


def pointed_at(screen: TreemapScreen) -> str:
    box = screen.boxes.box
    return "" if box is None else screen.session.timeline.name(box.path).decode()


def shown(screen: TreemapScreen) -> str:
    return screen.session.timeline.name(screen.boxes.path).decode()


# What it shows

WHOLE = """\
 test  1.85 MB  eff 65.41 %  wasted 640 kB
 /  1.21 MB  wasted 0 B  65.41 % of the image  layers up to 1
▶usr/ 910 kB L1────────────────────────────────────────────┬app/ 300 kB L1─────┐
├lib/ 810 kB L1──────────────────────────────────────┬bin/─┼main───────────────┤
├big.so─────────────────────────────────┬python3/────┤     │300 kB             │
│610 kB                                 │200 kB      │L0   │L1                 │
│L1                                     │L0          │     │                   │
│                                       │            │     │                   │
│                                       │            │     │                   │
│                                       │            │     │                   │
│                                       │            │     │                   │
│                                       │            │     │                   │
│                                       │            │     │                   │
│                                       │            │     │                   │
│                                       │            │     │                   │
│                                       │            │     │                   │
│                                       │            │     │                   │
│                                       │            │     │                   │
│                                       │            │     │                   │
│                                       │            │     ├… 12 more 120 B────┤
└───────────────────────────────────────┴────────────┴─────┴───────────────────┘
 /usr  910 kB  75.20 % of this map  mostly L1 RUN make install
  L1  RUN make install   L0  ADD … /
⏎ Open ⌫ Up c Colours space Show in the tree esc Close"""

SMALL = """\
▶usr/ 910 kB L1──────────────┬app/─────┐
├lib/─────────────────────┬b…┤300 kB   │
│810 kB                   │  │L1       │
│L1                       │L0│         │
└─────────────────────────┴──┴─────────┘"""

PLAIN = """\
>usr/ 910 kB L1-----------------------------+app/ 300 kB L1+
+lib/ 810 kB L1------------------------+bin/+main----------+
+big.so----------------------+python3/-+    |300 kB        |
|610 kB                      |200 kB   |L0  |L1            |
|L1                          |L0       |    |              |
|                            |         |    +... 12 more---+
+----------------------------+---------+----+--------------+"""

WASTE = """\
▶usr/ 900 kB 67 % wasted────────────────────────────────┬e…┐
├lib/ 800 kB 75 % wasted──────────────────────────┬bin/─┤  │
├big.so───────────────────────────────┬python3/───┤     │  │
│600 kB                               │200 kB     │     │  │
│100 % wasted                         │           │     │  │
│                                     │           │     │  │
└─────────────────────────────────────┴───────────┴─────┴──┘"""


async def test_the_whole_screen() -> None:
    async with treemap(BUILD) as (pilot, _, _):
        assert screen_text(pilot.app) == WHOLE


async def test_a_small_terminal_shows_what_there_is_room_for() -> None:
    async with treemap(BUILD, (40, 10)) as (_, screen, _):
        assert drawn(screen) == SMALL


async def test_borders_are_plain_where_nothing_else_can_be_shown() -> None:
    async with treemap(BUILD, (60, 12), look=Display(ascii_only=True)) as (_, screen, _):
        assert drawn(screen).isascii()
        assert drawn(screen) == PLAIN


async def test_a_colour_stands_for_a_layer_or_for_waste_and_the_box_says_so() -> None:
    async with treemap(BUILD, (60, 12), scope=Scope.CHANGES, index=0) as (pilot, screen, _):
        assert "L0" in drawn(screen)
        assert "ADD … /" in screen_text(pilot.app)
        await pilot.press("c")
        assert drawn(screen) == WASTE
        assert "wasted:  nothing   some   half or more" in screen_text(pilot.app)
        await pilot.press("c")
        assert "L0" in drawn(screen)


async def test_the_line_below_says_figures_and_layer_first_and_then_as_much_of_its_command_as_fits() -> None:
    steps = (BUILD.history[0], HistoryStep("", "RUN " + "install " * 20))
    said = []
    for width in (40, 80, 100):
        async with treemap(replace(BUILD, history=steps), size=(width, 24)) as (_, screen, _):
            said.append(str(screen.query_one("#pointed-at", Static).content))
    assert said == [
        " /usr  910 kB  75.20 % of this map",
        " /usr  910 kB  75.20 % of this map  mostly L1 RUN install install install inst…",
        " /usr  910 kB  75.20 % of this map  mostly L1 RUN install install install install install install …",
    ]


async def test_an_image_that_holds_nothing_says_so() -> None:
    async with treemap(image(layer("etc/", "a"))) as (pilot, screen, left):
        assert "Nothing here holds any bytes." in drawn(screen)
        await pilot.press("enter", "right", "space", "u", "c", "q")
        assert left == [None]


async def test_hostile_and_wide_names_keep_the_borders_in_place() -> None:
    names = (
        "[red]x[/]/a\x1b]0;p\x07:500", "漢字かな交じり文の長い名前のファイル:400", "e\u0301ö\u202e:300",
        "é中❤️👩\u200d👩:200", "w" * 240 + ":100", "[/foo]:90", "a\nb:80",
    )  # fmt: skip
    for width in (20, 33, 50, 61):
        async with treemap(image(layer(*names)), (width, 20)) as (pilot, screen, _):
            text = screen_text(pilot.app)
            assert not {"\x1b", "\x07", "\u202e", "\u200d"} & set(text)
            for line in drawn(screen).splitlines():
                assert cell_len(line) == width
                assert line[-1] in "│┤┐┘"


def test_a_share_is_never_rounded_to_nothing_or_all() -> None:
    assert [whole_percent(share) for share in (0, 0.001, 0.123, 0.999, 1)] == [
        "0 %", "<1 %", "12 %", ">99 %", "100 %",
    ]  # fmt: skip


# Walking


async def test_arrows_and_letters_move_to_the_box_next_to_it() -> None:
    async with treemap(BUILD) as (pilot, screen, _):
        found = []
        for key in ("right", "j", "left", "h", "k", "up", "up"):
            await pilot.press(key)
            found.append(pointed_at(screen))
        assert found == [
            "app", "app/main", "usr/bin", "usr/lib/python3", "usr/lib", "usr", "usr",
        ]  # fmt: skip


async def test_enter_walks_in_and_backspace_comes_out_again() -> None:
    async with treemap(BUILD) as (pilot, screen, _):
        await pilot.press("enter")
        assert (shown(screen), pointed_at(screen)) == ("usr", "usr/lib")
        await pilot.press("enter")
        assert (shown(screen), pointed_at(screen)) == ("usr/lib", "usr/lib/big.so")
        assert "/usr/lib  810 kB  wasted 0 B" in screen_text(pilot.app)
        for key, expected in (
            ("backspace", ("usr", "usr/lib")), ("minus", ("", "usr")), ("u", ("", "usr")),
        ):  # fmt: skip
            await pilot.press(key)
            assert (shown(screen), pointed_at(screen)) == expected


async def test_a_box_two_levels_down_is_one_step_away() -> None:
    async with treemap(BUILD) as (pilot, screen, _):
        await pilot.press("right", "left", "down", "down", "right", "enter")
        assert shown(screen) == "usr/lib/python3"


async def test_enter_on_a_file_goes_to_it_in_the_view_one_looked_at() -> None:
    async with treemap(BUILD, path=b"usr/lib", scope=Scope.CHANGES, index=0) as (pilot, _, left):
        await pilot.press("enter")
        assert left == [Jump(0, b"usr/lib/big.so", Scope.CHANGES)]


async def test_space_shows_a_directory_in_the_tree() -> None:
    async with treemap(BUILD) as (pilot, _, left):
        await pilot.press("space")
        assert left == [Jump(1, b"usr", Scope.UP_TO)]


async def test_a_file_to_begin_with_is_pointed_at_in_its_directory() -> None:
    opened = image(layer("d/a:900", "d/b:500", "d/c:1", "d/e:1"))
    async with treemap(opened, path=b"d/b") as (_, screen, _):
        assert (shown(screen), pointed_at(screen)) == ("d", "d/b")
    async with treemap(opened, path=b"d/c") as (_, screen, _):
        assert "▶… 2 more 2 B" in drawn(screen)


async def test_what_is_gathered_says_how_many_it_is() -> None:
    async with treemap(BUILD, path=b"app") as (pilot, screen, left):
        await pilot.press("down")
        assert "… 12 more  120 B" in screen_text(pilot.app)
        await pilot.press("o")
        await pilot.pause()
        assert "12 more in /app" in " ".join(screen_text(pilot.app).split())
        assert (shown(screen), left) == ("app", [])


@pytest.mark.parametrize("key", ["escape", "t", "q"])
async def test_keys_that_close(key: str) -> None:
    async with treemap(BUILD, path=b"usr/lib") as (pilot, _, left):
        await pilot.press(key)
        assert left == [None]


async def test_a_click_selects_and_another_walks_in() -> None:
    async with treemap(BUILD) as (pilot, screen, _):
        await pilot.click(Boxes, offset=(79, 0))
        assert (shown(screen), pointed_at(screen)) == ("", "app")
        await pilot.click(Boxes, offset=(70, 0))
        assert shown(screen) == "app"


async def test_another_size_keeps_the_cursor_on_its_path() -> None:
    async with treemap(BUILD) as (pilot, screen, _):
        await pilot.press("right")
        await pilot.resize_terminal(50, 14)
        await pilot.pause()
        assert pointed_at(screen) == "app"
        assert len(drawn(screen).splitlines()) == screen.boxes.size.height == 9


@pytest.mark.parametrize("size", [(1, 1), (3, 6), (10, 7), (40, 10), (160, 48)])
async def test_no_terminal_is_too_small(size: tuple[int, int]) -> None:
    async with treemap(BUILD, size) as (pilot, screen, left):
        await pilot.press("right", "down", "c", "u")
        assert screen.boxes.size.width <= size[0]
        assert all(cell_len(line) <= size[0] for line in drawn(screen).splitlines())
        await pilot.press("q")
        assert left == [None]
