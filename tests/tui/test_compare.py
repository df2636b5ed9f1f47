"""Two images in the explorer: what it lists, where its keys lead, and what is asked for first."""

import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.comparison_lists import Part
from layerscope.analysis.model import Reading
from layerscope.analysis.view import Scope
from layerscope.errors import SourceError
from layerscope.tui.app import Against, Explorer
from layerscope.tui.compare_ask import CompareAskPanel
from layerscope.tui.compare_file import FileDiffScreen
from layerscope.tui.compare_lines import DifferenceLines
from layerscope.tui.compare_screen import CompareScreen
from layerscope.tui.display import Display
from layerscope.tui.explorer import ExplorerScreen
from layerscope.tui.loading import LoadingScreen
from layerscope.tui.reading import ReadingLine
from layerscope.tui.session import Jump, LoadOther, Session
from layerscope.tui.settings import Settings
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, Static

from tests import models
from tests.tui.driving import Text, idle, press, resize, settle
from tests.tui.files import layer, saved_without_entries, with_findings
from tests.tui.goldens import check
from tests.tui.pairs import finding, image, pair
from tests.tui.screens import Host, lines_text, screen_text

NASTY = "[red]x[/foo]\x1b]0;PWNED\x07\u202e\x9b2J\n[@click=app.bell]y"
BEFORE, AFTER = pair()


def session(before: Analysis = BEFORE, after: Analysis = AFTER, look: Display | None = None) -> Session:
    return Session(after, look or Display(), before=before)


@asynccontextmanager
async def comparison_of(
    opened: Session, size: tuple[int, int] = (80, 24), keys: str = ""
) -> AsyncIterator[tuple[Pilot[Any], CompareScreen, list[Jump | None]]]:
    """The view with everything there, after some keys."""
    screen = CompareScreen(opened)
    app = Host(screen)
    async with app.run_test(size=size, notifications=True) as pilot:
        await settle(pilot)
        await settle(pilot)  # the second worker is begun by the first
        await press(pilot, *keys.split())
        yield pilot, screen, app.left


def rows(screen: CompareScreen) -> list[str]:
    return lines_text(screen.query_one(DifferenceLines)).splitlines()


def details(screen: CompareScreen) -> str:
    return str(screen.query_one("#facts", Static).content)


def amount(screen: CompareScreen) -> str:
    return str(screen.query_one("#amount", Static).content)


def told(pilot: Pilot[Any]) -> str:
    """The words on the screen, in one line: a notification is broken into several."""
    lines = (line[40:] for line in screen_text(pilot.app).splitlines())
    return " ".join(" ".join(lines).replace("│", " ").split())


# What it shows


PARTS = {part.name.lower(): " ".join(["tab"] * number) for number, part in enumerate(Part)}


@pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids=["80x24", "160x48"])
@pytest.mark.parametrize("part", PARTS)
async def test_every_list(part: str, size: tuple[int, int]) -> None:
    async with comparison_of(session(), size, PARTS[part]) as (pilot, _, _):
        check(f"compare-{part}-{size[0]}x{size[1]}", screen_text(pilot.app))


async def test_in_ascii() -> None:
    opened = session(look=Display(ascii_only=True))
    async with comparison_of(opened, keys="tab tab") as (pilot, _, _):
        listed = "\n".join(screen_text(pilot.app).splitlines()[:15])
        assert listed.isascii(), listed
        assert "7.88.1-10 -> 8.1.0-2" in listed


async def test_in_binary_units() -> None:
    async with comparison_of(session(look=Display(binary_units=True)), keys="tab tab") as (pilot, screen, _):
        assert "+879 KiB" in rows(screen)[0]
        assert "+918 KiB" in screen_text(pilot.app)


async def test_an_image_and_itself() -> None:
    async with comparison_of(session(AFTER, AFTER), keys="tab enter d y") as (_, screen, left):
        assert (amount(screen), rows(screen), left) == (
            " Nothing differs",
            [" No directory stores more or less."],
            [],
        )


@pytest.mark.parametrize("size", [(40, 10), (20, 5), (60, 14), (250, 60)])
async def test_any_size_will_do(size: tuple[int, int]) -> None:
    async with comparison_of(session(), size) as (pilot, screen, _):
        for _ in Part:
            assert len(screen_text(pilot.app).splitlines()) <= size[1]
            assert screen.listed.count()
            await press(pilot, "tab", "down")


async def test_the_width_may_change() -> None:
    async with comparison_of(session(), keys="tab tab tab down down") as (pilot, screen, _):
        row = screen.listed.row
        for size in ((40, 10), (160, 48), (80, 24)):
            await resize(pilot, *size)
            assert screen.listed.row is row
            assert screen.query_one("#figures").display == (size[1] > 10)


async def test_of_reports_it_says_what_is_not_known() -> None:
    opened = session(saved_without_entries(BEFORE.image))
    async with comparison_of(opened, (100, 24)) as (pilot, screen, _):
        said = []
        for _ in Part:
            said.append(rows(screen)[0][:40])
            await press(pilot, "tab")
        known = " ".join(amount(screen).split())
        assert known == "▶Steps 4 Directories ? Packages ? Files ? Configuration 4 Findings ?"
        assert said[1:4] == [
            " Directories are not known: a report was",
            " Packages are not known: a saved report,",
            " Files are not known: a report was saved",
        ]


async def test_enter_into_a_report_without_entries_goes_to_layers() -> None:
    opened = session(after=saved_without_entries(AFTER.image))
    async with comparison_of(opened, keys="enter") as (_, _, left):
        assert left == [Jump(1, b"", Scope.CHANGES)]  # a layer, without a path


async def test_another_platform_is_told_and_tells_the_names_apart() -> None:
    other = analyze(replace(AFTER.image, platform="linux/arm64"), keep_past=True)
    other = with_findings(other)
    async with comparison_of(session(with_findings(AFTER), other)) as (pilot, screen, _):
        assert screen_text(pilot.app).splitlines()[0] == " app:2 linux/amd64  →  app:2 linux/arm64"
        await press(pilot, *["tab"] * 4)
        assert rows(screen) == [" platform      changed    linux/amd64 → linux/arm64"]


async def test_nothing_of_an_image_is_markup_or_reaches_the_terminal() -> None:
    nasty = NASTY.encode()
    sides = []
    for size in (10, 90):
        made = layer(
            (NASTY, b"x" * size), ("usr/node_modules/" + NASTY + "/package.json", b'{"version": "1"}')
        )
        one = image(
            NASTY, (f"RUN {NASTY} {size}", made), config={"User": NASTY * size, "Labels": {NASTY: NASTY}}
        )
        sides.append(with_findings(one, finding(NASTY, size, 1)))
    async with comparison_of(session(sides[0], sides[1])) as (pilot, screen, _):
        for part in Part:
            shown = screen_text(pilot.app)
            assert shown.replace("\n", "").isprintable(), part
            assert "[/foo]" in shown or part in (Part.PACKAGES, Part.DIRECTORIES), part
            await press(pilot, "down", "y", "tab")
        await press(pilot, *["tab"] * 3, "slash", Text("[red]"), "enter", "d")
        await settle(pilot)
        assert isinstance(pilot.app.screen, FileDiffScreen)
        assert screen_text(pilot.app).replace("\n", "").isprintable()
        assert AFTER.union.find(nasty) is None
        assert screen.listed.count()


# Its lists


async def test_packages_and_findings_come_once_they_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    opened = session()
    read = opened.read_contents

    def slow(*arguments: Any) -> Any:
        assert released.wait(10)
        return read(*arguments)

    monkeypatch.setattr(opened, "read_contents", slow)
    screen = CompareScreen(opened)
    async with Host(screen).run_test(size=(100, 24)) as pilot:
        while screen.listed.lists is None:
            await pilot.pause(0.01)
        await idle(pilot)
        assert "Packages …" in amount(screen)
        await press(pilot, "tab", "tab")
        assert rows(screen) == [" reading databases…"]
        await press(pilot, "tab", "down", "down")
        released.set()
        await settle(pilot)
        assert screen.listed.cursor == 2
        assert "Packages 5" in amount(screen)


async def test_tab_goes_round_and_each_list_keeps_its_cursor() -> None:
    async with comparison_of(session(), keys="down tab down shift+tab") as (pilot, screen, _):
        assert (screen.listed.part, screen.listed.cursor) == (Part.STEPS, 1)
        await press(pilot, "right")
        assert (screen.listed.part, screen.listed.cursor) == (Part.DIRECTORIES, 1)
        await press(pilot, "left", "left")
        assert screen.listed.part is Part.FINDINGS


async def test_a_word_can_be_clicked() -> None:
    async with comparison_of(session()) as (pilot, screen, _):
        await pilot.click("#amount", offset=(30, 0))
        assert screen.listed.part is not Part.STEPS


async def test_a_filter_counts_what_it_lets_through_in_every_list() -> None:
    async with comparison_of(session(), (120, 24), "slash") as (pilot, screen, _):
        await press(pilot, Text("curl"))
        assert "Packages 1 of 5" in amount(screen)
        await press(pilot, "tab", "tab", "down")
        assert [row.split()[-5:] for row in rows(screen)] == [["dpkg", "curl", "7.88.1-10", "→", "8.1.0-2"]]
        await press(pilot, "slash", Text("nothing"))
        assert rows(screen) == [" Nothing here has this in it."]
        await press(pilot, "escape")
        assert "Packages 5" in amount(screen)
        assert screen.focused is screen.listed
        await press(pilot, "slash", "enter")
        assert not screen.query_one("#pattern").display


async def test_details_tell_of_both_sides() -> None:
    async with comparison_of(session()) as (pilot, screen, _):
        assert details(screen).splitlines() == [
            "grown    +940 kB stored, 0 B wasted",
            "before   layer 1, 430 kB stored, 0 B of it wasted",
            "after    layer 1, 1.37 MB stored, 0 B of it wasted",
            "was      RUN apt-get install -y curl less",
            "is       RUN apt-get install -y curl git",
        ]
        await press(pilot, "tab", "tab", "down")
        assert details(screen).splitlines() == [
            "bytes    +120 kB: 300 kB → 420 kB live",
            "before   7.88.1-10  300 kB",
            "after    8.1.0-2  420 kB",
            "         which of two versions is newer, only its manager knows",
            "largest  /usr/lib/curl",
            "most in  layer 1  RUN apt-get install -y curl git",
        ]
        await press(pilot, "tab", "slash", Text("app/tool"), "enter")
        assert details(screen).splitlines() == [
            "bytes    0 B: 60 B → 60 B live",
            "changed  mode",
            "before   file, 60 B, -rw-r--r-- 0:0",
            "         layer 2  COPY . /app",
            "after    file, 60 B, -rwxr-xr-x 0:0",
            "         layer 2  COPY . /app",
        ]
        await press(pilot, "escape", "tab", "down")
        assert "may be secrets" in details(screen)
        assert "hunter" not in details(screen)


async def test_long_details_can_be_scrolled() -> None:
    long = "RUN " + " && ".join(f"step {number}" for number in range(200))
    other = image("3", (long, layer(("x", b"1"))), config={})
    async with comparison_of(session(BEFORE, other), keys="slash") as (pilot, screen, _):
        await press(pilot, Text("step 199"), "enter")
        both = screen.query_one("#both")
        await press(pilot, "J")
        assert both.scroll_offset.y > 0
        await press(pilot, "K")
        assert both.scroll_offset.y == 0


# Where its keys lead


@pytest.mark.parametrize(
    ("keys", "filtered", "place"),
    [
        ("", "curl git", Jump(1, b"", Scope.CHANGES)),
        ("tab", "usr", Jump(1, b"usr/lib", Scope.CHANGES)),
        ("tab tab", "git", Jump(1, b"usr/lib/git", Scope.FINAL)),
        ("tab tab tab", "etc/conf", Jump(2, b"etc/conf", Scope.FINAL)),
        ("shift+tab", "apt", Jump(1, b"usr/lib/curl", Scope.CHANGES)),
    ],
)
async def test_enter_goes_to_the_place_in_the_second_image(keys: str, filtered: str, place: Jump) -> None:
    async with comparison_of(session(), keys=keys) as (pilot, _, left):
        await press(pilot, "slash", Text(filtered), "enter", "enter")
        assert left == [place]


@pytest.mark.parametrize(
    ("keys", "filtered", "why"),
    [
        ("", "make test", "Only the first image has this step."),
                ("tab tab", "less", "Only the first image has this package."),
        ("tab tab tab", "tmp/result", "Only the first image has this file."),
        ("tab tab tab tab", "version", "Settings are in no file: in the explorer, the key I shows them."),
        ("shift+tab", "make", "Only in the first image this was to be changed."),
        ("shift+tab", "root", "No layer holds this: it is in the configuration of the image."),
    ],
)  # fmt: skip
async def test_what_the_second_image_does_not_have_is_said(keys: str, filtered: str, why: str) -> None:
    async with comparison_of(session(), keys=keys) as (pilot, _, left):
        await press(pilot, "slash", Text(filtered), "enter", "enter")
        await idle(pilot)
        assert left == []
        assert why in told(pilot)


async def test_the_contents_of_both_are_compared() -> None:
    async with comparison_of(session(), keys="tab tab tab slash") as (pilot, screen, _):
        await press(pilot, Text("etc/conf"), "enter", "d")
        await settle(pilot)
        assert screen_text(pilot.app).splitlines()[1:11] == [
            " /etc/conf",
            " - before layer 0  ADD debian",
            " + after  layer 2  COPY . /app",
            "size       36 bytes → 38 bytes",
            "",
            "@@ -1,3 +1,3",
            " host = localhost",
            "-port = 80",
            "+port = 8080",
            " log = on",
        ]
        await press(pilot, "escape")
        assert pilot.app.screen is screen


async def test_of_one_side_alone_nothing_is_compared() -> None:
    async with comparison_of(session(), keys="tab tab tab d") as (pilot, screen, _):
        await idle(pilot)
        assert pilot.app.screen is screen
        assert "Only the second image has this file." in told(pilot)


@pytest.mark.parametrize("key", ["escape", "q", "D"])
async def test_it_closes(key: str) -> None:
    async with comparison_of(session(), keys=key) as (_, _, left):
        assert left == [None]


# In the explorer


def explorer(load: LoadOther | None = None, **more: Any) -> Explorer:
    return Explorer(AFTER, Settings(), load_other=load, **more)


def top(app: Explorer) -> Screen[Any]:
    """The screen in front, which a key may have changed."""
    return app.screen


def giving(before: Analysis) -> LoadOther:
    """What opens one image, whatever its name."""

    def load(_reference: str, progress: Callable[[Reading], None]) -> Analysis:
        progress(Reading(10, 20, 0, 2))
        progress(Reading(20, 20, 1, 2))
        return before

    return load


async def test_the_comparison_is_the_first_screen_if_there_are_two() -> None:
    app = Explorer(lambda _: AFTER, reference="2.tar", against=Against("1.tar", lambda _: BEFORE))
    async with app.run_test(size=(80, 24)) as pilot:
        while not isinstance(app.screen, CompareScreen):
            await pilot.pause(0.01)
        await settle(pilot)
        assert screen_text(app).splitlines()[0] == " app:1  →  app:2"
        compared = app.screen
        await press(pilot, "tab", "escape")
        main = top(app)
        assert "app:2" in screen_text(app).splitlines()[0]
        await press(pilot, "D")
        assert top(app) is compared
        assert compared.listed.part is Part.DIRECTORIES
        await press(pilot, "tab", "tab", "enter")
        assert top(app) is main
        assert isinstance(main, ExplorerScreen)
        assert (main.scope, main.pane) == (Scope.FINAL, "files")
        assert main.session.timeline.name(main.files.path) == b"usr/lib/git"


async def test_it_says_which_of_the_two_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("layerscope.tui.app._PATIENCE", 0.05)
    go_on = threading.Semaphore(0)

    def load(analysis: Analysis) -> Callable[[Callable[[Reading], None]], Analysis]:
        def wait(progress: Callable[[Reading], None]) -> Analysis:
            progress(Reading(500_000_000, 2_000_000_000, 2, 12))
            assert go_on.acquire(timeout=10)
            return analysis

        return wait

    app = Explorer(load(AFTER), reference="new.tar", against=Against("old.tar", load(BEFORE)))
    async with app.run_test(size=(80, 24)) as pilot:
        for name in ("old.tar", "new.tar"):
            while not (isinstance(app.screen, LoadingScreen) and f"Reading {name}" in screen_text(app)):
                await pilot.pause(0.01)
            go_on.release()
        while not isinstance(app.screen, CompareScreen):
            await pilot.pause(0.01)
        await settle(pilot)


async def test_the_other_image_is_asked_for_and_comes_first() -> None:
    app = explorer(giving(BEFORE))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "D")
        check("compare-ask-80x24", screen_text(app))
        await press(pilot, "enter")
        assert isinstance(app.screen, CompareAskPanel)
        await press(pilot, Text(" app:1 "), "enter")
        await settle(pilot)
        assert screen_text(app).splitlines()[0] == " app:1  →  app:2"
        await press(pilot, "q", "D")
        assert isinstance(app.screen, CompareScreen)


async def test_what_is_wrong_is_said_and_the_line_stays() -> None:
    def load(reference: str, _: object) -> Analysis:
        raise SourceError(f"there is no {reference}", "Is the name right?")

    app = explorer(load)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "D", Text("[red]no\x1b.tar"), "enter")
        await settle(pilot)
        text = screen_text(app)
        for said in ("This image cannot be opened", "there is no [red]no", "Is the name right?"):
            assert said in text
        assert app.screen.query_one(Input).value.startswith("[red]no")
        await press(pilot, "home", "ctrl+k", Text("-"), "enter")
        await settle(pilot)
        assert "standard input is not there to be read" in screen_text(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, ExplorerScreen)


async def test_escape_ends_the_reading_then_the_question() -> None:
    begun, ended = threading.Event(), threading.Event()

    def load(_reference: str, progress: Callable[[Reading], None]) -> Analysis:
        try:
            for done in range(2000):
                progress(Reading(done * 1_000_000, 2_000_000_000, 0, 1, "pulling"))
                begun.set()
                ended.wait(0.01)
        finally:
            ended.set()
        return BEFORE

    app = explorer(load)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "D", Text("big.tar"))
        pilot.app.screen.query_one(Input).post_message(
            Input.Submitted(pilot.app.screen.query_one(Input), "big.tar")
        )
        while not begun.is_set() or "pulling…" not in screen_text(app):
            await pilot.pause(0.01)
        assert "of 2.00 GB" in screen_text(app)
        await pilot.press("escape")
        assert ended.wait(5)
        await settle(pilot)
        assert isinstance(app.screen, CompareAskPanel)
        assert not app.screen.query_one(ReadingLine).is_busy
        await press(pilot, "escape")
        assert isinstance(app.screen, ExplorerScreen)
        assert app.screen.session.before is None


async def test_another_image_takes_the_place_of_the_first() -> None:
    app = explorer(giving(AFTER), against=None)
    async with app.run_test(size=(80, 24)) as pilot:
        main = top(app)
        assert isinstance(main, ExplorerScreen)
        main.session.before = BEFORE
        await press(pilot, "D")
        await settle(pilot)
        await press(pilot, "o", "escape", "o", Text("other"), "enter")
        await settle(pilot)
        await settle(pilot)
        compared = top(app)
        assert isinstance(compared, CompareScreen)
        assert amount(compared) == " Nothing differs"


async def test_without_a_way_to_another_image_it_says_so() -> None:
    app = explorer()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await press(pilot, "D")
        await idle(pilot)
        assert "There is no way to another image from here." in told(pilot)


async def test_tens_of_thousands_of_files_are_listed_at_once() -> None:
    many = [f"usr/{number % 200}/{number}:{number}" for number in range(50_000)]
    before = with_findings(analyze(models.image(models.layer("a:1"))))
    after = with_findings(analyze(models.image(models.layer("a:1"), models.layer(*many))))
    async with comparison_of(session(before, after), keys="tab tab tab") as (pilot, screen, _):
        assert screen.listed.count() == 50_202
        await press(pilot, "end", "home", "pagedown", "slash", Text("199"))
        assert "of 50,202" in amount(screen)
