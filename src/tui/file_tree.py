"""The file tree: one filesystem out of the timeline, a row a path."""

from collections.abc import Iterator
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import Binding, BindingType
from textual.message import Message

from ..analysis.model import FileType
from ..analysis.rows import Rows
from ..analysis.timeline import Kind
from .display import KIND_STYLES, Display, mode_of
from .lines import Lines, Piece

_BAR = 8
_OWNER = 9
_FULL_WIDTH = 62
"""From this width on, there is room for mode and owner, and for a bar."""
_BAR_WIDTH = 44
"""From this width on, for a bar."""


class FileTree(Lines):
    """Rows of a `Rows` model; keeps the cursor on its path whatever happens to the rows."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "left", "Close, or up", show=False, id="left"),
        Binding("right,l", "right", "Open, or down", show=False, id="right"),
        Binding("space", "open_close", "Open or close", show=False, id="open_close"),
        Binding("E,asterisk", "expand_below", "Open all below", show=False, id="expand_below"),
        Binding("C,ctrl+@,ctrl+space", "collapse_all", "Close all", show=False, id="collapse_all"),
    ]

    class Opened(Message):
        """Enter on something that is no directory."""

        def __init__(self, path: int) -> None:
            super().__init__()
            self.path = path

    def __init__(self, rows: Rows, look: Display, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.rows = rows
        self.look = look
        self.bars_of_whole = False
        """Whether bars show the share of the whole filesystem, rather than of the directory."""
        self._columns: bool | None = None
        """What the user said of mode and owner."""
        self._path = 0
        """Where the user went last; the cursor is as close to it as the rows allow."""

    @property
    def path(self) -> int:
        """The path the cursor is on; 0, the root, if there is none."""
        return self.rows.row(self.cursor).path if len(self.rows) else 0

    @property
    def columns(self) -> bool:
        """Whether mode and owner are shown: as the user said, or else where there is room for a bar too."""
        return self._has_columns(self.scrollable_content_region.width)

    @columns.setter
    def columns(self, shown: bool) -> None:
        self._columns = shown

    def _has_columns(self, width: int) -> bool:
        return width >= _FULL_WIDTH if self._columns is None else self._columns

    def count(self) -> int:
        """As `Lines` says."""
        return len(self.rows)

    def nothing(self) -> str:
        """As `Lines` says."""
        rows = self.rows
        if len(rows.timeline) < 2:
            return "There is no tree: the image has no files, or the report was saved without --entries."
        if rows.terms or rows.hidden:
            return "Nothing here passes the filter."
        return "This layer changed no files."

    def changed(self) -> None:
        """The rows changed: show them, the cursor where it was, or as close as can be."""
        self.reload(self.rows.nearest(self._path) or 0)

    def go_to(self, path: int) -> None:
        """Open what is above a path and put the cursor on it, or as close as can be."""
        self.rows.reveal(path)
        self._path = path
        self.changed()

    def move_to(self, number: int, *, center: bool = False) -> None:
        """As `Lines` says; this is where the user wants to be from now on."""
        super().move_to(number, center=center)
        if len(self.rows):
            self._path = self.path

    # Keys.

    def action_choose(self) -> None:
        """Open or close a directory; a file is for the screen to show."""
        if not len(self.rows):
            return
        if self.rows.has_children(self.path):
            self.action_open_close()
        else:
            self.post_message(self.Opened(self.path))

    def action_open_close(self) -> None:
        """Open or close what the cursor is on."""
        if len(self.rows) and self.rows.has_children(self.path):
            self.rows.set_open(self.path, not self.rows.is_open(self.path))
            self.changed()

    def action_left(self) -> None:
        """Close the directory, or go to the one above."""
        path = self.path
        if path and self.rows.is_open(path) and self.rows.has_children(path):
            self.action_open_close()
        elif path and (above := self.rows.number(self.rows.timeline.parents[path])) is not None:
            self.move_to(above)

    def action_right(self) -> None:
        """Open the directory, or go to its first row."""
        path = self.path
        if not path or not self.rows.has_children(path):
            return
        if self.rows.is_open(path):
            self.move_to(self.cursor + 1)
        else:
            self.action_open_close()

    def action_expand_below(self) -> None:
        """Open the directory and everything below it."""
        if len(self.rows):
            self.rows.set_open_below(self.path, True)
            self.changed()

    def action_expand_all(self) -> None:
        """Open everything."""
        self.rows.set_open_below(0, True)
        self.changed()

    def action_collapse_all(self) -> None:
        """Close everything; the cursor goes up to what is still there."""
        self.rows.set_open_below(0, False)
        self.changed()

    # Drawing.

    def draw(self, number: int, width: int) -> Iterator[Piece]:
        """As `Lines` says."""
        rows, glyphs = self.rows, self.look.glyphs
        path, depth = rows.row(number)
        timeline = rows.timeline
        kind = rows.view.kinds[path]
        known = Kind(kind) if kind else Kind.SAME
        style = KIND_STYLES[known] if known is not Kind.SAME else ""
        version = rows.view.current[path]
        if version < 0:  # a directory on the way to what changed, or one a layer only lists
            found = timeline.at(path, rows.view.layer)
            version = -1 if found is None else found
        entry = timeline.entry(version) if version >= 0 else None
        file = timeline.links[version].entry if version in timeline.links else entry
        has_children = rows.has_children(path)
        weight = rows.weight(path)
        removed = known is Kind.REMOVED
        bytes_shown = weight.held or weight.removed
        has_columns = self._has_columns(width)
        has_bar = width >= (_FULL_WIDTH if has_columns else _BAR_WIDTH)

        yield f"{glyphs.kinds[known]} ", style
        if has_columns:
            if file is None:
                yield " " * (11 + _OWNER + 1), "dim"
            else:
                yield f"{mode_of(file)} ", "dim"
                yield f"{f'{file.uid}:{file.gid}'[:_OWNER]:{_OWNER}} ", "dim"
        yield f"{self.look.size(bytes_shown):>8} ", "removed" if removed else ""
        if has_bar:
            yield from self._bar(path, weight.held, weight.wasted, weight.removed)
        used = 2 + 9 + (_BAR + 1 if has_bar else 0) + (11 + _OWNER + 1 if has_columns else 0)
        room = max(width - used, 4)
        indent = "  " * min(depth, max((room - 12) // 2, 0))
        symbol = (glyphs.opened if rows.is_open(path) else glyphs.closed) if has_children else " "
        yield f"{indent}{symbol} ", "dim"
        room -= len(indent) + 2
        name = self.look.cut(self.look.text(timeline.names[path]), room, keep_end=True)
        base = "directory" if has_children or (entry is not None and entry.type is FileType.DIRECTORY) else ""
        yield name, style or base
        room -= cell_len(name)
        if removed:
            yield self.look.cut("  removed", room), "dim"
        elif entry is not None and entry.link and entry.type in (FileType.SYMLINK, FileType.HARDLINK):
            arrow = "=>" if entry.type is FileType.HARDLINK else glyphs.arrow
            yield self.look.cut(f" {arrow} {self.look.text(entry.link)}", room), "link"
        elif weight.wasted and has_children and not removed:
            wasted = f"  {self.look.size(weight.wasted)} wasted"
            yield self.look.cut(wasted, room), "waste"
        elif weight.wasted:
            yield self.look.cut("  wasted", room), "waste"

    def _bar(self, path: int, held: int, wasted: int, removed: int) -> Iterator[Piece]:
        above = 0 if self.bars_of_whole else self.rows.timeline.parents[path]
        whole = self.rows.weight(above)
        total = whole.held + whole.removed
        size = held + removed
        good, bad = self.look.bar(
            size / total if total else 0.0, _BAR, (wasted + removed) / size if size else 0.0
        )
        yield good, "live"
        yield bad, "waste"
        yield " " * (_BAR + 1 - len(good) - len(bad)), ""
