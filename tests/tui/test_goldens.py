"""Every view and panel on the demonstration image, as it was looked at in a narrow and in a wide terminal."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from layerscope.analysis.analyze import Analysis
from layerscope.analysis.view import Scope
from layerscope.tui.app import Explorer
from layerscope.tui.explorer import ExplorerScreen
from layerscope.tui.history import HistoryScreen
from layerscope.tui.session import Jump
from layerscope.tui.settings import Settings
from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.driving import Text, idle, press, settle
from tests.tui.files import with_findings
from tests.tui.goldens import check
from tests.tui.screens import screen_text

Prepare = Callable[[Pilot[Any]], Awaitable[None]]

NOW = datetime(2027, 1, 2, 12, tzinfo=UTC)
SIZES = [(80, 24), (160, 48)]

SETTINGS = Jump(8, b"srv/app/settings.ini")
WORDS = Jump(11, b"srv/app/words.txt")
BUSYBOX = Jump(11, b"bin/busybox")
DELETED = Jump(7, b"root/.ssh/id_rsa")


@pytest.fixture(scope="module")
def named(demo: Analysis) -> Analysis:
    """The demonstration image, wherever it lies."""
    named = replace(demo, image=replace(demo.image, reference="demo.tar.gz"))
    return with_findings(named, *demo.findings)


def main(pilot: Pilot[Any]) -> ExplorerScreen:
    screen = pilot.app.screen
    assert isinstance(screen, ExplorerScreen)
    return screen


def keys(*pressed: str, at: Jump | None = None) -> Prepare:
    """Go to a path, press some keys."""

    async def prepare(pilot: Pilot[Any]) -> None:
        main(pilot).jump(at)
        for key in pressed:
            await press(pilot, key)
            await settle(pilot)

    return prepare


def field(name: str, value: str, then: Prepare) -> Prepare:
    """Do something, and put into a line what does not depend on where the tests run."""

    async def prepare(pilot: Pilot[Any]) -> None:
        await then(pilot)
        await settle(pilot)
        pilot.app.screen.query_one(name, Input).value = value

    return prepare


async def history(pilot: Pilot[Any]) -> None:
    """The history, its ages counted from a fixed day."""
    screen = main(pilot)
    pilot.app.push_screen(HistoryScreen(screen.session, NOW), screen.jump)


async def history_reversed(pilot: Pilot[Any]) -> None:
    await history(pilot)
    await idle(pilot)
    await press(pilot, "r")


VIEWS: dict[str, Prepare] = {
    "filter": keys("slash", Text("words"), "enter", at=Jump(11, b"bin")),
    "filter-typed": keys("slash", Text(".txt")),
    "filter-wrong": keys("slash", Text("kind:bad")),
    "filter-nothing": keys("slash", Text("no-such-name"), "enter"),
    "hidden-kind": keys("4", at=Jump(7, b"root", Scope.UP_TO)),
    "changes": keys("right", at=Jump(8, b"srv/app/settings.ini")),
    "removed": keys("X", at=Jump(7, b"tmp/build")),
    "up-to": keys("right", at=Jump(8, b"srv/app", Scope.UP_TO)),
    "final": keys("E", at=Jump(8, b"srv", Scope.FINAL)),
    "waste": keys("w"),
    "waste-kinds": keys("w", "tab"),
    "waste-filter": keys("w", "slash", Text("words"), "enter"),
    "findings": keys("F"),
    "findings-details": keys("F", "down", "tab", "end"),
    "findings-chosen": keys("F", "space", "end", "space"),
    "what-if": keys("F", "space", "down", "space", "W"),
    "what-if-all": keys("F", "W"),
    "packages": keys("p"),
    "packages-layers": keys("p", "tab", "tab", "space"),
    "packages-nothing": keys("p", "slash", Text("no such"), "enter"),
    "treemap": keys("t"),
    "treemap-waste": keys("t", "c", at=Jump(6, b"tmp/build", Scope.UP_TO)),
    "history": history,
    "history-reversed": history_reversed,
    "image": keys("I"),
    "find": keys("f"),
    "find-found": keys("f", Text("words"), "enter", "down"),
    "find-nothing": keys("f", Text("no-such-name")),
    "view-text": keys("v", at=SETTINGS),
    "view-search": keys("v", "slash", Text("port"), at=SETTINGS),
    "view-binary": keys("v", at=BUSYBOX),
    "view-deleted": keys("v", at=DELETED),
    "view-directory": keys("v", at=Jump(11, b"srv/app")),
    "view-link": keys("v", at=Jump(1, b"bin/arp")),
    "diff-text": keys("d", at=SETTINGS),
    "diff-metadata": keys("d", at=WORDS),
    "diff-none": keys("d", at=DELETED),
    "help": keys("question_mark"),
    "help-viewer": keys("v", "question_mark", at=SETTINGS),
    "explain-layer": keys("i"),
    "explain-image": keys("tab", "i"),
    "explain-path": keys("i", at=Jump(11, b"srv")),
    "extract": field("#target", "/home/me", keys("x", at=Jump(8, b"srv"))),
    "export": field("#file", "/home/me/report.json", keys("e")),
    "palette": keys("ctrl+p"),
}


async def shown(analysis: Analysis, size: tuple[int, int], prepare: Prepare, settings: Settings) -> str:
    app = Explorer(analysis, settings)
    async with app.run_test(size=size) as pilot:
        await idle(pilot)
        await prepare(pilot)
        await settle(pilot)
        return screen_text(app)


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "160x48"])
@pytest.mark.parametrize("view", VIEWS)
async def test_every_view(named: Analysis, size: tuple[int, int], view: str) -> None:
    check(f"{view}-{size[0]}x{size[1]}", await shown(named, size, VIEWS[view], Settings()))


@pytest.mark.parametrize(
    "view",
    [
        "removed",
        "treemap",
        "waste",
        "findings",
        "findings-chosen",
        "packages",
        "history",
        "view-binary",
        "help",
    ],
)
async def test_views_in_ascii(named: Analysis, view: str) -> None:
    text = await shown(named, (80, 24), VIEWS[view], Settings(ascii_only=True))
    check(f"{view}-ascii", text)
    assert text.isascii()


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "160x48"])
async def test_the_main_screen_in_ascii(named: Analysis, size: tuple[int, int]) -> None:
    text = await shown(named, size, keys(), Settings(ascii_only=True))
    check(f"main-ascii-{size[0]}x{size[1]}", text)
    assert text.isascii()
