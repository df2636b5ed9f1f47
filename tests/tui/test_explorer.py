"""The main screen: what it shows, and what every key does to it."""

from collections.abc import Sequence
from typing import Any
from unittest.mock import patch

import pytest
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.rows import Sort
from layerscope.analysis.timeline import Kind
from layerscope.analysis.view import Scope
from layerscope.tui.app import Explorer
from layerscope.tui.explorer import ExplorerScreen
from layerscope.tui.header import ImageHeader
from layerscope.tui.heading import TreeHeading
from layerscope.tui.help import active_keys
from layerscope.tui.session import Jump
from textual.pilot import Pilot

from tests.models import image, layer
from tests.tui.goldens import check
from tests.tui.screens import lines_text, screen_text

SMALL = image(
    layer("etc/", "etc/passwd:100", "usr/", "usr/lib/", "usr/lib/libc.so:5000", "usr/lib/old.so:3000"),
    layer("usr/lib/.wh.old.so", "usr/lib/libc.so:5000#new", "usr/lib/new.so:200", "opt/tool:900"),
    layer("etc/passwd:100", "var/log/big.log:7000"),
)


def shown(app: Explorer) -> ExplorerScreen:
    assert isinstance(app.screen, ExplorerScreen)
    return app.screen


async def opened(pilot: Pilot[Any], *keys: str) -> ExplorerScreen:
    """The screen after some keys."""
    await pilot.pause()
    await pilot.press(*keys)
    await pilot.pause()
    assert isinstance(pilot.app, Explorer)
    return shown(pilot.app)


def tree(screen: ExplorerScreen) -> list[str]:
    """The rows of the tree: glyph and name, two blanks a level."""
    rows, glyphs = screen.rows, screen.session.display.glyphs.kinds
    found = []
    for path, depth in map(rows.row, range(len(rows))):
        glyph = glyphs[Kind(rows.view.kinds[path] or Kind.SAME)]
        found.append(f"{glyph} {'  ' * depth}{rows.timeline.names[path].decode()}")
    return found


@pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids=["80x24", "160x48"])
@pytest.mark.parametrize("pane", ["layers", "details", "files"])
async def test_the_demonstration_image(demo: Analysis, size: tuple[int, int], pane: str) -> None:
    app = Explorer(demo)
    async with app.run_test(size=size) as pilot:
        screen = await opened(pilot)
        screen.show_pane(pane)
        await pilot.pause()
        check(f"main-{pane}-{size[0]}x{size[1]}", screen_text(app))


async def test_it_opens_on_the_layer_that_stores_most_sorted_by_size() -> None:
    app = Explorer(analyze(SMALL, keep_past=True))
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await opened(pilot)
        assert (screen.layer_index, screen.scope, screen.pane) == (0, Scope.CHANGES, "layers")
        assert tree(screen) == ["+ usr", "+ etc"]


async def test_tab_goes_through_the_panes_and_one_fills_a_narrow_screen() -> None:
    app = Explorer(analyze(SMALL, keep_past=True))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        seen = []
        for _ in range(4):
            names = [screen.pane]
            names += [
                pane for pane in ("layers", "details", "files") if screen.query_one(f"#{pane}").region.area
            ]
            seen.append(names)
            await pilot.press("tab")
        assert seen == [
            ["layers", "layers"],
            ["details", "details"],
            ["files", "files"],
            ["layers", "layers"],
        ]


@pytest.mark.parametrize(
    ("keys", "rows"),
    [
        ((), ["+ usr", "+ etc"]),
        (("enter",), ["+ usr", "+   lib", "+ etc"]),
        (("enter", "right", "right"), ["+ usr", "+   lib", "+     libc.so", "+     old.so", "+ etc"]),
        (("enter", "space"), ["+ usr", "+ etc"]),
        (("l", "j", "l", "h", "h", "h"), ["+ usr", "+ etc"]),
        (("E",), ["+ usr", "+   lib", "+     libc.so", "+     old.so", "+ etc"]),
        (("X",), ["+ usr", "+   lib", "+     libc.so", "+     old.so", "+ etc", "+   passwd"]),
        (("X", "C"), ["+ usr", "+ etc"]),
        (("X", "s"), ["+ etc", "+   passwd", "+ usr", "+   lib", "+     libc.so", "+     old.so"]),
        (("X", "r"), ["+ etc", "+   passwd", "+ usr", "+   lib", "+     old.so", "+     libc.so"]),
    ],
)
async def test_keys_in_the_tree(keys: Sequence[str], rows: list[str]) -> None:
    app = Explorer(analyze(SMALL, keep_past=True))
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await opened(pilot, "tab", "tab", *keys)
        assert tree(screen) == rows


async def test_what_a_layer_did_what_there_is_by_then_and_what_is_left_of_it() -> None:
    app = Explorer(analyze(SMALL, keep_past=True))
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await opened(pilot, "right_square_bracket", "tab", "tab", "X")
        assert screen.layer_index == 1
        changes = ["  usr", "    lib", "~     libc.so", "-     old.so", "+     new.so", "+ opt", "+   tool"]
        assert tree(screen) == changes
        await pilot.press("a")
        assert screen.scope.value == "up to here"
        assert tree(screen) == [*changes, "  etc", "    passwd"]
        await pilot.press("a")
        assert tree(screen) == [
            "  var", "    log", "      big.log",
            "  usr", "    lib", "~     libc.so", "+     new.so",
            "+ opt", "+   tool", "  etc", "    passwd",
        ]  # fmt: skip
        await pilot.press("a")
        assert "sort size" in screen_text(app)


async def test_what_is_open_and_the_cursor_survive_another_layer() -> None:
    app = Explorer(analyze(SMALL, keep_past=True))
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await opened(pilot, "tab", "tab", "E", "j", "j")
        assert screen.session.timeline.name(screen.files.path) == b"usr/lib/libc.so"
        await pilot.press("right_square_bracket")
        await pilot.pause()
        assert screen.session.timeline.name(screen.files.path) == b"usr/lib/libc.so"
        await pilot.press("right_square_bracket")  # which has no such path
        await pilot.press("left_square_bracket")
        await pilot.pause()
        assert screen.session.timeline.name(screen.files.path) == b"usr/lib/libc.so"


async def test_the_filter_keeps_the_hierarchy_and_escape_takes_it_away() -> None:
    app = Explorer(analyze(SMALL, keep_past=True))
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await opened(pilot, "slash", *"*.so", "enter")
        assert tree(screen) == ["+ usr", "+   lib", "+     libc.so", "+     old.so"]
        assert screen.focused is screen.files
        await pilot.press("escape")
        await pilot.pause()
        assert tree(screen) == ["+ usr", "+ etc"]


async def test_the_filter_takes_the_place_of_the_keys_and_is_named_while_it_holds() -> None:
    app = Explorer(analyze(SMALL, keep_past=True))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot, "tab", "tab")
        height = screen.files.size.height
        keys = screen_text(app).splitlines()[-1]
        assert "/ Filter" in keys
        await pilot.press("slash", *"libc")
        await pilot.pause()
        *_, last = screen_text(app).splitlines()
        assert last.split() == ["/libc", "enter", "keep", "esc", "all"]
        assert screen.files.size.height == height
        await pilot.press("enter")
        await pilot.pause()
        assert screen_text(app).splitlines()[-1] == keys
        assert "filter: libc" in screen_text(app)
        await pilot.press("slash", *".so")
        await pilot.pause()
        assert screen_text(app).splitlines()[-1].startswith("/.so ")
        await pilot.press("escape")
        await pilot.pause()
        assert "filter:" not in screen_text(app)


async def test_a_filter_that_waits_for_a_pause_is_not_lost_when_the_line_closes() -> None:
    app = Explorer(analyze(SMALL, keep_past=True))
    async with app.run_test(size=(80, 24)) as pilot:
        with (
            patch("layerscope.tui.filter_line._PROMPT", -1.0),
            patch("layerscope.tui.filter_line._PAUSE", 60.0),
        ):
            screen = await opened(pilot, "slash", *"libc")
            assert screen.rows.terms == ()
            await pilot.press("enter")
            await pilot.pause()
            assert tree(screen) == ["+ usr", "+   lib", "+     libc.so"]
            await pilot.press("slash", *"passwd", "escape")
            await pilot.pause()
            assert screen.rows.terms == ()


async def test_what_is_wrong_with_a_filter_is_said_and_the_last_one_stays() -> None:
    app = Explorer(analyze(SMALL, keep_past=True))
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await opened(pilot, "slash", *"passwd layer:x")
        assert "layer:x means nothing: layer:3" in screen_text(app)
        before = len(screen.rows)
        await pilot.press("backspace", "0")
        await pilot.pause(0.3)
        assert "means nothing" not in screen_text(app)
        assert len(screen.rows) > before


async def test_kinds_are_hidden_and_counted() -> None:
    app = Explorer(analyze(SMALL, keep_past=True))
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await opened(pilot, "right_square_bracket", "tab", "tab", "X", "1")
        assert tree(screen) == ["  usr", "    lib", "~     libc.so", "-     old.so"]
        await pilot.press("4")
        assert tree(screen) == ["  usr", "    lib", "~     libc.so"]
        assert "(+3) ~1 ±0 (-1) =0" in screen_text(app)
        await pilot.press("1", "4")
        assert len(tree(screen)) == 7


async def test_the_next_change_is_found_wherever_it_is() -> None:
    app = Explorer(analyze(SMALL, keep_past=True))
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await opened(pilot, "right_square_bracket", "tab", "tab")
        seen = []
        for key in ("n", "n", "n", "N"):
            await pilot.press(key)
            await pilot.pause()
            seen.append(screen.session.timeline.name(screen.files.path))
        assert seen == [b"usr/lib/libc.so", b"usr/lib/old.so", b"usr/lib/new.so", b"usr/lib/old.so"]


async def test_sorting_goes_round() -> None:
    app = Explorer(analyze(SMALL, keep_past=True))
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await opened(pilot)
        seen = []
        for _ in range(5):
            seen.append(screen.rows.sort)
            await pilot.press("s")
        assert seen == [Sort.SIZE, Sort.NAME, Sort.CHANGE, Sort.TIME, Sort.SIZE]


async def test_units_are_changed_everywhere() -> None:
    app = Explorer(analyze(SMALL, keep_past=True))
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await opened(pilot)
        assert "21.3 kB" in screen.query_one(ImageHeader).render().plain
        await pilot.press("u")
        await pilot.pause()
        assert "20.8 KiB" in screen.query_one(ImageHeader).render().plain
        assert "7.91 KiB" in lines_text(screen.layer_list)


async def test_the_path_and_the_command_are_copied(demo: Analysis) -> None:
    app = Explorer(demo)
    async with app.run_test(size=(120, 30)) as pilot:
        await opened(pilot, "tab", "tab", "y")
        assert app.clipboard == "/bin"
        await pilot.press("Y")
        assert app.clipboard == "RUN chown -R 1000:1000 /bin /srv /var"
        await pilot.press("shift+tab", "Y")
        assert app.clipboard == demo.layers[11].layer.diff_id


async def test_the_mouse_selects_opens_and_chooses_scopes() -> None:
    app = Explorer(analyze(SMALL, keep_past=True))
    async with app.run_test(size=(160, 40)) as pilot:
        screen = await opened(pilot)
        await pilot.click("#files", offset=(30, 2))  # the frame is line 0
        await pilot.pause()
        assert (screen.pane, screen.session.timeline.name(screen.files.path)) == ("files", b"etc")
        await pilot.click("#files", offset=(30, 2))
        assert tree(screen) == ["+ usr", "+ etc", "+   passwd"]
        await pilot.click("#heading", offset=(18, 0))
        assert screen.scope is Scope.UP_TO
        await pilot.click("#layers", offset=(10, 4))
        assert screen.layer_index == 1


@pytest.mark.parametrize("width", [40, 80, 100, 107, 108, 160])
async def test_mode_and_owner_come_and_go_at_every_width(width: int) -> None:
    app = Explorer(analyze(SMALL, keep_past=True))
    async with app.run_test(size=(width, 30)) as pilot:
        screen = await opened(pilot, "tab", "tab")
        shown = []
        for _ in range(3):
            shown.append("drwxr-xr-x 0:0" in lines_text(screen.files))
            await pilot.press("c")
            await pilot.pause()
        assert shown in ([True, False, True], [False, True, False])


async def test_the_scope_is_marked_with_a_sign_too() -> None:
    app = Explorer(analyze(SMALL, keep_past=True))
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await opened(pilot)
        heading = screen.query_one(TreeHeading)
        assert heading.render().plain.startswith("▶this layer  up to here  final image ")
        await pilot.press("a")
        assert heading.render().plain.startswith(" this layer ▶up to here  final image ")


async def test_help_leaves_out_what_an_input_line_does_with_keys() -> None:
    app = Explorer(analyze(SMALL, keep_past=True))
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await opened(pilot, "slash")
        told = {key.says for key in active_keys(screen)}
        assert "Keep the filter" in told
        assert not told & {"Move cursor left", "Submit", "Delete character left", "Go to start"}


async def test_what_a_layer_removed_is_compared_with_nothing() -> None:
    app = Explorer(analyze(SMALL, keep_past=True))
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await opened(pilot)
        screen.jump(Jump(1, b"usr/lib/old.so"))
        await pilot.press("d")
        await pilot.pause()
        assert "Removed here: layer 1 put nothing" in screen_text(app)


async def test_an_image_without_layers_opens() -> None:
    app = Explorer(analyze(image(), keep_past=True))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "right_square_bracket", "tab", "tab", "n", "E", "x", "y", "Y", "v", "d", "tab")
        await pilot.press("tab")
        assert "This image has no layers." in screen_text(app)


async def test_a_jump_to_what_is_filtered_or_hidden_takes_both_away(demo: Analysis) -> None:
    app = Explorer(demo)
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await opened(pilot, "1", "slash", *"nothing", "enter")
        screen.jump(Jump(5, b"root/.ssh/id_rsa"))
        await pilot.pause()
        assert screen.session.timeline.name(screen.files.path) == b"root/.ssh/id_rsa"
        assert (screen.layer_index, screen.pane, screen.rows.terms) == (5, "files", ())
