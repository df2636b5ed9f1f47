"""What the image would be with the advice of some findings taken, layer by layer."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from ..analysis.findings.finding import Finding
from ..analysis.findings.what_if import what_if
from .display import counted
from .panel import Panel
from .session import Session

_MOST_LAYERS = 500


class WhatIfPanel(Panel[None]):
    """Every layer as it is and as it would be, and the sums of both."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("W,q,enter", "close", "Close", show=False, id="close_what_if")
    ]

    def __init__(self, session: Session, chosen: Sequence[Finding], every: Sequence[Finding]) -> None:
        """With the advice of the chosen ones, or of every one if none is chosen."""
        super().__init__()
        self._session = session
        self._taken = chosen or every
        self._all = len(every)
        self._found = what_if(session.analysis, self._taken)

    def compose(self) -> ComposeResult:
        """Text to scroll in."""
        with VerticalScroll(id="panel"):
            yield Static(id="layers-after")

    def on_mount(self) -> None:
        """Arrows scroll."""
        self.query_one("#panel").focus()

    def on_resize(self) -> None:
        """A line for each layer, whatever there is room for."""
        self.query_one("#layers-after", Static).update(Content("\n").join(self._text()))

    def _text(self) -> Iterable[Content]:
        size, found, taken = self._session.display.size, self._found, len(self._taken)
        whose = f"all {counted(taken, 'finding')}" if taken == self._all > 1 else counted(taken, "finding")
        if taken < self._all:
            whose = f"{taken:,} of {counted(self._all, 'finding')}"
        yield self._line(f"With the advice of {whose} taken", "bold")
        yield Content("")
        yield self._line(f"{size(found.stored):>9}  now")
        yield self._line(f"{size(found.saved):>9}  saved")
        yield self._line(f"{size(found.left):>9}  after", "bold")
        yield self._line(f"{size(found.minimum):>9}  minimum: what a perfect rebuild would ship")
        yield Content("")
        yield self._line(f"{'now':>9} {'after':>9}  layer", "dim")
        layers = self._session.analysis.layers[:_MOST_LAYERS]
        for layer, after in zip(layers, found.after, strict=False):
            changed = after != layer.figures.stored
            figures = f"{size(layer.figures.stored):>9} {size(after) if changed else 'same':>9}"
            step = f"{layer.index:>3} {self._session.command(layer.index)}"
            yield self._line(f"{figures}  {step}", "" if changed else "dim")
        if more := len(found.after) - len(layers):
            yield self._line(f"and {more:,} more")

    def _line(self, text: str, style: str = "") -> Content:
        shown = self._session.display.cut(text, self.columns)
        return Content.styled(shown, style) if style else Content(shown)


def chosen_words(session: Session, chosen: Sequence[Finding]) -> str:
    """`3 chosen: saves 700 MB of 2.07 GB, leaves 1.37 GB`."""
    size, found = session.display.size, what_if(session.analysis, chosen)
    saves = f"saves {size(found.saved)} of {size(found.stored)}" if found.saved else "saves no bytes"
    return f"{len(chosen):,} chosen: {saves}, leaves {size(found.left)}"
