"""A file line by line: text with colours, or a hex dump, and what is searched for in it."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import ClassVar

from rich.cells import cell_len

from . import highlighting
from .display import Display
from .lines import Piece
from .listing import HEX_WIDTH, Listing, hex_line
from .sheet import Sheet


class FileLines(Sheet):
    """The lines of a file, or of its hex dump."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"lines--{name}" for name in highlighting.STYLES}
    DEFAULT_CSS = """
    FileLines > .lines--comment { text-style: dim italic; }
    FileLines > .lines--keyword { color: $text-accent; }
    FileLines > .lines--string { color: $text-success; }
    FileLines > .lines--number { color: $text-warning; }
    FileLines > .lines--definition { color: $text-primary; text-style: bold; }
    """

    def __init__(self, look: Display, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(look, id=id)
        self.data = b""
        self.text: Listing | None = None
        """None for a binary file."""
        self.is_hex = False
        self.runs: highlighting.Runs = []
        """Styles of the rows; shorter than the text, or empty, where it is plain."""
        self.needle = ""
        """What is searched for; empty for nothing."""

    def show(self, data: bytes, text: Listing | None) -> None:
        """Show a file from its first line on."""
        self.data, self.text, self.runs = data, text, []
        self.is_hex = text is None
        self.left = 0
        self.reload(0)

    def toggle_hex(self) -> None:
        """The other way to show it, from the beginning."""
        if self.text is not None:
            self.is_hex = not self.is_hex
            self.left = 0
            self.reload(0)

    def count(self) -> int:
        """As `Lines` says."""
        if self.text is None or self.is_hex:
            return -(-len(self.data) // HEX_WIDTH)
        return len(self.text.rows)

    def prefix(self, number: int) -> Piece:
        """As `Sheet` says: the number of the line."""
        if self.text is None or self.is_hex:
            return "", ""
        line = self.text.numbers[number]
        return f"{line or '':>{len(str(len(self.text.rows)))}} ", "dim"

    def body(self, number: int, columns: int) -> Iterator[Piece]:
        """As `Sheet` says."""
        if self.text is None or self.is_hex:
            yield from self._hex(number)
            return
        row = self.text.rows[number]
        column = 0
        for start, end, style in _marked(row, self._styles(number, row), self._pattern()):
            if column > columns:
                break
            shown = self.shown(row[start:end], column, columns)
            column += cell_len(shown)
            yield shown, style

    def _styles(self, number: int, row: str) -> list[tuple[int, int, str]]:
        start, styles = 0, []
        for length, style in self.runs[number] if number < len(self.runs) else ():
            styles.append((start, min(start + length, len(row)), style))
            start += length
        if start < len(row):
            styles.append((start, len(row), ""))
        return styles

    def _hex(self, number: int) -> Iterator[Piece]:
        start = number * HEX_WIDTH
        line = hex_line(self.data[start : start + HEX_WIDTH], start)
        yield line[:8], "dim"
        yield line[8:], "match" if self.needle and self._in_hex(number) else ""

    def _pattern(self) -> re.Pattern[str] | None:
        if not self.needle:
            return None
        return re.compile(re.escape(self.needle), 0 if _has_capitals(self.needle) else re.IGNORECASE)

    # Searching.

    def matches(self) -> list[int]:
        """The lines that have what is searched for; small letters in it mean capital ones too."""
        if self.text is None or self.is_hex:
            return list(self._hex_matches())
        pattern = self._pattern()
        return [number for number, row in enumerate(self.text.rows) if pattern and pattern.search(row)]

    def _hex_matches(self) -> Iterator[int]:
        needle, number = _bytes_of(self.needle), -1
        while needle and (at := self.data.find(needle, (number + 1) * HEX_WIDTH)) >= 0:
            number = at // HEX_WIDTH
            yield number

    def _in_hex(self, number: int) -> bool:
        """Whether a match begins on the line."""
        needle, start = _bytes_of(self.needle), number * HEX_WIDTH
        return self.data.find(needle, start, start + HEX_WIDTH - 1 + len(needle)) >= 0

    def seek(self, step: int, start: int) -> bool:
        """Put the cursor on the next matching line from `start` on, or back from it; in a circle."""
        found = self.matches()
        if not found:
            return False
        if step > 0:
            target = next((number for number in found if number >= start), found[0])
        else:
            target = next((number for number in reversed(found) if number <= start), found[-1])
        self.move_to(target, center=True)
        return True


def _has_capitals(needle: str) -> bool:
    return needle != needle.lower()


def _bytes_of(needle: str) -> bytes:
    """What to look for in bytes: `0x7f 45` means those two, anything else its UTF-8."""
    if needle.startswith("0x"):
        try:
            return bytes.fromhex(needle[2:])
        except ValueError:
            pass
    return needle.encode("utf-8", "surrogateescape")


def _marked(
    row: str, styles: Sequence[tuple[int, int, str]], pattern: re.Pattern[str] | None
) -> Iterator[tuple[int, int, str]]:
    """The styled parts of a row (start, end, style), what is searched for in a style of its own."""
    found = [match.span() for match in pattern.finditer(row)] if pattern else []
    if not found:
        yield from styles
        return
    borders = {0, len(row)}
    borders.update(start for start, _, _ in styles)
    borders.update(place for span in found for place in span)
    spans, runs = iter([*found, (len(row), len(row))]), iter(styles)
    span, run = next(spans), next(runs)
    for start, end in pairwise(sorted(borders)):
        while span[1] <= start < len(row) and span[0] < len(row):
            span = next(spans)
        while run[1] <= start:
            run = next(runs)
        yield start, end, "match" if span[0] <= start < span[1] else run[2]
