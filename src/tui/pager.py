"""A whole file in the user's pager."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

from textual.app import App, ComposeResult, SuspendNotSupported
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from ..analysis.model import FileType, Tell
from ..errors import OutputError
from ..formatting import printable
from .contents import ContentCache
from .key_line import KeyLine
from .listing import BINARY, HEX_WIDTH, decoder, encoding_of, hex_lines
from .reading import ReadingLine
from .session import Session

DEFAULT_PAGER = ("less",)

_RESERVE = 64 << 20
"""Bytes that stay free on the disk."""
_UNSAFE = re.compile("[^A-Za-z0-9._-]+")
_LONGEST_NAME = 100


def open_in_pager(app: App[Any], session: Session, version: int, command: Sequence[str]) -> None:
    """Show a regular file, whole, in `command` (empty: `less`), whatever it holds, and come back.

    The pager gets UTF-8 text in which all that a terminal might obey is escaped, and of a binary file a hex
    dump: not every pager does that itself, and `less` does not with the options many people give it.
    """
    if session.timeline.version(version).file.type is not FileType.REGULAR:
        app.notify("Only files can be opened in a pager.", severity="warning", markup=False)
    elif app.is_web:
        app.notify("There is no pager in a browser.", severity="warning", markup=False)
    elif shutil.which((command := command or DEFAULT_PAGER)[0]) is None:
        name = session.display.text(command[0])
        app.notify(f"The pager {name} is not there. Set PAGER.", severity="error", markup=False)
    else:
        app.push_screen(PagerScreen(session, version, command))


class PagerScreen(ModalScreen[None]):
    """Waits for the file, hands the terminal over, and closes."""

    DEFAULT_CSS = """
    PagerScreen { align: center middle; }
    PagerScreen #panel { width: 80%; max-width: 90; height: auto; border: round $accent; padding: 1 2; }
    PagerScreen #what { text-wrap: nowrap; text-overflow: ellipsis; }
    PagerScreen ReadingLine { padding: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,o", "cancel", "Cancel", id="cancel_pager"),
    ]

    def __init__(self, session: Session, version: int, command: Sequence[str]) -> None:
        super().__init__()
        self._session = session
        self._command = command
        timeline = session.timeline
        self._path = timeline.name(timeline.path[version])
        self._source = timeline.version(version).source
        self._folder = TemporaryDirectory(prefix="layerscope-", ignore_cleanup_errors=True)  # mode 0700

    def compose(self) -> ComposeResult:
        """A panel in the middle."""
        with Vertical(id="panel"):
            what = f"Opening {self._session.display.path(self._path)}"
            yield Static(Content.styled(what, "bold"), id="what")
            yield ReadingLine(self._session.display, id="reading")
        yield KeyLine()

    def on_mount(self) -> None:
        """Begin to read."""
        cache = ContentCache.of(self._session.timeline)
        file = Path(self._folder.name, _file_name(self._path))

        def work(tell: Tell) -> Path:
            write(readable(cache.pieces(self._source, tell)), file)
            return file

        self.query_one(ReadingLine).start(work, self._show, cache.cost(self._source))

    def on_unmount(self) -> None:
        """Leave nothing behind, however it ended."""
        self._folder.cleanup()

    def action_cancel(self) -> None:
        """Do not wait for it."""
        self.query_one(ReadingLine).cancel()
        self.dismiss(None)

    def _show(self, file: Path) -> None:
        try:
            with self.app.suspend():
                run_pager(self._command, file, os.environ)
        except SuspendNotSupported:
            self.app.notify(
                "This terminal cannot be handed over to a pager.", severity="warning", markup=False
            )
        except OSError as error:
            why = self._session.display.text(str(error))
            self.app.notify(f"The pager did not start: {why}", severity="error", markup=False)
        self.app.refresh(layout=True)
        self.dismiss(None)


def run_pager(command: Sequence[str], file: Path, environment: Mapping[str, str]) -> None:
    """Run a pager to its end. OSError if it does not start; its exit code says nothing of interest."""
    with _interrupts_ignored():
        subprocess.run(  # noqa: S603 - the user's own pager
            [*command, str(file)], env={**environment, "LESSSECURE": "1"}, check=False
        )


@contextlib.contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Ctrl-C is for the pager, and comes to every process of the terminal."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # A handler, and not SIG_IGN: the pager would inherit that.
    before = signal.signal(signal.SIGINT, lambda _number, _frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def readable(pieces: Iterable[bytes]) -> Iterator[str]:
    """What a file holds, as text without control characters, or as a hex dump; the same lines."""
    filled = (piece for piece in pieces if piece)
    first = next(filled, b"")
    encoding = encoding_of(first)
    if encoding == BINARY:
        yield from _dump(first, filled)
        return
    decode = decoder(encoding).decode
    held = ""
    for piece, is_last in _with_last(first, filled):
        text = held + decode(piece, is_last)
        # A carriage return at the end may be half of a line's end.
        held = text[-1:] if text.endswith("\r") and not is_last else ""
        text = text.removesuffix(held).replace("\r\n", "\n")
        yield "\n".join("\t".join(map(printable, line.split("\t"))) for line in text.split("\n"))


def _dump(first: bytes, pieces: Iterable[bytes]) -> Iterator[str]:
    offset, held = 0, b""
    for piece, is_last in _with_last(first, pieces):
        data = held + piece
        whole = len(data) if is_last else len(data) - len(data) % HEX_WIDTH
        yield "".join(line + "\n" for line in hex_lines(data[:whole], offset))
        offset, held = offset + whole, data[whole:]


def _with_last(first: bytes, others: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    for following in others:
        yield first, False
        first = following
    yield first, True


def write(texts: Iterable[str], file: Path) -> None:
    """Write a new file that only the user can read. OutputError if it cannot be, or would fill the disk."""
    try:
        with open(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as out:  # noqa: PTH123
            for text in texts:
                if shutil.disk_usage(file.parent).free < _RESERVE + len(text):
                    raise OutputError(
                        f"there is no room for this file in {file.parent}", "Set TMPDIR to a larger disk."
                    )
                out.write(text)
    except OSError as error:
        raise OutputError(
            f"cannot write {file}: {error.strerror}", "Set TMPDIR to a folder that can be written to."
        ) from error


def _file_name(path: bytes) -> str:
    """A harmless name that a pager may show, and learn the language from."""
    name = _UNSAFE.sub("_", path.rpartition(b"/")[2].decode("utf-8", "replace"))[-_LONGEST_NAME:]
    return name.lstrip("-.") or "file"
