"""The figure under the cursor, and the sum behind it."""

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from ..analysis.explain import Sum
from ..formatting import percent
from .panel import Panel
from .reading import ReadingLine
from .session import Session

_MOST_PARTS = 200


class ExplainPanel(Panel[None]):
    """Sums, each with its parts; computing them may take reading files, and is done in a thread."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("i,q,enter", "close", "Close", show=False, id="close_sums")
    ]

    def __init__(self, session: Session, title: str, sums: Callable[[], Sequence[Sum]]) -> None:
        """`title` is safe to show."""
        super().__init__()
        self._session = session
        self._heading = title
        self._sums = sums
        self._found: Sequence[Sum] = ()

    def compose(self) -> ComposeResult:
        """Text to scroll in."""
        with VerticalScroll(id="panel"):
            yield Static(id="sums")
            yield ReadingLine(self._session.display, failed="This cannot be added up")

    def on_mount(self) -> None:
        """Begin to add up."""
        self.query_one("#panel").focus()
        self.query_one(ReadingLine).start(lambda _: self._sums(), self._show, doing="comparing contents")

    def _show(self, sums: Sequence[Sum]) -> None:
        self._found = sums
        self.on_resize()

    def on_resize(self) -> None:
        """A line for each part, whatever there is room for."""
        self.query_one("#sums", Static).update(Content("\n").join(self._text(self._found)))

    def _text(self, sums: Iterable[Sum]) -> Iterable[Content]:
        display = self._session.display
        yield Content.styled(self._heading, "bold")
        for number, one in enumerate(sums):
            if number and not one.total:
                continue
            yield Content("")
            yield Content.assemble(
                (f"{one.figure} = {display.size(one.total)}", "bold"), f"  {one.total:,} bytes"
            )
            yield Content.styled(one.definition, "dim")
            for part in one.parts[:_MOST_PARTS]:
                share = part.bytes / one.total if one.total else 0.0
                said = "" if part.layer is None else f"  {self._session.command(part.layer)}"
                what = f"{display.text(part.what)}{said}"
                line = f"{display.size(part.bytes):>9} {percent(share):>8}  {what}"
                yield Content(display.cut(line, self.columns))
            if len(one.parts) > _MOST_PARTS:
                yield Content(f"and {len(one.parts) - _MOST_PARTS:,} more")
