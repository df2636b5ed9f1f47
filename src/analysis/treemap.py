"""A treemap on a grid of characters: every path a rectangle, its cells the share of the bytes it holds.

Squarified: M. Bruls, K. Huizing, J. J. van Wijk, "Squarified Treemaps" (2000). Theirs divides a plane; here
every edge falls between two cells, and nothing that is drawn has less than one.
"""

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from .rows import Rows

_SHAPE = 3
"""Columns that a good box has for each row: a terminal's cell is twice as high as wide, and names want it."""
_LEAST_CELLS = 10
"""What would have fewer is gathered with its like: a box of 5 by 2 has room for the start of a name."""
_ROOMY_WIDTH, _ROOMY_HEIGHT = 14, 4
"""From this size on, a directory's box shows what is in it."""
_ROWS_TO_SPARE = 5
"""From this height on, a row may go to what is too small for one: a column of one cell says nothing."""
_LEVELS = 3
"""How deep boxes are nested: what lies in the directory, and two levels of what lies in that."""


class Rect(NamedTuple):
    """Cells, counted from the upper left corner of the grid."""

    x: int
    y: int
    width: int
    height: int

    def contains(self, x: int, y: int) -> bool:
        """Whether a cell is one of these."""
        return self.x <= x < self.x + self.width and self.y <= y < self.y + self.height


class Box(NamedTuple):
    """A path, or what of a directory is too small to be drawn, and its place."""

    path: int
    """Of what is gathered: the directory."""
    rect: Rect
    level: int
    """0 for what lies in the directory that is shown."""
    held: int
    """Bytes of the view at the path and below it."""
    wasted: int
    """Of them, what is out of reach in the final filesystem."""
    gathered: int = 0
    """How many paths the box stands for; 0 for the one path it is of."""
    opened: bool = False
    """Whether there are boxes in this one: below its first row, which is left to its name."""

    @property
    def spot(self) -> Rect:
        """The cells that are the box's own. The spots of all boxes together are the whole grid."""
        return self.rect._replace(height=1) if self.opened else self.rect

    @property
    def wasted_fraction(self) -> float:
        """The share of its bytes that is wasted, 0 to 1."""
        return self.wasted / self.held if self.held else 0.0


def below(rows: Rows, path: int) -> int:
    """Bytes that the paths below a path hold: what there is to draw if one walks in."""
    return rows.weight(path).held - rows.view.sizes[path]


def lay_out(rows: Rows, path: int, width: int, height: int) -> list[Box]:
    """The boxes of a directory on a grid of cells, the outer ones first, and of each level the largest.

    Their spots are all cells, each once; there are none if nothing below the path holds any bytes. Only
    what is going to be seen is laid out, so this takes a look at each child of the directories that are
    shown, and no more.
    """
    boxes = []
    waiting = deque(_within(rows, path, Rect(0, 0, width, height), 0))
    while waiting:
        box = waiting.popleft()
        x, y, wide, high = box.rect
        inner: list[Box] = []
        if not box.gathered and box.level + 1 < _LEVELS and wide >= _ROOMY_WIDTH and high >= _ROOMY_HEIGHT:
            inner = _within(rows, box.path, Rect(x, y + 1, wide, high - 1), box.level + 1)
        if any(not one.gathered for one in inner):
            box = box._replace(opened=True)
            waiting += inner
        boxes.append(box)
    return boxes


def box_at(boxes: Sequence[Box], x: int, y: int) -> int | None:
    """The number of the box that a cell belongs to; None outside of the grid."""
    return next((number for number, box in enumerate(boxes) if box.spot.contains(x, y)), None)


def _within(rows: Rows, path: int, rect: Rect, level: int) -> list[Box]:
    """What lies directly in a directory, largest first, what is too small gathered behind it."""
    cells, total = rect.width * rect.height, below(rows, path)
    if not cells or not total:
        return []
    least = -(-total * _LEAST_CELLS // cells)
    ends, sizes = rows.timeline.ends, rows.view.sizes
    seen: list[tuple[int, int]] = []
    gathered = small = 0
    for child in rows.timeline.children(path):
        # There may be 100,000 of them: what a path with none below it holds is its own size.
        held = sizes[child] if ends[child] == child + 1 else rows.weight(child).held
        if held >= least:
            seen.append((-held, child))
        elif held:
            gathered += 1
            small = child
    if gathered == 1:  # it can as well have the box to itself
        seen.append((-rows.weight(small).held, small))
    boxes = []
    rest, rest_wasted = total, rows.weight(path).wasted
    for _, child in sorted(seen):
        weight = rows.weight(child)
        boxes.append(Box(child, rect, level, weight.held, weight.wasted))
        rest -= weight.held
        rest_wasted -= weight.wasted
    if gathered > 1:
        boxes.append(Box(path, rect, level, rest, rest_wasted, gathered))
    return _placed(boxes, rect, lone_row=gathered > 0)


def _placed(boxes: list[Box], rect: Rect, *, lone_row: bool) -> list[Box]:
    """The boxes in their places in a rectangle; the last has a row if it may and would have less than one."""
    last = boxes[-1]
    total = sum(box.held for box in boxes)
    if lone_row and len(boxes) > 1 and rect.height >= _ROWS_TO_SPARE and last.held * rect.height < total:
        row = rect._replace(y=rect.y + rect.height - 1, height=1)
        others = _placed(boxes[:-1], rect._replace(height=rect.height - 1), lone_row=False)
        return [*others, last._replace(rect=row)]
    places = tile([box.held for box in boxes], rect.width, rect.height)
    return [
        box._replace(rect=place._replace(x=rect.x + place.x, y=rect.y + place.y))
        for box, place in zip(boxes, places, strict=True)
    ]


def tile(weights: Sequence[int], width: int, height: int) -> list[Rect]:
    """One rectangle for each weight that together fill a grid, without gap or overlap.

    A rectangle has its share of the cells as nearly as edges between cells allow, and at least one.
    Weights are positive; the shapes are best if they descend. ValueError if there are more than cells.
    """
    if len(weights) > width * height:
        raise ValueError(f"{len(weights)} rectangles in {width} by {height} cells")
    found: list[Rect] = []
    x = y = 0
    left = sum(weights)
    while len(found) < len(weights):
        start = len(found)
        upright = width >= height * _SHAPE  # the next strip is a column, at the left; else a row, on top
        side, length = (height, width) if upright else (width, height)
        end = _strip(weights, start, left, side, length, width * height, upright)
        strip = weights[start:end]
        share = sum(strip)
        if end == len(weights):
            thickness = length
        else:
            most = length - -(-(len(weights) - end) // side)  # leaves a cell for each of the others
            thickness = max(1, min(_rounded(length * share, left), most))
        at = upto = 0
        for number, weight in enumerate(strip, 1):
            upto += weight
            edge = max(at + 1, min(_rounded(side * upto, share), side - len(strip) + number))
            found.append(
                Rect(x, y + at, thickness, edge - at) if upright else Rect(x + at, y, edge - at, thickness)
            )
            at = edge
        left -= share
        if upright:
            x, width = x + thickness, width - thickness
        else:
            y, height = y + thickness, height - thickness
    return found


def _strip(
    weights: Sequence[int], start: int, left: int, side: int, length: int, cells: int, upright: bool
) -> int:
    """Where the strip ends that begins at `start`: before the next weight would make its shapes worse.

    No more than `side` go into a strip, and no fewer than the rest of the grid has no cells for.
    """
    fewest = start + max(1, len(weights) - start - (length - 1) * side)
    most = min(start + side, len(weights))
    # Measured as if a cell were that much higher than wide.
    squared = (side * _SHAPE if upright else side) ** 2
    area = cells * _SHAPE
    total, best = 0.0, float("inf")
    low, high = float("inf"), 0.0
    for end in range(start, most):
        share = weights[end] / left * area
        total, low, high = total + share, min(low, share), max(high, share)
        worst = max(squared * high / total**2, total**2 / (squared * low))
        if worst > best and end >= fewest:
            return end
        best = worst
    return most


def _rounded(dividend: int, divisor: int) -> int:
    return (2 * dividend + divisor) // (2 * divisor)
