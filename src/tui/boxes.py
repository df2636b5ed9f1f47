"""The boxes of a treemap, and a cursor that walks from one to its neighbour."""

from itertools import groupby
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from ..analysis.origins import largest_layers
from ..analysis.rows import Rows
from ..analysis.treemap import Box, Rect, box_at, lay_out
from .display import Display
from .grid import Grid
from .labels import Labels, fitting, layer_tag, waste_tag

COLOURS = 8
"""How many layers go by before a colour comes again."""
_MOST = 0.5
"""From this share on, most of a box is wasted."""


def layer_style(layer: int) -> str:
    """The component class of a layer's colour."""
    return f"boxes--layer-{layer % COLOURS}"


def waste_style(fraction: float) -> str:
    """The component class for a share that is wasted: nothing, some, half or more."""
    return "boxes--waste-" + ("most" if fraction >= _MOST else "some" if fraction else "none")


class Boxes(Widget, can_focus=True):
    """A directory of a view as boxes, each as large as what its path holds."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(layer_style(layer) for layer in range(COLOURS)),
        *(waste_style(fraction) for fraction in (0.0, _MOST / 2, _MOST)),
        "boxes--gathered", "boxes--line", "boxes--cursor", "boxes--edge",
    }  # fmt: skip
    # Colours of their own, half transparent so that they suit dark and light themes; the text on them is
    # white or black, as the theme has it.
    DEFAULT_CSS = """
    Boxes {
        height: 1fr;
        & > .boxes--layer-0 { background: dodgerblue 40%; color: $text; }
        & > .boxes--layer-1 { background: darkorange 40%; color: $text; }
        & > .boxes--layer-2 { background: mediumseagreen 40%; color: $text; }
        & > .boxes--layer-3 { background: mediumorchid 40%; color: $text; }
        & > .boxes--layer-4 { background: goldenrod 40%; color: $text; }
        & > .boxes--layer-5 { background: darkturquoise 40%; color: $text; }
        & > .boxes--layer-6 { background: hotpink 40%; color: $text; }
        & > .boxes--layer-7 { background: slategray 40%; color: $text; }
        & > .boxes--waste-none { background: $surface; color: $text; }
        & > .boxes--waste-some { background: $warning 35%; color: $text; }
        & > .boxes--waste-most { background: $error 60%; color: $text; }
        & > .boxes--gathered { color: $text-muted; text-style: italic; }
        & > .boxes--line { color: $foreground 50%; }
        & > .boxes--cursor {
            background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold;
        }
        & > .boxes--edge { color: $accent; text-style: bold; }
        &:ansi {
            & > .boxes--layer-0 { background: ansi_blue; color: ansi_bright_white; }
            & > .boxes--layer-1 { background: ansi_yellow; color: ansi_black; }
            & > .boxes--layer-2 { background: ansi_green; color: ansi_black; }
            & > .boxes--layer-3 { background: ansi_magenta; color: ansi_bright_white; }
            & > .boxes--layer-4 { background: ansi_bright_yellow; color: ansi_black; }
            & > .boxes--layer-5 { background: ansi_cyan; color: ansi_black; }
            & > .boxes--layer-6 { background: ansi_bright_magenta; color: ansi_black; }
            & > .boxes--layer-7 { background: ansi_bright_black; color: ansi_bright_white; }
            & > .boxes--waste-none { background: ansi_default; color: ansi_default; }
            & > .boxes--waste-some { background: ansi_yellow; color: ansi_black; }
            & > .boxes--waste-most { background: ansi_red; color: ansi_bright_white; }
            & > .boxes--line { color: ansi_default; }
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(0, -1)", "The box above", show=False, id="box_above"),
        Binding("down,j", "move(0, 1)", "The box below", show=False, id="box_below"),
        Binding("left,h", "move(-1, 0)", "The box on the left", show=False, id="box_left"),
        Binding("right,l", "move(1, 0)", "The box on the right", show=False, id="box_right"),
        Binding("enter,o", "choose", "Open", id="open_box"),
    ]

    class Moved(Message):
        """The cursor is on another box, or the boxes are others."""

    class Chosen(Message):
        """Enter, or a click on the box the cursor is on."""

    def __init__(self, rows: Rows, look: Display, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.rows = rows
        self.look = look
        self.labels = Labels(rows, look)
        self.path = 0
        """The directory that is shown."""
        self._wanted: int | None = None
        """Where the cursor is to be, as soon as there is room for boxes."""
        self.by_layer = True
        """Whether a colour stands for a layer, rather than for how much is wasted."""
        self.boxes: list[Box] = []
        self.origins: list[int | None] = []
        """The layer that stored most of each box; None for what is gathered."""
        self._known: dict[int, int | None] = {}
        """By path, what `largest_layers` says of it: that takes a look at all that lies below."""
        self._cursor = 0
        self._anchor = (0, 0)
        """A cell of the box under the cursor: its middle, but for a row or column one moves along."""
        self._grid = Grid(0, 0, ascii_only=True)
        self._owners: list[list[int]] = []
        """By row and column, the number of the box a cell belongs to; -1 for the last of both."""

    # The boxes.

    @property
    def box(self) -> Box | None:
        """The box the cursor is on; None if nothing is shown."""
        return self.boxes[self._cursor] if self.boxes else None

    @property
    def origin(self) -> int | None:
        """The layer that stored most of it."""
        return self.origins[self._cursor] if self.boxes else None

    def show(self, path: int, cursor: int | None = None) -> None:
        """The boxes of a directory, the cursor on that of a path, or on the largest.

        A path that is too small for a box is in the one of all that are.
        """
        self.path, self._wanted = path, cursor
        width, height = self.size
        self.boxes = lay_out(self.rows, path, width - 1, height - 1) if width > 1 and height > 1 else []
        self.origins = self._largest_layers()
        self._draw()
        self._go_to(0 if cursor is None else self._number_of(cursor))

    def _number_of(self, path: int) -> int:
        own = (number for number, box in enumerate(self.boxes) if box.path == path and not box.gathered)
        small = (number for number, box in enumerate(self.boxes) if box.gathered and not box.level)
        return next(own, next(small, 0))

    def _largest_layers(self) -> list[int | None]:
        known = self._known
        new = [box.path for box in self.boxes if box.path not in known]
        known.update(zip(new, largest_layers(self.rows.timeline, self.rows.view, new), strict=True))
        return [None if box.gathered else known[box.path] for box in self.boxes]

    def on_resize(self) -> None:
        """Room for more, or less."""
        box = self.box
        self.show(self.path, box.path if box else self._wanted)

    def colour_by(self, *, layer: bool) -> None:
        """What a colour stands for, and what a box says besides its size."""
        self.by_layer = layer
        self._draw()
        self.refresh()

    def _go_to(self, number: int, *, x: int | None = None, y: int | None = None) -> None:
        self._cursor = number
        if box := self.box:
            spot = box.spot
            self._anchor = (
                spot.x + spot.width // 2 if x is None else x,
                spot.y + spot.height // 2 if y is None else y,
            )
        self.refresh()
        self.post_message(self.Moved())

    # Keys and mouse.

    def action_move(self, right: int, down: int) -> None:
        """To the box next to this one: straight on along a row or a column, else from the middle."""
        if (box := self.box) is None:
            return
        x, y = self._anchor
        spot = box.spot
        if right:
            found = box_at(self.boxes, spot.x + spot.width if right > 0 else spot.x - 1, y)
        else:
            found = box_at(self.boxes, x, spot.y + spot.height if down > 0 else spot.y - 1)
        if found is not None and right:
            self._go_to(found, y=y)
        elif found is not None:
            self._go_to(found, x=x)

    def action_choose(self) -> None:
        """What Enter does."""
        if self.boxes:
            self.post_message(self.Chosen())

    def on_click(self, event: events.Click) -> None:
        """A click goes to a box; on the box the cursor is on it is Enter."""
        found = box_at(self.boxes, min(event.x, self.size.width - 2), min(event.y, self.size.height - 2))
        if found is None:
            return
        if found == self._cursor:
            self.action_choose()
        else:
            self._go_to(found)

    # Drawing.

    def _tag(self, number: int) -> str:
        """What the colour of a box says, in words."""
        if self.by_layer:
            return layer_tag(self.origins[number])
        return waste_tag(self.boxes[number])

    def _draw(self) -> None:
        width, height = self.size
        grid = Grid(width, height, ascii_only=self.look.ascii_only)
        owners = [[-1] * width for _ in range(height)]
        for number, box in enumerate(self.boxes):
            grid.frame(box.rect)
            spot = box.spot
            for row in owners[spot.y : spot.y + spot.height]:
                row[spot.x : spot.x + spot.width] = [number] * spot.width
            for y, text in enumerate(self.labels.lines(box, self._tag(number)), spot.y):
                grid.write(spot.x + 1, y, text)
        if not self.boxes and height:
            grid.write(0, height // 2, fitting("Nothing here holds any bytes.", width, self.look))
        self._grid, self._owners = grid, owners

    def render_line(self, y: int) -> Strip:
        """As `Widget` says."""
        if y >= len(self._owners):
            return Strip.blank(self.size.width, self.rich_style)
        owners, box = self._owners[y], self.box
        edges = _edges(box.rect, y) if box else ()
        pointed = box is not None and y == box.rect.y
        pieces = []
        for x, text, is_line in self._grid.cells(y):
            if pointed and box is not None and x == box.rect.x:
                pieces.append((self.look.glyphs.pointer, "boxes--edge", self._style(owners[x])))
            elif is_line:
                pieces.append((text, "boxes--edge" if x in edges else "boxes--line", self._style(owners[x])))
            else:
                pieces.append((text, "", self._style(owners[x])))
        segments = [
            Segment("".join(piece[0] for piece in run), self._rich(*names))
            for names, run in groupby(pieces, key=lambda piece: piece[1:])
        ]
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)

    def _style(self, number: int) -> str:
        """The component class of the cells of a box; empty for those of none."""
        if number < 0:
            return ""
        if number == self._cursor:
            return "boxes--cursor"
        box, origin = self.boxes[number], self.origins[number]
        if not self.by_layer:
            return waste_style(box.wasted_fraction)
        return "boxes--gathered" if origin is None else layer_style(origin)

    def _rich(self, line: str, fill: str) -> Style:
        return self.get_visual_style(*filter(None, (fill, line))).rich_style


def _edges(rect: Rect, y: int) -> range | tuple[int, ...]:
    """The columns in which the frame of a rectangle crosses a row, or lies in it."""
    right, bottom = rect.x + rect.width, rect.y + rect.height
    if y in (rect.y, bottom):
        return range(rect.x, right + 1)
    return (rect.x, right) if rect.y < y < bottom else ()
