"""Writing a report from the explorer."""

from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from ..errors import LayerscopeError
from ..report import output
from ..report.formats import FORMATS
from ..report.subject import Run, Subject
from .panel import Panel, path_typed
from .session import Session


class ExportPanel(Panel[None]):
    """A format, chosen with the up and down keys, and a file to write it to."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "format(-1)", "Format", show=False, priority=True, id="previous_format"),
        Binding("down", "format(1)", "Format", show=False, priority=True, id="next_format"),
        Binding("escape", "close", "Cancel", priority=True, id="cancel_export"),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._format = 0
        self._confirmed = ""
        """A file that exists, and that the user was asked about."""
        self._busy = False

    def compose(self) -> ComposeResult:
        """The formats, the file, what became of it."""
        with Vertical(id="panel"):
            yield Static(Content.styled("Write a report", "bold"))
            yield Static(id="formats")
            yield Static("to the file")
            yield Input(self._default(), id="file", compact=True)
            keys = "Up and Down choose a format, Enter writes, Escape cancels."
            yield Static(Content.styled(keys, "dim"), id="outcome")

    def on_mount(self) -> None:
        """The file's name is what one types."""
        self._show_formats()
        self.query_one("#file").focus()

    def _default(self) -> str:
        return str(Path.cwd() / f"report{FORMATS[self._format].suffix}")

    def _show_formats(self) -> None:
        pointer = self._session.display.glyphs.pointer
        self.query_one("#formats", Static).update(
            Content("\n").join(
                Content.assemble(
                    (
                        f"{pointer if number == self._format else ' '} {one.name:<18}",
                        "bold" if number == self._format else "",
                    ),
                    (one.about, "dim"),
                )
                for number, one in enumerate(FORMATS)
            )
        )

    def action_format(self, step: int) -> None:
        """The next format; the file's name follows as long as it is the one proposed."""
        line = self.query_one("#file", Input)
        proposed = line.value == self._default()
        self._format = (self._format + step) % len(FORMATS)
        self._show_formats()
        if proposed:
            line.value = self._default()

    @on(Input.Submitted, "#file")
    def _begin(self, event: Input.Submitted) -> None:
        name = event.value.strip()
        if self._busy or not name:
            return
        path = path_typed(name).absolute()  # `-` is a file's name here
        if path.exists() and self._confirmed != name:
            self._confirmed = name
            self._say(Content.styled("This file exists: Enter again writes over it.", "$text-warning"))
            return
        self._busy = True
        self._say(Content("writing…"))
        self.run_worker(lambda: self._write(path), thread=True, exit_on_error=False)

    def _write(self, path: Path) -> None:
        run = Run((Subject(self._session.analysis),))
        chosen, text = FORMATS[self._format], self._session.display.text
        try:
            output.write_to(str(path), lambda out: chosen.write(run, out))
            said = Content.styled(f"{text(str(path))} is written.", "$text-success")
        except LayerscopeError as error:
            hint = f"\n{text(error.hint)}" if error.hint else ""
            said = Content.styled(f"{text(error.message)}{hint}", "$text-error")
        except (OSError, ValueError) as error:
            said = Content.styled(text(str(error)), "$text-error")
        self.app.call_from_thread(self._finished, said)

    def _finished(self, said: Content) -> None:
        self._busy = False
        self._say(said)

    def _say(self, what: Content) -> None:
        if self.is_mounted:
            self.query_one("#outcome", Static).update(what)
