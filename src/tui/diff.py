"""What a layer changed in a path: its metadata, and its content line by line or byte by byte."""

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from ..analysis.model import FileType, Tell
from ..analysis.timeline import Version
from .clipboard import copy
from .comparison import Row, compare, facts
from .contents import ContentCache
from .display import Display
from .header import ImageHeader
from .key_line import KeyLine
from .lines import Piece
from .reading import ReadingLine
from .session import Jump, Session
from .sheet import Sheet

_STYLES = {"+": "added", "-": "removed", "@": "heading", "!": "bold", " ": ""}
_FACT_WIDTH = 10


class DiffLines(Sheet):
    """The rows of a comparison."""

    def __init__(self, look: Display, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(look, id=id)
        self.rows: list[Row] = []

    def show(self, rows: list[Row]) -> None:
        """Other rows; the cursor stays."""
        self.rows = rows
        self.reload()

    def count(self) -> int:
        """As `Lines` says."""
        return len(self.rows)

    def prefix(self, number: int) -> Piece:
        """As `Sheet` says: the sign."""
        sign = self.rows[number].sign
        return ("@@ " if sign == "@" else "" if sign == "!" else sign), _STYLES[sign]

    def body(self, number: int, columns: int) -> Iterator[Piece]:
        """As `Sheet` says."""
        sign, text = self.rows[number]
        yield self.shown(text, 0, columns), _STYLES[sign]

    def seek(self, step: int) -> bool:
        """Put the cursor on the next lines that belong together; False if there are no more."""
        way = range(self.cursor + step, self.count() if step > 0 else -1, step)
        found = next((number for number in way if self.rows[number].sign == "@"), None)
        if found is not None:
            self.move_to(found, center=True)
        return found is not None


class ContentDiff(Screen[Jump | None]):
    """Compares two versions of a path, outside of the event loop; a subclass says where they are from."""

    DEFAULT_CSS = """
    ContentDiff {
        #what { height: auto; background: $surface; padding: 0 1; }
        #what { text-wrap: nowrap; text-overflow: ellipsis; }
        #difference { height: 1fr; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="leave_diff"),
        Binding("q,d", "close", "Close", show=False, id="close_diff"),
        Binding("n", "next(1)", "Next", id="next_hunk"),
        Binding("N", "next(-1)", "Previous", id="previous_hunk"),
        Binding("y", "copy_path", "Copy path", id="copy_compared_path"),
    ]

    def __init__(
        self,
        session: Session,
        path: bytes,
        old: Version | None,
        new: Version | None,
        cache: ContentCache,
        why_not: str,
    ) -> None:
        """The path is normalised; `why_not` is said where there is no version, and the cache has both."""
        super().__init__()
        self.session = session
        self.old = old
        self.new = new
        self._path = path
        self._cache = cache
        self._why_not = why_not

    def sides(self) -> Iterator[Content]:
        """What stands below the path: a line for each version."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """The heading and the rows."""
        yield ImageHeader(self.session, id="header")
        yield Static(Content("\n").join(self._heading()), id="what")
        yield ReadingLine(self.session.display, id="reading")
        yield DiffLines(self.session.display, id="difference")
        yield KeyLine()

    def on_mount(self) -> None:
        """Metadata is known; contents are read."""
        self.set_focus(self.lines)
        old, new = self.old, self.new
        if old is None or new is None:
            self.lines.show([Row("!", self._why_not)])
            return
        self.lines.show(self._metadata(old, new))
        if old.file.type is FileType.REGULAR and new.file.type is FileType.REGULAR and self._path:
            cost = self._cache.cost(old.source) + self._cache.cost(new.source)

            def work(tell: Tell) -> list[Row]:
                return compare(self._cache, old, new, tell)

            self.query_one(ReadingLine).start(work, self._show, cost)

    @property
    def lines(self) -> DiffLines:
        """The rows."""
        return self.query_one("#difference", DiffLines)

    def _show(self, rows: list[Row]) -> None:
        self.lines.show([*self.lines.rows, Row("!", ""), *rows])
        self.refresh_bindings()

    def _heading(self) -> Iterator[Content]:
        yield Content.styled(self.session.display.path(self._path), "bold")
        yield from self.sides()

    def _metadata(self, old: Version, new: Version) -> list[Row]:
        look = self.session.display
        rows = []
        for fact in facts(old, new):
            was, now = (look.text(value) or "(none)" for value in (fact.old, fact.new))
            rows.append(Row("!", f"{look.text(fact.name):{_FACT_WIDTH}} {was} {look.glyphs.arrow} {now}"))
        return rows or [Row("!", "metadata is the same")]

    # Keys.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """A key that would do nothing here is not shown."""
        return action != "next" or (self.is_mounted and any(row.sign == "@" for row in self.lines.rows))

    def action_back(self) -> None:
        """Escape: end the reading, or leave."""
        if self.query_one(ReadingLine).cancel():
            self._show([Row("!", "The contents have not been compared: cancelled.")])
        else:
            self.dismiss(None)

    def action_close(self) -> None:
        """Leave, whatever is going on."""
        self.dismiss(None)

    def action_next(self, step: int) -> None:
        """The next change."""
        if not self.lines.seek(step):
            self.notify("No more changes this way.", markup=False)

    def action_copy_path(self) -> None:
        """In the form that is safe to show."""
        look = self.session.display
        copy(self, look, look.path(self._path))


class DiffScreen(ContentDiff):
    """Compares a version of a path with the one below it."""

    def __init__(self, session: Session, path: int, version: int, *, removed: bool = False) -> None:
        """`path` and `version` are numbers of the timeline.

        With `removed` it is not the layer that wrote the version that is asked about, but the one that
        removed it.
        """
        timeline = session.timeline
        found = timeline.version(version)
        old: Version | None
        new: Version | None
        if removed:
            old, new = found, None
            why_not = (
                f"Removed here: layer {old.until} put nothing in the place of what layer {old.layer} left."
            )
        else:
            new = found
            old, why_not = _below(session, path, version)
        super().__init__(session, timeline.name(path), old, new, ContentCache.of(timeline), why_not)

    def sides(self) -> Iterator[Content]:
        """As `ContentDiff` says."""
        if self.old is not None:
            yield self._side("- layer", self.old.layer, "$text-error")
        if self.new is not None:
            yield self._side("+ layer", self.new.layer, "$text-success")
        elif self.old is not None:
            yield self._side("removed by layer", self.old.until, "$text-error")

    def _side(self, what: str, layer: int, colour: str) -> Content:
        return Content.styled(f"{what} {layer}  {self.session.command(layer)}", colour)


def _below(session: Session, path: int, number: int) -> tuple[Version | None, str]:
    """The version that a layer wrote over, or why there is none."""
    timeline = session.timeline
    layer = timeline.layer[number]
    if number == timeline.first[path]:
        return None, f"There is no version below: layer {layer} added this path."
    before = timeline.version(number - 1)
    if before.until < layer:
        return (
            None,
            f"There is no version below: layer {before.until} had removed it before layer {layer} added it.",
        )
    return before, ""
