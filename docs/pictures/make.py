"""The pictures in README.md and docs/, taken from the running explorer and from a report: `make pictures`.

Those of the explorer are the demonstration image after some keys, on a terminal of 120 by 34: the same bytes
on every run with the same versions of Textual and Rich. That of the HTML report is its begin in Chromium;
without a Chromium it stays as it is.
"""

import asyncio
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from layerscope.analysis.analyze import analyze
from layerscope.loader import open_image
from layerscope.tui.app import Explorer

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
DEMO = ROOT / "fixtures" / "demo.tar.gz"
SIZE = (120, 34)
PAGE = (1000, 1320)
"""Width and height of the window that the report is in."""
GATE = ("--ci", "--min-efficiency", "50%", "--rule", "max-layers=20", "--rule", "forbidden-paths-ever=id_rsa")
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


def take_page(browser: str) -> None:
    """The HTML report of a gate, as a browser shows it."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        subprocess.run(  # noqa: S603 - ours
            [
                *(sys.executable, "-m", "layerscope", "fixtures/demo.tar.gz", *GATE),
                *("--dockerfile", "fixtures/demo/Dockerfile", "--report", f"html={page}"),
            ],
            cwd=ROOT, stdout=subprocess.DEVNULL, check=False,  # the gate fails, as it should
        )  # fmt: skip
        subprocess.run(  # noqa: S603 - the one on PATH
            [
                *(browser, "--headless", "--no-sandbox", "--hide-scrollbars"),
                *(f"--user-data-dir={folder}/browser", f"--window-size={PAGE[0]},{PAGE[1]}"),
                *(f"--screenshot={HERE / 'html.png'}", page.as_uri()),
            ],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True,
        )  # fmt: skip


def main() -> None:
    """Take all of them."""
    for name, keys in PICTURES.items():
        (HERE / f"{name}.svg").write_text(asyncio.run(take(keys)) + "\n", encoding="utf-8")
    browser = shutil.which("chromium")
    if browser is not None:
        take_page(browser)


if __name__ == "__main__":
    main()
