"""The layers: what each stores, what of it is wasted, and the step that made it."""

from collections.abc import Iterator

from .lines import Lines, Piece
from .session import Session

FOUND = "!"
"""Behind the number of a layer whose step is to be changed."""
_WIDE_BAR, _BAR = 20, 8
_WIDE = 90
"""From this width on, the bar is the wide one."""


class LayerList(Lines):
    """A line a layer, base first; the base image's layers stand apart from the user's own.

    Layers are marked as soon as the findings are known.
    """

    def __init__(self, session: Session, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._session = session
        layers = session.analysis.layers
        self._largest = max((layer.figures.stored for layer in layers), default=0)
        base = session.analysis.base_layers
        self._lines: list[int | str] = [*range(len(layers))]
        if base:
            self._lines[base:base] = ["yours"]
            self._lines[0:0] = ["base"]
        self._wasteful = any(layer.figures.wasted for layer in layers)

    def on_resize(self) -> None:
        """The titles stand over their columns."""
        super().on_resize()
        bar = _WIDE_BAR if self.size.width >= _WIDE else _BAR
        wasted = f"{'wasted':>9}" if self._wasteful else ""
        self.border_title = f"{'layer':<{bar + 3}}{'stored':>9}{wasted} made by"

    @property
    def selected(self) -> int:
        """The layer the cursor is on."""
        found = self._lines[self.cursor] if self._lines else 0
        assert isinstance(found, int)
        return found

    def line_of(self, layer: int) -> int:
        """The line that a layer is on."""
        return self._lines.index(layer) if layer in self._lines else 0

    def count(self) -> int:
        """As `Lines` says."""
        return len(self._lines)

    def is_selectable(self, number: int) -> bool:
        """As `Lines` says."""
        return isinstance(self._lines[number], int)

    def draw(self, number: int, width: int) -> Iterator[Piece]:
        """As `Lines` says."""
        index = self._lines[number]
        display = self._session.display
        if isinstance(index, str):
            yield f" {index} ", "heading"
            return
        figures = self._session.analysis.layers[index].figures
        bar = _WIDE_BAR if width >= _WIDE else _BAR
        pointer = display.glyphs.pointer if number == self.cursor else " "
        yield f"{pointer}{index:>3}", "bold" if number == self.cursor else ""
        found = self._session.found
        yield FOUND if found is not None and index in found.marked else " ", "waste"
        good, bad = display.bar(
            figures.stored / self._largest if self._largest else 0.0, bar, figures.wasted_fraction
        )
        yield good, "live"
        yield bad, "waste"
        yield " " * (bar - len(good) - len(bad)), ""
        yield f" {display.size(figures.stored):>8}", ""
        if self._wasteful:
            yield f" {display.size(figures.wasted) if figures.wasted else '':>8}", "waste"
        yield " ", ""
        used = 5 + bar + 9 + (9 if self._wasteful else 0) + 1
        yield display.cut(self._session.command(index), width - used), ""
