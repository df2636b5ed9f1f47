"""Taking files out of the image: where to, how far it is, what was left out and why."""

from collections import Counter
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from ..analysis import selection
from ..analysis.model import Tell
from ..analysis.selection import Amount, Chosen
from ..analysis.view import Scope, View
from ..report.extract import Extracted, extract
from .display import counted
from .panel import Panel, path_typed
from .reading import ReadingLine
from .session import Session

_REASONS_SHOWN = 6


class ExtractPanel(Panel[None]):
    """Asks for a folder, writes, and says what happened."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Cancel", id="cancel_extract", priority=True),
    ]

    def __init__(self, session: Session, view: View, path: int) -> None:
        super().__init__()
        self._session = session
        self._view = view
        self._path = path
        self._chosen: list[Chosen] = []
        self._cost = 0

    def compose(self) -> ComposeResult:
        """A question, and room for the answer."""
        display, timeline = self._session.display, self._session.timeline
        where = {
            Scope.CHANGES: f"layer {self._view.layer}",
            Scope.UP_TO: f"the image up to layer {self._view.layer}",
            Scope.FINAL: "the final image",
        }[self._view.scope]
        with Vertical(id="panel"):
            name = display.path(timeline.name(self._path))
            yield Static(
                Content.assemble(("Extract ", "bold"), (name, "bold $text-accent"), f" from {where}")
            )
            yield Static(id="amount")
            yield Static("into the folder")
            yield Input(str(Path.cwd()), id="target", compact=True)
            yield ReadingLine(display, failed="This cannot be extracted")
            yield Static(Content.styled("Enter extracts, Escape cancels.", "dim"), id="outcome")

    def on_mount(self) -> None:
        """Count first: it may be a hundred thousand files."""
        self.query_one("#target").focus()
        self._work.start(self._count, self._counted, doing="counting")

    @property
    def _work(self) -> ReadingLine:
        return self.query_one(ReadingLine)

    def _count(self, tell: Tell) -> tuple[list[Chosen], Amount]:
        chosen = []
        for one in selection.below(self._session.timeline, self._view, self._path):
            tell(0)
            chosen.append(one)
        return chosen, selection.amount(chosen, self._session.timeline.layers)

    def _counted(self, found: tuple[list[Chosen], Amount]) -> None:
        self._chosen, amount = found
        self._cost = amount.cost
        self._say("#amount", f"{counted(amount.paths, 'path')}, {self._session.display.size(amount.bytes)}")

    @on(Input.Submitted, "#target")
    def _begin(self, event: Input.Submitted) -> None:
        chosen, layers = self._chosen, self._session.timeline.layers
        if self._work.is_busy or not chosen:
            return
        if not event.value.strip():
            self._say("#outcome", Content.styled("A folder must be named.", "$text-error"))
            return
        self._say("#outcome", "")
        target, base = path_typed(event.value), chosen[0].path.rpartition(b"/")[0] if self._path else b""

        def write(tell: Tell) -> Extracted:
            return extract(chosen, base, target, layers, tell)

        self._work.start(write, lambda done: self._done(done, target), self._cost, doing="writing")

    def _done(self, done: Extracted, target: Path) -> None:
        self._say("#outcome", self._told(done, target))
        self._say("#amount", "Escape closes; Enter extracts again.")

    def _told(self, done: Extracted, target: Path) -> Content:
        display = self._session.display
        where = display.text(str(target))
        written = f"{counted(done.written, 'file')}, {display.size(done.bytes)}, written to {where}"
        lines = [Content.styled(written, "$text-success")]
        reasons = Counter(one.why for one in done.skipped)
        for why, count in reasons.most_common(_REASONS_SHOWN):
            first = next(one.path for one in done.skipped if one.why == why)
            others = f" and {count - 1:,} more" if count > 1 else ""
            lines.append(Content(f"left out: {display.path(first)}{others}: {display.text(why)}"))
        if len(reasons) > _REASONS_SHOWN:
            lines.append(Content(f"and for {len(reasons) - _REASONS_SHOWN} more reasons"))
        return Content("\n").join(lines)

    def _say(self, where: str, what: Content | str) -> None:
        self.query_one(where, Static).update(what if isinstance(what, Content) else Content(what))

    def action_close(self) -> None:
        """Stop what is running, which takes away what it made, and leave."""
        self._work.cancel()
        self.dismiss(None)
