"""Which image: those of the engines, filtered while one types."""

import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.model import LocalImage, LocalImages, Reading
from layerscope.errors import SourceError
from layerscope.tui.app import Choice, Explorer
from layerscope.tui.explorer import ExplorerScreen
from layerscope.tui.image_list import ImageList
from layerscope.tui.loading import FailureScreen, LoadingScreen
from layerscope.tui.picker import PickerScreen
from layerscope.tui.settings import Settings
from textual.pilot import Pilot
from textual.widgets import Input

from tests.models import image, layer
from tests.tui.driving import Text, press
from tests.tui.goldens import check
from tests.tui.screens import screen_text

Progress = Callable[[Reading], None]

NOW = datetime(2027, 1, 2, 12, tzinfo=UTC)
HOUR = 3600
SIZES = [(80, 24), (160, 48), (60, 16), (40, 10)]


def local(
    name: str, hours: int, size: int | None = 128_000_000, engine: str = "Docker", number: int = 0xAB
) -> LocalImage:
    identity = f"sha256:{number:x}".ljust(71, "0")
    reference = f"{engine.lower()}://{name or identity}"
    created = int(NOW.timestamp()) - hours * HOUR
    return LocalImage(reference, name, identity, size, created, engine)


IMAGES = (
    local("", 1, number=0xDEAD),
    local("", 2, engine="Podman", number=0xBEEF),
    local("app:2", 3, 2_260_000_000),
    local("app:latest", 3, 2_260_000_000),
    local("localhost/base:edge", 60, 5_000, "Podman", 0xF00),
    local("registry.example.com:5000/team/a-rather-long-name-of-a-project/server:2026.12.24-slim", 800),
    local("old:1", 10_000, None),
    local("made/up-date:1", 400_000, 7),
    local("evil\x1b[31m[bold]\n漢字", 30),
)
MANY = tuple(local(f"image-{number:03}:1", number) for number in range(300))


def read(_reference: str, _progress: Progress) -> Analysis:
    return analyze(image(layer("a:1")), keep_past=True)


@asynccontextmanager
async def choosing(
    images: Sequence[LocalImage] = IMAGES,
    *typed: str,
    size: tuple[int, int] = (80, 24),
    silent: Sequence[str] = (),
    settings: Settings | None = None,
    load: Callable[[str, Progress], Analysis] = read,
    list_images: Callable[[], LocalImages] | None = None,
) -> AsyncIterator[tuple[Pilot[Any], Explorer]]:
    answer = list_images or (lambda: LocalImages(images, silent))
    app = Explorer(Choice(answer, load), settings)
    async with app.run_test(size=size) as pilot:
        if list_images is None:
            while isinstance(app.screen, PickerScreen) and "asking" in screen_text(app):
                await pilot.pause(0.01)
        await press(pilot, *typed)
        yield pilot, app


def names(app: Explorer) -> list[str]:
    return [one.name for one in app.screen.query_one(ImageList).images]


def selected(app: Explorer) -> str:
    found = app.screen.query_one(ImageList).selected
    assert found is not None
    return found.name


# What it shows


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_how_it_looks(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    async with choosing(size=size) as (pilot, app):
        screen = PickerScreen(
            lambda: LocalImages(IMAGES, ["Podman at tcp://x does not answer"]), app.look, NOW
        )
        app.push_screen(screen)
        await pilot.pause(0.05)
        await press(pilot, "down")
        check(f"picker-{size[0]}x{size[1]}", screen_text(app))


async def test_names_first_and_of_these_the_newest() -> None:
    async with choosing() as (_, app):
        assert names(app) == [
            "app:2",
            "app:latest",
            "evil\x1b[31m[bold]\n漢字",
            "localhost/base:edge",
            IMAGES[5].name,
            "old:1",
            "made/up-date:1",
            "",
            "",
        ]


async def test_in_ascii() -> None:
    async with choosing(size=(120, 24), settings=Settings(ascii_only=True)) as (_, app):
        text = screen_text(app)
        assert text.isascii()
        assert r"> app:2" in text
        assert r"evil\x1b[31m[bold]\n\u6f22\u5b57" in text


async def test_what_is_typed_filters_at_once_and_all_words_must_be_there() -> None:
    async with choosing() as (pilot, app):
        for typed, found in (
            ("APP", ["app:2", "app:latest"]),
            (" late", ["app:latest"]),
            (" docker", ["app:latest"]),
            (" x", []),
        ):
            await press(pilot, Text(typed))
            assert names(app) == found
        assert "0 of 9 images in Docker and Podman" in screen_text(app)
        assert "no image has this in its name or id" in screen_text(app)


async def test_an_id_is_found_too() -> None:
    async with choosing(IMAGES, Text("sha256:beef")) as (_, app):
        assert [one.id[:11] for one in app.screen.query_one(ImageList).images] == ["sha256:beef"]


async def test_escape_clears_the_filter_then_leaves() -> None:
    async with choosing(IMAGES, Text("late"), "escape") as (pilot, app):
        assert len(names(app)) == 9
        await press(pilot, "escape")
    assert app.return_value is None
    assert app.return_code == 0


async def test_letters_go_to_the_filter_and_arrows_to_the_list() -> None:
    async with choosing(MANY) as (pilot, app):
        await press(pilot, "down", "down", "up")
        assert selected(app) == "image-001:1"
        await press(pilot, "pagedown")
        assert selected(app) == "image-019:1"
        await press(pilot, "pageup", "pageup")
        assert selected(app) == "image-000:1"
        await press(pilot, "q", "j", "question_mark")
        assert app.screen.query_one(Input).value == "qj?"


async def test_the_cursor_stays_among_what_is_left() -> None:
    async with choosing(MANY, "pagedown", Text("299")) as (_, app):
        assert selected(app) == "image-299:1"


async def test_ten_thousand_images_are_no_work() -> None:
    images = [local(f"image-{number:05}:1", number) for number in range(10_000)]
    async with choosing(images, Text("9999")) as (_, app):
        assert names(app) == ["image-09999:1"]
        assert "1 of 10,000 images in Docker" in screen_text(app)


async def test_there_are_no_images() -> None:
    async with choosing((), "enter", "down", "pagedown") as (_, app):
        text = screen_text(app)
        assert "0 images" in text
        assert "there is none: docker pull NAME gets one, layerscope FILE opens an archive" in text
        assert isinstance(app.screen, PickerScreen)


async def test_an_engine_that_did_not_answer_is_told_of_below() -> None:
    async with choosing(silent=["Podman is evil\x1b[31m"]) as (_, app):
        assert screen_text(app).splitlines()[-2] == r" Podman is evil\x1b[31m"


# Where it leads


async def test_enter_opens_the_image_after_the_screen_that_tells_how_far_it_is() -> None:
    asked: list[str] = []
    go_on = threading.Event()

    def load(reference: str, progress: Progress) -> Analysis:
        asked.append(reference)
        progress(Reading(1, 2, None, None))
        assert go_on.wait(10)
        return analyze(image(layer("a:1")), keep_past=True)

    async with choosing(IMAGES, "down", "enter", load=load) as (pilot, app):
        while "Reading docker://app:latest" not in screen_text(app):
            await pilot.pause(0.01)
        assert isinstance(app.screen, LoadingScreen)
        go_on.set()
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert isinstance(app.screen, ExplorerScreen)
        assert asked == ["docker://app:latest"]


async def test_a_click_goes_to_an_image_and_a_second_one_opens_it() -> None:
    async with choosing() as (pilot, app):
        await pilot.click(ImageList, offset=(5, 3))
        assert selected(app) == "evil\x1b[31m[bold]\n漢字"
        await press(pilot, Text("x"))  # one still types
        await press(pilot, "escape")
        await pilot.click(ImageList, offset=(5, 1))
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert isinstance(app.screen, ExplorerScreen)


async def test_no_engine_answers() -> None:
    error = SourceError("Docker is not running", "Start it")

    def list_images() -> LocalImages:
        raise error

    async with choosing(list_images=list_images) as (pilot, app):
        while not isinstance(app.screen, FailureScreen):
            await pilot.pause(0.01)
        assert "Docker is not running" in screen_text(app)
        assert "Start it" in screen_text(app)
        await press(pilot, "enter")
    assert app.return_value is error


async def test_escape_does_not_wait_for_an_engine_that_says_nothing() -> None:
    answered = threading.Event()

    def list_images() -> LocalImages:
        answered.wait(10)
        return LocalImages((), ())

    async with choosing(list_images=list_images) as (pilot, app):
        await press(pilot, Text("app"), "enter")
        assert "asking Docker and Podman…" in screen_text(app)
        await press(pilot, "escape", "escape")
    assert app.return_code == 0
    assert not answered.is_set()
    answered.set()


async def test_what_was_typed_before_the_answer_filters_it() -> None:
    go_on = threading.Event()

    def list_images() -> LocalImages:
        assert go_on.wait(10)
        return LocalImages(IMAGES, ())

    async with choosing(list_images=list_images) as (pilot, app):
        await press(pilot, Text("late"))
        go_on.set()
        while not names(app):
            await pilot.pause(0.01)
        assert names(app) == ["app:latest"]
