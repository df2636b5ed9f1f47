"""The lists of the view of two images: a line for each step, directory, package, file, setting, finding."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content

from ..analysis.comparison_lists import ComparisonLists, Part, Row
from ..report.compare import rows as compare_rows
from .compare_columns import DifferenceColumns
from .display import Display, counted
from .lines import Lines, Piece
from .session import Session

_NOTHING = {
    Part.STEPS: "Every step is the same.",
    Part.DIRECTORIES: "No directory stores more or less.",
    Part.PACKAGES: "No package differs.",
    Part.FILES: "All files are the same.",
    Part.CONFIGURATION: "No setting differs.",
    Part.FINDINGS: "There is nothing else to change than before.",
}
_UNKNOWN = {
    Part.DIRECTORIES: "Directories are not known: a report was saved without entries.",
    Part.PACKAGES: f"{compare_rows.NO_PACKAGES.capitalize()}.",
    Part.FILES: f"{compare_rows.NO_FILES.capitalize()}.",
    Part.FINDINGS: f"{compare_rows.NO_FINDINGS.capitalize()}.",
}


class DifferenceLines(Lines):
    """The rows of one part at a time; the cursor of each part stays where it was."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Go there", id="compare_choose", tooltip="Go there in the second image"),
    ]

    def __init__(self, session: Session, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._session = session
        self.part = Part.STEPS
        self.lists: ComparisonLists | None = None
        self.pending = frozenset[Part]()
        """What is still being read."""
        self._rows: Sequence[Row] = ()
        self._cursors: dict[Part, int] = {}
        self._columns = DifferenceColumns(session.display)

    def show(self, lists: ComparisonLists, pending: frozenset[Part]) -> None:
        """Take the rows from there; the cursor stays."""
        self.lists, self.pending = lists, pending
        self._take()

    def clear(self) -> None:
        """Nothing is known: other images are to be compared."""
        self.lists = None
        self._cursors.clear()
        self._take(0)

    def go_to(self, part: Part) -> None:
        """List another part."""
        self._cursors[self.part] = self.cursor
        self.part = part
        self._take(self._cursors.get(part, 0))

    def filter(self, text: str) -> None:
        """List what a filter lets through; all cursors go to their first lines."""
        if self.lists is not None:
            self.lists.filter(text)
            self._cursors.clear()
            self._take(0)

    def _take(self, cursor: int | None = None) -> None:
        self._rows = () if self.lists is None else self.lists.rows(self.part)
        if self.part in (Part.PACKAGES, Part.FINDINGS):
            self._columns.measure(self._rows)
        self.reload(cursor)

    @property
    def row(self) -> Row | None:
        """What the cursor is on; None in an empty list."""
        return self._rows[self.cursor] if self._rows else None

    def count(self) -> int:
        """As `Lines` says."""
        return len(self._rows)

    def nothing(self) -> str:
        """As `Lines` says."""
        lists, ellipsis = self.lists, self._session.display.glyphs.ellipsis
        if lists is None:
            return ""
        if self.part in self.pending:
            doing = "looking for what to change" if self.part is Part.FINDINGS else "reading databases"
            return f"{doing}{ellipsis}"
        if not lists.is_known(self.part):
            return _UNKNOWN[self.part]
        return "Nothing here has this in it." if lists.whole(self.part) else _NOTHING[self.part]

    @property
    def summary(self) -> str:
        """What all of the part comes to, where rows alone do not say it."""
        if self.lists is None or not self.lists.is_known(self.part):
            return ""
        found, signed = self.lists.comparison, self._session.display.signed
        if self.part is Part.STEPS:
            same = len(found.steps) - len(self.lists.whole(Part.STEPS))
            return f"{counted(same, 'step')} without a difference" if same else ""
        if self.part is Part.PACKAGES and found.packages is not None and found.packages.rows:
            return compare_rows.package_counts(found.packages)
        if self.part is Part.FILES:
            sums = self.lists.file_sums.items()
            return ", ".join(f"{one.paths:,} {kind} {signed(one.growth)}" for kind, one in sums)
        return ""

    # Drawing.

    @property
    def titles(self) -> str:
        """What stands above the columns."""
        self._columns.screen = self.screen.size.width
        return self._columns.titles(self.part)

    def draw(self, number: int, width: int) -> Iterator[Piece]:
        """As `Lines` says."""
        self._columns.screen = self.screen.size.width
        return self._columns.draw(self.part, self._rows[number], width)


def parts_line(listed: DifferenceLines, look: Display, width: int) -> Content:
    """The lists, each of which can be clicked, with as many counts as there is room for."""
    for counted_parts in (frozenset(Part), {listed.part}):
        line = Content("").join(_word(listed, part, look, counts=part in counted_parts) for part in Part)
        if line.cell_length <= width:
            return line
    return _word(listed, listed.part, look, counts=True)


def _word(listed: DifferenceLines, part: Part, look: Display, *, counts: bool) -> Content:
    """The name of a list; the one that is shown stands out."""
    lists, is_shown = listed.lists, part is listed.part
    shown, whole = (len(lists.rows(part)), len(lists.whole(part))) if lists is not None else (0, 0)
    count = f"{whole:,}" if shown == whole else f"{shown:,} of {whole:,}"
    if part in listed.pending:
        count = look.glyphs.ellipsis
    elif lists is not None and not lists.is_known(part):
        count = "?"
    text = f"{look.glyphs.pointer if is_shown else ' '}{part.value}{f' {count}' if counts else ''} "
    style = "bold reverse" if is_shown else "none" if whole else "dim"
    # No text of the image is in here, so this is markup.
    return Content.from_markup(f"[{style}][@click=screen.go('{part.name}')]{text}[/][/]")
