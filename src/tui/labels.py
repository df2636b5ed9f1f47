"""What is written into the boxes of a treemap."""

from collections.abc import Iterator

from rich.cells import cell_len

from ..analysis.rows import Rows
from ..analysis.treemap import Box, below
from .display import Display

_BOTH_ENDS = 16
"""From this many columns on, a name that is cut keeps its end."""


def whole_percent(fraction: float) -> str:
    """A share for where there is little room: `12 %`, and `<1 %` and `>99 %` for nearly nothing and all."""
    shown = round(100 * fraction)
    if shown == 0 and fraction:
        return "<1 %"
    return ">99 %" if shown == 100 and fraction < 1 else f"{shown} %"


def layer_tag(layer: int | None) -> str:
    """The layer that most of a box comes from: `L3`."""
    return "" if layer is None else f"L{layer}"


def waste_tag(box: Box) -> str:
    """How much of a box is wasted: `12 % wasted`, nothing if nothing is."""
    return f"{whole_percent(box.wasted_fraction)} wasted" if box.wasted else ""


def fitting(text: str, room: int, look: Display) -> str:
    """As much of a text as there is room for, in columns as the terminal library counts them."""
    text = look.cut(text, room, keep_end=room >= _BOTH_ENDS)
    while cell_len(text) > room:  # it takes some characters for wider than `formatting.columns` does
        text = text[:-1]
    return text


class Labels:
    """Names and figures of boxes. Figures, unlike names, are written whole or not at all."""

    def __init__(self, rows: Rows, look: Display) -> None:
        self._rows = rows
        self._look = look

    def name(self, box: Box) -> str:
        """The last part of its path; of what is gathered how much that is."""
        if box.gathered:
            return f"{self._look.glyphs.ellipsis} {box.gathered:,} more"
        name = self._look.text(self._rows.timeline.names[box.path])
        return f"{name}/" if below(self._rows, box.path) else name

    def lines(self, box: Box, tag: str) -> Iterator[str]:
        """The lines of text in a box, from its frame on; none is longer than there is room."""
        room, height = box.rect.width - 1, box.spot.height
        name, size = self.name(box), self._look.size(box.held)
        short = self._look.glyphs.ellipsis if box.gathered else name  # the number is a figure, too
        figures = f"{size} {tag}" if tag else size
        if height == 1:
            yield _longest(room, f"{name} {figures}", f"{name} {size}", name) or self._cut(short, room)
            return
        yield _longest(room, name) or self._cut(short, room)
        if height == 2:
            yield _longest(room, figures, size, tag)
        else:
            yield _longest(room, size)
            yield _longest(room, tag)

    def _cut(self, text: str, room: int) -> str:
        return fitting(text, room, self._look)


def _longest(room: int, *texts: str) -> str:
    """The first of the texts that there is room for, none if there is none."""
    return next((text for text in texts if cell_len(text) <= room), "")
