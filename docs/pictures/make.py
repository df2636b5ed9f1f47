"""The pictures in README.md and docs/explorer.md, taken from the running explorer: `make pictures`.

Each is the demonstration image after some keys, on a terminal of 120 by 34. The same bytes on every run with
the same versions of Textual and Rich.
"""

import asyncio
import re
from pathlib import Path

from layerscope.analysis.analyze import analyze
from layerscope.loader import open_image
from layerscope.tui.app import Explorer

HERE = Path(__file__).parent
DEMO = HERE.parents[1] / "fixtures" / "demo.tar.gz"
SIZE = (120, 34)
_FONTS = re.compile(r"@font-face\s*\{[^}]*\}\s*")
"""Textual's pictures load fonts from elsewhere; these do without."""

PICTURES: dict[str, tuple[str, ...]] = {
    "explorer": ("left_square_bracket", "tab", "tab", "E", "j"),
    "deleted": (*["left_square_bracket"] * 4, "tab", "tab", "X", "s", "j", "j"),
    "waste": ("w", "tab", "tab"),
    "treemap": ("a", "t"),
    "find": ("f", *"id_rsa"),
    "why": ("i",),
}
"""By the name of a picture: the keys that lead to it."""


async def take(keys: tuple[str, ...]) -> str:
    """The screen after some keys, as SVG."""
    with open_image(str(DEMO)) as image:
        app = Explorer(analyze(image, keep_past=True))
        async with app.run_test(size=SIZE) as pilot:
            await pilot.pause()
            for key in keys:
                await pilot.press(key)
                await app.workers.wait_for_complete()
                await pilot.pause()
            return _FONTS.sub("", app.export_screenshot(title="layerscope"))


def main() -> None:
    """Take all of them."""
    for name, keys in PICTURES.items():
        (HERE / f"{name}.svg").write_text(asyncio.run(take(keys)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
