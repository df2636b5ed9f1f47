"""Every view survives a terminal that becomes small and large again, whatever the image is like."""

from collections.abc import Callable
from functools import cache

import pytest
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.model import HistoryStep
from layerscope.tui.app import Explorer
from layerscope.tui.explorer import ExplorerScreen

from tests.models import image
from tests.tui.driving import idle, press, resize, settle
from tests.tui.files import layer, saved_without_entries

SIZES = [(160, 48), (80, 24), (40, 10), (160, 48)]
VIEWS = ("", "w", "F", "p", "t", "H", "I", "f", "v", "d")
PANELS = ("question_mark", "i", "x", "e", "ctrl+p")
STEP = HistoryStep(created_by="RUN something " + "long " * 40)


@cache
def analysed(name: str) -> Analysis:
    many = (layer((f"d{number}/f{number}", b"f" * number), ("again", b"a")) for number in range(200))
    found: dict[str, Callable[[], Analysis]] = {
        "no layers": lambda: analyze(image(), keep_past=True),
        "one layer": lambda: analyze(image(layer(("a", b"a")), history=(STEP,)), keep_past=True),
        "no files": lambda: analyze(image(layer(), layer(), history=(STEP, STEP)), keep_past=True),
        "no waste": lambda: analyze(
            image(layer(("a/b", b"b")), layer(("c", b"c")), history=(STEP, STEP)), keep_past=True
        ),
        "no history": lambda: analyze(
            image(layer(("a", b"a"), ("é/漢字", b"x")), layer(("a", b"b"))), keep_past=True
        ),
        "saved without entries": lambda: saved_without_entries(
            image(layer("etc/", ("a", b"a"), ("b", b"b")), layer(("a", b"a")), history=(STEP, STEP))
        ),
        "200 layers": lambda: analyze(image(*many, history=(STEP,) * 200), keep_past=True),
    }
    return found[name]()


IMAGES = [
    ("no layers", VIEWS),
    ("one layer", PANELS),
    ("no files", VIEWS),
    ("no waste", VIEWS),
    ("no history", VIEWS),
    ("saved without entries", VIEWS + PANELS),
    pytest.param("200 layers", VIEWS + PANELS, marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("name", "views"), IMAGES)
async def test_every_view_at_every_size(name: str, views: tuple[str, ...]) -> None:
    app = Explorer(analysed(name))
    async with app.run_test(size=SIZES[0]) as pilot:
        await settle(pilot)
        for key in views:
            main = app.screen
            assert isinstance(main, ExplorerScreen)
            main.show_pane("files")
            await press(pilot, *filter(None, [key]))
            await app.workers.wait_for_complete()
            for width, height in SIZES[1:]:
                await resize(pilot, width, height)
            await press(pilot, "down", "end", "up")
            while app.screen is not main:
                app.pop_screen()
            await idle(pilot)
