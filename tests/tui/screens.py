"""What stands on the screen, as plain text."""

import html
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import layerscope.tui.app
from layerscope.tui.lines import Lines
from layerscope.tui.session import Jump
from rich.cells import cell_len
from textual.app import App
from textual.screen import Screen

_CELL = 12.2
"""Width of a column in Textual's SVG."""
_PIECE = re.compile(r'<text class="[^"]*-r\d+" x="([\d.]+)"[^>]*-line-(\d+)\)">([^<]*)</text>')


class Host(App[None]):
    """Shows one screen, in the explorer's style, and keeps where it sent the user: once left, one item."""

    CSS_PATH = Path(layerscope.tui.app.__file__).with_name("app.tcss")

    def __init__(self, screen: Screen[Jump | None]) -> None:
        super().__init__()
        self.left: list[Jump | None] = []
        self._shown = screen

    def on_mount(self) -> None:
        """Open it."""
        self.push_screen(self._shown, self.left.append)


def screen_text(app: App[Any]) -> str:
    """All lines of the terminal, blanks at their ends left out."""
    lines: defaultdict[int, str] = defaultdict(str)
    for x, number, text in _PIECE.findall(app.export_screenshot()):
        before = lines[int(number)]
        column = round(float(x) / _CELL)
        lines[int(number)] = before + " " * (column - cell_len(before)) + html.unescape(text)
    return "\n".join(
        lines[number].replace("\xa0", " ").rstrip() for number in range(max(lines, default=-1) + 1)
    ).rstrip()


def lines_text(lines: Lines) -> str:
    """The part of a list that is in sight."""
    return "\n".join(lines.render_line(y).text.rstrip() for y in range(lines.size.height)).rstrip()
