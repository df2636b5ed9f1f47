"""The question which image to compare with; opens it, and says what became of that."""

import gc
import os
import threading
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from ..analysis.analyze import Analysis
from ..analysis.model import Reading, Tell
from ..errors import SourceError
from .panel import Panel
from .reading import ReadingLine
from .session import LoadOther, Session

_MOST_TYPED = 4096


class CompareAskPanel(Panel[Analysis | None]):
    """Ends with the image that was asked for, measured; with None if the user changes their mind."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Cancel", id="cancel_compare", priority=True),
    ]

    def __init__(self, session: Session, load: LoadOther) -> None:
        super().__init__()
        self._session = session
        self._load = load

    def compose(self) -> ComposeResult:
        """A question, and room for the answer."""
        look, image = self._session.display, self._session.analysis.image
        name = look.text(image.tags[0] if image.tags else image.reference)
        with Vertical(id="panel"):
            yield Static(Content.assemble(("Compare ", "bold"), (name, "bold $text-accent")))
            yield Static("with the image before")
            yield Input(
                placeholder="app:1  before.tar  report.json", max_length=_MOST_TYPED, id="other", compact=True
            )
            yield ReadingLine(look, failed="This image cannot be opened")
            yield Static(Content.styled("Enter compares, Escape cancels.", "dim"), id="outcome")

    def on_mount(self) -> None:
        """One types at once."""
        self.query_one("#other").focus()

    @property
    def _work(self) -> ReadingLine:
        return self.query_one(ReadingLine)

    @on(Input.Submitted, "#other")
    def _begin(self, event: Input.Submitted) -> None:
        reference = os.path.expanduser(event.value.strip())  # noqa: PTH111 - it may be no path
        if self._work.is_busy or not reference:
            return
        line = self._work

        def work(tell: Tell) -> Analysis:
            if reference == "-":
                raise SourceError("standard input is not there to be read", "Save the image to a file.")
            return _load(self._load, reference, line, tell)

        line.start(work, self._opened)

    def _opened(self, other: Analysis) -> None:
        self.dismiss(other)

    def action_close(self) -> None:
        """Stop the reading, or leave."""
        if not self._work.cancel():
            self.dismiss(None)


def _load(load: LoadOther, reference: str, line: ReadingLine, tell: Tell) -> Analysis:
    """Read and measure it; `tell` hears of it as it wants to: of bytes more, from one thread at a time."""
    heard, done = threading.Lock(), 0

    def progress(reading: Reading) -> None:
        nonlocal done
        with heard:
            line.expect(reading.doing, reading.total or 0)
            more, done = reading.done - done, reading.done
            tell(more)

    try:
        return load(reference, progress)
    finally:
        gc.freeze()  # whoever reads an image switches collecting off; as after the first image
        gc.enable()
