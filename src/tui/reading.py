"""A line that says how far a reading in the background is, and what went wrong with it."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from textual import on
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from ..analysis.model import Tell
from ..errors import LayerscopeError
from .display import Display

_INTERVAL = 0.05
"""Seconds between two messages about progress."""

Result = TypeVar("Result")


class Cancelled(Exception):  # noqa: N818 - not an error: the user's wish
    """What `tell` raises when the user does not want to wait any longer."""


class ReadingLine(Static):
    """Runs one reading at a time outside of the event loop; takes no room while there is nothing to say."""

    DEFAULT_CSS = """
    ReadingLine { height: auto; padding: 0 1; display: none; }
    ReadingLine.-busy { display: block; color: $text-muted; }
    ReadingLine.-failed { display: block; border: round $error; margin: 1 2; padding: 0 1; }
    """

    class Progress(Message):
        """So many bytes have been passed."""

        def __init__(self, run: int, done: int) -> None:
            super().__init__()
            self.run = run
            self.done = done

    class Finished(Message):
        """The reading is at its end; `deliver` hands the result over."""

        def __init__(self, run: int, deliver: Callable[[], None]) -> None:
            super().__init__()
            self.run = run
            self.deliver = deliver

    class Failed(Message):
        """There is no result."""

        def __init__(self, run: int, error: BaseException) -> None:
            super().__init__()
            self.run = run
            self.error = error

    def __init__(
        self,
        look: Display,
        *,
        failed: str = "This cannot be read",
        id: str | None = None,  # noqa: A002
    ) -> None:
        """`failed` is what stands above an error."""
        super().__init__(id=id)
        self._look = look
        self._heading = failed
        self._doing = ""
        self._run = 0
        self._total = 0
        self._cancelled = threading.Event()
        self.is_busy = False

    def start(
        self,
        work: Callable[[Tell], Result],
        then: Callable[[Result], None],
        total: int = 0,
        *,
        doing: str = "reading",
    ) -> None:
        """Run `work` in a thread, and hand what it gives to `then`, on the event loop.

        `work` calls its argument with the bytes it has passed, of `total` if that is known, and lets through
        what that raises; meanwhile the line says what it is `doing`. A LayerscopeError is shown; any other
        error is a defect, and ends the application with it.
        """
        self.cancel()
        self._run += 1
        self._total, self._doing = total, doing
        self._cancelled = cancelled = threading.Event()
        self.is_busy = True
        self.set_classes("-busy")
        self._show_progress(0)
        run = self._run

        def read() -> None:
            try:
                result = work(self._tell(run, cancelled))
            except BaseException as error:
                if not cancelled.is_set():
                    self.post_message(self.Failed(run, error))
            else:
                if not cancelled.is_set():
                    self.post_message(self.Finished(run, lambda: then(result)))

        self.run_worker(read, thread=True, exit_on_error=False, name="reading")

    def expect(self, doing: str, total: int) -> None:
        """What is being done now, and of how many bytes; 0 if that is not known. From any thread."""
        self._doing, self._total = doing, total

    def cancel(self) -> bool:
        """End the reading; False if there is none."""
        was_busy, self.is_busy = self.is_busy, False
        self._cancelled.set()
        if was_busy:
            self.set_classes("")
        return was_busy

    def on_unmount(self) -> None:
        """Nobody is left to read for."""
        self._cancelled.set()

    def _tell(self, run: int, cancelled: threading.Event) -> Tell:
        done, due = 0, time.monotonic() + _INTERVAL

        def tell(count: int) -> None:
            nonlocal done, due
            if cancelled.is_set():
                raise Cancelled
            done += count
            if (now := time.monotonic()) >= due:
                due = now + _INTERVAL
                self.post_message(self.Progress(run, done))

        return tell

    @on(Progress)
    def _progress(self, message: Progress) -> None:
        message.stop()
        if self.is_busy and message.run == self._run:
            self._show_progress(message.done)

    @on(Finished)
    def _finished(self, message: Finished) -> None:
        message.stop()
        if self.is_busy and message.run == self._run:
            self.is_busy = False
            self.set_classes("")
            message.deliver()

    @on(Failed)
    def _failed(self, message: Failed) -> None:
        message.stop()
        if not self.is_busy or message.run != self._run:
            return
        self.is_busy = False
        error = message.error
        if isinstance(error, LayerscopeError):
            self.show_error(error)
        else:  # a defect, a full memory: the command line says what it was
            self.app.exit(error)

    def show_error(self, error: LayerscopeError) -> None:
        """A panel: what it is, and what to try next."""
        self.set_classes("-failed")
        lines = [
            Content.styled(self._heading, "bold $text-error"),
            Content(self._look.text(error.message)),
        ]
        if error.hint:
            lines.append(Content.styled(self._look.text(error.hint), "dim"))
        self.update(Content("\n").join(lines))

    def _show_progress(self, done: int) -> None:
        size = self._look.size
        passed = f"  {size(done)}" if done or self._total else ""
        of = f" of {size(self._total)}" if done <= self._total != 0 else ""
        self.update(Content(f"{self._doing}{self._look.glyphs.ellipsis}{passed}{of}   esc cancels"))
