"""The head of the view of two images: which they are, and what each figure was and is."""

from collections.abc import Iterator

from textual.content import Content

from ..analysis.analyze import Analysis
from ..analysis.comparison import Comparison
from ..report.compare import rows as compare_rows
from .display import Display
from .header import ImageHeader
from .session import Session

_LABELS = ("", "before", "after", "difference")
_MARGIN = 12
"""Columns of the labels."""


class PairHeader(ImageHeader):
    """The line on top: both images, the first one first."""

    def __init__(self, session: Session, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(session, id=id)
        self._pair = session

    def render(self) -> Content:
        """Each in its half."""
        look, before, after = self._pair.display, self._pair.before, self._pair.analysis
        if before is None:
            return super().render()
        arrow = f"  {look.glyphs.arrow}  "
        room = max(self.size.width - len(arrow) - 2, 2)
        was, now = (look.text(name) for name in _names(before, after))
        was = look.cut(was, max(room // 2, room - len(now)), keep_end=True)
        now = look.cut(now, max(room - len(was), 1), keep_end=True)
        return Content.assemble((f" {was}", "bold"), (arrow, "dim"), (now, "bold $text-accent"))


def _names(before: Analysis, after: Analysis) -> tuple[str, str]:
    """The shortest names that tell the images apart."""
    one, other = before.image, after.image
    tags = tuple(image.tags[0] if image.tags else image.reference for image in (one, other))
    for was, now in (tags, (one.reference, other.reference)):
        if was != now:
            return was, now
    return f"{tags[0]} {one.platform}".strip(), f"{tags[1]} {other.platform}".strip()


def figures_table(comparison: Comparison, look: Display, width: int) -> Content:
    """Four lines: names of the figures, before, after, difference; as many figures as there is room for."""
    lines = ["", *(f" {label:<{_MARGIN - 1}}" for label in _LABELS[1:])]
    lines[0] = " " * _MARGIN
    for figure in compare_rows.figures(comparison, look.size, look.signed):
        column = max(map(len, figure))
        if len(lines[0]) + column + 2 > width:
            break
        lines = [f"{line}{text:>{column}}  " for line, text in zip(lines, figure, strict=True)]
    return Content("\n").join(_styled([line.rstrip() for line in lines], width))


def _styled(lines: list[str], width: int) -> Iterator[Content]:
    for line, style in zip(lines, ("dim", "", "", "bold"), strict=True):
        yield Content.styled(line[:width], style) if style else Content(line[:width])
