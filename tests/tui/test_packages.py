"""The packages view: which package brought the bytes."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.model import HistoryStep, Image, Tell
from layerscope.analysis.packages.package import Packages
from layerscope.analysis.view import Scope
from layerscope.errors import DamagedError, SourceError
from layerscope.tui.app import Explorer
from layerscope.tui.display import Display
from layerscope.tui.explorer import ExplorerScreen
from layerscope.tui.key_line import KeyLine
from layerscope.tui.packages import PackagesScreen
from layerscope.tui.packages_lines import PackageLines
from layerscope.tui.reading import ReadingLine
from layerscope.tui.session import Jump, Session
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input, Static

from tests.models import image
from tests.tui.driving import Text, idle, press, resize, settle
from tests.tui.files import Item, layer, saved_without_entries
from tests.tui.goldens import check
from tests.tui.screens import Host, lines_text, screen_text

DEBIAN = {
    "libllvm15": (
        "1:15.0.6-4+b1",
        115_000,
        ["/usr/lib/libLLVM-15.so.1", "/usr/share/doc/libllvm15/copyright"],
    ),
    "libc6": ("2.36-9+deb12u10", 12_982, ["/lib/libc.so.6", "/lib/libm.so.6"]),
    "bash": ("5.2.15-2+b8", None, ["/bin/bash"]),
    "gone": ("1", 77, ["/usr/gone"]),
    "empty": ("1", None, ["/etc/empty"]),
}
STATUS = "\n".join(
    f"Package: {name}\nStatus: install ok installed\nVersion: {version}\n"
    + (f"Installed-Size: {size}\n" if size else "")
    for name, (version, size, _) in DEBIAN.items()
).encode()
LISTS: list[Item] = [
    (f"var/lib/dpkg/info/{name}.list", "\n".join(paths).encode()) for name, (_, _, paths) in DEBIAN.items()
]
STEPS = (
    HistoryStep(created_by="ADD debian.tar /"),
    HistoryStep(created_by="RUN /bin/sh -c apt-get update && apt-get install -y libllvm15"),
    HistoryStep(created_by="COPY model /opt/model # buildkit"),
)
BUILD = image(
    layer("lib/libc.so.6:9000000", "lib/libm.so.6:900000", "bin/bash:1200000", "etc/empty"),
    layer(
        ("var/lib/dpkg/status", STATUS),
        *LISTS,
        "usr/lib/libLLVM-15.so.1:117000000",
        "usr/share/doc/libllvm15/copyright:6800",
        "lib/libm.so.6:910000",
        "var/cache/apt/archives/libllvm15.deb:22000000",
    ),
    layer("opt/model/weights.bin:300000000", "opt/model/words.txt:4000", "srv/app-1.2.jar:700000"),
    history=STEPS,
)
NASTY = "[red]x[/foo]\x1b]0;PWNED\x07\u202e"
HOSTILE = image(
    layer(
        ("lib/apk/db/installed", f"P:{NASTY}{'long' * 60}\nV:\x9b2J\xff\nF:{NASTY}\nR:{NASTY}\n".encode()),
        (f"{NASTY}/{NASTY}", b"123"),
        (f"opt/{NASTY}[@click=app.bell]y/data", b"12"),
    ),
    history=(HistoryStep(created_by=f"RUN {NASTY}" + "z" * 5000),),
)


def session(opened: Image | Analysis = BUILD, look: Display | None = None) -> Session:
    return Session(analyze(opened) if isinstance(opened, Image) else opened, look or Display())


@asynccontextmanager
async def packages_of(
    opened: Session | None = None, size: tuple[int, int] = (80, 24), keys: str = ""
) -> AsyncIterator[tuple[Pilot[Any], PackagesScreen, list[Jump | None]]]:
    """The view with its packages there, after some keys."""
    screen = PackagesScreen(opened or session())
    app = Host(screen)
    async with app.run_test(size=size, notifications=True) as pilot:
        await idle(pilot)
        await settle(pilot)
        await press(pilot, *keys.split())
        yield pilot, screen, app.left


def rows(screen: PackagesScreen) -> list[str]:
    return lines_text(screen.query_one(PackageLines)).splitlines()


def text(screen: PackagesScreen, name: str) -> str:
    return str(screen.query_one(name, Static).content)


def facts(screen: PackagesScreen) -> list[str]:
    return text(screen, "#facts").splitlines()


# What it shows


@pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids=["80x24", "160x48"])
@pytest.mark.parametrize(
    ("view", "keys"),
    [("debian", ""), ("debian-manager", "tab space"), ("debian-layer", "tab tab down down space")],
)
async def test_a_debian_with_more_on_top(view: str, keys: str, size: tuple[int, int]) -> None:
    async with packages_of(size=size, keys=keys) as (pilot, _, _):
        check(f"packages-{view}-{size[0]}x{size[1]}", screen_text(pilot.app))


async def test_packages_by_bytes_and_then_what_belongs_to_none() -> None:
    async with packages_of() as (_, screen, _):
        assert text(screen, "#amount") == " 129 MB of 451 MB live in 6 packages, 322 MB of no package  "
        assert text(screen, "#titles") == ("    bytes    files  manager  package                  layer")
        assert rows(screen) == [
            "   117 MB        2  dpkg     libllvm15 1:15.0.6-4+b1    1  RUN apt-get update &…",
            "  9.91 MB        2  dpkg     libc6 2.36-9+deb12u10      0+ ADD debian.tar /",
            "  1.20 MB        1  dpkg     bash 5.2.15-2+b8           0  ADD debian.tar /",
            "   700 kB        1  java     app 1.2                    2  COPY model /opt/model",
            "      0 B        1  dpkg     empty 1                    0  ADD debian.tar /",
            "      0 B        0  dpkg     gone 1",
            " of no package, by directory",
            "   300 MB        2           /opt/model                 2  COPY model /opt/model",
            "  22.0 MB        1           /var/cache/apt/archives    1  RUN apt-get update &…",
            "    497 B        6           elsewhere                  1  RUN apt-get update &…",
        ]


async def test_details_of_a_package() -> None:
    async with packages_of(keys="down") as (_, screen, _):
        assert str(screen.query_one("#held").border_title) == "libc6 2.36-9+deb12u10"
        assert facts(screen) == [
            "9.91 MB  9,910,000 bytes in 2 files; dpkg says 13.3 MB",
            "layer 0     9.00 MB  ADD debian.tar /",
            "layer 1      910 kB  RUN apt-get update && apt-get install -y libllvm15",
            "largest     9.00 MB  /lib/libc.so.6",
            "             910 kB  /lib/libm.so.6",
        ]


async def test_details_of_a_directory() -> None:
    async with packages_of(keys="end up up") as (_, screen, _):
        assert str(screen.query_one("#held").border_title) == "/opt/model"
        assert facts(screen) == [
            "300 MB  300,004,000 bytes in 2 files of no package",
            "layer 2      300 MB  COPY model /opt/model",
            "largest      300 MB  /opt/model/weights.bin",
            "            4.00 kB  /opt/model/words.txt",
        ]


async def test_details_of_a_package_that_says_nothing_and_of_one_that_is_gone() -> None:
    async with packages_of(keys="down down") as (pilot, screen, _):
        assert facts(screen)[0] == "1.20 MB  1,200,000 bytes in 1 file"
        await press(pilot, "down", "down", "down")
        assert facts(screen) == ["0 B  0 bytes in 0 files; dpkg says 78.8 kB"]


async def test_of_many_layers_those_with_most_bytes_are_told() -> None:
    names = [f"R:{number}" for number in range(30)]
    installed = ("lib/apk/db/installed", "\n".join(["P:many", "V:1", "F:usr", *names]).encode())
    many = image(layer(installed), *(layer(f"usr/{number}:{number + 1}") for number in range(30)))
    async with packages_of(session(many)) as (pilot, screen, _):
        assert facts(screen) == [
            "465 B  465 bytes in 30 files",
            "layer 30       30 B  (no history)",
            "layer 29       29 B  (no history)",
            "                     and in 28 other layers",
            "largest        30 B  /usr/29",
            "               29 B  /usr/28",
        ]
        await resize(pilot, 160, 60)
        assert len(facts(screen)) == screen.query_one("#held").size.height


async def test_a_package_in_several_places_says_in_how_many() -> None:
    jars = image(layer("a/x-1.jar:5", "b/x-1.jar:5"))
    async with packages_of(session(jars)) as (_, screen, _):
        assert rows(screen)[0].split()[:6] == ["10", "B", "2", "java", "x", "1"]
        assert "x 1 x2" in rows(screen)[0]


async def test_groups_by_manager_and_by_layer() -> None:
    async with packages_of(keys="tab") as (pilot, screen, _):
        shown = [text(screen, "#amount").split("  ")[0], *rows(screen)]
        await press(pilot, "tab", "down", "enter")
        shown += [text(screen, "#amount").split("  ")[0], *rows(screen)]
        assert shown == [
            " 129 MB of 451 MB live in 6 packages, by manager",
            " ▸   128 MB   28.42 %  ██▎              5  dpkg",
            " ▸   700 kB    0.16 %  ▏                1  java",
            " ▸   322 MB   71.43 %  █████▊           -  of no package",
            " 129 MB of 451 MB live in 6 packages, by layer",
            " ▸   301 MB   66.70 %  █████▍           1  layer 2  COPY model /opt/model",
            " ▾   140 MB   31.04 %  ██▌              2  layer 1  RUN apt-get update && apt-g…",
            "       117 MB        2  dpkg     libllvm15 1:15.0.6-4+b1",
            "      22.0 MB        1           /var/cache/apt/archives",
            "       910 kB        1  dpkg     libc6 2.36-9+deb12u10",
            "        497 B        6           elsewhere",
            " ▸  10.2 MB    2.26 %  ▏                3  layer 0  ADD debian.tar /",
        ]
        assert facts(screen) == [
            "140 MB in 2 packages and 2 directories of no package, 31.04 % of all live b…",
            "   117 MB  libllvm15 1:15.0.6-4+b1",
            "  22.0 MB  /var/cache/apt/archives",
            "   910 kB  libc6 2.36-9+deb12u10",
            "    497 B  elsewhere",
        ]
        await press(pilot, "tab")
        assert text(screen, "#amount").startswith(" 129 MB of 451 MB live in 6 packages, 322 MB")


async def test_groups_open_and_close_with_the_keys_of_the_waste_view() -> None:
    async with packages_of(keys="tab right right") as (pilot, screen, _):
        assert [screen.packages.row is None, screen.packages.group is None] == [False, True]
        await press(pilot, "left")
        assert [screen.packages.row is None, len(rows(screen))] == [True, 8]
        await press(pilot, "left", "left")
        assert len(rows(screen)) == 3
        await press(pilot, "space")
        assert len(rows(screen)) == 8


async def test_a_grouping_can_be_clicked() -> None:
    async with packages_of(size=(120, 24)) as (pilot, screen, _):
        await pilot.click("#amount", offset=(117, 0))
        assert text(screen, "#amount").rstrip().endswith("▶layer")


async def test_names_are_filtered_while_one_types() -> None:
    async with packages_of(keys="slash") as (pilot, screen, _):
        await press(pilot, Text("LIB"))
        assert text(screen, "#amount").split("  ")[0] == " 127 MB of 451 MB live in 2 of 6 packages"
        assert len(rows(screen)) == 2
        await press(pilot, "enter", "tab", "slash", Text("no such"))
        assert (rows(screen), facts(screen)) == ([], ["No package and no directory has this in its name."])
        await press(pilot, "down", "escape")
        assert (len(rows(screen)), screen.query_one("#pattern", Input).display) == (3, False)


async def test_a_filter_may_leave_directories_alone() -> None:
    async with packages_of(keys="slash") as (pilot, screen, _):
        await press(pilot, Text("/opt"), "down")
        assert text(screen, "#amount") == " 0 B of 451 MB live in 0 of 6 packages, 300 MB of no package  "
        assert (rows(screen)[0], screen.packages.cursor) == (" of no package, by directory", 1)


async def test_a_narrow_screen_leaves_room_for_names() -> None:
    async with packages_of(size=(40, 10)) as (pilot, screen, _):
        assert rows(screen)[0] == "   117 MB  libllvm15 1:15.0.6-4+b1"
        await press(pilot, "tab")
        assert rows(screen)[0] == " ▸   128 MB         5  dpkg"
        await resize(pilot, 20, 6)


# Enter, and other keys


@pytest.mark.parametrize(
    ("keys", "to"),
    [
        ("enter", Jump(1, b"usr/lib/libLLVM-15.so.1", Scope.FINAL)),
        ("down enter", Jump(0, b"lib/libc.so.6", Scope.FINAL)),
        ("end enter", Jump(1, b"", Scope.FINAL)),
        ("end up up enter", Jump(2, b"opt/model", Scope.FINAL)),
        ("tab tab down enter down down enter", Jump(1, b"var/cache/apt/archives", Scope.FINAL)),
    ],
    ids=["a package", "in two layers", "elsewhere", "a directory", "in a group"],
)
async def test_enter_goes_to_the_largest_file_or_to_the_directory(keys: str, to: Jump) -> None:
    async with packages_of(keys=keys) as (_, _, left):
        assert left == [to]


async def test_a_package_without_bytes_leads_nowhere() -> None:
    async with packages_of(keys="down down down down enter") as (pilot, _, left):
        assert left == []
        assert "All of its files are empty." in screen_text(pilot.app)
        await press(pilot, "down", "enter")
        assert left == []
        assert "The final image has no file of it." in screen_text(pilot.app)


@pytest.mark.parametrize("key", ["escape", "p", "q"])
async def test_it_closes(key: str) -> None:
    async with packages_of(keys=key) as (_, _, left):
        assert left == [None]


async def test_the_name_is_copied() -> None:
    async with packages_of(keys="c") as (pilot, screen, _):
        copied = [pilot.app.clipboard]
        await press(pilot, "end", "up", "up", "c")
        assert [*copied, pilot.app.clipboard] == ["libllvm15", "/opt/model"]
        await press(pilot, "tab", "c")
        assert pilot.app.clipboard == "/opt/model"
        assert "Copy" not in str(screen.query_one(KeyLine).content)


@pytest.mark.parametrize("keys", ["", "tab", "slash"])
async def test_what_the_last_line_shows_fits(keys: str) -> None:
    async with packages_of(keys=keys) as (_, screen, _):
        assert len(str(screen.query_one(KeyLine).content)) <= 73  # and the app's help


# When there is little to show


async def test_an_image_without_packages() -> None:
    async with packages_of(session(image(layer("app/main:900")))) as (pilot, screen, _):
        assert text(screen, "#amount").split("  ")[0] == " No packages: 900 B live belong to none"
        assert rows(screen) == [
            " of no package, by directory",
            "    900 B        1           /app    0  (no history)",
        ]
        await press(pilot, "tab")
        assert rows(screen) == [" ▸    900 B     100 %  ████████         -  of no package"]


async def test_an_image_of_nothing() -> None:
    async with packages_of(session(image()), keys="tab tab enter space left right end c") as (
        _,
        screen,
        left,
    ):
        assert (rows(screen), left) == ([], [])
        assert text(screen, "#amount").startswith(" No packages: 0 B live")
        assert facts(screen) == ["The final image holds no bytes, and its databases know of no package."]


async def test_a_report_saved_without_entries_says_so_in_a_sentence() -> None:
    async with packages_of(session(saved_without_entries(BUILD)), keys="enter tab c") as (_, screen, left):
        assert (text(screen, "#amount"), rows(screen), left) == (" No packages", [], [])
        assert facts(screen) == [
            "This report was saved without entries, so there are no databases of packages to look at."
        ]


async def test_contents_that_have_gone_by_are_told_of_above_what_names_say() -> None:
    gone = SourceError("a saved report holds no contents of files", "Open the image itself.")
    bare = image(layer("srv/app-1.2.jar:700", "var/lib/dpkg/status:20", error=gone))
    async with packages_of(session(bare)) as (pilot, screen, _):
        assert text(screen, "#note") == (
            "databases of packages in layers 0 could not be read: a saved report holds no contents of files"
        )
        assert screen_text(pilot.app).splitlines()[2:4] == [
            " databases of packages in layers 0 could not be read: a saved report holds no",
            " contents of files",
        ]
        assert rows(screen)[0].split()[:5] == ["700", "B", "1", "java", "app"]


async def test_several_notes_are_counted() -> None:
    opened = session()
    found = replace(opened.analysis.packages, notes=("[b]one\x1b", "two", "three"))
    vars(opened.analysis)["packages"] = found
    async with packages_of(opened) as (_, screen, _):
        assert text(screen, "#note") == r"[b]one\x1b (and 2 more)"


# Reading


class Slow(Session):
    """Databases that take until they are released; how often they were asked for, and what comes of it."""

    error: Exception | None = None
    asked = 0

    def list_packages(self, tell: Tell) -> Packages:
        self.asked += 1
        while not released.wait(0.01):
            tell(1_000)
        if self.error is not None:
            raise self.error
        return super().list_packages(tell)


released = threading.Event()


@pytest.fixture
def slow() -> Slow:
    released.clear()
    return Slow(analyze(BUILD))


async def test_a_line_says_that_databases_are_read(slow: Slow) -> None:
    screen = PackagesScreen(slow)
    async with Host(screen).run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "down", "c", "tab", "tab", "space")
        await pilot.pause(0.2)
        said = str(screen.query_one(ReadingLine).content)
        assert said.startswith("reading databases…")
        assert said.endswith("esc cancels")
        assert (rows(screen), facts(screen)) == ([], [])
        released.set()
        await settle(pilot)
        assert (len(rows(screen)), text(screen, "#amount").split("  ")[0].split(", ")[1]) == (3, "by layer")


async def test_leaving_ends_the_reading_and_it_begins_anew_the_next_time(slow: Slow) -> None:
    screen = PackagesScreen(slow)
    app = App[None]()
    async with app.run_test(size=(80, 24)) as pilot:
        app.install_screen(screen, "packages")
        for key in ("escape", "p"):
            await app.push_screen("packages")
            await pilot.pause(0.05)
            await pilot.press(key)
            await app.workers.wait_for_complete()
            assert len(app.screen_stack) == 1
        released.set()
        await app.push_screen("packages")
        await settle(pilot)
        assert (slow.asked, len(rows(screen))) == (3, 10)
        await pilot.press("escape")
        await app.push_screen("packages")
        await settle(pilot)
        assert (slow.asked, len(rows(screen))) == (3, 10)


async def test_what_cannot_be_read_is_told(slow: Slow) -> None:
    slow.error = DamagedError("layer 0 is not what it was", "Fetch [it] again")
    released.set()
    screen = PackagesScreen(slow)
    async with Host(screen).run_test(size=(80, 24)) as pilot:
        await idle(pilot)
        await settle(pilot)
        assert str(screen.query_one(ReadingLine).content) == (
            "The packages cannot be told\nlayer 0 is not what it was\nFetch [it] again"
        )
        assert (text(screen, "#amount"), rows(screen), facts(screen)) == ("", [], [])


async def test_a_defect_ends_the_explorer_with_it(slow: Slow) -> None:
    slow.error = RuntimeError("no")
    released.set()
    app = Host(PackagesScreen(slow))
    async with app.run_test(size=(80, 24)) as pilot:
        await idle(pilot)
        await app.workers.wait_for_complete()
    assert app.return_value is slow.error


def test_two_that_ask_at_once_read_once() -> None:
    opened = session()
    found: list[Packages] = []
    asking = [
        threading.Thread(target=lambda: found.append(opened.list_packages(lambda _: None))) for _ in range(4)
    ]
    for one in asking:
        one.start()
    for one in asking:
        one.join()
    assert all(one is opened.analysis.packages for one in found)


# Looks


async def test_names_are_shown_and_copied_as_harmless_text() -> None:
    async with packages_of(session(HOSTILE)) as (pilot, screen, _):
        assert r"[red]x[/foo]\x1b]0;PWNED" in rows(screen)[0]
        for key in ("end", "tab", "space", "tab", "space", "end"):
            await press(pilot, key)
            assert all(char.isprintable() or char == "\n" for char in screen_text(pilot.app))
        await press(pilot, "tab", "home", "c")
        assert pilot.app.clipboard.startswith(r"[red]x[/foo]\x1b]0;PWNED\x07\u202elong")


async def test_plain_ascii_and_other_units() -> None:
    look = Display(binary_units=True, ascii_only=True)
    async with packages_of(session(look=look), keys="tab space down") as (_, screen, _):
        assert rows(screen)[:2] == [
            " v  122 MiB   28.42 %  ##               5  dpkg",
            "      112 MiB        2  dpkg     libllvm15 1:15.0.6-4+b1    1  RUN apt-get up...",
        ]
        shown = [*rows(screen), *facts(screen), text(screen, "#amount"), text(screen, "#titles")]
        assert all(line.isascii() for line in shown)


async def test_thousands_of_packages_are_a_list_like_any_other() -> None:
    jars = image(layer(*(f"usr/lib/j{number}-{number}.jar:{number + 1}" for number in range(5_000))))
    async with packages_of(session(jars), keys="end") as (_, screen, _):
        assert (screen.packages.count(), screen.packages.cursor) == (5_000, 4_999)


# From the main screen


@asynccontextmanager
async def main(size: tuple[int, int]) -> AsyncIterator[tuple[Pilot[Any], ExplorerScreen]]:
    app = Explorer(analyze(BUILD, keep_past=True))
    async with app.run_test(size=size) as pilot:
        await idle(pilot)
        await settle(pilot)
        assert isinstance(app.screen, ExplorerScreen)
        yield pilot, app.screen


async def test_enter_leads_to_the_file_in_the_final_image_and_the_view_stays_as_it_was() -> None:
    async with main((80, 24)) as (pilot, screen):
        await press(pilot, "p")
        await settle(pilot)
        await press(pilot, "down", "enter")
        assert len(pilot.app.screen_stack) == 2
        path = screen.session.timeline.name(screen.files.path)
        assert (screen.layer_index, path, screen.scope, screen.pane) == (
            0,
            b"lib/libc.so.6",
            Scope.FINAL,
            "files",
        )
        await press(pilot, "p")
        view = pilot.app.screen_stack[-1]
        assert isinstance(view, PackagesScreen)
        assert view.packages.cursor == 1


async def test_the_last_line_has_the_key_where_there_is_room_for_it() -> None:
    async with main((80, 24)) as (pilot, screen):
        line = screen.query_one(KeyLine)
        shown = [str(line.content)]
        for width in (160, 100, 80):
            await resize(pilot, width, 24)
            shown.append(str(line.content))
        assert ["p Packages" in one for one in shown] == [False, True, True, False]
        assert all(one.endswith("v View q Quit ? Help") for one in shown)
