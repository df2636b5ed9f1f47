"""One version of a path, looked into: text with colours, a hex dump, or what else it is."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input, Static
from textual.worker import get_current_worker

from ..analysis import selection
from ..analysis.model import FileType, Tell
from . import highlighting
from .clipboard import copy
from .contents import VIEW_LIMIT, ContentCache
from .display import TYPE_NAMES, mode_of
from .file_lines import FileLines
from .header import ImageHeader
from .key_line import KeyLine
from .listing import BINARY, Listing, decode, encoding_of, listing
from .pager import DEFAULT_PAGER, open_in_pager
from .reading import ReadingLine
from .session import Jump, Session


class ViewerScreen(Screen[Jump | None]):
    """Reads the beginning of a file outside of the event loop, and shows it."""

    DEFAULT_CSS = """
    ViewerScreen {
        #what { height: auto; background: $surface; padding: 0 1; }
        #what { text-wrap: nowrap; text-overflow: ellipsis; }
        #note { padding: 1 2; }
        #file { height: 1fr; }
        #search-line { height: 1; display: none; }
        #search { height: 1; width: 1fr; border: none; background: $boost; padding: 0 1; }
        #found { width: auto; padding: 0 1; background: $boost; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="leave_viewer"),
        Binding("q,v", "close", "Close", show=False, id="close_viewer"),
        Binding("b", "hex", "Hex", id="hex"),
        Binding("slash,ctrl+f", "search", "Search", id="search_file"),
        Binding("n", "next(1)", "Next", id="next_match"),
        Binding("N", "next(-1)", "Previous match", show=False, id="previous_match"),
        Binding("o", "pager", "Pager", id="view_in_pager"),
        Binding("y", "copy_path", "Copy path", id="copy_viewed_path"),
    ]

    class Highlighted(Message):
        """The colours of the text are known."""

        def __init__(self, runs: highlighting.Runs) -> None:
            super().__init__()
            self.runs = runs

    def __init__(
        self, session: Session, path: int, version: int, *, pager: Sequence[str] = DEFAULT_PAGER
    ) -> None:
        """`path` and `version` are numbers of the timeline; `pager` is the command for the whole file."""
        super().__init__()
        self.session = session
        self._pager = pager
        self._path = path
        self._number = version
        self._version = session.timeline.version(version)
        self._cache = ContentCache.of(session.timeline)
        self._encoding = ""
        self._begun_at = 0
        """Where the cursor was when the search was opened."""

    def compose(self) -> ComposeResult:
        """The heading, and one of a note and the file."""
        look = self.session.display
        yield ImageHeader(self.session, id="header")
        yield Static(id="what")
        yield ReadingLine(look, id="reading")
        yield Static(id="note")
        yield FileLines(look, id="file")
        with Horizontal(id="search-line"):
            yield Input(placeholder="search: text, or 0x7f45 in a hex dump", id="search")
            yield Static(id="found")
        yield KeyLine()

    def on_mount(self) -> None:
        """Say what it is, and begin to read it if it is a file."""
        note = self._note()
        self.query_one("#note", Static).update(Content(note))
        self.query_one("#note").display = bool(note)
        self.file.display = not note
        self.set_focus(self.file)
        self._show_heading()
        if not note:
            source = self._version.source
            self.query_one(ReadingLine).start(self._read, self._show, self._cache.cost(source))

    @property
    def file(self) -> FileLines:
        """The lines."""
        return self.query_one("#file", FileLines)

    # Reading.

    def _read(self, tell: Tell) -> tuple[bytes, str, Listing | None]:
        data = self._cache.head(self._version.source, VIEW_LIMIT, tell)
        encoding = encoding_of(data)
        return data, encoding, None if encoding == BINARY else listing(decode(data, encoding))

    def _show(self, found: tuple[bytes, str, Listing | None]) -> None:
        data, self._encoding, text = found
        self.file.show(data, text)
        self._show_heading()
        if text is not None and not text.has_long_lines and len(data) <= highlighting.LONGEST:
            name = self.session.display.text(self.session.timeline.names[self._path])

            def highlight() -> None:
                worker = get_current_worker()
                runs = highlighting.highlight(
                    name, "\n".join(text.rows) + "\n", is_wanted=lambda: not worker.is_cancelled
                )
                if runs is not None:
                    self.post_message(self.Highlighted(runs))

            self.run_worker(highlight, thread=True, exit_on_error=False, name="highlight")

    @on(Highlighted)
    def _highlighted(self, message: Highlighted) -> None:
        self.file.runs = message.runs
        self.file.refresh()

    # What it is.

    def _note(self) -> str:
        """What there is to say of something that is not shown line by line; empty for a file."""
        version, look = self._version, self.session.display
        file = version.file
        if file.type is FileType.DIRECTORY or self._path == 0:
            return self._directory_note()
        if file.type is FileType.SYMLINK:
            return f"Symbolic link to {look.text(file.link)}"
        if file.type is FileType.HARDLINK:
            return f"Hard link to {look.text(file.link)}, which is not there"
        if file.type in (FileType.CHARACTER, FileType.BLOCK):
            return "{} {}, {}".format(TYPE_NAMES[file.type].capitalize(), *file.extras.device)
        if file.type is FileType.FIFO:
            return "Named pipe"
        return "" if file.size else "This file is empty."

    def _directory_note(self) -> str:
        last = self._version.until - 1
        count = selection.names_in(self.session.timeline, self._path, last)
        entries = "one entry" if count == 1 else f"{count:,} entries"
        return f"Directory with {entries}, as layer {last} left it"

    def _show_heading(self) -> None:
        self.query_one("#what", Static).update(Content("\n").join(self._heading()))
        self.refresh_bindings()

    def _heading(self) -> Iterator[Content]:
        version, session, look = self._version, self.session, self.session.display
        file = version.file
        dot = f" {look.glyphs.dot} "
        yield Content.styled(look.path(session.timeline.name(self._path)), "bold")
        facts = [] if file.type is not FileType.REGULAR else [look.size(file.size)]
        facts += [mode_of(file), f"{file.uid}:{file.gid}"]
        if self._encoding:
            facts.append("hex" if self.file.is_hex else self._encoding)
        line = [Content(dot.join(facts))]
        if self._encoding and len(self.file.data) < file.size:
            first = f"first {look.size(len(self.file.data))} of {look.size(file.size)}"
            line.append(Content.styled(dot + first, "$text-warning"))
        if version.until < len(session.timeline.layers):
            ended = "deleted" if session.timeline.is_removed(self._number) else "overwritten"
            line.append(Content.styled(f"{dot}{ended} by layer {version.until}", "$text-error"))
        elif version.wasted:
            line.append(Content.styled(dot + "wasted", "$text-warning"))
        yield Content("").join(line)
        yield Content.styled(f"layer {version.layer}  {session.command(version.layer)}", "dim")

    # Keys.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """A key that would do nothing here is not shown."""
        if action == "search" and isinstance(self.focused, Input):
            return False
        if action in ("hex", "search", "next", "pager"):
            shown = self.is_mounted and self.file.display and self.file.count() > 0
            return shown and (action != "hex" or self.file.text is not None)
        return True

    def action_back(self) -> None:
        """Escape: end the reading, close the search, or leave."""
        if self.query_one(ReadingLine).cancel():
            self.query_one("#note", Static).update("Cancelled.")
            self.query_one("#note").display = True
        elif self.query_one("#search-line").display:
            self._close_search()
        else:
            self.dismiss(None)

    def action_close(self) -> None:
        """Leave, whatever is going on."""
        self.dismiss(None)

    def action_hex(self) -> None:
        """Text as bytes, and back."""
        self.file.toggle_hex()
        self._show_heading()

    def action_pager(self) -> None:
        """The whole file."""
        open_in_pager(self.app, self.session, self._number, self._pager)

    def action_copy_path(self) -> None:
        """In the form that is safe to show."""
        look = self.session.display
        copy(self, look, look.path(self.session.timeline.name(self._path)))

    # Searching.

    def action_search(self) -> None:
        """Open the input line."""
        self._begun_at = self.file.cursor
        self.query_one("#search-line").display = True
        self.set_focus(self.query_one("#search"))

    @on(Input.Changed, "#search")
    def _search_typed(self, event: Input.Changed) -> None:
        self.file.needle = event.value
        told = ""
        if event.value:
            self.file.seek(1, self._begun_at)
            count = len(self.file.matches())
            told = f"{count:,} lines" if count > 1 else "one line" if count else "not found"
        self.query_one("#found", Static).update(Content(told))
        self.file.refresh()

    @on(Input.Submitted, "#search")
    def _search_done(self) -> None:
        self.set_focus(self.file)
        if not self.file.needle:
            self._close_search()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """The line may be closed by a click into the file."""
        if event.widget is self.file and not self.file.needle:
            self.query_one("#search-line").display = False

    def _close_search(self) -> None:
        self.query_one("#search", Input).value = ""
        self.file.needle = ""
        self.query_one("#search-line").display = False
        self.set_focus(self.file)
        self.file.refresh()

    def action_next(self, step: int) -> None:
        """The next line with what is searched for."""
        if not self.file.needle:
            self.action_search()
        elif not self.file.seek(step, self.file.cursor + step):
            self.notify("Not found.", markup=False)
