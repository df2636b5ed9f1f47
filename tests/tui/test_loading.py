"""What is shown until the image is read, and if it cannot be."""

import threading
import time
from collections.abc import Callable

import pytest
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.model import Reading
from layerscope.errors import ChoiceError, LayerscopeError
from layerscope.tui.app import Explorer
from layerscope.tui.explorer import ExplorerScreen
from layerscope.tui.loading import FailureScreen, LoadingScreen

from tests.models import image, layer
from tests.tui.screens import screen_text

Progress = Callable[[Reading], None]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The screen comes soon."""
    monkeypatch.setattr("layerscope.tui.app._PATIENCE", 0.2)


async def test_how_far_the_reading_is_then_the_image() -> None:
    go_on = threading.Event()

    def load(progress: Progress) -> Analysis:
        progress(Reading(500_000_000, 2_000_000_000, 2, 12))
        assert go_on.wait(10)
        return analyze(image(layer("a:1")), keep_past=True)

    app = Explorer(load, reference="big.tar")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(1)
        text = screen_text(app)
        for said in ("Reading big.tar", "500 MB of 2.00 GB", "s left", "layer 3 of 12", "esc Cancel"):
            assert said in text
        go_on.set()
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert isinstance(app.screen, ExplorerScreen)


async def test_what_is_pulled_first_is_said_to_be() -> None:
    go_on = threading.Event()

    def load(progress: Progress) -> Analysis:
        progress(Reading(30_000_000, 90_000_000, None, None, "pulling"))
        assert go_on.wait(10)
        return analyze(image(layer("a:1")), keep_past=True)

    app = Explorer(load, reference="app:1")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(1)
        assert "Pulling app:1" in screen_text(app)
        assert "30.0 MB of 90.0 MB" in screen_text(app)
        go_on.set()
        await app.workers.wait_for_complete()


async def test_an_error_is_a_panel_with_hint_and_choices_and_the_result() -> None:
    error = ChoiceError("several images fit", "Choose one with --image:", ["0  one:1", "1  evil\x1b[31m"])

    def load(_progress: Progress) -> Analysis:
        raise error

    app = Explorer(load, reference="two.tar")
    async with app.run_test(size=(80, 24)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert isinstance(app.screen, FailureScreen)
        text = screen_text(app)
        for said in ("several images fit", "Choose one with --image:", "0  one:1", r"1  evil\x1b[31m"):
            assert said in text
        await pilot.press("enter")
    assert app.return_value is error
    assert isinstance(app.return_value, LayerscopeError)


async def test_escape_ends_the_reading() -> None:
    ended = threading.Event()

    def load(progress: Progress) -> Analysis:
        try:
            while True:
                progress(Reading(1, None, None, None))
                time.sleep(0.01)
        finally:
            ended.set()

    app = Explorer(load, reference="-")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(1)
        assert isinstance(app.screen, LoadingScreen)
        await pilot.press("escape")
    assert ended.wait(10)
    assert isinstance(app.return_value, KeyboardInterrupt)


async def test_a_defect_is_handed_to_the_command_line() -> None:
    def load(_progress: Progress) -> Analysis:
        raise ZeroDivisionError

    app = Explorer(load)
    async with app.run_test() as pilot:
        await pilot.pause(0.3)
    assert isinstance(app.return_value, ZeroDivisionError)
