"""Text of any width and length in a list: what is beyond the right edge can be scrolled to."""

from collections.abc import Iterable, Iterator
from typing import ClassVar

from rich.cells import cell_len, split_text
from textual.binding import Binding, BindingType

from .display import Display
from .lines import Lines, Piece

_TAB = 8
_MOST_MARKS = 4
"""Characters that a column is made of at most: a letter and its accents. Only a hostile text has more."""


class Sheet(Lines):
    """A subclass gives a line in two parts: the prefix stays where it is, the body moves sideways."""

    chooses = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "sideways(-1)", "Scroll to the left", show=False, id="scroll_left"),
        Binding("right,l", "sideways(1)", "Scroll to the right", show=False, id="scroll_right"),
    ]

    def __init__(self, look: Display, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.look = look
        self.left = 0
        """Columns of the bodies that are out of sight on the left."""

    def prefix(self, number: int) -> Piece:
        """What a line begins with, wherever its body is scrolled to."""
        raise NotImplementedError

    def body(self, number: int, columns: int) -> Iterable[Piece]:
        """The rest of a line: all of it, or more than so many columns of it."""
        raise NotImplementedError

    def draw(self, number: int, width: int) -> Iterator[Piece]:
        """As `Lines` says."""
        prefix = self.prefix(number)
        yield prefix
        room = max(width - cell_len(prefix[0]), 0)
        pieces = list(self.body(number, self.left + room))
        too_long = _width(pieces) - self.left > room
        if too_long:
            room -= cell_len(self.look.glyphs.ellipsis)
        yield from _window(pieces, self.left, room)
        if too_long:
            yield self.look.glyphs.ellipsis, "dim"

    def action_sideways(self, direction: int) -> None:
        """Half a screen to the left or right, no further than the lines in sight reach."""
        region = self.scrollable_content_region
        top = self.scroll_offset.y
        visible = range(top, min(top + region.height, self.count()))
        prefix = max((cell_len(self.prefix(number)[0]) for number in visible), default=0)
        step = max(region.width // 2, 1) * direction
        wanted = self.left + step + region.width
        reach = max((_width(self.body(number, wanted)) for number in visible), default=0)
        furthest = max(reach - max(region.width - prefix, 1), 0)
        self.left = max(min(self.left + step, max(furthest, self.left if direction < 0 else 0)), 0)
        self.refresh()

    def shown(self, text: str, column: int, columns: int) -> str:
        """A text of the image, safe to show, its tabs as blanks; it begins in `column` of its body.

        Where it goes beyond `columns` the rest may be missing.
        """
        parts = []
        for number, cell in enumerate(text.split("\t")):
            if number:
                blanks = _TAB - column % _TAB
                parts.append(" " * blanks)
                column += blanks
            if column > columns:
                break
            safe = self.look.text(cell[: _MOST_MARKS * (columns - column + 1)])
            parts.append(safe)
            column += cell_len(safe)
        return "".join(parts)


def _width(pieces: Iterable[Piece]) -> int:
    return sum(cell_len(text) for text, _ in pieces)


def _window(pieces: Iterable[Piece], left: int, room: int) -> Iterator[Piece]:
    for text, style in pieces:
        width = cell_len(text)
        if left >= width:
            left -= width
            continue
        if left:
            text, left = split_text(text, left)[1], 0
            width = cell_len(text)
        if width > room:
            yield split_text(text, room)[0], style
            return
        yield text, style
        room -= width
