"""A grid of characters: frames whose lines join where they meet, and text that stays in its place."""

from collections.abc import Iterator

from rich.cells import cell_len

from ..analysis.treemap import Rect

_UP, _RIGHT, _DOWN, _LEFT = 1, 2, 4, 8
_UNICODE = " ╵╶└╷│┌├╴┘─┴┐┤┬┼"
_ASCII = " |-+||++-+-+++++"
"""Characters by which of the four directions a line leaves a cell for."""


class Grid:
    """What is drawn, cell by cell; a wide character takes two, and what does not fit is not drawn."""

    def __init__(self, width: int, height: int, *, ascii_only: bool) -> None:
        self._characters = _ASCII if ascii_only else _UNICODE
        self._lines = [bytearray(width) for _ in range(height)]
        self._texts: list[dict[int, str]] = [{} for _ in range(height)]

    def frame(self, rect: Rect) -> None:
        """Lines around a rectangle: through its first column and row, and those behind its last."""
        x, y, right, bottom = rect.x, rect.y, rect.x + rect.width, rect.y + rect.height
        for line in (self._lines[y], self._lines[bottom]):
            line[x] |= _RIGHT
            line[right] |= _LEFT
            for at in range(x + 1, right):
                line[at] |= _LEFT | _RIGHT
        for at in (x, right):
            self._lines[y][at] |= _DOWN
            self._lines[bottom][at] |= _UP
            for line in self._lines[y + 1 : bottom]:
                line[at] |= _UP | _DOWN

    def write(self, x: int, y: int, text: str) -> None:
        """A text that is safe to show and known to fit, over whatever is there."""
        if text:
            self._texts[y][x] = text

    def cells(self, y: int) -> Iterator[tuple[int, str, bool]]:
        """A row: the columns where something begins, it, and whether it is a part of a line."""
        line, texts, characters = self._lines[y], self._texts[y], self._characters
        x = 0
        while x < len(line):
            text = texts.get(x)
            if text is None:
                yield x, characters[line[x]], line[x] > 0
                x += 1
            else:
                yield x, text, False
                x += cell_len(text)
