"""The explorer on a terminal that takes all bytes at once, with the time of every painting."""

import gc
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import layerscope.tui.app
from layerscope.analysis.analyze import Analysis
from layerscope.tui.app import Explorer
from layerscope.tui.explorer import ExplorerScreen
from textual.drivers.headless_driver import HeadlessDriver
from textual.pilot import Pilot
from textual.widgets import Input

from benchmarks.terminal import HEIGHT, WIDTH

_SETTLED = 0.04
"""Seconds: more than two frames of Textual's 60 a second."""


class Answer(NamedTuple):
    """What a key led to."""

    first: float
    """Seconds until the first frame."""
    last: float
    """Seconds until the last one."""
    processor: float
    """Processor seconds of this process until then."""
    frames: int


class Terminal(HeadlessDriver):
    """What a terminal would be sent is made, and dropped."""

    @property
    def is_headless(self) -> bool:
        """No: Textual would not even make the escape sequences."""
        return False


class Painter(Explorer):
    """The explorer; knows when it painted."""

    CSS_PATH = str(Path(layerscope.tui.app.__file__).with_name("app.tcss"))

    def __init__(self, analysis: Analysis) -> None:
        super().__init__(analysis)
        self.driver_class = Terminal
        self.frames: list[tuple[float, float]] = []
        """When: by the clock and in processor seconds."""

    def post_display_hook(self) -> None:
        """As Textual says: the bytes of a frame are written."""
        self.frames.append((time.perf_counter(), time.process_time()))


@asynccontextmanager
async def opened(analysis: Analysis) -> AsyncIterator["Keyboard"]:
    """The main screen, open, its file tree in focus."""
    app = Painter(analysis)
    async with app.run_test(headless=False, size=(WIDTH, HEIGHT)) as pilot:
        await pilot.pause(_SETTLED)
        screen = app.screen
        assert isinstance(screen, ExplorerScreen)
        screen.query_one("#filter", Input).cursor_blink = False  # it would paint, too
        screen.show_pane("files")
        gc.freeze()  # as the explorer does behind its loading screen
        yield Keyboard(app, pilot, screen)


class Keyboard(NamedTuple):
    """Presses keys, and tells when the screen was painted because of one."""

    app: Painter
    pilot: Pilot[BaseException | None]
    screen: ExplorerScreen

    async def press(self, key: str) -> Answer | None:
        """From the key to the frames it leads to; None if it leads to none."""
        frames = self.app.frames
        frames.clear()
        begin, busy = time.perf_counter(), time.process_time()
        await self.pilot.press(key)
        await self.settle()
        if not frames:
            return None
        (first, _), (last, processor) = frames[0], frames[-1]
        return Answer(first - begin, last - begin, processor - busy, len(frames))

    async def settle(self) -> None:
        """Until nothing is left to paint."""
        await self.pilot.pause(_SETTLED)
