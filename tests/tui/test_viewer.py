"""Looking into a file."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from layerscope.analysis.model import Entry, FileType, Tell
from layerscope.errors import SourceError
from layerscope.tui import highlighting, viewer
from layerscope.tui.display import Display
from layerscope.tui.file_lines import FileLines
from layerscope.tui.listing import BINARY, decode, encoding_of, listing
from layerscope.tui.session import Session
from layerscope.tui.viewer import ViewerScreen
from textual.pilot import Pilot
from textual.widgets import Input

from tests import models
from tests.tui.files import Held, layer, read, session, version
from tests.tui.screens import Host, lines_text, screen_text


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """No text is given colours, which takes a process, but where a test is about them."""
    if "highlighted" not in request.fixturenames:
        monkeypatch.setattr(highlighting, "LONGEST", -1)


@pytest.fixture
def highlighted() -> None:
    """Texts are given colours."""


def screen_of(opened: Session, path: bytes, number: int = -1) -> ViewerScreen:
    return ViewerScreen(opened, *version(opened, path, number))


async def shown(
    opened: Session, path: bytes, *keys: str, number: int = -1, size: tuple[int, int] = (80, 24)
) -> str:
    """The screen, after some keys."""
    app = Host(screen_of(opened, path, number))
    async with app.run_test(size=size) as pilot:
        await read(pilot)
        await pilot.press(*keys)
        await pilot.pause()
        return screen_text(app)


async def lines(content: bytes, *keys: str, width: int = 80) -> list[str]:
    """The lines of a file, after some keys."""
    screen = screen_of(session(layer(("file", content))), b"file")
    async with Host(screen).run_test(size=(width, 12)) as pilot:
        await read(pilot)
        await pilot.press(*keys)
        await pilot.pause()
        return lines_text(screen.file).splitlines()


async def test_a_text_with_its_heading() -> None:
    opened = session(layer("etc/", ("etc/motd", b"Welcome.\n\tBe good.\n")), layer("etc/.wh.motd"))
    assert await shown(opened, b"etc/motd", size=(80, 9)) == (
        " test  19 B  eff 0 %  wasted 19 B\n"
        " /etc/motd\n"
        " 19 B · -rw-r--r-- · 0:0 · utf-8 · deleted by layer 1\n"
        " layer 0  RUN step 0\n"
        "1 Welcome.\n"
        "2         Be good.\n"
        "\n"
        "\n"
        "esc Back b Hex / Search n Next o Pager y Copy path"
    )


async def test_a_binary_file_is_a_dump_and_a_text_can_be_one() -> None:
    assert await lines(bytes(range(18))) == [
        "00000000  00 01 02 03 04 05 06 07  08 09 0a 0b 0c 0d 0e 0f  |................|",
        "00000010  10 11                                             |..|",
    ]
    assert await lines(b"text\n", "b") == [
        "00000000  74 65 78 74 0a                                    |text.|"
    ]
    assert await lines(b"text\n", "b", "b") == ["1 text"]


async def test_a_version_that_was_written_over_says_so() -> None:
    opened = session(layer(("a", b"old")), layer(("a", b"new!")))
    text = await shown(opened, b"a", number=0)
    assert "3 B · -rw-r--r-- · 0:0 · utf-8 · overwritten by layer 1" in text
    assert "1 old" in text


async def test_a_hard_link_shows_its_file() -> None:
    assert "1 text" in await shown(session(layer(("a", b"text"), "b => a")), b"b")


async def test_only_the_beginning_of_a_large_file_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewer, "VIEW_LIMIT", 10)
    text = await shown(session(layer(("a", b"line\n" * 5000))), b"a")
    assert "first 10 B of 25.0 kB" in text
    assert text.count("line") == 2


@pytest.mark.parametrize(
    ("items", "path", "expected"),
    [
        (["a -> ../x[b]\x1b"], b"a", "Symbolic link to ../x[b]\\x1b"),
        (["d/", "d/a", "d/b", "d/c/"], b"d", "Directory with 3 entries, as layer 0 left it"),
        (["d/", "d/a"], b"d", "Directory with one entry, as layer 0 left it"),
        (["./", "d/a"], b"", "Directory with one entry, as layer 0 left it"),
        (["a"], b"a", "This file is empty."),
        ([models.entry("p")._replace(type=FileType.FIFO)], b"p", "Named pipe"),
        ([Entry(b"n", FileType.CHARACTER, 0o666, 0, 0, 0, 0)], b"n", "Character device 0, 0"),
        (["a => gone"], b"a", "Hard link to gone, which is not there"),
    ],
)
async def test_what_is_no_file_says_what_it_is(items: list[str | Entry], path: bytes, expected: str) -> None:
    text = await shown(session(layer(*items)), path, "b", "n", "slash")
    assert expected in text


async def test_a_deleted_entry_does_not_count() -> None:
    opened = session(layer("d/", "d/a", "d/b"), layer("d/.wh.a"))
    assert "Directory with one entry, as layer 1 left it" in await shown(opened, b"d")


async def test_nothing_that_a_terminal_obeys_gets_through() -> None:
    hostile = "a\x1b]0;title\x07b\x9b31m\u202ec[red]x[/]\x00"[:-1].encode() + b"\xff\n" + b"plain\n" * 20
    assert (await lines(hostile))[0] == " 1 a\\x1b]0;title\\x07b\\x9b31m\\u202ec[red]x[/]\\xff"


async def test_a_hostile_path_is_harmless_in_the_heading_and_on_the_clipboard() -> None:
    name = models.entry("x")._replace(name=b"[red]a\x1b\n\xff")
    opened = session(layer((name, b"text")))
    app = Host(screen_of(opened, name.name))
    async with app.run_test() as pilot:
        await read(pilot)
        await pilot.press("y")
        assert "/[red]a\\x1b\\n\\xff" in screen_text(app)
        assert app.clipboard == "/[red]a\\x1b\\n\\xff"


async def test_long_lines_are_scrolled_sideways_and_their_numbers_stay() -> None:
    screen = screen_of(session(layer(("a", b"0123456789" * 6 + b"\nshort\n"))), b"a")
    async with Host(screen).run_test(size=(40, 12)) as pilot:
        await read(pilot)
        seen = [lines_text(screen.file)]
        for key in ("l", "right", "l", "h", "left"):
            await pilot.press(key)
            seen.append(lines_text(screen.file))
    digits = "0123456789" * 6
    beginning, end = f"1 {digits[:37]}…\n2 short", f"1 {digits[22:]}\n2"
    assert seen == [beginning, f"1 {digits[20:57]}…\n2", end, end, f"1 {digits[2:39]}…\n2 ort", beginning]


async def test_wide_characters_may_be_cut_in_two() -> None:
    content = ("漢字" * 30).encode()
    assert await lines(content, width=40) == ["1 " + "漢字" * 9 + " …"]


async def test_a_very_long_line_goes_on() -> None:
    found = await lines(b"x" * 2000 + b"end\nlast", width=40)
    assert [line[:6] for line in found] == ["1 xxxx", "  end", "2 last"]


async def search(pilot: Pilot[Any], needle: str) -> None:
    """Type something after the slash."""
    await pilot.press("slash")
    pilot.app.screen.query_one(Input).value = needle
    await pilot.pause()


async def test_searching_goes_round() -> None:
    screen = screen_of(session(layer(("a", b"one\ntwo\nthree\ntwo\n"))), b"a")
    app = Host(screen)
    async with app.run_test() as pilot:
        await read(pilot)
        await search(pilot, "tw")
        assert screen.file.cursor == 1
        assert "2 lines" in screen_text(app)
        await pilot.press("enter")
        cursors = []
        for key in "nnN":
            await pilot.press(key)
            cursors.append(screen.file.cursor)
        assert cursors == [3, 1, 3]


async def test_a_search_is_ended_before_the_screen_is_left() -> None:
    screen = screen_of(session(layer(("a", b"one\ntwo\n"))), b"a")
    app = Host(screen)
    async with app.run_test() as pilot:
        await read(pilot)
        await search(pilot, "three")
        assert "not found" in screen_text(app)
        await pilot.press("escape")
        assert (screen.file.needle, app.left) == ("", [])
        await pilot.press("escape")
        assert app.left == [None]


def file_lines(content: bytes, needle: str) -> FileLines:
    """The lines of a file that is not on any screen, and what is searched for in it."""
    found = FileLines(Display())
    found.data, found.needle = content, needle
    encoding = encoding_of(content)
    found.text = None if encoding == BINARY else listing(decode(content, encoding))
    return found


@pytest.mark.parametrize(
    ("content", "needle", "expected"),
    [
        (b"one\ntwo\nThree\n", "t", [1, 2]),
        (b"one\ntwo\nThree\n", "T", [2]),
        (b"one\ntwo\nThree\n", ".", []),
        (bytes(100) + b"\x7fELF" + bytes(500) + b"ELF", "ELF", [6, 37]),
        (bytes(100) + b"\x7fELF" + bytes(500) + b"ELF", "0x7f 45", [6]),
        (bytes(40) + b"0xyz", "0xyz", [2]),
        (bytes(15) + b"ab" + bytes(50), "ab", [0]),
        (bytes(40), "0x00", [0, 1, 2]),
        (bytes(40), "0x", []),
    ],
)
def test_what_is_found(content: bytes, needle: str, expected: list[int]) -> None:
    assert file_lines(content, needle).matches() == expected


def test_a_line_of_a_dump_stands_out_if_a_match_begins_on_it() -> None:
    found = file_lines(bytes(15) + b"ab" + bytes(15), "ab")
    assert [list(found.body(number, 80))[1][1] for number in range(2)] == ["match", ""]


async def test_what_is_found_stands_out_whatever_colour_the_rest_has() -> None:
    screen = screen_of(session(layer(("a", b"a b a b\n"))), b"a")
    async with Host(screen).run_test() as pilot:
        await read(pilot)
        screen.file.runs = [[(1, "keyword"), (4, "string"), (9, "")]]
        screen.file.needle = "b a"
        assert list(screen.file.body(0, 80)) == [
            ("a", "keyword"), (" ", "string"), ("b a", "match"), (" b", ""),
        ]  # fmt: skip
        screen.file.needle = ""
        assert list(screen.file.body(0, 80)) == [("a", "keyword"), (" b a", "string"), (" b", "")]


@pytest.mark.usefixtures("highlighted")
async def test_source_code_has_colours() -> None:
    screen = screen_of(session(layer(("a.py", b"x = 'a'\n"))), b"a.py")
    async with Host(screen).run_test() as pilot:
        await read(pilot)
        for _ in range(100):
            if screen.file.runs:
                break
            await pilot.pause(0.02)
        assert ("'", "string") in list(screen.file.body(0, 80))


async def test_an_error_is_a_panel_and_not_the_end() -> None:
    opened = session(layer(("a", b"x"), error=SourceError("it has [gone] by", "Save it\x1b.")))
    text = await shown(opened, b"a")
    assert "it has [gone] by" in text
    assert "Save it\\x1b." in text


async def test_any_other_error_ends_the_application_with_it() -> None:
    app = Host(screen_of(session(layer(("a", b"x"), error=KeyError("a defect"))), b"a"))  # type: ignore[arg-type]
    async with app.run_test() as pilot:
        await pilot.pause(0.1)
    assert isinstance(app.return_value, KeyError)


async def test_reading_says_how_far_it_is_and_escape_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Held, "_pieces", _slow)
    ended.clear()
    screen = screen_of(session(layer(("a", bytes(1_000_000)))), b"a")
    app = Host(screen)
    async with app.run_test() as pilot:
        await pilot.pause(0.2)
        assert "of 1.00 MB" in screen_text(app)
        assert "reading…" in screen_text(app)
        await pilot.press("escape")
        assert "Cancelled." in screen_text(app)
        for _ in range(100):
            if ended:
                break
            await pilot.pause(0.01)
        assert ended == [True]
        await pilot.press("escape")
        assert app.left == [None]


async def test_leaving_ends_the_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Held, "_pieces", _slow)
    ended.clear()
    app = Host(screen_of(session(layer(("a", bytes(1_000_000)))), b"a"))
    async with app.run_test() as pilot:
        await pilot.pause(0.05)
        await pilot.press("v")
        assert app.left == [None]
    assert ended == [True]


ended: list[bool] = []


def _slow(_held: Held, _number: int, tell: Tell) -> Iterator[bytes]:
    try:
        for _ in range(1000):
            tell(1000)
            time.sleep(0.005)
            yield bytes(1000)
    finally:
        ended.append(True)


async def test_ascii_only() -> None:
    opened = session(layer(("grün", "漢\n".encode() + b"x" * 100)))
    opened.display.ascii_only = True
    text = await shown(opened, "grün".encode(), size=(40, 10))
    assert text.isascii()
    assert "1 \\u6f22" in text


async def test_a_small_terminal() -> None:
    text = await shown(session(layer(("a" * 200, b"text"))), b"a" * 200, size=(40, 10))
    assert "1 text" in text
