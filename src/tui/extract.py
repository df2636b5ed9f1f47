"""Taking files out of the image: where to, how far it is, what was left out and why."""

import threading
from collections import Counter
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, ProgressBar, Static

from ..analysis import selection
from ..analysis.view import Scope, View
from ..errors import LayerscopeError
from ..report.extract import Extracted, Item, extract
from .display import counted
from .panel import Panel
from .session import Session

_REASONS_SHOWN = 6


class Stopped(Exception):  # noqa: N818 - not an error: the user's wish
    """The user pressed Escape."""


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
        self._stop = threading.Event()
        self._busy = False
        self._items: list[Item] = []
        self._cost = 0
        self._passed = 0

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
            yield Static("counting…", id="amount")
            yield Static("into the folder", classes="label")
            yield Input(str(Path.cwd()), id="target", compact=True)
            yield ProgressBar(id="progress", show_eta=False)
            yield Static(Content.styled("Enter extracts, Escape cancels.", "$text-muted"), id="outcome")

    def on_mount(self) -> None:
        """Count first: it may be a hundred thousand files."""
        self.query_one("#progress").display = False
        self.query_one("#target").focus()
        self.run_worker(self._count, thread=True, exit_on_error=False)

    def _count(self) -> None:
        chosen = selection.below(self._session.timeline, self._view, self._path)
        self._items = [Item(*one) for one in chosen]
        inodes = {(item.layer, item.number): item.entry.size for item in self._items if item.number >= 0}
        layers = self._session.analysis.image.layers
        by_layer: dict[int, list[int]] = {}
        for layer, number in inodes:
            by_layer.setdefault(layer, []).append(number)
        self._cost = sum(layers[layer].contents.cost(numbers) for layer, numbers in by_layer.items())
        size = self._session.display.size(sum(inodes.values()))
        amount = f"{counted(len(self._items), 'path')}, {size}"
        self.app.call_from_thread(self._say, "#amount", Content(amount))

    @on(Input.Submitted, "#target")
    def _begin(self, event: Input.Submitted) -> None:
        if self._busy or not self._items:
            return
        if not event.value.strip():
            self._say("#outcome", Content.styled("A folder must be named.", "$text-error"))
            return
        self._busy = True
        bar = self.query_one("#progress", ProgressBar)
        bar.display = True
        bar.update(total=self._cost or None, progress=0)
        target = Path(event.value.strip()).expanduser()
        self.run_worker(lambda: self._write(target), thread=True, exit_on_error=False)

    def _write(self, target: Path) -> None:
        base = self._items[0].path.rpartition(b"/")[0] if self._path else b""
        try:
            done = extract(self._items, base, target, self._session.analysis.image.layers, self._tell)
            said = self._told(done, target)
        except Stopped:
            said = Content("Cancelled; nothing is left behind.")
        except LayerscopeError as error:
            text = self._session.display.text
            hint = f"\n{text(error.hint)}" if error.hint else ""
            said = Content.styled(f"{text(error.message)}{hint}", "$text-error")
        except (OSError, ValueError) as error:
            said = Content.styled(self._session.display.text(str(error)), "$text-error")
        if not self._stop.is_set():
            self.app.call_from_thread(self._finished, said)

    def _tell(self, count: int) -> None:
        if self._stop.is_set():
            raise Stopped
        before, self._passed = self._passed, self._passed + count
        if before >> 20 != self._passed >> 20:
            self.app.call_later(self._advance)

    def _advance(self) -> None:
        if self.is_mounted:
            self.query_one("#progress", ProgressBar).update(progress=self._passed)

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

    def _finished(self, said: Content) -> None:
        self._busy = False
        if self.is_mounted:
            self.query_one("#progress").display = False
            self._say("#outcome", said)
            self._say("#amount", Content("Escape closes; Enter extracts again."))

    def _say(self, where: str, what: Content) -> None:
        if self.is_mounted:
            self.query_one(where, Static).update(what)

    def action_close(self) -> None:
        """Stop what is running, which takes away what it made, and leave."""
        self._stop.set()
        self.dismiss(None)
