"""What is shown until the image is read, and if it cannot be."""

import time
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import ProgressBar, Static

from ..analysis.model import Reading
from ..errors import LayerscopeError
from .display import Display
from .key_line import KeyLine


class LoadingScreen(Screen[None]):
    """How far the reading has come: bytes, rate, time left, and which layer."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,ctrl+c", "app.cancel", "Cancel", id="cancel"),
    ]

    def __init__(self, reference: str, look: Display) -> None:
        super().__init__()
        self._reference = reference
        self._look = look
        self._begun = time.monotonic()
        self._doing = "reading"

    def compose(self) -> ComposeResult:
        """A panel in the middle."""
        with Vertical(id="panel"):
            yield Static(id="what")
            yield ProgressBar(total=None, show_eta=False, id="progress")
            yield Static("", id="figures")
            yield Static("", id="layer")
        yield KeyLine()

    def on_mount(self) -> None:
        """Before anything is known, it is being read."""
        self._say("reading")

    def begin(self, reference: str) -> None:
        """Another image is read now."""
        self._reference, self._begun, self._doing = reference, time.monotonic(), "reading"
        self._say("reading")
        for name in ("#figures", "#layer"):
            self.query_one(name, Static).update("")
        self.query_one(ProgressBar).update(total=None, progress=0)

    def _say(self, doing: str) -> None:
        """What is done with the image: it may have to be pulled first."""
        what = f"{doing.capitalize()} {self._look.text(self._reference)}"
        self.query_one("#what", Static).update(Content.styled(what, "bold"))

    def show(self, reading: Reading) -> None:
        """Take note of how far it is."""
        if reading.doing != self._doing:  # another thing to wait for, with a rate of its own
            self._doing, self._begun = reading.doing, time.monotonic()
            self._say(reading.doing)
        seconds = time.monotonic() - self._begun
        rate = reading.done / seconds if seconds else 0.0
        size = self._look.size
        told = f"{size(reading.done)}" + (f" of {size(reading.total)}" if reading.total else "")
        told += f"   {size(round(rate))}/s"
        if reading.total and rate:
            told += f"   {max(reading.total - reading.done, 0) / rate:.0f} s left"
        self.query_one("#figures", Static).update(Content(told))
        if reading.layer is not None:
            of = f" of {reading.layers}" if reading.layers else ""
            self.query_one("#layer", Static).update(Content(f"layer {reading.layer + 1}{of}"))
        self.query_one(ProgressBar).update(total=reading.total, progress=reading.done)

    def measuring(self) -> None:
        """All bytes are read: the rest is arithmetic."""
        self.query_one("#layer", Static).update("comparing layers")


class FailureScreen(Screen[None]):
    """What went wrong, and what to try next."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,ctrl+c", "app.give_up", "Leave", id="leave"),
    ]

    def __init__(self, what: str, error: LayerscopeError, look: Display) -> None:
        super().__init__()
        self._what = what
        self.error = error
        self._look = look

    def compose(self) -> ComposeResult:
        """A panel in the middle."""
        with Vertical(id="panel"):
            yield Static(Content.styled(self._what, "bold $text-error"))
            yield Static(Content(self._look.text(self.error.message)), id="message")
            for hint in (self.error.hint, *self.error.choices):
                if hint:
                    yield Static(Content.styled(self._look.text(hint), "dim"))
        yield KeyLine()
