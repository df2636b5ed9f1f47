"""The waste view: what is shipped and cannot be seen, and why."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.model import HistoryStep, Image, Layer
from layerscope.analysis.view import Scope
from layerscope.errors import DamagedError
from layerscope.tui.display import Display
from layerscope.tui.key_line import KeyLine
from layerscope.tui.session import Jump, Session
from layerscope.tui.waste import WasteScreen
from layerscope.tui.waste_lines import WasteLines
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input, Static

from tests.models import Unread, entry, image, layer
from tests.tui.files import saved_without_entries
from tests.tui.screens import Host, lines_text, screen_text

BUILD = image(
    layer(
        "var/cache/apt/pkgcache.bin:40000000", "usr/lib/python3/abc.py:20000000", "usr/lib/python3/re.py:300"
    ),
    layer("app/main:9000000", "app/notes:600"),
    layer(
        "var/cache/apt/.wh.pkgcache.bin",
        entry("usr/lib/python3/abc.py:20000000", 0o600, 1, 1),
        "usr/lib/python3/re.py:11",
    ),
    layer("app/main:9000000", "app/.wh.notes", "twice:50", "twice:50"),
    history=(
        HistoryStep(created_by="RUN /bin/sh -c apt-get update && apt-get install -y python3"),
        HistoryStep(created_by="COPY app /app # buildkit"),
        HistoryStep(created_by="RUN /bin/sh -c chmod -R a+rX /usr/lib/python3"),
    ),
)
HOSTILE = image(
    layer(
        "[red]x[/y:100", "e\x1b[31m\x07\u202e:90", "\x9b2J\nb/\uff37ide\u0301:80", "l/" + "n" * 3000 + ":70"
    ),
    layer(".wh.l", "[red]x[/y:101", ".wh.e\x1b[31m\x07\u202e", "\x9b2J\nb/.wh.\uff37ide\u0301"),
    history=(HistoryStep(created_by="RUN echo '[bold]\x1b]0;gone\x07" + "z" * 5000),),
)


@asynccontextmanager
async def waste_of(
    opened: Image | Session, size: tuple[int, int] = (80, 24), keys: str = ""
) -> AsyncIterator[tuple[Pilot[Any], WasteScreen, list[Jump | None]]]:
    """The view with its waste there, after some keys."""
    screen = WasteScreen(opened if isinstance(opened, Session) else Session(analyze(opened)))
    app = Host(screen)
    async with app.run_test(size=size, notifications=True) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        if keys:
            await pilot.press(*keys.split())
        yield pilot, screen, app.left


def rows(screen: WasteScreen) -> list[str]:
    return lines_text(screen.query_one(WasteLines)).splitlines()


def text(screen: WasteScreen, name: str) -> str:
    return str(screen.query_one(name, Static).content)


# What it shows


async def test_copies_largest_first_with_kind_writer_and_killer() -> None:
    async with waste_of(BUILD) as (pilot, _, _):
        assert screen_text(pilot.app) == (
            " test  98.0 MB  eff 29.59 %  wasted 69.0 MB\n"
            " 69.0 MB in 6 copies, largest first      ▶none  kind  directory  writer  killer\n"
            "    bytes  kind                 layers  path\n"
            "  40.0 MB  removed                 0→2  /var/cache/apt/pkgcache.bin\n"
            "  20.0 MB  metadata-only           0→2  /usr/lib/python3/abc.py\n"
            "  9.00 MB  rewritten               1→3  /app/main\n"
            "    600 B  removed                 1→3  /app/notes\n"
            "    300 B  overwritten             0→2  /usr/lib/python3/re.py\n"
            "     50 B  shadowed-in-layer       3→3  /twice\n"
            "\n\n\n\n\n\n"
            "╭─ /var/cache/apt/pkgcache.bin ────────────────────────────────────────────────╮\n"
            "│ removed  deleted by layer 2 and still shipped in layer 0                     │\n"
            "│ 40.0 MB  40,000,000 bytes                                                    │\n"
            "│ layer 0   RUN apt-get update && apt-get install -y python3                   │\n"
            "│ layer 2   RUN chmod -R a+rX /usr/lib/python3                                 │\n"
            "│                                                                              │\n"
            "│                                                                              │\n"
            "╰──────────────────────────────────────────────────────────────────────────────╯\n"
            "⏎ Open, go to the file tab Group by esc Back / Filter"
        )


async def test_a_wide_screen_says_what_changed() -> None:
    async with waste_of(BUILD, size=(160, 48)) as (_, screen, _):
        assert rows(screen)[:2] == [
            "  40.0 MB  removed                              0→2  /var/cache/apt/pkgcache.bin",
            "  20.0 MB  metadata-only: mode, owner           0→2  /usr/lib/python3/abc.py",
        ]


async def test_a_narrow_screen_leaves_room_for_names() -> None:
    async with waste_of(BUILD, size=(40, 10)) as (pilot, screen, _):
        assert rows(screen)[0] == "  40.0 MB       0→2  /var/…pkgcache.bin"
        await pilot.press("tab", "tab")
        assert rows(screen)[0] == " ▸  40.0 MB        1  /var/cache/apt"


async def test_one_sentence_says_why() -> None:
    async with waste_of(BUILD) as (pilot, screen, _):
        said = []
        for _ in range(6):
            said.append(text(screen, "#reasons").splitlines()[0])
            await pilot.press("down")
        assert said == [
            "removed  deleted by layer 2 and still shipped in layer 0",
            "metadata-only  written by layer 0, its mode and owner changed by layer 2: "
            "the whole file is stored again",
            "rewritten  written by layer 1, and again by layer 3 with nothing new in it",
            "removed  deleted by layer 3 and still shipped in layer 1",
            "overwritten  written by layer 0, replaced by layer 2: the old copy is still shipped",
            "shadowed-in-layer  written more than once in the tar of layer 3: only the last one counts",
        ]


async def test_a_copy_killed_by_its_own_layer_has_one_command() -> None:
    async with waste_of(BUILD, keys="end") as (_, screen, _):
        assert text(screen, "#reasons").splitlines()[1:] == ["50 B  50 bytes", "layer 3   (no history)"]


async def test_a_path_that_is_too_long_for_its_line_is_shown_whole_below() -> None:
    async with waste_of(HOSTILE, keys="end") as (_, screen, _):
        assert text(screen, "#reasons").splitlines()[-1] == "/l/" + "n" * 3000


async def test_an_image_without_waste_is_told_so() -> None:
    async with waste_of(image(layer("a:1")), keys="tab tab enter space left right end") as (_, screen, _):
        assert text(screen, "#amount") == " No waste"
        assert text(screen, "#reasons") == (
            "Nothing is wasted: all that the layers store is there in the final image."
        )


# Groups


async def test_tab_groups_by_one_thing_after_the_other_and_back_to_none() -> None:
    async with waste_of(BUILD) as (pilot, screen, _):
        shown = []
        for _ in range(5):
            await pilot.press("tab")
            shown.append((text(screen, "#amount").split("  ")[0], rows(screen)[0].split("  ")[-2:]))
        assert [(title, [piece.strip() for piece in pieces]) for title, pieces in shown] == [
            (" 69.0 MB in 6 copies, by kind", ["removed", "mostly 0→2"]),
            (" 69.0 MB in 6 copies, by directory", ["/var/cache/apt", "removed 0→2"]),
            (" 69.0 MB in 6 copies, by writer", ["layer 0", "RUN apt-get update && apt-ge…"]),
            (" 69.0 MB in 6 copies, by killer", ["layer 2", "RUN chmod -R a+rX /usr/lib/p…"]),
            (" 69.0 MB in 6 copies, largest first", ["0→2", "/var/cache/apt/pkgcache.bin"]),
        ]
        await pilot.press("shift+tab")
        assert text(screen, "#amount").startswith(" 69.0 MB in 6 copies, by killer")


async def test_groups_by_directory() -> None:
    async with waste_of(BUILD, size=(100, 24), keys="tab tab down enter") as (pilot, screen, _):
        assert screen_text(pilot.app).splitlines()[2:7] == [
            "      bytes    of all             copies  directory",
            " ▸  40.0 MB   57.97 %  ████▋           1  /var/cache/apt  removed 0→2",
            " ▾  20.0 MB   28.99 %  ██▍             2  /usr/lib/python3  mostly metadata-only 0→2",
            "      20.0 MB  metadata-only           0→2  abc.py",
            "        300 B  overwritten             0→2  re.py",
        ]
        assert text(screen, "#reasons").splitlines() == [
            "metadata-only  99.99 % of it: written by layer 0, their mode and owner changed by layer 2: "
            "the whole files are stored again",
            "20.0 MB in 2 copies, 28.99 % of all waste",
            "layer 0   RUN apt-get update && apt-get install -y python3",
            "layer 2   RUN chmod -R a+rX /usr/lib/python3",
        ]


async def test_what_is_in_no_directory_of_the_list_is_elsewhere() -> None:
    async with waste_of(BUILD, keys="tab tab end") as (_, screen, _):
        assert rows(screen)[-1].split("  ")[-2:] == ["elsewhere", "shadowed-in-layer 3→3"]


async def test_a_group_opens_and_closes_by_many_keys_and_the_cursor_ends_up_on_it() -> None:
    async with waste_of(BUILD, keys="tab down") as (pilot, screen, _):
        for opening, closing in (
            ("enter", "enter"),
            ("right", "left"),
            ("l", "h"),
            ("space", "space"),
            ("space", "down space"),
            ("enter", "down left left"),
        ):
            await pilot.press(opening)
            assert [row.split("  ")[-1] for row in rows(screen)[2:3]] == ["/usr/lib/python3/abc.py"]
            await pilot.press(*closing.split())
            assert (len(rows(screen)), screen.query_one(WasteLines).cursor) == (5, 1)


async def test_right_goes_on_into_an_open_group() -> None:
    async with waste_of(BUILD, keys="tab right right right") as (_, screen, _):
        assert screen.query_one(WasteLines).cursor == 1


async def test_the_words_of_the_heading_can_be_clicked() -> None:
    async with waste_of(BUILD) as (pilot, screen, _):
        at = text(screen, "#amount").index(" directory ")
        await pilot.click("#amount", offset=(at + 2, 0))
        assert text(screen, "#amount").startswith(" 69.0 MB in 6 copies, by directory")


# The filter


async def test_a_filter_leaves_the_paths_that_have_it_and_says_what_they_weigh() -> None:
    async with waste_of(BUILD, keys="slash P Y") as (_, screen, _):
        assert [row.split()[-1] for row in rows(screen)] == [
            "/usr/lib/python3/abc.py",
            "/usr/lib/python3/re.py",
        ]
        assert text(screen, "#amount").startswith(" 20.0 MB of 69.0 MB in 2 of 6 copies, largest first")


async def test_tab_groups_what_the_filter_leaves_while_one_types() -> None:
    async with waste_of(BUILD, keys="slash p y tab tab") as (_, screen, _):
        assert [row.split("  ")[-2] for row in rows(screen)] == ["/usr/lib/python3"]


@pytest.mark.parametrize("key", ["enter", "down"])
async def test_from_the_filter_to_the_list(key: str) -> None:
    async with waste_of(BUILD, keys=f"slash p y {key}") as (_, screen, _):
        assert screen.focused is screen.query_one(WasteLines)
        assert len(rows(screen)) == 2


async def test_a_filter_that_nothing_passes_says_so() -> None:
    async with waste_of(BUILD, keys="slash n o n e enter enter") as (_, screen, left):
        assert (rows(screen), left) == ([], [])
        assert text(screen, "#reasons") == "No wasted copy has this in its path."


async def test_escape_takes_the_filter_away_before_it_leaves() -> None:
    async with waste_of(BUILD, keys="slash p y escape") as (pilot, screen, left):
        await pilot.pause()
        assert (len(rows(screen)), screen.query_one(Input).display, left) == (6, False, [])
        await pilot.press("escape")
        assert left == [None]


async def test_enter_in_an_empty_filter_closes_it() -> None:
    async with waste_of(BUILD, keys="slash enter") as (_, screen, _):
        assert not screen.query_one(Input).display


# Leaving


@pytest.mark.parametrize("key", ["escape", "w", "q"])
async def test_it_closes(key: str) -> None:
    async with waste_of(BUILD, keys=key) as (_, _, left):
        assert left == [None]


async def test_enter_goes_to_the_file_in_the_layer_that_wrote_it() -> None:
    async with waste_of(BUILD, keys="down down enter") as (_, _, left):
        assert left == [Jump(1, b"app/main", Scope.CHANGES)]


async def test_a_click_on_the_row_under_the_cursor_does_too() -> None:
    async with waste_of(BUILD, keys="tab tab down enter down") as (pilot, _, left):
        await pilot.click(WasteLines, offset=(10, 2))
        assert left == [Jump(0, b"usr/lib/python3/abc.py", Scope.CHANGES)]


async def test_a_report_saved_without_entries_has_waste_but_no_tree_to_go_to() -> None:
    session = Session(saved_without_entries(BUILD))
    async with waste_of(session, keys="tab tab enter down enter") as (pilot, screen, left):
        assert (len(rows(screen)), left) == (5, [])
        await pilot.pause()
        assert "This report was saved" in screen_text(pilot.app)


# Comparing


def comparing(contents: Unread) -> Analysis:
    """Two layers with a file of one size, whose contents have to be compared."""
    written: tuple[Layer, ...] = (layer("a:9"), layer(entry("a:9", 0o600)))
    return analyze(image(*(replace(one, contents=contents) for one in written)))


class Slow(Unread):
    """Contents that take until they are released."""

    def __init__(self) -> None:
        self.released = threading.Event()

    def chunks(self, number: int) -> None:
        return None

    def digest(self, number: int) -> bytes:
        assert self.released.wait(10)
        return b"the same"


class Broken(Slow):
    """Contents that are no longer what they were."""

    def digest(self, number: int) -> bytes:
        raise DamagedError("layer 0 is not what it was", "Fetch [it] again")


async def test_a_line_says_that_contents_are_compared_until_they_are() -> None:
    contents = Slow()
    screen = WasteScreen(Session(comparing(contents)))
    async with Host(screen).run_test(size=(80, 24)) as pilot:
        await pilot.press("tab", "slash", "a", "enter", "enter")
        assert (text(screen, "#amount"), text(screen, "#reasons"), rows(screen)) == (
            " comparing contents…",
            "",
            [],
        )
        contents.released.set()
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert text(screen, "#amount").startswith(" 9 B in 1 copy, by kind")
        assert rows(screen) == [" ▸      9 B     100 %  ████████        1  metadata-only  0→1"]


async def test_one_can_leave_while_contents_are_compared() -> None:
    contents = Slow()
    app = Host(WasteScreen(Session(comparing(contents))))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("escape")
        assert app.left == [None]
        contents.released.set()
        await pilot.pause()


async def test_contents_that_cannot_be_read_are_told() -> None:
    screen = WasteScreen(Session(comparing(Broken())))
    app = Host(screen)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.1)
        assert text(screen, "#amount") == " The wasted copies cannot be told apart"
        assert text(screen, "#reasons") == "layer 0 is not what it was. Fetch [it] again"
        await pilot.press("tab", "enter", "escape")
        assert app.left == [None]


# Looks


async def test_names_and_commands_are_shown_as_harmless_text() -> None:
    async with waste_of(HOSTILE) as (pilot, screen, _):
        assert [row.split("  ")[-1] for row in rows(screen)] == [
            "/[red]x[/y",
            "/e\\x1b[31m\\x07\\u202e",
            "/\\x9b2J\\nb/\uff37ide\u0301",
            "/l/nnnnnnnnnn…nnnnnnnnnnnnnnnnnnnnnnnnnn",
        ]
        for _ in range(5):
            await pilot.press("tab")
            shown = screen_text(pilot.app)
            assert all(char.isprintable() or char == "\n" for char in shown)
        assert "[bold]\\x1b]0;gone\\x07zzz" in text(screen, "#reasons")


async def test_plain_ascii_is_enough() -> None:
    session = Session(analyze(BUILD), Display(binary_units=True, ascii_only=True))
    async with waste_of(session, keys="tab tab enter") as (_, screen, _):
        assert rows(screen)[:2] == [
            " v 38.1 MiB   57.97 %  #####           1  /var/cache/apt  removed 0->2",
            "     38.1 MiB  removed                0->2  pkgcache.bin",
        ]


async def test_what_the_footer_shows_fits() -> None:
    async with waste_of(BUILD) as (_, screen, _):
        assert len(str(screen.query_one(KeyLine).content)) <= 80


async def test_shown_again_it_stands_where_it_was_left_in_the_units_of_now() -> None:
    screen = WasteScreen(Session(analyze(BUILD)))
    app = App[None]()
    async with app.run_test(size=(80, 24)) as pilot:
        app.install_screen(screen, "waste")
        await app.push_screen("waste")
        await app.workers.wait_for_complete()
        await pilot.press("tab", "tab", "down", "enter", "down", "enter")
        screen.session.display.binary_units = True
        await app.push_screen("waste")
        await pilot.pause()
        assert rows(screen)[:3] == [
            " ▸ 38.1 MiB   57.97 %  ████▋           1  /var/cache/apt  removed 0→2",
            " ▾ 19.1 MiB   28.99 %  ██▍             2  /usr/lib/python3  mostly 0→2",
            "     19.1 MiB  metadata-only           0→2  abc.py",
        ]
        assert screen.copies.cursor == 2
        assert text(screen, "#amount").startswith(" 65.8 MiB in 6 copies, by directory")
        assert text(screen, "#reasons").splitlines()[1] == "19.1 MiB  20,000,000 bytes"
