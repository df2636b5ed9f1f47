"""How the text is laid out: widths and glyphs."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ...formatting import cut, inert, printable
from ..steps import step
from ..subject import Subject
from ..wording import LOOKED_AT


class Style(NamedTuple):
    """What the place of the text can show."""

    width: int = 100
    ascii_only: bool = False

    def shown(self, raw: bytes | str) -> str:
        """A name or a text of the image, safe to show."""
        text = raw.replace("…", "...") if self.ascii_only and isinstance(raw, str) else raw
        return printable(text, ascii_only=self.ascii_only)

    def cut(self, text: str, width: int, *, keep_end: bool = False) -> str:
        """At most `width` columns of it."""
        return cut(text, width, keep_end=keep_end, ellipsis=self.glyph("…", "..."))

    def fit(self, lines: Iterable[str]) -> Iterator[str]:
        """The lines, none of them wider than the place."""
        return (self.cut(inert(line), self.width).rstrip() for line in lines)

    def glyph(self, good: str, plain: str) -> str:
        """One of two ways to draw a thing."""
        return plain if self.ascii_only else good


def command(subject: Subject, layer: int, style: Style) -> str:
    """The step that made a layer, behind its line if there is a Dockerfile."""
    shown = style.shown(step(subject.analysis.layers[layer], LOOKED_AT))
    line = subject.lines.line(layer) if subject.lines is not None else None
    return f"[{line}] {shown}" if line is not None else shown


def widest(texts: Iterable[str]) -> int:
    """Columns of the longest of some texts."""
    return max(map(len, texts))
